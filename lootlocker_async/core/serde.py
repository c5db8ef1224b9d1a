"""Bytes to models and back.

Two readers share one definition of each model. msgspec decodes the clean answer straight into attrs classes. What it
refuses is read again by the tolerant reader (cattrs), and of a list only the items that need it. Everything here is
pure: bytes in, model or `Unreadable` out.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Self, TypeVar, cast, get_args, get_type_hints

import attrs
import msgspec

from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.base import collect_drift, reading, report_drift
from lootlocker_async.secret import SecretBytes

T = TypeVar("T")

_COLLECTS_WITHIN = sys.version_info < (3, 12)
"""Whether the garbage collector comes while one page is read, many times over: later Pythons wait for its end."""
_LARGE = 1 << 15
_LOOKED_AT_ONCE = 100

Reason = Literal["json", "utf-8", "shape", "too_deep", "too_large", "empty", "cut"]


class Unreadable(Exception):  # noqa: N818  (told to callers as ResponseDecodeError)
    """Bytes that make no model: why, at which field, and in words."""

    def __init__(self, reason: Reason, message: str, field: str = "$") -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.message = message
        self.field = field


# ------------------------------------------------------------------------------------------------------------ numbers
class Number(float):
    """A JSON number with a fraction or an exponent that remembers its digits."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> Self:
        """Read the digits."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]
        """Travel by the digits."""
        return (self.text,)


def exact(text: str) -> Decimal:
    """A JSON number with every digit.

    Raises:
        msgspec.ValidationError: Its exponent is beyond all measure.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")  # which it is by itself where the caller's decimal context traps nothing
    if not number.is_finite():
        raise msgspec.ValidationError("Number out of range")
    return number


@functools.cache
def decoder(into: Any) -> msgspec.json.Decoder[Any]:
    """The fast decoder for a type; in the free-form data of a model no number loses a digit."""
    return msgspec.json.Decoder(into, strict=False, float_hook=exact if _holds_models(into) else None)


def _holds_models(kind: Any) -> bool:
    return attrs.has(kind) or any(map(_holds_models, get_args(kind)))


def decode(body: bytes, into: type[T]) -> T:
    """Read an answer.

    Raises:
        Unreadable: It can't be made sense of.
    """
    if not body:
        raise Unreadable("empty", "the answer is empty")
    if len(body) < _LARGE or not _COLLECTS_WITHIN or not gc.isenabled():
        return _decode(body, into)
    gc.disable()
    try:
        return _decode(body, into)
    finally:
        gc.enable()


def _decode(body: bytes, into: type[T]) -> T:
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
        raise _no_json(refusal) from None
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
        raise _no_json(error) from None


def _no_json(error: Exception) -> Unreadable:
    """What is wrong with bytes that are no JSON; since its version 0.23, msgspec tells of bad UTF-8 in the same way."""
    if "UTF-8" in str(error):
        return Unreadable("utf-8", "the answer is not UTF-8")
    return Unreadable("json", f"the answer is not JSON ({error})")


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


class Items(tuple[Any, ...]):
    """Models that are read: the tolerant reader needn't look at each of them."""

    __slots__ = ()


def _decode_items(raws: list[msgspec.Raw], item: Any, path: str) -> Items:
    """Read a list item by item: those that the fast decoder takes cost what they cost in one go.

    The others come last and one after the other: the two readers would push each other out of the processor's cache.
    """
    read = decoder(item).decode
    found: list[Any] = []
    odd: list[int] = []
    coming = iter(raws)
    while True:
        try:
            found.extend(map(read, coming))  # what was read before a refusal stays
        except (msgspec.ValidationError, ValueError):
            _take_back(read, raws[len(found)])
            odd.append(len(found))
            found.append(None)
        else:
            break
    for index in odd:
        found[index] = _structure(_plain(raws[index]), item, f"{path}[{index}]")
    return Items(found)


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
    return msgspec.json.Decoder(float_hook=Number)


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
    if found != _empty(into) or not attrs.fields(into):
        return
    try:
        names = decoder(dict[str, msgspec.Raw]).decode(body).keys()
    except UnicodeDecodeError:  # the model's own decoder looks at no name that it doesn't know
        raise Unreadable("utf-8", "the answer is not UTF-8") from None
    except msgspec.DecodeError as error:
        raise Unreadable("json", f"the answer is not JSON ({error})") from None
    if names and not names & {field.name for field in attrs.fields(into)}:
        raise Unreadable("shape", f"the answer has none of the fields of {into.__name__}")


def report_unknown(body: bytes, into: type[Any]) -> None:
    """Tell the drift sink of the fields in an answer that its model doesn't know."""
    if not _is_model(into):
        return
    try:
        found = sorted({one for part in _parts(body, into) for one in _unknown([part], into)})
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The model could be read all the same: what can't be stands in a field that it doesn't know.
        report_drift("unknown", into.__name__, "a field that can't be read")
        return
    for where, name in found:
        report_drift("unknown", where, name)


def _parts(body: bytes, into: Any) -> Iterator[dict[str, Any]]:
    """An answer's data field by field, and of its lists a part at a time: the dicts of a whole page are megabytes."""
    read = decoder(Any).decode
    for name, piece in decoder(dict[str, msgspec.Raw]).decode(body).items():
        if name in _list_fields(into) and memoryview(piece)[0] == ord("["):
            raws = decoder(list[msgspec.Raw]).decode(piece)
            for start in range(0, len(raws), _LOOKED_AT_ONCE):
                yield {name: [read(raw) for raw in raws[start : start + _LOOKED_AT_ONCE]]}
        else:
            yield {name: read(piece)}


def _unknown(found: list[Any], into: Any) -> Iterator[tuple[str, str]]:
    """The unknown fields of all that a model is made of: list by list, as a page holds thousands of the same."""
    objects: list[dict[str, Any]] = []
    while found:
        objects += [one for one in found if isinstance(one, dict)]
        found = [inner for one in found if isinstance(one, list) for inner in one]
    if not objects or not _is_model(into):
        return
    below = _models_below(into)
    for name in set[str]().union(*objects):
        if name not in below:
            yield into.__name__, name
        elif (model := below[name]) is not None:
            yield from _unknown([one[name] for one in objects if name in one], model)


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
    twin = _twin(model)
    if twin is not None:
        try:
            return _encode(msgspec.convert(fields, twin))
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError):
            pass  # the thorough way has the words for it
    try:
        data = {name: value for name, value in fields.items() if value is not None}
        checked = validate(data, model)
        # What holds nothing inside is written as it was given.
        body = _encode(data if _is_plain(model) else wire_fields(checked))
    except InvalidRequestError:
        raise
    except UnicodeEncodeError:
        msg = f"{model.__name__}: a text holds half a character (a lone surrogate)"
        raise InvalidRequestError(msg) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        msg = f"{model.__name__}: what was given can't be written as JSON: {error}"
        raise InvalidRequestError(msg) from None
    return SecretBytes(body) if _is_secret(model) else body


@functools.cache
def _twin(model: Any) -> Any:
    """A Struct that checks and writes what a plain request model does, in a fifth of the time; None where none can."""
    fields = attrs.fields(model)
    plain = _is_plain(model) and not _is_secret(model)
    own_rules = hasattr(model, "__attrs_post_init__") or any(field.validator is not None for field in fields)
    if not plain or own_rules or any(field.default not in {attrs.NOTHING, None} for field in fields):
        return None
    hints = get_type_hints(model, include_extras=True)
    if any(map(_changes, hints.values())):
        return None
    required = [(field.name, hints[field.name]) for field in fields if field.default is attrs.NOTHING]
    others = [(field.name, hints[field.name], None) for field in fields if field.default is None]
    return msgspec.defstruct(
        model.__name__, [*required, *others], forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False
    )


@functools.cache
def _is_plain(model: Any) -> bool:
    return not any(_models_below(model).values()) and not free_fields(model)


def _changes(kind: Any) -> bool:
    """Whether a Struct may hold something else than it was given: a date that was a text, say."""
    return kind in {datetime, Decimal} or any(map(_changes, get_args(kind)))


@functools.cache
def _is_secret(model: Any) -> bool:
    return any(str(field.type).startswith("Secret") for field in attrs.fields(model))


def encode_json(value: object, *, free: bool = False) -> bytes:
    """Write JSON of the caller's own.

    Args:
        value: Plain data, which may hold models.
        free: Whether it is free-form data of the game's, where a Decimal is a number, and no amount as text.

    Raises:
        InvalidRequestError: JSON can't hold it.
    """
    try:
        return _encode(_free(value) if free else _wire(value))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        msg = f"the body can't be written as JSON: {error}"
        raise InvalidRequestError(msg) from None


def validate(fields: Mapping[str, Any], model: type[T]) -> T:
    """Make a request model of its fields, strictly.

    Raises:
        InvalidRequestError: A field is missing, of a wrong type, out of range, or not known.
    """
    kind: Any = model  # mypy holds no type[T] to be hashable
    below = _models_below(kind)
    data = {name: _taken_apart(value, below.get(name)) for name, value in fields.items() if value is not None}
    _refuse_unknown(data, model, "$")
    return _convert(data, model)


def _taken_apart(value: Any, model: Any) -> Any:
    """Models that the caller made as mappings, because msgspec lets whole ones pass without a look inside."""
    if model is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_taken_apart(item, model) for item in value]
    below = _models_below(model)
    if type(value) is not model:
        return value
    return {name: _taken_apart(part, below[name]) for name, part in _given(value)}


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
    free = free_fields(cast("Any", type(body)))
    return {name: _free(value) if name in free else _wire(value) for name, value in _given(body)}


def _given(body: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a request model that hold something; where None is a value too, UNSET stands for nothing."""
    absent: Mapping[str, object] = _absent(cast("Any", type(body)))
    for name, nothing in absent.items():
        value = getattr(body, name)
        if value is not nothing:
            yield name, value


@functools.cache
def _absent(model: Any) -> Mapping[str, object]:
    unset = msgspec.UNSET
    return {field.name: unset if field.default is unset else None for field in attrs.fields(model)}


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


def _free(value: Any) -> Any:
    """Free-form data as it goes over the wire: numbers with every digit, and nothing that JSON doesn't know."""
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise TypeError("the keys of an object have to be texts")
        return {name: _free(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_free(item) for item in value]
    if isinstance(value, Number):
        value = exact(value.text)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"JSON holds no {value}")
        return msgspec.Raw(str(value).encode())
    if value is None or isinstance(value, (str, int, float, msgspec.Raw)) or attrs.has(type(value)):
        return _wire(value)
    raise TypeError(f"JSON holds no {type(value).__name__}")


def models_below(model: Any) -> Iterator[type[Any]]:
    """The models that the fields of a model hold."""
    return (inner for inner in _models_below(model).values() if inner is not None)


@functools.cache
def free_fields(model: Any) -> frozenset[str]:
    """The fields of a model that hold free-form data."""
    return frozenset(name for name, hint in get_type_hints(model).items() if _is_free(hint))


def _is_free(hint: Any) -> bool:
    return hint in {Any, object} or any(map(_is_free, get_args(hint)))
