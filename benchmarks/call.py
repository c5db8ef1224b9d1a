"""The CPU that one call takes, from the public method to the model of its answer.

Two calls stand for the rest. `submit_score` is what a game server does most: a POST with a checked JSON body and a
small answer. `leaderboards.get` is a small read: no body, another address each time, and a larger answer with dates
and enums.
Both go one after the other over one connection that is kept alive. Against them stands what one would write by hand:
the same request by a plain aiohttp session with the address, a total timeout and orjson, and not even a look at the
status.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp
import orjson

from benchmarks import harness
from lootlocker_async import LootLockerClient

_TOKEN: Final = "f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3"  # noqa: S105  (of the canned server)
_VERSION: Final = "2021-03-01"
_AGENT: Final = "lootlocker-async"
_TIMEOUT: Final = 30.0

Call = Callable[[int], Awaitable[object]]


class ByHand:
    """The same two calls, written by hand."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def submit_score(self, key: str, member_id: str, score: int) -> Any:
        """The POST."""
        headers = {
            "LL-Version": _VERSION,
            "User-Agent": _AGENT,
            "x-request-id": f"4f1c09aa-{score:x}",
            "x-auth-token": _TOKEN,
            "Content-Type": "application/json",
        }
        async with self._session.request(
            "POST",
            f"{self._base}/leaderboards/{key}/submit",
            data=orjson.dumps({"member_id": member_id, "score": score}),
            headers=headers,
        ) as response:
            return orjson.loads(await response.read())

    async def get(self, key: str, number: int) -> Any:
        """The GET."""
        headers = {
            "LL-Version": _VERSION,
            "User-Agent": _AGENT,
            "x-request-id": f"4f1c09aa-{number:x}",
            "x-auth-token": _TOKEN,
        }
        async with self._session.request("GET", f"{self._base}/leaderboards/{key}", headers=headers) as response:
            return orjson.loads(await response.read())


def submit_score(quick: bool) -> harness.Result:  # noqa: FBT001  (every row takes it)
    def calls(client: LootLockerClient, by_hand: ByHand) -> tuple[Call, Call]:
        return (
            lambda number: client.leaderboards.submit_score("daily", member_id=str(number % 5000), score=number),
            lambda number: by_hand.submit_score("daily", member_id=str(number % 5000), score=number),
        )

    return _measure(calls, quick=quick)


def get(quick: bool) -> harness.Result:  # noqa: FBT001  (every row takes it)
    def calls(client: LootLockerClient, by_hand: ByHand) -> tuple[Call, Call]:
        return (
            lambda number: client.leaderboards.get(f"board-{number}"),
            lambda number: by_hand.get(f"board-{number}", number),
        )

    return _measure(calls, quick=quick)


def _measure(calls: Callable[[LootLockerClient, ByHand], tuple[Call, Call]], *, quick: bool) -> harness.Result:
    rounds, repeats = (4, 100) if quick else (100, 200)
    with harness.canned_server() as base:
        harness.pin(0)
        # Each side has a loop of its own, or the one's cancelled timers would lie in the other's way.
        with asyncio.Runner() as our_loop, asyncio.Runner() as their_loop:
            client = LootLockerClient("key", base_url=base, timeout=_TIMEOUT)
            session = their_loop.run(_open_session())
            try:
                ours, baseline = calls(client, ByHand(session, base))
                return harness.in_turns(_round(our_loop, ours, repeats), _round(their_loop, baseline, repeats), rounds)
            finally:
                their_loop.run(session.close())
                our_loop.run(client.close())


async def _open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT))


def _round(loop: asyncio.Runner, call: Call, repeats: int) -> harness.Measure:
    numbers = itertools.count(1)

    async def burst() -> float:
        # Not counted: caches are cold after the other side's turn.
        for number in itertools.islice(numbers, 5):
            await call(number)
        began = time.process_time()
        for number in itertools.islice(numbers, repeats):
            await call(number)
        return (time.process_time() - began) / repeats

    return lambda: loop.run(burst())


ROWS = (
    harness.Row(
        "call-submit",
        "CPU of submit_score, model back, vs aiohttp + orjson by hand",
        harness.Goal("at most", 1.05),
        submit_score,
    ),
    harness.Row(
        "call-get",
        "CPU of leaderboards.get, model back, vs aiohttp + orjson by hand",
        harness.Goal("at most", 1.05),
        get,
    ),
)
