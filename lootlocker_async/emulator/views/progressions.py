"""Progressions, and how far those who are on them have come."""

from __future__ import annotations

import sqlite3
from typing import Any

from lootlocker_async.emulator import progression_definitions
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.views.base import Look, Page, Window, look_through, pattern

_TIERS = 50
"""How many tiers of a progression are shown."""
_FOUND = r"(w.key LIKE ? ESCAPE '\' OR w.name LIKE ? ESCAPE '\')"
_OWNED = r" AND EXISTS (SELECT 1 FROM players p WHERE p.id = w.player_id AND p.name LIKE ? ESCAPE '\')"


def progressions(game: Game, look: Look) -> Page:
    """One page of the progressions, the oldest first: by a part of their key or name."""
    like = pattern(look.search)
    window = Window(table="progressions", key="id", condition=_FOUND, values=(like, like))
    return look_through(game, window, look.after, look.count, lambda row: _progression(game, row))


def progression(game: Game, key: str, look: Look) -> dict[str, Any]:
    """A progression with its first tiers and one page of those who are on it, by a part of the player's name.

    Raises:
        ServiceError: There is no such progression.
    """
    found = progression_definitions.find(game, key)
    row = game.store.one("SELECT * FROM progressions WHERE id = ?", found["id"])
    values = (row["id"], pattern(look.search)) if look.search else (row["id"],)
    condition = f"w.progression_id = ?{_OWNED if look.search else ''}"
    window = Window(table="progression_states", key="id", condition=condition, values=values)
    page = look_through(game, window, look.after, look.count, lambda state: _state(game, state["id"]))
    tiers = game.store.rows(
        "SELECT step, points_threshold FROM progression_tiers WHERE progression_id = ? ORDER BY step LIMIT ?",
        row["id"], _TIERS,
    )  # fmt: skip
    shown = [{"step": str(tier["step"]), "points": str(int(tier["points_threshold"]))} for tier in tiers]
    return {"progression": _progression(game, row), "tiers": shown, **page}


def standing(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    """How far somebody has come on a progression, from a row of `progression_standings`."""
    points, previous, following = int(row["points"]), int(row["previous_threshold"]), row["next_threshold"]
    owner = game.store.one("SELECT name FROM players WHERE id = ?", row["player_id"])
    # A thousandth is as fine as a bar can show; what is reached is told in numbers.
    share = 1000 if following is None else (points - previous) * 1000 // (int(following) - previous)
    return {
        "key": row["progression_key"],
        "name": row["progression_name"],
        "step": str(row["step"]),
        "points": str(points),
        "previous": str(previous),
        "next": None if following is None else str(int(following)),
        "share": share,
        "owner_kind": row["owner_kind"],
        "owner_id": str(row["owner_id"]),
        "player_id": str(row["player_id"]),
        "player_name": owner["name"],
    }


def _state(game: Game, state_id: str) -> dict[str, Any]:
    return standing(game, game.store.one("SELECT * FROM progression_standings WHERE id = ?", state_id))


def _progression(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "key": row["key"],
        "name": row["name"],
        "active": bool(row["active"]),
        "tiers": str(game.store.count("SELECT count(*) FROM progression_tiers WHERE progression_id = ?", row["id"])),
    }
