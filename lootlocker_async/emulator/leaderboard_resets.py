"""The resets of leaderboards that are asked for, beside those of a schedule."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from math import ceil
from typing import Any

from lootlocker_async.emulator import boards
from lootlocker_async.emulator.errors import conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.leaderboard_schedules import moment, shown


def request(
    game: Game, leaderboard_key: str, *, name: str | None = None, scheduled_for: str | None = None
) -> dict[str, Any]:
    """Asks for a reset, at once by default; a time in the past means at once too, which is a guess.

    Returns:
        The reset as queued: the next call finds it carried out if it is due.

    Raises:
        ServiceError: There is no such board, or the date is none.
    """
    board = boards.find(game, leaderboard_key)
    now = int(game.clock.timestamp())
    due = now if scheduled_for is None else max(now, ceil(moment(scheduled_for, "scheduled_for").timestamp()))
    reset_id = game.store.insert(
        "INSERT INTO leaderboard_resets (board_id, name, status, scheduled_for, requested_at)"
        " VALUES (?, ?, 'pending', ?, ?)",
        board.id, name, due, now,
    )  # fmt: skip
    game.next_reset = None
    return _reset(game, _reset_row(game, board.id, reset_id))


def put(game: Game, board_id: int, reset: Mapping[str, Any]) -> int:
    """Notes a reset as a world says it: the contract's `LeaderboardReset`, or `LeaderboardUpcomingReset`.

    Returns:
        Its id.

    Raises:
        ServiceError: The id is taken, or one of the dates is none.
    """
    reset_id = reset.get("id")
    if reset_id is not None and game.store.row("SELECT 1 FROM leaderboard_resets WHERE id = ?", reset_id):
        raise conflict("A reset with this id exists already", "id")
    now = int(game.clock.timestamp())
    scheduled_for, requested_at, processed_at = (
        int(moment(reset[name], name).timestamp()) if reset.get(name) else None
        for name in ("scheduled_for", "requested_at", "processed_at")
    )
    game.next_reset = None
    return game.store.insert(
        "INSERT INTO leaderboard_resets VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        reset_id, board_id, reset.get("name"), reset.get("status") or "pending",
        now if scheduled_for is None else scheduled_for, now if requested_at is None else requested_at, processed_at,
        reset.get("error_message"),
    )  # fmt: skip


def list_all(game: Game, leaderboard_key: str) -> dict[str, Any]:
    """All resets that were asked for, the latest first.

    Raises:
        ServiceError: There is no such board.
    """
    return {"items": of_board(game, boards.find(game, leaderboard_key).id)}


def of_board(game: Game, board_id: int) -> list[dict[str, Any]]:
    """All resets of a board, the latest first."""
    rows = game.store.rows("SELECT * FROM leaderboard_resets WHERE board_id = ? ORDER BY id DESC", board_id)
    return [_reset(game, row) for row in rows]


def get(game: Game, leaderboard_key: str, reset_id: int) -> dict[str, Any]:
    """One reset that was asked for.

    Raises:
        ServiceError: There is no such board, or no such reset of it.
    """
    return _reset(game, _reset_row(game, boards.find(game, leaderboard_key).id, reset_id))


def cancel(game: Game, leaderboard_key: str, reset_id: int) -> None:
    """Lets a reset not happen; it stays listed as `cancelled`, which is a guess.

    Raises:
        ServiceError: There is no such board, no such reset of it, or it isn't pending any more.
    """
    row = _reset_row(game, boards.find(game, leaderboard_key).id, reset_id)
    if row["status"] != "pending":
        raise conflict(f"The reset is not pending but {row['status']}", "reset_id")
    game.store.execute("UPDATE leaderboard_resets SET status = 'cancelled' WHERE id = ?", reset_id)
    game.next_reset = None


def upcoming(game: Game, board_id: int) -> list[dict[str, Any]]:
    """The resets of a board that are still to come, the soonest first."""
    rows = game.store.rows(
        "SELECT id, name, scheduled_for FROM leaderboard_resets WHERE board_id = ? AND status = 'pending'"
        " ORDER BY scheduled_for, id",
        board_id,
    )
    return [{"id": row["id"], "name": row["name"], "scheduled_for": shown(row["scheduled_for"])} for row in rows]


def _reset_row(game: Game, board_id: int, reset_id: int) -> sqlite3.Row:
    row = game.store.row("SELECT * FROM leaderboard_resets WHERE id = ? AND board_id = ?", reset_id, board_id)
    if row is None:
        raise not_found("reset of the leaderboard", "reset_id")
    return row


def _reset(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "leaderboard_id": row["board_id"],
        "game_id": game.settings.game_id,
        "name": row["name"],
        "status": row["status"],
        **{name: shown(row[name]) for name in ("scheduled_for", "requested_at", "processed_at")},
        "error_message": row["error_message"],
    }
