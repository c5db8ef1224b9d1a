"""Loot boxes: assets that turn into one of their contents when they are opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import assets, draws, inventories
from lootlocker_async.emulator.game import Game

_KIND = "loot_box"
_HIDDEN = {"quantity", "tags"}


def create(game: Game, asset_id: int, contents: Iterable[Mapping[str, Any]]) -> None:
    """Makes an asset a loot box.

    Args:
        game: Its game.
        asset_id: The asset.
        contents: What may come out, as the contract's `LootBoxContent`.

    Raises:
        ValueError: There are no contents, or one of them is wrong.
        ServiceError: There is no such asset, variation or rental option.
    """
    with game.transaction():
        assets.get(game, asset_id)
        chances = [draws.chance(game, content) for content in contents]
        if not chances:
            raise ValueError("a loot box needs contents")
        contents = [{name: value for name, value in chance.items() if name not in _HIDDEN} for chance in chances]
        draws.save(game, asset_id, _KIND, contents)


def inspect(game: Game, player_id: int, instance_id: int) -> dict[str, Any]:
    """What may come out of a loot box, with its weights.

    Raises:
        ServiceError: The player has no such loot box.
    """
    _, contents = draws.load(game, player_id, instance_id, _KIND)
    return {"contents": contents}


def open_box(game: Game, player_id: int, instance_id: int) -> dict[str, bool]:
    """Takes a loot box away and grants one of its contents to whoever had it.

    Raises:
        ServiceError: The player has no such loot box (any more), or can't have another one of what was drawn.
    """
    with game.transaction():
        box, contents = draws.load(game, player_id, instance_id, _KIND)
        (drawn,) = draws.draw(game.random, contents, 1)
        inventories.take(game, player_id, instance_id)
        inventories.give(game, player_id, draws.grant_of(drawn), holder=box.holder, source=_KIND)
    return {"check_grant_notifications": True}


def export(game: Game) -> list[dict[str, Any]]:
    """Every loot box, as the arguments that make it again."""
    return [{"asset_id": asset_id, "contents": contents} for asset_id, contents in draws.export(game, _KIND)]
