"""JSON whose numbers keep every digit."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

import msgspec

_MARK = uuid4().hex
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


def parse(data: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """Reads JSON.

    Args:
        data: The text.

    Returns:
        What it says; a number that is written with a fraction or an exponent is a Decimal.

    Raises:
        ValueError: It is not JSON, or an exponent has more than eighteen digits.
    """
    return json.loads(data, parse_float=_decimal, parse_constant=_refuse)


def dump(document: Any) -> str:  # noqa: ANN401 - JSON
    """Writes JSON, without blanks, each Decimal as the number that it is."""
    text = _encode(document)
    # The standard library writes no numbers but its own, so others go through it as marked texts.
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def encode(document: Any) -> bytes:  # noqa: ANN401 - JSON
    """Writes JSON as `dump` does, far faster; what is not ASCII is not escaped."""
    try:
        return _ENCODER.encode(document)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which an address may hold, can only be escaped.
        return dump(document).encode()


def lay_out(document: Any) -> str:  # noqa: ANN401 - JSON
    """Writes JSON as `dump` does, over several lines and for people to read."""
    return _MARKED.sub(r"\1", _encode_wide(document))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text} is too large or too small") from error


def _refuse(text: str) -> Decimal:
    raise ValueError(f"{text} is not JSON")


def _marked(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{_MARK}{value}"
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


_ENCODER = msgspec.json.Encoder(decimal_format="number")
_encode = json.JSONEncoder(separators=(",", ":"), default=_marked).encode
_encode_wide = json.JSONEncoder(indent=2, ensure_ascii=False, default=_marked).encode
