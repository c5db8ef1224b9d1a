"""The client's own conveniences: traces, observers, drift, preload, views and the escape hatch."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import (
    ClientConfig,
    ConfigurationError,
    InvalidRequestError,
    LootLockerClient,
    NotFoundError,
    ServerError,
)
from lootlocker_async.core.observers import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    Drift,
    GateClosed,
    LoggedIn,
    PaceChanged,
    RetryPlanned,
    Waited,
)
from lootlocker_async.emulator import Emulator, Fault
from lootlocker_async.models.session import SessionPing
from tests.integration.helpers import BOARD, Events, check_idle, client_of, pool_of
from tests.integration.raw import RawServer, Request, Wire

Make = Callable[..., LootLockerClient]


async def test_a_trace_holds_the_calls_of_its_context(emulator: Emulator, make: Make) -> None:
    client, other = make(), make()
    await asyncio.gather(client.session.ping(), other.session.ping())
    emulator.faults.add(Fault.error("leaderboards_get", status=503, times=1))
    with client.trace() as calls:
        await client.leaderboards.get(BOARD)
        with client.trace() as inner, pytest.raises(NotFoundError):
            await client.leaderboards.get("nowhere")
        await other.session.ping()
        await asyncio.create_task(client.session.ping())
    await client.session.ping()
    assert [(call.operation, call.status, call.outcome, len(call.attempts)) for call in calls] == [
        ("leaderboards_get", 200, "ok", 2),
        ("leaderboards_get", 404, "NotFoundError", 1),
        ("session_ping", 200, "ok", 1),
    ]
    assert [call.path for call in inner] == ["/leaderboards/nowhere"]
    first = calls[0]
    assert first.headers["x-request-id"] == first.request_id
    assert first.headers["x-trace-id"] == first.trace_id
    assert first.seconds >= sum(attempt.seconds for attempt in first.attempts)
    assert [attempt.status for attempt in first.attempts] == [503, 200]


async def test_observers_are_told_in_order(emulator: Emulator, make: Make) -> None:
    events = Events()
    client = make()
    client.observe(events)
    emulator.faults.add(Fault.rate_limited("leaderboards_get", retry_after=0, times=1))
    await client.leaderboards.get(BOARD)
    # The repeat may have to wait for the pace that was learned, or come after it.
    kinds = [type(event) for _, event in events.all if not isinstance(event, Drift | Waited)]
    assert kinds == [
        CallStarted,
        CallStarted,
        AttemptStarted,
        AttemptEnded,
        CallEnded,
        LoggedIn,
        AttemptStarted,
        PaceChanged,
        AttemptEnded,
        RetryPlanned,
        AttemptStarted,
        AttemptEnded,
        CallEnded,
    ]
    assert [event.attempt.status for event in events.of(AttemptEnded)] == [200, 429, 200]
    assert [event.number for event in events.of(AttemptStarted)] == [1, 1, 2]
    assert {event.reason for event in events.of(Waited)} >= {"login"}
    assert not events.of(GateClosed), "a pause of no seconds closes nothing"
    client.stop_observing(events)
    events.all.clear()
    await client.session.ping()
    assert not events.all


async def test_an_observer_that_raises_breaks_no_call_and_is_logged(
    emulator: Emulator, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    events = Events()

    def broken(_: object) -> None:
        raise ZeroDivisionError("in the observer")

    client = make(observers=(broken, events))
    emulator.faults.add(Fault.error("session_ping", status=500, times=1))
    assert (await client.session.ping()).pong
    assert len(events.of(AttemptEnded)) == 3, "those after it are told as well"
    logged = [record for record in caplog.records if record.exc_info and record.exc_info[0] is ZeroDivisionError]
    assert len(logged) == len(events.all)
    assert {record.name for record in logged} == {"lootlocker_async"}
    check_idle(client)


async def test_drift_is_counted_and_breaks_nothing() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({"pong": "now", "surprise": 1, "more": {}})

    events = Events()
    async with RawServer(respond) as server, client_of(server, drift="always", observers=(events,)) as client:
        for _ in range(3):
            assert (await client.session.ping()).pong == "now"
        told = {(drift.kind, drift.found): count for drift, count in client.drift.items()}
        assert told == {("unknown", "surprise"): 3, ("unknown", "more"): 3}
        assert len(events.of(Drift)) == 2
        assert {drift.operation for drift in client.drift} == {"session_ping"}
    async with RawServer(respond) as server, client_of(server, drift="never") as client:
        await client.session.ping()
        assert not client.drift


async def test_the_emulator_does_not_drift(emulator: Emulator, make: Make) -> None:
    client = make(drift="always")
    await client.leaderboards.get(BOARD)
    await client.leaderboards.submit_score(BOARD, member_id="ann", score=500)
    await client.leaderboards.list_scores(BOARD).collect()
    await client.players.create(platform="guest", player_identifier="x")
    assert not client.drift


async def test_preload_opens_the_pool_and_logs_in(emulator: Emulator, make: Make) -> None:
    client = make()
    await client.preload()
    assert emulator.logins == 1
    assert pool_of(client).transport._session is not None
    await client.preload()
    await client.session.ping()
    assert emulator.logins == 1
    lazy = make()
    await lazy.preload(login=False)
    assert emulator.logins == 1


async def test_preload_opens_connections_for_a_burst(emulator: Emulator, make: Make) -> None:
    client = make(max_connections=6)
    await client.preload(connections=5)
    assert emulator.logins == 1
    assert len(emulator.record.received("session_ping")) == 5
    connector: Any = pool_of(client).transport._session.connector  # type: ignore[union-attr]
    assert sum(map(len, connector._conns.values())) == 5


async def test_preload_tells_of_a_ping_that_failed(emulator: Emulator, make: Make) -> None:
    client = make(retries=0)
    emulator.faults.add(Fault.error("session_ping", status=500))
    with pytest.raises(ServerError) as told:
        await client.preload(connections=3)
    assert told.value.__cause__ is None


@pytest.mark.parametrize("connections", [-1, 65, True, 1.0, "2"])
async def test_preload_refuses_what_is_no_number_of_connections(
    connections: Any, emulator: Emulator, make: Make
) -> None:
    with pytest.raises(InvalidRequestError, match="connections should be a whole number from 0 to 64"):
        await make().preload(connections=connections)
    assert emulator.logins == 0


async def test_views_have_their_own_times_and_repeats(emulator: Emulator, make: Make) -> None:
    client = make(retries=0)
    emulator.faults.add(Fault.error("leaderboards_get", status=500, times=3))
    with pytest.raises(ServerError):
        await client.leaderboards.get(BOARD)
    stubborn = client.with_options(retries=5)
    assert (await stubborn.leaderboards.get(BOARD)).key == BOARD
    assert len(emulator.record.received("leaderboards_get")) == 4
    assert stubborn.with_options(timeout=3)._caller.options.retries == 5
    for wrong in ({"timeout": 0}, {"retries": -1}, {"attempt_timeout": float("nan")}):
        with pytest.raises(ConfigurationError):
            client.with_options(**wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        client.with_options(speed=3)  # type: ignore[call-arg]


async def test_the_escape_hatch_makes_calls_like_any_other(emulator: Emulator, client: LootLockerClient) -> None:
    found = await client.request("GET", "/leaderboards", params={"count": 1, "after": None})
    assert found["items"][0]["key"] == BOARD
    assert emulator.record.received("leaderboards_list")[0].query == "count=1"
    pong = await client.request("GET", "/ping", into=SessionPing)
    assert pong.pong
    entry = await client.request("POST", f"/leaderboards/{BOARD}/submit", json={"member_id": "ann", "score": 7})
    assert entry["member_id"] == "ann"
    assert await client.request("DELETE", f"/leaderboards/{BOARD}") is None
    with pytest.raises(NotFoundError):
        await client.request("GET", "/no/such/thing")
    emulator.expire_tokens()
    await client.request("GET", "/ping")
    assert emulator.logins == 2


async def test_the_escape_hatch_writes_queries_as_the_service_reads_them() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer([1])

    async with RawServer(respond) as server, client_of(server) as client:
        assert await client.request(
            "GET", "/x/y z", params={"a": ["1", "b c"], "flag": True, "n": 1.5, "none": None}
        ) == [1]
        assert server.seen()[0].target == "/server/x/y%20z?a=1&a=b+c&flag=true&n=1.5"


async def test_a_client_of_environment_variables(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", emulator.server_key)
    monkeypatch.setenv("LOOTLOCKER_BASE_URL", emulator.base_url)
    monkeypatch.setenv("LOOTLOCKER_RETRIES", "7")
    async with LootLockerClient.from_env() as client:
        assert (await client.session.ping()).pong
        assert client.config.retries == 7
    with pytest.raises(ConfigurationError, match="not both"):
        LootLockerClient("key", config=ClientConfig(server_key="key"))
    monkeypatch.delenv("LOOTLOCKER_SERVER_KEY")
    with pytest.raises(ConfigurationError, match="LOOTLOCKER_SERVER_KEY is not set"):
        LootLockerClient.from_env()


def test_sections_load_when_they_are_first_touched() -> None:
    program = """
import sys
from lootlocker_async import LootLockerClient
client = LootLockerClient("key")
assert "lootlocker_async.services.leaderboards" not in sys.modules
client.leaderboards
assert "lootlocker_async.services.leaderboards" in sys.modules
assert client.leaderboards is client.leaderboards
"""
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stderr, ended.returncode) == ("", 0)
