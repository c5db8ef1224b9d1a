"""Friendships between players."""

from __future__ import annotations

import sqlite3
from typing import Any

from lootlocker_async.emulator import players
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.ids import moment_of
from lootlocker_async.emulator.paging import PageRequest

_FRIENDS = (
    "FROM (SELECT friend_id id, accepted_at FROM friends WHERE player_id = ?1 UNION ALL"
    " SELECT player_id, accepted_at FROM friends WHERE friend_id = ?1) f JOIN players p ON p.id = f.id"
)


def page(game: Game, player_ulid: str, request: PageRequest) -> dict[str, Any]:
    """One page of a player's friends, in the order in which they became so (a guess).

    Raises:
        ServiceError: There is no such player.
    """
    row = game.store.row("SELECT id FROM players WHERE ulid = ?", player_ulid)
    if row is None:
        raise not_found("player", "player_ulid")
    rows = game.store.rows(
        f"SELECT p.ulid, p.name, p.public_uid, f.accepted_at {_FRIENDS} ORDER BY f.accepted_at, p.id LIMIT ? OFFSET ?",
        row["id"], request.per_page, request.offset,
    )  # fmt: skip
    total = game.store.count(f"SELECT count(*) {_FRIENDS}", row["id"])
    return {"friends": [_friend(friend) for friend in rows], "pagination": request.describe(total)}


def befriend(game: Game, player_id: int, friend_id: int, accepted_at: str | None = None) -> None:
    """Makes two players friends.

    Args:
        game: Their game.
        player_id: The one.
        friend_id: The other.
        accepted_at: When that was; now by default.

    Raises:
        ServiceError: One of them isn't there, they are the same, or they are friends already.
    """
    players.require(game, player_id)
    players.require(game, friend_id, "friend_id")
    if player_id == friend_id:
        raise bad_request("Nobody is a friend of itself", "friend_id")
    pair = sorted((player_id, friend_id))
    if game.store.row("SELECT 1 FROM friends WHERE player_id = ? AND friend_id = ?", *pair) is not None:
        raise conflict("They are friends already", "friend_id")
    game.store.execute("INSERT INTO friends VALUES (?, ?, ?)", *pair, accepted_at or rfc3339(game.clock.now()))


def export(game: Game) -> list[dict[str, Any]]:
    """Every friendship, once."""
    return [dict(row) for row in game.store.rows("SELECT * FROM friends ORDER BY accepted_at, player_id, friend_id")]


def _friend(row: sqlite3.Row) -> dict[str, Any]:
    friend = {"player_id": row["ulid"], "name": row["name"], "public_uid": row["public_uid"]}
    friend["accepted_at"] = row["accepted_at"]
    # A ULID begins with the time when it was made.
    created_at = moment_of(row["ulid"])
    return friend if created_at is None else {**friend, "created_at": rfc3339(created_at)}
