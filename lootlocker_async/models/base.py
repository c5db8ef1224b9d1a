"""What every model is made of: the decorator, the loose fields of the wire, open enums and lenient dates.

One definition serves two readers. msgspec decodes the common answer straight into these classes and cattrs reads what
msgspec refuses, so attribute names equal the JSON names and nothing is converted by attrs itself. A field is annotated
at run time as it *can* arrive (`Seq`, `Map` and `Soft` admit null) and brought into shape after construction, while a
type checker sees it as it then is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from inspect import get_annotations
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar, cast, dataclass_transform, overload

import attrs
import msgspec

from lootlocker_async.secret import SecretStr

T = TypeVar("T")
C = TypeVar("C", bound=type)

if TYPE_CHECKING:
    Seq = Annotated[tuple[T, ...], "never null"]
    Map = Annotated[Mapping[str, T], "never null"]
    Soft = Annotated[T, "never null"]
    Secret = SecretStr
    AwareDatetime = datetime
else:
    Seq = tuple[T, ...] | None
    Map = dict[str, T] | None
    Soft = T | None
    Secret = str
    AwareDatetime = Annotated[datetime, msgspec.Meta(tz=True)]

Told = tuple[str, str, str]
"""A drift: its kind, the model and field (or the enum) it was met in, and what was found."""


class _Reading(threading.local):
    """Where the drift of the answer that a thread reads right now is put down; None while none is read."""

    told: list[Told] | None = None


reading: _Reading = _Reading()


def report_drift(kind: str, where: str, found: str) -> None:
    """Put down that the answer which is being read is not quite what the contract says."""
    if reading.told is not None:
        reading.told.append((kind, where, found))


@contextmanager
def collect_drift() -> Generator[list[Told]]:
    """Collect the drift that is met inside the `with` block."""
    before, told = reading.told, list[Told]()
    reading.told = told
    try:
        yield told
    finally:
        reading.told = before


# ------------------------------------------------------------------------------------------------------------ fields
class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


_MISSING = _Missing()
_SOFT = "lootlocker.soft"
ONE_OR_MANY = "lootlocker.one_or_many"
"""In a field's metadata: a lone object may come in place of the list, and the tolerant reader makes it one."""


def soft(*, default: T) -> T:
    """A field that the contract doesn't require and that is never null: `default` (and drift) where it's missing."""
    return cast("T", attrs.field(default=_MISSING, metadata={_SOFT: default}))


def hidden(*, default: Any = attrs.NOTHING) -> Any:  # noqa: ANN401  (the field's annotation says what it holds)
    """A field that `repr` leaves out."""
    return attrs.field(default=default, repr=False)


def empty_map() -> Mapping[str, Any]:
    """A field that holds a map, by default an empty one; the hash leaves it out, because a map has none."""
    return cast("Mapping[str, Any]", attrs.field(factory=dict, hash=False))


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field, soft, hidden))
def model(cls: C) -> C:
    """Make an attrs class of the house: frozen, slotted, keyword-only, with its loose fields brought into shape.

    The class's own `__attrs_post_init__`, where it has one, comes after that.
    """
    loose = _loose_fields(cls)
    if loose:
        own: Callable[[object], None] | None = cls.__dict__.get("__attrs_post_init__")
        shape = _shaper(cls.__name__, loose)
        cls.__attrs_post_init__ = shape if own is None else _one_by_one(shape, own)  # type: ignore[attr-defined]
    return attrs.frozen(kw_only=True)(cls)


def _one_by_one(first: Callable[[object], None], second: Callable[[object], None]) -> Callable[[object], None]:
    def __attrs_post_init__(self: object) -> None:  # noqa: N807  (attrs' own hook, made here)
        first(self)
        second(self)

    return __attrs_post_init__


_Loose = tuple[str, object, bool, bool]


def _loose_fields(cls: type) -> tuple[_Loose, ...]:
    """Name, empty value, whether it's a list or a map, whether it's secret, of each field that needs a look."""
    found: list[_Loose] = []
    for name, annotation in get_annotations(cls).items():
        text = str(annotation)
        value = cls.__dict__.get(name)
        metadata: Mapping[str, object] = getattr(value, "metadata", {})
        secret = text.startswith("Secret") or text == "Seq[Secret]"
        if text.startswith("Seq["):
            found.append((name, (), True, secret))
        elif text.startswith("Map["):
            found.append((name, {}, True, False))
        elif _SOFT in metadata:
            found.append((name, metadata[_SOFT], False, secret))
        elif secret:
            found.append((name, None, False, True))
    return tuple(found)


def _shaper(owner: str, loose: tuple[_Loose, ...]) -> Callable[[object], None]:
    shapes = tuple((name, empty, container) for name, empty, container, _ in loose if empty is not None)
    secrets = tuple(name for name, _, _, secret in loose if secret)
    # With two names more than there are, it always gives a tuple.
    look = attrgetter(*(name for name, _, _ in shapes), "__class__", "__class__")

    def __attrs_post_init__(self: object) -> None:  # noqa: N807  (attrs' own hook, made here)
        values = look(self)
        if None in values or _MISSING in values:  # hardly ever, and this is run for each item of a page
            for (name, empty, container), value in zip(shapes, values, strict=False):
                if value is None or value is _MISSING:
                    object.__setattr__(self, name, {} if empty == {} else empty)
                    if value is _MISSING or not container:
                        report_drift("missing" if value is _MISSING else "null", f"{owner}.{name}", repr(empty))
        if secrets:
            _hide(self, secrets)

    return __attrs_post_init__


def _hide(model: object, secrets: tuple[str, ...]) -> None:
    for name in secrets:
        text: str | tuple[str, ...] | None = getattr(model, name)
        if type(text) is str:
            object.__setattr__(model, name, SecretStr(text))
        elif isinstance(text, tuple):
            object.__setattr__(model, name, tuple(SecretStr(item) for item in text))


# ------------------------------------------------------------------------------------------------------------- enums
class OpenEnum(StrEnum):
    """An enum of a set that grows: a value that this version doesn't know is kept as it came."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        report_drift("enum", cls.__name__, value)
        unknown = str.__new__(cls, value)
        unknown._name_ = value
        unknown._value_ = value
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether this version of the SDK knows the value."""
        return self._value_ in type(self)._value2member_map_


# ------------------------------------------------------------------------------------------------------------- dates
def parse_date(text: str | None) -> datetime | None:
    """Read a date in RFC 3339, RFC 2822 or SQL form, or give None; without a zone it counts as UTC."""
    if not text:
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None


class parsed:  # noqa: N801  (reads like `property` where it is used)
    """A read-only attribute that gives the text of another one as an aware `datetime`, or None."""

    __slots__ = ("_field",)

    def __init__(self, field: str) -> None:
        self._field = field

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> datetime | None: ...
    def __get__(self, instance: object | None, owner: type) -> Self | datetime | None:
        if instance is None:
            return self
        text: str | None = getattr(instance, self._field)
        return parse_date(text)
