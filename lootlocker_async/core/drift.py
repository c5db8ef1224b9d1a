"""What answers have that the contract hasn't, and the other way round: counted and told, never fatal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from lootlocker_async.core.observers import Drift, Observers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lootlocker_async.models.base import Told

_SHARE = 100
"""One byte in so many is looked through for unknown fields."""
_KINDS = 1000
"""Kinds of drift that are counted: a service gone mad must not fill the memory."""
_SHOWN = 200


class DriftWatch:
    """Counts the drift of a client's answers and decides which of them are looked through for unknown fields."""

    def __init__(self, mode: Literal["sampled", "always", "never"], observers: Observers) -> None:
        self._mode = mode
        self._observers = observers
        self._unseen: dict[str, int] = {}
        self.counts: Counter[Drift] = Counter()

    def count(self, operation: str, told: Iterable[Told]) -> None:
        """Count the drift that was met in an answer of an operation; what is new is told to the observers."""
        for kind, where, found in told:
            drift = Drift(kind, where, found[:_SHOWN], operation)
            if drift not in self.counts:
                if len(self.counts) >= _KINDS:
                    continue
                self._observers.tell(drift)
            self.counts[drift] += 1

    def wants_a_look(self, operation: str, size: int) -> bool:
        """Whether this answer is looked through for unknown fields: always the first, then in proportion."""
        left = self._unseen.get(operation, 0) - size
        if left > 0:
            self._unseen[operation] = left
            return False
        if self._mode != "sampled":
            return self._mode == "always"
        self._unseen[operation] = size * _SHARE
        return True
