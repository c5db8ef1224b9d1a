"""The limits in Redis: one budget and one pause for all processes of a key."""

from __future__ import annotations

import asyncio
import math
import random
import re
import secrets
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from lootlocker_async.core.limits import Gate, LocalLimiter
from lootlocker_async.integrations.redis import scripts
from lootlocker_async.integrations.redis.connection import Connection, RedisAway

if TYPE_CHECKING:
    from lootlocker_async.config import ClientConfig
    from lootlocker_async.integrations.redis.state import SharedState

__all__ = ["RedisLimiter"]

_SIGN_OF_LIFE = 1.0
"""Seconds between a worker's signs of life."""
_LIFE = 5.0
"""Seconds after which a worker without one counts as gone."""
_AHEAD = 0.25
"""Seconds of the budget that all workers together ask for ahead."""
_LATE = 0.1
"""Seconds by which a moment may be missed and still be used; sent later, calls would come in a bunch."""
_SOONEST_TRY = 0.1
_LATEST_TRY = 1.0
_HARDLY = 0.05
"""Seconds of a pause that aren't worth closing the gate anew."""
_PAUSES = (429, 503)
_MESSAGE = re.compile(rb"([0-9a-f]+) ([0-9]{1,15})")


class RedisLimiter(LocalLimiter):
    """A local cap on calls in flight, and a pace that all workers of a key have together; made by `SharedState.share`.

    Redis hands out the moments at which calls may go out, at the budget's interval and first come, first served. A
    worker asks for as many as it has calls waiting, but for few at a time, so that the others get theirs in between.
    A moment that isn't used is lost. A pause that one worker was asked for is told to all.

    While Redis is away, the worker keeps to its share of the budget: the budget divided by the number of workers last
    seen, or expected.
    """

    def __init__(self, state: SharedState, config: ClientConfig) -> None:
        """Let nothing out before `start`.

        Args:
            state: Where Redis is.
            config: The settings that the limits are taken from.

        Raises:
            ConfigurationError: The server key or the URL isn't there.
        """
        super().__init__(min(config.max_in_flight, config.max_connections), adaptive=config.adaptive_pacing)
        self._paced = True
        self._state = state
        self._budget = config.calls_per_second
        self._names = [state.name(config, what) for what in ("budget", "workers", "pause")]
        self._worker = secrets.token_hex(8)
        self._workers = state.workers
        self._moments: deque[float] = deque()
        self._wake = asyncio.Event()
        self._pausing = 0.0
        self._lost = False
        self._anew = False
        self._settled: asyncio.TimerHandle | None = None
        self._gate: Gate | None = None
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------------------------------------ the pool's side
    def start(self, gate: Gate) -> None:
        """Join the others.

        Args:
            gate: What is closed for their pauses.
        """
        self._gate = gate
        self._task = asyncio.get_running_loop().create_task(self._stay_connected())

    async def close(self) -> None:
        """Leave the others, and let go of the connections."""
        try:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait([self._task])
        finally:
            for timer in (self._timer, self._settled):
                if timer is not None:
                    timer.cancel()

    def leave(self, status: int | None, retry_after: float | None) -> None:
        """Give the place back, and tell the others of a pause."""
        if status in _PAUSES and retry_after:
            loop = asyncio.get_running_loop()
            self._pausing = max(self._pausing, loop.time() + retry_after)
            self._wake.set()
            loop.call_soon(self._serve_anew)  # the gate will be closed then, and knows who can wait so long
        super().leave(status, retry_after)

    # ------------------------------------------------------------------------------------------------------- the pace
    def _take_turn(self) -> bool:
        """Take the next moment that Redis has given, and that the worker's own pace allows, if both have come."""
        now = asyncio.get_running_loop().time()
        if self._gate is not None and self._gate.closed and self._gate.until - now > _HARDLY:
            return True
        if self._budget is None or self._lost:
            return super()._take_turn()
        while self._moments and self._moments[0] < now - _LATE:
            self._moments.popleft()
        if not self._moments:
            if self._next <= now:
                self._wake.set()
            return False
        if self._moments[0] > now or not super()._take_turn():
            return False
        self._moments.popleft()
        return True

    def _turn_comes(self) -> float:
        if self._budget is None or self._lost:
            return super()._turn_comes()
        own = super()._turn_comes()
        if self._moments:
            return max(self._moments[0], own)
        # They have been asked for, or it's not yet time for that.
        return math.inf if self._wake.is_set() else own

    def _forget(self) -> None:
        super()._forget()
        self._paced = True

    def _keep_to(self, pace: float | None, wait: float = 0.0) -> None:
        """Keep to a pace of this worker's own."""
        self._set_pace(pace, wait)
        self._paced = True
        self._serve_anew()

    @property
    def _wanted(self) -> int:
        """How many moments to ask for."""
        if self._budget is None:
            return 0
        most = max(1, int(self._budget * _AHEAD / self._workers))
        waiting = sum(not place.done() for place in self._waiting)
        return max(0, min(waiting, most, max(self._free, 1)) - len(self._moments))

    # --------------------------------------------------------------------------------------------------- Redis' side
    async def _stay_connected(self) -> NoReturn:
        """Be one of the workers, and become it again whenever Redis was away."""
        pause = _SOONEST_TRY
        while True:
            try:
                async with self._state.connection() as redis:
                    await self._take_part(redis)
            except RedisAway as error:
                pause = _SOONEST_TRY if not self._lost else min(pause * 2, _LATEST_TRY)
                self._lose(error)
            await asyncio.sleep(pause * random.uniform(0.5, 1))

    async def _take_part(self, redis: Connection) -> None:
        """Listen for pauses, give signs of life and ask for moments, until Redis is away."""
        # What was published before anybody listened is told in the turn after that.
        listening = asyncio.create_task(redis.listen(self._names[2], self._wake.set, self._hear))
        listening.add_done_callback(lambda _: self._wake.set())
        try:
            while not listening.done():
                self._wake.clear()
                await self._turn(redis)
                self._found()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_SIGN_OF_LIFE):
                        await self._wake.wait()
            await listening
        except asyncio.CancelledError:
            with suppress(RedisAway):  # it will notice by itself that this worker is gone
                await redis.run(scripts.LEAVE, self._names[1:2], self._worker)
            raise
        finally:
            listening.cancel()
            await asyncio.wait([listening])
            if not listening.cancelled():
                _ = listening.exception()

    async def _turn(self, redis: Connection) -> None:
        """Give a sign of life, tell of a pause, and get moments."""
        loop = asyncio.get_running_loop()
        wanted, pausing = self._wanted, self._pausing
        interval = 0.0 if self._budget is None else 1e6 / self._budget
        workers, pause, first = await redis.run(
            scripts.TURN,
            self._names,
            self._worker,
            _microseconds(_LIFE),
            max(0, _microseconds(pausing - loop.time())),
            wanted,
            repr(interval),
            repr(interval * (self._state.burst - 1)),
            int(self._anew),
        )
        now = loop.time()
        # Where Redis was away, they come back one by one.
        settling = self._lost or self._settled is not None
        self._workers = max(workers, self._workers) if settling else workers
        if self._pausing == pausing:
            self._pausing = 0.0
        if wanted:
            self._anew = False
            self._moments.extend(max(now, now + (first + number * interval) / 1e6) for number in range(wanted))
        if pause and self._gate is not None and now + pause / 1e6 - _HARDLY > self._gate.until:
            self._gate.close(pause / 1e6)
        self._serve_anew()

    def _hear(self, message: bytes) -> None:
        """Another worker was asked for a pause."""
        found = _MESSAGE.fullmatch(message)
        if found and found[1] != self._worker.encode() and self._gate is not None:
            self._gate.close(int(found[2]) / 1e6)
            self._serve_anew()

    def _lose(self, error: BaseException) -> None:
        """Redis is away: go on with a share of the budget, beginning at a moment that others don't begin at."""
        self._state.health.away(error)
        if self._settled is not None:
            self._settled.cancel()
            self._settled = None
        if self._lost:
            return
        self._lost = self._anew = True
        self._moments.clear()
        if self._budget is not None:
            share = self._budget / max(self._workers, self._state.workers)
            self._keep_to(share, random.uniform(0, 1 / share))
        else:
            self._serve_anew()

    def _found(self) -> None:
        """Redis answered. The share stays a bound until the others have noticed as well."""
        self._state.health.there()
        if self._lost:
            self._lost = False
            loop = asyncio.get_running_loop()
            self._settled = loop.call_later(_settling(self._state.timeout), self._settle)
            self._serve_anew()

    def _settle(self) -> None:
        self._settled = None
        self._keep_to(None)


def _settling(timeout: float) -> float:
    """Seconds in which everybody has noticed that Redis is back: until then each keeps to its share as well."""
    return timeout + 2 * _LATEST_TRY


def _microseconds(seconds: float) -> int:
    return math.ceil(seconds * 1e6)
