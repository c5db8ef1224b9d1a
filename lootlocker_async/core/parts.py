"""A question that is more than one request may ask: cut into parts, and walked as one list."""

from __future__ import annotations

import asyncio
import re
import weakref
from collections.abc import Sequence
from typing import Any, TypeVar, cast

import attrs

from lootlocker_async.core.call import UnderWay
from lootlocker_async.core.pagination import Paginator
from lootlocker_async.core.walk import Cursor, Fetch, Fetched, PagedList, Place, Walk, _look_away
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.routes import Route

T = TypeVar("T")

_SIDE_BY_SIDE = 8
_CURSOR = re.compile(r"([1-9][0-9]{0,8})(?:\.([1-9][0-9]{0,17}))?", re.ASCII)


class PartedList(PagedList[T]):
    """Lists of one kind, one after the other, as one.

    A cursor is the number of a part, from 1, and behind a point the number of a page of it where that isn't the first.
    """

    def __init__(
        self, route: Route, address: str, fetches: Sequence[Fetch], under_way: weakref.WeakSet[UnderWay]
    ) -> None:
        super().__init__(route, address, fetches[0], under_way)
        self._parts: list[PagedList[T]] = [PagedList(route, address, fetch) for fetch in fetches]

    def split(self, cursor: Cursor) -> tuple[int, int | None]:
        """The index of a cursor's part, and the number of the page in it (None for the first)."""
        if cursor is None:
            return 0, None
        found = _CURSOR.fullmatch(cursor) if isinstance(cursor, str) else None
        if found is None or int(found[1]) > len(self._parts):
            msg = "resume should be the checkpoint of a paginator"
            raise InvalidRequestError(msg)
        return int(found[1]) - 1, int(found[2]) if found[2] else None

    def part_after(self, cursor: Cursor, count: int) -> Cursor:
        """Where the part begins that is so many after a cursor's; None beyond the last."""
        index = self.split(cursor)[0] + count
        return f"{index + 1}" if index < len(self._parts) else None

    async def page(self, place: Place, size: int) -> Fetched[T]:
        """The page at a place."""
        index, number = self.split(place.cursor)
        fetched = await self._parts[index].page(attrs.evolve(place, cursor=number), size)
        inside = fetched.after.cursor if fetched.after else None
        after = f"{index + 1}.{inside}" if inside else self.part_after(place.cursor, 1)
        # The total that came with it is the part's.
        page = attrs.evolve(fetched.page, total=None, next=after)
        return self.at(Fetched(page, place, Place(after) if after else None), place)

    def at(self, fetched: Fetched[T], place: Place) -> Fetched[T]:
        """A page with what is known now of the items before it."""
        after = fetched.after and attrs.evolve(fetched.after, seen=place.seen + len(fetched.page))
        return Fetched(fetched.page, place, after)


class PartedWalk(Walk[T]):
    """A walk that fetches parts side by side: where a part begins is known before the one before it has come."""

    list: PartedList[T]

    def __init__(
        self, list_: PartedList[T], start: Place, size: int, *, limit: int | None, ahead: int, width: int
    ) -> None:
        super().__init__(list_, start, size, limit=limit, ahead=ahead, width=width)
        self._side = max(ahead, _SIDE_BY_SIDE) if ahead else 0

    async def _next(self, place: Place) -> Fetched[T] | None:
        if not self._coming:
            self._send_for(place)
        return await super()._next(place)

    def _cut(self, fetched: Fetched[T]) -> Fetched[T]:
        # How many items come before it was a guess when it was sent for.
        return super()._cut(self.list.at(fetched, cast("Place", self._place)))

    def _advance(self, fetched: Fetched[T]) -> None:
        self._place = after = fetched.after
        if after is not None and self.list.split(after.cursor)[1] is not None and self._side > 1:
            # Parts have more than one page each, so where the pages are is told by the one before them alone.
            self._side = 1
            self.cancel()
        if after is None or self._at_limit(after):
            self.cancel()
        else:
            self._send_for(after)

    def _send_for(self, place: Place) -> None:
        """Send for the page at a place and for the parts after it, none that the limit most likely leaves out."""
        while len(self._coming) < self._side:
            count = len(self._coming)
            cursor = self.list.part_after(place.cursor, count) if count else place.cursor
            coming = Place(cursor, 0, place.seen + count * self._size) if count else place
            if (count and cursor is None) or self._at_limit(coming):
                return
            task = asyncio.create_task(self._fetch(coming))
            task.add_done_callback(_look_away)
            self._coming.append(task)

    async def _fetch(self, place: Place) -> Fetched[T] | None:
        return await self.list.page(place, self._size)


class PartedPaginator(Paginator[T]):
    """A paginator whose list comes in parts, several of them on their way at a time unless `look_ahead` is 0."""

    def __init__(self, route: Route, address: str, fetches: Sequence[Fetch], **paging: Any) -> None:  # noqa: ANN401
        """Made by the services; nothing is sent yet."""
        super().__init__(route, address, fetches[0], **paging)
        parted: PartedList[T] = PartedList(route, address, fetches, self._list.under_way)
        parted.split(self._start.cursor)
        self._list = self._parted = parted

    def _make_walk(self, limit: int | None, ahead: int, width: int) -> Walk[T]:
        return PartedWalk(self._parted, self._start, self._size, limit=limit, ahead=ahead, width=width)
