"""The order of a leaderboard's entries, with ranks and positions in logarithmic time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol, cast

from lootlocker_async.emulator.errors import require

_SEQUENCE_BITS = 64
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1


class Place(NamedTuple):
    """What an entry is ordered by.

    Attributes:
        sort_key: The score, turned so that the smallest one ranks first.
        sequence: When the score was reached, which breaks ties.
    """

    sort_key: int
    sequence: int


def sort_key(score: int, *, descending: bool) -> int:
    """Turns a score so that the smallest sort key ranks first; it stays within 64 bits, which a negation wouldn't."""
    return ~score if descending else score


class _SortedIntegers(Protocol):
    def add(self, value: int) -> None: ...
    def remove(self, value: int) -> None: ...
    def bisect_left(self, value: int) -> int: ...
    def __getitem__(self, index: int) -> int: ...
    def __len__(self) -> int: ...


class Ranking:
    """An order statistic over the places of a board.

    A place is kept as one integer, which takes half the memory of a tuple and compares faster.

    Args:
        places: The places there are, in any order.
    """

    def __init__(self, places: Iterable[Iterable[int]] = ()) -> None:
        packed = [key << _SEQUENCE_BITS | sequence for key, sequence in places]
        self._latest = max((place & _SEQUENCE_MASK for place in packed), default=0)
        self._places = cast("_SortedIntegers", require("sortedcontainers").SortedList(packed))

    def __len__(self) -> int:
        return len(self._places)

    @property
    def next_sequence(self) -> int:
        """What the next place has as its sequence: more than any that is there."""
        return self._latest + 1

    def add(self, place: Place) -> None:
        """Takes in a place."""
        self._latest = max(self._latest, place.sequence)
        self._places.add(_pack(place))

    def remove(self, place: Place) -> None:
        """Takes out a place, which must be there."""
        self._places.remove(_pack(place))

    def rank(self, place: Place) -> int:
        """The rank of a place, from 1."""
        return self._places.bisect_left(_pack(place)) + 1

    def at(self, position: int) -> Place:
        """The place at a position, from 0."""
        packed = self._places[position]
        return Place(packed >> _SEQUENCE_BITS, packed & _SEQUENCE_MASK)


def _pack(place: tuple[int, int]) -> int:
    return place[0] << _SEQUENCE_BITS | place[1]
