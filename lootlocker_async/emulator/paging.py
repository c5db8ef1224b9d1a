"""Where a page stands in a list that is paged by position, by page number or by a key."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, TypedDict

import attrs

if TYPE_CHECKING:
    from lootlocker_async.emulator.game import Game
    from lootlocker_async.emulator.store import Value

_LARGEST = 2**31 - 1


def _bounded(number: int) -> int:
    # The contract sets no upper bound, and the store counts in 64 bits.
    return min(number, _LARGEST)


class Pagination(TypedDict):
    """The contract's `IndexPagination`."""

    total: int
    next_cursor: int | None
    previous_cursor: int | None


def pagination(total: int, after: int, count: int, shown: int) -> Pagination:
    """Describes a page.

    Args:
        total: How many items the list has.
        after: How many of them were skipped.
        count: How many were asked for.
        shown: How many the page has.

    Returns:
        The cursors of the pages around it, null where there is none.
    """
    end = after + shown
    return {
        "total": total,
        "next_cursor": end if shown and end < total else None,
        "previous_cursor": max(0, after - count) if after else None,
    }


class PagePagination(TypedDict):
    """The contract's schema of that name."""

    total: int
    offset: int
    per_page: int
    last_page: int
    current_page: int
    next_page: int | None
    prev_page: int | None
    errors: None


@attrs.frozen
class PageRequest:
    """The page that a call asks for, of a list that is paged by page number.

    Attributes:
        page: Which one, counted from 1.
        per_page: How many items a page has.
    """

    page: int = attrs.field(default=1, converter=_bounded)
    per_page: int = attrs.field(default=20, converter=_bounded)

    @property
    def offset(self) -> int:
        """How many items come before it."""
        return (self.page - 1) * self.per_page

    def describe(self, total: int) -> PagePagination:
        """Describes the page.

        Args:
            total: How many items the list has.

        Returns:
            Where it stands among the others; a page beyond the last one is empty and has none after it.
        """
        last = max(1, -(-total // self.per_page))
        return {
            "total": total,
            "offset": self.offset,
            "per_page": self.per_page,
            "last_page": last,
            "current_page": self.page,
            "next_page": self.page + 1 if self.page < last else None,
            "prev_page": self.page - 1 if self.page > 1 else None,
            "errors": None,
        }


class KeyPagination(TypedDict):
    """The contract's `KeyPagination`."""

    total: int
    next_cursor: str | None
    previous_cursor: str | None


def key_page(
    game: Game, source: str, *values: Value, count: int, after: str = "", key: str = "id"
) -> tuple[list[sqlite3.Row], KeyPagination]:
    """One page of a query, in the order of a key; a cursor holds although its row is deleted meanwhile.

    Args:
        game: The game.
        source: The query of the whole list, which has the key among its columns.
        *values: What the query needs.
        count: How many rows the page can have.
        after: The key to go on after; empty for the first page.
        key: The column to go by: text, and each row's own.

    Returns:
        The rows, and where the page stands. The cursor of a previous page that is the first one is empty.
    """
    rows = game.store.rows(
        f"SELECT * FROM ({source}) WHERE {key} > ? ORDER BY {key} LIMIT ?",  # nosec B608  # the module's own names; values are bound
        *values,
        after,
        count + 1,
    )
    shown = rows[:count]
    previous: str | None = None
    if after:
        before = f"SELECT {key} FROM ({source}) WHERE {key} <= ? ORDER BY {key} DESC LIMIT 1 OFFSET ?"  # nosec B608  # the module's own names; values are bound
        row = game.store.row(before, *values, after, count)
        previous = "" if row is None else row[0]
    return shown, {
        "total": game.store.count(f"SELECT count(*) FROM ({source})", *values),  # nosec B608  # the module's own names; values are bound
        "next_cursor": shown[-1][key] if len(rows) > count else None,
        "previous_cursor": previous,
    }
