"""Lists that come in pages: one paginator for the four paging styles of the contract.

A `Paginator` is a recipe; each `async for` over it starts a fresh walk. Pages are fetched a bounded way ahead, in tasks
that know nothing of the iterator, so that an iterator left by `break` is collected at once and cancels them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Generator, Iterator, Mapping
from types import TracebackType
from typing import Any, Generic, Self, TypedDict, TypeVar, cast, overload

import attrs

from lootlocker_async.errors import InvalidRequestError, ResponseDecodeError, WrongEventLoopError
from lootlocker_async.routes import Paging, Route

__all__ = ["Checkpoint", "Page", "PageOptions", "Paginator", "PositionalPageOptions"]

T = TypeVar("T")
Cursor = int | str | None

_VERSION = 1


class Checkpoint(TypedDict):
    """Where a walk through a list stands: a small value that JSON can hold.

    Attributes:
        v: The version of this form.
        list: The address that was walked.
        cursor: The cursor of the page that the next item is on; None for the first.
        skip: How many of that page's items have been delivered.
        seen: How many items have been delivered in all.
        size: The size of the pages.
    """

    v: int
    list: str
    cursor: int | str | None
    skip: int
    seen: int
    size: int


class PageOptions(TypedDict, total=False):
    """How a list is walked; every paginated method takes these keyword arguments.

    Attributes:
        page_size: How many items a page holds; the largest that the service takes by default.
        limit: How many items to deliver at most; all by default.
        resume: A checkpoint to go on from, taken from a walk through the same list.
        look_ahead: How many pages are fetched ahead of the one that is consumed: 1 by default, 0 for none.
    """

    page_size: int | None
    limit: int | None
    resume: Mapping[str, Any] | None
    look_ahead: int


class PositionalPageOptions(PageOptions, total=False):
    """`PageOptions` of a list whose pages are addressed by position.

    Attributes:
        concurrency: How many pages may be on their way at a time, 1 by default; they still arrive in order.
    """

    concurrency: int


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
class _Place:
    """A page's cursor, how many of its items are to be skipped, and how many items came before the page's first new one."""

    cursor: Cursor = None
    skip: int = 0
    seen: int = 0


@attrs.frozen
class _Fetched(Generic[T]):
    """A page, where it was, and where the next one is (None at the end)."""

    page: Page[T]
    place: _Place
    after: _Place | None


Fetch = Callable[[dict[str, Any]], Awaitable[Any]]


class _List(Generic[T]):
    """A list of the service: fetches the page at a place, and tells the place after it."""

    def __init__(self, route: Route, address: str, fetch: Fetch) -> None:
        if route.paging is None:
            msg = f"{route.operation} is not paged"
            raise TypeError(msg)
        self.route = route
        self.paging: Paging = route.paging
        self.address = address
        self._fetch = fetch

    async def page(self, place: _Place, size: int) -> _Fetched[T]:
        query: dict[str, Any] = {self.paging.size_param: size}
        if place.cursor is not None:
            query[self.paging.cursor_param] = place.cursor
        answer = await self._fetch(query)
        items: tuple[T, ...] = getattr(answer, self.paging.items)
        total, cursor = self._total_and_next(answer, items, place)
        fresh = items[place.skip :] if place.skip else items
        page = Page(fresh, total, cursor, answer)
        after = None if cursor is None else _Place(cursor, 0, place.seen + len(fresh))
        return _Fetched(page, place, after)

    def _total_and_next(self, answer: Any, items: tuple[T, ...], place: _Place) -> tuple[int | None, Cursor]:
        if self.paging.style == "last_id":
            total = getattr(answer, "total", None)
            cursor = self._largest_id(items, place.cursor)
            seen = place.seen - place.skip + len(items)
            if not items or (total is not None and seen >= total):
                return total, None
        else:
            pagination = answer.pagination
            if pagination is None:
                return None, None
            total = pagination.total
            cursor = pagination.next_page if self.paging.style == "page" else pagination.next_cursor
            if not cursor:
                return total, None
        if cursor == place.cursor or (isinstance(cursor, int) and isinstance(place.cursor, int) and cursor < place.cursor):
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

    def place_within(self, fetched: _Fetched[T], delivered: int) -> _Place:
        """Where a walk stands after some of a page's items."""
        place, items = fetched.place, fetched.page.items
        seen = place.seen + delivered
        if delivered == len(items) and fetched.after is not None:
            return fetched.after
        if self.paging.positional and isinstance(place.cursor, int | None):
            return _Place((place.cursor or 0) + place.skip + delivered, 0, seen)
        if self.paging.style == "last_id" and delivered:
            ids = [getattr(item, cast("str", self.paging.cursor_field)) for item in items]
            if max(ids[:delivered]) < min(ids[delivered:], default=ids[delivered - 1] + 1):
                return _Place(max(ids[:delivered]), 0, seen)
        return _Place(place.cursor, place.skip + delivered, seen)


class _Walk(Generic[T]):
    """One walk through a list: hands out its pages in order and keeps some on their way."""

    def __init__(self, list_: _List[T], start: _Place, size: int, limit: int | None, ahead: int, width: int) -> None:
        self.list = list_
        self._size = size
        self._place: _Place | None = start
        self._stop = None if limit is None else start.seen + limit
        self._ahead = ahead
        self._width = width
        self._coming: deque[asyncio.Task[_Fetched[T] | None]] = deque()
        self._checked_positions = False
        self.loop: asyncio.AbstractEventLoop | None = None

    async def next(self) -> _Fetched[T] | None:
        """The next page, or None at the end."""
        if self._place is None or self._at_limit(self._place):
            return None
        self._bind()
        if not self._coming:
            fetched: _Fetched[T] | None = await self.list.page(self._place, self._size_at(self._place))
        else:
            try:
                fetched = await self._coming[0]
            except BaseException:
                # The page was not delivered: whoever goes on after the error asks for it again.
                self.cancel()
                raise
            self._coming.popleft()
        if fetched is None:
            return None
        self._advance(fetched)
        return fetched

    def _bind(self) -> None:
        loop = asyncio.get_running_loop()
        if self.loop is None:
            self.loop = loop
        elif self.loop is not loop:
            raise WrongEventLoopError("an iterator belongs to the event loop in which it was started")

    def _at_limit(self, place: _Place) -> bool:
        return self._stop is not None and place.seen >= self._stop

    def _size_at(self, place: _Place) -> int:
        return self._size if self._stop is None else min(self._size, place.skip + self._stop - place.seen)

    def _advance(self, fetched: _Fetched[T]) -> None:
        """Note where the walk goes on, and send for the pages after it."""
        expected = self._place
        self._place = fetched.after
        if self._width > 1:
            self._check_positions(fetched)
        if fetched.after is None or self._at_limit(fetched.after):
            self.cancel()
            return
        del expected
        while len(self._coming) < max(self._ahead, self._width if self._width > 1 else 0):
            work = self._following(fetched)
            if work is None:
                return
            self._coming.append(asyncio.create_task(work))

    def _check_positions(self, fetched: _Fetched[T]) -> None:
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

    def _following(self, fetched: _Fetched[T]) -> Coroutine[Any, Any, _Fetched[T] | None] | None:
        """What fetches the first page that nobody has been sent for."""
        after = cast("_Place", fetched.after)
        if self._width > 1:
            skipped = len(self._coming) * self._size
            place = _Place(_position(after) + skipped, 0, after.seen + skipped)
            total = fetched.page.total
            if self._at_limit(place) or (skipped and total is not None and _position(place) >= total):
                return None
            return self.list.page(place, self._size_at(place))
        if not self._coming:
            return self.list.page(after, self._size_at(after))
        return self._after(self._coming[-1])

    async def _after(self, before: asyncio.Task[_Fetched[T] | None]) -> _Fetched[T] | None:
        """The page after one that is still on its way."""
        await asyncio.wait({before})
        if before.cancelled() or before.exception() is not None:
            return None
        fetched = before.result()
        if fetched is None or fetched.after is None or self._at_limit(fetched.after):
            return None
        return await self.list.page(fetched.after, self._size_at(fetched.after))

    def cancel(self) -> list[asyncio.Task[_Fetched[T] | None]]:
        """Call back every page that is on its way."""
        tasks = list(self._coming)
        self._coming.clear()
        for task in tasks:
            task.add_done_callback(_look_away)
            task.cancel()
        return tasks

    def cancel_from_anywhere(self) -> None:
        """The same from a finalizer, which may run in another thread or after the loop."""
        if not self._coming or self.loop is None or self.loop.is_closed():
            return
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self.loop:
            self.cancel()
        else:
            self.loop.call_soon_threadsafe(self.cancel)


def _position(place: _Place) -> int:
    return place.cursor if isinstance(place.cursor, int) else 0


def _look_away(task: asyncio.Task[Any]) -> None:
    """Take note of an error that nobody will ask for, so that asyncio doesn't report it."""
    if not task.cancelled():
        task.exception()


class _Progress(Generic[T]):
    """How far the latest walk of a paginator has come."""

    __slots__ = ("delivered", "fetched", "start")

    def __init__(self, start: _Place) -> None:
        self.start = start
        self.fetched: _Fetched[T] | None = None
        self.delivered = 0

    def place(self, list_: _List[T]) -> _Place:
        return self.start if self.fetched is None else list_.place_within(self.fetched, self.delivered)


class _Iterator(AsyncGenerator[T, None], Generic[T]):
    """What `async for` drives: an async generator that cancels its look-ahead when it is closed or forgotten."""

    def __init__(self, walk: _Walk[Any], progress: _Progress[Any]) -> None:
        self._walk = walk
        self._progress = progress
        self._busy = False
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        raise StopAsyncIteration

    async def _next_page(self) -> _Fetched[Any] | None:
        if self._closed:
            return None
        if self._busy:
            raise RuntimeError("two tasks can't advance one iterator at a time")
        self._busy = True
        try:
            fetched = await self._walk.next()
        finally:
            self._busy = False
        if fetched is None:
            self._closed = True
        return fetched

    async def asend(self, value: None, /) -> T:
        """The next one; there is nothing that could be sent."""
        del value
        return await self.__anext__()

    @overload
    async def athrow(
        self, typ: type[BaseException], val: BaseException | object = None, tb: TracebackType | None = None, /
    ) -> T: ...
    @overload
    async def athrow(self, typ: BaseException, val: None = None, tb: TracebackType | None = None, /) -> T: ...
    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
        /,
    ) -> T:
        """End the walk and raise."""
        await self.aclose()
        error = typ if isinstance(typ, BaseException) else (val if isinstance(val, BaseException) else typ())
        raise error.with_traceback(tb)

    async def aclose(self) -> None:
        """End the walk: pages on their way are called back before this returns."""
        self._closed = True
        tasks = self._walk.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def __del__(self) -> None:
        self._walk.cancel_from_anywhere()


class _Items(_Iterator[T]):
    """Walks item by item."""

    def __init__(self, walk: _Walk[T], progress: _Progress[T]) -> None:
        super().__init__(walk, progress)
        self._page: tuple[T, ...] = ()
        self._index = 0
        self._left: int | None = None

    async def __anext__(self) -> T:
        index = self._index
        while index >= len(self._page) or self._closed:
            fetched = await self._next_page()
            if fetched is None:
                self._page = ()
                raise StopAsyncIteration
            self._page = fetched.page.items
            self._progress.fetched = fetched
            index = 0
        self._index = self._progress.delivered = index + 1
        return self._page[index]


class _PageIterator(_Iterator[Page[T]]):
    """Walks page by page."""

    async def __anext__(self) -> Page[T]:
        fetched = await self._next_page()
        if fetched is None:
            raise StopAsyncIteration
        self._progress.fetched = fetched
        self._progress.delivered = len(fetched.page)
        return fetched.page


class Paginator(AsyncIterable[T], Awaitable[Page[T]], Generic[T]):
    """A list of the service that comes in pages.

    `async for item in paginator` walks through every item, `async for page in paginator.pages()` page by page,
    `await paginator` gives one page and `await paginator.collect()` a list. Each of them starts a walk of its own.
    """

    def __init__(
        self,
        route: Route,
        address: str,
        fetch: Fetch,
        *,
        page_size: int | None = None,
        limit: int | None = None,
        resume: Mapping[str, Any] | None = None,
        look_ahead: int = 1,
        concurrency: int = 1,
    ) -> None:
        """Made by the services; nothing is sent yet."""
        self._list: _List[T] = _List(route, address, fetch)
        paging = self._list.paging
        start, kept_size = _start(resume, address)
        _whole("page_size", page_size, 1, paging.max_size)
        _whole("limit", limit, 0, None)
        _whole("look_ahead", look_ahead, 0, 64)
        _whole("concurrency", concurrency, 1, 64)
        self._start = start
        self._size = page_size or kept_size or paging.max_size or paging.default_size or 100
        if start.skip and kept_size:
            self._size = kept_size
        self._limit = limit
        self._look_ahead = look_ahead
        self._concurrency = concurrency
        self._progress: _Progress[T] = _Progress(start)

    def _walk(self, limit: int | None = None, look_ahead: int | None = None) -> _Walk[T]:
        self._progress = _Progress(self._start)
        most = min((n for n in (limit, self._limit) if n is not None), default=None)
        ahead = self._look_ahead if look_ahead is None else look_ahead
        width = self._concurrency if look_ahead is None else 1
        return _Walk(self._list, self._start, self._size, most, ahead, width)

    def __aiter__(self) -> AsyncGenerator[T, None]:
        return _Items(self._walk(), self._progress)

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """Walk page by page."""
        return _PageIterator(self._walk(), self._progress)

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._first().__await__()

    async def _first(self) -> Page[T]:
        walk = self._walk(look_ahead=0)
        fetched = await walk.next()
        if fetched is None:
            return Page((), None, None, None)
        self._progress.fetched = fetched
        self._progress.delivered = len(fetched.page)
        return fetched.page

    async def collect(self, limit: int | None = None) -> list[T]:
        """Every item in a list, or the first `limit` of them.

        Args:
            limit: How many items at most; all by default.
        """
        _whole("limit", limit, 0, None)
        items = _Items(self._walk(limit), self._progress)
        try:
            return [item async for item in items]
        finally:
            await items.aclose()

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the latest walk stands: true after every item, fit for JSON and for `resume`."""
        place = self._progress.place(self._list)
        return {
            "v": _VERSION,
            "list": self._list.address,
            "cursor": place.cursor,
            "skip": place.skip,
            "seen": place.seen,
            "size": self._size,
        }


def _whole(name: str, value: object, least: int, most: int | None) -> None:
    if value is None:
        return
    if type(value) is not int or value < least or (most is not None and value > most):
        upper = f" to {most}" if most is not None else " up"
        msg = f"{name} should be a whole number from {least}{upper}, not {value!r}"
        raise InvalidRequestError(msg)


def _start(resume: Mapping[str, Any] | None, address: str) -> tuple[_Place, int | None]:
    if resume is None:
        return _Place(), None
    try:
        version, list_ = resume["v"], resume["list"]
        cursor, skip, seen, size = (resume[name] for name in ("cursor", "skip", "seen", "size"))
    except (KeyError, TypeError):
        msg = "resume should be the checkpoint of a paginator"
        raise InvalidRequestError(msg) from None
    counts_fit = all(type(count) is int and count >= 0 for count in (skip, seen, size)) and size > 0
    if version != _VERSION or not counts_fit or not (cursor is None or type(cursor) in {int, str}):
        msg = "resume should be the checkpoint of a paginator"
        raise InvalidRequestError(msg)
    if list_ != address:
        msg = f"resume belongs to another list: it is of {list_!r}, and this one is {address!r}"
        raise InvalidRequestError(msg)
    return _Place(cursor, skip, seen), size
