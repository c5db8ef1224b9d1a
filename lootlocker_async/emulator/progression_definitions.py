"""Progressions as the game defines them: their tiers, and what reaching a tier gives."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from lootlocker_async.emulator import currencies, paging, payouts
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game

_DIGITS = 20


def kept(points: int) -> str:
    """Points as the store keeps them."""
    return f"{points:0{_DIGITS}d}"


def create(
    game: Game, key: str, *, name: str | None = None, active: bool = True, progression_id: str | None = None
) -> dict[str, Any]:
    """Makes a progression with its first tier, at no points.

    Returns:
        The contract's `Progression`.

    Raises:
        ServiceError: The key or the ULID is taken, or the key is empty.
    """
    if not key:
        raise bad_request("A progression needs a key", "key")
    progression_id = progression_id or game.ids.ulid(game.clock.now())
    if game.store.row("SELECT 1 FROM progressions WHERE key = ? OR id = ?", key, progression_id) is not None:
        raise conflict("There is a progression with this key or ULID already", "key")
    with game.transaction():
        game.store.execute(
            "INSERT INTO progressions VALUES (?, ?, ?, ?)", progression_id, key, key if name is None else name, active
        )
        _insert_tier(game, progression_id, 1, 0, _rewards(game, {}))
    return get(game, key)


def get(game: Game, key: str) -> dict[str, Any]:
    """A progression: the contract's `Progression`.

    Raises:
        ServiceError: There is no such progression.
    """
    row = game.store.row("SELECT * FROM progressions WHERE key = ?", key)
    if row is None:
        raise not_found("progression", "progression_key")
    return _document(row)


def find(game: Game, key_or_id: str) -> dict[str, Any]:
    """A progression by its key or by its ULID.

    Raises:
        ServiceError: There is no such progression.
    """
    row = game.store.row(
        "SELECT * FROM progressions WHERE key = ? OR id = ? ORDER BY key = ? DESC", key_or_id, key_or_id, key_or_id
    )
    if row is None:
        raise not_found("progression", "progression_key")
    return _document(row)


def _document(row: sqlite3.Row) -> dict[str, Any]:
    return {"id": row["id"], "key": row["key"], "name": row["name"], "active": bool(row["active"])}


def list_progressions(game: Game, *, count: int = 20, after: str = "") -> dict[str, Any]:
    """One page of the progressions, by their ULIDs: the contract's `ProgressionPage`."""
    rows, place = paging.key_page(game, "SELECT * FROM progressions", count=count, after=after)
    return {"pagination": place, "items": [_document(row) for row in rows]}


def add_tier(game: Game, key: str, points_threshold: int, rewards: Mapping[str, Any]) -> int:
    """Adds a tier above the last one; one at no points takes the place of the first.

    Args:
        game: The game.
        key: The progression.
        points_threshold: The points that reach it.
        rewards: What reaching it gives, as the contract's `TierRewards`; what the game knows by itself, such as names,
            can be left out.

    Returns:
        Its step.

    Raises:
        ServiceError: There is no such progression or what the rewards name, or the threshold isn't above the last one.
    """
    payouts.check_points(points_threshold)
    progression_id: str = get(game, key)["id"]
    content = _rewards(game, rewards)
    if points_threshold == 0:
        game.store.execute(
            "UPDATE progression_tiers SET rewards = ? WHERE progression_id = ? AND step = 1",
            json.dumps(content), progression_id,
        )  # fmt: skip
        return 1
    last = game.store.one(
        "SELECT step, points_threshold FROM progression_tiers WHERE progression_id = ? ORDER BY step DESC LIMIT 1",
        progression_id,
    )
    if points_threshold <= int(last["points_threshold"]):
        raise conflict("A tier's threshold must be above that of the tier before", "points_threshold")
    _insert_tier(game, progression_id, last["step"] + 1, points_threshold, content)
    return int(last["step"]) + 1


def _insert_tier(game: Game, progression_id: str, step: int, threshold: int, rewards: Mapping[str, Any]) -> None:
    game.store.execute(
        "INSERT INTO progression_tiers VALUES (?, ?, ?, ?)", progression_id, step, kept(threshold), json.dumps(rewards)
    )


def _points_reward(game: Game, reward: Mapping[str, Any]) -> dict[str, Any]:
    amount = payouts.check_points(reward["amount"])
    return {"progression_key": get(game, reward["progression_key"])["key"], "amount": amount}


def _reset_reward(game: Game, reward: Mapping[str, Any]) -> dict[str, Any]:
    return {"progression_key": get(game, reward["progression_key"])["key"]}


def _asset_reward(game: Game, reward: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: reward.get(name) for name in ("asset_variation_id", "asset_rental_option_id")}
    payouts.check_asset(game, reward["asset_id"], *fields.values())
    return {"asset_id": reward["asset_id"], **fields}


def _currency_reward(game: Game, reward: Mapping[str, Any]) -> dict[str, Any]:
    code = currencies.by_code(game, reward["currency_code"])["code"]
    return {"currency_code": code, "amount": payouts.check_amount(reward["amount"])}


_REWARDS: Mapping[str, Callable[[Game, Mapping[str, Any]], dict[str, Any]]] = {
    "progression_points_rewards": _points_reward,
    "progression_reset_rewards": _reset_reward,
    "asset_rewards": _asset_reward,
    "currency_rewards": _currency_reward,
}


def _rewards(game: Game, rewards: Mapping[str, Any]) -> dict[str, Any]:
    unknown = rewards.keys() - _REWARDS.keys()
    if unknown:
        raise bad_request(f"A tier has no {', '.join(sorted(unknown))}", "rewards")
    try:
        return {name: [read(game, reward) for reward in rewards.get(name, ())] for name, read in _REWARDS.items()}
    except KeyError as error:
        raise bad_request(f"A reward lacks {error.args[0]}", "rewards", "parameter_missing") from error


def list_tiers(game: Game, key: str, *, count: int = 20, after: int = 0) -> dict[str, Any]:
    """One page of a progression's tiers, by step: the contract's `ProgressionTierPage`.

    Raises:
        ServiceError: There is no such progression.
    """
    progression_id = get(game, key)["id"]
    total = game.store.count("SELECT count(*) FROM progression_tiers WHERE progression_id = ?", progression_id)
    # Steps have no gaps, so the step to go on after is also how many come before.
    after = min(after, total)
    rows = game.store.rows(
        "SELECT * FROM progression_tiers WHERE progression_id = ? AND step > ? ORDER BY step LIMIT ?",
        progression_id, after, count,
    )  # fmt: skip
    return {"pagination": paging.pagination(total, after, count, len(rows)), "items": [tier(game, row) for row in rows]}


def get_tier(game: Game, key: str, step: int) -> dict[str, Any]:
    """A tier of a progression: the contract's `ProgressionTier`.

    Raises:
        ServiceError: There is no such progression, or it has no such tier.
    """
    progression_id = get(game, key)["id"]
    # As text, because a step can be asked for that is beyond SQLite's integers.
    row = game.store.row(
        "SELECT * FROM progression_tiers WHERE progression_id = ? AND step = CAST(? AS TEXT)", progression_id, str(step)
    )
    if row is None:
        raise not_found("tier of the progression", "step")
    return tier(game, row)


def reached(game: Game, progression_id: str, before: int, now: int) -> list[sqlite3.Row]:
    """The tiers whose thresholds are above some points and not above others, by step."""
    return game.store.rows(
        "SELECT * FROM progression_tiers"
        " WHERE progression_id = ? AND points_threshold > ? AND points_threshold <= ? ORDER BY step",
        progression_id, kept(before), kept(now),
    )  # fmt: skip


def tier(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    """A tier as it is shown: the contract's `ProgressionTier`."""
    rewards = json.loads(row["rewards"])
    for reward in (*rewards["progression_points_rewards"], *rewards["progression_reset_rewards"]):
        known = get(game, reward["progression_key"])
        reward.update(progression_id=known["id"], progression_name=known["name"])
    for reward in rewards["currency_rewards"]:
        reward["currency_name"] = currencies.by_code(game, reward["currency_code"])["name"]
    return {"step": row["step"], "points_threshold": int(row["points_threshold"]), "rewards": rewards}


def export(game: Game) -> list[dict[str, Any]]:
    """Every progression without its tiers, as the keyword arguments of `create`."""
    rows = game.store.rows("SELECT * FROM progressions ORDER BY id")
    return [
        {"key": row["key"], "name": row["name"], "active": bool(row["active"]), "progression_id": row["id"]}
        for row in rows
    ]


def export_tiers(game: Game) -> list[dict[str, Any]]:
    """Every tier of every progression, as the keyword arguments of `World.add_progression_tier`."""
    rows = game.store.rows(
        "SELECT t.*, p.key FROM progression_tiers t JOIN progressions p ON p.id = t.progression_id"
        " ORDER BY p.id, t.step"
    )
    return [
        {
            "progression_key": row["key"],
            "points_threshold": int(row["points_threshold"]),
            "rewards": json.loads(row["rewards"]),
        }
        for row in rows
    ]
