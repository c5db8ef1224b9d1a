"""What the contract asks of the values in a request, as annotations that msgspec checks and as attrs validators."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import msgspec

from lootlocker_async.models.base import OpenEnum
from lootlocker_async.secret import SecretStr

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A signed number of 64 bits."""

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
"""A numeric id, from 1."""

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
"""A text with at least one character."""

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
