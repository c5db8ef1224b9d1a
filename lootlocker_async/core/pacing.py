"""A pace found by being refused: how many calls a second the service lets through.

A service with a limit says no more than 429 and, mostly, a Retry-After in whole seconds, in which nothing may go out.
So each refusal costs up to a second's worth of calls, and the limit has to be found, and followed, with few of them:

- The first refusal starts a search: a low pace that doubles quickly until the second one.
- A refusal tells the limit more exactly than the pace at which it came: a bucket that refused had been drained of the
  few calls it keeps in reserve, so the limit is the pace above which just so many calls were sent (`_estimate`).
- After it the pace begins a little below the limit and rises so gently that the reserve lasts for a cycle of some
  seconds. Being refused at its end is what it costs to know that the limit is still there.
- When a cycle ends without a refusal, the limit has risen: the pace rises faster and faster until the next one.
- Refusals in quick succession mean that the limit has fallen: the estimate says how far, but no step is larger than
  half. Refusals that come early mean that others share the limit: cycles get longer.

Time in which the pace holds nobody back counts for nothing, and after a minute of it the pace is forgotten.
"""

from __future__ import annotations

import math

__all__ = ["Pacer"]

_FIRST_PACE = 20.0
_DOUBLING = 0.5
"""Seconds in which the search doubles its pace."""
_SEARCHES = 2
_LEAST_PACE = 0.1
_NO_PACE = 10_000.0
"""Calls a second that no event loop sends: a pace that got there limits nothing."""

_CYCLE = 12.0
_LONGEST_CYCLE = 3 * _CYCLE
_CALLS_IN_A_CYCLE = 60.0
_LONGEST_FOR_CALLS = 30.0
_RESERVE = 4.0
_RESERVE_SECONDS = 0.04
"""A bucket's reserve is taken for so many calls, or for what so many seconds fill in."""
_BELOW = 0.995
_ACCELERATION = 0.05
_RISEN = 1.15

_SOON = 3.0
"""Seconds of sending after a pause within which another refusal is one in quick succession."""
_ONE_REFUSAL = 0.25
"""Seconds in which further refusals, of calls that were on their way, say nothing new."""
_FORGET = 60.0
_STEPS = 200


class Pacer:
    """The pace of one event loop's calls, from the first refusal on.

    Attributes:
        rate: Calls a second, now.
        next: When the next call may go out.
        over: Whether the pace has become pointless.
    """

    __slots__ = (
        "_base", "_cycle", "_last", "_limit", "_most", "_pressed", "_reserve", "_resume", "_slope", "_soon", "_spent",
        "next", "over", "rate",
    )  # fmt: skip

    def __init__(self, now: float, pause: float, most: float = math.inf) -> None:
        """Begin the search.

        Args:
            now: The loop's time.
            pause: Seconds that the first refusal asked for.
            most: Calls a second that are never exceeded.
        """
        self._most = most
        self._limit: float | None = None
        self._base = min(_FIRST_PACE, most)
        self._slope = 0.0
        self._cycle = 0.0
        self._soon = 0
        self.over: bool = False
        self.rate: float = self._base
        self.next: float = now
        self._pause(now, pause)

    def _pause(self, now: float, seconds: float) -> None:
        self._spent = 0.0
        self._reserve = 1 + self.rate * seconds
        self._resume = now + max(seconds, _ONE_REFUSAL)
        self.next = self._last = self._pressed = now + seconds

    def sent(self, now: float) -> float:
        """Note that a call goes out, and tell when the next may."""
        interval = 1 / self.rate
        if now - self.next <= interval / 2 + 0.002:
            self._spent += max(0.0, now - self._last)
            self._pressed = now
            self.rate = self._pace(self._spent)
            interval = 1 / self.rate
        self._last = now
        self.over = self.rate >= _NO_PACE or now - self._pressed > _FORGET
        # A loop that woke up late makes up for it, by one call or the calls of a hundredth of a second.
        self.next = max(self.next, now - max(interval, 0.01)) + interval
        return self.next

    def refused(self, now: float, pause: float) -> bool:
        """Learn from a refusal.

        Args:
            now: The loop's time.
            pause: Seconds that the service asked for, or 0.

        Returns:
            Whether the pace has changed; it does so once for all the calls that were on their way together.
        """
        if now < self._resume:
            self._resume = max(self._resume, now + pause)
            self.next = max(self.next, now + pause)
            self._last = self._pressed = max(self._last, now + pause)
            return False
        estimate = self._estimate()
        if self._limit is None and estimate <= self.rate / 2 and self._soon < _SEARCHES:
            # Too early to tell: search again from further below, as it may be that no limit is behind it.
            self._soon += 1
            self.rate = self._base = max(self.rate / 2, _LEAST_PACE)
            self._pause(now, pause)
            return True
        if self._limit is None:
            limit, cycle = max(estimate, self.rate / 2, _LEAST_PACE), _CYCLE
            if limit > estimate:
                # A guess: look soon whether it's too low.
                self._begin(limit, _CYCLE / 4)
                self._pause(now, pause)
                return True
        else:
            self._soon = self._soon + 1 if self._spent < _SOON else 0
            limit = max(estimate, self.rate * (0.7 if self._soon < 1 else 0.5), _LEAST_PACE)
            early = min(1.5, _CYCLE / max(self._spent, 0.1))
            cycle = _CYCLE if limit > self._limit * _RISEN else min(_LONGEST_CYCLE, max(_CYCLE, self._cycle * early))
        self._begin(limit, max(cycle, min(_CALLS_IN_A_CYCLE / limit, _LONGEST_FOR_CALLS)))
        self._pause(now, pause)
        return True

    def _begin(self, limit: float, cycle: float) -> None:
        """Begin a cycle: rise from below the limit so that the reserve is spent at the cycle's end."""
        self._limit, self._cycle = limit, cycle
        self._base = min(limit * _BELOW, self._most)
        gap, reserve = limit * (1 - _BELOW), _reserve(limit)
        half = cycle * gap + reserve
        # Of the two slopes with slope / 2 * (cycle - gap / slope) ** 2 == reserve, the one that gets above the limit.
        self._slope = (half + math.sqrt(half * half - (cycle * gap) ** 2)) / cycle**2
        self.rate = self._pace(0.0)

    def _pace(self, spent: float) -> float:
        """The pace after so many seconds of sending since the last pause."""
        if self._limit is None:
            pace = self._base * 2 ** min(spent / _DOUBLING, 20.0)
        else:
            pace = self._base + self._slope * min(spent, self._cycle)
            if spent > self._cycle:
                pace *= math.exp(min(_ACCELERATION * (spent - self._cycle) ** 2, 20.0))
        return min(pace, self._most)

    def _estimate(self) -> float:
        """The pace above which as many calls were sent as the bucket had in reserve."""
        reserve = min(_reserve(self.rate), self._reserve)
        if self._spent <= 0:
            return 0.0
        step = self._spent / _STEPS
        sent = 0.0
        for number in range(_STEPS):
            pace = self._pace(self._spent - number * step)
            sent += pace * step
            if sent - pace * (number + 1) * step >= reserve:
                return pace
        return (sent - reserve) / self._spent


def _reserve(pace: float) -> float:
    return max(_RESERVE, _RESERVE_SECONDS * pace)
