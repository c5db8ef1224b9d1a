"""An application of Starlette's: its client's life, its errors, WebSockets, readiness, several clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from lootlocker_async import AuthenticationError, CallError, ConfigurationError, LootLockerClient, NotFoundError
from lootlocker_async.emulator import Fault
from lootlocker_async.integrations.starlette import (
    LootLocker,
    add_exception_handlers,
    exception_handlers,
    lifespans,
    readiness_endpoint,
)
from lootlocker_async.testing import LiveEmulator, running_emulator

LOOTLOCKER = LootLocker()


async def board(request: Request) -> Response:
    found = await LOOTLOCKER.of(request).leaderboards.get(request.path_params["key"])
    return JSONResponse({"key": found.key})


async def win(request: Request) -> Response:
    entry = await LOOTLOCKER.of(request).leaderboards.increment_score("daily", member_id="361", amount=5)
    return JSONResponse({"score": entry.score})


async def feed(websocket: WebSocket) -> None:
    await websocket.accept()
    client = LOOTLOCKER.of(websocket)
    while True:
        key = await websocket.receive_text()
        await websocket.send_json((await client.leaderboards.get(key)).id)


ROUTES = [Route("/boards/{key}", board), Route("/wins", win, methods=["POST"]), WebSocketRoute("/feed", feed)]


def application(lootlocker: LootLocker = LOOTLOCKER, **options: Any) -> Starlette:
    options.setdefault("routes", [*ROUTES, Route("/ready", readiness_endpoint(lootlocker))])
    return Starlette(lifespan=lootlocker.lifespan, exception_handlers=exception_handlers(), **options)


# --------------------------------------------------------------------------------------------------------- the lifespan
def test_one_client_serves_the_application_and_is_closed_with_it(
    emulator: LiveEmulator, environment: dict[str, str]
) -> None:
    emulator.game.board("daily", type="generic")
    app = application()
    assert not hasattr(app.state, "lootlocker")
    with TestClient(app) as api:
        client = app.state.lootlocker
        assert isinstance(client, LootLockerClient)
        for _ in range(3):
            assert api.get("/boards/daily").json() == {"key": "daily"}
        assert emulator.logins == 1
    assert not hasattr(app.state, "lootlocker")
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(client.session.ping())


def test_an_application_can_be_started_again(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    emulator.game.board("daily", type="generic")
    app, seen = application(), set()
    for _ in range(2):
        with TestClient(app) as api:
            assert api.get("/boards/daily").status_code == 200
            seen.add(app.state.lootlocker)
    assert len(seen) == 2


def test_a_mounted_application_meets_the_same_client(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    emulator.game.board("daily", type="generic")
    inner = Starlette(routes=ROUTES)
    with TestClient(application(routes=[Mount("/v1", inner)])) as api:
        assert api.get("/v1/boards/daily").json() == {"key": "daily"}


def test_a_lifespan_can_be_a_part_of_another(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    emulator.game.board("daily", type="generic")
    seen: list[str | None] = []

    @asynccontextmanager
    async def own(app: Starlette) -> AsyncGenerator[None]:
        # What is yielded here is not LootLocker's, so only app.state tells of the client.
        async with LOOTLOCKER.lifespan(app) as state:
            seen.append((await state["lootlocker"].leaderboards.get("daily")).key)
            yield
        seen.append("closed")

    with TestClient(Starlette(routes=ROUTES, lifespan=own)) as api:
        assert api.get("/boards/daily").status_code == 200
        assert seen == ["daily"]
    assert seen == ["daily", "closed"]


def test_lifespans_are_entered_in_order_and_left_in_the_other(environment: dict[str, str]) -> None:
    seen: list[str] = []

    def part(name: str, state: Mapping[str, Any] | None) -> Callable[[Starlette], Any]:
        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncGenerator[Mapping[str, Any] | None]:
            seen.append(f"+{name} {hasattr(app.state, 'lootlocker')}")
            yield state
            seen.append(f"-{name} {hasattr(app.state, 'lootlocker')}")

        return lifespan

    async def show(request: Request) -> Response:
        assert isinstance(request.state.lootlocker, LootLockerClient)
        return JSONResponse([request.state.database, request.state.lootlocker is LOOTLOCKER.of(request)])

    together = lifespans(part("first", None), LOOTLOCKER.lifespan, part("last", {"database": 7}))
    with TestClient(Starlette(routes=[Route("/", show)], lifespan=together)) as api:
        assert api.get("/").json() == [7, True]
    assert seen == ["+first False", "+last True", "-last True", "-first False"]


def test_a_part_that_fails_leaves_no_client_open(environment: dict[str, str]) -> None:
    @asynccontextmanager
    async def broken(app: Starlette) -> AsyncGenerator[None]:
        if app:
            raise OSError("no database")
        yield

    # A client that stays open would fail this test with a ResourceWarning.
    with (
        pytest.raises(OSError, match="no database"),
        TestClient(Starlette(lifespan=lifespans(LOOTLOCKER.lifespan, broken))),
    ):
        pytest.fail("it has started")


def test_a_missing_key_ends_the_start() -> None:
    with pytest.raises(ConfigurationError, match="LOOTLOCKER_SERVER_KEY is not set"), TestClient(application()):
        pytest.fail("it has started")


def test_a_name_is_taken_once(environment: dict[str, str]) -> None:
    twice = Starlette(lifespan=lifespans(LootLocker().lifespan, LootLocker().lifespan))
    with pytest.raises(ConfigurationError, match="named 'lootlocker' already"), TestClient(twice):
        pytest.fail("it has started")


async def test_without_the_lifespan_it_says_what_is_missing() -> None:
    # httpx's transport starts no lifespan, and neither does a TestClient that isn't entered.
    transport = httpx2.ASGITransport(app=application())
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as api:
        with pytest.raises(ConfigurationError, match="with TestClient"):
            await api.get("/boards/daily")


# ----------------------------------------------------------------------------------------------------------- preloading
def test_preloading_logs_in_before_the_first_request(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    with TestClient(application(LootLocker(preload=True))):
        assert emulator.logins == 1


def test_a_refused_key_ends_the_start_where_it_is_preloaded(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", "another-key")
    with TestClient(application()):
        pass  # nobody has noticed yet
    with pytest.raises(AuthenticationError), TestClient(application(LootLocker(preload=True))):
        pytest.fail("it has started")


def test_a_service_that_is_down_doesn_t(
    emulator: LiveEmulator, environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    emulator.game.board("daily", type="generic")
    emulator.faults.add(Fault.error("session_start", status=500))
    with TestClient(application(LootLocker(preload=True))) as api:
        assert "the start goes on without a login" in caplog.text
        emulator.faults.clear()
        assert api.get("/boards/daily").status_code == 200


# --------------------------------------------------------------------------------------------------------------- errors
def test_failed_calls_become_answers(
    emulator: LiveEmulator, environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    emulator.game.board("daily", type="generic")
    with TestClient(application()) as api:
        assert api.get("/boards/daily").status_code == 200

        answer = api.get("/boards/nowhere")
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")

        emulator.faults.add(Fault.rate_limited("leaderboards", retry_after=45, times=1))
        answer = api.get("/boards/daily")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "45")


def test_an_unknown_outcome_names_its_request(
    emulator: LiveEmulator, environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    emulator.game.board("daily", type="generic")
    emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    with TestClient(application()) as api:
        answer = api.post("/wins")
    (call,) = emulator.assert_executed("leaderboards.increment_score", times=1)
    assert (answer.status_code, answer.json()["error"]) == (502, "outcome_unknown")
    assert answer.json()["request_id"] == call.headers["x-request-id"]
    assert answer.json()["request_id"] in caplog.text


def test_a_refused_key_is_nobody_s_business(
    emulator: LiveEmulator,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", "another-key")
    with TestClient(application()) as api:
        answer = api.get("/boards/daily")
    assert (answer.status_code, answer.json()["error"]) == (502, "upstream_failed")
    assert not {word for word in ("key", "auth", "401", "token") if word in answer.text.lower()}
    (line,) = [record for record in caplog.records if record.name == "lootlocker_async.web"]
    assert (line.levelno, "status 401" in line.getMessage()) == (logging.ERROR, True)
    assert "another-key" not in caplog.text


def test_an_application_s_own_handler_comes_first(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    async def nothing_there(request: Request, error: Exception) -> Response:
        return PlainTextResponse(f"nothing there: {type(error).__name__}", 410)

    app = application()
    app.add_exception_handler(NotFoundError, nothing_there)
    with TestClient(app) as api:
        answer = api.get("/boards/nowhere")
        assert (answer.status_code, answer.text) == (410, "nothing there: NotFoundError")


def test_what_is_no_error_of_the_sdk_is_left_alone(environment: dict[str, str]) -> None:
    async def teapot(request: Request) -> Response:
        raise HTTPException(418)

    app = Starlette(routes=[Route("/", teapot)])
    add_exception_handlers(app)
    with TestClient(app) as api:
        assert api.get("/").status_code == 418


# ----------------------------------------------------------------------------------------------------------- WebSockets
@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (None, 1008, "not_found"),
        (Fault.error("leaderboards", status=500), 1011, "upstream_failed"),
        (Fault.rate_limited("leaderboards", retry_after=45), 1013, "unavailable"),
    ],
)
def test_a_failed_call_closes_the_websocket(
    emulator: LiveEmulator, environment: dict[str, str], fault: Fault | None, code: int, reason: str
) -> None:
    board = emulator.game.board("daily", type="generic")
    with TestClient(application()) as api, api.websocket_connect("/feed") as websocket:
        websocket.send_text("daily")
        assert websocket.receive_json() == board.id
        if fault:
            emulator.faults.add(fault)
        websocket.send_text("nowhere")
        with pytest.raises(WebSocketDisconnect) as closed:
            websocket.receive_json()
    assert (closed.value.code, closed.value.reason) == (code, reason)


async def test_a_websocket_that_is_closed_already_is_left_alone() -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    websocket = WebSocket({"type": "websocket", "path": "/", "headers": [], "server": ("test", 80)}, receive, send)
    await websocket.accept()
    await websocket.close()
    handler: Any = exception_handlers()[CallError]
    assert await handler(websocket, NotFoundError("no such board", status=404)) is None
    assert sent == ["websocket.accept", "websocket.close"]


# ------------------------------------------------------------------------------------------------------------ readiness
def test_readiness_is_asked_rarely(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    with TestClient(application(LootLocker(ready_for=3600))) as api:
        for _ in range(5):
            answer = api.get("/ready")
            assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"lootlocker": "ready"}})
            assert answer.headers["cache-control"] == "no-store"
        emulator.assert_received("session.ping", times=1)


async def test_those_who_ask_at_the_same_time_share_a_ping(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    lootlocker = LootLocker(ready_for=3600)
    app = application(lootlocker)
    emulator.faults.add(Fault.latency("session_ping", seconds=0.05))
    async with (
        lootlocker.lifespan(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as api,
    ):
        answers = await asyncio.gather(*(api.get("/ready") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    emulator.assert_received("session.ping", times=1)


def test_readiness_follows_the_service(
    emulator: LiveEmulator, environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with TestClient(application(LootLocker(ready_for=0))) as api:
        assert api.get("/ready").status_code == 200
        emulator.faults.add(Fault.error("session_ping", status=500))
        for _ in range(2):
            answer = api.get("/ready")
            told = {"ready": False, "checks": {"lootlocker": "unavailable"}}
            assert (answer.status_code, answer.json()) == (503, told)
        emulator.faults.clear()
        assert api.get("/ready").status_code == 200
    told = [line.getMessage() for line in caplog.records if line.name == "lootlocker_async.web"]
    assert [line.partition(":")[0] for line in told] == [
        "lootlocker is ready",
        "lootlocker is unavailable",  # once, though it was found twice
        "lootlocker is ready",
    ]


def test_a_refused_key_is_not_ready(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", "another-key")
    with TestClient(application()) as api:
        assert api.get("/ready").status_code == 503


def test_a_rate_limit_leaves_it_ready(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    with TestClient(application(LootLocker(ready_for=0))) as api:
        emulator.faults.add(Fault.rate_limited("session_ping", retry_after=60))
        assert api.get("/ready").status_code == 200  # the ping is refused
        assert api.get("/ready").status_code == 200  # and the next one held back
        emulator.assert_received("session.ping", times=1)


def test_what_was_never_ready_is_not_made_so_by_a_limit(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    emulator.faults.add(Fault.rate_limited("leaderboards", retry_after=60))
    with TestClient(application()) as api:
        assert api.get("/boards/daily").status_code == 503
        assert api.get("/ready").status_code == 503
        emulator.assert_received("session.ping", times=0)


# -------------------------------------------------------------------------------------------------------------- several
def test_stage_and_live_live_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, live = (LootLocker(name, make=from_env(name)) for name in ("stage", "live"))

    async def both(request: Request) -> Response:
        boards = [await it.of(request).leaderboards.list().collect() for it in (stage, live)]
        return JSONResponse([board.key for found in boards for board in found])

    app = Starlette(
        routes=[Route("/", both), Route("/ready", readiness_endpoint(stage, live))],
        lifespan=lifespans(stage.lifespan, live.lifespan),
    )
    with running_emulator() as first, running_emulator(server_key="live-key") as second:
        for name, emulator in (("STAGE", first), ("LIVE", second)):
            emulator.game.board(f"board-of-{name}")
            monkeypatch.setenv(f"{name}_LOOTLOCKER_SERVER_KEY", emulator.server_key)
            monkeypatch.setenv(f"{name}_LOOTLOCKER_BASE_URL", emulator.base_url)
        with TestClient(app) as api:
            assert api.get("/").json() == ["board-of-STAGE", "board-of-LIVE"]
            second.faults.add(Fault.error("session_ping", status=500))
            answer = api.get("/ready")
            told = {"ready": False, "checks": {"stage": "ready", "live": "unavailable"}}
            assert (answer.status_code, answer.json()) == (503, told)


def from_env(name: str) -> Callable[[], LootLockerClient]:
    return lambda: LootLockerClient.from_env(f"{name.upper()}_LOOTLOCKER_", trust_env=False, retries=0)
