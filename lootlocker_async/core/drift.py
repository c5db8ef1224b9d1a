"""What answers have that the contract hasn't, and the other way round: counted and told, never fatal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from lootlocker_async.core.observers import Drift, Observers

if TYPE_CHECKING:
    from lootlocker_async.models.base import DriftSink

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
        self._sinks: dict[str, DriftSink] = {}
        self.counts: Counter[Drift] = Counter()

    def sink(self, operation: str) -> DriftSink:
        """What takes the drift met while an answer of an operation is read."""
        kept = self._sinks.get(operation)
        if kept is not None:
            return kept

        def count(kind: str, where: str, found: str) -> None:
            drift = Drift(kind=kind, where=where, found=found[:_SHOWN], operation=operation)
            if drift not in self.counts:
                if len(self.counts) >= _KINDS:
                    return
                self._observers.tell(drift)
            self.counts[drift] += 1

        self._sinks[operation] = count
        return count

    def wants_a_look(self, operation: str, size: int) -> bool:
        """Whether this answer is looked through for unknown fields: always the first, then in proportion."""
        if self._mode != "sampled":
            return self._mode == "always"
        left = self._unseen.get(operation, 0) - size
        if left > 0:
            self._unseen[operation] = left
            return False
        self._unseen[operation] = size * _SHARE
        return True
