"""Who has to be woken when: one timer for all the attempts of an event loop.

A timer for each attempt (aiohttp's total timeout, or `asyncio.timeout`) costs more than everything else that the
client adds to a call.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lootlocker_async.core.call import Call

__all__ = ["Deadlines"]


class Deadlines:
    """Rings a call whose attempt has taken too long. Between `watch` and `forget` it rings once at most."""

    __slots__ = ("_due", "_loop", "_next", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: dict[Call, float] = {}
        self._next = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, call: Call, now: float) -> None:
        """Ring a call when its attempt has taken too long, unless it's forgotten before."""
        due = call.deadline
        if call.patience is not None and now + call.patience < due:
            due = now + call.patience
        self._due[call] = due
        if due < self._next:
            self._set(due)

    def forget(self, call: Call) -> None:
        """Ring a call no longer."""
        self._due.pop(call, None)

    def stop(self) -> None:
        """Ring nobody any more."""
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = due
        self._timer = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        # The loop may come a tick of its clock too early.
        now = self._next
        self._timer, self._next = None, math.inf
        for call, due in [*self._due.items()]:
            if due <= now:
                del self._due[call]
                call.alarm()
        if self._due:
            self._set(min(self._due.values()))
