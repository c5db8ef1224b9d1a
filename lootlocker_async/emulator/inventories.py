"""Inventories: what players, their characters and their heroes have, and what comes in and goes out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from lootlocker_async.emulator import assets, players
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game

DEFAULT_HOLDER = ""
"""Whose items the player's own inventory lists: the default character's."""
_CHARACTER = "character/"


@attrs.frozen
class Grant:
    """An asset to grant: its default variation, another one, or rented."""

    asset_id: int
    variation_id: int | None = None
    rental_option_id: int | None = None


@attrs.frozen
class Granted:
    """What a grant made."""

    instance_id: int
    variation_id: int | None
    asset: assets.Asset


@attrs.frozen
class Instance:
    """One instance of an asset in somebody's inventory."""

    instance_id: int
    player_id: int
    holder: str
    asset_id: int
    variation_id: int | None
    rental_option_id: int | None
    source: str
    acquired_at: float

    @classmethod
    def of(cls, row: sqlite3.Row) -> Instance:
        """Reads one from the store."""
        return cls(**dict(row))

    def rental(self, asset: assets.Asset, moment: float) -> dict[str, Any]:
        """How far its rent has run at that moment, as the contract's `InventoryRental`."""
        return assets.rental(asset, self.rental_option_id, moment - self.acquired_at)


def character(game: Game, player_id: int, character_id: int) -> str:
    """The holder of a character's items.

    Raises:
        ServiceError: There is no such player, or it has no such character.
    """
    players.require(game, player_id)
    row = game.store.row("SELECT is_default FROM characters WHERE id = ? AND player_id = ?", character_id, player_id)
    if row is None:
        raise not_found("character of the player", "character_id")
    return DEFAULT_HOLDER if row["is_default"] else f"{_CHARACTER}{character_id}"


def character_of(holder: str) -> int | None:
    """The id of the character that a holder is; None for the default one."""
    return int(holder.removeprefix(_CHARACTER)) if holder else None


def hero(game: Game, player_id: int, hero_id: int) -> str:
    """The holder of a hero's items: the character that stands behind it.

    Raises:
        ServiceError: There is no such player, or it has no such hero.
    """
    players.require(game, player_id)
    row = game.store.row("SELECT character_id FROM heroes WHERE id = ? AND player_id = ?", hero_id, player_id)
    if row is None:
        raise not_found("hero of the player", "hero_id")
    return character(game, player_id, row["character_id"])


def instance(game: Game, player_id: int, instance_id: int, param: str = "asset_instance_id") -> Instance:
    """Finds an asset instance in the inventories of a player, its characters and its heroes.

    Raises:
        ServiceError: There is no such player, or it has no such instance.
    """
    players.require(game, player_id)
    row = game.store.row("SELECT * FROM inventory WHERE instance_id = ? AND player_id = ?", instance_id, player_id)
    if row is None:
        raise not_found("instance in the player's inventory", param)
    return Instance.of(row)


def list_items(
    game: Game, player_id: int, *, holder: str = DEFAULT_HOLDER, count: int = 50, after: int = 0
) -> dict[str, Any]:
    """One page of an inventory, by the age of its items.

    Raises:
        ServiceError: There is no such player.
    """
    players.require(game, player_id)
    cap = game.settings.inventory_page_cap
    where = "FROM inventory WHERE player_id = ? AND holder = ?"
    rows = game.store.rows(
        f"SELECT * {where} AND instance_id > ? ORDER BY instance_id LIMIT ?",
        player_id, holder, after, count if cap is None else min(count, cap),
    )  # fmt: skip
    known: dict[int, assets.Asset] = {}
    return {
        "total": game.store.count(f"SELECT count(*) {where}", player_id, holder),
        "items": [{"instance_id": row["instance_id"], **_item(game, row, known)} for row in rows],
    }


def list_universal(game: Game) -> dict[str, Any]:
    """The assets that every player has."""
    rows = game.store.rows("SELECT * FROM universal_assets ORDER BY universal_id")
    known: dict[int, assets.Asset] = {}
    return {"global_assets": [{"universal_id": row["universal_id"], **_item(game, row, known)} for row in rows]}


def _item(game: Game, row: sqlite3.Row, known: dict[int, assets.Asset]) -> dict[str, Any]:
    asset_id = row["asset_id"]
    if asset_id not in known:
        known[asset_id] = assets.get(game, asset_id)
    asset = known[asset_id]
    return {
        "variation_id": row["variation_id"],
        "rental_option_id": row["rental_option_id"],
        "acquisition_source": row["source"],
        "asset": asset,
        "rental": assets.rental(asset, row["rental_option_id"], game.clock.timestamp() - row["acquired_at"]),
    }


def add_universal(
    game: Game, grant: Grant, *, universal_id: int | None = None, acquired_at: float | None = None
) -> int:
    """Lets every player have an asset.

    Returns:
        Its universal id.

    Raises:
        ServiceError: There is no such asset, variation or rental option.
    """
    _, variation_id = assets.choose(game, grant.asset_id, grant.variation_id, grant.rental_option_id)
    return game.store.insert(
        "INSERT INTO universal_assets VALUES (?, ?, ?, ?, 'global', ?)",
        universal_id, grant.asset_id, variation_id, grant.rental_option_id,
        game.clock.timestamp() if acquired_at is None else acquired_at,
    )  # fmt: skip


def add_asset(game: Game, player_id: int, grant: Grant) -> dict[str, Any]:
    """Grants one asset; the answer has the asset as a raw record.

    Raises:
        ServiceError: There is no such player, asset, variation or rental option, or the player has the one instance
            that each player can have.
    """
    granted = give(game, player_id, grant)
    item = {
        "instance_id": granted.instance_id,
        "variation_id": granted.variation_id,
        "rental_option_id": grant.rental_option_id,
        "acquisition_source": "grant_server_api",
        "asset": assets.get_record(game, grant.asset_id),
        "rental": assets.rental(granted.asset, grant.rental_option_id, 0),
    }
    return {"items": [item]}


def alter(game: Game, player_id: int, *, add: Iterable[Grant] = (), remove: Sequence[int] = ()) -> dict[str, Any]:
    """Takes instances away and grants assets: all of it, or nothing.

    What goes makes room first, so a unique instance can be exchanged.

    Raises:
        ServiceError: As for `add_asset`; or there is nothing to do, or the player has no such instance.
    """
    grants = list(add)
    if not grants and not remove:
        raise bad_request("Either add or remove must hold something", "add", "parameter_missing")
    gone = list(dict.fromkeys(remove))
    with game.transaction():
        players.require(game, player_id)
        for instance_id in gone:
            take(game, player_id, instance_id, "remove")
        added = [give(game, player_id, grant).asset for grant in grants]
    return {"added": added, "removed": gone}


def take(game: Game, player_id: int, instance_id: int, param: str = "asset_instance_id") -> None:
    """Takes an instance out of a player's inventory; its storage goes, loadouts lose it, and so goes a hero that it is.

    Raises:
        ServiceError: There is no such player, or it has no such instance.
    """
    instance(game, player_id, instance_id, param)
    game.store.execute("DELETE FROM inventory WHERE instance_id = ?", instance_id)


def give(
    game: Game,
    player_id: int,
    grant: Grant,
    *,
    holder: str = DEFAULT_HOLDER,
    source: str = "grant_server_api",
    instance_id: int | None = None,
    acquired_at: float | None = None,
) -> Granted:
    """Puts an asset into an inventory.

    Args:
        game: The game.
        player_id: Whose inventory.
        grant: What to put there.
        holder: Which of the player's characters has it.
        source: How the player came by it.
        instance_id: The instance's id; the next one by default.
        acquired_at: When it came, in seconds since the epoch; now by default.

    Raises:
        ServiceError: As for `add_asset`.
    """
    with game.transaction():
        players.require(game, player_id)
        asset, variation_id = assets.choose(game, grant.asset_id, grant.variation_id, grant.rental_option_id)
        if asset["unique_instance"] and game.store.row(
            "SELECT 1 FROM inventory WHERE player_id = ? AND asset_id = ?", player_id, grant.asset_id
        ):
            raise conflict("The player has the only instance of this asset that a player can have", "asset_id")
        made = game.store.insert(
            "INSERT INTO inventory VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            instance_id, player_id, holder, grant.asset_id, variation_id, grant.rental_option_id, source,
            game.clock.timestamp() if acquired_at is None else acquired_at,
        )  # fmt: skip
    return Granted(made, variation_id, asset)
