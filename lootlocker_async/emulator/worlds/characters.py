"""Characters and heroes, with their classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lootlocker_async.emulator import characters
from lootlocker_async.emulator.characters import DEFAULT_CLASS, Character, Hero
from lootlocker_async.emulator.game import Game


class CharactersWorld:
    """Builds characters and heroes."""

    _game: Game

    def add_character_class(
        self, name: str, *, class_id: int | None = None, context_ids: Sequence[int] | None = None
    ) -> int:
        """Adds a class of characters; a character makes its own class where that is missing.

        Args:
            name: Its name.
            class_id: Its id, as the `character_classes` of assets have it; the next one by default.
            context_ids: The contexts whose assets its characters can equip; every context by default.

        Returns:
            Its id.
        """
        return characters.add_class(self._game, name, class_id=class_id, context_ids=context_ids)

    def export_character_classes(self) -> list[dict[str, Any]]:
        """Every class, as the arguments of `add_character_class`."""
        return [
            {"name": row["name"], "class_id": row["id"], "context_ids": json.loads(row["context_ids"] or "null")}
            for row in self._game.store.rows("SELECT * FROM character_classes ORDER BY id")
        ]

    def add_character(
        self,
        player_id: int,
        name: str = "Character",
        *,
        default: bool = False,
        type: str = DEFAULT_CLASS,
        character_id: int | None = None,
        ulid: str | None = None,
    ) -> int:
        """Gives a player a character.

        Args:
            player_id: The player.
            name: Its name.
            default: Whether it is the default character, which has what the player's own inventory lists.
            type: The name of its class.
            character_id: Its id; the next one by default.
            ulid: Its ULID; a new one by default.

        Returns:
            Its id.
        """
        character = Character(name=name, type=type, default=default, character_id=character_id, ulid=ulid)
        return characters.add_character(self._game, player_id, character)

    def export_characters(self) -> list[dict[str, Any]]:
        """Every character, as the arguments of `add_character`."""
        rows = self._game.store.rows(
            "SELECT c.player_id, c.name, c.is_default, t.name type, c.id character_id, c.ulid FROM characters c"
            " JOIN character_classes t ON t.id = c.class_id ORDER BY c.id"
        )
        return [_with_flag(dict(row)) for row in rows]

    def add_game_hero(
        self, name: str, *, type: str = DEFAULT_CLASS, asset_id: int | None = None, hero_id: int | None = None
    ) -> int:
        """Adds a hero that players can have.

        Args:
            name: Its name.
            type: The name of its class.
            asset_id: The asset that it is; a new one in the context `Hero` by default.
            hero_id: Its id, as the `hero_equip_exceptions` of assets have it; the next one by default.

        Returns:
            Its id.
        """
        return characters.add_game_hero(self._game, name, type=type, asset_id=asset_id, hero_id=hero_id)

    def export_game_heroes(self) -> list[dict[str, Any]]:
        """Every hero of the game, as the arguments of `add_game_hero`."""
        rows = self._game.store.rows(
            "SELECT g.name, t.name type, g.asset_id, g.id hero_id FROM game_heroes g"
            " JOIN character_classes t ON t.id = g.class_id ORDER BY g.id"
        )
        return [dict(row) for row in rows]

    def add_hero(
        self,
        player_id: int,
        name: str = "Hero",
        *,
        default: bool = False,
        player_hero_id: int | None = None,
        character_id: int | None = None,
        instance_id: int | None = None,
        variation_id: int | None = None,
    ) -> int:
        """Gives a player a hero: an instance of the hero's asset in the inventory, and a character behind it.

        Args:
            player_id: The player.
            name: The hero of the game, which is made where it is missing.
            default: Whether it is the player's default hero.
            player_hero_id: The id of the player's hero; the next one by default.
            character_id: The character behind it, which must be there; a new one by default.
            instance_id: The instance that it is, which comes into the inventory if it isn't there; a new one by
                default.
            variation_id: The variation of a new instance; the default one by default.

        Returns:
            The id of the player's hero, which paths take.
        """
        hero = Hero(
            name=name,
            default=default,
            player_hero_id=player_hero_id,
            character_id=character_id,
            instance_id=instance_id,
            variation_id=variation_id,
        )
        return characters.add_hero(self._game, player_id, hero)

    def export_heroes(self) -> list[dict[str, Any]]:
        """Every hero of a player, as the arguments of `add_hero`; the items come before them."""
        rows = self._game.store.rows(
            "SELECT h.player_id, g.name, h.is_default, h.id player_hero_id, h.character_id, h.instance_id FROM heroes h"
            " JOIN game_heroes g ON g.id = h.hero_id ORDER BY h.id"
        )
        return [_with_flag(dict(row)) for row in rows]


def _with_flag(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"default": bool(arguments.pop("is_default")), **arguments}
