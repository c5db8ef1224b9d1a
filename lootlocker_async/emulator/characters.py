"""Characters and heroes: their classes, the game's own heroes, and those that players have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import attrs

from lootlocker_async.emulator import assets, inventories, players
from lootlocker_async.emulator.errors import conflict
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant

DEFAULT_CLASS = "Character"
"""The class of a character that names none."""


def add_class(game: Game, name: str, *, class_id: int | None = None, context_ids: Sequence[int] | None = None) -> int:
    """Makes a class of characters.

    Args:
        game: Its game.
        name: Its name.
        class_id: Its id; the next one by default.
        context_ids: The contexts whose assets its characters can equip; every context by default.

    Returns:
        Its id.

    Raises:
        ServiceError: There is a class of that name.
    """
    if _class_id(game, name) is not None:
        raise conflict("There is a character class of this name already")
    return game.store.insert(
        "INSERT INTO character_classes VALUES (?, ?, ?)",
        class_id, name, None if context_ids is None else json.dumps(list(context_ids)),
    )  # fmt: skip


def _class_id(game: Game, name: str) -> int | None:
    row = game.store.row("SELECT id FROM character_classes WHERE name = ?", name)
    return None if row is None else row["id"]


def _settle_class(game: Game, name: str) -> int:
    return _class_id(game, name) or add_class(game, name)


@attrs.frozen(kw_only=True)
class Character:
    """A character to make.

    Attributes:
        name: Its name.
        type: Its class, which is made where it is missing.
        default: Whether it is the player's default character, which has what the player's own inventory lists.
        character_id: Its id; the next one by default.
        ulid: Its ULID; a new one by default.
    """

    name: str = "Character"
    type: str = DEFAULT_CLASS
    default: bool = False
    character_id: int | None = None
    ulid: str | None = None


def add_character(game: Game, player_id: int, character: Character) -> int:
    """Gives a player a character.

    Returns:
        Its id.

    Raises:
        ServiceError: There is no such player, or it has a default character already.
    """
    players.require(game, player_id)
    taken = "SELECT 1 FROM characters WHERE player_id = ? AND is_default"
    if character.default and game.store.row(taken, player_id) is not None:
        raise conflict("The player has a default character already")
    with game.transaction():
        return game.store.insert(
            "INSERT INTO characters (id, ulid, player_id, class_id, name, is_default) VALUES (?, ?, ?, ?, ?, ?)",
            character.character_id, character.ulid or game.ids.ulid(game.clock.now()), player_id,
            _settle_class(game, character.type), character.name, character.default,
        )  # fmt: skip


def add_game_hero(
    game: Game, name: str, *, type: str = DEFAULT_CLASS, asset_id: int | None = None, hero_id: int | None = None
) -> int:
    """Makes a hero of the game, which players can have.

    Args:
        game: Its game.
        name: Its name.
        type: Its class, which is made where it is missing.
        asset_id: The asset that it is; a new one in the context `Hero` by default.
        hero_id: Its id; the next one by default.

    Returns:
        Its id.

    Raises:
        ServiceError: There is no such asset, or there is a hero of that name.
    """
    with game.transaction():
        if game.store.row("SELECT 1 FROM game_heroes WHERE name = ?", name) is not None:
            raise conflict("There is a hero of this name already")
        if asset_id is None:
            asset_id = int(assets.create(game, name, {"context": "Hero", "detachable": False})["id"])
        assets.get(game, asset_id)
        return game.store.insert(
            "INSERT INTO game_heroes VALUES (?, ?, ?, ?)", hero_id, name, _settle_class(game, type), asset_id
        )


@attrs.frozen(kw_only=True)
class Hero:
    """A hero for a player.

    Attributes:
        name: The hero of the game, which is made where it is missing.
        default: Whether it is the player's default hero.
        player_hero_id: The id of the player's hero; the next one by default.
        character_id: The character behind it, which must be there; a new one of the hero's class by default.
        instance_id: The id of the asset instance that it is, which comes into the player's inventory; the next one by
            default. Or that of one that is there, of the hero's asset.
        variation_id: The variation of a new instance; the default one by default.
    """

    name: str = "Hero"
    default: bool = False
    player_hero_id: int | None = None
    character_id: int | None = None
    instance_id: int | None = None
    variation_id: int | None = None


def add_hero(game: Game, player_id: int, hero: Hero) -> int:
    """Gives a player a hero: an instance of its asset, and a character behind it.

    Returns:
        The id of the player's hero.

    Raises:
        ServiceError: There is no such player, character or variation, or the instance is another one's.
    """
    players.require(game, player_id)
    with game.transaction():
        query = (
            "SELECT g.id, g.asset_id, c.name class_name FROM game_heroes g"
            " JOIN character_classes c ON c.id = g.class_id WHERE g.name = ?"
        )
        kind = game.store.row(query, hero.name)
        if kind is None:
            add_game_hero(game, hero.name)
            kind = game.store.one(query, hero.name)
        character_id = hero.character_id
        if character_id is None:
            character_id = add_character(game, player_id, Character(name=hero.name, type=kind["class_name"]))
        inventories.character(game, player_id, character_id)
        return game.store.insert(
            "INSERT INTO heroes VALUES (?, ?, ?, ?, ?, ?)",
            hero.player_hero_id, player_id, kind["id"], character_id,
            _hero_instance(game, player_id, hero, kind["asset_id"]), hero.default,
        )  # fmt: skip


def _hero_instance(game: Game, player_id: int, hero: Hero, asset_id: int) -> int:
    row = game.store.row("SELECT player_id, asset_id FROM inventory WHERE instance_id = ?", hero.instance_id)
    if row is None:
        grant = Grant(asset_id, hero.variation_id)
        return inventories.give(game, player_id, grant, source="hero", instance_id=hero.instance_id).instance_id
    if (row["player_id"], row["asset_id"]) != (player_id, asset_id) or hero.instance_id is None:
        raise conflict("The instance is not one of the hero's asset in the player's inventory")
    return hero.instance_id


def list_characters(game: Game, player_id: int) -> dict[str, Any]:
    """A player's characters, those behind heroes among them.

    Raises:
        ServiceError: There is no such player.
    """
    players.require(game, player_id)
    rows = game.store.rows(
        "SELECT c.*, t.name type FROM characters c JOIN character_classes t ON t.id = c.class_id"
        " WHERE c.player_id = ? ORDER BY c.id",
        player_id,
    )
    return {
        "items": [
            {
                "id": row["id"],
                "ulid": row["ulid"],
                "default": bool(row["is_default"]),
                "name": row["name"],
                "type": row["type"],
            }
            for row in rows
        ]
    }


def list_heroes(game: Game, player_id: int) -> dict[str, Any]:
    """A player's heroes.

    Raises:
        ServiceError: There is no such player.
    """
    players.require(game, player_id)
    rows = game.store.rows(
        "SELECT h.*, g.name hero_name, g.asset_id, c.name character_name, t.name class_name, i.variation_id"
        " FROM heroes h JOIN game_heroes g ON g.id = h.hero_id JOIN characters c ON c.id = h.character_id"
        " JOIN character_classes t ON t.id = c.class_id JOIN inventory i ON i.instance_id = h.instance_id"
        " WHERE h.player_id = ? ORDER BY h.id",
        player_id,
    )
    return {
        "items": [
            {
                "id": row["id"],
                "hero_id": row["hero_id"],
                "character_id": row["character_id"],
                "instance_id": row["instance_id"],
                "hero_name": row["hero_name"],
                "character_name": row["character_name"],
                "class_name": row["class_name"],
                "is_default": bool(row["is_default"]),
                "asset_variation_id": row["variation_id"],
                "asset": assets.get(game, row["asset_id"]),
            }
            for row in rows
        ]
    }
