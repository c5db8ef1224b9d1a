"""Where the ids of a bulk job come from: any iterable, any async iterable, or a file."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator, Sized
from pathlib import Path
from typing import IO, Generic, TypeVar

import msgspec

from lootlocker_async.core.offloop import off_loop
from lootlocker_async.errors import ConfigurationError

__all__ = ["Ids", "chunks", "count_of", "read_ids"]

K = TypeVar("K")
I = TypeVar("I", int, str)  # noqa: E741  (what ids are)

_NUMBER = re.compile(r"[0-9]+")

_AT_ONCE = 10_000
"""Ids that are read from a file at a time, off the loop."""


class Ids(Generic[K]):
    """Hands out ids one by one, each with its position."""

    def __init__(self, ids: Iterable[K] | AsyncIterable[K]) -> None:
        """Touch nothing yet."""
        self._later: AsyncIterator[K] | None = aiter(ids) if isinstance(ids, AsyncIterable) else None
        self._now: Iterator[K] = iter(()) if isinstance(ids, AsyncIterable) else iter(ids)
        self.at_hand: bool = self._later is None
        self.position: int = 0
        self.is_over: bool = False

    def next_now(self) -> tuple[int, K] | None:
        """The next id and its position, or None at the end, where the ids are no async iterable."""
        if self.is_over or self._later is not None:
            return None
        try:
            id_ = next(self._now)
        except StopIteration:
            self.is_over = True
            return None
        position = self.position
        self.position += 1
        return position, id_

    async def next(self) -> tuple[int, K] | None:
        """The next id and its position, or None at the end; not to be called by two tasks at a time."""
        if self._later is None or self.is_over:
            return self.next_now()
        try:
            id_ = await anext(self._later)
        except StopAsyncIteration:
            self.is_over = True
            return None
        position = self.position
        self.position += 1
        return position, id_

    async def close(self) -> None:
        """Let go of what an async generator holds, such as a file."""
        if isinstance(self._later, AsyncGenerator):
            await self._later.aclose()


def count_of(ids: object) -> int | None:
    """How many ids there are, where that can be told without looking at them."""
    return len(ids) if isinstance(ids, Sized) else None


async def chunks(ids: Iterable[K] | AsyncIterable[K], size: int) -> AsyncGenerator[tuple[K, ...]]:
    """Cut ids into parts, for calls that take several at a time.

    Args:
        ids: The ids.
        size: How many a part holds, from 1; the last may hold fewer.

    Yields:
        The parts, in order.
    """
    coming = Ids(ids)
    part: list[K] = []
    try:
        while (item := await coming.next()) is not None:
            part.append(item[1])
            if len(part) == size:
                yield tuple(part)
                part = []
        if part:
            yield tuple(part)
    finally:
        await coming.close()


async def read_ids(path: str | Path, kind: type[I], *, field: str | None = None) -> AsyncGenerator[I]:
    """Read ids from a file, a few thousand at a time, off the event loop.

    Args:
        path: The file, in UTF-8. `.csv` has a header line and a column of ids, `.jsonl` an object with the id on each
            line, and any other name one id on each line. Empty lines count for nothing.
        kind: What an id is: `int` or `str`.
        field: The column's or the field's name; by default the first column, and `id`.

    Yields:
        The ids, in the file's order.

    Raises:
        ConfigurationError: The file isn't there, or a line of it holds no id; the text names the line.
    """
    reading = _ids_in(Path(path), kind, field)
    try:
        while some := await off_loop(lambda: list(itertools.islice(reading, _AT_ONCE))):
            for id_ in some:
                yield id_
    finally:
        reading.close()


def _ids_in(path: Path, kind: type[I], field: str | None) -> Generator[I]:
    try:
        # The csv module wants to see line ends as they are.
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, value in _values(file, path.suffix.lower(), field):
                id_ = _as(kind, value)
                if id_ is None:
                    due = "a whole number" if kind is int else "an id"
                    raise ConfigurationError(f"{path}, line {number}: there should be {due} here, not {value!r}")
                yield id_
    except (OSError, UnicodeDecodeError, csv.Error, msgspec.DecodeError) as error:
        raise ConfigurationError(f"the ids can't be read from {path}: {error}") from error


def _values(file: IO[str], ending: str, field: str | None) -> Iterator[tuple[int, object]]:
    """The ids of a file with their lines, as they stand there; None where there is none."""
    if ending == ".csv":
        rows = csv.DictReader(file)
        columns = rows.fieldnames or ()
        column = field or next(iter(columns), "")
        if column not in columns:
            raise ConfigurationError(f"{file.name} has no column {column!r}, only {', '.join(columns) or 'none'}")
        for row in rows:
            yield rows.line_num, row[column]
        return
    for number, line in enumerate(file, 1):
        text = line.strip()
        if text:
            yield number, _member(text, field or "id") if ending == ".jsonl" else text


def _member(text: str, field: str) -> object:
    value = msgspec.json.decode(text)
    return value.get(field) if isinstance(value, dict) else None


def _as(kind: type[I], value: object) -> I | None:
    """The id that a value is, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value).strip()
    if not text or (kind is int and not _NUMBER.fullmatch(text)):
        return None
    return kind(text)
