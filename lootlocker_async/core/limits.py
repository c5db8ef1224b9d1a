"""How much goes out at once: the cap on calls in flight, pacing, and the gate that a Retry-After closes.

All of it belongs to one event loop and waits in the order of asking.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from lootlocker_async.core.observers import WaitReason
    from lootlocker_async.core.pacing import Pacer

__all__ = ["Gate", "Limiter", "LocalLimiter", "SharedLimiter"]

_REFUSED = 429
_SHORT_PAUSE = 2.0
_AFTER_THE_GATE = 0.001


class Limiter(Protocol):
    """Decides when a request may go out. `enter_now` or `enter` is followed by exactly one `leave`."""

    def enter_now(self) -> bool:
        """Take a place if there is one right now and nobody waits for it."""
        ...

    async def enter(self) -> None:
        """Wait for a place; a cancelled wait takes none."""

    def leave(self, status: int | None, retry_after: float | None) -> None:
        """Give the place back, and learn from the answer: its status (None without one) and its Retry-After."""


def scarce(limiter: Limiter) -> WaitReason:
    """What somebody who has to wait at a limiter waits for, as far as it can be told."""
    if not isinstance(limiter, LocalLimiter):
        return "limiter"
    return "pace" if limiter.has_room else "in_flight"


@runtime_checkable
class SharedLimiter(Limiter, Protocol):
    """A limiter that shares its limits with others, and has connections and work of its own for that."""

    def start(self, gate: Gate) -> None:
        """Begin, in the loop of the pool that the limiter was made for.

        Args:
            gate: What holds the pool's calls back; it's closed here for the pauses that others were asked for.
        """
        ...

    async def close(self) -> None:
        """End all work and let go of the connections: the pool is closing."""


class LocalLimiter:
    """A cap on calls in flight and a pace, both first come, first served.

    The pace is the one that was asked for, the one that is learned from refusals, or the slower of both.
    """

    def __init__(
        self,
        max_in_flight: int,
        calls_per_second: float | None = None,
        *,
        adaptive: bool = False,
        on_pace: Callable[[float | None], None] | None = None,
    ) -> None:
        """Let everything out as fast as it may go.

        Args:
            max_in_flight: The cap on calls in flight.
            calls_per_second: The pace, or None for none.
            adaptive: Whether to learn a pace from refusals.
            on_pace: Told each new pace that was learned, and None when it's forgotten.
        """
        self._free = max_in_flight
        self._most = calls_per_second or math.inf
        self._interval = 1 / self._most
        self._paced = calls_per_second is not None
        self._next = 0.0
        self._through = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._adaptive = adaptive
        self._on_pace = on_pace
        self._pacer: Pacer | None = None

    def enter_now(self) -> bool:
        """Take a place if there is one right now and nobody waits for it."""
        if not self._free or self._waiting:
            return False
        if self._paced and not self._take_turn():
            return False
        self._free -= 1
        return True

    @property
    def has_room(self) -> bool:
        """Whether the cap alone would let another call out."""
        return self._free > 0

    async def enter(self) -> None:
        """Wait for a place; a cancelled wait takes none."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._serve()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave(None, None)
            raise

    def leave(self, status: int | None, retry_after: float | None) -> None:
        """Give the place back, and learn from a refusal."""
        self._free += 1
        if status == _REFUSED and self._adaptive:
            self._learn(retry_after or 0.0)
        if self._waiting:
            self._serve()

    def _serve(self) -> None:
        """Hand out what places there are, and come back when the pace allows the next."""
        while self._waiting and (self._free or self._waiting[0].done()):
            if self._waiting[0].done():
                self._waiting.popleft()
                continue
            if self._paced and not self._take_turn():
                when = self._turn_comes()
                if self._timer is None and when < math.inf:
                    self._timer = asyncio.get_running_loop().call_at(when, self._tick)
                return
            self._free -= 1
            self._waiting.popleft().set_result(None)

    def _tick(self) -> None:
        self._timer = None
        self._serve()

    def _serve_anew(self) -> None:
        """Serve after a change of the pace: the timer may be set for too late."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._serve()

    def _set_pace(self, calls_per_second: float | None, wait: float = 0.0) -> None:
        """Change the pace that was asked for; the next call goes out in `wait` seconds at the earliest."""
        self._most = calls_per_second or math.inf
        self._interval = 1 / self._most
        self._paced = calls_per_second is not None or self._pacer is not None
        self._next = asyncio.get_running_loop().time() + wait
        if self._pacer is not None:
            self._next = max(self._next, self._pacer.next)

    def _turn_comes(self) -> float:
        """When the next moment comes that the pace allows; infinity where something else will tell."""
        return self._next

    def _take_turn(self) -> bool:
        """Take the next moment that the pace allows, if it has come."""
        now = asyncio.get_running_loop().time()
        if now < self._next:
            return now < self._through
        self._next = now + self._interval
        if self._pacer is not None:
            self._next = max(self._next, self._pacer.sent(now))
            if self._pacer.over:
                self._forget()
        return True

    def _learn(self, pause: float) -> None:
        """A call was refused: find or correct the pace."""
        from lootlocker_async.core.pacing import Pacer  # what most clients never need

        now = asyncio.get_running_loop().time()
        if self._pacer is None:
            self._pacer, changed = Pacer(now, pause, self._most), True
            self._paced = True
        else:
            changed = self._pacer.refused(now, pause)
        # The gate, which is told of the pause a moment later, opens first.
        self._next = max(self._next, self._pacer.next + _AFTER_THE_GATE)
        if pause > _SHORT_PAUSE:
            # Nobody waits here for what may be too late for them: the gate holds them back, and knows.
            self._through = max(self._through, now + pause)
        if changed and self._on_pace is not None:
            self._on_pace(self._pacer.rate)

    def _forget(self) -> None:
        self._pacer = None
        self._paced = self._most < math.inf
        self._next = min(self._next, asyncio.get_running_loop().time() + self._interval)
        if self._on_pace is not None:
            self._on_pace(None)


class Gate:
    """Holds every request back until the time that a Retry-After names: while `closed`, and `until` when."""

    def __init__(self, on_closed: Callable[[float], None], on_opened: Callable[[], None]) -> None:
        self._on_closed = on_closed
        self._on_opened = on_opened
        self._opened: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.until: float = 0.0
        self.closed: bool = False

    def close(self, seconds: float) -> None:
        """Hold requests back for so long from now, or longer where that was said before."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if seconds <= 0 or until <= self.until:
            return
        self.until = until
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(until, self._open)
        before, self._opened = self._opened, loop.create_future()
        self.closed = True
        if before is not None:
            # Those who wait look again whether they can wait so long.
            before.set_result(None)
        self._on_closed(seconds)

    def _open(self) -> None:
        self._timer = None
        opened, self._opened = self._opened, None
        self.closed = False
        if opened is not None and not opened.done():
            opened.set_result(None)
        self._on_opened()

    async def wait(self, deadline: float = math.inf) -> None:
        """Wait until requests may go out, or until it is known that this will be too late for a deadline."""
        while self._opened is not None and self.until < deadline:
            # Shielded: one waiter that is cancelled must not open the gate for the others.
            await asyncio.shield(self._opened)

    def dismantle(self) -> None:
        """Let go of the timer; the loop is about to end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
