"""A service's limit as a test's own: a token bucket that says whole seconds when it's empty."""

from __future__ import annotations

import math
from collections.abc import Callable


class Bucket:
    """Gains `rate` tokens a second, keeps `burst` of them, and notes when it gave one and when it had none."""

    def __init__(self, time: Callable[[], float], rate: Callable[[float], float], burst: int = 5) -> None:
        """Begin full.

        Args:
            time: The time that fills it.
            rate: Tokens a second, after so many seconds.
            burst: How many it keeps.
        """
        self._time = time
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._began = self._at = time()
        self.given: list[float] = []
        self.refused: list[float] = []

    def take(self) -> int:
        """Take a token: 0 where there was one, or what Retry-After says."""
        now = self._time()
        rate = self._rate(now - self._began)
        self._tokens = min(self._burst, self._tokens + (now - self._at) * rate)
        self._at = now
        if self._tokens >= 1 - 1e-9:
            self._tokens -= 1
            self.given.append(now - self._began)
            return 0
        self.refused.append(now - self._began)
        return math.ceil((1 - self._tokens) / rate)

    def used(self, *windows: tuple[float, float]) -> float:
        """The part of what it had to give in these windows that was taken."""
        given = sum(start <= moment < end for moment in self.given for start, end in windows)
        steps = ((start + number / 100, 0.01) for start, end in windows for number in range(round((end - start) * 100)))
        return given / sum(self._rate(moment) * step for moment, step in steps)

    def refused_part(self, start: float) -> float:
        """The part of the calls since then that it refused."""
        refused = sum(moment >= start for moment in self.refused)
        return refused / (refused + sum(moment >= start for moment in self.given))
