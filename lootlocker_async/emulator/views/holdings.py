"""What players have: the items in their inventories, and the money in their wallets."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.store import Value
from lootlocker_async.emulator.views.base import ANY, Look, Page, Window, look_through, pattern

_PLAYER = "player:"
"""What a search for the items of one player begins with."""
_NAMED = r"SELECT id FROM assets WHERE json_extract(document, '$.name') LIKE ? ESCAPE '\' LIMIT 500"
_HOLDER = (
    "SELECT p.id, p.name, 'player' AS kind FROM players p WHERE p.ulid = ?"
    " UNION ALL SELECT c.player_id, c.name, 'character' FROM characters c WHERE c.ulid = ?"
)


def inventories(game: Game, look: Look) -> Page:
    """One page of the items that players have, the newest first: by a part of the item's or the player's name.

    Args:
        game: The game.
        look: The page; a search for `player:1001` finds the items of that player.
    """
    condition = ANY
    values: tuple[Value, ...] = ()
    search = look.search
    if search.startswith(_PLAYER):
        # The items of one player have an index, so there is nothing to look through.
        return _of_player(game, search.removeprefix(_PLAYER).strip(), look)
    if search:
        like = pattern(search)
        ids = json.dumps([row[0] for row in game.store.rows(_NAMED, like)])
        condition = (
            "(w.asset_id IN (SELECT value FROM json_each(?))"
            r" OR EXISTS (SELECT 1 FROM players p WHERE p.id = w.player_id AND p.name LIKE ? ESCAPE '\'))"
        )
        values = (ids, like)
    window = Window(table="inventory", key="instance_id", condition=condition, values=values, backwards=True)
    return look_through(game, window, look.position(2**63 - 1), look.count, lambda row: _item(game, row))


def wallets(game: Game, look: Look) -> Page:
    """One page of the wallets with what they hold, the oldest first: by id, or by a part of the holder's name."""
    condition = ANY
    values: tuple[Value, ...] = ()
    if look.search:
        like = pattern(look.search)
        condition = (
            "(w.id = ? OR w.holder_ulid = ?"
            r" OR EXISTS (SELECT 1 FROM players p WHERE p.ulid = w.holder_ulid AND p.name LIKE ? ESCAPE '\')"
            r" OR EXISTS (SELECT 1 FROM characters c WHERE c.ulid = w.holder_ulid AND c.name LIKE ? ESCAPE '\'))"
        )
        values = (look.search, look.search, like, like)
    table = "(SELECT rowid AS number, * FROM wallets)"
    window = Window(table=table, key="number", condition=condition, values=values)
    return look_through(game, window, look.position(), look.count, lambda row: _wallet(game, row))


def wallet_of(game: Game, holder_ulid: str) -> str | None:
    """The id of a holder's wallet, if it has one."""
    row = game.store.row("SELECT id FROM wallets WHERE holder_ulid = ?", holder_ulid)
    return None if row is None else row["id"]


def held(game: Game, wallet_id: str) -> list[dict[str, Any]]:
    """What a wallet holds."""
    return [
        {"code": row["code"], "name": row["name"], "amount": row["amount"]}
        for row in game.store.rows(
            "SELECT c.code, c.name, b.amount FROM balances b JOIN currencies c ON c.id = b.currency_id"
            " WHERE b.wallet_id = ? ORDER BY b.rowid LIMIT 50",
            wallet_id,
        )
    ]


def _of_player(game: Game, player_id: str, look: Look) -> Page:
    rows = game.store.rows(
        "SELECT * FROM inventory WHERE player_id = ? AND instance_id < ? ORDER BY instance_id DESC LIMIT ?",
        player_id, look.position(2**63 - 1), look.count + 1,
    )  # fmt: skip
    items = [_item(game, row) for row in rows[: look.count]]
    return {"items": items, "next": items[-1]["instance_id"] if len(rows) > look.count else None}


def _item(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    asset = game.store.one("SELECT json_extract(document, '$.name') FROM assets WHERE id = ?", row["asset_id"])
    owner = game.store.one("SELECT name FROM players WHERE id = ?", row["player_id"])
    return {
        "instance_id": str(row["instance_id"]),
        "asset_id": str(row["asset_id"]),
        "asset_name": asset[0],
        "player_id": str(row["player_id"]),
        "player_name": owner["name"],
        "holder": row["holder"],
        "source": row["source"],
        "is_rental": row["rental_option_id"] is not None,
        "acquired_at": rfc3339(datetime.fromtimestamp(row["acquired_at"], UTC)),
    }


def _wallet(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    holder = game.store.row(_HOLDER, row["holder_ulid"], row["holder_ulid"])
    return {
        "id": row["id"],
        "holder_type": row["holder_type"],
        "holder_ulid": row["holder_ulid"],
        "holder_name": None if holder is None else holder["name"],
        "player_id": None if holder is None else str(holder["id"]),
        "balances": held(game, row["id"]),
    }
