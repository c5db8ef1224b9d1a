"""What is stored on single asset instances: pairs of a key and a text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import inventories
from lootlocker_async.emulator.errors import conflict, not_found
from lootlocker_async.emulator.game import Game


def list_pairs(game: Game, player_id: int, instance_id: int) -> dict[str, Any]:
    """Every pair of an instance, the oldest first.

    Raises:
        ServiceError: The player has no such instance.
    """
    inventories.instance(game, player_id, instance_id)
    rows = game.store.rows("SELECT id, key, value FROM instance_storage WHERE instance_id = ? ORDER BY id", instance_id)
    return {"storage": [dict(row) for row in rows]}


def get_pair(game: Game, player_id: int, instance_id: int, pair_id: int) -> dict[str, Any]:
    """One pair.

    Raises:
        ServiceError: The player has no such instance, or it has no such pair.
    """
    return {"storage": dict(_pair(game, player_id, instance_id, pair_id))}


def create_pair(
    game: Game, player_id: int, instance_id: int, key: str, value: str, *, pair_id: int | None = None
) -> dict[str, Any]:
    """Stores a new pair.

    Returns:
        All pairs of the instance.

    Raises:
        ServiceError: The player has no such instance, or it has the key already.
    """
    with game.transaction():
        inventories.instance(game, player_id, instance_id)
        _key_is_free(game, instance_id, key)
        game.store.insert("INSERT INTO instance_storage VALUES (?, ?, ?, ?)", pair_id, instance_id, key, value)
        return list_pairs(game, player_id, instance_id)


def update_pairs(game: Game, player_id: int, instance_id: int, pairs: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Sets pairs by key; a key that comes twice gets the later value.

    Returns:
        All pairs of the instance.

    Raises:
        ServiceError: The player has no such instance.
    """
    with game.transaction():
        inventories.instance(game, player_id, instance_id)
        for pair in pairs:
            # An upsert would use up an id for each pair that is there already.
            if not game.store.execute(
                "UPDATE instance_storage SET value = ? WHERE instance_id = ? AND key = ?",
                pair["value"], instance_id, pair["key"],
            ):  # fmt: skip
                create_pair(game, player_id, instance_id, pair["key"], pair["value"])
        return list_pairs(game, player_id, instance_id)


def update_pair(game: Game, player_id: int, instance_id: int, pair_id: int, *, key: str, value: str) -> dict[str, Any]:
    """Sets key and value of one pair.

    Returns:
        The pair.

    Raises:
        ServiceError: The player has no such instance, or it has no such pair, or another pair has the key.
    """
    with game.transaction():
        _pair(game, player_id, instance_id, pair_id)
        _key_is_free(game, instance_id, key, but=pair_id)
        game.store.execute("UPDATE instance_storage SET key = ?, value = ? WHERE id = ?", key, value, pair_id)
        return get_pair(game, player_id, instance_id, pair_id)


def delete_pair(game: Game, player_id: int, instance_id: int, pair_id: int) -> dict[str, Any]:
    """Deletes one pair.

    Returns:
        The pairs that are left.

    Raises:
        ServiceError: The player has no such instance, or it has no such pair.
    """
    with game.transaction():
        _pair(game, player_id, instance_id, pair_id)
        game.store.execute("DELETE FROM instance_storage WHERE id = ?", pair_id)
        return list_pairs(game, player_id, instance_id)


def _pair(game: Game, player_id: int, instance_id: int, pair_id: int) -> sqlite3.Row:
    inventories.instance(game, player_id, instance_id)
    row = game.store.row(
        "SELECT id, key, value FROM instance_storage WHERE id = ? AND instance_id = ?", pair_id, instance_id
    )
    if row is None:
        raise not_found("pair in the storage of the asset instance", "storage_id")
    return row


def _key_is_free(game: Game, instance_id: int, key: str, *, but: int = 0) -> None:
    taken = "SELECT 1 FROM instance_storage WHERE instance_id = ? AND key = ? AND id <> ?"
    if game.store.row(taken, instance_id, key, but) is not None:
        raise conflict("The asset instance has a pair with this key already", "key")
