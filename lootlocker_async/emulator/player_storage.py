"""Player storage: texts under keys, public ones and private ones."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lootlocker_async.emulator import players
from lootlocker_async.emulator.errors import not_found
from lootlocker_async.emulator.game import Game

_OF_PLAYER = "FROM player_storage WHERE player_id = ?"


def read(game: Game, player_ids: Iterable[int]) -> dict[str, Any]:
    """Everything that players have stored, each player once.

    Raises:
        ServiceError: One of them isn't there (a guess: the others could be answered alone).
    """
    return {"items": [{"player_id": player, "items": _all(game, player)} for player in _present(game, player_ids)]}


def lookup(game: Game, player_ids: Iterable[int], keys: Sequence[str] = ()) -> dict[str, Any]:
    """What players have stored for others to read.

    Args:
        game: The players' game.
        player_ids: The players.
        keys: The keys wanted; every one by default.

    Raises:
        ServiceError: One of the players isn't there (a guess).
    """
    wanted = f"SELECT * {_OF_PLAYER} AND is_public AND (NOT ?2 OR key IN (SELECT value FROM json_each(?3))) ORDER BY id"  # nosec B608  # the module's own names; values are bound
    many = json.dumps(list(keys))
    return {
        "storages": [
            {
                "player_id": player,
                "storage": [_item(row) for row in game.store.rows(wanted, player, bool(keys), many)],
            }
            for player in _present(game, player_ids)
        ]
    }


def write(game: Game, payload: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Writes pairs, for all players or for none.

    Of pairs with the same key the one of the highest `order` stays, and of those with the same order the last one.

    Args:
        game: The players' game.
        payload: The contract's `PlayerStorageSetEntry`s.

    Returns:
        All that each of the players has stored by then (a guess: it could be what was written alone).

    Raises:
        ServiceError: One of the players isn't there.
    """
    written: list[int] = []
    for entry in payload:
        player = entry["player_id"]
        players.require(game, player)
        written.append(player)
        for pair in sorted(entry["sets"], key=lambda pair: int(pair.get("order", 0))):
            put(game, player, pair["key"], pair["value"], is_public=pair.get("is_public"))
    return read(game, written)


def put(game: Game, player_id: int, key: str, value: str, *, is_public: bool | None = None) -> None:
    """Writes a pair of a player.

    Args:
        game: The player's game.
        player_id: The player.
        key: The key.
        value: The value.
        is_public: Whether others can read it; by default that stays as it is, and a new one is private (a guess).
    """
    game.store.execute(
        "INSERT INTO player_storage (player_id, key, value, is_public) VALUES (?1, ?2, ?3, coalesce(?4, 0))"
        " ON CONFLICT DO UPDATE SET value = excluded.value, is_public = coalesce(?4, is_public)",
        player_id, key, value, is_public,
    )  # fmt: skip


def delete(game: Game, player_ids: Iterable[int], keys: Iterable[str]) -> None:
    """Deletes keys of players.

    Raises:
        ServiceError: One of the players isn't there, or none of them has any of the keys (a guess).
    """
    many = json.dumps(list(keys))
    deleted = sum(
        game.store.execute(f"DELETE {_OF_PLAYER} AND key IN (SELECT value FROM json_each(?))", player, many)  # nosec B608  # the module's own names; values are bound
        for player in _present(game, player_ids)
    )
    if not deleted:
        raise not_found("key", "keys")


def export(game: Game) -> list[dict[str, Any]]:
    """Every pair with its player."""
    rows = game.store.rows("SELECT player_id, key, value, is_public FROM player_storage ORDER BY id")
    return [{**dict(row), "is_public": bool(row["is_public"])} for row in rows]


def _present(game: Game, player_ids: Iterable[int]) -> list[int]:
    once = list(dict.fromkeys(player_ids))
    for player in once:
        players.require(game, player, "player_ids")
    return once


def _all(game: Game, player_id: int) -> list[dict[str, Any]]:
    return [_item(row) for row in game.store.rows(f"SELECT * {_OF_PLAYER} ORDER BY id", player_id)]


def _item(row: sqlite3.Row) -> dict[str, Any]:
    return {"key": row["key"], "value": row["value"], "is_public": bool(row["is_public"])}
