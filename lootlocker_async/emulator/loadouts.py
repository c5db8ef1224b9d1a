"""Loadouts: what the characters and heroes of players have equipped."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

import attrs

from lootlocker_async.emulator import assets, inventories, players
from lootlocker_async.emulator.errors import conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import DEFAULT_HOLDER, Grant, Instance


@attrs.frozen(kw_only=True)
class Bearer:
    """Who equips things.

    Attributes:
        player_id: The player.
        holder: Whose loadout it is, as inventories name it.
        class_id: The character's class; None where the player has no default character, who may equip anything.
        context_ids: The contexts that the class can equip; None for all.
        hero_id: The game's hero that the character stands behind, if it does.
    """

    player_id: int
    holder: str
    class_id: int | None = None
    context_ids: frozenset[int] | None = None
    hero_id: int | None = None

    def can_equip(self, asset: assets.Asset) -> bool:
        """Whether an asset is for this bearer: by its exceptions for heroes first, then by class and context."""
        exceptions = {each["hero_id"]: each.get("can_equip", True) for each in asset["hero_equip_exceptions"]}
        if self.hero_id in exceptions:
            return bool(exceptions[self.hero_id])
        if self.class_id is not None and asset["character_classes"] and self.class_id not in asset["character_classes"]:
            return False
        return self.context_ids is None or asset["context_id"] in self.context_ids


def of_player(game: Game, player_id: int) -> Bearer:
    """The player's default character.

    Raises:
        ServiceError: There is no such player.
    """
    players.require(game, player_id)
    row = game.store.row("SELECT id FROM characters WHERE player_id = ? AND is_default", player_id)
    if row is None:
        return Bearer(player_id=player_id, holder=DEFAULT_HOLDER)
    return of_character(game, player_id, row["id"])


def of_character(game: Game, player_id: int, character_id: int) -> Bearer:
    """One of the player's characters.

    Raises:
        ServiceError: There is no such player, or it has no such character.
    """
    holder = inventories.character(game, player_id, character_id)
    row = game.store.one(
        "SELECT c.class_id, t.context_ids, h.hero_id FROM characters c JOIN character_classes t ON t.id = c.class_id"
        " LEFT JOIN heroes h ON h.character_id = c.id WHERE c.id = ?",
        character_id,
    )
    return Bearer(
        player_id=player_id,
        holder=holder,
        class_id=row["class_id"],
        context_ids=None if row["context_ids"] is None else frozenset(json.loads(row["context_ids"])),
        hero_id=row["hero_id"],
    )


def of_hero(game: Game, player_id: int, hero_id: int) -> Bearer:
    """One of the player's heroes: the character behind it.

    Raises:
        ServiceError: There is no such player, or it has no such hero.
    """
    inventories.hero(game, player_id, hero_id)
    row = game.store.one("SELECT character_id FROM heroes WHERE id = ?", hero_id)
    return of_character(game, player_id, row["character_id"])


def get(game: Game, bearer: Bearer) -> dict[str, Any]:
    """What a bearer has equipped, in the order in which it was."""
    rows = game.store.rows(
        "SELECT i.*, l.mounted_at FROM loadouts l JOIN inventory i ON i.instance_id = l.instance_id"
        " WHERE l.player_id = ? AND l.holder = ? ORDER BY l.id",
        bearer.player_id, bearer.holder,
    )  # fmt: skip
    return {"items": [_item(game, row) for row in rows]}


def _item(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    columns = dict(row)
    mounted_at = datetime.fromtimestamp(columns.pop("mounted_at"), UTC)
    instance = Instance(**columns)
    asset = assets.get(game, instance.asset_id)
    return {
        "variation_id": instance.variation_id,
        "instance_id": instance.instance_id,
        "mounted_at": mounted_at.isoformat(timespec="seconds"),
        "asset": asset,
        "rental": instance.rental(asset, game.clock.timestamp()),
    }


def equip_instance(game: Game, bearer: Bearer, instance_id: int, *, mounted_at: float | None = None) -> dict[str, Any]:
    """Equips an instance of the player's, in place of what the bearer has in the same context.

    An instance can be on one bearer at a time, and equipping it there again changes nothing (both are guesses).

    Returns:
        The whole loadout.

    Raises:
        ServiceError: The player has no such instance, or its rent has run out, or the bearer may not equip the asset,
            or another bearer has it equipped.
    """
    with game.transaction():
        instance = inventories.instance(game, bearer.player_id, instance_id, "instance_id")
        asset = assets.get(game, instance.asset_id)
        if not bearer.can_equip(asset):
            raise conflict("This character can't equip assets of this kind", "instance_id")
        moment = game.clock.timestamp() if mounted_at is None else mounted_at
        if instance.rental(asset, moment)["is_active"] is False:
            raise conflict("The rent of this asset has run out", "instance_id")
        row = game.store.row("SELECT holder FROM loadouts WHERE instance_id = ?", instance_id)
        if row is None:
            _mount(game, bearer, asset["context_id"], instance_id, moment)
        elif row["holder"] != bearer.holder:
            raise conflict("Another character of the player has this instance equipped", "instance_id")
        return get(game, bearer)


def _mount(game: Game, bearer: Bearer, context_id: int, instance_id: int, mounted_at: float) -> None:
    game.store.execute(
        "DELETE FROM loadouts WHERE player_id = ? AND holder = ? AND context_id = ?",
        bearer.player_id, bearer.holder, context_id,
    )  # fmt: skip
    game.store.insert(
        "INSERT INTO loadouts (player_id, holder, context_id, instance_id, mounted_at) VALUES (?, ?, ?, ?, ?)",
        bearer.player_id, bearer.holder, context_id, instance_id, mounted_at,
    )  # fmt: skip


def equip_asset(game: Game, bearer: Bearer, grant: Grant) -> dict[str, Any]:
    """Equips an asset: the oldest instance of it that the player has and that no other bearer has equipped.

    Where the player has no instance but every player has the asset, an instance of it comes into the inventory first (a
    guess: a loadout's items need an instance).

    Returns:
        The whole loadout.

    Raises:
        ServiceError: As for `equip_instance`; or there is no such asset, variation or rental option.
    """
    with game.transaction():
        asset, _ = assets.choose(game, grant.asset_id, grant.variation_id, grant.rental_option_id)
        conditions, values = _conditions(grant)
        owned = game.store.rows(
            "SELECT i.*, l.holder worn_by FROM inventory i LEFT JOIN loadouts l ON l.instance_id = i.instance_id"  # nosec B608  # the module's own names; values are bound
            f" WHERE i.player_id = ? AND {conditions} ORDER BY i.instance_id",
            bearer.player_id, *values,
        )  # fmt: skip
        if owned:
            return equip_instance(game, bearer, _preferred(bearer, owned, asset, game.clock.timestamp()))
        universal = game.store.row(f"SELECT * FROM universal_assets i WHERE {conditions}", *values)  # nosec B608  # the module's own names; values are bound
        if universal is None:
            raise not_found("instance of the asset in the player's inventory", "asset_id")
        exact = Grant(grant.asset_id, universal["variation_id"], universal["rental_option_id"])
        made = inventories.give(game, bearer.player_id, exact, holder=bearer.holder, source=universal["source"])
        return equip_instance(game, bearer, made.instance_id)


def _conditions(grant: Grant) -> tuple[str, list[int]]:
    conditions, values = ["i.asset_id = ?"], [grant.asset_id]
    for column, value in (("variation_id", grant.variation_id), ("rental_option_id", grant.rental_option_id)):
        if value is not None:
            conditions.append(f"i.{column} = ?")
            values.append(value)
    return " AND ".join(conditions), values


def _preferred(bearer: Bearer, owned: list[sqlite3.Row], asset: assets.Asset, moment: float) -> int:
    def worth(row: sqlite3.Row) -> int:
        columns = dict(row)
        worn_by: str | None = columns.pop("worn_by")
        usable = Instance(**columns).rental(asset, moment)["is_active"] is not False
        return 2 * usable + (worn_by in {None, bearer.holder}) + (worn_by == bearer.holder)

    best: int = max(owned, key=worth)["instance_id"]
    return best


def unequip(game: Game, bearer: Bearer, instance_id: int) -> dict[str, Any]:
    """Takes an instance off; it stays in the inventory.

    Returns:
        The loadout that is left.

    Raises:
        ServiceError: The bearer has no such instance equipped, or the asset can only be replaced and not taken off.
    """
    with game.transaction():
        row = game.store.row(
            "SELECT i.asset_id FROM loadouts l JOIN inventory i ON i.instance_id = l.instance_id"
            " WHERE l.player_id = ? AND l.holder = ? AND l.instance_id = ?",
            bearer.player_id, bearer.holder, instance_id,
        )  # fmt: skip
        if row is None:
            raise not_found("instance in the loadout", "asset_instance_id")
        if not assets.get(game, row["asset_id"])["detachable"]:
            raise conflict("This asset can only be replaced by another one", "asset_instance_id")
        game.store.execute("DELETE FROM loadouts WHERE instance_id = ?", instance_id)
        return get(game, bearer)
