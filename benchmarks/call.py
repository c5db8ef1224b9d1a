"""The CPU that one call takes, from the public method to the model of its answer.

Two calls stand for the rest. `submit_score` is what a game server does most: a POST with a checked JSON body and a
small answer. `leaderboards.get` is a small read: no body, another address each time, and a larger answer with dates
and enums. They go one after the other over one connection that is kept alive, in asyncio's own loop; one row tells what
uvloop makes of it.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from benchmarks import harness, peers

_UVLOOP: Final = "lootlocker-async in uvloop"
_SELDOM: Final = (peers.FLOOR, peers.NIQUESTS, peers.HTTPX, peers.GENERATED)

Call = Callable[[peers.Peer, int], Awaitable[Any]]


def submit(peer: peers.Peer, number: int) -> Awaitable[Any]:
    """The POST."""
    return peer.submit_score("daily", str(number % 5000), number)


def get(peer: peers.Peer, number: int) -> Awaitable[Any]:
    """The GET."""
    return peer.get(f"board-{number}", number)


def _measured(call: Call) -> Callable[[bool], harness.Found]:
    def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
        rounds, repeats, every = (2, 50, 2) if quick else (30, 200, 10)
        with contextlib.ExitStack() as stack:
            base = stack.enter_context(harness.canned_server())
            harness.pin(0)

            def side(name: str) -> harness.Measure:
                return _round(stack.enter_context(peers.Workplace(name, base)), call, repeats)

            often = {name: side(name) for name in (harness.OURS, peers.BY_HAND)}
            return harness.in_turns(often, rounds, seldom={name: side(name) for name in _SELDOM}, every=every)

    return measure


def _in_uvloop(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    import uvloop

    rounds, repeats = (2, 50) if quick else (40, 200)
    with harness.canned_server() as base:
        harness.pin(0)
        with (
            peers.Workplace(harness.OURS, base) as usual,
            peers.Workplace(harness.OURS, base, loop_factory=uvloop.new_event_loop) as other,
        ):
            sides = {harness.OURS: _round(usual, submit, repeats), _UVLOOP: _round(other, submit, repeats)}
            return harness.in_turns(sides, rounds)


def _round(place: peers.Workplace, call: Call, repeats: int) -> harness.Measure:
    numbers = itertools.count(1)
    peer = place.peer

    async def burst() -> float:
        # Not counted: caches are cold after the other side's turn.
        for number in itertools.islice(numbers, 5):
            await call(peer, number)
        began = time.process_time()
        for number in itertools.islice(numbers, repeats):
            await call(peer, number)
        return (time.process_time() - began) / repeats

    return lambda: place.run(burst())


def _experiment(name: str, title: str, call: Call) -> harness.Experiment:
    goal = harness.Goal("at most", 1.05)
    row = harness.Row(name, f"CPU of {title}, against aiohttp by hand", goal, peers.BY_HAND, beside=_SELDOM)
    return harness.Experiment(_measured(call), (row,), processes=7)


EXPERIMENTS = (
    _experiment("call-submit", "`submit_score`", submit),
    _experiment("call-get", "`leaderboards.get`", get),
    harness.Experiment(
        _in_uvloop,
        (
            harness.Row(
                "call-uvloop",
                "CPU of `submit_score` in uvloop, against the same in asyncio's own loop",
                harness.Goal("at most", 1),
                harness.OURS,
                ours=_UVLOOP,
            ),
        ),
    ),
)
