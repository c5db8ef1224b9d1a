"""What every view has in common: what is asked for, and pages that look through a bounded part of a long table."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

import attrs

from lootlocker_async.emulator.errors import bad_request
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.store import Value

MOST = 100
"""The most items of a page."""
WINDOW = 50_000
"""How many rows a search looks through before it asks whether to go on."""
ANY = "1"
"""The condition that every row meets."""
_CURSOR = re.compile(r"-?[0-9]{1,20}", re.ASCII)


@attrs.frozen(kw_only=True)
class Look:
    """What somebody wants to see of a section.

    Attributes:
        search: What it is to be found by; empty for everything.
        after: Where the page begins: the `next` of the one before, or empty.
        count: How many items at most.
    """

    search: str = ""
    after: str = ""
    count: int = 25

    def position(self, start: int = 0) -> int:
        """The number after which the page begins.

        Raises:
            ServiceError: It is no number.
        """
        if not self.after:
            return start
        if not _CURSOR.fullmatch(self.after) or abs(int(self.after)) >= 2**63:
            raise bad_request("after is the next of another page", "after")
        return int(self.after)


class Page(TypedDict):
    """One page of a section.

    Attributes:
        items: What is on it.
        next: Where the next one begins; None for the last.
    """

    items: list[dict[str, Any]]
    next: str | None


def pattern(search: str) -> str:
    """What LIKE finds a text by, wherever it stands in a longer one."""
    escaped = re.sub(r"([\\%_])", r"\\\1", search)
    return f"%{escaped}%"


@attrs.frozen(kw_only=True)
class Window:
    """A search through a table, so many of its rows at a time.

    Attributes:
        table: The table.
        key: The column that it is walked by: numbers, or texts.
        condition: What a row `w` has to be like.
        values: What the condition needs.
        backwards: Whether it is walked from its end.
    """

    table: str
    key: str
    condition: str = ANY
    values: tuple[Value, ...] = ()
    backwards: bool = False


def look_through(
    game: Game, window: Window, start: Value, count: int, shown: Callable[[sqlite3.Row], dict[str, Any]]
) -> Page:
    """A page of what a search finds.

    Args:
        game: The game.
        window: The search.
        start: The key after which it begins.
        count: How many items at most.
        shown: Makes an item of a row.
    """
    order, sign = ("DESC", "<") if window.backwards else ("ASC", ">")
    # Where every row will do, a page and one more are enough.
    most = count + 1 if window.condition == ANY else WINDOW
    part = f"SELECT * FROM {window.table} WHERE {window.key} {sign} ? ORDER BY {window.key} {order} LIMIT {most}"  # nosec B608  # the module's own names; values are bound
    rows = game.store.rows(
        f"SELECT w.* FROM ({part}) w WHERE {window.condition} ORDER BY w.{window.key} {order} LIMIT ?",  # nosec B608  # the module's own names; values are bound
        start, *window.values, count + 1,
    )  # fmt: skip
    items = [shown(row) for row in rows[:count]]
    if len(rows) > count:
        return {"items": items, "next": str(rows[count - 1][window.key])}
    end = game.store.row(f"SELECT {window.key} FROM ({part}) LIMIT 1 OFFSET {most - 1}", start)  # nosec B608  # the module's own names; values are bound
    return {"items": items, "next": None if end is None else str(end[0])}


_TABLES: Mapping[str, str] = {
    "players": "players", "leaderboards": "leaderboards", "inventories": "inventory", "wallets": "wallets",
    "progressions": "progressions", "currencies": "currencies", "assets": "assets",
}  # fmt: skip


def overview(game: Game) -> dict[str, Any]:
    """How many players, leaderboards, items in inventories, wallets, progressions, currencies and assets there are."""
    return {name: game.store.count(f"SELECT count(*) FROM {table}") for name, table in _TABLES.items()}  # nosec B608  # the module's own names; values are bound
