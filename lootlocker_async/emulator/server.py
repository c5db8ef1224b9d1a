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
from lootlocker_async.emulator import leaderboards, player_files, sessions
from lootlocker_async.emulator.admin import PREFIX as ADMIN_PREFIX, Admin
from lootlocker_async.emulator.clock import Clock
from lootlocker_async.emulator.connection import PlainRequest
from lootlocker_async.emulator.delivery import Answer, Sleep, drop, error_answer, json_answer, send
from lootlocker_async.emulator.errors import ServiceError, require
from lootlocker_async.emulator.faults import Fault, FaultKind, Faults
from lootlocker_async.emulator.feed import Feed
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.handlers import HANDLERS
from lootlocker_async.emulator.ids import Ids
from lootlocker_async.emulator.listener import Listener, reset
from lootlocker_async.emulator.rate_limit import Limiter, RateLimit
from lootlocker_async.emulator.record import HIDDEN, Record, RecordedCall, shown_headers
from lootlocker_async.emulator.routing import PREFIX, Match, Router
from lootlocker_async.emulator.validation import Received, shipped_contract
from lootlocker_async.emulator.world import World

_LOG = logging.getLogger(__name__)
_MAX_BODY = 16 * 1024 * 1024
_SPOILS = frozenset({
    FaultKind.HALF_ANSWER, FaultKind.GARBAGE, FaultKind.SLOW_BODY, FaultKind.WRONG_CONTENT_LENGTH,
})  # fmt: skip
_ERRORS = frozenset({FaultKind.STATUS, FaultKind.RATE_LIMITED, FaultKind.UNAVAILABLE})
_PREFIX_SLASH = PREFIX + "/"
_Ids = Mapping[str, str]
"""The headers that name a request."""
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
        clock: Its clock; the wall clock by default, or as the state was left with.
        seed: Where its ids and its probable faults begin.
        record_limit: How many calls the record keeps, for an emulator that runs for long; all of them by default.
        rate_limit: How many calls it lets through; all of them by default.
        admin_key: The key of its admin API and of its page, which it has only with one.
        sleep: What its latencies and pauses wait with, for tests that don't want to wait.

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
        rate_limit: RateLimit | None = None,
        admin_key: str | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = Settings(
            server_key=server_key,
            token_lifetime=token_lifetime,
            expired_token_status=expired_token_status,
            inventory_page_cap=inventory_page_cap,
        )
        for module in ("cronsim", "jsonschema_rs", "sortedcontainers"):
            require(module)  # now, and not in the middle of a call
        self._host, self._port, self._state, self._seed = host, port, state, seed
        self._contract = shipped_contract()
        self._served = [route for route in routes.all_routes() if route.operation in HANDLERS]
        self._served.append(routes.SESSION_START)
        self._router = Router(self._served)
        self._listener: Listener | None = None
        self._base_url: str | None = None
        self._handling: set[asyncio.Task[Any]] = set()
        self._record_limit = record_limit
        self._rate_limit = rate_limit
        self._sleep = sleep
        self.clock: Clock = clock or Clock()
        self.server_key = server_key
        self._admin: Admin | None = None
        self._feed: Feed | None = None
        if admin_key is not None:
            self._admin = Admin(self, admin_key, listens_at=host, contract=self._contract, served=self._served)
            self._feed = self._admin.feed
        self._begin()

    def _begin(self) -> None:
        self._request_ids = Ids(Random(f"{self._seed}/requests"))
        self._game: Game | None = None
        self.record: Record = Record(self._record_limit)
        self.faults: Faults = Faults(Random(f"{self._seed}/faults"), self._served, self._contract.section)
        self._limiter = Limiter(self._rate_limit, self.clock.timestamp)
        self.logins: int = 0
        self.failed_logins: int = 0
        if self._feed is not None:
            self._feed.clear()

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
    def admin_url(self) -> str:
        """Where its admin API is.

        Raises:
            RuntimeError: It has not been started, or it has no admin API.
        """
        if self._admin is None:
            raise RuntimeError("the emulator has no admin API without an admin_key")
        return self.base_url.removesuffix(PREFIX) + ADMIN_PREFIX

    @property
    def page_url(self) -> str:
        """Where its page is, for a browser, which asks for the admin key.

        Raises:
            RuntimeError: It has not been started, or it has no admin API.
        """
        return self.admin_url.removesuffix(ADMIN_PREFIX) + "/"

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

    @property
    def rate_limit(self) -> RateLimit | None:
        """How many calls it lets through, or None for all; set it to change it at any time."""
        return self._limiter.limit

    @rate_limit.setter
    def rate_limit(self, limit: RateLimit | None) -> None:
        self._limiter.limit = limit

    async def start(self) -> None:
        """Begins to listen.

        Raises:
            RuntimeError: It listens already.
        """
        if self._listener is not None:
            raise RuntimeError("the emulator has been started already")
        _ = self.game
        self._listener = Listener(self._answer_at_once, self._handle)
        try:
            host, port = await self._listener.open(self._host, self._port)
        except BaseException:  # whatever went wrong, nothing must stay open
            await self.stop()
            raise
        self._base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}{PREFIX}"

    async def stop(self) -> None:
        """Stops listening, drops what is under way, and closes the state."""
        listener, self._listener, self._base_url = self._listener, None, None
        if listener is not None:
            await listener.close()
        # The server forgets the handlers of clients that have hung up.
        for handling in self._handling:
            handling.cancel()
        if self._handling:
            await asyncio.wait(self._handling)
        game, self._game = self._game, None
        if game is not None:
            game.close()

    def reset(self, clock: Clock | None = None) -> None:
        """Begins anew at the same address: with an empty world, no token, no fault and nothing on record.

        Clients keep their connections and log in again. What was got from it before (`world`, `faults`, `record`)
        belongs to the world that is gone.

        Args:
            clock: Its clock from now on; the wall clock by default.

        Raises:
            RuntimeError: Its state is kept in a file, which is not for it to throw away.
        """
        if str(self._state) != ":memory:":
            raise RuntimeError("only an emulator with its state in memory can be reset")
        game = self._game
        self.clock = clock or Clock()
        self._begin()
        if game is not None:
            game.close()

    def expire_tokens(self) -> int:
        """Lets every token expire.

        Returns:
            How many there were.
        """
        return sessions.expire(self.game)

    def refuse_connections(self, *, seconds: float | None = None) -> None:
        """Resets every connection, and lets the system refuse new ones.

        Args:
            seconds: How long; until `accept_connections` by default.

        Raises:
            RuntimeError: It doesn't listen.
        """
        listener = self._listening()
        listener.refuse()
        if seconds is not None:
            self._keep(asyncio.get_running_loop().create_task(self._accept_after(listener, seconds)))

    def reset_connections(self, next: int = 0) -> None:
        """Resets every connection, and so many of the next ones as soon as they stand.

        What the system refuses nobody can count, so this is how a number of connections fails.

        Args:
            next: How many of the next ones.

        Raises:
            RuntimeError: It doesn't listen.
        """
        self._listening().reset_next(next)

    async def accept_connections(self) -> None:
        """Lets clients connect again after `refuse_connections` or `reset_connections`.

        Raises:
            RuntimeError: It doesn't listen.
        """
        await self._listening().accept()

    def _listening(self) -> Listener:
        if self._listener is None:
            raise RuntimeError("the emulator has not been started")
        return self._listener

    def _keep(self, task: asyncio.Task[Any] | None) -> None:
        """Keeps a task until it is done, or is to be ended because the emulator stops."""
        if task is not None and task not in self._handling:
            self._handling.add(task)
            task.add_done_callback(self._handling.discard)

    async def _accept_after(self, listener: Listener, seconds: float) -> None:
        await self._sleep(seconds)
        await listener.accept()

    def _answer_at_once(self, request: PlainRequest) -> Answer | None:
        """Answers what needs no waiting and no misbehaviour; None leaves it to `_handle`."""
        if len(self.faults) or len(request.body) > _MAX_BODY or not request.target.startswith(_PREFIX_SLASH):
            return None
        call, ids = self._recorded(request.verb, request.target, request.headers)
        try:
            match = self._admitted(call)
        except ServiceError as error:
            return self._answered(call, _refusal(error, ids), at_once=True)
        answer = self._limited(call, match.route, ids)
        if answer is None:
            call.take_body(request.body, request.headers.get("content-type", ""), secret=match.route.secret)
            received = Received(match.arguments, call.query, request.headers, request.body)
            answer = self._execute(call, match.route, received, ids)
        return self._answered(call, answer, at_once=True)

    def _answered(self, call: RecordedCall, answer: Answer, *, at_once: bool = False) -> Answer:
        call.status = answer.status
        if self._feed is not None:
            self._feed.answered(call, answer)
            if at_once:
                self._feed.end(call)
        return answer

    def _recorded(self, verb: str, target: str, headers: Mapping[str, str]) -> tuple[RecordedCall, dict[str, str]]:
        path, _, query = target.partition("?")
        call = RecordedCall(
            operation=None,
            verb=verb,
            path=path,
            query=query,
            headers=shown_headers(headers),
            timestamp=self.clock.timestamp(),
        )
        self.record.add(call)
        if self._feed is not None:
            self._feed.begin(call)
        return call, {"x-request-id": self._request_ids.uuid(), "x-trace-id": self._request_ids.trace_id()}

    def _admitted(self, call: RecordedCall) -> Match:
        match = self._router.match(call.verb, call.path)
        call.operation = match.route.operation
        return match

    def _limited(self, call: RecordedCall, route: routes.Route, ids: _Ids) -> Answer | None:
        limit = self._limiter.limit
        if limit is None:
            return None
        seconds = self._limiter.wait(self._contract.section(route.operation))
        if not seconds:
            return None
        call.rate_limited = True
        retry_after = limit.header(seconds)
        headers = ids if retry_after is None else {**ids, "Retry-After": retry_after}
        error = ServiceError(429, "rate_limited", "There are more calls than the rate limit lets through")
        return json_answer(429, error.document(ids["x-request-id"], ids["x-trace-id"]), headers)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._keep(asyncio.current_task())
        try:
            return await self._respond(request)
        except ConnectionError:
            _LOG.debug("a client went away in the middle of %s %s", request.method, request.path)
            return drop(request)

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._admin is not None and self._admin.is_asked(request.raw_path):
            return await self._admin.handle(request)
        call, ids = self._recorded(request.method, request.raw_path, request.headers)
        try:
            return await self._carry_out(request, call, ids)
        finally:
            if self._feed is not None:
                self._feed.end(call)

    async def _carry_out(self, request: web.BaseRequest, call: RecordedCall, ids: _Ids) -> web.StreamResponse:
        if call.path.startswith(player_files.PREFIX):
            return await self._send(request, call, self._contents(call, ids))
        try:
            match = self._admitted(call)
            limited = self._limited(call, match.route, ids)
            if limited is not None:
                return await self._send(request, call, limited)
            seconds, fault = self.faults.pick(match.route)
            if fault is not None and fault.kind is FaultKind.RESET_BEFORE_READ:
                call.fault = fault.kind.value
                reset(request.transport)
                return web.Response()
            body = await _read(request)
        except ServiceError as error:
            return await self._send(request, call, _refusal(error, ids))
        call.take_body(body, request.headers.get("content-type", ""), secret=match.route.secret)
        received = Received(match.arguments, call.query, request.headers, body)
        if seconds:
            call.fault = FaultKind.LATENCY.value
            await self._sleep(seconds)
        if fault is None:
            return await self._send(request, call, self._execute(call, match.route, received, ids))
        call.fault = fault.kind.value
        if self._misbehaves_before(request, received, fault):
            return web.Response()  # it goes nowhere
        answer = None
        # An error may stand in for the answer of a call that was carried out, and may not.
        if fault.kind not in _ERRORS or fault.after_execute:
            answer = self._execute(call, match.route, received, ids)
        return await self._misbehave_after(request, call, ids, answer, fault=fault)

    async def _misbehave_after(
        self, request: web.BaseRequest, call: RecordedCall, ids: _Ids, answer: Answer | None, *, fault: Fault
    ) -> web.StreamResponse:
        if fault.kind is FaultKind.DROP_AFTER_EXECUTE:
            return drop(request)
        if fault.kind is FaultKind.RESET_AFTER_EXECUTE:
            reset(request.transport)
            return web.Response()
        if answer is None or fault.kind in _ERRORS:
            answer = error_answer(fault, self.clock, ids)
        return await self._send(request, call, answer, fault if fault.kind in _SPOILS else None)

    def _misbehaves_before(self, request: web.BaseRequest, received: Received, fault: Fault) -> bool:
        """Whether there is nothing left to do for a call, which is not carried out."""
        if fault.kind is FaultKind.DROP_BEFORE_EXECUTE:
            drop(request)
            return True
        if fault.kind is FaultKind.REFUSE_CONNECTIONS:
            if fault.connections is not None:
                self.reset_connections(fault.connections)
            else:
                self.refuse_connections(seconds=fault.seconds)
            return True
        if fault.kind is FaultKind.EXPIRE_TOKEN:
            sessions.expire(self.game, received.headers.get("x-auth-token", ""))
        return False

    async def _send(
        self, request: web.BaseRequest, call: RecordedCall, answer: Answer, fault: Fault | None = None
    ) -> web.StreamResponse:
        return await send(request, self._answered(call, answer), fault, self._sleep)

    def _execute(self, call: RecordedCall, route: routes.Route, received: Received, ids: _Ids) -> Answer:
        try:
            document = self._domain(route, received)
        except ServiceError as error:
            return _refusal(error, ids)
        except Exception:  # noqa: BLE001 - a mistake in the emulator is an answer and a log entry, as it would be in a service
            _LOG.exception("the emulator failed in %s", route.operation)
            return _refusal(ServiceError(500, "internal_server_error", "The emulator failed; its log says why"), ids)
        call.executed = True
        return json_answer(route.status, document, ids)

    def _contents(self, call: RecordedCall, ids: _Ids) -> Answer:
        """The contents of a player's file, which the service keeps on another host: no fault or limit meets them."""
        query, call.query = call.query, HIDDEN if call.query else ""
        try:
            if call.verb != "GET":
                raise ServiceError(405, "method_not_allowed", "This address takes GET")
            body = player_files.contents(self.game, call.path, query)
        except ServiceError as error:
            return _refusal(error, ids)
        call.executed = True
        return Answer(status=200, body=body, content_type="application/octet-stream", headers=ids)

    def _domain(self, route: routes.Route, received: Received) -> Mapping[str, Any] | None:
        if route.operation == routes.SESSION_START.operation:
            return self._start_session(received)
        if route.credential == "token":
            sessions.authenticate(self.game, received.headers.get("x-auth-token"))
        arguments = self._contract.validate(route.operation, received)
        leaderboards.run_due(self.game)
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


def _refusal(error: ServiceError, ids: _Ids) -> Answer:
    return json_answer(error.status, error.document(ids["x-request-id"], ids["x-trace-id"]), {**ids, **error.headers})
