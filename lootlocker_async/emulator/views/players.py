"""Players, and one player with all that belongs to it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from lootlocker_async.emulator import leaderboards
from lootlocker_async.emulator.errors import not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.ranking import Place
from lootlocker_async.emulator.views.base import ANY, Look, Page, Window, look_through, pattern
from lootlocker_async.emulator.views.holdings import held, wallet_of
from lootlocker_async.emulator.views.leaderboards import rank_of
from lootlocker_async.emulator.views.progressions import standing

NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_SOME = 20
"""How many of a player's boards, progressions and characters are shown."""
_LISTED = "p.id, p.ulid, p.public_uid, p.name, p.platform, p.platform_player_id"


def players(game: Game, look: Look) -> Page:
    """One page of the players, the oldest first: by any of their ids, or by a part of their name."""
    if look.search and not look.after:
        exact = _by_id(game, look.search)
        if exact:
            return {"items": [_player(game, row) for row in exact], "next": None}
    values = (pattern(look.search),) if look.search else ()
    window = Window(table="players", key="id", condition=r"w.name LIKE ? ESCAPE '\'" if values else ANY, values=values)
    return look_through(game, window, look.position(), look.count, lambda row: _player(game, row))


def player(game: Game, player_id: str) -> dict[str, Any]:
    """A player with what it holds, how far it has come, and where it stands.

    Raises:
        ServiceError: There is no such player.
    """
    leaderboards.run_due(game)
    row = None
    if NUMBER.fullmatch(player_id):
        row = game.store.row(f"SELECT {_LISTED} FROM players p WHERE p.id = ?", int(player_id))  # nosec B608  # the module's own names; values are bound
    if row is None:
        raise not_found("player", "player_id")
    wallet_id = wallet_of(game, row["ulid"])
    return {
        "player": {**_player(game, row), "platform_player_id": row["platform_player_id"]},
        "wallet_id": wallet_id,
        "balances": [] if wallet_id is None else held(game, wallet_id),
        "progressions": [standing(game, state) for state in _states(game, row["id"])],
        "boards": [_standing(game, entry) for entry in _boards(game, row["id"])],
        "characters": [
            {"id": str(it["id"]), "name": it["name"], "class": it["class"], "is_default": bool(it["is_default"])}
            for it in game.store.rows(
                "SELECT c.*, k.name AS class FROM characters c JOIN character_classes k ON k.id = c.class_id"
                " WHERE c.player_id = ? ORDER BY c.id LIMIT ?",
                row["id"], _SOME,
            )
        ],
    }  # fmt: skip


def _by_id(game: Game, search: str) -> list[sqlite3.Row]:
    number = int(search) if NUMBER.fullmatch(search) else -1
    return game.store.rows(
        f"SELECT {_LISTED} FROM players p WHERE p.id IN"  # nosec B608  # the module's own names; values are bound
        " (SELECT ? UNION SELECT id FROM players WHERE ulid = ? UNION SELECT id FROM players WHERE public_uid = ?)"
        " ORDER BY p.id",
        number, search, search,
    )  # fmt: skip


def _player(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "ulid": row["ulid"],
        "public_uid": row["public_uid"],
        "name": row["name"],
        "platform": row["platform"],
        "items": str(game.store.count("SELECT count(*) FROM inventory WHERE player_id = ?", row["id"])),
    }


def _states(game: Game, player_id: int) -> list[sqlite3.Row]:
    return game.store.rows(
        "SELECT * FROM progression_standings WHERE owner_kind = 'player' AND owner_id = ? ORDER BY id LIMIT ?",
        player_id, _SOME,
    )  # fmt: skip


def _boards(game: Game, player_id: int) -> list[sqlite3.Row]:
    return game.store.rows(
        "SELECT n.id AS season_id, b.key, b.name, s.score, s.sort_key, s.sequence FROM leaderboards b"
        " JOIN leaderboard_seasons n ON n.board_id = b.id AND n.archive_key IS NULL"
        " JOIN scores s ON s.season_id = n.id AND s.member_id = ? WHERE b.type = 'player' ORDER BY b.id LIMIT ?",
        str(player_id), _SOME,
    )  # fmt: skip


def _standing(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    rank = rank_of(game, row["season_id"], Place(row["sort_key"], row["sequence"]))
    return {"key": row["key"], "name": row["name"], "score": str(row["score"]), "rank": str(rank)}
