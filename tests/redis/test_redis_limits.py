"""One budget and one pause for all clients of a key; and what happens without Redis."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lootlocker_async import ClientConfig, LootLockerClient, RateLimitedError, RequestTimeoutError
from lootlocker_async.core.limits import Gate, SharedLimiter
from lootlocker_async.core.observers import GateClosed
from lootlocker_async.emulator import Emulator, Fault, RateLimit
from lootlocker_async.integrations.redis import SharedState, limiter
from tests.integration.helpers import Events, settle, until
from tests.redis.conftest import Make, Share
from tests.redis.servers import Server, mute

PACE = 60.0
SLACK = 30
"""Calls by which the network and a loaded machine may bring a bunch together."""


def arrivals(emulator: Emulator) -> list[float]:
    return [call.received_at.timestamp() for call in emulator.record]


def check_pace(moments: list[float], pace: float, most_at_once: int = 1 + SLACK) -> None:
    """Fail where in any stretch of time there were more calls than a bucket would let through."""
    tokens, at = float(most_at_once), moments[0]
    for moment in moments:
        tokens, at = min(most_at_once, tokens + (moment - at) * pace) - 1, moment
        assert tokens > -1e-6, f"too many calls around {moment - moments[0]:.2f} s"


async def ping(client: LootLockerClient, times: int) -> None:
    for _ in range(times):
        await client.session.ping()


async def ping_all(clients: list[LootLockerClient], times: int, tasks: int = 1) -> float:
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(ping(client, times) for client in clients for _ in range(tasks)))
    return asyncio.get_running_loop().time() - began


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    caplog.set_level(logging.INFO, "lootlocker_async")
    told: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "Redis" in record.getMessage():
                told.append(record.getMessage())

    handler = Keep()
    logging.getLogger("lootlocker_async").addHandler(handler)
    yield told
    logging.getLogger("lootlocker_async").removeHandler(handler)


# --------------------------------------------------------------------------------------------------------- the budget
async def test_many_clients_stay_under_one_budget(make: Make) -> None:
    async with Emulator(rate_limit=RateLimit(per_second=PACE, burst=1 + SLACK)) as emulator:
        clients = [make(base_url=emulator.base_url, calls_per_second=PACE) for _ in range(4)]
        seconds = await ping_all(clients, 10, tasks=3)
        assert not emulator.record.rate_limited()
        assert emulator.logins == 1
        assert len(emulator.record) == 121
        check_pace(arrivals(emulator), PACE)
        assert seconds > 118 / PACE


async def test_a_busy_client_leaves_room_for_the_others(emulator: Emulator, make: Make) -> None:
    busy, other = (make(calls_per_second=PACE) for _ in range(2))
    crowd = [asyncio.create_task(busy.session.ping()) for _ in range(150)]
    await until(lambda: len(emulator.record) > 20)
    await ping(other, 5)
    assert sum(not task.done() for task in crowd) > 20, "it needn't wait until all of them are through"
    await asyncio.gather(*crowd)


async def test_a_burst_goes_out_at_once_after_a_lull(server: Server, make: Make, kept: Any) -> None:
    client = make(SharedState(url=server.url, timeout=20, burst=5), calls_per_second=0.5)
    await client.session.ping()
    (name,) = kept.keys("*:budget")
    kept.set(name, int((time.time() - 100) * 1e6))
    assert await ping_all([client], 1, tasks=5) < 6, "five calls take 8 s without a burst"
    assert await ping_all([client], 1) > 1


async def test_without_a_budget_calls_go_out_as_they_come(emulator: Emulator, make: Make) -> None:
    clients = [make(max_in_flight=4) for _ in range(2)]
    await ping_all(clients, 5, tasks=8)
    assert len(emulator.record) == 81


async def test_a_moment_that_was_missed_is_asked_for_anew(emulator: Emulator, make: Make) -> None:
    client = make(calls_per_second=20.0)
    await client.session.ping()
    calls = [asyncio.create_task(client.session.ping()) for _ in range(6)]
    for _ in range(3):
        await asyncio.sleep(0.03)
        time.sleep(0.2)  # noqa: ASYNC251  (the loop stands still, and its moments pass)
    await asyncio.gather(*calls)
    assert len(emulator.record) == 8


async def test_a_clock_that_goes_back_holds_nobody_up(emulator: Emulator, make: Make, kept: Any) -> None:
    client = make(calls_per_second=1000.0)
    await client.session.ping()
    (name,) = kept.keys("*:budget")
    kept.set(name, int((time.time() + 3600) * 1e6))
    (workers,) = kept.keys("*:workers")
    kept.zadd(workers, {"somebody": (time.time() + 3600) * 1e6})
    await client.session.ping()
    assert float(kept.get(name)) / 1e6 < time.time() + 60
    assert kept.zcard(workers) == 1


# ----------------------------------------------------------------------------------------------------------- the pause
@pytest.mark.parametrize("pace", [None, 200.0])
async def test_a_pause_that_one_was_asked_for_holds_all_back(
    emulator: Emulator, make: Make, pace: float | None
) -> None:
    events = Events()
    one = make(calls_per_second=pace, adaptive_pacing=False)
    two = make(calls_per_second=pace, observers=(events,))
    await asyncio.gather(ping(one, 2), ping(two, 2))
    emulator.faults.add(Fault.rate_limited("leaderboards_list", retry_after=1, times=1))
    call = asyncio.create_task(one.leaderboards.list().collect())
    await until(lambda: events.of(GateClosed))
    before = len(emulator.record)
    with pytest.raises(RequestTimeoutError, match="asked for a pause"):
        await two.with_options(timeout=0.3).session.ping()
    await two.session.ping()
    await call
    refused = next(call for call in emulator.record if call.status == 429)
    later = [arrived for arrived in arrivals(emulator)[before:] if arrived > refused.received_at.timestamp()]
    assert min(later) - refused.received_at.timestamp() > 0.95
    assert len(events.of(GateClosed)) == 1


async def test_who_waits_for_a_moment_hears_of_the_pause(emulator: Emulator, make: Make) -> None:
    one, two = (make(calls_per_second=2.0, adaptive_pacing=False) for _ in range(2))
    await asyncio.gather(ping(one, 1), ping(two, 1))
    waiting = [asyncio.create_task(two.with_options(timeout=20).session.ping()) for _ in range(8)]
    emulator.faults.add(Fault.rate_limited("leaderboards_list", retry_after=60, times=1))
    with pytest.raises(RateLimitedError):
        await one.leaderboards.list()
    began = time.monotonic()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert any(isinstance(outcome, RequestTimeoutError) for outcome in outcomes)
    assert time.monotonic() - began < 10, "nobody waits for what will be too late"


async def test_who_comes_during_a_pause_keeps_it(emulator: Emulator, make: Make) -> None:
    one = make()
    await one.session.ping()
    emulator.faults.add(Fault.rate_limited("session_ping", retry_after=2, times=1))
    call = asyncio.create_task(one.session.ping())
    await until(lambda: any(call.status == 429 for call in emulator.record))
    events = Events()
    two = make(observers=(events,))
    await two.session.ping()
    await call
    assert events.of(GateClosed)


async def test_a_message_of_others_is_no_pause(emulator: Emulator, make: Make, kept: Any) -> None:
    events = Events()
    client = make(observers=(events,))
    await client.session.ping()
    await until(lambda: kept.keys("*:workers"))
    (workers,) = kept.keys("*:workers")
    channel = workers.decode().replace(":workers", ":pause")
    for message in (b"", b"hello", b"abc -5", b"abc 1e9", b"\xff 5", b"abc 400000"):
        await until(lambda message=message: kept.publish(channel, message))
    await until(lambda: events.of(GateClosed))
    assert [round(event.seconds, 2) for event in events.of(GateClosed)] == [0.4]


# ------------------------------------------------------------------------------------------------------ coming, going
async def test_a_worker_says_goodbye(make: Make, kept: Any) -> None:
    one, two = make(), make()
    await asyncio.gather(ping(one, 1), ping(two, 1))
    await until(lambda: kept.keys("*:workers"))
    (workers,) = kept.keys("*:workers")
    await until(lambda: kept.zcard(workers) == 2)
    await one.close()
    assert kept.zcard(workers) == 1
    await two.close()
    assert not kept.exists(workers)


async def test_every_loop_has_a_connection_of_its_own(emulator: Emulator, make: Make, kept: Any) -> None:
    client = make(calls_per_second=500.0)
    await client.session.ping()

    async def elsewhere() -> int:
        await ping(client, 3)
        return int(kept.zcard(kept.keys("*:workers")[0]))

    # Its loop ends without a word to the client.
    assert await asyncio.to_thread(lambda: asyncio.run(elsewhere())) == 2
    assert threading.active_count() < 50
    assert kept.zcard(kept.keys("*:workers")[0]) == 1
    await client.session.ping()
    assert emulator.logins == 1


async def test_settings_that_travelled_are_as_good(emulator: Emulator, server: Server, monkeypatch: Any) -> None:
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", emulator.server_key)
    monkeypatch.setenv("LOOTLOCKER_REDIS_URL", server.url)
    config = ClientConfig(
        server_key_env="LOOTLOCKER_SERVER_KEY", base_url=emulator.base_url, trust_env=False, calls_per_second=100.0
    )
    config = SharedState(timeout=20, burst=3, workers=7).share(config)
    data = pickle.dumps(config)
    assert emulator.server_key.encode() not in data
    assert server.url.encode() not in data
    there = pickle.loads(data)
    assert repr(there) == repr(config)
    async with LootLockerClient(config=config) as one, LootLockerClient(config=there) as two:
        await ping_all([one, two], 3)
    assert emulator.logins == 1


# ------------------------------------------------------------------------------------------------------ Redis is away
async def test_without_redis_a_client_has_its_share(emulator: Emulator, server: Server, make: Make, log: Any) -> None:
    await asyncio.to_thread(server.stop)
    client = make(SharedState(url=server.url, workers=4), calls_per_second=80.0)
    assert await ping_all([client], 5, tasks=4) > 18 / 20
    check_pace(arrivals(emulator), 20.0, 1 + 10)
    assert len(log) == 1
    assert "Redis is away (ConnectionError" in log[0]


async def test_redis_goes_and_comes_back(
    emulator: Emulator, server: Server, make: Make, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "_settling", lambda timeout: 0.5)
    state = SharedState(url=server.url, timeout=20)
    clients = [make(state, calls_per_second=PACE) for _ in range(3)]
    going = True

    async def go_on(client: LootLockerClient) -> None:
        while going:
            await client.session.ping()

    tasks = [asyncio.create_task(go_on(client)) for client in clients for _ in range(4)]
    # Everybody has to know of everybody before Redis goes.
    await asyncio.sleep(1.5)
    await asyncio.to_thread(server.stop)
    await until(lambda: log)
    await asyncio.sleep(1.0)
    assert len(log) == 1, "three clients of one state are one process"
    await asyncio.to_thread(server.start)
    await until(lambda: len(log) == 2)
    before = len(emulator.record)
    await until(lambda: len(emulator.record) - before > PACE)
    going = False
    await asyncio.gather(*tasks)
    check_pace(arrivals(emulator), PACE)
    assert emulator.logins == 1
    assert "Redis is back" in log[1]


async def test_a_redis_that_hangs_is_away(emulator: Emulator, make: Make, log: Any) -> None:
    with mute() as url:
        client = make(SharedState(url=url, timeout=0.2), calls_per_second=100.0)
        await ping_all([client], 5, tasks=2)
        assert "no answer in 0.2 s" in log[0]
        await client.close()


async def test_a_redis_that_refuses_is_away(emulator: Emulator, make: Make, kept: Any, log: Any) -> None:
    one = make(calls_per_second=1000.0)
    await one.session.ping()
    for name in kept.keys("*"):
        kept.delete(name)
        kept.lpush(name, "another kind of value")
    two = make(calls_per_second=1000.0)
    await ping(two, 3)
    assert emulator.logins == 2
    assert "ResponseError" in log[0]


async def test_without_redis_and_budget_nothing_is_slower(emulator: Emulator, server: Server, make: Make) -> None:
    await asyncio.to_thread(server.stop)
    client = make()
    await ping_all([client], 20, tasks=8)
    assert len(emulator.record) == 161


async def test_a_url_that_cannot_be_had_is_as_good_as_none(emulator: Emulator, make: Make, log: Any) -> None:
    urls = iter(["redis://127.0.0.1:1"])
    client = make(SharedState(url=lambda: next(urls)))
    await ping(client, 2)
    assert "StopIteration" in log[0]
    assert len(log) == 1


async def test_the_local_cap_and_the_learned_pace_stay(make: Make, share: Share) -> None:
    async with Emulator(rate_limit=RateLimit(per_second=30, burst=3, retry_after="exact")) as emulator:
        client = make(base_url=emulator.base_url, calls_per_second=200.0, max_in_flight=2)
        await ping_all([client], 10, tasks=4)
        limits: Any = client._caller.manager._pools[asyncio.get_running_loop()].limiter
        assert limits._pacer is not None
        assert limits._free == 2


@pytest.mark.parametrize("there", [True, False])
async def test_it_can_be_closed_at_any_moment(server: Server, share: Share, there: bool) -> None:
    make_limiter = share(SharedState(url=server.url if there else "unix:///nowhere/redis.sock")).limiter
    assert make_limiter is not None
    for turns in range(0, 60, 1 if not there else 4):
        limits = make_limiter()
        assert isinstance(limits, SharedLimiter)
        limits.start(Gate(lambda _: None, lambda: None))
        await settle(turns)
        async with asyncio.timeout(20):
            await limits.close()
