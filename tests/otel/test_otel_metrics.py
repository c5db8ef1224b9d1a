"""What is measured and counted, and with which attributes."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest
from opentelemetry.sdk.metrics.export import HistogramDataPoint

from lootlocker_async import AuthenticationError, LootLockerClient, NotFoundError, OutcomeUnknownError
from lootlocker_async.core.observers import GateClosed, PageAhead, Waited
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, Events, until
from tests.otel.sink import Sink

Make = Callable[..., LootLockerClient]
OPERATION = "lootlocker.operation"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


async def test_durations_and_what_they_are_told_apart_by(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    emulator.faults.add(Fault.drop_before_execute("leaderboards_get", times=1))
    await client.leaderboards.get(BOARD)
    with pytest.raises(NotFoundError):
        await client.leaderboards.get("nowhere")
    name = "http.client.request.duration"
    assert sink.counted(name, OPERATION, "http.response.status_code", "error.type") == {
        ("session_start", 200, None): 1,
        ("leaderboards_get", None, "ConnectionLostError"): 1,
        ("leaderboards_get", 200, None): 1,
        ("leaderboards_get", 404, "404"): 1,
    }
    for point in sink.points(name):
        assert isinstance(point, HistogramDataPoint)
        assert tuple(point.explicit_bounds) == BOUNDS
        assert 0 < point.sum < 60
        assert set(point.attributes or {}) <= {
            *(OPERATION, "http.request.method", "http.response.status_code", "error.type"),
            *("url.template", "server.address", "server.port", "network.protocol.version"),
        }
    (metric,) = (metric for metric in sink.metrics() if metric.name == name)
    assert metric.unit == "s"
    assert sink.counted("lootlocker.client.attempts", OPERATION) == {"session_start": 1, "leaderboards_get": 3}
    assert sink.counted("lootlocker.client.call.duration", OPERATION, "lootlocker.outcome") == {
        ("session_start", "ok"): 1,
        ("leaderboards_get", "ok"): 1,
        ("leaderboards_get", "NotFoundError"): 1,
    }


async def test_retries_pauses_and_waits(emulator: Emulator, make: Make, sink: Sink) -> None:
    events = Events()
    client = make(max_in_flight=1, adaptive_pacing=False)
    sink.instrument(client)
    client.observe(events)
    emulator.faults.add(Fault.rate_limited("leaderboards_get", retry_after=1, times=1))
    emulator.faults.add(Fault.error("session_ping", status=500, times=1))
    await asyncio.gather(client.leaderboards.get(BOARD), client.leaderboards.get(BOARD), client.session.ping())
    assert sink.counted("lootlocker.client.retries", OPERATION, "lootlocker.retry.reason") == {
        ("leaderboards_get", "RateLimitedError"): 1,
        ("session_ping", "ServerError"): 1,
    }
    assert sink.counted("lootlocker.client.pauses") == {(): 1}
    assert len(events.of(GateClosed)) == 1
    waited = sink.counted("lootlocker.client.wait.duration", "lootlocker.wait.reason")
    assert waited["login"] == 3
    assert waited["retry"] == 2
    assert waited.keys() == {"login", "in_flight", "gate", "retry"}
    assert sum(waited.values()) == len(events.of(Waited)) + 2
    assert all(event.seconds >= 0 for event in events.of(Waited))


async def test_the_pace_is_waited_for(make: Make, sink: Sink) -> None:
    client = make(calls_per_second=50)
    sink.instrument(client)
    await asyncio.gather(*(client.session.ping() for _ in range(4)))
    assert sink.counted("lootlocker.client.wait.duration", "lootlocker.wait.reason")["pace"] >= 3


class Turnstile:
    """A limiter of the user's own that lets one in at a time."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    def enter_now(self) -> bool:
        return False

    async def enter(self) -> None:
        await self._lock.acquire()

    def leave(self, status: int | None, retry_after: float | None) -> None:
        self._lock.release()


async def test_a_limiter_of_ones_own_is_waited_for(make: Make, sink: Sink) -> None:
    client = make(limiter=Turnstile)
    sink.instrument(client)
    await client.session.ping()
    assert sink.counted("lootlocker.client.wait.duration", "lootlocker.wait.reason") == {"login": 1, "limiter": 2}


async def test_logins(emulator: Emulator, make: Make, sink: Sink) -> None:
    client, wrong = make(), make(server_key="dev_wrong_key")
    sink.instrument(client)
    sink.instrument(wrong)
    await client.session.ping()
    emulator.expire_tokens()
    await client.session.ping()
    with pytest.raises(AuthenticationError):
        await wrong.session.ping()
    assert sink.counted("lootlocker.client.logins", "lootlocker.outcome") == {"ok": 2, "AuthenticationError": 1}
    assert sink.counted("lootlocker.client.retries", "lootlocker.retry.reason") == {"AuthenticationError": 1}


async def test_an_unknown_outcome_is_counted(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    with pytest.raises(OutcomeUnknownError):
        await client.leaderboards.increment_score(BOARD, member_id="team-7", amount=5)
    assert sink.counted("lootlocker.client.outcomes.unknown", OPERATION) == {"leaderboards_increment_score": 1}


# ------------------------------------------------------------------------------------------------------- pages ahead
PAGES = "lootlocker.client.pages_ahead"
LIST = "leaderboards_list_scores"


async def test_pages_that_are_all_used(make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    assert len(await client.leaderboards.list_scores(BOARD, page_size=10).collect()) == 60
    assert sink.counted(PAGES, OPERATION, "lootlocker.page.fate") == {(LIST, "used"): 5}
    await client.leaderboards.list_scores(BOARD, page_size=10, look_ahead=0).collect()
    await client.leaderboards.list_scores(BOARD, page_size=10)
    assert sink.counted(PAGES, OPERATION, "lootlocker.page.fate") == {(LIST, "used"): 5}, "nothing ahead"


async def test_pages_that_nobody_wants(emulator: Emulator, make: Make, sink: Sink) -> None:
    events = Events()
    client = make()
    sink.instrument(client)
    client.observe(events)
    walk = aiter(client.leaderboards.list_scores(BOARD, page_size=10, concurrency=4))
    await anext(walk)
    pages = sink.named  # the first page, and the four behind it
    await until(lambda: len(pages(LIST)) == 5)
    await walk.aclose()
    await until(lambda: events.of(PageAhead))
    assert sink.counted(PAGES, "lootlocker.page.fate") == {"unused": 4}


async def test_a_page_that_is_recalled(emulator: Emulator, make: Make, sink: Sink) -> None:
    events = Events()
    client = make()
    sink.instrument(client)
    client.observe(events)
    async for _ in client.leaderboards.list_scores(BOARD, page_size=10):
        emulator.faults.add(Fault.latency(LIST, seconds=30))
        await until(lambda: len(emulator.record) == 3)
        break
    gc.collect()
    await until(lambda: events.of(PageAhead))
    assert sink.counted(PAGES, "lootlocker.page.fate") == {"recalled": 1}
    await until(lambda: len(sink.named(LIST)) == 2)


async def test_a_walk_that_nobody_observes_tells_nothing(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    walk = aiter(client.leaderboards.list_scores(BOARD, page_size=10))
    await anext(walk)
    await until(lambda: len(emulator.record) == 3)
    await walk.aclose()
    sink.instrument(client)
    await client.session.ping()
    assert not sink.points(PAGES)


# ------------------------------------------------------------------------------------------------------- cardinality
async def test_no_attribute_of_a_metric_grows_with_the_players(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make(max_in_flight=8)
    sink.instrument(client)
    await asyncio.gather(
        *(client.leaderboards.submit_score(BOARD, member_id=f"player-{number}", score=number) for number in range(40))
    )
    names = {metric.name for metric in sink.metrics()}
    assert "http.client.request.duration" in names
    for name in names:
        assert len(sink.points(name)) <= 3, name
        assert "player-" not in repr([point.attributes for point in sink.points(name)])
