"""What a process knows of itself: its memory, and how long its event loop was away."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_CLEAR_REFS: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"


def memory() -> int:
    """The bytes of memory that the process holds now; its peak where the system says no more."""
    return _status("VmRSS")


def peak_memory() -> int:
    """The most bytes that the process has held since `forget_peak`, or since its start."""
    return _status("VmHWM")


def forget_peak() -> None:
    """Begin to look for the peak anew, where the system can."""
    with contextlib.suppress(OSError):
        _CLEAR_REFS.write_text(_RESET_PEAK)


def _status(name: str) -> int:
    try:
        lines = _STATUS.read_text().splitlines()
    except FileNotFoundError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


class Stalls:
    """How long the running loop is away from its callbacks, at most: in seconds of this thread's processor.

    The processor's time, and not the clock's, because a busy machine takes the processor away whenever it likes.
    """

    def __init__(self, interval: float = 0.0) -> None:
        """Watch from now on.

        Args:
            interval: Seconds between two looks; 0 to look at every turn of the loop, which then never rests.
        """
        self._loop = asyncio.get_running_loop()
        self._interval = interval
        self._last = time.thread_time()
        self._handle: asyncio.Handle = self._loop.call_soon(self._look)
        self.longest: float = 0.0

    def _look(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now
        if self._interval:
            self._handle = self._loop.call_later(self._interval, self._look)
        else:
            self._handle = self._loop.call_soon(self._look)

    def stop(self) -> float:
        """Watch no longer; gives the longest time."""
        self._handle.cancel()
        return max(self.longest, time.thread_time() - self._last)
