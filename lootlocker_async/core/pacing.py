"""A pace found by being refused: how many calls a second the service lets through.

A service with a limit says no more than 429 and, mostly, a Retry-After in whole seconds, in which nothing may go out.
So each refusal costs up to a second's worth of calls, and the limit has to be found, and followed, with few of them:

- The first refusal starts a search: a low pace that doubles quickly until the second one.
- A refusal tells the limit more exactly than the pace at which it came: a bucket that refused had been drained of the
  few calls it keeps in reserve, so the limit is the pace above which just so many calls were sent (`_estimate`). How
  many it keeps is not told either: of some numbers that one is believed in with which the limit comes out the same
  from one refusal to the next (`_choose`).
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
_RESERVES = (4.0, 1.0, 0.0)
"""What a bucket's reserve is taken for, in calls: mostly for the first, or for what `_RESERVE_SECONDS` fill in."""
_RESERVE_SECONDS = 0.04
_NONE = 2
_BELOW = (0.995, 0.99, 0.97)
"""Where a cycle begins, for each reserve: without one, the network's own unevenness is enough for a refusal."""
_FAR_BELOW = 0.95
_DOUBT = (0.0, 0.01, 0.02)
_SURER = 0.4
_FORGETS = 0.7
_SLOW = 8.0
"""Calls a second: of so few, a reserve of several calls would be a lot."""
_AT_ONCE = 0.5
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
        "_base", "_cycle", "_doubt", "_estimates", "_last", "_limit", "_most", "_pressed", "_reserve",
        "_resume", "_slope", "_soon", "_spent", "_which", "next", "over", "rate",
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
        self._estimates: list[float] = []
        self._doubt = list(_DOUBT)
        self._which = 0
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
        first, self._last = self._last >= self.next, now
        self.over = self.rate >= _NO_PACE or now - self._pressed > _FORGET
        # A loop that woke up late makes up for it, by one call or the calls of a hundredth of a second; but not where a
        # pause was kept a little longer, nor where every two calls have to keep their distance.
        late = 0.0 if first or self._which == _NONE else max(interval, 0.01)
        self.next = max(self.next, now - late) + interval
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
        estimates = self._estimate()
        if self._limit is not None and self._spent >= _AT_ONCE:
            self._choose(estimates)
        self._estimates = estimates
        if self._limit is None and estimates[0] < _SLOW:
            self._which = 1
        estimate = estimates[self._which]
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
            if self._which == _NONE and self._spent < _SOON:
                estimate = min(estimate, self.rate * _FAR_BELOW)
            limit = max(estimate, self.rate * (0.7 if self._soon < 1 else 0.5), _LEAST_PACE)
            early = min(1.5, _CYCLE / max(self._spent, 0.1))
            cycle = _CYCLE if limit > self._limit * _RISEN else min(_LONGEST_CYCLE, max(_CYCLE, self._cycle * early))
        self._begin(limit, max(cycle, min(_CALLS_IN_A_CYCLE / limit, _LONGEST_FOR_CALLS)))
        self._pause(now, pause)
        return True

    def _begin(self, limit: float, cycle: float) -> None:
        """Begin a cycle: rise from below the limit so that the reserve is spent at the cycle's end."""
        self._limit, self._cycle = limit, cycle
        below = _BELOW[self._which]
        self._base = min(limit * below, self._most)
        gap, reserve = limit * (1 - below), self._reserves(limit)[self._which]
        half = cycle * gap + reserve
        # Of the two slopes with slope / 2 * (cycle - gap / slope) ** 2 == reserve, the one that gets above the limit.
        self._slope = (half + math.sqrt(max(0.0, half * half - (cycle * gap) ** 2))) / cycle**2
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

    def _choose(self, estimates: list[float]) -> None:
        """Believe in the reserve with which the estimates of the limit agree best from one refusal to the next."""
        if self._estimates:
            for number, (before, after) in enumerate(zip(self._estimates, estimates, strict=True)):
                gone = min(abs(after / before - 1), 0.3) if before > 0 else 0.3
                self._doubt[number] = _FORGETS * self._doubt[number] + (1 - _FORGETS) * gone
        least = min(self._doubt)
        if least < _SURER * self._doubt[self._which]:
            self._which = self._doubt.index(least)

    def _estimate(self) -> list[float]:
        """For each reserve, the pace above which as many calls were sent."""
        reserves = [min(reserve, self._reserve) for reserve in self._reserves(self.rate)]
        if self._spent <= 0:
            return [0.0] * len(reserves)
        found = [0.0] * len(reserves)
        step = self._spent / _STEPS
        sent = 0.0
        left = len(reserves)
        for number in range(_STEPS):
            pace = self._pace(self._spent - number * step)
            sent += pace * step
            while left and sent - pace * (number + 1) * step >= reserves[left - 1]:
                left -= 1
                found[left] = pace
        for number in range(left):
            found[number] = (sent - reserves[number]) / self._spent
        return found

    def _reserves(self, pace: float) -> tuple[float, ...]:
        return (max(_RESERVES[0], _RESERVE_SECONDS * pace), *_RESERVES[1:])
