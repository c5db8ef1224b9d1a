"""The schedules by which leaderboards reset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Protocol, cast

from lootlocker_async.emulator import boards
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, not_found, require
from lootlocker_async.emulator.game import Game

SHOWN_RUNS = 50
"""How many past runs a schedule tells, the latest ones."""
_LONGEST = 200
_FIELDS = 5
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_MINUTE = timedelta(minutes=1)


class _Runs(Protocol):
    def __iter__(self) -> _Runs: ...
    def __next__(self) -> datetime: ...


def moment(text: str, param: str) -> datetime:
    """Reads a date of RFC 3339 with its offset.

    Raises:
        ServiceError: It is none.
    """
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_request("The date is none of RFC 3339", param) from error


def at(timestamp: float) -> datetime:
    """The moment of a timestamp, in UTC."""
    return datetime.fromtimestamp(timestamp, UTC)


def shown(timestamp: int | None) -> str | None:
    """The date of a timestamp, as the contract writes it."""
    return None if timestamp is None else rfc3339(at(timestamp))


def get(game: Game, leaderboard_key: str) -> dict[str, Any]:
    """A board's schedule.

    Raises:
        ServiceError: There is no such board, or it has no schedule.
    """
    document = of_board(game, boards.find(game, leaderboard_key).id)
    if document is None:
        raise not_found("schedule of the leaderboard", "leaderboard_key")
    return document


def create(game: Game, leaderboard_key: str, cron_expression: str) -> dict[str, Any]:
    """Sets a player board's schedule, in place of the one it had, whose past runs it keeps; that is a guess.

    Raises:
        ServiceError: There is no such board, it is none of players, or the expression is none of cron.
    """
    board = boards.find(game, leaderboard_key)
    if not board.is_player:
        raise bad_request("Only player leaderboards reset on a schedule", "leaderboard_key")
    put(game, board.id, {"cron_expression": cron_expression})
    return get(game, leaderboard_key)


def put(game: Game, board_id: int, schedule: Mapping[str, Any]) -> None:
    """Sets a board's schedule, whose board may be of any type, as a world may say.

    Args:
        game: The board's game.
        board_id: The board.
        schedule: The contract's `LeaderboardSchedule`; the next run follows from the expression where it isn't there.

    Raises:
        ServiceError: The expression is none of cron, or one of the dates is none.
    """
    expression, next_run, last_run = (schedule.get(name) for name in ("cron_expression", "next_run", "last_run"))
    expression = expression or ""
    due = run_after(expression, game.clock.now())
    past = [moment(text, "schedule") for text in schedule.get("schedule") or ()]
    with game.transaction():
        game.store.execute(
            "INSERT INTO leaderboard_schedules VALUES (?, ?, ?, ?) ON CONFLICT (board_id) DO UPDATE SET"
            " cron_expression = excluded.cron_expression, next_run = excluded.next_run,"
            " last_run = coalesce(excluded.last_run, last_run)",
            board_id, expression,
            int((moment(next_run, "next_run") if next_run else due).timestamp()),
            int(moment(last_run, "last_run").timestamp()) if last_run else None,
        )  # fmt: skip
        _keep_runs(game, board_id, past)
    game.next_reset = None


def delete(game: Game, leaderboard_key: str) -> None:
    """Removes a board's schedule with its past runs.

    Raises:
        ServiceError: There is no such board, or it has no schedule.
    """
    board = boards.find(game, leaderboard_key)
    if not game.store.execute("DELETE FROM leaderboard_schedules WHERE board_id = ?", board.id):
        raise not_found("schedule of the leaderboard", "leaderboard_key")
    game.next_reset = None


def of_board(game: Game, board_id: int) -> dict[str, Any] | None:
    """A board's schedule, if it has one."""
    row = game.store.row("SELECT * FROM leaderboard_schedules WHERE board_id = ?", board_id)
    if row is None:
        return None
    runs = game.store.rows("SELECT ran_at FROM leaderboard_runs WHERE board_id = ? ORDER BY ran_at", board_id)
    return {
        "cron_expression": row["cron_expression"],
        "next_run": shown(row["next_run"]),
        "last_run": shown(row["last_run"]),
        "schedule": [shown(run["ran_at"]) for run in runs],
    }


def has_run(game: Game, board_id: int, due: int, now: float) -> None:
    """Notes that a board's schedule has run, and all the runs that it missed since, which find the board empty."""
    row = game.store.one("SELECT cron_expression FROM leaderboard_schedules WHERE board_id = ?", board_id)
    expression, present = row["cron_expression"], at(now)
    backwards = _runs(expression, present.replace(second=0, microsecond=0) + _MINUTE, back=True)
    runs = list(islice(takewhile(lambda run: run > at(due), backwards), SHOWN_RUNS))
    _keep_runs(game, board_id, [*runs, at(due)])
    game.store.execute(
        "UPDATE leaderboard_schedules SET last_run = ?, next_run = ? WHERE board_id = ?",
        int(runs[0].timestamp()) if runs else due, int(run_after(expression, present).timestamp()), board_id,
    )  # fmt: skip


def _keep_runs(game: Game, board_id: int, runs: list[datetime]) -> None:
    rows = [(board_id, int(run.timestamp())) for run in runs]
    game.store.insert_many("INSERT OR IGNORE INTO leaderboard_runs VALUES (?, ?)", rows)
    game.store.execute(
        "DELETE FROM leaderboard_runs WHERE board_id = ?1 AND ran_at NOT IN"
        " (SELECT ran_at FROM leaderboard_runs WHERE board_id = ?1 ORDER BY ran_at DESC LIMIT ?2)",
        board_id, SHOWN_RUNS,
    )  # fmt: skip


def run_after(expression: str, present: datetime) -> datetime:
    """The first run after a moment.

    Raises:
        ServiceError: The expression is none of cron, or it never comes true.
    """
    try:
        run = next(_runs(expression, present), None)
    except require("cronsim").CronSimError as error:
        raise bad_request(f"The cron expression is wrong: {error}", "cron_expression") from error
    if run is None:
        raise bad_request("The cron expression never comes true", "cron_expression")
    return run


def _runs(expression: str, present: datetime, *, back: bool = False) -> _Runs:
    cronsim = require("cronsim")
    fields = _NICKNAMES.get(expression.strip().lower(), expression)
    # A sixth field would be seconds, and numbers of thousands of digits are more than Python reads.
    if len(fields) > _LONGEST or len(fields.split()) != _FIELDS:
        raise cronsim.CronSimError("Wrong number of fields")
    return cast("_Runs", cronsim.CronSim(fields, present, reverse=back))
