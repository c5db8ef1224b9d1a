"""How many calls of a bulk job are under way at a time: learned from how long they take and wait, and from refusals.

More calls than the service or the client's own limits let through only wait in a queue, where each spends its deadline.
So the width doubles while nothing speaks against it, and afterwards:

- answers of status 429 make it narrower by a third;
- calls that spend most of their time waiting for their turn (for a pace, a Retry-After, a place) make it as narrow as
  the calls that don't wait;
- a service that takes more than twice as long as at its best makes it narrower in proportion;
- otherwise it grows by its square root.
"""

from __future__ import annotations

import math

from lootlocker_async.core.observers import History

__all__ = ["Width"]

_FIRST = 8
_REFUSED = 429
_BACK_OFF = 0.7
_WAITING = 0.5
"""The share of a call's time above which waiting says that there are too many of them."""
_SPARE = 2
_TOLERANCE = 2.0
_FORGET = 1.02
"""By how much the best time seen counts for less with each round: a service may become slower for good."""


class Width:
    """The width of one bulk job.

    Attributes:
        now: How many calls may be under way.
    """

    __slots__ = ("_attempts", "_base", "_calls", "_most", "_ramping", "_refused", "_rounds", "_seconds", "_served",
                 "_waited", "now")  # fmt: skip

    def __init__(self, most: int) -> None:
        """Begin small.

        Args:
            most: The width that is never exceeded.
        """
        self._most = most
        self._base = math.inf
        self._ramping = True
        self._rounds = 0
        self.now: int = min(_FIRST, most)
        self._begin_round()

    def _begin_round(self) -> None:
        self._calls = self._attempts = 0
        self._seconds = self._waited = self._served = 0.0
        self._refused = False

    def note(self, seconds: float, history: History) -> None:
        """Learn from a call that ended: how long it took, and its attempts."""
        self._calls += 1
        self._seconds += seconds
        self._waited += history[0][3] if history else seconds
        for _, status, _, _, served in history:
            self._attempts += 1
            self._served += served
            self._refused = self._refused or status == _REFUSED
        if self._calls >= max(self.now, _FIRST):
            self._end_round()
            self._begin_round()

    def _end_round(self) -> None:
        self._rounds += 1
        waiting = self._waited / self._seconds if self._seconds else 0.0
        if self._refused:
            self._become(self.now * _BACK_OFF, ramping=False)
        elif waiting > _WAITING:
            # All of the first round waited for the login.
            if self._rounds > 1:
                self._become(math.ceil(self.now * (1 - waiting)) + _SPARE, ramping=False)
        elif self._attempts:
            served = self._served / self._attempts
            self._base = min(served, self._base * _FORGET)
            slower = _TOLERANCE * self._base / served if served else 1.0
            if slower >= 1 and self._ramping:
                self._become(self.now * 2, ramping=True)
            else:
                self._become(self.now * min(1.0, max(slower, 0.5)) + math.sqrt(self.now), ramping=False)

    def _become(self, width: float, *, ramping: bool) -> None:
        self.now = max(1, min(int(width), self._most))
        self._ramping = ramping
