"""What a client has in one event loop: its connections, its limits, its running calls and its background work."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from lootlocker_async.core.deadlines import Deadlines
from lootlocker_async.core.limits import Gate, Limiter, LocalLimiter, SharedLimiter
from lootlocker_async.core.observers import GateClosed, GateOpened, Observers, PaceChanged
from lootlocker_async.core.transport import Transport

if TYPE_CHECKING:
    import aiohttp

    from lootlocker_async.config import ClientConfig
    from lootlocker_async.core.call import Call, UnderWay
    from lootlocker_async.core.tokens import Token


class Pool:
    """A client's share of one event loop. Make it with `open_pool`, in that loop."""

    def __init__(self, config: ClientConfig, observers: Observers, session: aiohttp.ClientSession | None) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self.time: Callable[[], float] = self.loop.time
        self.calls: dict[asyncio.Task[Any], Call] = {}
        self.downloads: set[asyncio.Task[Any]] = set()
        # They may take long, and none of a call's connections; so they count apart.
        self.downloading: LocalLimiter = LocalLimiter(min(config.max_in_flight, config.max_connections))
        self.limiter: Limiter = (
            config.limiter()
            if config.limiter
            # A call that had to wait for a connection inside aiohttp would go out through a closed gate.
            else LocalLimiter(
                min(config.max_in_flight, config.max_connections),
                config.calls_per_second,
                adaptive=config.adaptive_pacing,
                on_pace=lambda pace: observers.tell(PaceChanged(calls_per_second=pace)),
            )
        )
        self.transport: Transport = Transport(config, session)
        self.gate: Gate = Gate(
            lambda seconds: observers.tell(GateClosed(seconds=seconds)),
            lambda: observers.tell(GateOpened()),
        )
        self.deadlines: Deadlines = Deadlines(self.loop)
        self.login: asyncio.Task[Token] | None = None
        self.login_waiters: int = 0
        self.keep_alive: asyncio.TimerHandle | None = None
        self.last_used: float = self.loop.time()
        self.aborted: set[asyncio.Task[Any]] = set()
        self.closing: bool = False
        self.closed: bool = False
        self._ended: asyncio.Future[None] | None = None
        self._work: set[asyncio.Task[Any]] = set()
        self._end: AsyncGenerator[None, None] | None = None
        if isinstance(self.limiter, SharedLimiter):
            self.limiter.start(self.gate)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the calls; it doesn't outlive the pool."""
        task = self.loop.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def close(self, grace: float = 0.0, under_way: Iterable[UnderWay] = ()) -> None:
        """Let what is running finish for `grace` seconds, cancel what then still runs, and close the connections.

        Where this is cancelled itself, it goes through the rest without waiting: nobody could close the pool later.

        Args:
            grace: Seconds to wait at most.
            under_way: What has begun and takes more calls than those that are running now.
        """
        if self.closing:
            return
        self.closing = True
        own = asyncio.current_task()
        if self.keep_alive is not None:
            self.keep_alive.cancel()
        try:
            if grace > 0:
                await self._until_idle(own, grace, [it for it in under_way if it.loop is self.loop])
        finally:
            self.closed = True
            try:
                await self._abort(own)
            finally:
                self.gate.dismantle()
                self.deadlines.stop()
                try:
                    if isinstance(self.limiter, SharedLimiter):
                        await self.limiter.close()
                finally:
                    await self.transport.close()
                    if self._end is not None:
                        end, self._end = self._end, None
                        await end.aclose()

    async def _until_idle(self, own: asyncio.Task[Any] | None, grace: float, under_way: list[UnderWay]) -> None:
        """Wait for the end of everything that runs, but for so many seconds at most."""
        end = self.loop.time() + grace
        for it in under_way:
            it.when_ended(self.something_ended)

        def busy() -> bool:
            tasks = itertools.chain(self.calls, self.downloads)
            return any(task is not own for task in tasks) or any(it.is_awaited(own) for it in under_way)

        while (left := end - self.loop.time()) > 0 and busy():
            self._ended = self.loop.create_future()
            await asyncio.wait({self._ended}, timeout=left)

    def something_ended(self) -> None:
        """While the pool is closing: something that it may be waiting for has ended."""
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    async def _abort(self, own: asyncio.Task[Any] | None) -> None:
        """Cancel every call and all background work, and see them end."""
        for task in (*self.calls, *self.downloads):
            if task is not own:
                self.aborted.add(task)
                task.cancel()
        for task in tuple(self._work):
            task.cancel()
        remaining = [task for task in (*self.calls, *self.downloads, *self._work) if task is not own]
        if remaining:
            await asyncio.wait(remaining, timeout=1.0)

    def abandon(self) -> None:
        """Have the loop close the pool, from wherever this is called."""
        if not self.closing and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(lambda: self.loop.create_task(self.close()))

    def forget_end(self) -> None:
        """The generator that waits for the loop's end is ending itself."""
        self._end = None

    async def until_loop_ends(self) -> None:
        """Have the pool closed when its loop shuts its generators down: later would be too late for its sockets."""
        self._end = _close_at_the_end(self)
        await anext(self._end)


async def _close_at_the_end(pool: Pool) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        pool.forget_end()
        await pool.close()


async def open_pool(config: ClientConfig, observers: Observers, session: aiohttp.ClientSession | None) -> Pool:
    """A pool of the running loop."""
    pool = Pool(config, observers, session)
    await pool.until_loop_ends()
    return pool
