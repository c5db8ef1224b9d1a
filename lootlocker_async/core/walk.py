"""A walk through a list that comes in pages.

Pages are fetched a bounded way ahead, in tasks that know nothing of the iterator, so that an iterator left by `break`
is collected at once and cancels them.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast, overload

import attrs

from lootlocker_async.core.call import UnderWay, Unread, goes_on
from lootlocker_async.core.generators import ClosableGenerator
from lootlocker_async.core.observers import Observers, PageAhead
from lootlocker_async.errors import ResponseDecodeError, WrongEventLoopError
from lootlocker_async.routes import Paging, Route

T = TypeVar("T")
Cursor = int | str | None


@attrs.frozen
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: What is on it.
        total: How many items the list has in all, where the service says so.
        next: The cursor of the page after it; None at the end.
        answer: The whole answer.
    """

    items: tuple[T, ...]
    total: int | None
    next: int | str | None
    answer: object = attrs.field(repr=False)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]


@attrs.frozen
class Place:
    """Where a page is, and what came before it.

    Attributes:
        cursor: The page's cursor.
        skip: How many of its items have been delivered before.
        seen: How many items have been delivered before in all.
        most: The largest total told so far: it shrinks when items that have been seen are taken away.
    """

    cursor: Cursor = None
    skip: int = 0
    seen: int = 0
    most: int = 0


@attrs.frozen
class Fetched(Generic[T]):
    """A page, where it was, and where the next one is (None at the end)."""

    page: Page[T]
    place: Place
    after: Place | None


Fetch = Callable[[dict[str, Any]], Awaitable[Any]]


class PagedList(Generic[T]):
    """A list of the service: fetches the page at a place, and tells the place after it."""

    def __init__(
        self,
        route: Route,
        address: str,
        fetch: Fetch,
        under_way: weakref.WeakSet[UnderWay] | None = None,
        unread: Fetch | None = None,
    ) -> None:
        if route.paging is None:
            msg = f"{route.operation} is not paged"
            raise TypeError(msg)
        self.route = route
        self.paging: Paging = route.paging
        self.address = address
        self._fetch = fetch
        self.under_way: weakref.WeakSet[UnderWay] = weakref.WeakSet() if under_way is None else under_way
        self._fetch_unread: Fetch = unread or fetch

    async def page(self, place: Place, size: int) -> Fetched[T]:
        """The page at a place."""
        return self.read(place, await self._fetch(self._query(place, size)))

    async def answer(self, place: Place, size: int) -> object:
        """The page at a place as it came: until it is wanted, its bytes are a third of what they become."""
        return await self._fetch_unread(self._query(place, size))

    async def unread_page(self, place: Place, size: int) -> Callable[[], Fetched[T]]:
        """What makes the page at a place of its answer, once it is wanted."""
        answer = await self.answer(place, size)
        return lambda: self.read(place, answer)

    def _query(self, place: Place, size: int) -> dict[str, Any]:
        query: dict[str, Any] = {self.paging.size_param: size}
        if place.cursor is not None:
            query[self.paging.cursor_param] = place.cursor
        return query

    def read(self, place: Place, answer: Any) -> Fetched[T]:  # noqa: ANN401  (whatever model the page has)
        """Make a page of its answer."""
        if isinstance(answer, Unread):
            answer = answer.read()
        items: tuple[T, ...] = getattr(answer, self.paging.items)
        total, cursor = self._total_and_next(answer, items, place)
        fresh = items[place.skip :] if place.skip else items
        page = Page(fresh, total, cursor, answer)
        most = max(place.most, total or 0)
        after = None if cursor is None else Place(cursor, 0, place.seen + len(fresh), most)
        return Fetched(page, place, after)

    def _total_and_next(self, answer: Any, items: tuple[T, ...], place: Place) -> tuple[int | None, Cursor]:  # noqa: ANN401
        if self.paging.style == "last_id":
            total = getattr(answer, "total", None)
            cursor = self._largest_id(items, place.cursor)
            seen = place.seen - place.skip + len(items)
            if not items or (total is not None and seen >= max(total, place.most)):
                return total, None
        else:
            pagination = answer.pagination
            if pagination is None:
                return None, None
            total = pagination.total
            cursor = pagination.next_page if self.paging.style == "page" else pagination.next_cursor
            if not cursor:
                return total, None
        if not _advances(place.cursor, cursor):
            raise ResponseDecodeError(
                f"the list does not advance: the page at {place.cursor!r} names {cursor!r} as the next",
                reason="shape",
                operation=self.route.operation,
                method=self.route.verb,
                path=self.address,
            )
        return total, cursor

    def _largest_id(self, items: tuple[T, ...], before: Cursor) -> Cursor:
        ids = [cast("int", getattr(item, cast("str", self.paging.cursor_field))) for item in items]
        return max([*ids, before] if isinstance(before, int) else ids, default=None)

    def place_within(self, fetched: Fetched[T], delivered: int) -> Place:
        """Where a walk stands after some of a page's items."""
        place, items = fetched.place, fetched.page.items
        seen = place.seen + delivered
        if delivered == len(items) and fetched.after is not None:
            return fetched.after
        if self.paging.positional and isinstance(place.cursor, int | None):
            return Place((place.cursor or 0) + place.skip + delivered, 0, seen)
        if self.paging.style == "last_id" and delivered:
            ids = [getattr(item, cast("str", self.paging.cursor_field)) for item in items]
            if max(ids[:delivered]) < min(ids[delivered:], default=ids[delivered - 1] + 1):
                return Place(max(ids[:delivered]), 0, seen)
        return Place(place.cursor, place.skip + delivered, seen)


def _advances(before: Cursor, after: Cursor) -> bool:
    return after > before if isinstance(before, int) and isinstance(after, int) else after != before


_Coming: TypeAlias = Fetched[T] | Callable[[], Fetched[T]] | None
"""A page on its way, as its task gives it: None where there is none."""


class Walk(UnderWay, Generic[T]):
    """One walk through a list: hands out its pages in order and keeps some on their way."""

    def __init__(
        self, list_: PagedList[T], start: Place, size: int, *, limit: int | None, ahead: int, width: int
    ) -> None:
        super().__init__()
        self.list = list_
        self._size = size
        self._place: Place | None = start
        self._stop = None if limit is None else start.seen + limit
        self._ahead = ahead
        self._width = width
        self._coming: deque[asyncio.Task[_Coming[T]]] = deque()
        self._total: int | None = None
        self._begun = False
        self.observers: Observers | None = None

    async def next(self) -> Fetched[T] | None:
        """The next page, or None at the end."""
        if self._place is None or self._at_limit(self._place):
            return None
        self._bind()
        before = goes_on.set(self._begun)
        try:
            return await self._next(self._place)
        finally:
            goes_on.reset(before)

    async def _next(self, place: Place) -> Fetched[T] | None:
        ahead = bool(self._coming)
        try:
            fetched = await (self._first_to_come(place) if ahead else self._fetch_first(place))
        except BaseException:  # the page was not delivered: whoever goes on after the error asks for it again
            self.cancel()
            raise
        if fetched is None:
            return None
        if ahead:
            self._tell("used")
        fetched = self._cut(fetched)
        self._begin()
        self._advance(fetched)
        if self._place is None or self._at_limit(self._place):
            self.ended()
        return fetched

    def _begin(self) -> None:
        """What is fetched ahead from here on belongs to a walk that runs."""
        self._begun = True
        goes_on.set(True)

    async def _fetch_first(self, place: Place) -> Fetched[T]:
        """The page at a place that nobody has been sent for, and, where that is known, those after it."""
        size = self._size_at(place)
        if self._width == 1:
            return await self.list.page(place, size)
        answer = await self.list.answer(place, size)
        cursor, total = answer.outline() if isinstance(answer, Unread) else (None, None)
        if cursor is not None and cursor == _position(place) + size:
            self._begin()
            self._fill(Place(cursor, 0, place.seen + size - place.skip), total)
            await asyncio.sleep(0)  # they go out before the page is read
        return self.list.read(place, answer)

    async def _first_to_come(self, place: Place) -> Fetched[T] | None:
        """The page at a place, which is on its way."""
        came = await self._coming[0]
        if callable(came) and self._total is not None:
            # Its way is free, and what goes out before the page is read comes that much sooner.
            self._start(self._following(place, self._total))
        await asyncio.sleep(0)  # awaiting what is done lets no loop turn, and nothing would be sent
        fetched = came() if callable(came) else came
        self._coming.popleft()
        return fetched

    def _bind(self) -> None:
        if self.loop is not None and self.loop is not asyncio.get_running_loop():
            raise WrongEventLoopError("an iterator belongs to the event loop in which it was started")
        if self.loop is None:
            self.list.under_way.add(self)
        self.driven()

    def _at_limit(self, place: Place) -> bool:
        return self._stop is not None and place.seen >= self._stop

    def _size_at(self, place: Place) -> int:
        """How many items to ask for; page numbers count pages of one size, so there the last stays as large."""
        if self._stop is None or self.list.paging.style == "page":
            return self._size
        return min(self._size, place.skip + self._stop - place.seen)

    def _cut(self, fetched: Fetched[T]) -> Fetched[T]:
        """The page without what goes beyond the limit: a service may send more than it was asked for."""
        items = fetched.page.items
        most = len(items) if self._stop is None else self._stop - fetched.place.seen
        if most >= len(items):
            return fetched
        page = attrs.evolve(fetched.page, items=items[:most])
        return Fetched(page, fetched.place, self.list.place_within(fetched, most))

    def _advance(self, fetched: Fetched[T]) -> None:
        """Note where the walk goes on, and send for the pages after it."""
        self._place = fetched.after
        self._total = fetched.page.total
        if self._width > 1:
            self._check_positions(fetched)
        if fetched.after is None or self._at_limit(fetched.after):
            self.cancel()
            return
        self._fill(fetched.after, fetched.page.total)

    def _fill(self, after: Place, total: int | None) -> None:
        """Send for as many pages as may be on their way, the first of them at `after`."""
        while len(self._coming) < max(self._ahead, self._width if self._width > 1 else 0):
            if not self._start(self._following(after, total)):
                return

    def _start(self, work: Coroutine[Any, Any, _Coming[T]] | None) -> bool:
        if work is None:
            return False
        coming = asyncio.create_task(work)
        coming.add_done_callback(_look_away)
        self._coming.append(coming)
        return True

    def _check_positions(self, fetched: Fetched[T]) -> None:
        """Go on one by one where cursors aren't positions, and start anew where a page was shorter than asked for."""
        start = _position(fetched.place) + fetched.place.skip
        if fetched.after is None or self._at_limit(fetched.after):
            return
        length = len(fetched.page)
        if not length or fetched.after.cursor != start + length:
            self._width = 1
            self.cancel()
        elif length != self._size_at(fetched.place) - fetched.place.skip:
            self._size = length
            self.cancel()

    def _following(self, after: Place, total: int | None) -> Coroutine[Any, Any, _Coming[T]] | None:
        """What fetches the first page that nobody has been sent for, where `after` is the first that has not come."""
        if self._width > 1:
            skipped = len(self._coming) * self._size
            place = Place(_position(after) + skipped, 0, after.seen + skipped)
            if self._at_limit(place) or (skipped and total is not None and _position(place) >= total):
                return None
            return self.list.unread_page(place, self._size_at(place))
        if not self._coming:
            return self.list.page(after, self._size_at(after))
        return self._after(self._coming[-1])

    async def _after(self, before: asyncio.Task[_Coming[T]]) -> Fetched[T] | None:
        """The page after one that is still on its way."""
        await asyncio.wait({before})
        if before.cancelled() or before.exception() is not None:
            return None
        fetched = before.result()
        if not isinstance(fetched, Fetched) or fetched.after is None or self._at_limit(fetched.after):
            return None
        return await self.list.page(fetched.after, self._size_at(fetched.after))

    def cancel(self) -> list[asyncio.Task[_Coming[T]]]:
        """Call back every page that is on its way."""
        tasks = [task for task in self._coming if not task.done()]
        unused = sum(_has_come(task) for task in self._coming)
        self._coming.clear()
        if self.loop is None or self.loop.is_closed():
            return []
        for task in tasks:
            task.cancel()
        if self.observers is not None and self.observers.functions and (tasks or unused):
            # Not at once: this may be a finalizer, which interrupts anything, an observer that holds a lock included.
            self.loop.call_soon(self._tell_dropped, unused, len(tasks))
        return tasks

    def _tell_dropped(self, unused: int, recalled: int) -> None:
        for _ in range(unused):
            self._tell("unused")
        for _ in range(recalled):
            self._tell("recalled")

    def _tell(self, fate: Literal["used", "unused", "recalled"]) -> None:
        if self.observers is not None and self.observers.functions:
            self.observers.tell(PageAhead(self.list.route.operation, fate))

    def cancel_from_anywhere(self) -> None:
        """The same from a finalizer, which may run in another thread or after the loop."""
        if self.loop is None or self.loop.is_closed() or not (self._coming or self.is_awaited(None)):
            return
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self.loop:
            self._let_go()
        else:
            self.loop.call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        self.cancel()
        self.ended()


def _position(place: Place) -> int:
    return place.cursor if isinstance(place.cursor, int) else 0


def _has_come(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None and task.result() is not None


def _look_away(task: asyncio.Task[Any]) -> None:
    """Take note of an error that perhaps nobody will ask for, so that asyncio doesn't report it."""
    if not task.cancelled():
        task.exception()


class Progress(Generic[T]):
    """How far the latest walk of a paginator has come."""

    __slots__ = ("delivered", "fetched", "start")

    def __init__(self, start: Place) -> None:
        self.start: Place = start
        self.fetched: Fetched[T] | None = None
        self.delivered: int = 0

    def place(self, list_: PagedList[T]) -> Place:
        """Where the walk stands."""
        return self.start if self.fetched is None else list_.place_within(self.fetched, self.delivered)

    def turn(self, list_: PagedList[T]) -> None:
        """Let go of a page that was delivered whole, so that it makes room for the next one."""
        self.start = self.place(list_)
        self.fetched = None
        self.delivered = 0


class _Iterator(ClosableGenerator[T]):
    """What `async for` drives: an async generator that cancels its look-ahead when it is closed or forgotten."""

    def __init__(self, walk: Walk[Any], progress: Progress[Any]) -> None:
        self._walk = walk
        self._progress = progress
        self._busy = False
        self._closed = False

    async def _next_page(self) -> Fetched[Any] | None:
        if self._closed:
            return None
        if self._busy:
            raise RuntimeError("two tasks can't advance one iterator at a time")
        self._busy = True
        self._progress.turn(self._walk.list)
        try:
            fetched = await self._walk.next()
        finally:
            self._busy = False
        if fetched is None:
            self._closed = True
        return fetched

    async def aclose(self) -> None:
        """End the walk: pages on their way are called back before this returns."""
        if self._busy:
            raise RuntimeError("an iterator can't be closed while a task advances it")
        self._closed = True
        tasks = self._walk.cancel()
        self._walk.ended()
        if tasks:
            await asyncio.wait(tasks)

    def __del__(self) -> None:
        self._walk.cancel_from_anywhere()


class ItemIterator(_Iterator[T]):
    """Walks item by item."""

    def __init__(self, walk: Walk[T], progress: Progress[T]) -> None:
        super().__init__(walk, progress)
        self._page: tuple[T, ...] = ()
        self._index = 0
        self._left: int | None = None

    async def __anext__(self) -> T:
        index = self._index
        while index >= len(self._page) or self._closed:
            self._page = ()
            fetched = await self._next_page()
            if fetched is None:
                raise StopAsyncIteration
            self._page = fetched.page.items
            self._progress.fetched = fetched
            self._progress.delivered = 0
            index = 0
        self._index = self._progress.delivered = index + 1
        return self._page[index]


class PageIterator(_Iterator[Page[T]]):
    """Walks page by page."""

    async def __anext__(self) -> Page[T]:
        fetched = await self._next_page()
        if fetched is None:
            raise StopAsyncIteration
        self._progress.fetched = fetched
        self._progress.delivered = len(fetched.page)
        return fetched.page
