"""Triggers: what the game has set up to happen when a call invokes it for a player."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import assets, payouts, players, rewards
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant, Granted

_SOURCE = "trigger"
_MOST_XP = 2**63 - 1


def create(
    game: Game,
    name: str,
    *,
    xp: int = 0,
    asset_rewards: Iterable[Mapping[str, Any]] = (),
    reward_ids: Iterable[str] = (),
    once: bool = False,
) -> None:
    """Sets a trigger up.

    Args:
        game: Its game.
        name: Its name.
        xp: The XP that it gives; 0 for none.
        asset_rewards: The assets that it gives, each with `asset_id` and perhaps `asset_variation_id` and
            `asset_rental_option_id`.
        reward_ids: The ULIDs of the rewards that it gives.
        once: Whether a player can have it only once.

    Raises:
        ServiceError: The name is empty or taken, or what it gives isn't there.
    """
    if not name:
        raise bad_request("A trigger needs a name", "name")
    if not 0 <= xp <= _MOST_XP:
        raise bad_request(f"XP is from 0 to {_MOST_XP}", "xp")
    if game.store.row("SELECT 1 FROM triggers WHERE name = ?", name) is not None:
        raise conflict("There is such a trigger already", "name")
    grants = [_grant(game, asset) for asset in asset_rewards]
    given = [reward_id for reward_id in reward_ids if rewards.kind_of(game, reward_id)]
    game.store.execute(
        "INSERT INTO triggers VALUES (?, ?, ?, ?, ?)", name, once, xp, json.dumps(grants), json.dumps(given)
    )


def _grant(game: Game, asset: Mapping[str, Any]) -> dict[str, int | None]:
    if "asset_id" not in asset:
        raise bad_request("An asset lacks asset_id", "asset_rewards", "parameter_missing")
    variation_id, rental_option_id = asset.get("asset_variation_id"), asset.get("asset_rental_option_id")
    payouts.check_asset(game, asset["asset_id"], variation_id, rental_option_id)
    return {
        "asset_id": asset["asset_id"],
        "asset_variation_id": variation_id,
        "asset_rental_option_id": rental_option_id,
    }


def create_level(game: Game, level: int, xp_threshold: int, *, is_prestige: bool = False) -> None:
    """Sets a level up that players reach by XP.

    Raises:
        ServiceError: There is such a level already.
    """
    if game.store.row("SELECT 1 FROM xp_levels WHERE level = ? AND is_prestige = ?", level, is_prestige) is not None:
        raise conflict("There is such a level already", "level")
    game.store.execute("INSERT INTO xp_levels VALUES (?, ?, ?)", level, is_prestige, xp_threshold)


def invoke(game: Game, name: str, player_id: int) -> dict[str, Any]:
    """Invokes a trigger for a player.

    Guesses: one that a player can have only once is refused with a conflict after that; a player goes without an asset
    that it cannot get; the assets that progressions give, which are reached by a reward, are not in the answer.

    Returns:
        The contract's `TriggerResult`; its `xp` is null where the trigger gives none.

    Raises:
        ServiceError: There is no such trigger or player, or the player had it and can have it only once.
    """
    row = game.store.row("SELECT * FROM triggers WHERE name = ?", name)
    if row is None:
        raise not_found("trigger", "name")
    players.require(game, player_id)
    with game.transaction():
        _count(game, row, player_id)
        xp, levels = _give_xp(game, player_id, row["xp"])
        granted = _give(game, player_id, row)
    return {"xp": xp, "levels": levels, "granted_assets": granted}


def _count(game: Game, trigger: sqlite3.Row, player_id: int) -> None:
    used = game.store.row(
        "SELECT times FROM trigger_uses WHERE trigger_name = ? AND player_id = ?", trigger["name"], player_id
    )
    if used is not None and trigger["once"]:
        raise conflict("The player had this trigger, and can have it only once", "name")
    game.store.execute(
        "INSERT INTO trigger_uses VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
        trigger["name"], player_id,
    )  # fmt: skip


def _give_xp(game: Game, player_id: int, gained: int) -> tuple[dict[str, int] | None, list[dict[str, Any]]]:
    if not gained:
        return None, []
    previous = xp_of(game, player_id)
    current = min(previous + gained, _MOST_XP)
    set_xp(game, player_id, current)
    levels = game.store.rows(
        "SELECT * FROM xp_levels WHERE xp_threshold > ? AND xp_threshold <= ? ORDER BY xp_threshold, level",
        previous, current,
    )  # fmt: skip
    reached = [
        {"level": row["level"], "is_prestige": bool(row["is_prestige"]), "xp_threshold": row["xp_threshold"]}
        for row in levels
    ]
    return {"previous": previous, "current": current}, reached


def _give(game: Game, player_id: int, trigger: sqlite3.Row) -> list[assets.Asset]:
    granted: list[Granted] = []
    for asset in json.loads(trigger["assets"]):
        grant = Grant(asset["asset_id"], asset["asset_variation_id"], asset["asset_rental_option_id"])
        one = payouts.give_asset(game, player_id, grant, _SOURCE)
        granted.extend([] if one is None else [one])
    for reward_id in json.loads(trigger["rewards"]):
        granted.extend(rewards.pay(game, player_id, reward_id, source=_SOURCE))
    return [each.asset for each in granted]


def xp_of(game: Game, player_id: int) -> int:
    """The XP that a player has."""
    row = game.store.row("SELECT xp FROM player_xp WHERE player_id = ?", player_id)
    return 0 if row is None else int(row["xp"])


def set_xp(game: Game, player_id: int, xp: int) -> None:
    """Lets a player have that much XP, without the levels being told.

    Raises:
        ServiceError: There is no such player, or it is no number of XP.
    """
    players.require(game, player_id)
    if not 0 <= xp <= _MOST_XP:
        raise bad_request(f"XP is from 0 to {_MOST_XP}", "xp")
    game.store.execute("INSERT INTO player_xp VALUES (?, ?) ON CONFLICT DO UPDATE SET xp = excluded.xp", player_id, xp)


def set_uses(game: Game, name: str, player_id: int, times: int) -> None:
    """Lets a player have had a trigger that often.

    Raises:
        ServiceError: There is no such trigger or player.
    """
    players.require(game, player_id)
    if game.store.row("SELECT 1 FROM triggers WHERE name = ?", name) is None:
        raise not_found("trigger", "name")
    game.store.execute(
        "INSERT INTO trigger_uses VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET times = excluded.times",
        name, player_id, times,
    )  # fmt: skip


def export(game: Game) -> list[dict[str, Any]]:
    """Every trigger, as the keyword arguments of `create`."""
    return [
        {
            "name": row["name"],
            "xp": row["xp"],
            "asset_rewards": json.loads(row["assets"]),
            "reward_ids": json.loads(row["rewards"]),
            "once": bool(row["once"]),
        }
        for row in game.store.rows("SELECT * FROM triggers ORDER BY name")
    ]


def export_uses(game: Game) -> list[dict[str, Any]]:
    """How often each player had each trigger, as the keyword arguments of `set_uses`."""
    rows = game.store.rows("SELECT * FROM trigger_uses ORDER BY trigger_name, player_id")
    return [{"name": row["trigger_name"], "player_id": row["player_id"], "times": row["times"]} for row in rows]


def export_levels(game: Game) -> list[dict[str, Any]]:
    """Every level, as the keyword arguments of `create_level`."""
    rows = game.store.rows("SELECT * FROM xp_levels ORDER BY is_prestige, level")
    return [
        {"level": row["level"], "xp_threshold": row["xp_threshold"], "is_prestige": bool(row["is_prestige"])}
        for row in rows
    ]


def export_xp(game: Game) -> list[dict[str, Any]]:
    """The XP of each player that has some, as the keyword arguments of `set_xp`."""
    rows = game.store.rows("SELECT * FROM player_xp ORDER BY player_id")
    return [{"player_id": row["player_id"], "xp": row["xp"]} for row in rows]
