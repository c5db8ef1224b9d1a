"""What the contract asks of the values in a request, as annotations that msgspec checks and as attrs validators."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import msgspec

from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.base import OpenEnum
from lootlocker_async.secret import SecretStr

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A signed number of 64 bits."""

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
"""A numeric id, from 1."""

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
"""A text with at least one character."""

Ulid = Annotated[str, msgspec.Meta(pattern=r"^[0-7][0-9A-HJKMNP-TV-Zabcdefghjkmnp-tv-z]{25}\Z")]
"""A ULID: 26 letters and digits."""

Points = Annotated[int, msgspec.Meta(ge=1)]
"""A number of points, from 1; its upper bound is `uint64`, because a bound of msgspec's has 63 bits at most."""

# The name begins with "Secret" because that is how `model` knows the fields whose texts it has to wrap.
if TYPE_CHECKING:
    SecretTokens = tuple[SecretStr, ...]
else:
    SecretTokens = Annotated[tuple[NonEmpty, ...], msgspec.Meta(min_length=1)]


def finite(_instance: object, attribute: attrs.Attribute[Decimal], value: Decimal) -> None:
    """Refuse the NaN and the infinities that `Decimal` reads from text."""
    if not value.is_finite():
        raise ValueError(f"{attribute.name} has to be a finite number")


def known(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401  (fits any enum)
    """Refuse a value that its open enum doesn't know: answers may grow new ones, requests may not."""
    if not isinstance(value, OpenEnum):
        raise TypeError(f"{attribute.name} has to be a member of its enum")
    if not value.is_known:
        raise ValueError(f"{attribute.name} has to be one of {', '.join(type(value))}")


def uint64(_instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    """Refuse a number that an unsigned one of 64 bits can't hold."""
    if value >= 2**64:
        raise ValueError(f"{attribute.name} has to be at most {2**64 - 1}")


# ------------------------------------------------------------------------------------------------------------- amounts
Digits = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?\Z")]
"""An amount as the wire has it: see `decimal_text`."""

_DIGITS = re.compile(r"[0-9]+(\.[0-9]+)?")
_MOST_DIGITS = 1000
"""No amount has more, and writing out an exponent can take all of the memory."""


def decimal_text(name: str, value: object) -> str:
    """An amount as the wire has it: every decimal digit, without sign and exponent.

    Args:
        name: What the amount is called.
        value: A `Decimal`, a whole number or a text of decimal digits.

    Raises:
        InvalidRequestError: It is something else, negative, not finite or far too long. A float is refused because it
            has been rounded to a binary fraction before it comes here: 0.1 is none.
    """
    if isinstance(value, float):
        why = "not a float, which can't hold most decimal fractions exactly"
    elif isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        why = f"not {type(value).__name__}"
    elif isinstance(value, str):
        if len(value) <= _MOST_DIGITS and _DIGITS.fullmatch(value):
            return str.__str__(value)
        why = "and a text of it has nothing but the digits 0 to 9 with at most one point among them"
    elif not (exact := Decimal(value)).is_finite():
        why = "not NaN or infinity"
    elif exact < 0:
        why = "not a negative one"
    else:
        return _written_out(name, exact)
    raise InvalidRequestError(f"{name} has to be a Decimal, a whole number or a text of decimal digits, {why}")


def _written_out(name: str, value: Decimal) -> str:
    _, digits, exponent = value.as_tuple()
    if len(digits) + abs(int(exponent)) > _MOST_DIGITS:
        raise InvalidRequestError(f"{name} has to have at most {_MOST_DIGITS} digits")
    return format(value.copy_abs(), "f")  # a zero may have a sign


IdOrZero = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A numeric id where the contract lets 0 pass too."""
