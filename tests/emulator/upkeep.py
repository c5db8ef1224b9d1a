"""What the tests of leaderboards' upkeep have in common: a board of ten, and what happens to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lootlocker_async.emulator import (
    ServiceError,
    leaderboard_archives,
    leaderboard_resets,
    leaderboard_rewards,
    leaderboards,
    rewards,
)

TUESDAY = datetime(2026, 7, 14, 9, 40, 26, tzinfo=UTC)
WEEKLY = "0 0 * * 1"


def board_of_ten(world):
    """The members of a new player board `board`, from the top rank down, with 100, 90, ... points."""
    world.add_leaderboard("board", type="player", has_metadata=True)
    ids = list(world.add_players([f"Player {number}" for number in range(10)]))
    world.add_scores("board", [(str(player), 100 - 10 * place, f"run {place}") for place, player in enumerate(ids)])
    return ids


def five_gold(world):
    """A reward of 5 gold."""
    world.add_currency("gold")
    return world.add_reward("currency", currency_code="gold", amount="5")


def between(low, high, method="by_rank", direction="asc"):
    return {"type": "between", "args": {"min": low, "max": high, "method": method, "direction": direction}}


def attach(game, reward_id, *predicates):
    return leaderboard_rewards.attach(
        game, "board", reward_id=reward_id, reward_kind=rewards.kind_of(game, reward_id), predicates=predicates
    )


def reset(game, **request):
    made = leaderboard_resets.request(game, "board", **request)
    leaderboards.run_due(game)
    return made["id"]


def gold_of(world, members):
    return [int(world.balances(player_id=player).get("gold", 0)) for player in members]


def archives(game):
    return leaderboard_archives.list_archives(game, "board")["archives"]


def size(game):
    return leaderboards.list_scores(game, "board", count=1, after=0)["pagination"]["total"]


def refusal(call, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        call(*arguments, **options)
    return refused.value.status, refused.value.param
