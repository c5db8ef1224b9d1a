"""The emulator's clock, which tests can move."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import NamedTuple

# ULIDs know no time before the epoch, and something may still be due a year after the present.
_END = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class ClockState(NamedTuple):
    """All that a clock has to know besides the wall clock's time, in seconds.

    Attributes:
        offset: How far it is ahead of the wall clock, or of where that stood when it was frozen.
        frozen_at: Where the wall clock stood when it was frozen; None while it runs.
    """

    offset: float
    frozen_at: float | None


class Clock:
    """The wall clock plus an offset, or a time that stands still until it is moved.

    Args:
        start: The time to begin at; the present by default. One without a zone is taken as UTC.
        frozen: Whether time stands still.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        wall = time.time()
        self._offset = 0.0 if start is None else _timestamp(start) - wall
        self._frozen_at = wall if frozen else None
        self._followers: list[Callable[[ClockState], None]] = []

    def timestamp(self) -> float:
        """The present as seconds since the epoch."""
        return (time.time() if self._frozen_at is None else self._frozen_at) + self._offset

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    @property
    def state(self) -> ClockState:
        """What makes this clock out of the wall clock."""
        return ClockState(self._offset, self._frozen_at)

    def advance(self, by: float | timedelta) -> None:
        """Moves the clock forward.

        Args:
            by: Seconds, or a duration.

        Raises:
            ValueError: The duration is negative, or leads beyond what a clock shows.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        if not seconds >= 0:  # neither is NaN
            raise ValueError("a clock only moves forward")
        _check(self.timestamp() + seconds)
        self.take(ClockState(self._offset + seconds, self._frozen_at))

    def set(self, moment: datetime) -> None:
        """Moves the clock to a time, be it a past one; a frozen clock stays frozen.

        Args:
            moment: The time. One without a zone is taken as UTC.

        Raises:
            ValueError: A clock doesn't show that time.
        """
        by = _timestamp(moment) - self.timestamp()
        self.take(ClockState(self._offset + by, self._frozen_at))

    def freeze(self) -> None:
        """Lets time stand still, at the present."""
        if self._frozen_at is None:
            self.take(ClockState(self._offset, time.time()))

    def unfreeze(self) -> None:
        """Lets time run again, from where it stood."""
        if self._frozen_at is not None:
            self.take(ClockState(self._offset - (time.time() - self._frozen_at), None))

    def take(self, state: ClockState) -> None:
        """Goes on as the clock whose state that was."""
        self._offset, self._frozen_at = state
        for follower in tuple(self._followers):
            follower(state)

    def follow(self, follower: Callable[[ClockState], None]) -> None:
        """Tells of every change but the passing of time, until `unfollow`."""
        self._followers.append(follower)

    def unfollow(self, follower: Callable[[ClockState], None]) -> None:
        """Stops telling."""
        self._followers.remove(follower)


def _timestamp(moment: datetime) -> float:
    timestamp = aware(moment).timestamp()
    _check(timestamp)
    return timestamp


def _check(timestamp: float) -> None:
    if not 0 <= timestamp < _END:
        raise ValueError("a clock shows the years from 1970 to 9998")


def aware(moment: datetime) -> datetime:
    """A time with its zone; one without a zone is taken as UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """A date as most services of the API write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def precise(moment: datetime) -> str:
    """A date with its fraction of a second, as the admin API writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def rfc2822(moment: datetime) -> str:
    """A date as an asset has it."""
    return format_datetime(moment)


def sql(moment: datetime) -> str:
    """A date as an asset's raw record has it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")
