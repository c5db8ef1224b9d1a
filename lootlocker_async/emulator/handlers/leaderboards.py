"""Carries out the calls of the section `leaderboards`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import (
    leaderboard_archives,
    leaderboard_resets,
    leaderboard_rewards,
    leaderboard_schedules,
    leaderboards,
)
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler, position
from lootlocker_async.emulator.validation import Arguments


def _list_boards(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.list_boards(game, **position(call))


def _create_board(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.create(game, leaderboards.Settings(**call.body))


def _get_board(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.get(game, call.path["leaderboard_key"])


def _update_board(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.update(game, call.path["leaderboard_key"], call.body)


def _delete_board(game: Game, call: Arguments) -> None:
    leaderboards.delete(game, call.path["leaderboard_key"])


def _submit_score(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.submit(game, call.path["leaderboard_key"], **call.body)


def _increment_score(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.increment(game, call.path["leaderboard_key"], **call.body)


def _list_member_ranks(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.list_member_ranks(game, call.path["member_id"], **position(call))


def _list_scores(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.list_scores(game, call.path["leaderboard_key"], **position(call))


def _get_schedule(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_schedules.get(game, call.path["leaderboard_key"])


def _create_schedule(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_schedules.create(game, call.path["leaderboard_key"], **call.body)


def _delete_schedule(game: Game, call: Arguments) -> None:
    leaderboard_schedules.delete(game, call.path["leaderboard_key"])


def _create_reward(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_rewards.attach(game, call.path["leaderboard_key"], **call.body)


def _delete_reward(game: Game, call: Arguments) -> None:
    leaderboard_rewards.detach(game, call.path["leaderboard_key"], call.path["reward_id"])


def _list_archives(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_archives.list_archives(game, call.path["leaderboard_key"])


def _list_archive_scores(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_archives.list_scores(game, **call.query)


def _list_resets(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_resets.list_all(game, call.path["leaderboard_key"])


def _request_reset(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_resets.request(game, call.path["leaderboard_key"], **call.body)


def _get_reset(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboard_resets.get(game, call.path["leaderboard_key"], call.path["reset_id"])


def _cancel_reset(game: Game, call: Arguments) -> None:
    leaderboard_resets.cancel(game, call.path["leaderboard_key"], call.path["reset_id"])


HANDLERS: Mapping[str, Handler] = {
    routes.LEADERBOARDS_LIST.operation: _list_boards,
    routes.LEADERBOARDS_CREATE.operation: _create_board,
    routes.LEADERBOARDS_GET.operation: _get_board,
    routes.LEADERBOARDS_UPDATE.operation: _update_board,
    routes.LEADERBOARDS_DELETE.operation: _delete_board,
    routes.LEADERBOARDS_SUBMIT_SCORE.operation: _submit_score,
    routes.LEADERBOARDS_INCREMENT_SCORE.operation: _increment_score,
    routes.LEADERBOARDS_LIST_MEMBER_RANKS.operation: _list_member_ranks,
    routes.LEADERBOARDS_LIST_SCORES.operation: _list_scores,
    routes.LEADERBOARDS_GET_SCHEDULE.operation: _get_schedule,
    routes.LEADERBOARDS_CREATE_SCHEDULE.operation: _create_schedule,
    routes.LEADERBOARDS_DELETE_SCHEDULE.operation: _delete_schedule,
    routes.LEADERBOARDS_CREATE_REWARD.operation: _create_reward,
    routes.LEADERBOARDS_DELETE_REWARD.operation: _delete_reward,
    routes.LEADERBOARDS_LIST_ARCHIVES.operation: _list_archives,
    routes.LEADERBOARDS_LIST_ARCHIVE_SCORES.operation: _list_archive_scores,
    routes.LEADERBOARDS_LIST_RESETS.operation: _list_resets,
    routes.LEADERBOARDS_REQUEST_RESET.operation: _request_reset,
    routes.LEADERBOARDS_GET_RESET.operation: _get_reset,
    routes.LEADERBOARDS_CANCEL_RESET.operation: _cancel_reset,
}
