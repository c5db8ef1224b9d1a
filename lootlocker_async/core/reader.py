"""Reads the answers of a client's calls, and counts what drifted."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from lootlocker_async.core import serde
from lootlocker_async.core.call import Call, Unread
from lootlocker_async.models.base import Told, reading

if TYPE_CHECKING:
    from lootlocker_async.core.drift import DriftWatch
    from lootlocker_async.core.reports import Reporter
    from lootlocker_async.core.transport import Answer

T = TypeVar("T")


class Reader:
    """Reads a client's answers."""

    def __init__(self, drift: DriftWatch, report: Reporter) -> None:
        self._drift = drift
        self._report = report

    def read(self, call: Call, answer: Answer, into: type[T]) -> T:
        """Make the model of an answer, and count what drifted.

        Raises:
            ResponseDecodeError: It can't be read.
        """
        if into is NoneType or (into is Any and not answer.body):
            return cast("T", None)
        told: list[Told] = []
        reading.told = told
        try:
            model = serde.decode(answer.body, into)
            if self._drift.wants_a_look(call.route.operation, len(answer.body)):
                serde.report_unknown(answer.body, cast("type[Any]", into))
        except serde.Unreadable as error:
            failure = self._report.unreadable(call, answer, error)
        else:
            if told:
                self._drift.count(call.route.operation, told)
            return model
        finally:
            reading.told = None
        # Out here the decoders' errors, which hold pieces of the answer, are not in its chain.
        raise failure

    def unread(self, call: Call, answer: Answer, into: type[T]) -> T:
        """The answer for whoever may want its model later."""
        return cast("T", Unread(lambda: self.read(call, answer, into), lambda: _outline(answer.body)))


class _Pagination(msgspec.Struct):
    total: int | None = None
    next_cursor: int | None = None


class _Outline(msgspec.Struct):
    pagination: _Pagination


def _outline(body: bytes) -> tuple[int | None, int | None]:
    """The next cursor and the total of a page that counts positions, without a look at its items; None is unknown."""
    try:
        told = serde.decoder(_Outline).decode(body).pagination
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, None  # whoever reads the whole of it says what is wrong
    return told.next_cursor, told.total
