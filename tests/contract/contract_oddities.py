"""Answers as they may come: the contract's values with something odd at a place, and what they mean all the same."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import attrs
from contract_spec import Schema, choices, resolve
from contract_values import kinds

Path = tuple[str | int, ...]
ENUM_KEYS = {"enum", "x-known-values"}
STRANGER = "brand_new"


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __deepcopy__(self, memo: object) -> _Missing:
        return self


MISSING = _Missing()


@attrs.frozen
class Odd:
    """A value as it comes, and the plain one that means the same; either may be missing."""

    clean: Any
    odd: Any


@attrs.frozen
class Place:
    """Where a value stands in an answer, and what the contract says of it."""

    path: Path
    value: Any
    name: str
    schema: Schema
    kinds: frozenset[str]
    required: bool
    in_object: bool
    """Whether it is a field, and not an item of a list or a value of a map."""
    one_or_many: bool
    """Whether a lone object may come in place of the list."""

    @property
    def nullable(self) -> bool:
        return "null" in self.kinds

    @property
    def is_container(self) -> bool:
        return "array" in self.kinds or "additionalProperties" in self.schema

    @property
    def must_be_there(self) -> bool:
        return self.required and self.in_object and (self.is_container or not self.nullable)

    @property
    def field(self) -> str:
        """The path as errors tell it."""
        return told(self.path)


def told(path: Path) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def places(
    value: Any, schema: Schema, path: Path = (), *, required: bool = True, in_object: bool = False
) -> Iterator[Place]:
    """Every place of a value that nothing odd stands at."""
    if isinstance(value, Odd):
        return
    name, whole = str(schema.get("$ref", "")).rpartition("/")[2], resolve(schema)
    own = resolve(choices(whole)[0])
    many = whole.get("x-normalize") == "list"
    yield Place(path, value, name, own, frozenset(kinds(whole)), required, in_object, many)
    if isinstance(value, dict):
        for key, part in value.items():
            if key in own.get("properties", {}):
                needed = key in own.get("required", ())
                yield from places(part, own["properties"][key], (*path, key), required=needed, in_object=True)
    elif isinstance(value, list) and "items" in own:
        for index, part in enumerate(value):
            yield from places(part, own["items"], (*path, index))


def oddities(place: Place) -> Iterator[Any]:
    """What may come in place of a value, or the value itself with something beside it."""
    value, found = place.value, place.kinds - {"null"}
    if place.in_object and not place.must_be_there:
        empty: Any = MISSING
        yield from (Odd(empty, MISSING), Odd(empty, None))
    elif place.in_object and place.is_container:
        yield Odd([] if "array" in found else {}, None)
    if isinstance(value, dict) and "properties" in place.schema:
        yield from ({**value, STRANGER: Odd(MISSING, junk)} for junk in (None, {"a": [1.5]}, "text"))
    if isinstance(value, list) and "array" in found:
        yield from ([], [*value, *copy.deepcopy(value)])
    if place.one_or_many and isinstance(value, list) and len(value) == 1:
        yield Odd(value, value[0])
    yield from _odd_scalars(place, found)


def _odd_scalars(place: Place, found: frozenset[str]) -> Iterator[Any]:
    """Values of a set that grew, and what is written otherwise and loses nothing."""
    if place.name == "Amount":
        yield from ("0", "12345678901234567890.000000000000000001", Odd("361", 361), Odd("0.1", 0.1))
    elif ENUM_KEYS & place.schema.keys():
        yield STRANGER
    elif place.schema.get("x-date-format") == "rfc3339":
        yield from ("2024-06-11T14:05:54.123456111Z", "0001-01-01T00:00:00Z", "2024-06-11T14:05:54-11:30")
    elif found == {"string"}:
        yield from ("", "\U0001f984 \x00", "null", Odd("361", 361), Odd("18446744073709551616", 2**64))
    elif found == {"integer"}:
        yield from (0, -1, 2**63, Odd(361, "361"), Odd(361, 361.0), Odd(-(2**63), str(-(2**63))))
    elif found == {"boolean"}:
        yield from (Odd(True, "true"), Odd(False, 0))
    elif found == {"integer", "boolean"}:
        yield from (Odd(1, True), Odd(0, "false"))


def put(tree: Any, path: Path, what: Any) -> Any:
    """The same tree with something else at a place."""
    if not path:
        return what
    head, *rest = path
    twin = dict(tree) if isinstance(tree, dict) else list(tree)
    twin[head] = put(tree[head], tuple(rest), what)  # type: ignore[call-overload]
    return twin


def written(tree: Any, *, clean: bool) -> Any:
    """The tree as one of its two meanings."""
    if isinstance(tree, Odd):
        return written(tree.clean if clean else tree.odd, clean=clean)
    if isinstance(tree, dict):
        parts = {key: written(part, clean=clean) for key, part in tree.items()}
        return {key: part for key, part in parts.items() if part is not MISSING}
    return [written(part, clean=clean) for part in tree] if isinstance(tree, list) else tree
