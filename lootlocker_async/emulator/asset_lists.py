"""The game's assets as lists: in full, and in the short form with extras on request."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from lootlocker_async.emulator.assets import Asset
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.paging import PageRequest

Asked = Mapping[str, bool]
"""Which parts of an asset were asked for, or refused."""


def list_full(
    game: Game, *, count: int = 50, after: int = 0, context_id: int | None = None, include_ugc: bool = False
) -> dict[str, Any]:
    """One page of the assets in full, in the order of their ids.

    Assets out of use are among them (a guess: their `active` says so).
    """
    kept, values = ["1"], list[int]()
    if context_id is not None:
        kept.append("context_id = ?")
        values.append(context_id)
    if not include_ugc:
        kept.append("NOT is_ugc")
    where = f"FROM assets WHERE {' AND '.join(kept)}"
    rows = game.store.rows(f"SELECT document {where} AND id > ? ORDER BY id LIMIT ?", *values, after, count)
    return {
        "total": game.store.count(f"SELECT count(*) {where}", *values),
        "items": [json.loads(row["document"]) for row in rows],
    }


def list_simple(
    game: Game,
    request: PageRequest,
    *,
    includes: Asked | None = None,
    excludes: Asked | None = None,
    filters: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One page of the assets in the short form, player-made ones among them.

    Args:
        game: Their game.
        request: The page. With asset ids in the filters everything comes on one.
        includes: The parts that come only when asked for.
        excludes: The parts that come unless refused.
        filters: The contract's `SimpleAssetFilters`; an empty list keeps everything.
    """
    filters = filters or {}
    kept, values = ["1"], list[str]()
    for column, name in (("id", "asset_ids"), ("context_id", "context_ids")):
        if filters.get(name):
            kept.append(f"{column} IN (SELECT value FROM json_each(?))")  # nosec B608  # the module's own names; values are bound
            values.append(json.dumps(filters[name]))
    if filters.get("ugc_only"):
        kept.append("is_ugc")
    where = f"FROM assets WHERE {' AND '.join(kept)}"
    total = game.store.count(f"SELECT count(*) {where}", *values)
    if filters.get("asset_ids"):
        request = PageRequest(1, max(total, request.per_page))
    rows = game.store.rows(
        f"SELECT document, extras {where} ORDER BY id LIMIT ? OFFSET ?", *values, request.per_page, request.offset
    )
    return {
        "assets": [_simple(game, row, includes or {}, excludes or {}) for row in rows],
        "pagination": request.describe(total),
    }


def _simple(game: Game, row: sqlite3.Row, includes: Asked, excludes: Asked) -> dict[str, Any]:
    asset: Asset = json.loads(row["document"])
    extras = json.loads(row["extras"])
    files = [
        {**more, "url": file["url"], "tags": file["tags"]}
        for file, more in zip(asset["files"], extras["files"], strict=True)
    ]
    return {
        "asset_id": asset["id"],
        "asset_uuid": asset["uuid"],
        "asset_ulid": asset["ulid"],
        "asset_name": asset["name"],
        "context_id": asset["context_id"],
        "context_name": asset["context"],
        "author": None if excludes.get("authors") else _author(game, asset),
        "storage": asset["storage"] if includes.get("storage") else [],
        "files": files if includes.get("files") else [],
        "data_entities": extras["data_entities"] if includes.get("data_entities") else [],
        "metadata": _metadata(game, asset) if includes.get("metadata") else [],
    }


def _metadata(game: Game, asset: Asset) -> list[dict[str, Any]]:
    """What hangs on an asset, under its ULID (a guess: the contract says no more than that it is the source's id)."""
    # Metadata hangs on assets among other things, so its module comes after theirs.
    from lootlocker_async.emulator import metadata

    return list(metadata.entries(game, "asset", asset["ulid"]))


def _author(game: Game, asset: Asset) -> dict[str, Any] | None:
    candidate = asset["asset_candidate"]
    if candidate is None:
        return None
    player_id = candidate["created_by_player_id"]
    row = game.store.row("SELECT ulid, public_uid, name FROM players WHERE id = ?", player_id)
    if row is None:
        # A seed may name an author who is no player of it.
        return {"player_id": player_id, "public_uid": candidate.get("created_by_player_uid", "")}
    return {
        "player_id": player_id,
        "player_ulid": row["ulid"],
        "public_uid": row["public_uid"],
        "active_name": row["name"],
    }
