"""The one cattrs converter: `to_dict`, `from_dict`, and the tolerant reader behind the fast decoder.

What arrives as another type is converted only where that loses nothing: msgspec decides first, so that both readers
agree wherever both accept, and what it refuses is looked at once more here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from types import NoneType, UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin

import attrs
import cattrs
import msgspec
from cattrs.cols import homogenous_tuple_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn
from cattrs.v import format_exception, transform_error

from lootlocker_async.core.serde import Items, Number, exact, free_fields
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.base import ONE_OR_MANY, OpenEnum, reading, report_drift

T = TypeVar("T")

_PATH = 200
"""Characters of a field's path that are told: the keys of a map are the sender's own."""

_MOST_DIGITS = 4300
"""More digits than these Python turns into no int by itself."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WIRE_NAMES = {"NoneType": "null", "Number": "float", "list": "array", "tuple": "array", "dict": "object"}

_SCALARS = (bool, int, str, float, Decimal)
_TEXT = ((str,), (str, NoneType))
"""The kinds of a field that holds text and nothing else."""


class Misfit(Exception):  # noqa: N818  (told to callers as another error)
    """Data that doesn't fit a model: in words, and the field's path."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def structure(data: Any, into: type[T]) -> T:
    """Make a model of plain data, tolerantly.

    Raises:
        Misfit: It doesn't fit.
    """
    told = reading.told
    mark = len(told) if told else 0
    try:
        return _QUICK.structure(data, into)
    except RecursionError:
        raise
    except Exception:  # noqa: BLE001  (see below; the thorough converter will tell what it was)
        if told:
            del told[mark:]
    try:
        return _CONVERTER.structure(data, into)
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001  (cattrs raises groups and whatever a hook or a class raises)
        message, _, path = transform_error(error, format_exception=_words)[0].partition(" @ $")
        raise Misfit(message, f"${path}" if len(path) < _PATH else f"${path[:_PATH]}...") from None


def to_dict(model: object) -> dict[str, Any]:
    """A model as plain data that JSON can hold: amounts and dates as text, lists as lists.

    A number with a fraction in free-form data (a metadata value) becomes a float where that has all of its digits.
    Otherwise it becomes a float that remembers them for `from_dict`, while whatever writes it as JSON rounds it as any
    float; what is too large for a float becomes an int, or text where it has thousands of digits or a fraction.

    Args:
        model: Any model of this package.

    Returns:
        A dict with every field that holds something; `from_dict` makes an equal model of it. It holds what the model
        holds, secrets included.
    """
    data: dict[str, Any] = _bare(_CONVERTER.unstructure(model))
    return data


def from_dict(into: type[T], data: Mapping[str, Any]) -> T:
    """Make a model of plain data, as tolerantly as an answer is read.

    Args:
        into: The model's class.
        data: What `to_dict` or the service gave.

    Raises:
        InvalidRequestError: The data doesn't fit the model; the text names the field.
    """
    try:
        return structure(data, into)
    except Misfit as misfit:
        msg = f"{into.__name__}: {misfit.message} at {misfit.field}"
        raise InvalidRequestError(msg) from None
    except RecursionError:
        msg = f"{into.__name__}: the data is nested too deeply"
        raise InvalidRequestError(msg) from None


def _words(error: BaseException, kind: type | None) -> str:
    if isinstance(error, RecursionError):
        raise error  # cattrs files it among the misfits, and it is none of one field's
    if isinstance(error, KeyError):
        return "a required field is missing"
    if isinstance(error, (msgspec.ValidationError, ValueError, TypeError)) and error.args:
        return str(error.args[0])
    return format_exception(error, kind)


# ------------------------------------------------------------------------------------------------------------- hooks
def _kinds(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def _scalar_hook(kind: Any) -> Callable[[Any, Any], Any]:
    kinds = _kinds(kind)

    def hook(value: Any, _kind: Any) -> Any:
        return value if type(value) in kinds else _scalar(value, kind, kinds)

    return hook


def _scalar(value: Any, kind: Any, kinds: tuple[Any, ...]) -> Any:
    """A scalar of a kind (or of a union of kinds) from what came as another, if nothing is lost."""
    if type(value) is Number:
        whole = _whole(value) if int in kinds else None
        if whole is not None:
            return whole
        if Decimal in kinds:
            return Decimal(value.text)
        if str in kinds:
            return value.text
        value = float(value)
    elif type(value) is int and kinds in _TEXT:  # the commonest oddity
        return str(value)
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as refusal:
        converted = _lossless(value, kinds)
        if converted is None:
            words = str(refusal).partition(" - at ")[0]
            raise msgspec.ValidationError(words) from None
        return converted


def _lossless(value: Any, kinds: tuple[Any, ...]) -> Any:
    if isinstance(value, bool) or value is None:
        return None
    if str in kinds and isinstance(value, int):
        return str(value)
    if int in kinds and isinstance(value, (float, str)):
        return _whole(value)
    return None


def _whole(value: float | str) -> int | None:
    text = value.text if isinstance(value, Number) else str(value)
    if not _NUMBER.fullmatch(text):
        return None
    try:
        exact = Decimal(text)
        # An exponent in the thousands is nonsense, and writing out its digits would take the loop's time.
        return int(exact) if abs(exact.adjusted()) < 64 and exact == exact.to_integral_value() else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _date(value: Any, kind: Any) -> Any:
    if value == "" and NoneType in get_args(kind):
        report_drift("empty", "date", "''")
        return None
    return msgspec.convert(float(value) if type(value) is Number else value, kind, strict=False)


def _enum(value: Any, kind: type[OpenEnum]) -> OpenEnum:
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        _refuse(value, "str")
    return kind(value)


def _plain_value(value: Any, _kind: Any) -> Any:
    """Free-form data, with numbers as the fast decoder gives them."""
    if isinstance(value, float):
        return exact(value.text if isinstance(value, Number) else repr(value))
    if isinstance(value, dict):
        return {key: _plain_value(item, None) for key, item in value.items()}
    return [_plain_value(item, None) for item in value] if isinstance(value, list) else value


def _is_scalar_union(kind: Any) -> bool:
    kinds = _kinds(kind)
    return len(kinds) > 1 and all(part is NoneType or part in _SCALARS for part in kinds)


def _is_date(kind: Any) -> bool:
    return any(datetime in {part, getattr(part, "__origin__", None)} for part in _kinds(kind))


def _is_of(container: type, kind: Any) -> bool:
    return get_origin(kind) is container


def _refuse(value: Any, word: str) -> NoReturn:
    """Refuse what isn't of the kind that's due, in the words that msgspec has for the wire."""
    kind = type(value).__name__
    msg = f"Expected `{word}`, got `{_WIRE_NAMES.get(kind, kind)}`"
    raise msgspec.ValidationError(msg)


def _model_hook(converter: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    inner = make_dict_structure_fn(kind, converter)
    one_or_many = [field.name for field in attrs.fields(kind) if ONE_OR_MANY in field.metadata]

    def hook(value: Any, _kind: Any) -> Any:
        if type(value) is kind:
            return value
        if type(value) is not dict and not isinstance(value, Mapping):
            _refuse(value, "object")
        for name in one_or_many:
            if isinstance(value.get(name), Mapping):
                value = {**value, name: [value[name]]}
        return inner(value, kind)

    return hook


def _model_out_hook(converter: cattrs.Converter, kind: Any) -> Callable[[Any], Any]:
    inner, free = make_dict_unstructure_fn(kind, converter), free_fields(kind)
    if not free:
        return inner

    def hook(model: Any) -> Any:
        data = inner(model)
        for name in free:
            value = getattr(model, name)
            if value is msgspec.UNSET:
                del data[name]
            else:
                data[name] = _free_out(value)
        return data

    return hook


def _free_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _free_out(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_free_out(item) for item in value]
    return _number_out(value) if isinstance(value, Decimal) else value


def _number_out(value: Decimal) -> float | int | str:
    text = str(value)
    number = Number(text)
    if math.isfinite(number):
        return float(number) if Decimal(repr(float(number))) == value else number
    is_whole = value.adjusted() < _MOST_DIGITS and value == value.to_integral_value()
    return int(value) if is_whole else text


def _tuple_hook(converter: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    item = get_args(kind)[0]
    inner = homogenous_tuple_structure_factory(kind, converter)

    def hook(value: Any, _kind: Any) -> Any:
        if type(value) is Items:
            return tuple(value)
        if type(value) is tuple and {*map(type, value)} <= {item}:
            return value
        if not isinstance(value, (list, tuple)):
            _refuse(value, "array")
        return inner(value, kind)

    return hook


def _dict_hook(converter: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    inner = mapping_structure_factory(kind, converter)

    def hook(value: Any, _kind: Any) -> Any:
        if not isinstance(value, Mapping):
            _refuse(value, "object")
        return inner(value, kind)

    return hook


def _make_converter(*, thorough: bool) -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=thorough)
    for scalar in _SCALARS:
        converter.register_structure_hook(scalar, _scalar_hook(scalar))
    converter.register_structure_hook(OpenEnum, _enum)
    converter.register_structure_hook_factory(_is_scalar_union, _scalar_hook)
    converter.register_structure_hook_func(_is_date, _date)
    converter.register_structure_hook_func(lambda kind: kind in {Any, object}, _plain_value)
    converter.register_structure_hook_factory(partial(_is_of, tuple), partial(_tuple_hook, converter))
    converter.register_structure_hook_factory(partial(_is_of, dict), partial(_dict_hook, converter))
    converter.register_structure_hook_factory(attrs.has, partial(_model_hook, converter))
    converter.register_unstructure_hook_factory(attrs.has, partial(_model_out_hook, converter))
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat())
    return converter


def _bare(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _bare(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_bare(value) for value in data]
    return str.__str__(data) if isinstance(data, str) else data


_CONVERTER = _make_converter(thorough=True)
_QUICK = _make_converter(thorough=False)
"""Says nothing of where data doesn't fit, and takes a third of the time."""
