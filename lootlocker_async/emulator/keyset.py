"""Pages of a list that goes on after a key."""

from __future__ import annotations

import sqlite3
from typing import TypedDict

from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.store import Value


class KeyPagination(TypedDict):
    """The contract's `KeyPagination`."""

    total: int
    next_cursor: str | None
    previous_cursor: str | None


def page(
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
