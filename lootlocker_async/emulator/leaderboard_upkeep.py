"""Carries out the resets of leaderboards when the clock has passed them.

A reset archives the board's season, begins another one and pays the rewards, all in one transaction: whatever stops it,
it happened as a whole or is still to happen, and nobody is paid twice.
"""

from __future__ import annotations

import math

from lootlocker_async.emulator import boards, leaderboard_archives, leaderboard_rewards, leaderboard_schedules
from lootlocker_async.emulator.clock import Clock
from lootlocker_async.emulator.game import Game

_NEXT_RUN = "SELECT board_id, next_run AS due FROM leaderboard_schedules ORDER BY next_run, board_id LIMIT 1"
_NEXT_RESET = (
    "SELECT id, board_id, scheduled_for AS due FROM leaderboard_resets WHERE status = 'pending'"
    " ORDER BY scheduled_for, id LIMIT 1"
)


def run_due(game: Game) -> None:
    """Carries out every reset that the clock has passed, in the order in which they were due.

    Where nothing is due it compares two numbers. What it does is done at the time at which it was due: dates and ids
    show that time.
    """
    now = game.clock.timestamp()
    if game.next_reset is None:
        game.next_reset = _next_due(game)
    while game.next_reset <= now:
        with game.transaction():
            _run_next(game, now)
        game.next_reset = _next_due(game)


def _next_due(game: Game) -> float:
    rows = (game.store.row(query) for query in (_NEXT_RUN, _NEXT_RESET))
    return min((float(row["due"]) for row in rows if row is not None), default=math.inf)


def _run_next(game: Game, now: float) -> None:
    run, reset = game.store.row(_NEXT_RUN), game.store.row(_NEXT_RESET)
    if run is not None and (reset is None or run["due"] <= reset["due"]):
        _reset(game, run["board_id"], run["due"])
        leaderboard_schedules.has_run(game, run["board_id"], run["due"], now)
    elif reset is not None:
        _reset(game, reset["board_id"], reset["due"])
        game.store.execute(
            "UPDATE leaderboard_resets SET status = 'completed', processed_at = scheduled_for WHERE id = ?", reset["id"]
        )


def _reset(game: Game, board_id: int, due: int) -> None:
    board = boards.Board.of(boards.row_by_id(game, board_id))
    with game.made_by(Clock(leaderboard_schedules.at(due), frozen=True), game.ids):
        archive_id = leaderboard_archives.write(game, board, due)
        if archive_id is None:
            return
        if board.is_player:
            leaderboard_rewards.pay(game, board_id, archive_id)
