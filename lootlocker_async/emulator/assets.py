"""Assets: what can be granted, in full and as a raw record, and how a grant chooses among their variations."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from lootlocker_async.emulator import contexts
from lootlocker_async.emulator.clock import rfc2822, sql
from lootlocker_async.emulator.errors import bad_request, not_found
from lootlocker_async.emulator.game import Game

Asset = dict[str, Any]
"""An asset in full, as the contract has it."""

_DEFAULTS: Mapping[str, Any] = {
    "active": True, "purchasable": False, "initially_purchasable": False, "price": 0, "sales_price": None,
    "display_price": None, "shop_thumbnail": None, "context": "", "context_id": 0, "context_locked": False,
    "character_classes": [], "unlocks_context": None, "detachable": True, "marked_new": None,
    "default_variation_id": None, "default_loadouts": {}, "description": "", "storage": [], "rarity": None,
    "popular": False, "popularity_score": 0, "featured": False, "package_contents": None, "unique_instance": False,
    "external_identifiers": None, "rental_options": None, "filters": [], "files": [], "data_entities": [],
    "hero_equip_exceptions": [], "asset_candidate": None, "drop_table_max_picks": None, "variations": [],
}  # fmt: skip
_OWN = frozenset({"id", "uuid", "ulid", "name", "updated", "links"})


def create(game: Game, name: str, fields: Mapping[str, Any], *, created_at: float | None = None) -> Asset:
    """Makes an asset, and its context where that is missing.

    Args:
        game: Its game.
        name: Its name.
        fields: Any of the fields that the contract gives an asset. A file may have the `name` and the `size`, and a
            data entity be a mapping with the `name` and the `data`, that only the short form of an asset shows.
        created_at: When it was made, in seconds since the epoch; now by default.

    Returns:
        The asset in full.

    Raises:
        ValueError: There is no such field, or the context's id and name contradict the game.
    """
    unknown = fields.keys() - _DEFAULTS.keys() - _OWN
    if unknown:
        raise ValueError(f"an asset has no field {', '.join(sorted(unknown))}")
    now = game.clock.now()
    with game.transaction():
        context_id, context = contexts.settle(game, fields)
        asset_id = game.store.insert(
            "INSERT INTO assets (id, ulid, context_id, is_ugc, document, extras, created_at)"
            " VALUES (?, '', ?, 0, '', '', ?)",
            fields.get("id"), context_id, now.timestamp() if created_at is None else created_at,
        )  # fmt: skip
        asset: Asset = {
            "id": asset_id,
            "uuid": game.ids.uuid(),
            "ulid": game.ids.ulid(now),
            "name": name,
            "links": {"thumbnail": f"https://cdn.example.com/assets/{asset_id}/thumbnail.png"},
            "updated": rfc2822(now),
            **_DEFAULTS,
            **fields,
            "context": context,
            "context_id": context_id,
        }
        extras = _split(asset)
        _write(game, asset)
        game.store.execute("UPDATE assets SET extras = ? WHERE id = ?", json.dumps(extras), asset_id)
    return asset


def _split(asset: Asset) -> dict[str, Any]:
    files, entities = asset["files"], asset["data_entities"]
    entities = [{"name": entity, "data": None} if isinstance(entity, str) else dict(entity) for entity in entities]
    asset["files"] = [{"url": file["url"], "tags": file.get("tags", [])} for file in files]
    asset["data_entities"] = [entity["name"] for entity in entities]
    sizes = [{"size": file.get("size", 0), "name": file.get("name") or _file_name(file["url"])} for file in files]
    return {"files": sizes, "data_entities": entities}


def _file_name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name


def _write(game: Game, asset: Asset) -> None:
    game.store.execute(
        "UPDATE assets SET ulid = ?, is_ugc = ?, document = ? WHERE id = ?",
        asset["ulid"], asset["asset_candidate"] is not None, json.dumps(asset), asset["id"],
    )  # fmt: skip


def change(game: Game, asset_id: int, fields: Mapping[str, Any]) -> Asset:
    """Gives fields of an asset other values.

    Returns:
        The asset in full.

    Raises:
        ServiceError: There is no such asset.
    """
    with game.transaction():
        before = get(game, asset_id)
        asset = {**before, **fields}
        if asset != before:
            asset["updated"] = rfc2822(game.clock.now())
            _write(game, asset)
    return asset


def export(game: Game) -> list[dict[str, Any]]:
    """Every asset, as the arguments that make it again."""
    exported: list[dict[str, Any]] = []
    for row in game.store.rows("SELECT document, extras, created_at FROM assets ORDER BY id"):
        asset, extras = _document(row), json.loads(row["extras"])
        asset["files"] = [{**file, **more} for file, more in zip(asset["files"], extras["files"], strict=True)]
        asset["data_entities"] = extras["data_entities"]
        exported.append({**asset, "created_at": row["created_at"]})
    return exported


def get(game: Game, asset_id: int) -> Asset:
    """An asset in full.

    Raises:
        ServiceError: There is no such asset.
    """
    return _document(_row(game, asset_id))


def get_record(game: Game, asset_id: int) -> dict[str, Any]:
    """An asset as the database keeps it: flags are 0 or 1, and dates are SQL's.

    Raises:
        ServiceError: There is no such asset.
    """
    row = _row(game, asset_id)
    asset = _document(row)
    return {
        "id": asset["id"],
        "live_asset_id": asset["id"],
        "has_changes": 0,
        "context_id": asset["context_id"],
        "asset_type_id": None,
        "default_variation_id": asset["default_variation_id"],
        "rarity_id": None,
        "price": asset["price"] or 0,
        "sales_price": asset["sales_price"] or 0,
        "popular": int(asset["popular"]),
        "popularity_score": asset["popularity_score"],
        "name": asset["name"],
        "type": "5",
        "active": int(asset["active"]),
        "purchasable": int(asset["purchasable"]),
        "rentable": int(bool(asset["rental_options"])),
        "unique_instance": int(asset["unique_instance"]),
        "min_game_version_id": None,
        "marked_new": asset["marked_new"] and sql(parsedate_to_datetime(asset["marked_new"])),
        "created_at": sql(datetime.fromtimestamp(row["created_at"], UTC)),
        "updated_at": sql(parsedate_to_datetime(asset["updated"])),
        "deleted_at": None,
        "uuid": asset["uuid"],
        "ulid": asset["ulid"],
    }


def choose(
    game: Game, asset_id: int, variation_id: int | None, rental_option_id: int | None
) -> tuple[Asset, int | None]:
    """Finds the asset and the variation that a grant names.

    Returns:
        The asset, and the variation: the one asked for, or the default one.

    Raises:
        ServiceError: There is no such asset, or it is not in use, or it has no such variation or rental option.
    """
    asset = get(game, asset_id)
    if not asset["active"]:
        raise bad_request("The asset is not in use", "asset_id")
    if variation_id is None:
        variation_id = asset["default_variation_id"]
    elif not _has(asset["variations"], variation_id):
        raise not_found("variation of the asset", "asset_variation_id")
    if rental_option_id is not None and not _has(asset["rental_options"], rental_option_id):
        raise not_found("rental option of the asset", "rental_option_id")
    return asset, variation_id


def rental(asset: Asset, rental_option_id: int | None, age: float) -> dict[str, Any]:
    """How far the rent of an item has run.

    Args:
        asset: The item's asset.
        rental_option_id: How it is rented, if it is.
        age: Seconds since it was granted.

    Returns:
        The contract's `InventoryRental`.
    """
    if rental_option_id is None:
        return {"is_rental": False, "time_left": None, "duration": None, "is_active": None}
    options = {option["id"]: option for option in asset["rental_options"] or ()}
    duration = options[rental_option_id]["duration"]
    if duration is None:
        return {"is_rental": True, "time_left": None, "duration": None, "is_active": True}
    left = max(0, int(duration - age))
    return {"is_rental": True, "time_left": left, "duration": duration, "is_active": left > 0}


def _row(game: Game, asset_id: int) -> sqlite3.Row:
    row = game.store.row("SELECT * FROM assets WHERE id = ?", asset_id)
    if row is None:
        raise not_found("asset", "asset_id")
    return row


def _document(row: sqlite3.Row) -> Asset:
    asset: Asset = json.loads(row["document"])
    return asset


def _has(choices: list[dict[str, Any]] | None, wanted: int) -> bool:
    return any(choice["id"] == wanted for choice in choices or ())
