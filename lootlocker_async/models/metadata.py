"""Metadata: typed values that a game keeps under keys on its things."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

import attrs
import msgspec

from lootlocker_async.errors import LootLockerError
from lootlocker_async.models.base import OpenEnum, Seq, Soft, model, soft
from lootlocker_async.models.constraints import NonEmpty, known
from lootlocker_async.models.pagination import PagePagination


class MetadataSource(OpenEnum):
    """The kind of thing that metadata hangs on; `asset` is an asset itself, `item` an instance in an inventory."""

    REWARD = "reward"
    LEADERBOARD = "leaderboard"
    CATALOG_ITEM = "catalog_item"
    PROGRESSION = "progression"
    CURRENCY = "currency"
    PLAYER = "player"
    ASSET = "asset"
    ITEM = "item"


class MetadataType(OpenEnum):
    """How to read a value."""

    STRING = "string"
    NUMBER = "number"
    BOOL = "bool"
    JSON = "json"
    BASE64 = "base64"


class MetadataAccess(OpenEnum):
    """A right that game clients have on an entry; each kind of source allows some of them."""

    GAME_API_READ = "game_api.read"
    GAME_API_WRITE = "game_api.write"
    PLAYER_READ = "player.read"


class MetadataActionName(OpenEnum):
    """What to do with an entry; `upsert` creates or updates."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


_REDACTED = "application/x-redacted"


@model
class MetadataBase64Value:
    """A file held as metadata.

    Attributes:
        content_type: The media type, or `application/x-redacted` where files were left out on request.
        content: The bytes in base64, or an empty string where files were left out on request.
    """

    content_type: str
    content: str

    @classmethod
    def of(cls, data: bytes, content_type: str) -> Self:
        """The value that holds a file.

        Args:
            data: The file's bytes.
            content_type: Its media type, such as `image/png`.
        """
        return cls(content_type=content_type, content=base64.b64encode(data).decode())

    @property
    def is_redacted(self) -> bool:
        """Whether the file was left out on request (`ignore_files`)."""
        return self.content_type == _REDACTED

    def as_bytes(self) -> bytes:
        """The file's bytes.

        Raises:
            MetadataValueError: The file was left out of the answer, or its text isn't base64.
        """
        if self.is_redacted:
            raise MetadataValueError("the file was left out of the answer on request (ignore_files)")
        try:
            return base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise MetadataValueError(f"the content isn't base64 ({error})") from None


class MetadataValueError(LootLockerError, ValueError):
    """A metadata value was asked for as something that it isn't."""


@model
class MetadataEntry:
    """One key and its value.

    Attributes:
        key: The key, unique within its source.
        type: Tells how to read the value.
        value: The value as plain data, as it came: a str, an int (of any size), a Decimal (with every digit) where a
            number has a fraction or an exponent, a bool, None, a list or a dict. The methods below check its type.
        tags: Free labels to filter by.
        access: What game clients may do with the entry; empty for nothing.
    """

    key: str
    type: MetadataType
    value: Any = attrs.field(default=None, hash=False)
    tags: Seq[str] = ()
    access: Seq[MetadataAccess] = ()

    def as_string(self) -> str:
        """The value of a `string` entry.

        Raises:
            MetadataValueError: It is of another type.
        """
        return str(self._value_of(MetadataType.STRING))

    def as_number(self) -> int | Decimal:
        """The value of a `number` entry: an int, or a Decimal with every digit.

        Raises:
            MetadataValueError: It is of another type.
        """
        number: int | float | Decimal = self._value_of(MetadataType.NUMBER)
        return Decimal(repr(number)) if isinstance(number, float) else number

    def as_bool(self) -> bool:
        """The value of a `bool` entry.

        Raises:
            MetadataValueError: It is of another type.
        """
        return bool(self._value_of(MetadataType.BOOL))

    def as_json(self) -> Any:  # noqa: ANN401  (any JSON)
        """The value of a `json` entry: plain data, in which numbers with a fraction are Decimals.

        Raises:
            MetadataValueError: It is of another type.
        """
        return self._value_of(MetadataType.JSON)

    def as_file(self) -> MetadataBase64Value:
        """The value of a `base64` entry: the file's media type, and its bytes in base64.

        Raises:
            MetadataValueError: It is of another type.
        """
        value = self._value_of(MetadataType.BASE64)
        return MetadataBase64Value(content_type=value["content_type"], content=value["content"])

    def as_bytes(self) -> bytes:
        """The bytes of the file that a `base64` entry holds.

        Raises:
            MetadataValueError: It is of another type, was left out of the answer, or isn't base64.
        """
        try:
            return self.as_file().as_bytes()
        except MetadataValueError as error:
            raise MetadataValueError(f"{self.key!r}: {error}") from None

    def _value_of(self, kind: MetadataType) -> Any:  # noqa: ANN401  (any JSON)
        if self.type != kind:
            raise MetadataValueError(f"{self.key!r} is of type {self.type.value!r}, not {kind.value!r}")
        words, fits = _KINDS[kind]
        if not fits(self.value):
            raise MetadataValueError(f"{self.key!r} is of type {kind.value!r}, but its value is not {words}")
        return self.value


def _is_number(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return type(value) is int or (isinstance(value, float) and math.isfinite(value))


def _is_file(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in ("content_type", "content"))


_KINDS: Mapping[MetadataType, tuple[str, Callable[[Any], bool]]] = {
    MetadataType.STRING: ("a text", lambda value: isinstance(value, str)),
    MetadataType.NUMBER: ("a finite number", _is_number),
    MetadataType.BOOL: ("true or false", lambda value: isinstance(value, bool)),
    MetadataType.JSON: ("JSON", lambda _value: True),
    MetadataType.BASE64: ("a MetadataBase64Value", _is_file),
}


@model
class MetadataPage:
    """One page of a source's metadata.

    Attributes:
        entries: The entries.
        pagination: Where the page stands in the list.
    """

    entries: Seq[MetadataEntry] = ()
    pagination: PagePagination


@model
class MetadataSourceEntries:
    """The entries found on one source.

    Attributes:
        source: The kind of thing that they hang on.
        source_id: The id of the source.
        entries: The entries.
    """

    source: MetadataSource
    source_id: str
    entries: Seq[MetadataEntry] = ()


@model
class MetadataSourceEntriesList:
    """The entries of several sources.

    Attributes:
        metadata: One item per source.
    """

    metadata: Seq[MetadataSourceEntries]


@model
class MetadataActionErrorEntry:
    """Which entry failed.

    Attributes:
        key: The key.
        type: The type that was sent; None or empty for a delete without one.
    """

    key: str
    type: str | None = None


@model
class MetadataActionError:
    """One action that failed.

    Attributes:
        action: What was to be done.
        entry: Which entry it was about.
        error: Why it failed, in free text.
    """

    action: MetadataActionName
    entry: MetadataActionErrorEntry
    error: Soft[str] = soft(default="")


@model
class MetadataActionsResult:
    """What became of the actions; those without an error were done.

    Attributes:
        errors: The actions that failed; look here even though the call succeeded, or call `raise_for_errors`.
        source: The kind of thing that the entries hang on.
        source_id: The id of the source.
    """

    errors: Seq[MetadataActionError] = ()
    source: MetadataSource
    source_id: str

    def raise_for_errors(self) -> None:
        """Raise an error if any action failed.

        Raises:
            MetadataActionsError: At least one action failed; the others were done.
        """
        if self.errors:
            raise MetadataActionsError(self)


class MetadataActionsError(LootLockerError):
    """Some metadata actions failed while the others of the same call were done.

    Attributes:
        result: The whole answer, with each failed action in `errors`.
    """

    def __init__(self, result: MetadataActionsResult) -> None:
        first = result.errors[0]
        super().__init__(
            f"{len(result.errors)} of the metadata actions on {result.source.value} {result.source_id!r} failed, the "
            f"first of them {first.action.value} {first.entry.key!r}: {first.error or 'no reason was given'}"
        )
        self.result = result


@model
class MetadataAction:
    """Something to do with one key; a delete needs no more than the key.

    Attributes:
        action: What to do.
        key: The key, not empty.
        type: How to read the value; all but a delete need it.
        value: The value, which all but a delete need: a str for `string`, an int, float or Decimal for `number`
            (a Decimal is written with every digit), a bool for `bool`, any JSON (None is null) for `json`, and for
            `base64` a MetadataBase64Value or a mapping like it. Left out by default (`msgspec.UNSET`).
        tags: Free labels to filter by.
        access: What game clients may do with the entry.
    """

    action: MetadataActionName = attrs.field(validator=known)
    key: NonEmpty
    type: MetadataType | None = attrs.field(default=None, validator=attrs.validators.optional(known))
    value: Any = attrs.field(default=msgspec.UNSET, hash=False)
    tags: tuple[str, ...] | None = None
    access: tuple[MetadataAccess, ...] | None = None

    def __attrs_post_init__(self) -> None:
        if isinstance(self.value, MetadataBase64Value):
            plain = {"content_type": self.value.content_type, "content": self.value.content}
            object.__setattr__(self, "value", plain)
        given = self.value is not msgspec.UNSET
        if self.action != MetadataActionName.DELETE and not (given and self.type is not None):
            raise ValueError(f"{self.action.value} of {self.key!r} needs both a `type` and a `value`")
        if given and self.type is not None:
            self._check(self.type)

    def _check(self, kind: MetadataType) -> None:
        words, fits = _KINDS[kind]
        if not fits(self.value):
            raise ValueError(f"the `value` of {self.key!r} has to be {words}, because its `type` is {kind.value!r}")
        if kind == MetadataType.BASE64:
            if self.value.keys() != {"content_type", "content"}:
                raise ValueError(f"the `value` of {self.key!r} has a field that MetadataBase64Value hasn't")
            try:
                base64.b64decode(self.value["content"], validate=True)
            except ValueError as error:
                raise ValueError(f"the `content` of {self.key!r} isn't base64 ({error})") from None


@model
class MetadataActionsRequest:
    """Actions on the metadata of one source.

    Attributes:
        source: The kind of thing that the entries hang on.
        source_id: The id of the source, not empty.
        entries: The actions, taken in this order: at least one.
    """

    source: MetadataSource
    source_id: NonEmpty
    entries: Annotated[tuple[MetadataAction, ...], msgspec.Meta(min_length=1)]


@model
class MetadataSourceKeys:
    """Keys wanted from one source.

    Attributes:
        source: The kind of thing that the entries hang on.
        id: The id of the source, not empty; the answer calls it `source_id`.
        keys: The keys wanted.
    """

    source: MetadataSource
    id: NonEmpty
    keys: tuple[str, ...]


@model
class MetadataMultisourceRequest:
    """The sources to read and the keys wanted from each.

    Attributes:
        sources: The sources: at least one.
    """

    sources: Annotated[tuple[MetadataSourceKeys, ...], msgspec.Meta(min_length=1)]
