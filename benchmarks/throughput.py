"""How many calls a client makes in a second with 32 of them in flight, on one core; the server has another."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Iterator
from typing import Final

from benchmarks import call, harness, peers

IN_FLIGHT: Final = 32

_CALLS: Final = {
    harness.OURS: 2_000,
    peers.BY_HAND: 2_000,
    peers.FLOOR: 4_000,
    peers.NIQUESTS: 500,
    peers.HTTPX: 400,
    peers.GENERATED: 300,
}


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, share = (2, 10) if quick else (5, 1)
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(harness.canned_server())
        harness.pin(0)
        sides = {
            name: _round(stack.enter_context(peers.Workplace(name, base, IN_FLIGHT)), calls // share)
            for name, calls in _CALLS.items()
        }
        return harness.in_turns(sides, rounds)


def _round(place: peers.Workplace, calls: int) -> harness.Measure:
    numbers = itertools.count(1)

    def measure() -> float:
        seconds: float = place.run(many(place.peer, itertools.islice(numbers, calls), IN_FLIGHT))
        return seconds / calls

    return measure


async def many(peer: peers.Peer, numbers: Iterator[int], width: int) -> float:
    """The seconds that some calls take by so many workers."""

    async def work() -> None:
        for number in numbers:
            await call.submit(peer, number)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as workers:
        for _ in range(width):
            workers.create_task(work())
    return time.perf_counter() - began


def _row(name: str, against: str, times: float, *beside: str) -> harness.Row:
    title = f"calls a second with {IN_FLIGHT} in flight, against {against}"
    return harness.Row(name, title, harness.Goal("at least", times), against, beside=beside)


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            _row("throughput-httpx", peers.HTTPX, 10, peers.FLOOR, peers.BY_HAND, peers.GENERATED),
            _row("throughput-niquests", peers.NIQUESTS, 4),
        ),
    ),
)
