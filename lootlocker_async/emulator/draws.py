"""What is drawn by chance: the contents of loot boxes and drop tables, by weight and from the game's seeded source."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, TypedDict

from lootlocker_async.emulator import assets, inventories
from lootlocker_async.emulator.errors import not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant


class Chance(TypedDict):
    """An asset that may be drawn; `quantity` and `tags` matter in drop tables only."""

    asset_id: int
    asset_variation_id: int | None
    asset_rental_option_id: int | None
    weight: int
    quantity: int
    tags: list[str]


def chance(game: Game, given: Mapping[str, Any]) -> Chance:
    """Completes what a world says of something that may be drawn.

    Raises:
        ValueError: There is no such field, or the weight or the quantity is not above nought.
        ServiceError: There is no such asset, or it has no such variation or rental option.
    """
    made: Chance = {
        "asset_id": given["asset_id"],
        "asset_variation_id": given.get("asset_variation_id"),
        "asset_rental_option_id": given.get("asset_rental_option_id"),
        "weight": given.get("weight", 1),
        "quantity": given.get("quantity", 1),
        "tags": list(given.get("tags", ())),
    }
    unknown = given.keys() - made.keys()
    if unknown:
        raise ValueError(f"what is drawn has no field {', '.join(sorted(unknown))}")
    if min(made["weight"], made["quantity"]) < 1:
        raise ValueError("the weight and the quantity of what is drawn must be above nought")
    assets.choose(game, made["asset_id"], made["asset_variation_id"], made["asset_rental_option_id"])
    return made


def grant_of(drawn: Mapping[str, Any]) -> Grant:
    """What puts something drawn into an inventory."""
    return Grant(drawn["asset_id"], drawn["asset_variation_id"], drawn["asset_rental_option_id"])


def draw(random: Random, chances: Sequence[Chance], times: int, *, duplicates: bool = False) -> list[Chance]:
    """Draws by weight.

    Args:
        random: Where chance comes from.
        chances: What there is.
        times: How often to draw.
        duplicates: Whether the same may be drawn again; else the draws end when nothing is left.

    Returns:
        What was drawn, in the order of the draws.
    """
    left, drawn = list(chances), list[Chance]()
    while left and len(drawn) < times:
        ticket = random.randrange(sum(each["weight"] for each in left))
        index = 0
        while ticket >= left[index]["weight"]:
            ticket -= left[index]["weight"]
            index += 1
        drawn.append(left[index] if duplicates else left.pop(index))
    return drawn


def save(game: Game, asset_id: int, kind: str, document: object) -> None:
    """Makes an asset a loot box or a drop table, in place of what it was."""
    game.store.execute("INSERT OR REPLACE INTO draw_tables VALUES (?, ?, ?)", asset_id, kind, json.dumps(document))


def load(game: Game, player_id: int, instance_id: int, kind: str) -> tuple[inventories.Instance, Any]:
    """Finds a loot box or a drop table in a player's inventory.

    Returns:
        The instance, and what was saved of its asset.

    Raises:
        ServiceError: The player has no such instance, or its asset is of another kind.
    """
    instance = inventories.instance(game, player_id, instance_id)
    query = "SELECT document FROM draw_tables WHERE asset_id = ? AND kind = ?"
    row = game.store.row(query, instance.asset_id, kind)
    if row is None:
        raise not_found(f"{kind.replace('_', ' ')} in the player's inventory", "asset_instance_id")
    return instance, json.loads(row["document"])


def export(game: Game, kind: str) -> Iterable[tuple[int, Any]]:
    """What was saved of every asset of a kind, with the asset's id."""
    for row in game.store.rows("SELECT * FROM draw_tables WHERE kind = ? ORDER BY asset_id", kind):
        yield row["asset_id"], json.loads(row["document"])
