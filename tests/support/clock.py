"""Event loops whose clocks jump: a test of long waits takes no time and is exact to the tick."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_QUIET = 0.005
"""Real seconds without any event on a socket before time jumps: loopback answers in far less."""


class _JumpingSelector(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        events = super().select(min(timeout, _QUIET))
        if not events:
            self.now += timeout
        return events


class ClockLoop(asyncio.SelectorEventLoop):
    """Waits for sockets as ever, and skips the time in which nothing would happen.

    Work and what comes over loopback take no time at all, so that a busy machine is as quick as any.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads however long they take: by this clock a time-out is over at once."""
        await super().shutdown_default_executor()


class _NoWait(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # a thread is at work
            return super().select()
        self.now += max(timeout, 0.0)
        return super().select(0)


class StillLoop(asyncio.SelectorEventLoop):
    """A loop without sockets in which only waiting takes time: work takes none, so a busy machine changes nothing."""

    def __init__(self) -> None:
        self._still = _NoWait()
        super().__init__(self._still)

    def time(self) -> float:
        return self._still.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads however long they take: by this clock a time-out is over at once."""
        await super().shutdown_default_executor()


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function in a loop whose clock jumps."""
    with asyncio.Runner(loop_factory=ClockLoop) as runner:
        return runner.run(main())


def run_still(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function in a loop in which only waiting takes time."""
    with asyncio.Runner(loop_factory=StillLoop) as runner:
        return runner.run(main())
