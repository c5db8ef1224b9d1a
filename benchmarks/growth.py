"""What a page costs as its list grows, and what it costs to go on from a checkpoint deep within one.

The canned server finds every page at the same cost; what an SDK could do wrong is to keep what it has seen, or to walk
to where a checkpoint stands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from benchmarks import harness
from lootlocker_async import LootLockerClient

_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
_PAGE: Final = 100
_PAGES: Final = 200
"""So many pages are walked in each round, by several walks where a list is short."""
_START: Final = "from the start"
_DEEP: Final = "resumed 900,000 items deep"
_DEPTH: Final = 900_000


def _side(items: int) -> str:
    return f"a list of {items:,}"


class _Lists:
    def __init__(self, base: str) -> None:
        self._client = LootLockerClient("key", base_url=base)

    async def a_page(self, items: int, pages: int) -> float:
        """The CPU of a page on a walk through a list, over so many pages."""
        walked = 0
        began = time.process_time()
        while walked < pages:
            limit = min((pages - walked) * _PAGE, items)
            async for _ in self._client.leaderboards.list_scores(
                f"board-{items}", page_size=_PAGE, limit=limit
            ).pages():
                walked += 1
        return (time.process_time() - began) / walked

    async def first_page(self, resume: Mapping[str, Any] | None, repeats: int) -> float:
        """The CPU of the first items that a walk delivers."""
        began = time.process_time()
        for _ in range(repeats):
            board = self._client.leaderboards.list_scores(
                f"board-{_SIZES[-1]}", page_size=_PAGE, resume=resume, limit=_PAGE
            )
            assert len(await board.collect()) == _PAGE
        return (time.process_time() - began) / repeats

    async def checkpoint(self) -> Mapping[str, Any]:
        """A checkpoint as a walk gives it, moved to where a longer walk would have stood."""
        board = self._client.leaderboards.list_scores(f"board-{_SIZES[-1]}", page_size=_PAGE, limit=_PAGE)
        await board.collect()
        return {**board.checkpoint, "cursor": _DEPTH, "seen": _DEPTH}

    async def close(self) -> None:
        await self._client.close()


def measure_growth(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, pages = (2, 20) if quick else (75, _PAGES)
    with harness.canned_server() as base, asyncio.Runner() as loop:
        harness.pin(0)
        lists = _Lists(base)

        def side(items: int) -> harness.Measure:
            return lambda: loop.run(lists.a_page(items, pages))

        try:
            return harness.in_turns({_side(items): side(items) for items in _SIZES}, rounds)
        finally:
            loop.run(lists.close())


def measure_resume(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, repeats = (2, 5) if quick else (25, 40)
    with harness.canned_server() as base, asyncio.Runner() as loop:
        harness.pin(0)
        lists = _Lists(base)
        deep = loop.run(lists.checkpoint())
        try:
            return harness.in_turns(
                {
                    _DEEP: lambda: loop.run(lists.first_page(deep, repeats)),
                    _START: lambda: loop.run(lists.first_page(None, repeats)),
                },
                rounds,
            )
        finally:
            loop.run(lists.close())


EXPERIMENTS = (
    harness.Experiment(
        measure_growth,
        tuple(
            harness.Row(
                f"list-{items}",
                f"CPU of a page of {_side(items)} scores, against {_side(_SIZES[0])}",
                harness.Goal("at most", 1.1),
                _side(_SIZES[0]),
                ours=_side(items),
            )
            for items in _SIZES[1:]
        ),
    ),
    harness.Experiment(
        measure_resume,
        (
            harness.Row(
                "resume",
                "CPU of the first page of a walk resumed 900,000 items deep, against one from the start",
                harness.Goal("at most", 1.1),
                _START,
                ours=_DEEP,
            ),
        ),
    ),
)
