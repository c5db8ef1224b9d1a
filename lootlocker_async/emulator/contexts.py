"""Contexts: the groups that a game sorts its assets into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.paging import PageRequest

DEFAULT_NAME = "Weapon"
"""The context of an asset that names none."""
_DEFAULT_ID = 31


def create(game: Game, name: str, *, context_id: int | None = None, uuid: str | None = None) -> int:
    """Makes a context.

    Returns:
        Its id.
    """
    return game.store.insert(
        "INSERT INTO contexts (id, uuid, name) VALUES (?, ?, ?)", context_id, uuid or game.ids.uuid(), name
    )


def settle(game: Game, fields: Mapping[str, Any]) -> tuple[int, str]:
    """Finds the context that an asset names by id, by name or by both, and makes it where it is missing.

    Returns:
        Its id and its name.

    Raises:
        ValueError: The id belongs to a context of another name.
    """
    context_id, name = fields.get("context_id"), fields.get("context")
    if context_id is None and name in {None, DEFAULT_NAME}:
        context_id, name = _DEFAULT_ID, None
    if context_id is None:
        row = game.store.row("SELECT id FROM contexts WHERE name = ? ORDER BY id", name)
        return (create(game, str(name)) if row is None else row["id"]), str(name)
    row = game.store.row("SELECT name FROM contexts WHERE id = ?", context_id)
    if row is None:
        name = name or (DEFAULT_NAME if context_id == _DEFAULT_ID else f"Context {context_id}")
        return create(game, name, context_id=context_id), name
    if name not in {None, row["name"]}:
        raise ValueError(f"the context {context_id} is called {row['name']}, not {name}")
    return context_id, row["name"]


def list_contexts(game: Game, request: PageRequest) -> dict[str, Any]:
    """One page of the contexts, in the order of their ids."""
    rows = game.store.rows("SELECT * FROM contexts ORDER BY id LIMIT ? OFFSET ?", request.per_page, request.offset)
    return {
        "contexts": [dict(row) for row in rows],
        "pagination": request.describe(game.store.count("SELECT count(*) FROM contexts")),
    }
