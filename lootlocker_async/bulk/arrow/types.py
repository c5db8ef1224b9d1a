"""Models as Arrow columns, and back.

Nested models become structs, lists and maps stay what they are, amounts become decimals and dates timestamps. Free-form
data, which has no type of its own, is kept as JSON text.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
import pyarrow as pa

from lootlocker_async.bulk.jobs import Job, model_of
from lootlocker_async.bulk.rows import Row, has_own_column
from lootlocker_async.core import serde
from lootlocker_async.errors import InvalidRequestError

__all__ = ["row_reader", "schema_of", "table_of"]

T = TypeVar("T")

Change = Callable[[Any], Any]

_AMOUNT = pa.decimal128(38, 18)
"""What most readers of Parquet take: twenty digits before the point, and eighteen after it."""
_MOMENT = pa.timestamp("us", tz="UTC")
_UNSIGNED = frozenset({"points", "previous_threshold", "next_threshold"})
"""Counts of points, for which the contract says uint64."""
_SCALARS: Mapping[type, pa.DataType] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    Decimal: _AMOUNT,
    datetime: _MOMENT,
}
_AS_THEY_ARE = (datetime, Decimal)


class _Column(NamedTuple):
    """A type of Arrow's, and what a value needs on its way there and back; None for nothing."""

    type: pa.DataType
    there: Change | None = None
    back: Change | None = None


_TEXT = _Column(
    pa.string(),
    lambda value: serde.encode_json(value, free=True).decode(),
    lambda text: msgspec.json.Decoder(float_hook=serde.exact).decode(text),
)


def schema_of(job: Job[Any]) -> pa.Schema:
    """The columns of a job's rows: the id where the model lacks it, and the model's fields."""
    return pa.schema([*_own_column(job), *_columns(job).type])


def _columns(job: Job[Any]) -> _Column:
    model: Any = model_of(job)  # mypy holds no type[T] to be hashable
    return _struct(model, ())


def _own_column(job: Job[Any]) -> list[pa.Field]:
    return [pa.field(job.id_column, _SCALARS[job.id_type], nullable=False)] if has_own_column(job) else []


def table_of(job: Job[T], rows: Sequence[Row[T]]) -> pa.Table:
    """Some rows as a table.

    Raises:
        InvalidRequestError: A value doesn't fit into its column, such as an amount of more digits.
    """
    there = _columns(job).there
    records = [_record(item, there) for _, item in rows]
    if has_own_column(job):
        for (id_, _), record in zip(rows, records, strict=True):
            record[job.id_column] = id_
    try:
        return pa.Table.from_pylist(records, schema=schema_of(job))
    except (pa.ArrowInvalid, OverflowError) as error:
        raise InvalidRequestError(
            f"a row of the job {job.name} doesn't fit into Arrow's types (JSONL takes it): {error}"
        ) from error


def _record(item: object, there: Change | None) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.to_builtins(item, builtin_types=_AS_THEY_ARE)
    return there(record) if there else record


def row_reader(job: Job[T]) -> Callable[[dict[str, Any]], Row[T]]:
    """What makes a row of a table's record."""
    model = model_of(job)
    back = _columns(job).back

    def read(record: dict[str, Any]) -> Row[T]:
        id_ = record[job.id_column]
        plain = back(record) if back else record
        return id_, msgspec.convert(plain, model, strict=False, builtin_types=_AS_THEY_ARE)

    return read


# ---------------------------------------------------------------------------------------------------------------- types
@functools.cache
def _struct(model: Any, above: tuple[Any, ...]) -> _Column:  # noqa: ANN401  (a class, which mypy holds to be unhashable)
    hints = get_type_hints(model)
    fields = {field.name: _column(field.name, hints[field.name], (*above, model)) for field in attrs.fields(model)}
    return _Column(
        pa.struct([pa.field(name, column.type) for name, column in fields.items()]),
        _changes_within({name: column.there for name, column in fields.items()}),
        _changes_within({name: column.back for name, column in fields.items()}),
    )


def _column(name: str, hint: Any, above: tuple[Any, ...]) -> _Column:  # noqa: ANN401  (annotations are of many types)
    if get_origin(hint) in {Union, types.UnionType}:
        some = [part for part in get_args(hint) if part is not types.NoneType]
        # A value of one type or another has no type of Arrow's.
        return _column(name, some[0], above) if len(some) == 1 else _TEXT
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:
        return _list(_column(name, parts[0], above))
    if isinstance(origin, type) and issubclass(origin, Mapping) and parts[0] is str:
        return _map(_column(name, parts[1], above))
    if hint is int and name in _UNSIGNED:
        return _Column(pa.uint64())
    if isinstance(hint, type):
        if hint in _SCALARS:
            return _Column(_SCALARS[hint])
        if issubclass(hint, Enum):
            return _Column(pa.string())
        if attrs.has(hint) and hint not in above:
            return _struct(hint, above)
    return _TEXT


def _list(item: _Column) -> _Column:
    return _Column(pa.list_(item.type), _for_each(item.there), _for_each(item.back))


def _map(value: _Column) -> _Column:
    there, back = value.there or _same, value.back or _same
    return _Column(
        pa.map_(pa.string(), value.type),
        lambda given: [(key, there(inner)) for key, inner in given.items()],
        lambda pairs: {key: back(inner) for key, inner in pairs},
    )


def _same(value: Any) -> Any:  # noqa: ANN401  (whatever it is)
    return value


def _for_each(change: Change | None) -> Change | None:
    if change is None:
        return None
    return lambda items: [None if item is None else change(item) for item in items]


def _changes_within(changes: Mapping[str, Change | None]) -> Change | None:
    """What changes some fields of a record; None where none needs it."""
    needed = {name: change for name, change in changes.items() if change is not None}
    if not needed:
        return None

    def apply(record: dict[str, Any]) -> dict[str, Any]:
        for name, change in needed.items():
            value = record.get(name)
            if value is not None:
                record[name] = change(value)
        return record

    return apply
