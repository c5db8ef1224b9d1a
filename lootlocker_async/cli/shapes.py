"""Where an answer differs from our models: unknown, missing and retyped fields, dates and paging.

Only names and shapes are told, never a value of a field: what players keep is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec

from lootlocker_async.core import serde
from lootlocker_async.models.base import collect_drift, parsed
from lootlocker_async.routes import Paging

__all__ = ["Difference", "differences", "paging_told"]

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_SQL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?")
_RFC_2822 = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|[A-Z]{1,3})")
_DUE: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (Enum, "a text"),
    (str, "a text"),
    (datetime, "a date"),
    (Decimal, "an amount as text"),
)


class Difference(NamedTuple):
    """How an answer differs from its model.

    Attributes:
        kind: `unknown`, `missing`, `null`, `empty`, `enum`, `retyped`, `date`, `paging` or `unreadable`.
        where: The model and field.
        found: What was found, in words.
    """

    kind: str
    where: str
    found: str


def differences(body: bytes, into: Any) -> list[Difference]:  # noqa: ANN401  (a model, which mypy can't hash as type[T])
    """Compare an answer with its model.

    Args:
        body: The answer as it came.
        into: The model.
    """
    found: dict[Difference, None] = {}
    with collect_drift() as told:
        try:
            serde.decode(body, into)
        except serde.Unreadable as error:
            found[Difference("unreadable", error.field, error.message)] = None
        serde.report_unknown(body, into)
    found |= dict.fromkeys(Difference(*drift) for drift in told)
    try:
        data = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return list(found)  # which `unreadable` has told
    found |= dict.fromkeys(_compare(data, into, into.__name__))
    return sorted(found)


def _compare(data: Any, hint: Any, where: str) -> Iterator[Difference]:
    """Walk through an answer beside the annotations of its model."""
    if attrs.has(hint) and isinstance(data, dict):
        yield from _compare_model(data, hint)
        return
    parts = _parts(hint)
    if data is None or not parts or Any in parts or object in parts:
        return
    if isinstance(data, list):
        items = [get_args(part)[0] for part in parts if get_origin(part) in {tuple, list}]
        if items:
            for item in data:
                yield from _compare(item, items[0], f"{where}[]")
            return
    if isinstance(data, dict):
        values = [get_args(part)[1] for part in parts if get_origin(part) is dict]
        if values:
            for item in data.values():
                yield from _compare(item, values[0], f"{where}{{}}")
            return
        models = [part for part in parts if attrs.has(part)]
        if models:
            yield from _compare(data, models[0], where)
            return
    if not any(_fits(data, part) for part in parts):
        due = " or ".join(dict.fromkeys(_due(part) for part in parts))
        yield Difference("retyped", where, f"{_kind(data)} where {due} is due")
    elif isinstance(data, str) and datetime not in parts and data and (form := _date_form(data)):
        yield Difference("date", where, f"{form}, which our contract doesn't promise")


def _compare_model(data: dict[str, Any], model: Any) -> Iterator[Difference]:
    hints = get_type_hints(model)
    dates = {value._field for value in vars(model).values() if isinstance(value, parsed)}  # noqa: SLF001  (ours)
    for field in attrs.fields(model):
        if field.name in data:
            value, where = data[field.name], f"{model.__name__}.{field.name}"
            yield from _compare(value, hints[field.name], where)
            if field.name in dates and isinstance(value, str) and not _date_form(value):
                yield Difference("date", where, "no date that we know" if value else "an empty text")


def _parts(hint: Any) -> list[Any]:
    """The types that a field may have, null apart."""
    if get_origin(hint) in {Union, UnionType}:
        return [part for inner in get_args(hint) for part in _parts(inner)]
    if hasattr(hint, "__metadata__"):
        return _parts(get_args(hint)[0])
    return [] if hint is NoneType else [hint]


def _fits(data: Any, kind: Any) -> bool:
    origin = get_origin(kind) or kind
    if not isinstance(origin, type):
        return True  # a form that only the decoder can judge
    if origin is tuple:
        return isinstance(data, list)
    if origin is dict or attrs.has(origin):
        return isinstance(data, dict)
    if isinstance(data, bool) or issubclass(origin, bool):
        return isinstance(data, bool) and issubclass(origin, bool)
    if issubclass(origin, (datetime, Decimal, str)):
        return isinstance(data, str)
    if issubclass(origin, float):
        return isinstance(data, (int, float))
    return isinstance(data, origin)


def _due(kind: Any) -> str:
    origin = get_origin(kind) or kind
    if origin is tuple:
        return "a list"
    if origin is dict or attrs.has(origin):
        return "an object"
    return next((told for known, told in _DUE if issubclass(origin, known)), origin.__name__)


def _kind(data: Any) -> str:
    if isinstance(data, bool):
        return "true or false"
    known = {int: "a whole number", float: "a number with a fraction", str: "a text", list: "a list", dict: "an object"}
    return known[type(data)]


def _date_form(text: str) -> str | None:
    forms = ((_RFC_3339, "an RFC 3339 date"), (_SQL, "an SQL date"), (_RFC_2822, "an RFC 2822 date"))
    return next((form for pattern, form in forms if pattern.fullmatch(text)), None)


# ---------------------------------------------------------------------------------------------------------------- paging
def paging_told(body: bytes, paging: Paging, size: int) -> tuple[str, bool]:
    """How an answer pages, and whether that's what our contract says.

    Args:
        body: The answer: the first page of the list.
        paging: What the contract says.
        size: How many items were asked for.
    """
    data = msgspec.json.decode(body)
    envelope = data.get("pagination") if isinstance(data, dict) else None
    if not isinstance(envelope, dict):
        items = data.get(paging.items) if isinstance(data, dict) else None
        if isinstance(items, list) and items and paging.cursor_field and paging.cursor_field not in items[0]:
            return f"items have no {paging.cursor_field} to go on from", False
        return "no `pagination`: the last item's id leads on", paging.style == "last_id"
    if "current_page" in envelope:
        return "pages by number", paging.style == "page"
    cursor = envelope.get("next_cursor")
    if cursor is None or cursor in {"", 0}:
        return "a cursor, and no second page to see what it is", paging.style in {"index", "key"}
    if not isinstance(cursor, int):
        return "a cursor of text", paging.style == "key"
    if cursor == size:
        return "a cursor that is a position", paging.style == "index"
    return "a cursor that is a number and no position", False
