"""Lists that come in pages: one paginator for the four paging styles of the contract.

A `Paginator` is a recipe; each `async for` over it starts a fresh walk (see `walk.py`).
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar

from lootlocker_async.core.call import UnderWay
from lootlocker_async.core.walk import Fetch, ItemIterator, Page, PagedList, PageIterator, Place, Progress, Walk
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.routes import Route

if TYPE_CHECKING:
    from lootlocker_async.core.observers import Observers

__all__ = ["Checkpoint", "Page", "PageOptions", "Paginator", "PositionalPageOptions"]

T = TypeVar("T")

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
        unread: Fetch | None = None,
        *,
        page_size: int | None = None,
        limit: int | None = None,
        resume: Mapping[str, Any] | None = None,
        look_ahead: int = 1,
        concurrency: int = 1,
        observers: Observers | None = None,
        under_way: weakref.WeakSet[UnderWay] | None = None,
    ) -> None:
        """Made by the services; nothing is sent yet."""
        self._list: PagedList[T] = PagedList(route, address, fetch, under_way, unread)
        paging = self._list.paging
        start, kept_size = _start(resume, address)
        _whole("page_size", page_size, 1, paging.max_size)
        _whole("limit", limit, 0, None)
        _whole("look_ahead", look_ahead, 0, 64, or_none=False)
        _whole("concurrency", concurrency, 1, 64, or_none=False)
        self._start = start
        self._size = page_size or kept_size or paging.max_size or paging.default_size or 100
        if kept_size and (start.skip or (paging.style == "page" and start.cursor is not None)):
            # What was skipped, and what a page's number means, was counted in pages of that size.
            self._size = kept_size
        self._limit = limit
        self._look_ahead = look_ahead
        # Elsewhere only the page before tells where the next one is.
        self._concurrency = concurrency if paging.positional else 1
        self._progress: Progress[T] = Progress(start)
        self._observers = observers

    def _walk(self, limit: int | None = None, look_ahead: int | None = None) -> Walk[T]:
        self._progress = Progress(self._start)
        most = min((n for n in (limit, self._limit) if n is not None), default=None)
        ahead = self._look_ahead if look_ahead is None else look_ahead
        width = self._concurrency if look_ahead is None else 1
        walk = self._make_walk(most, ahead, width)
        walk.observers = self._observers
        return walk

    def _make_walk(self, limit: int | None, ahead: int, width: int) -> Walk[T]:
        return Walk(self._list, self._start, self._size, limit=limit, ahead=ahead, width=width)

    def __aiter__(self) -> AsyncGenerator[T, None]:  # noqa: PYI058  (it can be closed)
        return ItemIterator(self._walk(), self._progress)

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """Walk page by page."""
        return PageIterator(self._walk(), self._progress)

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
        items = ItemIterator(self._walk(limit), self._progress)
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


def _whole(name: str, value: object, least: int, most: int | None, *, or_none: bool = True) -> None:
    if value is None and or_none:
        return
    if type(value) is not int or value < least or (most is not None and value > most):
        upper = f" to {most}" if most is not None else " up"
        msg = f"{name} should be a whole number from {least}{upper}, not {value!r}"
        raise InvalidRequestError(msg)


def _start(resume: Mapping[str, Any] | None, address: str) -> tuple[Place, int | None]:
    if resume is None:
        return Place(), None
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
    # What was seen by another walk may be gone since, so its count can't tell where the list ends.
    return Place(cursor, skip, seen, sys.maxsize), size
