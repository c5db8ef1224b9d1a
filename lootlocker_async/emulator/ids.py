"""Ids of the kinds that the service hands out."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LENGTH = 26
_PAIRS = tuple(first + second for first in _CROCKFORD for second in _CROCKFORD)
_RANDOM_BITS = 80
_PAIR_SHIFTS = tuple(range(120, -1, -10))


class Ids:
    """Makes ids from a random source, so that a seed gives the same ones again.

    Args:
        random: Where they come from.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def ulid(self, moment: datetime) -> str:
        """A ULID of that time."""
        value = int(moment.timestamp() * 1000) << _RANDOM_BITS | self._random.getrandbits(_RANDOM_BITS)
        return "".join([_PAIRS[value >> shift & 1023] for shift in _PAIR_SHIFTS])

    def public_uid(self) -> str:
        """The short public id of a player: eight characters."""
        value = self._random.getrandbits(40)
        return "".join([_PAIRS[value >> shift & 1023] for shift in (30, 20, 10, 0)])

    def uuid(self) -> str:
        """A random UUID."""
        # Thirteenth digit the version, seventeenth the variant.
        digits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def trace_id(self) -> str:
        """Thirty-two hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"


def moment_of(ulid: str) -> datetime | None:
    """When a ULID was made; None where the text is none."""
    if len(ulid) != _ULID_LENGTH or not set(ulid) <= set(_CROCKFORD):
        return None
    milliseconds = 0
    for digit in ulid[:10]:
        milliseconds = milliseconds << 5 | _CROCKFORD.index(digit)
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # a time beyond the calendar, which ULIDs made by hand can have
        return None
