"""Leaderboards and who stands on them. A board's ranking is used where it stands, and never made for a look."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from typing import Any

from lootlocker_async.emulator import leaderboards
from lootlocker_async.emulator.boards import INT64, Board, find, row_by_id
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.ranking import Place
from lootlocker_async.emulator.views.base import Look, Page, Window, look_through, pattern

_COUNTED = 100_000
"""As far as the entries of a board are counted that has no ranking yet."""
_CURSOR = re.compile(r"([0-9]{1,12}):(-?[0-9]{1,19}):([0-9]{1,19})", re.ASCII)
_ENTRY = "s.member_id, s.score, s.sort_key, s.sequence, s.metadata, p.id AS player_id, p.name"
_ENTRIES = f"SELECT {_ENTRY} FROM scores s LEFT JOIN players p ON p.id = s.player_id WHERE s.season_id = ?"  # nosec B608  # the module's own names; values are bound
_FOUND = r"(w.key LIKE ? ESCAPE '\' OR w.name LIKE ? ESCAPE '\')"
_ORDERED = "ORDER BY s.sort_key, s.sequence LIMIT ?"


def boards(game: Game, look: Look) -> Page:
    """One page of the leaderboards, the oldest first, found by key or name."""
    leaderboards.run_due(game)
    like = pattern(look.search)
    window = Window(table="leaderboards", key="id", condition=_FOUND, values=(like, like))
    return look_through(game, window, look.position(), look.count, lambda row: _board(game, row_by_id(game, row["id"])))


def board(game: Game, leaderboard_key: str, look: Look) -> dict[str, Any]:
    """A leaderboard with one page of its entries, from the top or from where a search leads.

    Args:
        game: The game.
        leaderboard_key: Its key.
        look: The page. A search names a member, or a player of that name, whose entry the page then begins at.

    Raises:
        ServiceError: There is no such board, or nobody of that name on it.
    """
    leaderboards.run_due(game)
    found = find(game, leaderboard_key)
    rank, place = _beginning(game, found, look)
    rows = (
        game.store.rows(f"{_ENTRIES} {_ORDERED}", found.season, look.count + 1)
        if place is None
        else game.store.rows(
            f"{_ENTRIES} AND (s.sort_key, s.sequence) >= (?, ?) {_ORDERED}", found.season, *place, look.count + 1
        )
    )
    items = [_entry(row, position) for position, row in enumerate(rows[: look.count], rank)]
    following = rows[look.count] if len(rows) > look.count else None
    cursor = None if following is None else f"{rank + look.count}:{following['sort_key']}:{following['sequence']}"
    return {"leaderboard": _board(game, row_by_id(game, found.id)), "items": items, "next": cursor}


def rank_of(game: Game, season: int, place: Place) -> int:
    """The rank of a place in a board's season."""
    ranking = game.known_ranking(season)
    if ranking is not None:
        return ranking.rank(place)
    before = "SELECT count(*) FROM scores WHERE season_id = ? AND (sort_key, sequence) < (?, ?)"
    return game.store.count(before, season, *place) + 1


def _beginning(game: Game, board: Board, look: Look) -> tuple[int, Place | None]:
    if look.search:
        row = _member(game, board, look.search)
        place = Place(row["sort_key"], row["sequence"])
        return rank_of(game, board.season, place), place
    if not look.after:
        return 1, None
    parts = _CURSOR.fullmatch(look.after)
    if parts is None:
        raise bad_request("after is the next of another page", "after")
    rank, key, sequence = map(int, parts.groups())
    if key not in INT64 or sequence not in INT64:
        raise bad_request("after is the next of another page", "after")
    return rank, Place(key, sequence)


def _member(game: Game, board: Board, search: str) -> sqlite3.Row:
    row = game.store.row(f"{_ENTRIES} AND s.member_id = ?", board.season, search)
    if row is None and board.is_player:
        # Several players can have one name; the oldest of those who stand on the board is shown.
        named = "AND s.member_id IN (SELECT CAST(id AS TEXT) FROM players WHERE name = ? ORDER BY id LIMIT 100)"
        row = game.store.row(f"{_ENTRIES} {named} ORDER BY s.player_id LIMIT 1", board.season, search)
    if row is None:
        raise not_found("member on the board", "search")
    return row


def _board(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    entries, is_counted = _entries(game, row["season_id"])
    top = game.store.row(f"{_ENTRIES} {_ORDERED}", row["season_id"], 1)
    schedule = game.store.row("SELECT * FROM leaderboard_schedules WHERE board_id = ?", row["id"])
    return {
        "id": str(row["id"]),
        "key": row["key"],
        "name": row["name"],
        "type": row["type"],
        "direction_method": row["direction_method"],
        "entries": str(entries),
        "entries_exact": is_counted,
        "top": None if top is None else _entry(top, 1),
        "cron_expression": None if schedule is None else schedule["cron_expression"],
        "next_reset": None if schedule is None else rfc3339(datetime.fromtimestamp(schedule["next_run"], UTC)),
    }


def _entries(game: Game, season: int) -> tuple[int, bool]:
    """How many entries a board has, and whether that is all of them."""
    ranking = game.known_ranking(season)
    if ranking is not None:
        return len(ranking), True
    some = "SELECT count(*) FROM (SELECT 1 FROM scores WHERE season_id = ? LIMIT ?)"
    counted = game.store.count(some, season, _COUNTED + 1)
    return min(counted, _COUNTED), counted <= _COUNTED


def _entry(row: sqlite3.Row, rank: int) -> dict[str, Any]:
    return {
        "rank": str(rank),
        "member_id": row["member_id"],
        "score": str(row["score"]),
        "metadata": row["metadata"],
        "player_id": None if row["player_id"] is None else str(row["player_id"]),
        "player_name": row["name"],
    }
