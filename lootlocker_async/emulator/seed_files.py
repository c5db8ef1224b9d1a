"""How a seed document is read from text and written: JSON, or YAML as YAML 1.2 understands it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, cast

from lootlocker_async.emulator.errors import EmulatorExtraMissingError

_YAML_SUFFIXES = frozenset({".yaml", ".yml"})
_PREFIX = "tag:yaml.org,2002:"
_SCALARS: Mapping[str, tuple[str, str]] = {
    "null": (r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    "bool": (r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    "int": (r"^[-+]?[0-9]+$", "-+0123456789"),
    "float": (r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
}
"""What YAML 1.2 takes for something else than text, and with what it can begin.

YAML 1.1, which the library reads by itself, finds dates, times of the day and yes and no besides.
"""


class SeedError(ValueError):
    """A seed document is wrong.

    Attributes:
        place: Where, such as `players[3].name`; empty for the document as a whole.
        problem: What is wrong there.
    """

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.place = place
        self.problem = problem


def is_yaml(path: Path) -> bool:
    """Whether a file is YAML, by its name."""
    return path.suffix.lower() in _YAML_SUFFIXES


def read(path: Path) -> object:
    """Reads what a file holds.

    Args:
        path: The file.

    Returns:
        What it holds.

    Raises:
        SeedError: It can't be read.
        EmulatorExtraMissingError: It is YAML, and the library for it is not installed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SeedError("", f"it can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SeedError("", "it is not UTF-8") from error
    return parse(text, is_yaml=is_yaml(path))


def parse(text: str, *, is_yaml: bool = False) -> object:
    """Parses a document.

    Args:
        text: The document.
        is_yaml: Whether it is YAML.

    Returns:
        What it holds.

    Raises:
        SeedError: It is malformed, or has a key twice in one mapping.
        EmulatorExtraMissingError: It is YAML, and the library for it is not installed.
    """
    if is_yaml:
        return _parse_yaml(text)
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise SeedError(f"line {error.lineno}, column {error.colno}", f"this is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise SeedError("", "it is nested too deep") from error


def dump(document: Mapping[str, Any], *, is_yaml: bool = False) -> str:
    """Writes a document as text, with one line for each thing.

    Args:
        document: The document.
        is_yaml: Whether to write YAML.

    Returns:
        The text.

    Raises:
        EmulatorExtraMissingError: It is YAML, and the library for it is not installed.
    """
    if is_yaml:
        # Whoever wrote YAML wants to read it: as it would be written by hand, and never with anchors.
        yaml, _ = _yaml()
        return str(
            yaml.dump(
                json.loads(json.dumps(document)), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=120
            )
        )
    return "{\n" + ",\n".join(_sections(document)) + "\n}\n"


def _sections(document: Mapping[str, Any]) -> Iterator[str]:
    for name, value in document.items():
        if isinstance(value, list) and value:
            things = ",\n".join(f"    {_json(thing)}" for thing in value)
            yield f"  {_json(name)}: [\n{things}\n  ]"
        else:
            yield f"  {_json(name)}: {_json(value)}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise SeedError("", f"the key {key!r} stands twice in one mapping")
        made[key] = value
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise SeedError("", f"{name} is no number of JSON")


def _parse_yaml(text: str) -> object:
    yaml, loader = _yaml()
    try:
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
        raise SeedError(place, f"this is no YAML: {getattr(error, 'problem', None) or error}") from error
    except RecursionError as error:
        raise SeedError("", "it is nested too deep") from error


@cache
def _yaml() -> tuple[Any, type[Any]]:
    """The library, and a loader for what JSON can say."""
    try:
        yaml = import_module("yaml")
    except ImportError as error:
        raise EmulatorExtraMissingError("yaml") from error
    base = cast("type[Any]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    plain = ("null", "bool", "int", "float", "str", "seq", "map")
    constructors: dict[str | None, Any] = {
        f"{_PREFIX}{name}": base.yaml_constructors[f"{_PREFIX}{name}"] for name in plain
    }
    constructors[f"{_PREFIX}int"] = lambda _, node: int(node.value)
    constructors[f"{_PREFIX}float"] = lambda _, node: float(node.value)
    constructors[f"{_PREFIX}map"] = lambda loader, node: _mapping(yaml, loader, node)
    constructors[None] = base.yaml_constructors[None]
    members = {"yaml_constructors": constructors, "yaml_implicit_resolvers": _resolvers()}
    return yaml, type("_PlainLoader", (base,), members)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for name, (pattern, beginnings) in _SCALARS.items():
        for beginning in beginnings:
            found.setdefault(beginning.strip("\0"), []).append((f"{_PREFIX}{name}", re.compile(pattern)))
    return found


def _mapping(yaml: Any, loader: Any, node: Any) -> dict[str, Any]:  # noqa: ANN401 - the library has no types
    pairs = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} is no text, as a key is", key_node.start_mark)
        if key in pairs:
            problem = f"the key {key!r} stands twice in one mapping"
            raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        pairs[key] = loader.construct_object(value_node, deep=True)
    return pairs


@cache
def _dumper() -> type[Any]:
    yaml, _ = _yaml()
    base = cast("type[Any]", getattr(yaml, "CSafeDumper", yaml.SafeDumper))
    # Text is quoted that YAML 1.1 or YAML 1.2 would take for something else.
    resolvers = {beginning: list(found) for beginning, found in base.yaml_implicit_resolvers.items()}
    for beginning, found in _resolvers().items():
        resolvers.setdefault(beginning, []).extend(found)
    members = {"ignore_aliases": lambda *_: True, "yaml_implicit_resolvers": resolvers}
    return type("_PlainDumper", (base,), members)
