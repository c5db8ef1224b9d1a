"""How many calls of a bulk job may start in one turn of the event loop.

Calls that start together are answered together, and then the loop is away for as long as all of them take; spread over
some turns they stay spread, and other tasks come between.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Turnstile"]

_EACH_TURN = 6


class Turnstile:
    """Lets a few through in each turn of the loop, in the order in which they came."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._left = _EACH_TURN
        self._waiting: deque[asyncio.Future[None]] = deque()

    def lets_through(self) -> bool:
        """Go through at once, where that is possible."""
        if not self._left or self._waiting:
            return False
        if self._left == _EACH_TURN:
            self._loop.call_soon(self._turn)
        self._left -= 1
        return True

    async def wait(self) -> None:
        """Go through in one of the next turns."""
        waiting = self._loop.create_future()
        self._waiting.append(waiting)
        await waiting

    def _turn(self) -> None:
        self._left = _EACH_TURN
        while self._waiting and self._left:
            waiting = self._waiting.popleft()
            if not waiting.done():  # it may have been cancelled
                waiting.set_result(None)
                self._left -= 1
        if self._left < _EACH_TURN:
            self._loop.call_soon(self._turn)
