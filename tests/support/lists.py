"""Lists in the four paging styles of the contract, served from memory."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Literal

import attrs

from lootlocker_async.core.call import Unread
from lootlocker_async.core.pagination import Paginator
from lootlocker_async.routes import Paging, Route

Style = Literal["index", "step", "key", "page", "last_id", "last_id without total"]
STYLES: tuple[Style, ...] = ("index", "step", "key", "page", "last_id", "last_id without total")
ADDRESS = "/things"

_PAGING: dict[str, Paging] = {
    "index": Paging("index", "items", "after", "count", max_size=100, positional=True),
    # An index whose cursor is no position, like a progression's tiers.
    "step": Paging("index", "items", "after", "count", max_size=100),
    "key": Paging("key", "items", "after", "count", max_size=100),
    "page": Paging("page", "items", "page", "per_page", max_size=100),
    "last_id": Paging("last_id", "items", "after", "count", max_size=100, cursor_field="id"),
}


def route(style: Style) -> Route:
    return Route("things_list", "GET", ADDRESS, True, paging=_PAGING[style.split()[0]])


@attrs.frozen
class Item:
    id: int


@attrs.define
class Service:
    """Answers pages of a list; it may cap their size, take its time, and fail when told to.

    Its answers are read when they are wanted, or at once, as those of observed calls are.
    """

    style: Style
    length: int
    cap: int = 1000
    turns: int = 1
    fail_at: frozenset[int] = frozenset()
    at_once: bool = False
    calls: list[dict[str, Any]] = attrs.field(factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    @property
    def items(self) -> tuple[Item, ...]:
        # Ids with gaps, so that none of them is mistaken for a position.
        return tuple(Item(3 * n + 7) for n in range(self.length))

    def paginator(self, **options: Any) -> Paginator[Item]:
        unread = None if self.at_once else self.fetch_unread
        return Paginator(route(self.style), ADDRESS, self.fetch, unread, **options)

    async def fetch_unread(self, query: dict[str, Any]) -> Any:
        answer = await self.fetch(query)
        told = getattr(answer, "pagination", SimpleNamespace(total=None))
        return Unread(lambda: answer, lambda: (getattr(told, "next_cursor", None), told.total))

    async def fetch(self, query: dict[str, Any]) -> Any:
        self.calls.append(query)
        number = len(self.calls)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            for _ in range(self.turns + number % 3):
                await asyncio.sleep(0)
            if number in self.fail_at:
                raise OSError(f"fetch {number} failed")
            return self._answer(query)
        finally:
            self.in_flight -= 1

    def _answer(self, query: dict[str, Any]) -> Any:
        paging = route(self.style).paging
        assert paging is not None
        size = min(query[paging.size_param], self.cap)
        cursor = query.get(paging.cursor_param)
        start = self._start(cursor, size)
        page = self.items[start : start + size]
        end = start + len(page)
        more = end < self.length
        match self.style:
            case "last_id":
                return SimpleNamespace(items=page, total=self.length)
            case "last_id without total":
                return SimpleNamespace(items=page)
            case "page":
                following = {"next_page": (cursor or 1) + 1 if more else None}
            case "index":
                following = {"next_cursor": end if more else 0}
            case "step":
                following = {"next_cursor": page[-1].id if more else None}
            case "key":
                following = {"next_cursor": f"k{end}" if more else ""}
        return SimpleNamespace(items=page, pagination=SimpleNamespace(total=self.length, **following))

    def _start(self, cursor: Any, size: int) -> int:
        if cursor is None:
            return 0
        match self.style:
            case "index":
                return int(cursor)
            case "key":
                return int(cursor[1:])
            case "page":
                return (int(cursor) - 1) * size
            case _:
                return sum(item.id <= cursor for item in self.items)
