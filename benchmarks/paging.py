"""Walks through a list of 50 pages with 2,000 scores each, 20 ms away.

What counts is the time on the clock. Pages that are fetched side by side share the way, and what then is left is the
client's own work: reading 300 KB from the socket and making 2,000 models of them. "The bytes alone" are the same pages
read by aiohttp, as many at a time, and thrown away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from benchmarks import harness, scores
from lootlocker_async import LootLockerClient

_DELAY: Final = 0.02
_PAGES: Final = 50

_ONE_BY_ONE: Final = "one by one"
_EIGHT: Final = "8 in flight"
_SIXTEEN: Final = "16 in flight"
_BYTES: Final = "the bytes alone, 16 in flight"
_CONSUMED: Final = "slow consumer, look-ahead"
_CONSUMED_BARE: Final = "slow consumer, no look-ahead"


class _Walker:
    """Walks through the list in one of several ways."""

    def __init__(self, base: str, pages: int) -> None:
        self._base = base
        self._pages = pages
        self._client = LootLockerClient("key", base_url=base)
        self._a_page = 0.0

    async def walk(self, *, concurrency: int = 1, look_ahead: int = 0, consume: bool = False) -> float:
        """The seconds of a whole walk; a slow consumer works on each page for as long as it takes to be had."""
        pages = self._client.leaderboards.list_scores(
            f"board-{self._pages * scores.PAGE}", concurrency=concurrency, look_ahead=look_ahead
        )
        found = 0
        began = time.perf_counter()
        async for page in pages.pages():
            found += len(page)
            if consume:
                await asyncio.sleep(self._a_page)
        seconds = time.perf_counter() - began
        assert found == self._pages * scores.PAGE
        return seconds

    async def look_how_long_a_page_takes(self) -> None:
        """What a slow consumer has to know."""
        self._a_page = await self.walk() / self._pages

    async def bytes_alone(self, width: int) -> float:
        """The seconds that it takes to read the same pages and no more, so many at a time."""
        places = iter(range(0, self._pages * scores.PAGE, scores.PAGE))
        board = f"{self._base}/leaderboards/board-{self._pages * scores.PAGE}/list"
        async with aiohttp.ClientSession() as session:

            async def work() -> None:
                for after in places:
                    async with session.get(f"{board}?count={scores.PAGE}&after={after}") as answer:
                        await answer.read()

            began = time.perf_counter()
            async with asyncio.TaskGroup() as workers:
                for _ in range(width):
                    workers.create_task(work())
            return time.perf_counter() - began

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, pages = (1, 10) if quick else (7, _PAGES)
    with harness.canned_server(_DELAY) as base, asyncio.Runner() as loop:
        harness.pin(0)
        walker = _Walker(base, pages)

        def side(work: Callable[[], Awaitable[float]]) -> harness.Measure:
            async def measured() -> float:
                return await work()

            return lambda: loop.run(measured())

        loop.run(walker.look_how_long_a_page_takes())
        try:
            return harness.in_turns(
                {
                    _EIGHT: side(lambda: walker.walk(concurrency=8)),
                    _ONE_BY_ONE: side(walker.walk),
                    _SIXTEEN: side(lambda: walker.walk(concurrency=16)),
                    _BYTES: side(lambda: walker.bytes_alone(16)),
                    _CONSUMED: side(lambda: walker.walk(look_ahead=1, consume=True)),
                    _CONSUMED_BARE: side(lambda: walker.walk(consume=True)),
                },
                rounds,
            )
        finally:
            loop.run(walker.close())


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "pages-8",
                "50 pages at 20 ms with 8 in flight, against one by one",
                harness.Goal("at least", 6.5),
                _ONE_BY_ONE,
                ours=_EIGHT,
            ),
            harness.Row(
                "pages-16",
                "50 pages at 20 ms with 16 in flight, against moving the bytes alone",
                harness.Goal("at most", 1.4),
                _BYTES,
                ours=_SIXTEEN,
            ),
            harness.Row(
                "look-ahead",
                "a consumer as slow as a page, against the same without look-ahead",
                harness.Goal("at most", 0.6),
                _CONSUMED_BARE,
                ours=_CONSUMED,
            ),
        ),
        processes=3,
    ),
)
