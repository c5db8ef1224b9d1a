"""Finds the leaderboards that calls name."""

from __future__ import annotations

import re
import sqlite3

import attrs

from lootlocker_async.emulator.errors import not_found
from lootlocker_async.emulator.game import Game

INT64 = range(-(2**63), 2**63)
"""What a whole number can be, in the contract as in the store."""
NUMERIC_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
"""How a numeric id is written."""
_BOARD = (
    "SELECT b.*, s.id AS season_id FROM leaderboards b"
    " JOIN leaderboard_seasons s ON s.board_id = b.id AND s.archive_key IS NULL"
)


@attrs.frozen
class Board:
    """What calls need to know of a leaderboard.

    Attributes:
        season: The season that is on, to which its scores belong.
    """

    id: int
    season: int
    key: str
    ulid: str
    is_player: bool
    descending: bool
    overwrite: bool
    has_metadata: bool

    @classmethod
    def of(cls, row: sqlite3.Row) -> Board:
        """The board that a row describes."""
        return cls(
            row["id"],
            row["season_id"],
            row["key"],
            row["ulid"],
            row["type"] == "player",
            row["direction_method"] == "descending",
            bool(row["overwrite_score_on_submit"]),
            bool(row["has_metadata"]),
        )


def row_of(game: Game, leaderboard_key: str) -> sqlite3.Row:
    """The row of the board that has a key or, where no board has that key, that numeric id.

    Raises:
        ServiceError: There is no such board.
    """
    row = game.store.row(f"{_BOARD} WHERE b.key = ?", leaderboard_key)
    if row is None and NUMERIC_ID.fullmatch(leaderboard_key) and int(leaderboard_key) in INT64:
        row = game.store.row(f"{_BOARD} WHERE b.id = ?", int(leaderboard_key))
    if row is None:
        raise not_found("leaderboard", "leaderboard_key")
    return row


def find(game: Game, leaderboard_key: str) -> Board:
    """The board that has a key or a numeric id.

    Raises:
        ServiceError: There is no such board.
    """
    board = game.boards.get(leaderboard_key)
    if board is None:
        board = game.boards[leaderboard_key] = Board.of(row_of(game, leaderboard_key))
    return board


def row_by_id(game: Game, board_id: int) -> sqlite3.Row:
    """The row of a board that is known to exist."""
    return game.store.one(f"{_BOARD} WHERE b.id = ?", board_id)


def begin_season(game: Game, board_id: int) -> None:
    """Begins the first season of a board, or the next one after that before was archived."""
    game.store.execute("INSERT INTO leaderboard_seasons (board_id) VALUES (?)", board_id)
    game.boards.clear()
