"""The one list of what differs from the contract on purpose, in arguments and in answers, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from lootlocker_async.models.base import OpenEnum
from lootlocker_async.secret import SecretStr


@attrs.frozen
class Deviation:
    """What an argument does other than the contract says.

    `optional`: the contract requires it and the method doesn't. `type`: it takes `values` too, which the contract's
    type leaves out. `range`: it refuses `values`, which the contract lets through.
    """

    kind: Literal["optional", "type", "range"]
    argument: str
    why: str
    operation: str | None = None
    values: Callable[[Any], bool] = lambda _value: True


def _whole(value: Any) -> bool:
    return type(value) is int


ARGUMENTS = (
    Deviation("optional", "game_version", "it defaults to the client's own", "session_start"),
    Deviation("type", "leaderboard_key", "the contract's own words: its numeric id is taken too", None, _whole),
    Deviation(
        "range",
        "player_id",
        "no id is negative; the contract gives the bound for the same id in paths and forgets it here",
        "players_lookup_names",
        lambda value: any(item < 0 for item in value),
    ),
)

ENVELOPES: Mapping[str, str] = {
    # The service wraps one board in an object of one field, and nothing is beside it.
    "leaderboards_get": "leaderboard",
}


def deviates(kind: str, operation: str, argument: str, value: object = None) -> bool:
    return any(
        found.kind == kind
        and found.argument == argument
        and found.operation in {None, operation}
        and (kind == "optional" or found.values(value))
        for found in ARGUMENTS
    )


# --------------------------------------------------------------------------------------------------------- conversions
@attrs.frozen
class Conversion:
    """How a value of the wire may look in a model."""

    why: str
    fits: Callable[[Any, Any], bool]


CONVERSIONS = (
    Conversion(
        "a null list is an empty tuple", lambda value, raw: value == () and type(value) is tuple and raw is None
    ),
    Conversion("a null map is an empty dict", lambda value, raw: value == {} and type(value) is dict and raw is None),
    Conversion(
        "a flag that comes as 0 or 1 is a bool",
        lambda value, raw: isinstance(value, bool) and type(raw) is int and value == raw,
    ),
    Conversion(
        "an amount is a Decimal with every digit",
        lambda value, raw: isinstance(value, Decimal) and isinstance(raw, str) and str(value) == raw,
    ),
    Conversion(
        "an RFC 3339 date is an aware datetime",
        lambda value, raw: (
            isinstance(value, datetime) and value.tzinfo is not None and value == datetime.fromisoformat(str(raw))
        ),
    ),
    Conversion(
        "an enum's member is its text",
        lambda value, raw: isinstance(value, OpenEnum) and type(raw) is str and value.value == raw,
    ),
    Conversion(
        "a secret is a text that hides",
        lambda value, raw: isinstance(value, SecretStr) and type(raw) is str and value.reveal() == raw,
    ),
)


def assert_keeps(value: Any, raw: Any, path: str = "$") -> None:
    """See that a model holds every value of the JSON that it was made of."""
    if attrs.has(type(value)):
        assert isinstance(raw, dict), f"{path}: {type(value).__name__} of {raw!r}"
        fields = attrs.fields_dict(type(value))
        for name, part in raw.items():
            assert name in fields, f"{path}.{name} is lost"
            assert_keeps(getattr(value, name), part, f"{path}.{name}")
    elif isinstance(value, tuple) and isinstance(raw, list):
        assert len(value) == len(raw), path
        for index, (item, part) in enumerate(zip(value, raw, strict=True)):
            assert_keeps(item, part, f"{path}[{index}]")
    elif isinstance(value, dict) and isinstance(raw, dict):
        assert value.keys() == raw.keys(), path
        for name, part in raw.items():
            assert_keeps(value[name], part, f"{path}[{name!r}]")
    elif not (type(value) is type(raw) and value == raw):
        assert any(conversion.fits(value, raw) for conversion in CONVERSIONS), f"{path}: {raw!r} became {value!r}"
