"""The workers of a bulk job, and the results that wait for its consumer.

Workers and not a task for each id: 20,000 waiting tasks would stall the loop and hold four times the memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar, cast

from lootlocker_async.bulk.delivery import Delivery
from lootlocker_async.bulk.sources import Ids
from lootlocker_async.bulk.turnstile import Turnstile
from lootlocker_async.bulk.width import Width
from lootlocker_async.core.observers import timings
from lootlocker_async.core.pagination import Paginator
from lootlocker_async.errors import (
    APIError,
    AuthenticationError,
    BulkStoppedError,
    CallError,
    InvalidRequestError,
    LootLockerError,
    RateLimitedError,
    ServerError,
    WrongEventLoopError,
)

__all__ = ["Pool", "Result", "is_about_the_id"]

K = TypeVar("K")
T = TypeVar("T")


class Result(NamedTuple, Generic[K, T]):
    """What came of one id.

    Attributes:
        id: The id.
        result: What the call gave, or the error that it ended in.
    """

    id: K
    result: T | LootLockerError

    @property
    def error(self) -> LootLockerError | None:
        """The error that the call ended in, or None."""
        return self.result if isinstance(self.result, LootLockerError) else None

    def value(self) -> T:
        """What the call gave.

        Raises:
            LootLockerError: The error that it ended in.
        """
        if isinstance(self.result, LootLockerError):
            raise self.result
        return self.result


class Pool(Generic[K, T]):
    """The workers of one job, and the results that wait for its consumer.

    It knows nothing of the generator above it, so that a generator left by `break` is collected at once and calls the
    workers back.
    """

    def __init__(
        self,
        call: Callable[[K], Any],
        ids: Ids[K],
        delivery: Delivery,
        width: Width,
        *,
        ordered: bool,
        buffer: int,
        stop_after: int | None,
    ) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._call = call
        self._ids = ids
        self._passes_over = delivery.passes_over
        self._width = width
        self._stop_after = stop_after
        self._ready: deque[tuple[int, Result[K, T]]] | _InOrder[K, T] = _InOrder(delivery.done) if ordered else deque()
        # Counted by hand: a semaphore makes a coroutine for each id, also where there is room.
        self._room = buffer
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._asking = asyncio.Lock()
        self._turnstile = Turnstile(self.loop)
        self._workers: set[asyncio.Task[None]] = set()
        self._working = 0
        self._consumer: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None
        self._in_a_row = 0
        # Taken down once: a worker may be hired by another one, in whose context this width is told already.
        self._timings = (*timings.get(), width.note)
        self._hire()

    def _hire(self) -> None:
        while self._working < self._width.now and not self._ids.is_over and self._failure is None:
            self._working += 1
            worker = self.loop.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._retire)

    def _retire(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (failure := worker.exception()) is not None:
            self._failure = self._failure or failure
        self._wake()

    def _wake(self) -> None:
        if self._consumer is not None and not self._consumer.done():
            self._consumer.set_result(None)

    async def _work(self) -> None:
        # The context is this task's own: calls that others make are not told here.
        timings.set(self._timings)
        try:
            while self._failure is None and self._working <= self._width.now:
                if self._room:
                    self._room -= 1
                else:
                    await self._wait_for_room()
                item = self._next_now() if self._ids.at_hand else await self._next_id()
                if item is None:
                    self._make_room()
                    return
                position, id_ = item
                if not self._turnstile.lets_through():
                    await self._turnstile.wait()
                self._ready.append((position, Result(id_, await self._result(id_))))
                self._wake()
                self._hire()
        finally:
            self._working -= 1

    async def _wait_for_room(self) -> None:
        waiting = self.loop.create_future()
        self._waiting.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                self._make_room()
            raise

    def _make_room(self) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self._room += 1

    def _next_now(self) -> tuple[int, K] | None:
        while (item := self._ids.next_now()) is not None and self._passes_over(*item):
            pass
        return item

    async def _next_id(self) -> tuple[int, K] | None:
        async with self._asking:
            while (item := await self._ids.next()) is not None and self._passes_over(*item):
                pass
            return item

    async def _result(self, id_: K) -> T | LootLockerError:
        try:
            found = self._call(id_)
            value: Any = await (found.collect() if isinstance(found, Paginator) else found)
        except (AuthenticationError, WrongEventLoopError):
            raise
        except (CallError, InvalidRequestError) as error:
            self._count_failure(error)
            return error
        self._in_a_row = 0
        return cast("T", value)

    def _count_failure(self, error: LootLockerError) -> None:
        self._in_a_row = 0 if is_about_the_id(error) else self._in_a_row + 1
        if self._stop_after is not None and self._in_a_row >= self._stop_after:
            raise BulkStoppedError(self._in_a_row, error) from error

    def check_loop(self) -> None:
        """See that the running loop is the job's own.

        Raises:
            WrongEventLoopError: It isn't.
        """
        if asyncio.get_running_loop() is not self.loop:
            raise WrongEventLoopError("a bulk job belongs to the event loop in which it was started")

    async def next(self) -> tuple[int, Result[K, T]] | None:
        """The next result and its position, or None at the end."""
        while not self._ready:
            if self._failure is not None:
                raise self._failure
            if not self._workers:
                return None
            if self._consumer is not None:
                raise RuntimeError("two tasks can't advance one bulk job at a time")
            self._consumer = self.loop.create_future()
            try:
                await self._consumer
            finally:
                self._consumer = None
        return self.take()

    def take(self) -> tuple[int, Result[K, T]] | None:
        """The next result and its position, if it's there."""
        if not self._ready:
            return None
        self._make_room()
        return self._ready.popleft()

    async def close(self) -> None:
        """Call every worker back, and see it end."""
        for worker in (workers := tuple(self._workers)):
            worker.cancel()
        if workers:
            await asyncio.wait(workers)
        await self._ids.close()

    def abandon(self) -> None:
        """Call every worker back from a finalizer, which may run in another thread or after the loop."""
        if self._workers and not self.loop.is_closed():
            for worker in tuple(self._workers):
                self.loop.call_soon_threadsafe(worker.cancel)


def is_about_the_id(error: LootLockerError) -> bool:
    """Whether a call failed because of what it asked for, and not because of how the service or the network is."""
    if isinstance(error, APIError):
        return not isinstance(error, (AuthenticationError, RateLimitedError, ServerError))
    return isinstance(error, InvalidRequestError)


class _InOrder(Generic[K, T]):
    """Results that become ready in any order, and are there once those before them are gone."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._held: dict[int, tuple[int, Result[K, T]]] = {}

    def __bool__(self) -> bool:
        return self._next in self._held

    def append(self, item: tuple[int, Result[K, T]]) -> None:
        self._held[item[0]] = item

    def popleft(self) -> tuple[int, Result[K, T]]:
        item = self._held.pop(self._next)
        self._next += 1
        return item
