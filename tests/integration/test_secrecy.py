"""Key and token are shown nowhere: not by objects, logs, errors, tracebacks with locals, events, records or pickles."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.traceback import Traceback

from lootlocker_async import (
    APIError,
    AuthenticationError,
    ClientConfig,
    ConfigurationError,
    LootLockerClient,
    LootLockerError,
    ResponseDecodeError,
    SecretStr,
    ServerError,
)
from lootlocker_async.core.tokens import Token
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, Events, client_of, pool_of, token_of, until
from tests.integration.raw import RawServer, Request, Wire, free_port

KEY = "dev_sEcReT_kEy_4711"
TOKEN = "tOkEn_sEcReT_0815"
Call = Callable[[LootLockerClient], Awaitable[Any]]


def _hidden(text: str, *more: str) -> None:
    for secret in (KEY, TOKEN, *more):
        assert secret not in text, f"{secret} is shown"
        assert secret[:12] not in text, f"the beginning of {secret} is shown"


def _hidden_in_error(error: BaseException) -> None:
    """Look at all that a crash reporter would keep of an error."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        _hidden(str(error))
        _hidden(repr(error))
        _hidden(repr(vars(error)))
        _hidden("\n".join(getattr(error, "__notes__", ())))
        if isinstance(error, LootLockerError):
            kept = pickle.dumps(error)
            assert KEY.encode() not in kept
            assert TOKEN.encode() not in kept
            _hidden(repr(vars(pickle.loads(kept))))
        captured = traceback.TracebackException.from_exception(error, capture_locals=True)
        _hidden("".join(captured.format()))
        # What rich would show of the locals, which looks into objects; to print it takes it half a second.
        told = Traceback.extract(
            type(error), error, error.__traceback__, show_locals=True, locals_max_length=500, locals_max_string=2000
        )
        shown = [local for stack in told.stacks for frame in stack.frames for local in (frame.locals or {}).values()]
        assert shown or error.__traceback__ is None or len(seen) > 1
        _hidden("\n".join(map(str, shown)))
        nested = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if nested is None:
            return
        error = nested


class Echo:
    """A service that knows one token, and says it back in every way."""

    def __init__(self) -> None:
        self.stalled = 0

    async def __call__(self, request: Request, wire: Wire) -> None:
        header = request.headers.get("x-auth-token", "") + request.headers.get("x-server-key", "")
        told = {
            "code": header,
            "message": f"what is {header}?",
            "request_id": header,
            "trace_id": header,
            "doc_url": header,
            "param": header,
        }
        if request.path == "/session":
            if request.headers.get("x-server-key") == KEY:
                await wire.answer({"token": TOKEN})
            else:
                await wire.answer(told, status=401)
        elif request.path == "/drop":
            wire.drop()
        elif request.path == "/half":
            await wire.answer(json.dumps(told).encode(), length=5000)
            wire.drop()
        elif request.path == "/stall":
            self.stalled += 1
            await wire.gone()
        elif request.path == "/noise":
            await wire.answer(f"<p>{header}</p>".encode(), status=200)
        elif request.path == "/large":
            await wire.begin()
            for _ in range(10):
                await wire.chunk(header.encode() * 100)
            await wire.chunk(b"")
        elif request.path == "/long":
            await wire.answer({"message": "x" * 490 + header}, status=400)
        elif request.path == "/headers":
            await wire.answer({}, status=400, headers={"x-request-id": header, "x-trace-id": header})
        elif request.path.startswith("/status/"):
            await wire.answer(told, status=int(request.path[8:]))
        else:
            await wire.answer({"pong": header})


@asynccontextmanager
async def _echo(**settings: Any) -> AsyncIterator[tuple[Echo, LootLockerClient]]:
    echo = Echo()
    async with RawServer(echo, logins=False) as server:
        settings = {"server_key": KEY, "max_response_bytes": 8000, "retries": 1, **settings}
        async with client_of(server, **settings) as client:
            yield echo, client


def _get(path: str) -> Call:
    return lambda client: client.request("GET", path)


def _post(path: str) -> Call:
    return lambda client: client.request("POST", path, json={"note": 1})


FAILURES = {
    "dropped": _get("/drop"),
    "dropped and unsafe": _post("/drop"),
    "half an answer": _get("/half"),
    "half an answer to an unsafe call": _post("/half"),
    "noise": _get("/noise"),
    "noise into a model": lambda client: client.leaderboards.get(BOARD),
    "too large": _get("/large"),
    "long message": _get("/long"),
    "echo in headers": _get("/headers"),
    "out of time": lambda client: client.with_options(timeout=0.05).request("GET", "/stall"),
    "out of time and unsafe": lambda client: client.with_options(timeout=0.05).request("POST", "/stall"),
    "refused argument": lambda client: client.leaderboards.get(".."),
    "refused body": lambda client: client.leaderboards.submit_score(BOARD, member_id=5, score="x"),  # type: ignore[arg-type]
    **{str(status): _get(f"/status/{status}") for status in (302, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503)},
    **{f"unsafe {status}": _post(f"/status/{status}") for status in (401, 429, 500, 503)},
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_no_error_shows_a_secret(failure: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    events = Events()
    async with _echo(observers=(events,)) as (_, client):
        await client.session.ping()
        with client.trace() as calls, pytest.raises((LootLockerError, ValueError)) as caught:
            await FAILURES[failure](client)
        assert isinstance(caught.value, LootLockerError)
        _hidden_in_error(caught.value)
        _hidden(repr(calls))
        for call in calls:
            _hidden(repr(call.attempts))
            _hidden(str((call.request_id, call.trace_id)))
        _hidden(repr(events.all))
        _hidden(
            repr(client)
            + repr(client.config)
            + str(client.config)
            + repr(client._caller)
            + repr(pool_of(client).__dict__)
        )
    assert any(record.name.startswith("lootlocker_async") for record in caplog.records)
    _hidden(caplog.text)
    _hidden(repr([record.__dict__ for record in caplog.records]))


async def test_a_connection_that_was_never_made_shows_no_secret() -> None:
    async with client_of(RawServer(Echo(), port=free_port()), server_key=KEY, retries=1) as client:
        with pytest.raises(LootLockerError) as caught:
            await client.session.ping()
        _hidden_in_error(caught.value)


async def test_a_wrong_key_that_the_service_says_back_is_not_shown() -> None:
    wrong = "dev_wRoNg_kEy_1234567"
    async with _echo(server_key=wrong) as (_, client):
        with pytest.raises(AuthenticationError) as caught:
            await client.session.ping()
        _hidden_in_error(caught.value)
        assert wrong not in str(caught.value) + repr(vars(caught.value))
        assert "what is ********?" in str(caught.value)


async def test_a_cancelled_call_shows_no_secret() -> None:
    async with _echo() as (echo, client):
        task = asyncio.create_task(client.request("POST", "/stall", json={"note": 1}))
        await until(lambda: echo.stalled)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        _hidden_in_error(caught.value)


async def test_a_closed_client_shows_no_secret() -> None:
    async with _echo() as (echo, client):
        task = asyncio.create_task(client.request("POST", "/stall", json={"note": 1}))
        await until(lambda: echo.stalled)
        await client.close(0)
        with pytest.raises(LootLockerError) as caught:
            await task
        _hidden_in_error(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"token": "tOkEn_sEcReT_0815", ',
        b'{"token": ["tOkEn_sEcReT_0815"]}',
        b'{"tokens": "tOkEn_sEcReT_0815"}',
        b'{"token": "tOkEn_sEcReT_0815\\r\\n"}',
        b'{"token": "tOkEn_sEcReT_0815"}' + b" " * 9000,
    ],
    ids=["cut", "shape", "field", "line break", "too large"],
)
async def test_a_login_answer_that_can_not_be_read_does_not_show_its_token(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.begin()
        await wire.chunk(body)
        await wire.chunk(b"")

    caplog.set_level(logging.DEBUG)
    async with (
        RawServer(respond, logins=False) as server,
        client_of(server, server_key=KEY, max_response_bytes=8000) as client,
    ):
        results = await asyncio.gather(client.session.ping(), client.session.start(), return_exceptions=True)
    for error in results:
        _hidden(repr(error))
        if isinstance(error, BaseException):
            assert isinstance(error, ResponseDecodeError)
            assert error.operation == "session_start"
            _hidden(str(error) + repr(vars(error)))
    assert isinstance(results[0], ResponseDecodeError)
    _hidden(caplog.text)


async def test_a_token_that_has_been_replaced_is_not_shown_either() -> None:
    stalled = asyncio.Event()
    go_on = asyncio.Event()
    logins = 0

    async def respond(request: Request, wire: Wire) -> None:
        nonlocal logins
        token = request.headers.get("x-auth-token", "")
        if request.path == "/session":
            logins += 1
            await wire.answer({"token": TOKEN if logins == 1 else "another_token"})
        elif request.path == "/stall":
            stalled.set()
            await go_on.wait()
            await wire.answer({"message": f"no more of {token}"}, status=500)
        else:
            await wire.answer({}, status=401 if token == TOKEN else 200)

    async with RawServer(respond, logins=False) as server, client_of(server, server_key=KEY, retries=0) as client:
        slow = asyncio.create_task(client.request("GET", "/stall"))
        await stalled.wait()
        assert await client.request("GET", "/other") == {}
        go_on.set()
        with pytest.raises(ServerError) as caught:
            await slow
        _hidden_in_error(caught.value)


async def test_what_the_emulator_keeps_shows_no_secret(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        await client.leaderboards.submit_score(BOARD, member_id="ann", score=1)
        emulator.faults.add(Fault.error("leaderboards_get", status=401))
        with pytest.raises(APIError):
            await client.leaderboards.get(BOARD)
        token = token_of(client)
        for text in (repr(list(emulator.record)), repr(emulator), repr(emulator.record), repr(emulator.game.settings)):
            assert token not in text
            assert emulator.server_key not in text


async def test_a_started_session_shows_its_token_to_nobody_who_does_not_ask(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        session = await client.session.start()
        token = session.token.reveal()
        assert len(token) > 10
        assert type(token) is str
        assert token not in repr(session) + f"{session}{session.token}" + str(session) + repr(vars(type(session)))
        assert token.encode() not in pickle.dumps(session)


def test_settings_and_their_pickles_show_no_secret() -> None:
    config = ClientConfig(server_key=KEY, base_url="http://127.0.0.1:1/server", proxy="http://me:pAsSwOrD@127.0.0.1:1")
    client = LootLockerClient(config=config)
    for text in (repr(config), str(config), repr(client), f"{config}", repr(client.with_options(timeout=1))):
        _hidden(text, "pAsSwOrD")
    assert KEY.encode() not in pickle.dumps(config)
    with pytest.raises(ConfigurationError, match="does not travel"):
        LootLockerClient(config=pickle.loads(pickle.dumps(config)))
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(client)
    assert KEY not in repr(Token(value=SecretStr(KEY), obtained_at=0))


@pytest.mark.parametrize(
    "wrong", [{"timeout": -1}, {"base_url": "ftp://x"}, {"retries": True}, {"domain_key": "a.b"}, {"game_version": ""}]
)
def test_settings_that_are_refused_show_no_secret(wrong: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"base_url": "http://127.0.0.1:1/server", **wrong}
    with pytest.raises(ConfigurationError) as caught:
        LootLockerClient(KEY, **settings)
    captured = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    lines = [line for line in captured.format() if "KEY" not in line or KEY in line]
    _hidden("".join(lines))


def test_a_key_travels_by_the_name_of_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAME_KEY", KEY)
    config = ClientConfig(server_key_env="GAME_KEY")
    twin = pickle.loads(pickle.dumps(config))
    assert twin.key().reveal() == KEY
    assert KEY.encode() not in pickle.dumps(config)
