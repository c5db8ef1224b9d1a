"""One call for each of many ids, many at a time."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, overload

from lootlocker_async.bulk.delivery import BulkCheckpoint, Delivery
from lootlocker_async.bulk.progress import Meter, Progress, Watcher
from lootlocker_async.bulk.sources import Ids, count_of
from lootlocker_async.bulk.width import Width
from lootlocker_async.bulk.workers import Pool, Result
from lootlocker_async.core.generators import ClosableGenerator
from lootlocker_async.core.pagination import Paginator
from lootlocker_async.errors import InvalidRequestError

__all__ = ["Results", "map"]

K = TypeVar("K")
T = TypeVar("T")

_MOST = 10_000


@overload
def map(  # noqa: A001  (what it does)
    call: Callable[..., Paginator[T]],
    ids: Iterable[K] | AsyncIterable[K],
    *,
    concurrency: int = 64,
    ordered: bool = False,
    buffer: int | None = None,
    resume: Mapping[str, Any] | None = None,
    progress: Watcher | None = None,
    total: int | None = None,
    stop_after: int | None = 100,
) -> Results[K, list[T]]: ...
@overload
def map(  # noqa: A001
    call: Callable[..., Awaitable[T]],
    ids: Iterable[K] | AsyncIterable[K],
    *,
    concurrency: int = 64,
    ordered: bool = False,
    buffer: int | None = None,
    resume: Mapping[str, Any] | None = None,
    progress: Watcher | None = None,
    total: int | None = None,
    stop_after: int | None = 100,
) -> Results[K, T]: ...
def map(  # noqa: A001
    call: Callable[..., Any],
    ids: Iterable[K] | AsyncIterable[K],
    *,
    concurrency: int = 64,
    ordered: bool = False,
    buffer: int | None = None,
    resume: Mapping[str, Any] | None = None,
    progress: Watcher | None = None,
    total: int | None = None,
    stop_after: int | None = 100,
) -> Results[K, Any]:
    """Call something once for each of many ids, many at a time, and hand out what came of each.

    Nothing is sent before the first result is asked for, and no further call is begun while `buffer` results wait for
    whoever consumes them. A call's own error is its id's result; what says that no further call makes sense (a wrong
    key, a closed client, an error that isn't the SDK's) is raised.

    Args:
        call: What to call: a method of a service, such as `client.inventories.list_for_player`, or any function. The
            id is its first argument; where a method takes its ids by keyword alone, it is given the one id by that
            name. A paginator is collected whole.
        ids: The ids, in an order that stays the same where the job is to be resumed.
        concurrency: How many calls may be under way at a time, 1 to 10,000; 64 by default. The width begins at 8 and
            is then learned from the times and refusals of the client's calls, with this as its upper bound. The
            client's own limits (`max_in_flight`) count as well.
        ordered: Whether results come in the order of the ids; by default they come as they are ready.
        buffer: How many ids may be under way or waiting for the consumer together, from `concurrency`; by default
            twice as many, or four times where results are ordered.
        resume: The `checkpoint` of an earlier run over the same ids: those that it delivered are passed over.
        progress: Told how far the job has come, twice a second and in the end.
        total: How many ids there are, for the progress; known by itself for lists.
        stop_after: How many calls in a row may fail for a reason that isn't their id's (no connection, no answer, 429,
            5xx) before the job is given up; None for any number.

    Returns:
        An async generator of `Result`s; with a `checkpoint`, and `aclose()` to end it early.

    Raises:
        InvalidRequestError: An argument doesn't fit; nothing was sent.
        BulkStoppedError: The job was given up (raised by the generator, as what follows).
        AuthenticationError: The key is refused.
        ClientClosedError: The client was closed.
    """
    return Results(
        _of_one_id(call),
        ids,
        concurrency=concurrency,
        ordered=ordered,
        buffer=buffer,
        resume=resume,
        progress=progress,
        total=count_of(ids) if total is None else total,
        stop_after=stop_after,
    )


def _of_one_id(call: Callable[..., Any]) -> Callable[[Any], Any]:
    """What calls a function for one id: by position, or by keyword where it takes ids so."""
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):  # some callables of C tell nothing of their arguments
        return call
    first = parameters[0] if parameters else None
    if first is None or first.kind is not inspect.Parameter.KEYWORD_ONLY:
        return call
    name = first.name
    if str(first.annotation).startswith(("Sequence[", "collections.abc.Sequence[", "typing.Sequence[")):
        return lambda id_: call(**{name: (id_,)})
    return lambda id_: call(**{name: id_})


class Results(ClosableGenerator[Result[K, T]], Generic[K, T]):
    """The results of a bulk job, for `async for`; made by `map`."""

    def __init__(
        self,
        call: Callable[[K], Any],
        ids: Iterable[K] | AsyncIterable[K],
        *,
        concurrency: int,
        ordered: bool,
        buffer: int | None,
        resume: Mapping[str, Any] | None,
        progress: Watcher | None,
        total: int | None,
        stop_after: int | None,
    ) -> None:
        """Made by `map`; nothing is sent yet."""
        _whole("concurrency", concurrency, 1, _MOST)
        buffer = concurrency * (4 if ordered else 2) if buffer is None else buffer
        _whole("buffer", buffer, concurrency, None)
        if stop_after is not None:
            _whole("stop_after", stop_after, 1, None)
        if not isinstance(ids, (AsyncIterable, Iterable)) or isinstance(ids, (str, bytes)):
            raise InvalidRequestError(f"ids should be an iterable of ids, not {type(ids).__name__}")
        self._call = call
        self._ids = ids
        self._delivery = Delivery(resume)
        self._ordered = ordered
        self._buffer = buffer
        self._width = Width(concurrency)
        self._watcher = progress
        self._total = total
        self._stop_after = stop_after
        self._pool: Pool[K, T] | None = None
        self._meter: Meter | None = None
        self._is_over = False

    async def __anext__(self) -> Result[K, T]:
        """The next result."""
        if self._is_over:
            raise StopAsyncIteration
        pool = self._pool or self._begin()
        pool.check_loop()
        try:
            found = pool.take() or await pool.next()
        except BaseException:  # whatever it is, no worker may go on without a consumer
            await self.aclose()
            raise
        assert self._meter is not None  # noqa: S101  (`_begin` made it)  # nosec B101
        if found is None:
            self._is_over = True
            self._meter.end()
            raise StopAsyncIteration
        position, result = found
        self._delivery.note(position, result.id)
        self._meter.width = self.width
        self._meter.count(failed=result.error is not None)
        return result

    def _begin(self) -> Pool[K, T]:
        self._pool = Pool(
            self._call, Ids(self._ids), self._delivery, self._width,
            ordered=self._ordered, buffer=self._buffer, stop_after=self._stop_after,
        )  # fmt: skip
        self._meter = Meter(self._watcher, self._total, self._delivery.count)
        return self._pool

    @property
    def checkpoint(self) -> BulkCheckpoint:
        """Which results have been delivered: true after every one, fit for JSON and for `resume`."""
        return self._delivery.checkpoint

    @property
    def progress(self) -> Progress | None:
        """How far the job has come; None before it has begun."""
        return None if self._meter is None else self._meter.progress

    @property
    def width(self) -> int:
        """How many calls may be under way now: at most `concurrency`, and learned."""
        return self._width.now

    async def aclose(self) -> None:
        """End the job: calls under way are cancelled before this returns.

        Raises:
            WrongEventLoopError: It was started in another event loop.
        """
        if self._pool is not None:
            self._pool.check_loop()
            self._is_over = True
            await self._pool.close()
        self._is_over = True

    def __del__(self) -> None:
        pool: Pool[K, T] | None = getattr(self, "_pool", None)
        if pool is not None:
            pool.abandon()


def _whole(name: str, value: object, least: int, most: int | None) -> None:
    if type(value) is not int or value < least or (most is not None and value > most):
        upper = f" to {most}" if most is not None else " up"
        raise InvalidRequestError(f"{name} should be a whole number from {least}{upper}, not {value!r}")
