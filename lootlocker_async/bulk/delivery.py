"""Which results of a bulk job have been delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from lootlocker_async.errors import InvalidRequestError

__all__ = ["BulkCheckpoint", "Delivery"]

_VERSION = 1


class BulkCheckpoint(TypedDict):
    """Which results of a bulk job have been delivered: a small value that JSON can hold.

    Attributes:
        v: The version of this form.
        done: How many ids have been delivered without a gap, counted from the first.
        beyond: The positions of those that were delivered before others which come earlier.
        mark: One of the positions delivered and its id as text, by which the ids are known again; None at the start.
    """

    v: int
    done: int
    beyond: list[int]
    mark: list[Any] | None


class Delivery:
    """Which positions have been delivered, by earlier runs and by this one."""

    def __init__(self, resume: Mapping[str, Any] | None) -> None:
        self.done: int = 0
        self.beyond: set[int] = set()
        self.mark: tuple[int, object] | None = None
        self._ids: dict[int, object] = {}
        if resume is not None:
            self._go_on(resume)
        self._earlier = (self.done, frozenset(self.beyond), self.mark)

    def _go_on(self, resume: Mapping[str, Any]) -> None:
        try:
            version, done, beyond, mark = (resume[name] for name in ("v", "done", "beyond", "mark"))
            position, text = mark or (-1, "")
        except (KeyError, TypeError, ValueError):
            raise InvalidRequestError("resume should be the checkpoint of a bulk job") from None
        fits = (
            version == _VERSION
            and type(done) is int
            and done >= 0
            and isinstance(beyond, list)
            and all(type(place) is int and place > done for place in beyond)
            and type(position) is int
            and isinstance(text, str)
        )
        if not fits:
            raise InvalidRequestError("resume should be the checkpoint of a bulk job")
        self.done, self.beyond, self.mark = done, set(beyond), (position, text) if mark else None

    @property
    def count(self) -> int:
        """How many have been delivered."""
        return self.done + len(self.beyond)

    def note(self, position: int, id_: object) -> None:
        """Note that a position is delivered."""
        self._ids[position] = id_
        self.beyond.add(position)
        while self.done in self.beyond:
            self.beyond.discard(self.done)
            if self.done in self._ids:  # it isn't known where an earlier run delivered it
                self.mark = (self.done, self._ids.pop(self.done))
            self.done += 1

    def passes_over(self, position: int, id_: object) -> bool:
        """Whether an earlier run has delivered a position.

        Raises:
            InvalidRequestError: The ids are not those of the earlier run.
        """
        done, beyond, mark = self._earlier
        if mark is not None and position == mark[0] and str(id_) != mark[1]:
            raise InvalidRequestError(
                f"resume belongs to other ids: at position {position} it has {mark[1]!r}, and these have {str(id_)!r}"
            )
        return position < done or position in beyond

    @property
    def checkpoint(self) -> BulkCheckpoint:
        """The same for another run."""
        mark = None if self.mark is None else [self.mark[0], str(self.mark[1])]
        return {"v": _VERSION, "done": self.done, "beyond": sorted(self.beyond), "mark": mark}
