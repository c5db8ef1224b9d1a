"""Addresses: path arguments and queries, quoted so that no value leads to another route."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.routes import NUMERIC, ULIDS, Route

QueryValue = str | int | float | bool | None | Iterable[str | int]
Query = Mapping[str, QueryValue]

_PLACEHOLDER = re.compile(r"(\{[a-z_]+\})")
_MAX_ID = 2**63 - 1
_MAX_STEP = 2**64 - 1
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)
_KEY_OR_ID = "leaderboard_key"
"""The one argument that is a text and takes a number too."""
_is_plain = re.compile(r"[A-Za-z0-9_-]+").fullmatch


def compile_path(route: Route, arguments: tuple[object, ...]) -> str:
    """The path of a call.

    Raises:
        InvalidRequestError: An argument is empty, no number where one is due, or would lead to another route.
    """
    if not arguments:
        return route.path
    plan = _plans.get(route.path)
    if plan is None:
        plan = _plans[route.path] = _plan(route)
    path, pieces = plan
    for value, (name, literal, plain) in zip(arguments, pieces, strict=True):
        # Most keys need no look beyond this one.
        if plain and type(value) is str and _is_plain(value):
            path += value + literal
        else:
            path += _segment(route, name, value) + literal
    return path


_Plan = tuple[str, tuple[tuple[str, str, bool], ...]]
_plans: dict[str, _Plan] = {}


def _plan(route: Route) -> _Plan:
    """A path up to its first argument; then each argument with the text after it, and whether any plain text does."""
    prefix, *literals = _PLACEHOLDER.split(route.path)[::2]
    return prefix, tuple(
        (name, literal, name not in NUMERIC and name not in ULIDS and name not in route.reserved)
        for name, literal in zip(route.parameters, literals, strict=True)
    )


def _segment(route: Route, name: str, value: object) -> str:
    if name in NUMERIC:
        return _number(name, value)
    if isinstance(value, int) and not isinstance(value, bool) and name == _KEY_OR_ID:
        return str(value)
    if not isinstance(value, str):
        msg = f"{name} should be text, not {type(value).__name__}"
        raise InvalidRequestError(msg)
    if name in ULIDS and not _ULID.fullmatch(value):
        msg = f"{name} should be a ULID (26 letters and digits), not {_shown(value)}"
        raise InvalidRequestError(msg)
    if value in route.reserved.get(name, ()):
        msg = f"{name} {value!r} can't be asked for: the address would be another route's"
        raise InvalidRequestError(msg)
    return quote_segment(value, name)


def _number(name: str, value: object) -> str:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{name} should be a whole number or a text of digits, not {_shown(value)}"
        raise InvalidRequestError(msg)
    most = _MAX_STEP if name == "step" else _MAX_ID
    if not 1 <= value <= most:
        msg = f"{name} should be from 1 to {most}, not {value}"
        raise InvalidRequestError(msg)
    return str(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def quote_segment(value: str, name: str = "path") -> str:
    """One segment of a path, quoted.

    Raises:
        InvalidRequestError: It is empty, has a part that is "." or "..", or isn't Unicode text.
    """
    if not value:
        msg = f"{name} is empty"
        raise InvalidRequestError(msg)
    if any(part in {".", ".."} for part in value.replace("\\", "/").split("/")):
        msg = f"{name} {_shown(value)} has a part that leads elsewhere"
        raise InvalidRequestError(msg)
    return _quoted(value, name)


def _quoted(value: str, name: str) -> str:
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        msg = f"{name} holds half a character (a lone surrogate)"
        raise InvalidRequestError(msg) from None


def check_raw_path(path: str) -> str:
    """A path that a user of the escape hatch gives, quoted where needed.

    Raises:
        InvalidRequestError: It is no path below the base address.
    """
    if not isinstance(path, str) or not path.startswith("/") or "?" in path or "#" in path:
        msg = f"the path should begin with / and hold no query, not {_shown(path)}"
        raise InvalidRequestError(msg)
    return "/".join(["", *(quote_segment(segment) for segment in path[1:].split("/"))])


def pairs(query: Query) -> list[tuple[str, str]]:
    """A query as pairs; None is left out, a list repeats its key, booleans are `true` and `false`.

    Raises:
        InvalidRequestError: A value is nothing that a query can hold.
    """
    found: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        if isinstance(value, (str, int, float)):
            found.append((name, _text(name, value)))
        elif isinstance(value, Iterable) and not isinstance(value, (bytes, Mapping)):
            found += [(name, _text(name, item)) for item in value]
        else:
            found.append((name, _text(name, value)))
    return found


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        msg = f"{name!r} in the query should be text, a number or a list of them, not {type(value).__name__}"
        raise InvalidRequestError(msg)
    return str(value)


def quote_query(query: Iterable[tuple[str, str]]) -> str:
    """Pairs as they stand behind the question mark."""
    try:
        return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in query)
    except UnicodeEncodeError:
        msg = "the query holds half a character (a lone surrogate)"
        raise InvalidRequestError(msg) from None
