"""The emulator's clock, which tests can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


class Clock:
    """The wall clock plus an offset, or a time that stands still until it is moved.

    Args:
        start: The time to begin at; the present by default. One without a zone is taken as UTC.
        frozen: Whether time stands still.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        wall = time.time()
        self._offset = 0.0 if start is None else _aware(start).timestamp() - wall
        self._frozen_at = wall if frozen else None

    def timestamp(self) -> float:
        """The present as seconds since the epoch."""
        return (time.time() if self._frozen_at is None else self._frozen_at) + self._offset

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def advance(self, by: float | timedelta) -> None:
        """Moves the clock forward.

        Args:
            by: Seconds, or a duration.

        Raises:
            ValueError: The duration is negative.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        if seconds < 0:
            raise ValueError("a clock only moves forward")
        self._offset += seconds

    def freeze(self) -> None:
        """Lets time stand still, at the present."""
        if self._frozen_at is None:
            self._frozen_at = time.time()

    def unfreeze(self) -> None:
        """Lets time run again, from where it stood."""
        if self._frozen_at is not None:
            self._offset -= time.time() - self._frozen_at
            self._frozen_at = None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """A date as most services of the API write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc2822(moment: datetime) -> str:
    """A date as an asset has it."""
    return format_datetime(moment)


def sql(moment: datetime) -> str:
    """A date as an asset's raw record has it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")
