"""The rate limit that clients find by running into it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Emulator, Fault, RateLimit
from lootlocker_async.emulator.rate_limit import Limiter


class Time:
    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def now():
    return Time()


def make(now, **settings):
    return Limiter(RateLimit(clock="emulator", **settings), now)


def taken(limiter, section="a", most=100):
    count = 0
    while count < most and not limiter.wait(section):
        count += 1
    return count


def test_a_bucket_begins_full_and_fills_at_its_rate(now):
    limiter = make(now, per_second=10, burst=5)
    assert taken(limiter) == 5
    assert limiter.wait("a") == pytest.approx(0.1)
    now.seconds += 0.1
    assert taken(limiter) == 1
    now.seconds += 60
    assert taken(limiter) == 5


def test_what_is_let_through_over_time_is_the_rate(now):
    limiter = make(now, per_second=50, burst=5)
    count = 0
    for _ in range(1000):
        count += not limiter.wait("a")
        now.seconds += 0.01
    assert 500 <= count <= 506


def test_a_wait_is_long_enough(now):
    limiter = make(now, per_second=3, burst=2)
    for _ in range(200):
        now.seconds += limiter.wait("a")
    assert taken(limiter) <= 1
    now.seconds += limiter.wait("a")
    assert limiter.wait("a") == 0


def test_sections_have_buckets_of_their_own(now):
    limiter = make(now, per_second=1, burst=2, per="section")
    assert [taken(limiter, section) for section in ("a", "b", "a")] == [2, 2, 0]
    together = make(now, per_second=1, burst=2)
    assert [taken(together, section) for section in ("a", "b")] == [2, 0]


def test_a_change_keeps_what_the_buckets_hold(now):
    limiter = make(now, per_second=10, burst=10)
    assert taken(limiter, most=6) == 6
    now.seconds += 0.1  # at the old rate: five are left
    assert limiter.limit is not None
    limiter.limit = limiter.limit.scaled(0.5)
    assert limiter.limit.per_second == 5
    assert taken(limiter) == 5
    assert limiter.wait("a") == pytest.approx(0.2)
    now.seconds += 1
    limiter.limit = RateLimit(per_second=20, burst=2, clock="emulator")
    assert taken(limiter) == 2


def test_another_kind_of_limit_begins_anew(now):
    limiter = make(now, per_second=1, burst=3)
    assert taken(limiter) == 3
    limiter.limit = RateLimit(per_second=1, burst=3, clock="emulator", per="section")
    assert taken(limiter) == 3
    limiter.limit = None
    assert taken(limiter) == 100


def test_real_time_is_another_clock():
    emulators, real = Time(), Time()
    limiter = Limiter(RateLimit(per_second=1), emulators, real)
    assert taken(limiter) == 1
    emulators.seconds += 10
    assert taken(limiter) == 0
    real.seconds += 1
    assert taken(limiter) == 1


@pytest.mark.parametrize(
    ("retry_after", "seconds", "header"),
    [
        ("ceil", 0.02, "1"), ("ceil", 1.0, "1"), ("ceil", 1.000000001, "1"), ("ceil", 1.2, "2"),
        ("exact", 0.02, "0.02"), ("exact", 2.0, "2"), ("exact", 1 / 3, "0.333334"), (None, 5.0, None),
    ],
)  # fmt: skip
def test_what_retry_after_says(retry_after, seconds, header):
    assert RateLimit(per_second=1, retry_after=retry_after).header(seconds) == header


@pytest.mark.parametrize(
    "wrong",
    [{"per_second": 0}, {"burst": 0}, {"retry_after": "floor"}, {"per": "verb"}, {"clock": "wall"}],
)
def test_limits_that_make_no_sense(wrong: dict[str, Any]):
    settings: dict[str, Any] = {"per_second": 1, **wrong}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RateLimit(**settings)


@pytest.fixture
async def emulator(clock):
    async with Emulator(clock=clock, rate_limit=RateLimit(per_second=2, burst=3, clock="emulator")) as emulator:
        emulator.world.add_leaderboard("board")
        yield emulator


AMOUNT = {"member_id": "a", "amount": 1}


async def test_a_call_too_many_is_refused_and_on_record(api, emulator, clock):
    replies = [await api("POST", "/leaderboards/board/increment", json=AMOUNT) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 429, 429]  # the login took one
    assert replies[-1].headers["Retry-After"] == "1"
    assert replies[-1].document["code"] == "rate_limited"
    refused = emulator.record.rate_limited("leaderboards_increment_score")
    assert [(call.status, call.executed, call.fault) for call in refused] == [(429, False, None)] * 2
    assert emulator.world.score("board", "a") == 2
    clock.advance(1)
    await api.ok("GET", "/ping")


async def test_the_limit_can_be_changed_and_lifted(api, emulator, clock):
    clock.advance(10)
    emulator.rate_limit = emulator.rate_limit.scaled(0.5)
    assert emulator.rate_limit == RateLimit(per_second=1, burst=3, clock="emulator")
    for _ in range(3):
        await api.ok("GET", "/ping")
    clock.advance(0.5)
    await api.refused("GET", "/ping", 429)
    emulator.rate_limit = None
    for _ in range(10):
        await api.ok("GET", "/ping")


async def test_the_limit_stands_before_the_faults(api, emulator):
    emulator.faults.add(Fault.error("session_ping", status=503, times=3))
    statuses = [(await api("GET", "/ping")).status for _ in range(4)]
    assert statuses == [503, 503, 429, 429]
    assert len(emulator.faults.active) == 1


async def test_a_client_gets_through_a_limit(clock):
    async def advance():
        while True:
            clock.advance(0.001)
            await asyncio.sleep(0)

    limit = RateLimit(per_second=200, burst=4, retry_after=None, clock="emulator")
    async with (
        Emulator(clock=clock, rate_limit=limit) as emulator,
        LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client,
    ):
        emulator.world.add_leaderboard("board")
        moving = asyncio.create_task(advance())
        await asyncio.gather(
            *[client.leaderboards.increment_score("board", member_id="a", amount=1) for _ in range(12)]
        )
        moving.cancel()
        assert emulator.world.score("board", "a") == 12
        assert emulator.record.rate_limited()
