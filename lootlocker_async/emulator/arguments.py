"""The JSON Schema of a function's keyword arguments, derived from its signature, annotations and docstring."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Union, Unpack, get_args, get_origin, get_type_hints

_DIGITS = r"^-?[0-9]+(\.[0-9]+)?$"
_PLAIN: Mapping[object, Mapping[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    # A number would have gone through a float before anybody could keep it exact.
    Decimal: {"type": "string", "pattern": _DIGITS},
    Any: {},
}
_ARGUMENT = re.compile(r"^ {4}(?P<indent> *)(\*\*)?(?P<name>\w+)(?: \(.*?\))?: (?P<text>.*)$")


def schema_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The schema of an object that holds a function's arguments by name.

    Args:
        function: A function, or a method whose first parameter is `self` or `cls`.
    """
    hints = get_type_hints(function)
    told = _told(inspect.getdoc(function) or "")
    properties: dict[str, Any] = {}
    required: list[str] = []
    is_open = False
    further = ""
    for name, parameter in inspect.signature(function).parameters.items():
        if name in {"self", "cls"}:
            continue
        hint = hints[name]
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            is_open = get_origin(hint) is not Unpack
            if is_open:
                further = told.get(name, "")
            else:
                properties |= {key: _schema(of) for key, of in get_type_hints(get_args(hint)[0]).items()}
            continue
        properties[name] = _described(_schema(hint), told.get(name), parameter.default)
        if parameter.default is inspect.Parameter.empty:
            required.append(name)
    schema: dict[str, Any] = {"type": "object"}
    summary = (inspect.getdoc(function) or "").partition("\n")[0]
    if summary:
        schema["description"] = f"{summary} {further}".strip()
    return {**schema, "properties": properties, "required": required, "additionalProperties": is_open}


def _described(schema: dict[str, Any], text: str | None, default: object) -> dict[str, Any]:
    if text:
        schema["description"] = text
    if default is not inspect.Parameter.empty and default is not None and not isinstance(default, tuple):
        schema["default"] = default
    return schema


def _schema(hint: Any) -> dict[str, Any]:  # noqa: ANN401 - an annotation
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _any_of([_schema(each) for each in inner])
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple and inner[-1] is not ...:
        items = [_schema(each) for each in inner]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        values = _schema(inner[1])
        return {"type": "object", **({"additionalProperties": values} if values else {})}
    if inspect.isclass(origin) and hasattr(origin, "__iter__"):
        return {"type": "array", "items": _schema(inner[0])}
    raise TypeError(f"{hint} has no JSON Schema")


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    if {} in schemas:
        return {}
    plain = [schema for schema in schemas if set(schema) == {"type"}]
    others = [schema for schema in schemas if set(schema) != {"type"}]
    # Text that stands beside a decimal or a date is one of those, written down.
    names = sorted({schema["type"] for schema in plain} - {other.get("type") for other in others}, key=_null_last)
    merged = [{"type": names[0] if len(names) == 1 else names}] if names else []
    # One type besides null, or of a single shape, reads best and gives the best messages.
    if len(others) == 1 and isinstance(others[0].get("type"), str):
        return {**others[0], "type": [others[0]["type"], *names]} if names else others[0]
    alternatives = [*merged, *others]
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def _null_last(name: str) -> tuple[bool, str]:
    return name == "null", name


def _told(docstring: str) -> dict[str, str]:
    """What the section Args of a docstring says of each argument."""
    _, _, rest = docstring.partition("\nArgs:\n")
    told: dict[str, str] = {}
    name = ""
    for line in rest.splitlines():
        if not line.startswith(" "):
            break
        found = _ARGUMENT.match(line)
        if found and not found["indent"]:
            name = found["name"]
            told[name] = found["text"]
        elif name:
            told[name] += f" {line.strip()}"
    return told
