"""The emulator as a server on a socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from lootlocker_async import routes
from lootlocker_async.emulator import sessions
from lootlocker_async.emulator.clock import Clock
from lootlocker_async.emulator.delivery import Answer, drop, error_answer, json_answer, send
from lootlocker_async.emulator.errors import ServiceError, require
from lootlocker_async.emulator.faults import Fault, FaultKind, Faults
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.handlers import HANDLERS
from lootlocker_async.emulator.ids import Ids
from lootlocker_async.emulator.record import Record, RecordedCall, shown_body, shown_headers
from lootlocker_async.emulator.routing import PREFIX, Match, Router
from lootlocker_async.emulator.validation import Received, parse_json, shipped_contract
from lootlocker_async.emulator.world import World

_LOG = logging.getLogger(__name__)
_MAX_BODY = 16 * 1024 * 1024
_AFTER_EXECUTE = frozenset({
    FaultKind.DROP_AFTER_EXECUTE, FaultKind.HALF_ANSWER, FaultKind.GARBAGE, FaultKind.SLOW_BODY,
    FaultKind.WRONG_CONTENT_LENGTH,
})  # fmt: skip
_ERRORS = frozenset({FaultKind.STATUS, FaultKind.RATE_LIMITED, FaultKind.UNAVAILABLE})
DEFAULT_KEY = "dev_emulator_key_0123456789abcdef"
"""The server key that an emulator takes unless it is told another one. It opens nothing else."""


class Emulator:
    """A local LootLocker Server API that keeps state: `async with Emulator() as emulator: ...`.

    Its world can be built before it is started. After `stop` a state in memory is gone.

    Args:
        host: Where to listen.
        port: The port, or 0 for a free one.
        state: `:memory:`, or the file to keep the state in.
        server_key: The key that a session starts with.
        token_lifetime: Seconds that a token lives past its last use.
        expired_token_status: What a dead token is answered with: 401, or 403 as the service has been seen to do.
        inventory_page_cap: The most items that an inventory's page holds whatever is asked for, if there is such a
            silent cap.
        clock: Its clock; the wall clock by default.
        seed: Where its ids and its probable faults begin.
        record_limit: How many calls the record keeps, for an emulator that runs for long; all of them by default.

    Attributes:
        clock: Its clock.
        server_key: The key that a session starts with.
        record: What it received and what it executed.
        faults: How it misbehaves.
        logins: How many sessions were started.
        failed_logins: How many were refused.

    Raises:
        EmulatorExtraMissingError: The extra `emulator` is not installed.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state: str | Path = ":memory:",
        server_key: str = DEFAULT_KEY,
        token_lifetime: float = 3600.0,
        expired_token_status: int = 401,
        inventory_page_cap: int | None = None,
        clock: Clock | None = None,
        seed: int = 0,
        record_limit: int | None = None,
    ) -> None:
        self._settings = Settings(
            server_key=server_key,
            token_lifetime=token_lifetime,
            expired_token_status=expired_token_status,
            inventory_page_cap=inventory_page_cap,
        )
        for module in ("jsonschema_rs", "sortedcontainers"):
            require(module)  # now, and not in the middle of a call
        self._host, self._port, self._state, self._seed = host, port, state, seed
        self._contract = shipped_contract()
        served = [route for route in routes.all_routes() if route.operation in HANDLERS]
        served.append(routes.SESSION_START)
        self._router = Router(served)
        self._request_ids = Ids(Random(f"{seed}/requests"))
        self._game: Game | None = None
        self._runner: web.ServerRunner | None = None
        self._base_url: str | None = None
        self._handling: set[asyncio.Task[Any]] = set()
        self.clock: Clock = clock or Clock()
        self.server_key = server_key
        self.record: Record = Record(record_limit)
        self.faults: Faults = Faults(Random(f"{seed}/faults"), served, self._contract.section)
        self.logins: int = 0
        self.failed_logins: int = 0

    def __repr__(self) -> str:
        return f"<Emulator at {self._base_url or 'no address'}>"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens, for a client's `base_url`.

        Raises:
            RuntimeError: It has not been started.
        """
        if self._base_url is None:
            raise RuntimeError("the emulator has not been started")
        return self._base_url

    @property
    def game(self) -> Game:
        """The game that it serves; it is opened when it is first asked for."""
        if self._game is None:
            self._game = Game(self._settings, state=self._state, clock=self.clock, seed=self._seed)
        return self._game

    @property
    def world(self) -> World:
        """Builds what the Server API cannot create."""
        return World(self.game)

    async def start(self) -> None:
        """Begins to listen.

        Raises:
            RuntimeError: It listens already.
        """
        if self._runner is not None:
            raise RuntimeError("the emulator has been started already")
        _ = self.game
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        self._runner = runner
        try:
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
        except BaseException:  # whatever went wrong, nothing must stay open
            await self.stop()
            raise
        host, port = runner.addresses[0][:2]
        self._base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}{PREFIX}"

    async def stop(self) -> None:
        """Stops listening, drops what is under way, and closes the state."""
        runner, self._runner, self._base_url = self._runner, None, None
        if runner is not None:
            await runner.cleanup()
        # The server forgets the handlers of clients that have hung up.
        for handling in self._handling:
            handling.cancel()
        if self._handling:
            await asyncio.wait(self._handling)
        game, self._game = self._game, None
        if game is not None:
            game.close()

    def expire_tokens(self) -> int:
        """Lets every token expire.

        Returns:
            How many there were.
        """
        return sessions.expire(self.game)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        handling = asyncio.current_task()
        if handling is not None and handling not in self._handling:
            self._handling.add(handling)
            handling.add_done_callback(self._handling.discard)
        path, _, query = request.raw_path.partition("?")
        call = RecordedCall(
            operation=None,
            verb=request.method,
            path=path,
            query=query,
            body=None,
            headers=shown_headers(request.headers),
            received_at=self.clock.now(),
        )
        ids = {"x-request-id": self._request_ids.uuid(), "x-trace-id": self._request_ids.trace_id()}
        self.record.add(call)
        try:
            match = self._router.match(request.method, path)
            call.operation = match.route.operation
            body = await _read(request)
        except ServiceError as error:
            return await self._send(request, call, _refusal(error, ids))
        call.body = _recorded_body(body)
        received = Received(path=match.arguments, query=query, headers=request.headers, body=body)
        return await self._carry_out(request, call, match, received, ids)

    async def _carry_out(
        self,
        request: web.BaseRequest,
        call: RecordedCall,
        match: Match,
        received: Received,
        ids: Mapping[str, str],
    ) -> web.StreamResponse:
        seconds, fault = self.faults.pick(match.route)
        if seconds:
            call.fault = FaultKind.LATENCY.value
            await asyncio.sleep(seconds)
        if fault is None:
            return await self._send(request, call, self._execute(call, match.route, received, ids))
        call.fault = fault.kind.value
        if fault.kind is FaultKind.DROP_BEFORE_EXECUTE:
            return drop(request)
        if fault.kind is FaultKind.EXPIRE_TOKEN:
            sessions.expire(self.game, received.headers.get("x-auth-token", ""))
        if fault.kind in _ERRORS and not fault.after_execute:
            return await self._send(request, call, error_answer(fault, self.clock, ids))
        answer = self._execute(call, match.route, received, ids)
        if fault.kind is FaultKind.DROP_AFTER_EXECUTE:
            return drop(request)
        if fault.kind in _ERRORS:
            return await self._send(request, call, error_answer(fault, self.clock, ids))
        return await self._send(request, call, answer, fault if fault.kind in _AFTER_EXECUTE else None)

    @staticmethod
    async def _send(
        request: web.BaseRequest, call: RecordedCall, answer: Answer, fault: Fault | None = None
    ) -> web.StreamResponse:
        call.status = answer.status
        return await send(request, answer, fault)

    def _execute(self, call: RecordedCall, route: routes.Route, received: Received, ids: Mapping[str, str]) -> Answer:
        try:
            document = self._domain(route, received)
        except ServiceError as error:
            return _refusal(error, ids)
        except Exception:  # noqa: BLE001 - a mistake in the emulator is an answer and a log entry, as it would be in a service
            _LOG.exception("the emulator failed in %s", route.operation)
            return _refusal(ServiceError(500, "internal_server_error", "The emulator failed; its log says why"), ids)
        call.executed = True
        return json_answer(route.status, document, ids)

    def _domain(self, route: routes.Route, received: Received) -> Mapping[str, Any] | None:
        if route.operation == routes.SESSION_START.operation:
            return self._start_session(received)
        sessions.authenticate(self.game, received.headers.get("x-auth-token"))
        arguments = self._contract.validate(route.operation, received)
        with self.game.transaction():
            return HANDLERS[route.operation](self.game, arguments)

    def _start_session(self, received: Received) -> Mapping[str, Any]:
        try:
            sessions.check_key(self.game, received.headers.get("x-server-key"))
            self._contract.validate(routes.SESSION_START.operation, received)
        except ServiceError:
            self.failed_logins += 1
            raise
        self.logins += 1
        return sessions.start(self.game)


async def _read(request: web.BaseRequest) -> bytes:
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > _MAX_BODY:
            raise ServiceError(413, "payload_too_large", f"A body can have {_MAX_BODY} bytes")
    return bytes(data)


def _recorded_body(body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return shown_body(parse_json(body)) if body else None
    except ServiceError:
        # The call is refused for it when it is carried out; the record just has no body then.
        return None


def _refusal(error: ServiceError, ids: Mapping[str, str]) -> Answer:
    return json_answer(error.status, error.document(ids["x-request-id"], ids["x-trace-id"]), ids)
