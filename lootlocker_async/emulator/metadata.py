"""Metadata: typed values under keys, on things of any kind."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from lootlocker_async.emulator import exact
from lootlocker_async.emulator.errors import ServiceError, conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.paging import PageRequest

_REDACTED = {"content_type": "application/x-redacted", "content": ""}
_WHERE = "FROM metadata WHERE source = ? AND source_id = ?"
# Wanted tags that an entry lacks.
_TAGGED = " AND NOT EXISTS (SELECT 1 FROM json_each(?) w WHERE w.value NOT IN (SELECT value FROM json_each(tags)))"


class Entry(TypedDict):
    """The contract's `MetadataEntry`; fractions in its value are Decimals."""

    key: str
    type: str
    value: Any
    tags: list[str]
    access: list[str]


def entries(game: Game, source: str, source_id: str) -> list[dict[str, Any]]:
    """Everything that hangs on a thing, in the order in which it was made, files included.

    Args:
        game: The thing's game.
        source: What kind of thing it is.
        source_id: Its id.
    """
    rows = game.store.rows(f"SELECT * {_WHERE} ORDER BY id", source, source_id)
    return [{**_entry(row)} for row in rows]


def apply(game: Game, source: str, source_id: str, actions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Carries actions out, one after the other; those that fail are told, and the others are done.

    Whether the source exists isn't asked (a guess: sources may be of kinds that only the service knows).

    Args:
        game: The game.
        source: What kind of thing the entries hang on.
        source_id: Its id.
        actions: The contract's `MetadataAction`s, with fractions as Decimals.
    """
    errors: list[dict[str, Any]] = []
    for action in actions:
        try:
            _ACTIONS[action["action"]](game, (source, source_id, action["key"]), action)
        except ServiceError as error:
            entry = {"key": action["key"], "type": action.get("type")}
            errors.append({"action": action["action"], "entry": entry, "error": error.message})
    return {"errors": errors, "source": source, "source_id": source_id}


def page(
    game: Game,
    source: str,
    source_id: str,
    request: PageRequest,
    *,
    key: str | None = None,
    tags: Sequence[str] = (),
    ignore_files: bool = False,
) -> dict[str, Any]:
    """One page of what hangs on a thing.

    Args:
        game: The thing's game.
        source: What kind of thing it is.
        source_id: Its id.
        request: The page.
        key: The one key that is wanted.
        tags: What an entry must be tagged with, all of it.
        ignore_files: Whether files are blanked out.
    """
    where, values = _WHERE, [source, source_id]
    if key is not None:
        where += " AND key = ?"
        values.append(key)
    if tags:
        where += _TAGGED
        values.append(json.dumps(list(tags)))
    rows = game.store.rows(f"SELECT * {where} ORDER BY id LIMIT ? OFFSET ?", *values, request.per_page, request.offset)
    return {
        "entries": [_entry(row, ignore_files=ignore_files) for row in rows],
        "pagination": request.describe(game.store.count(f"SELECT count(*) {where}", *values)),
    }


def of_sources(game: Game, sources: Sequence[Mapping[str, Any]], *, ignore_files: bool = False) -> dict[str, Any]:
    """The wanted entries of several things, thing by thing; one without any of them has an empty list.

    Args:
        game: The things' game.
        sources: The contract's `MetadataSourceKeys`.
        ignore_files: Whether files are blanked out.
    """
    found: list[dict[str, Any]] = []
    for wanted in sources:
        rows = game.store.rows(
            f"SELECT * {_WHERE} AND key IN (SELECT value FROM json_each(?)) ORDER BY id",  # nosec B608  # the module's own names; values are bound
            wanted["source"], wanted["id"], json.dumps(wanted["keys"]),
        )  # fmt: skip
        shown = [_entry(row, ignore_files=ignore_files) for row in rows]
        found.append({"source": wanted["source"], "source_id": wanted["id"], "entries": shown})
    return {"metadata": found}


def create(game: Game, place: tuple[str, str, str], action: Mapping[str, Any]) -> None:
    """Makes an entry.

    Args:
        game: The game.
        place: The kind of its source, the source's id, and its key.
        action: What it holds; without tags or access it has none.

    Raises:
        ServiceError: There is one, or the value isn't of the type.
    """
    value = _checked(action)
    if _exists(game, place):
        raise conflict("An entry with this key exists already", "key")
    game.store.execute(
        "INSERT INTO metadata (source, source_id, key, type, value, tags, access) VALUES (?, ?, ?, ?, ?, ?, ?)",
        *place, action["type"], value, json.dumps(action.get("tags") or []), json.dumps(action.get("access") or []),
    )  # fmt: skip


def _update(game: Game, place: tuple[str, str, str], action: Mapping[str, Any]) -> None:
    """Changes an entry; tags and access that are left out stay (a guess)."""
    value = _checked(action)
    if not _exists(game, place):
        raise not_found("entry", "key")
    tags, access = (None if action.get(name) is None else json.dumps(action[name]) for name in ("tags", "access"))
    game.store.execute(
        "UPDATE metadata SET type = ?, value = ?, tags = coalesce(?, tags), access = coalesce(?, access)"
        " WHERE source = ? AND source_id = ? AND key = ?",
        action["type"], value, tags, access, *place,
    )  # fmt: skip


def _upsert(game: Game, place: tuple[str, str, str], action: Mapping[str, Any]) -> None:
    (_update if _exists(game, place) else create)(game, place, action)


def _delete(game: Game, place: tuple[str, str, str], _: Mapping[str, Any]) -> None:
    """Takes an entry away; one that isn't there is an error of this action (a guess)."""
    if not game.store.execute("DELETE FROM metadata WHERE source = ? AND source_id = ? AND key = ?", *place):
        raise not_found("entry", "key")


_ACTIONS: Mapping[str, Callable[[Game, tuple[str, str, str], Mapping[str, Any]], None]] = {
    "create": create,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
}


def _exists(game: Game, place: tuple[str, str, str]) -> bool:
    return game.store.row(f"SELECT 1 {_WHERE} AND key = ?", *place) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_file(value: object) -> bool:
    if not isinstance(value, Mapping) or not isinstance(value.get("content_type"), str):
        return False
    try:
        base64.b64decode(value.get("content", ""), validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    return isinstance(value.get("content"), str)


_FITS: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "json": lambda _: True,
    "base64": _is_file,
}


def _checked(action: Mapping[str, Any]) -> str:
    """The value as JSON, if it is of its type."""
    kind, value = action["type"], action["value"]
    if not _FITS[kind](value):
        raise ServiceError(400, "parameter_invalid", f"The value is not of the type {kind}", "value")
    return exact.dump(value)


def _entry(row: sqlite3.Row, *, ignore_files: bool = False) -> Entry:
    hidden = ignore_files and row["type"] == "base64"
    return {
        "key": row["key"],
        "type": row["type"],
        "value": dict(_REDACTED) if hidden else exact.parse(row["value"]),
        "tags": json.loads(row["tags"]),
        "access": json.loads(row["access"]),
    }


def export(game: Game) -> list[dict[str, Any]]:
    """Every entry with its source, as the builder of worlds takes it.

    A value whose numbers a float can't hold is there as the text of its JSON, under `value_json`.
    """
    exported: list[dict[str, Any]] = []
    for row in game.store.rows("SELECT * FROM metadata ORDER BY id"):
        text = row["value"]
        plain = json.loads(text)
        value = {"value": plain} if _is_same(plain, text) else {"value_json": text}
        entry = {name: row[name] for name in ("source", "source_id", "key", "type")}
        exported.append({**entry, **value, "tags": json.loads(row["tags"]), "access": json.loads(row["access"])})
    return exported


def _is_same(plain: object, text: str) -> bool:
    try:
        return bool(exact.parse(json.dumps(plain)) == exact.parse(text))
    except ValueError:  # infinity, which is what floats make of numbers beyond them
        return False
