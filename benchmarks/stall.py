"""How long the event loop is away, at the longest, while a page of 2,000 scores is had.

Everything else that runs in the loop waits for so long: a game server's other players. It's measured after
`gc.collect(); gc.freeze()`, as docs/settings.md advises, so that a full collection finds little to look through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
import orjson

from benchmarks import harness, scores
from benchmarks.process import Stalls
from lootlocker_async import LootLockerClient

_BY_HAND: Final = "aiohttp and orjson into dicts"
_BYTES: Final = "aiohttp, the bytes alone (floor)"


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, pages = (2, 3) if quick else (31, 15)
    with harness.canned_server() as base, asyncio.Runner() as loop:
        harness.pin(0)
        client = LootLockerClient("key", base_url=base)
        session = loop.run(_session())
        address = f"{base}/leaderboards/board-{scores.PAGE}/list?count={scores.PAGE}"

        async def ours() -> object:
            return await client.leaderboards.list_scores(f"board-{scores.PAGE}")

        async def by_hand() -> object:
            async with session.get(address) as answer:
                return orjson.loads(await answer.read())

        async def bytes_alone() -> object:
            async with session.get(address) as answer:
                return await answer.read()

        def side(page: Callable[[], Awaitable[object]]) -> harness.Measure:
            return lambda: loop.run(_longest(page, pages))

        try:
            return harness.in_turns(
                {harness.OURS: side(ours), _BY_HAND: side(by_hand), _BYTES: side(bytes_alone)}, rounds
            )
        finally:
            loop.run(session.close())
            loop.run(client.close())


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def _longest(page: Callable[[], Awaitable[object]], pages: int) -> float:
    await page()
    stalls = Stalls()
    for _ in range(pages):
        await page()
    return stalls.stop()


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "stall",
                "the longest stall of the loop for a page of 2,000 scores, against aiohttp and orjson into dicts",
                harness.Goal("at most", 1.4),
                _BY_HAND,
                beside=(_BYTES,),
            ),
        ),
        processes=2,
    ),
)
