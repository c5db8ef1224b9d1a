"""Worlds as documents: the seed format, read and written as JSON or YAML.

A document has a list for each kind of thing, and in it the keyword arguments of the `World` method that makes one. The
lists are carried out in the order of `KINDS`, whatever order the document has them in.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lootlocker_async.emulator import seed_files
from lootlocker_async.emulator.arguments import schema_of
from lootlocker_async.emulator.errors import ServiceError, require
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.seed_files import SeedError
from lootlocker_async.emulator.world import KINDS, World

if TYPE_CHECKING:
    import jsonschema_rs

FORMAT = 1
"""The version of the format, which a document may name as `version`."""
_BESIDES = frozenset({"$schema", "version"})
_LONGEST_MESSAGE = 300
# Whatever is wrong with a thing comes out as one of these: the sections check what calls let through to them.
_REFUSALS = (ServiceError, ValueError, TypeError, LookupError, OverflowError, sqlite3.Error)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a seed document."""
    kinds = {
        kind.name: {"type": "array", "description": _summary(kind.add), "items": {"$ref": f"#/$defs/{kind.add}"}}
        for kind in KINDS
    }
    besides = {
        "$schema": {"type": "string", "description": "Where this schema is, for editors."},
        "version": {"const": FORMAT, "description": "The version of the format."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A world of the lootlocker-async emulator",
        "type": "object",
        "properties": {**besides, **kinds},
        "additionalProperties": False,
        "$defs": {kind.add: schema_of(getattr(World, kind.add)) for kind in KINDS},
    }


def export(game: Game, kinds: Collection[str] | None = None) -> dict[str, Any]:
    """A game as a document that makes the same one again.

    Args:
        game: The game.
        kinds: Which kinds of things; all by default.

    Returns:
        The document. It has no list for a kind that the game has nothing of.

    Raises:
        SeedError: There is no such kind.
    """
    unknown = set(kinds or ()) - _kinds()
    if unknown:
        name = min(unknown)
        raise SeedError(name, f"there is no such kind{_suggestion(name)}")
    world = World(game)
    document: dict[str, Any] = {"version": FORMAT}
    with game.transaction():
        for kind in KINDS:
            if kinds is None or kind.name in kinds:
                things = getattr(world, kind.export)()
                if things:
                    document[kind.name] = things
    return document


def load(game: Game, document: object) -> dict[str, list[Any]]:
    """Makes everything that a document names, or nothing where any of it is refused.

    Args:
        game: Where; what it has already stays.
        document: The document, or a part of one.

    Returns:
        What the methods of `World` returned, mostly ids, by kind.

    Raises:
        SeedError: Something in the document is wrong; it says where.
    """
    kinds = check(document)
    world = World(game)
    made: dict[str, list[Any]] = {}
    with game.transaction():
        for kind in KINDS:
            if kind.name in kinds:
                add = getattr(world, kind.add)
                made[kind.name] = [
                    _add(add, arguments, f"{kind.name}[{index}]") for index, arguments in enumerate(kinds[kind.name])
                ]
    return made


def read(path: Path) -> dict[str, Any]:
    """Reads a document: YAML where the file is named so, JSON otherwise.

    Args:
        path: The file.

    Returns:
        The document, which fits the schema.

    Raises:
        SeedError: It can't be read, or something in it is wrong.
        EmulatorExtraMissingError: It is YAML, and the library for it is not installed.
    """
    return check(seed_files.read(path))


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Writes a document, all of it or nothing: YAML where the file is named so, JSON otherwise.

    Args:
        path: The file.
        document: The document.

    Raises:
        OSError: The file can't be written.
        EmulatorExtraMissingError: It is YAML, and the library for it is not installed.
    """
    text = seed_files.dump(document, is_yaml=seed_files.is_yaml(path))
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def check(document: object) -> dict[str, Any]:
    """Holds a document to the schema.

    Args:
        document: The document.

    Returns:
        It.

    Raises:
        SeedError: It doesn't fit, and where.
    """
    if not isinstance(document, dict):
        raise SeedError("", "a seed is a mapping of kinds to lists")
    for name in document:
        if name not in _BESIDES and name not in _kinds():
            raise SeedError(str(name), f"there is no such kind{_suggestion(str(name))}")
    error = next(_problems(document), None)
    if error is not None:
        raise error
    return document


def _problems(document: dict[str, Any]) -> Iterator[SeedError]:
    try:
        for error in _validator().iter_errors(document):
            yield SeedError(_place(error.instance_path), _shortened(error.message))
    except (TypeError, ValueError) as error:  # what JSON can't say
        yield SeedError("", f"this is no JSON: {error}")


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return cast("jsonschema_rs.Draft202012Validator", require("jsonschema_rs").Draft202012Validator(schema()))


@cache
def _kinds() -> frozenset[str]:
    return frozenset(kind.name for kind in KINDS)


def _add(add: Callable[..., Any], arguments: Mapping[str, Any], place: str) -> Any:  # noqa: ANN401 - ids of all kinds
    try:
        return add(**arguments)
    except ServiceError as error:
        raise SeedError(place if error.param is None else f"{place}.{error.param}", error.message) from error
    except KeyError as error:
        raise SeedError(place, f"something in it lacks {error}") from error
    except _REFUSALS as error:
        raise SeedError(place, _shortened(str(error))) from error


def _place(path: list[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _shortened(message: str) -> str:
    # What is wrong stands at the end, after a thing that may be long.
    half = _LONGEST_MESSAGE // 2
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:half]} ... {message[-half:]}"


def _suggestion(name: str) -> str:
    close = get_close_matches(name, _kinds(), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _summary(method: str) -> str:
    return str(schema_of(getattr(World, method)).get("description", "")).partition(". ")[0]
