"""The rows of a job as lines of JSON, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import msgspec

from lootlocker_async.bulk.jobs import Job, Key, model_of
from lootlocker_async.core import serde
from lootlocker_async.errors import ConfigurationError

__all__ = ["Row", "has_own_column", "line_reader", "line_writer"]

T = TypeVar("T")

Row = tuple[Key, T]
"""A row of an export: the id that it belongs to, and its model."""


def has_own_column(job: Job[Any]) -> bool:
    """Whether the model of a job's rows lacks the id, so that it stands in a column of its own before the model's."""
    return job.id_column not in attrs.fields_dict(model_of(job))


def line_writer(job: Job[T]) -> Callable[[Key, T], bytes]:
    """What makes a line of a row, without its end."""
    write: Callable[[object], bytes] = serde.encode_json if _is_free(model_of(job), set()) else msgspec.json.encode
    if not has_own_column(job):
        return lambda _id, item: write(item)
    start = b"{" + msgspec.json.encode(job.id_column) + b":"

    def line(id_: Key, item: T) -> bytes:
        body = write(item)
        return start + msgspec.json.encode(id_) + (b"," if len(body) > len(b"{}") else b"") + body[1:]

    return line


def _is_free(model: Any, seen: set[Any]) -> bool:  # noqa: ANN401  (a class, which mypy holds to be unhashable)
    """Whether a model, or one within it, has free-form data, whose numbers msgspec alone would write as text."""
    if model in seen:
        return False
    seen.add(model)
    return bool(serde.free_fields(model)) or any(_is_free(inner, seen) for inner in serde.models_below(model))


def line_reader(job: Job[T]) -> Callable[[bytes], Row[T]]:
    """What makes a row of a line.

    Raises:
        ConfigurationError: The line is no row of the job (raised by the reader).
    """
    model = model_of(job)
    column = job.id_column
    key = msgspec.defstruct("Key", [(column, job.id_type)])

    def read(line: bytes) -> Row[T]:
        try:
            id_: Key = getattr(msgspec.json.decode(line, type=key), column)
            return id_, serde.decode(line, model)
        except (msgspec.DecodeError, UnicodeDecodeError, serde.Unreadable) as error:
            raise ConfigurationError(f"this is no row of the job {job.name}: {error}") from error

    return read
