"""JSON for the models of answers: the smallest and odd ones, and how they are read."""

from __future__ import annotations

import json
import types
import typing
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
import pytest

from lootlocker_async.core import serde
from lootlocker_async.models.base import OpenEnum
from tests.contract.contract_spec import answered_schemas, classes

ANSWERS = [
    kind
    for kind in (classes()[name] for name in sorted(answered_schemas() & classes().keys()))
    # Of an answer without fields there is nothing to be read wrong.
    if attrs.has(kind) and attrs.fields(kind)
]
EVERY = pytest.mark.parametrize("into", ANSWERS, ids=lambda kind: kind.__name__)


@cache
def fields_of(into: type[Any]) -> dict[str, tuple[Any, bool]]:
    """Each field's annotation, and whether the field must be there."""
    hints = typing.get_type_hints(into, include_extras=True)
    return {field.name: (hints[field.name], field.default is attrs.NOTHING) for field in attrs.fields(into)}


def raw(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def read(body: bytes, into: type[Any]) -> Any:
    return serde.decode(body, into)


def refusal(body: bytes, into: type[Any]) -> serde.Unreadable | None:
    try:
        read(body, into)
    except serde.Unreadable as error:
        return error
    return None


def reason(error: serde.Unreadable | None) -> str:
    return "it was read" if error is None else error.reason


def smallest(into: type[Any]) -> dict[str, Any]:
    """The smallest object that a model can be read from."""
    return {name: least(hint) for name, (hint, required) in fields_of(into).items() if required}


def least(hint: Any) -> Any:
    hint = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return least(typing.get_args(hint)[0])
    if typing.get_origin(hint) is tuple:
        return []
    if attrs.has(hint):
        return smallest(hint)
    if isinstance(hint, type) and issubclass(hint, OpenEnum):
        return next(iter(hint)).value
    return {int: 7, bool: True, Decimal: "1.5", datetime: "2024-06-11T14:05:54Z"}.get(hint, "text")


def some(into: type[Any]) -> dict[str, Any]:
    """An object that has a field, which those without required ones would lack."""
    found = smallest(into)
    return found or dict.fromkeys(list(fields_of(into))[:1])


def with_stranger(into: type[Any], stranger: bytes) -> bytes:
    return raw(some(into))[:-1] + b', "stranger": ' + stranger + b"}"


SCORES: dict[str, Any] = {"pagination": {"total": 2}, "items": [{"member_id": "a", "rank": 1, "score": 1}]}
DEEP = b"[" * 100_000 + b"]" * 100_000
ODD_BYTES: dict[str, tuple[bytes, str]] = {
    "an HTML page": (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "json"),
    "nothing": (b"", "empty"),
    "blanks": (b" \r\n\t ", "json"),
    "no text": (b"\x00\xff\xfe\x00", "json"),
    "UTF-16": ('{"id": 1}'.encode("utf-16"), "json"),
    "a list": (b"[]", "shape"),
    "a text": (b'"no"', "shape"),
    "a number": (b"5", "shape"),
    "null": (b"null", "shape"),
    "true": (b"true", "shape"),
    "NaN": (b"NaN", "json"),
    "two answers": (b"{}{}", "json"),
    "an error": (b'{"code": "internal", "message": "no", "request_id": "5b1e"}', "shape"),
    "deep lists": (DEEP, "shape"),
    "deep objects": (b'{"a":' * 100_000, "too_deep"),
    "a deep stranger": (b'{"stranger":' + DEEP + b"}", "too_deep"),
}
