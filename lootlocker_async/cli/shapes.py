"""Where an answer differs from our models: unknown, missing and retyped fields, dates and paging.

Only names and shapes are told, never a value of a field: what players keep is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec

from lootlocker_async.core import serde
from lootlocker_async.models.base import collect_drift
from lootlocker_async.routes import Paging

__all__ = ["DATES", "Difference", "differences", "paging_told"]

_FORMS: Mapping[str, re.Pattern[str]] = {
    "rfc3339": re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)"),
    "sql": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?"),
    "rfc2822": re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|[A-Z]{1,3})"),
}
_FORMS_TOLD = {"rfc3339": "an RFC 3339 date", "sql": "an SQL date", "rfc2822": "an RFC 2822 date"}
DATES: Mapping[str, str | None] = {
    "Asset.marked_new": "rfc2822",
    "Asset.updated": "rfc2822",
    "AssetRecord.created_at": "sql",
    "AssetRecord.deleted_at": "sql",
    "AssetRecord.marked_new": "sql",
    "AssetRecord.updated_at": "sql",
    "AssetReward.created_at": None,
    "AssetReward.updated_at": None,
    "Catalog.deleted_at": None,
    "CurrencyReward.created_at": None,
    "CurrencyReward.updated_at": None,
    "GroupReward.created_at": None,
    "LeaderboardArchive.last_modified": None,
    "LeaderboardSchedule.last_run": None,
    "LeaderboardSchedule.next_run": None,
    "LeaderboardSchedule.schedule[]": None,
    "LoadoutItem.mounted_at": None,
    "ProgressionPointsReward.created_at": None,
    "ProgressionPointsReward.updated_at": None,
    "ProgressionResetReward.created_at": None,
    "ProgressionResetReward.updated_at": None,
    "SessionPing.pong": None,
}
"""The dates that are no RFC 3339 by contract (`x-date-format`): the form that they have, None where nobody knows."""
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
        kind: `unknown`, `missing`, `null`, `empty`, `enum`, `retyped`, `paging` or `unreadable`; or `date`, which is no
            difference but the form of a date that no source tells of.
        where: The model and field.
        found: What was found, in words.
    """

    kind: str
    where: str
    found: str


def differences(body: bytes, into: Any) -> list[Difference]:
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
        try:
            data = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return list(found)  # which `unreadable` has told
        serde.report_unknown(body, into)
    found |= dict.fromkeys(Difference(*drift) for drift in told)
    found |= dict.fromkeys(_compare(data, into, into.__name__))
    return sorted(found)


def _compare(data: Any, hint: Any, where: str) -> Iterator[Difference]:
    """Walk through an answer beside the annotations of its model."""
    parts = _parts(hint)
    if data is None or not parts or Any in parts or object in parts:
        return
    fitting = [part for part in parts if _fits(data, part)]
    if not fitting:
        due = " or ".join(dict.fromkeys(_due(part) for part in parts))
        yield Difference("retyped", where, f"{_kind(data)} where {due} is due")
    elif isinstance(data, str):
        if where in DATES:
            yield from _compare_date(data, where)
    elif isinstance(data, list):
        for item in data:
            yield from _compare(item, get_args(fitting[0])[0], f"{where}[]")
    elif isinstance(data, dict) and attrs.has(fitting[0]):
        yield from _compare_model(data, fitting[0])
    elif isinstance(data, dict):
        for item in data.values():
            yield from _compare(item, get_args(fitting[0])[1], f"{where}{{}}")


def _compare_model(data: dict[str, Any], model: Any) -> Iterator[Difference]:
    hints = get_type_hints(model)
    for field in attrs.fields(model):
        if field.name in data:
            yield from _compare(data[field.name], hints[field.name], f"{model.__name__}.{field.name}")


def _compare_date(text: str, where: str) -> Iterator[Difference]:
    due = DATES[where]
    form = next((name for name, pattern in _FORMS.items() if pattern.fullmatch(text)), "")
    told = _FORMS_TOLD[form] if form else "no date that we know" if text else "an empty text"
    if due is None:
        yield Difference("date", where, f"{told}; no source says what it should be")
    elif form != due and text:
        yield Difference("retyped", where, f"{told} where {_FORMS_TOLD[due]} is due")


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


# --------------------------------------------------------------------------------------------------------------- paging
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
