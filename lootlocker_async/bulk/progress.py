"""How far a bulk job has come, for whoever watches it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Meter", "Progress", "Watcher"]

_EVERY = 0.5
_WINDOW = 20
"""Marks that the rate is taken over: ten seconds of them."""


class Progress(NamedTuple):
    """How far a bulk job has come.

    Attributes:
        done: How many ids have been dealt with, those that failed included, and those of earlier runs. Where an export
            walks through long lists, it counts rows instead, as `total` and `rate` do.
        failed: How many ids failed.
        total: How many there are, or None where nobody knows.
        rate: Ids a second, lately.
        left: Seconds that the rest will take at that rate, or None where nobody knows.
        width: How many calls are under way at most, now.
        seconds: How long this run has taken so far.
    """

    done: int
    failed: int
    total: int | None
    rate: float
    left: float | None
    width: int
    seconds: float


Watcher = Callable[[Progress], object]


class Meter:
    """Counts, and tells a watcher twice a second and in the end.

    Attributes:
        done: How many have been dealt with.
        failed: How many of them failed.
        total: How many there are, or None.
        width: How many calls may be under way now.
    """

    def __init__(
        self,
        watcher: Watcher | None,
        total: int | None,
        done: int,
        failed: int = 0,
        *,
        time: Callable[[], float] | None = None,
    ) -> None:
        """Begin to count.

        Args:
            watcher: Whom to tell, or None.
            total: How many ids there are, or None.
            done: How many have been dealt with before.
            failed: How many of them failed.
            time: The clock; the running loop's by default.
        """
        self._watcher = watcher
        self.total: int | None = total
        self._time: Callable[[], float] = time or asyncio.get_running_loop().time
        self._began = self._time()
        self._marks: deque[tuple[float, int]] = deque([(self._began, done)], maxlen=_WINDOW)
        self.done: int = done
        self.failed: int = failed
        self.width: int = 0

    def count(self, done: int = 1, *, failed: int = 0) -> None:
        """Count what was dealt with."""
        self.done += done
        self.failed += failed
        if self._watcher is not None and self._time() - self._marks[-1][0] >= _EVERY:
            self._watcher(self.progress)
            self._marks.append((self._time(), self.done))

    def end(self) -> None:
        """Tell how it ended."""
        if self._watcher is not None:
            self._watcher(self.progress)

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        now = self._time()
        since, before = self._marks[0]
        rate = (self.done - before) / (now - since) if now > since else 0.0
        left = None
        if self.total is not None and (rate or self.done >= self.total):
            left = max(0, self.total - self.done) / rate if rate else 0.0
        return Progress(self.done, self.failed, self.total, rate, left, self.width, now - self._began)
