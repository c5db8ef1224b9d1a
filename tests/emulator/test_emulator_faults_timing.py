"""Latencies and pauses, which wait with a sleep that the tests bring along."""

from __future__ import annotations

from random import Random
from statistics import median
from typing import Any, cast

import pytest

from lootlocker_async.emulator import Emulator, Fault, FaultKind
from lootlocker_async.emulator.faults import Faults
from lootlocker_async.routes import SESSION_PING, all_routes


@pytest.fixture
def pauses():
    return []


@pytest.fixture
async def emulator(clock, pauses):
    async def sleep(seconds):
        pauses.append(seconds)
        clock.advance(seconds)

    async with Emulator(clock=clock, sleep=sleep) as emulator:
        yield emulator


async def test_a_slow_body_and_latency(api, emulator, pauses):
    emulator.faults.add(Fault.latency(seconds=3), Fault.slow_body(seconds=2), Fault.latency("GET", seconds=4))
    await api.ok("GET", "/ping")
    assert pauses == [7, *[2] * 8]
    assert emulator.record.received()[-1].fault == "slow_body"


async def test_latency_alone_is_on_record(api, emulator, pauses):
    emulator.faults.add(Fault.latency(seconds=1))
    await api.ok("GET", "/ping")
    assert emulator.record.received()[-1].fault == "latency"
    assert pauses == [1]


async def test_a_body_drips_in_as_many_pieces_as_wanted(api, emulator, pauses):
    emulator.faults.add(Fault.slow_body(seconds=5, pieces=3))
    await api.ok("GET", "/ping")
    assert pauses == [5, 5, 5]


async def test_a_latency_may_outlive_a_token(api, emulator):
    emulator.faults.add(Fault.latency("session_ping", seconds=3601, times=1))
    await api.refused("GET", "/ping", 401)


def delays(fault, seed=1, count=2000):
    faults = Faults(Random(seed), all_routes(), lambda operation: operation.partition("_")[0])
    faults.add(fault)
    return [faults.pick(SESSION_PING)[0] for _ in range(count)]


def test_a_uniform_latency():
    drawn = delays(Fault.uniform_latency(seconds=1, most=3))
    assert 1 <= min(drawn) < 1.1
    assert 2.9 < max(drawn) <= 3
    assert 1.9 < median(drawn) < 2.1


def test_a_lognormal_latency_has_its_median_and_a_long_tail():
    drawn = sorted(delays(Fault.heavy_tailed_latency(seconds=0.1, shape=1.5)))
    assert 0.08 < median(drawn) < 0.12
    assert drawn[-20] > 1


def test_a_pareto_latency_begins_at_its_least():
    drawn = sorted(delays(Fault.heavy_tailed_latency(seconds=0.1, shape=1.2, distribution="pareto")))
    assert 0.1 <= drawn[0] < 0.101
    assert drawn[-20] > 1


@pytest.mark.parametrize("distribution", ["lognormal", "pareto"])
def test_a_tail_is_cut(distribution):
    drawn = delays(Fault.heavy_tailed_latency(seconds=0.1, most=0.5, shape=1.5, distribution=distribution))
    assert max(drawn) == 0.5


def test_latencies_follow_the_seed():
    fault = Fault.heavy_tailed_latency(seconds=0.1)
    assert delays(fault, seed=5) == delays(fault, seed=5) != delays(fault, seed=6)


def test_a_fixed_latency_draws_nothing():
    random = Random(3)
    assert Fault.latency(seconds=2).delay(random) == 2
    assert random.random() == Random(3).random()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Fault.uniform_latency(seconds=2, most=1), "shorter"),
        (lambda: Fault.latency(seconds=-1), "seconds"),
        (lambda: Fault(kind=FaultKind.LATENCY, match="*", distribution="uniform"), "most"),
        (lambda: Fault(kind=FaultKind.LATENCY, match="*", distribution=cast("Any", "normal")), "distribution"),
        (lambda: Fault.heavy_tailed_latency(seconds=1, shape=0), "shape"),
        (lambda: Fault.slow_body(seconds=1, pieces=0), "pieces"),
        (lambda: Fault.error(status=42), "status"),
        (Fault.refuse_connections, "either"),
        (lambda: Fault.refuse_connections(seconds=1, connections=1), "either"),
        (lambda: Fault.refuse_connections(connections=0), "connections"),
    ],
)
def test_faults_that_make_no_sense(make, said):
    with pytest.raises(ValueError, match=said):
        make()
