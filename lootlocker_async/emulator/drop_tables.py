"""Drop tables: assets that a draw is computed and locked from, to pick from afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from lootlocker_async.emulator import assets, draws, inventories
from lootlocker_async.emulator.draws import Chance
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game

_KIND = "drop_table"


class Group(TypedDict):
    """Part of a drop table: how often to draw from which items, and whether the same may come again."""

    draws: int
    duplicates: bool
    items: list[Chance]


def create(game: Game, asset_id: int, groups: Iterable[Mapping[str, Any]], *, max_picks: int | None = None) -> None:
    """Makes an asset a drop table.

    Args:
        game: Its game.
        asset_id: The asset; its `package_contents` and `drop_table_max_picks` become those of the table.
        groups: What each computation draws from.
        max_picks: How many of the items drawn may be picked; all of them by default.

    Raises:
        ValueError: There are no items, or a group or an item is wrong.
        ServiceError: There is no such asset, variation or rental option.
    """
    with game.transaction():
        before = assets.get(game, asset_id)["package_contents"]
        made = [_group(game, group) for group in groups]
        if not made:
            raise ValueError("a drop table needs groups of items")
        draws.save(game, asset_id, _KIND, made)
        contents = [_packed(game, item) for group in made for item in group["items"]]
        if before is not None and [_gist(packed) for packed in before] == [_gist(packed) for packed in contents]:
            # An asset that was exported as a drop table knows what was in it then.
            contents = before
        assets.change(game, asset_id, {"package_contents": contents, "drop_table_max_picks": max_picks})


def _group(game: Game, given: Mapping[str, Any]) -> Group:
    made: Group = {
        "draws": given.get("draws", 1),
        "duplicates": given.get("duplicates", False),
        "items": [draws.chance(game, item) for item in given["items"]],
    }
    unknown = given.keys() - made.keys()
    if unknown:
        raise ValueError(f"a group of a drop table has no field {', '.join(sorted(unknown))}")
    if made["draws"] < 1 or not made["items"]:
        raise ValueError("a group of a drop table needs items and at least one draw")
    return made


def _packed(game: Game, item: Chance) -> dict[str, Any]:
    asset = assets.get(game, item["asset_id"])
    del asset["package_contents"]
    return {"variation_id": item["asset_variation_id"], "quantity": item["quantity"], "asset": asset}


def _gist(packed: Mapping[str, Any]) -> tuple[Any, ...]:
    return packed.get("variation_id"), packed["quantity"], packed["asset"]["id"]


def compute_and_lock(
    game: Game, player_id: int, instance_id: int, *, asset_details: bool = False, tag: str | None = None
) -> dict[str, Any]:
    """Draws from every group of a drop table and keeps the result for the picks to come.

    A second computation before a pick is refused (a guess: the contract leaves open whether it draws anew). Where no
    item has the tag, nothing is drawn and nothing is locked.

    Raises:
        ServiceError: The player has no such drop table, or a draw is locked already.
    """
    with game.transaction():
        _, groups = draws.load(game, player_id, instance_id, _KIND)
        if _locked(game, instance_id):
            raise conflict("A draw from this drop table is locked and waits for its picks", "asset_instance_id")
        for group in groups:
            items = [item for item in group["items"] if tag is None or tag in item["tags"]]
            for drawn in draws.draw(game.random, items, group["draws"], duplicates=group["duplicates"]):
                lock(game, instance_id, drawn)
        return {"items": [_shown(game, row, asset_details=asset_details) for row in _locked(game, instance_id)]}


def lock(game: Game, instance_id: int, drawn: Mapping[str, Any]) -> None:
    """Locks one item for the picks to come, under the id that it names, if it does."""
    game.store.insert(
        "INSERT INTO locked_drops VALUES (?, ?, ?, ?, ?, ?)",
        drawn.get("id"), instance_id, drawn["asset_id"], drawn["asset_variation_id"],
        drawn["asset_rental_option_id"], drawn["quantity"],
    )  # fmt: skip


def _locked(game: Game, instance_id: int) -> list[sqlite3.Row]:
    return game.store.rows("SELECT * FROM locked_drops WHERE instance_id = ? ORDER BY id", instance_id)


def _shown(game: Game, row: sqlite3.Row, *, asset_details: bool) -> dict[str, Any]:
    item = {
        "id": row["id"],
        "asset_id": row["asset_id"],
        "asset_variation_id": row["variation_id"],
        "asset_rental_option_id": row["rental_option_id"],
    }
    return {**item, "asset": assets.get(game, row["asset_id"])} if asset_details else item


def locked_items(game: Game, instance_id: int) -> list[dict[str, Any]]:
    """What is locked for the picks to come, as `lock` takes it."""
    rows = _locked(game, instance_id)
    return [{**_shown(game, row, asset_details=False), "quantity": row["quantity"]} for row in rows]


def pick(game: Game, player_id: int, instance_id: int, picks: Sequence[int]) -> dict[str, Any]:
    """Grants items of the locked draw to whoever has the drop table, and uses the draw up.

    The drop table stays and can be computed again (a guess). Of a quantity above one, every piece is an instance of
    its own and the answer names the first of them (a guess).

    Raises:
        ServiceError: The player has no such drop table; nothing is locked; the picks are none, too many, twice the
            same or not of the draw; or the player can't have another one of what was picked.
    """
    with game.transaction():
        table, _ = draws.load(game, player_id, instance_id, _KIND)
        locked = {row["id"]: row for row in _locked(game, instance_id)}
        if not locked:
            raise conflict("There is no locked draw: the drop table must be computed first", "asset_instance_id")
        _check(picks, assets.get(game, table.asset_id)["drop_table_max_picks"])
        if not locked.keys() >= set(picks):
            raise not_found("item in the locked draw", "picks")
        game.store.execute("DELETE FROM locked_drops WHERE instance_id = ?", instance_id)
        return {"items": [_grant(game, player_id, table.holder, locked[drop_id]) for drop_id in picks]}


def _check(picks: Sequence[int], most: int | None) -> None:
    if not picks:
        raise bad_request("At least one item must be picked", "picks")
    if len(set(picks)) < len(picks):
        raise bad_request("An item can be picked only once", "picks")
    if most is not None and len(picks) > most:
        raise bad_request(f"No more than {most} items of this drop table can be picked", "picks")


def _grant(game: Game, player_id: int, holder: str, row: sqlite3.Row) -> dict[str, Any]:
    grant = inventories.Grant(row["asset_id"], row["variation_id"], row["rental_option_id"])
    granted = [
        inventories.give(game, player_id, grant, holder=holder, source=_KIND) for _ in range(row["quantity"])
    ]  # fmt: skip
    return {
        "instance_id": granted[0].instance_id,
        "variation_id": granted[0].variation_id,
        "rental_option_id": row["rental_option_id"],
        "quantity": row["quantity"],
        "asset": granted[0].asset,
    }


def export(game: Game) -> list[dict[str, Any]]:
    """Every drop table, as the arguments that make it again."""
    return [
        {"asset_id": asset_id, "groups": groups, "max_picks": assets.get(game, asset_id)["drop_table_max_picks"]}
        for asset_id, groups in draws.export(game, _KIND)
    ]
