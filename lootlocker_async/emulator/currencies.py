"""The currencies of the game."""

from __future__ import annotations

import sqlite3
from typing import TypedDict

from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import conflict, not_found
from lootlocker_async.emulator.game import Game


class Currency(TypedDict):
    """The contract's `Currency`."""

    id: str
    name: str
    code: str
    game_api_writes_enabled: bool
    created_at: str
    published_at: str | None


def create(
    game: Game,
    code: str,
    *,
    name: str | None = None,
    currency_id: str | None = None,
    game_api_writes_enabled: bool = False,
    published: bool = True,
    created_at: str | None = None,
    published_at: str | None = None,
) -> Currency:
    """Makes a currency.

    Args:
        game: Its game.
        code: Its short code.
        name: Its name; the code by default.
        currency_id: Its ULID; a new one by default.
        game_api_writes_enabled: Whether game clients may award it.
        published: Whether it is published.
        created_at: When it was made; now by default.
        published_at: When it was published; when it was made by default.

    Raises:
        ServiceError: There is one with that code or ULID.
    """
    if game.store.row("SELECT 1 FROM currencies WHERE code = ? OR id = ?", code, currency_id):
        raise conflict("There is a currency with this code or id", "code")
    now = game.clock.now()
    made = created_at or rfc3339(now)
    document: Currency = {
        "id": currency_id or game.ids.ulid(now),
        "name": code if name is None else name,
        "code": code,
        "game_api_writes_enabled": game_api_writes_enabled,
        "created_at": made,
        "published_at": (published_at or made) if published else None,
    }
    game.store.insert(
        "INSERT INTO currencies (id, code, name, game_api_writes_enabled, created_at, published_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        document["id"], code, document["name"], game_api_writes_enabled, made, document["published_at"],
    )  # fmt: skip
    return document


def by_id(game: Game, currency_id: str, param: str = "currency_id") -> Currency:
    """The currency with a ULID.

    Raises:
        ServiceError: There is none.
    """
    return _found(game.store.row("SELECT * FROM currencies WHERE id = ?", currency_id), param)


def by_code(game: Game, code: str, param: str = "currency_code") -> Currency:
    """The currency with a short code.

    Raises:
        ServiceError: There is none.
    """
    return _found(game.store.row("SELECT * FROM currencies WHERE code = ?", code), param)


def list_all(game: Game) -> dict[str, list[Currency]]:
    """Every currency, published or not, in the order in which they were made (a guess)."""
    return {"currencies": [document(row) for row in game.store.rows("SELECT * FROM currencies ORDER BY rowid")]}


def document(row: sqlite3.Row) -> Currency:
    """A currency as the contract has it, from a row with all of its columns."""
    return {
        "id": row["id"],
        "name": row["name"],
        "code": row["code"],
        "game_api_writes_enabled": bool(row["game_api_writes_enabled"]),
        "created_at": row["created_at"],
        "published_at": row["published_at"],
    }


def _found(row: sqlite3.Row | None, param: str) -> Currency:
    if row is None:
        raise not_found("currency", param)
    return document(row)
