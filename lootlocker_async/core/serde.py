"""Bytes to models and back.

Two readers share one definition of each model. msgspec decodes the clean answer straight into attrs classes. What it
refuses is read again by the tolerant reader (cattrs), and of a list only the items that need it. Everything here is
pure: bytes in, model or `Unreadable` out.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeVar, cast, get_type_hints

import attrs
import msgspec

from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.base import collect_drift, reading, report_drift

T = TypeVar("T")

Reason = Literal["json", "utf-8", "shape", "too_deep", "too_large", "empty", "cut"]


class Unreadable(Exception):  # noqa: N818  (told to callers as ResponseDecodeError)
    """Bytes that make no model: why, at which field, and in words."""

    def __init__(self, reason: Reason, message: str, field: str = "$") -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.message = message
        self.field = field


@functools.cache
def decoder(into: Any) -> msgspec.json.Decoder[Any]:
    """The fast decoder for a type."""
    return msgspec.json.Decoder(into, strict=False)


def decode(body: bytes, into: type[T]) -> T:
    """Read an answer.

    Raises:
        Unreadable: It can't be made sense of.
    """
    if not body:
        raise Unreadable("empty", "the answer is empty")
    kind: Any = into  # mypy holds no type[T] to be hashable
    read, has_required = _reader(kind)
    told = reading.told
    mark = len(told) if told else 0
    try:
        found: T = read(body)
    except (msgspec.ValidationError, UnicodeDecodeError, RecursionError, msgspec.DecodeError, ValueError) as refusal:
        if told:
            del told[mark:]  # what was told of it will be told again
        return _decode_refused(body, into, refusal)
    if not has_required:
        _check_is_about(body, into, found)
    return found


@functools.cache
def _reader(into: Any) -> tuple[Callable[[bytes], Any], bool]:
    """What decodes a type, and whether it has a field that an answer about something else would lack."""
    is_model = attrs.has(into)
    required = not is_model or any(field.default is attrs.NOTHING for field in attrs.fields(into))
    return decoder(into).decode, required


def _decode_refused(body: bytes, into: type[T], refusal: Exception) -> T:
    """Read an answer that the fast decoder refused, or say why it can't be read."""
    if isinstance(refusal, UnicodeDecodeError):
        raise Unreadable("utf-8", "the answer is not UTF-8") from None
    if isinstance(refusal, RecursionError):
        raise Unreadable("too_deep", "the answer is nested too deeply") from None
    if isinstance(refusal, msgspec.DecodeError) and not isinstance(refusal, msgspec.ValidationError):
        raise Unreadable("json", f"the answer is not JSON ({refusal})") from None
    try:
        found: T = _decode_tolerantly(body, into)
        return found
    except RecursionError:
        raise Unreadable("too_deep", "the answer is nested too deeply") from None
    except UnicodeDecodeError:
        raise Unreadable("utf-8", "the answer is not UTF-8") from None
    except msgspec.ValidationError as error:
        raise Unreadable("shape", str(error)) from None
    except msgspec.DecodeError as error:
        raise Unreadable("json", f"the answer is not JSON ({error})") from None


def _decode_tolerantly(body: bytes, into: Any) -> Any:
    if not attrs.has(into):
        return _structure(_plain(body), into, "$")
    try:
        split = decoder(_envelope(into)).decode(body)
    except msgspec.ValidationError as refusal:
        if " - at `" not in str(refusal):
            raise  # it isn't even an object
        # Something else stands where a list is due: the thorough reader has the words for it.
        return _structure(_plain(body), into, "$")
    values: dict[str, Any] = {}
    for name, item in _list_fields(into).items():
        pieces = getattr(split, name)
        if isinstance(pieces, list):
            values[name] = _decode_items(pieces, item, f"$.{name}")
        elif pieces is not msgspec.UNSET:
            values[name] = None
    for name in _models_below(into).keys() - _list_fields(into).keys():
        piece = getattr(split, name)
        if piece is not msgspec.UNSET:
            values[name] = _plain(piece)
    return _structure(values, into, "$")


@functools.cache
def _envelope(into: Any) -> Any:
    """A model of the same fields that are left as they came, the lists of models item by item."""
    lists = _list_fields(into)
    kinds = {name: list[msgspec.Raw] | None if name in lists else msgspec.Raw for name in _models_below(into)}
    fields = [(name, kind | msgspec.UnsetType, msgspec.UNSET) for name, kind in kinds.items()]
    return msgspec.defstruct(f"{into.__name__}Pieces", fields)


def _decode_items(raws: list[msgspec.Raw], item: Any, path: str) -> tuple[Any, ...]:
    """Read a list item by item: those that the fast decoder takes cost what they cost in one go."""
    read = decoder(item).decode
    found: list[Any] = []
    coming = iter(raws)
    while True:
        try:
            found.extend(map(read, coming))  # what was read before a refusal stays
        except (msgspec.ValidationError, ValueError):
            raw = raws[len(found)]
            _take_back(read, raw)
            found.append(_structure(_plain(raw), item, f"{path}[{len(found)}]"))
        else:
            return tuple(found)


def _take_back(read: Callable[[msgspec.Raw], Any], refused: msgspec.Raw) -> None:
    """Take back the drift that was told of an item before it was refused: it will be told again."""
    told = reading.told
    if told:
        with collect_drift() as same, contextlib.suppress(msgspec.ValidationError, ValueError):
            read(refused)
        del told[len(told) - len(same) :]


def _plain(body: bytes | msgspec.Raw) -> Any:
    return _plain_decoder().decode(body)


@functools.cache
def _plain_decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(float_hook=_converter().Number)


def _structure(data: Any, into: type[T], path: str) -> T:
    converter = _converter()
    try:
        found: T = converter.structure(data, into)
        return found
    except converter.Misfit as misfit:
        raise Unreadable("shape", misfit.message, path + misfit.field[1:]) from None


@functools.cache
def _converter() -> Any:
    """The tolerant reader, which most programs never need: it brings cattrs with it."""
    from lootlocker_async.core import converter

    return converter


@functools.cache
def _list_fields(into: Any) -> Mapping[str, Any]:
    """The fields of a model that hold lists of models, with the class of their items."""
    found = {}
    for name, hint in get_type_hints(into).items():
        for part in getattr(hint, "__args__", ()):
            items = getattr(part, "__args__", ())
            if getattr(part, "__origin__", None) is tuple and items and attrs.has(items[0]):
                found[name] = items[0]
    return found


# ------------------------------------------------------------------------------- answers that say nothing, and drift
@functools.cache
def _empty(into: Any) -> object:
    with collect_drift():
        return into()


def _check_is_about(body: bytes, into: Any, found: object) -> None:
    """Refuse an object that has fields, but none of the model's: an error told with a status of success."""
    if found != _empty(into):
        return
    names = decoder(dict[str, msgspec.Raw]).decode(body).keys()
    if names and not names & {field.name for field in attrs.fields(into)}:
        raise Unreadable("shape", f"the answer has none of the fields of {into.__name__}")


def report_unknown(body: bytes, into: type[Any]) -> None:
    """Tell the drift sink of the fields in an answer that its model doesn't know."""
    try:
        data = decoder(Any).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The model could be read all the same: what can't be stands in a field that it doesn't know.
        report_drift("unknown", into.__name__, "a field that can't be read")
        return
    for where, name in sorted(set(_unknown(data, into))):
        report_drift("unknown", where, name)


def _unknown(data: Any, into: Any) -> Iterator[tuple[str, str]]:
    if isinstance(data, list):
        for item in data:
            yield from _unknown(item, into)
    elif isinstance(data, dict) and _is_model(into):
        below = _models_below(into)
        for name, value in data.items():
            if name not in below:
                yield into.__name__, name
            elif (model := below[name]) is not None and isinstance(value, (dict, list)):
                yield from _unknown(value, model)


def _is_model(kind: Any) -> bool:
    return attrs.has(kind)


@functools.cache
def _models_below(into: Any) -> Mapping[str, type[Any] | None]:
    """The fields of a model, each with the model it holds (alone or in a list), if any."""
    hints = get_type_hints(into)
    return {field.name: next(_models_in(hints[field.name]), None) for field in attrs.fields(into)}


def _models_in(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and attrs.has(hint):
        yield hint
    elif getattr(hint, "__origin__", None) is not dict:
        for part in getattr(hint, "__args__", ()):
            yield from _models_in(part)


# ---------------------------------------------------------------------------------------------------------- requests
def _bare_text(value: object) -> str:
    """What msgspec asks for a secret or another kind of text, which it doesn't write by itself."""
    if isinstance(value, str):
        return str.__str__(value)
    msg = f"JSON holds no {type(value).__name__}"
    raise TypeError(msg)


_encode = msgspec.json.Encoder(enc_hook=_bare_text).encode


def encode(fields: Mapping[str, Any], model: Any) -> bytes:
    """Check the fields of a request body against its model and write it.

    A field that is None is left out. Models inside may be given as plain mappings.

    Raises:
        InvalidRequestError: A field is missing, of a wrong type, out of range, or not known.
    """
    data = {name: value for name, value in fields.items() if value is not None}
    twin, names = _twin(model)
    try:
        if twin is not None and data.keys() <= names:
            # What passes the strict check is written as it was given; there is nothing inside to look at.
            _convert(data, twin)
            return _encode(data)
        return _encode(wire_fields(validate(data, model)))
    except UnicodeEncodeError:
        msg = f"{model.__name__}: a text holds half a character (a lone surrogate)"
        raise InvalidRequestError(msg) from None


@functools.cache
def _twin(model: Any) -> tuple[Any, frozenset[str]]:
    """What checks a request model without models inside (it checks five times as fast), and the model's fields."""
    fields, below = attrs.fields(model), _models_below(model)
    names = frozenset(below)
    if any(below.values()) or any(field.validator is not None for field in fields):
        return (None if any(below.values()) else model), names
    hints = get_type_hints(model, include_extras=True)
    required = [(field.name, hints[field.name]) for field in fields if field.default is attrs.NOTHING]
    others = [(field.name, hints[field.name], None) for field in fields if field.default is not attrs.NOTHING]
    return msgspec.defstruct(model.__name__, [*required, *others]), names


def encode_json(value: object) -> bytes:
    """Write a body of the caller's own.

    Raises:
        InvalidRequestError: JSON can't hold it.
    """
    try:
        return _encode(_wire(value))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        msg = f"the body can't be written as JSON: {error}"
        raise InvalidRequestError(msg) from None


def validate(fields: Mapping[str, Any], model: type[T]) -> T:
    """Make a request model of its fields, strictly.

    Raises:
        InvalidRequestError: A field is missing, of a wrong type, out of range, or not known.
    """
    data = {name: value for name, value in fields.items() if value is not None}
    _refuse_unknown(data, model, "$")
    return _convert(data, model)


def _convert(data: dict[str, Any], model: type[T]) -> T:
    try:
        return msgspec.convert(data, model)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise InvalidRequestError(_in_words(error, model)) from None


def _in_words(error: Exception, model: type[Any]) -> str:
    text = str(error) if not isinstance(error, RecursionError) else "the value is nested too deeply"
    words, at, path = text.partition(" - at `$.")
    return f"{path[:-1]}: {words}" if at else f"{model.__name__}: {words}"


def _refuse_unknown(data: Mapping[str, Any], model: Any, path: str) -> None:
    """Refuse fields that a request model hasn't, which msgspec lets pass for attrs classes."""
    below = _models_below(model)
    for name, value in data.items():
        if name not in below:
            msg = f"{path[2:] + '.' if len(path) > 1 else ''}{name}: {model.__name__} has no such field"
            raise InvalidRequestError(msg)
        inner = below[name]
        if inner is None:
            continue
        for index, item in enumerate(value) if isinstance(value, (list, tuple)) else ((None, value),):
            if isinstance(item, Mapping):
                _refuse_unknown(item, inner, f"{path}.{name}" + ("" if index is None else f"[{index}]"))


def wire_fields(body: Any) -> dict[str, Any]:
    """A request model as it goes over the wire: fields that are None are left out, models inside likewise."""
    names: tuple[str, ...] = _field_names(cast("Any", type(body)))
    return {name: _wire(value) for name in names if (value := getattr(body, name)) is not None}


def _wire(value: Any) -> Any:
    if attrs.has(type(value)):
        return wire_fields(value)
    if isinstance(value, (list, tuple)):
        return [_wire(item) for item in value]
    if isinstance(value, dict):
        return {name: _wire(item) for name, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        msg = f"JSON holds no {value}"  # and msgspec would write null
        raise ValueError(msg)
    return value


@functools.cache
def _field_names(model: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(model))
