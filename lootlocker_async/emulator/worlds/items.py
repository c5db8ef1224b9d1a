"""What players, characters and heroes have, and what of it they have equipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import asset_instances, drop_tables, inventories, loadouts
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import DEFAULT_HOLDER, Grant


class ItemsWorld:
    """Fills inventories and loadouts."""

    _game: Game

    def add_item(
        self,
        player_id: int,
        asset_id: int,
        *,
        character_id: int | None = None,
        hero_id: int | None = None,
        variation_id: int | None = None,
        rental_option_id: int | None = None,
        source: str = "grant_support",
        instance_id: int | None = None,
        acquired_at: float | None = None,
        storage: Iterable[Mapping[str, Any]] = (),
        locked_drops: Iterable[Mapping[str, Any]] = (),
    ) -> int:
        """Puts an asset into the inventory of a player, or of one of its characters or heroes.

        Args:
            player_id: The player.
            asset_id: The asset.
            character_id: The character, if it isn't the default one.
            hero_id: The player's hero, if it is for one.
            variation_id: The variation; the default one by default.
            rental_option_id: How it is rented, if it is.
            source: How the player came by it.
            instance_id: The instance's id; the next one by default.
            acquired_at: When the player came by it, in seconds since the epoch; now by default.
            storage: Pairs stored on it, each with `key`, `value` and perhaps `id`.
            locked_drops: Where it is a drop table that is computed already: what it drew, as exported.

        Returns:
            The id of the instance.
        """
        game = self._game
        holder = DEFAULT_HOLDER
        if character_id is not None:
            holder = inventories.character(game, player_id, character_id)
        elif hero_id is not None:
            holder = inventories.hero(game, player_id, hero_id)
        grant = Grant(asset_id, variation_id, rental_option_id)
        with game.transaction():
            made = inventories.give(
                game, player_id, grant, holder=holder, source=source, instance_id=instance_id, acquired_at=acquired_at
            ).instance_id
            for pair in storage:
                asset_instances.create_pair(game, player_id, made, pair["key"], pair["value"], pair_id=pair.get("id"))
            for drop in locked_drops:
                drop_tables.lock(game, made, drop)
        return made

    def grant(
        self,
        player_id: int,
        asset_id: int,
        *,
        character_id: int | None = None,
        hero_id: int | None = None,
        variation_id: int | None = None,
        rental_option_id: int | None = None,
        source: str = "grant_support",
    ) -> int:
        """Puts an asset into an inventory, as `add_item` does.

        Returns:
            The id of the instance.
        """
        return self.add_item(
            player_id,
            asset_id,
            character_id=character_id,
            hero_id=hero_id,
            variation_id=variation_id,
            rental_option_id=rental_option_id,
            source=source,
        )

    def export_items(self) -> list[dict[str, Any]]:
        """Every item, as the arguments of `add_item`."""
        return [
            self._exported(dict(row)) for row in self._game.store.rows("SELECT * FROM inventory ORDER BY instance_id")
        ]

    def _exported(self, item: dict[str, Any]) -> dict[str, Any]:
        game, instance_id = self._game, item["instance_id"]
        return {
            "character_id": inventories.character_of(item.pop("holder")),
            **item,
            "storage": asset_instances.list_pairs(game, item["player_id"], instance_id)["storage"],
            "locked_drops": drop_tables.locked_items(game, instance_id),
        }

    def add_equipment(
        self,
        player_id: int,
        instance_id: int,
        *,
        character_id: int | None = None,
        hero_id: int | None = None,
        mounted_at: float | None = None,
    ) -> None:
        """Lets a player's default character, another one or a hero equip something that the player has.

        Args:
            player_id: The player.
            instance_id: What to equip.
            character_id: The character, if it isn't the default one.
            hero_id: The player's hero, if it is for one.
            mounted_at: When, in seconds since the epoch; now by default.
        """
        if character_id is not None:
            bearer = loadouts.of_character(self._game, player_id, character_id)
        elif hero_id is not None:
            bearer = loadouts.of_hero(self._game, player_id, hero_id)
        else:
            bearer = loadouts.of_player(self._game, player_id)
        loadouts.equip_instance(self._game, bearer, instance_id, mounted_at=mounted_at)

    def export_equipment(self) -> list[dict[str, Any]]:
        """Everything that is equipped, as the arguments of `add_equipment`."""
        rows = self._game.store.rows("SELECT player_id, instance_id, holder, mounted_at FROM loadouts ORDER BY id")
        exported = [dict(row) for row in rows]
        return [{"character_id": inventories.character_of(item.pop("holder")), **item} for item in exported]

    def inventory_size(self, player_id: int) -> int:
        """How many items a player, its characters and its heroes have."""
        return self._game.store.count("SELECT count(*) FROM inventory WHERE player_id = ?", player_id)
