"""The admin API: what a test in another process does to the emulator itself, under a prefix and a key of its own."""

from __future__ import annotations

import hmac
import inspect
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

import attrs
from aiohttp import web

from lootlocker_async.emulator import leaderboards, origins, page, seeds
from lootlocker_async.emulator.clock import aware, precise
from lootlocker_async.emulator.dashboard import Dashboard
from lootlocker_async.emulator.errors import ServiceError, bad_request, not_found, require, unauthorized
from lootlocker_async.emulator.fault_documents import called, checked, fault_of, validator_of
from lootlocker_async.emulator.faults import Fault
from lootlocker_async.emulator.feed import Feed
from lootlocker_async.emulator.ids import Ids
from lootlocker_async.emulator.rate_limit import RateLimit
from lootlocker_async.emulator.record import RecordedCall
from lootlocker_async.emulator.seed_files import SeedError, parse
from lootlocker_async.emulator.world import World

if TYPE_CHECKING:
    import jsonschema_rs

    from lootlocker_async.emulator.server import Emulator
    from lootlocker_async.emulator.validation import Contract
    from lootlocker_async.routes import Route

PREFIX = "/_emulator"
"""What every address of the admin API begins with."""

_LOG = logging.getLogger(__name__)
_MAX_BODY = 256 * 1024 * 1024
_HEALTH = "health"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_WORLD_METHODS = ("generate", "set_order_status")
"""What `World` can do besides making things."""
_CLOCK = {
    "type": "object",
    "properties": {
        "set": {"type": "string"},
        "advance": {"type": "number", "minimum": 0},
        "frozen": {"type": "boolean"},
    },
    "additionalProperties": False,
}


@attrs.frozen
class _Asked:
    """What came with a request."""

    rest: tuple[str, ...]
    query: Mapping[str, list[str]]
    body: bytes

    def document(self) -> Any:  # noqa: ANN401 - JSON
        try:
            return parse(self.body.decode())
        except UnicodeDecodeError as error:
            raise bad_request("The body is not UTF-8") from error

    def only(self, name: str) -> str | None:
        """The one value of a query parameter."""
        return self.query[name][-1] if name in self.query else None


class Admin:
    """Answers the admin API's requests, and a browser's for the page that speaks to it.

    Args:
        emulator: Whose admin API it is.
        key: The key that requests bring in `x-admin-key`.
        listens_at: The host that the emulator listens at.
        contract: What calls take.
        served: The operations that the emulator serves.

    Raises:
        ValueError: The key is empty, or it is the server key.
    """

    def __init__(
        self, emulator: Emulator, key: str, *, listens_at: str, contract: Contract, served: Sequence[Route]
    ) -> None:
        if not key or key == emulator.server_key:
            raise ValueError("the admin key is a key of its own, and not the server key")
        self._emulator = emulator
        self._key = key
        self._listens_at = listens_at
        self._dashboard = dashboard = Dashboard(emulator, contract, served, keys=(emulator.server_key, key))
        self._ids = Ids(Random())
        self._numbers: dict[Fault, int] = {}
        self._last_number = 0
        self._routes: Mapping[tuple[str, str], Callable[[_Asked], object]] = {
            ("GET", _HEALTH): self._health,
            ("GET", "schema"): lambda _: seeds.schema(),
            ("GET", "world"): self._export,
            ("POST", "world"): self._load,
            ("DELETE", "world"): self._clear,
            **{("POST", f"world/{name}"): self._world_method(name) for name in _WORLD_METHODS},
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._move_clock,
            ("POST", "tokens/expire"): lambda _: {"expired": self._emulator.expire_tokens()},
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("DELETE", "faults/*"): self._remove_fault,
            ("GET", "rate-limit"): self._rate_limit,
            ("POST", "rate-limit"): self._set_rate_limit,
            ("DELETE", "rate-limit"): self._lift_rate_limit,
            ("GET", "record"): self._record,
            ("DELETE", "record"): self._clear_record,
            ("GET", "calls"): lambda asked: dashboard.calls(asked.only),
            ("GET", "calls/*"): lambda asked: dashboard.call(asked.rest[-1]),
            ("GET", "faults/kinds"): lambda _: dashboard.fault_kinds(),
            ("GET", "view"): lambda _: dashboard.overview(),
            ("GET", "view/players"): lambda asked: dashboard.players(asked.only),
            ("GET", "view/players/*"): lambda asked: dashboard.player(asked.rest[-1]),
            ("GET", "view/leaderboards"): lambda asked: dashboard.boards(asked.only),
            ("GET", "view/leaderboards/*"): lambda asked: dashboard.board(asked.rest[-1], asked.only),
            ("GET", "view/inventories"): lambda asked: dashboard.inventories(asked.only),
            ("GET", "view/wallets"): lambda asked: dashboard.wallets(asked.only),
            ("GET", "view/progressions"): lambda asked: dashboard.progressions(asked.only),
            ("GET", "view/progressions/*"): lambda asked: dashboard.progression(asked.rest[-1], asked.only),
        }

    @property
    def feed(self) -> Feed:
        """What is to be told of the emulator's calls."""
        return self._dashboard.feed

    @staticmethod
    def is_asked(target: str) -> bool:
        """Whether a request is for it: for the page at `/`, or for what begins with the prefix."""
        return target.partition("?")[0] == "/" or target.startswith(f"{PREFIX}/")

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answers a request that is for it."""
        ids = {"x-request-id": self._ids.uuid(), "x-trace-id": self._ids.trace_id(), **_HEADERS}
        try:
            path = request.raw_path.partition("?")[0]
            if path == "/" or path.startswith(page.ADDRESS):
                origins.check_host(request.headers, self._listens_at)
                return page.answer(request, path)
            document = await self._answer(request)
        except SeedError as error:
            refusal = bad_request(str(error), error.place or None)
            return _json(400, refusal.document(*_named(ids)), ids)
        except ServiceError as error:
            return _json(error.status, error.document(*_named(ids)), ids)
        except ConnectionError:
            raise  # the client is gone, and nobody's mistake
        except Exception:  # noqa: BLE001 - as for any other call, a mistake of the emulator's is an answer and a log entry
            _LOG.exception("the emulator failed in %s %s", request.method, request.path)
            failure = ServiceError(500, "internal_server_error", "The emulator failed; its log says why")
            return _json(500, failure.document(*_named(ids)), ids)
        return _json(200, document, ids)

    async def _answer(self, request: web.BaseRequest) -> object:
        if origins.is_of_browser(request.headers):
            origins.check_host(request.headers, self._listens_at)
            origins.check_origin(request.headers)
        path, _, query = request.raw_path.partition("?")
        steps = tuple(path.removeprefix(PREFIX).strip("/").split("/"))
        if steps != (_HEALTH,):
            self._check_key(request.headers.get("x-admin-key"))
        handler = self._find(request.method, steps)
        asked = _Asked(steps, parse_qs(query, keep_blank_values=True), await _read(request))
        answer = handler(asked)
        return await answer if inspect.isawaitable(answer) else answer

    def _check_key(self, key: str | None) -> None:
        if key is None:
            raise unauthorized("The header x-admin-key is missing")
        if not hmac.compare_digest(key.encode("utf-8", "replace"), self._key.encode()):
            raise unauthorized("The admin key is not known")

    def _find(self, verb: str, steps: tuple[str, ...]) -> Callable[[_Asked], object]:
        exact, pattern = "/".join(steps), "/".join((*steps[:-1], "*"))
        known = {of: handler for (of, path), handler in self._routes.items() if path in {exact, pattern}}
        if verb in known:
            return known[verb]
        if known:
            raise ServiceError(405, "method_not_allowed", f"This address takes {', '.join(sorted(known))}")
        raise ServiceError(404, "not_found", "There is no such address")

    def _health(self, _: _Asked) -> object:
        return {"status": "ok", "now": precise(self._emulator.clock.now()), "requests": len(self._emulator.record)}

    def _export(self, asked: _Asked) -> object:
        kinds = asked.only("kinds")
        return seeds.export(self._emulator.game, None if kinds is None else kinds.split(","))

    def _load(self, asked: _Asked) -> object:
        return {"made": seeds.load(self._emulator.game, asked.document())}

    def _clear(self, _: _Asked) -> object:
        self._emulator.game.clear()
        return {}

    def _world_method(self, name: str) -> Callable[[_Asked], object]:
        def call(asked: _Asked) -> object:
            method = getattr(World, name)
            arguments = checked(asked.document(), validator_of(method))
            with self._emulator.game.transaction():
                return {"result": called(method, self._emulator.world, **arguments)}

        return call

    def _clock(self, _: _Asked) -> object:
        clock = self._emulator.clock
        return {"now": precise(clock.now()), "frozen": clock.is_frozen}

    def _move_clock(self, asked: _Asked) -> object:
        change = checked(asked.document(), _clock_validator())
        clock = self._emulator.clock
        moment = None if "set" not in change else _moment(change["set"])
        before = clock.state
        try:
            if change.get("frozen"):
                clock.freeze()
            if moment is not None:
                clock.set(moment)
            clock.advance(change.get("advance", 0))
        except ValueError as error:
            clock.take(before)
            raise bad_request(str(error)) from error
        if change.get("frozen") is False:
            clock.unfreeze()
        leaderboards.run_due(self._emulator.game)
        return self._clock(asked)

    def _faults(self, _: _Asked) -> object:
        return {"faults": [self._shown(fault) for fault in self._emulator.faults.active]}

    def _add_faults(self, asked: _Asked) -> object:
        document = asked.document()
        faults = [fault_of(each) for each in (document if isinstance(document, list) else [document])]
        try:
            self._emulator.faults.add(*faults)
        except ValueError as error:
            raise bad_request(str(error), "match") from error
        return {"faults": [self._shown(fault) for fault in faults]}

    def _clear_faults(self, _: _Asked) -> object:
        self._emulator.faults.clear()
        return {}

    def _remove_fault(self, asked: _Asked) -> object:
        for fault in self._emulator.faults.active:
            if str(self._shown(fault)["id"]) == asked.rest[-1]:
                self._emulator.faults.remove(fault)
                return {}
        raise not_found("fault", "id")

    def _shown(self, fault: Fault) -> dict[str, Any]:
        active = (*self._emulator.faults.active, fault)
        self._numbers = {known: number for known, number in self._numbers.items() if known in active}
        if fault not in self._numbers:
            self._last_number += 1
            self._numbers[fault] = self._last_number
        changed = {
            field.name: getattr(fault, field.name)
            for field in attrs.fields(Fault)
            if getattr(fault, field.name) != field.default
        }
        return {"id": self._numbers[fault], **changed}

    def _rate_limit(self, _: _Asked) -> object:
        limit = self._emulator.rate_limit
        return {"rate_limit": None if limit is None else attrs.asdict(limit)}

    def _set_rate_limit(self, asked: _Asked) -> object:
        self._emulator.rate_limit = called(RateLimit, **checked(asked.document(), validator_of(RateLimit)))
        return self._rate_limit(asked)

    def _lift_rate_limit(self, asked: _Asked) -> object:
        self._emulator.rate_limit = None
        return self._rate_limit(asked)

    def _record(self, asked: _Asked) -> object:
        emulator, operation = self._emulator, asked.only("operation")
        is_executed = asked.only("executed")
        if is_executed not in {None, "true", "false"}:
            raise bad_request("executed is true or false", "executed")
        calls = [
            call
            for call in emulator.record.received(operation)
            if is_executed is None or call.executed is (is_executed == "true")
        ]
        limit = asked.only("limit")
        if limit is not None and not (limit.isascii() and limit.isdigit()):
            raise bad_request("limit is a number", "limit")
        latest = calls if limit is None else calls[len(calls) - min(int(limit), len(calls)) :]
        return {
            "total": len(calls),
            "logins": emulator.logins,
            "failed_logins": emulator.failed_logins,
            "calls": [_call(call) for call in latest],
        }

    def _clear_record(self, _: _Asked) -> object:
        self._emulator.record.clear()
        return {}


@cache
def _clock_validator() -> jsonschema_rs.Draft202012Validator:
    return cast("jsonschema_rs.Draft202012Validator", require("jsonschema_rs").Draft202012Validator(_CLOCK))


def _moment(text: str) -> datetime:
    try:
        return aware(datetime.fromisoformat(text))
    except ValueError as error:
        raise bad_request(f"{text} is no time as RFC 3339 has it", "set") from error


def _call(call: RecordedCall) -> dict[str, Any]:
    names = (
        "operation", "verb", "path", "query", "body", "headers", "received_at", "status", "executed", "fault",
        "rate_limited",
    )  # fmt: skip
    return {**{name: getattr(call, name) for name in names}, "received_at": precise(call.received_at)}


def _named(headers: Mapping[str, str]) -> tuple[str, str]:
    return headers["x-request-id"], headers["x-trace-id"]


async def _read(request: web.BaseRequest) -> bytes:
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > _MAX_BODY:
            raise ServiceError(413, "payload_too_large", f"A body can have {_MAX_BODY} bytes")
    return bytes(data)


def _json(status: int, document: object, headers: Mapping[str, str]) -> web.Response:
    text = json.dumps(document, default=_plain, ensure_ascii=False)
    return web.json_response(text=text, status=status, headers=dict(headers))


def _plain(value: object) -> object:
    if attrs.has(type(value)):
        return attrs.asdict(cast("attrs.AttrsInstance", value))
    if isinstance(value, range):
        return list(value)
    return str(value)
