"""A loop that keeps time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import attrs


@attrs.define
class Ticker:
    """Calls a function so many times a second, as near to the right moments as the event loop allows.

    Each tick has a moment of its own, counted from the first one: a late tick doesn't shift those after it, and none is
    left out, as the game's steps are all of the same length.

    Attributes:
        tick: What is called, with the tick's number. It must not await: whoever waits is a task of its own.
        rate: Ticks a second.
        tolerance: Seconds after its moment from which on a tick counts as late.
        ticks: How many there were.
        late: How many of them were late.
        worst: The seconds by which the latest one was late.
    """

    tick: Callable[[int], None]
    rate: float = 30.0
    tolerance: float = 0.005
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ticks: int = 0
    late: int = 0
    worst: float = 0.0

    async def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Tick until something holds, or until this task is cancelled."""
        first = self.now() - self.ticks / self.rate
        while not until():
            due = first + self.ticks / self.rate
            # Also where it's late already: everybody else has a turn between two ticks.
            await self.sleep(max(0.0, due - self.now()))
            behind = self.now() - due
            self.late += behind > self.tolerance
            self.worst = max(self.worst, behind)
            self.tick(self.ticks)
            self.ticks += 1
