"""Rows into Parquet and CSV files."""

from __future__ import annotations

import itertools
import math
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
from pyarrow import csv, parquet

from lootlocker_async.bulk.arrow.types import schema_of, table_of
from lootlocker_async.bulk.files import PART, AppendFile, beside, replace, sync
from lootlocker_async.bulk.jobs import Job
from lootlocker_async.bulk.rows import Row
from lootlocker_async.bulk.sinks import State
from lootlocker_async.errors import ConfigurationError

__all__ = ["CsvSink", "ParquetSink"]

T = TypeVar("T")

_ROWS_IN_A_GROUP = 100_000
_ROWS_AT_ONCE = 10_000
"""Rows that are read back at a time: pyarrow needs several times the memory of what it reads."""
_COMPRESSION = "zstd"


class ParquetSink:
    """Rows as a Parquet file, or as a folder of them.

    A Parquet file can't be added to once its end is written, so each commit ends a file of its own in a `.part` folder.
    In the end their row groups are put together, a bounded number of rows at a time.
    """

    def __init__(self, path: Path, job: Job[Any], state: State | None, *, rows_per_file: int | None = None) -> None:
        self._path = path
        self._job = job
        self._rows_per_file = rows_per_file
        self._schema = schema_of(job)
        self._folder = beside(path, PART)
        self._pieces = int(state["pieces"]) if state else 0
        # After a crash between the last names nothing is left to do but to say so.
        self._is_named = self._pieces > 0 and not self._folder.exists() and path.exists()
        if not self._is_named:
            self._begin()
        self._held: list[pa.Table] = []
        self._writer: parquet.ParquetWriter | None = None

    def _begin(self) -> None:
        if not self._pieces:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(exist_ok=self._pieces > 0)
        for number, piece in enumerate(sorted(self._folder.iterdir())):
            if number >= self._pieces or piece != self._piece(number):
                piece.unlink()
        if any(not self._piece(number).exists() for number in range(self._pieces)):
            raise ConfigurationError(f"{self._folder} lacks pieces that its checkpoint speaks of")

    def _piece(self, number: int) -> Path:
        return self._folder / f"{number:08}.parquet"

    def write(self, rows: Sequence[Row[Any]]) -> None:
        """Take some rows."""
        if not rows:
            return
        self._held.append(table_of(self._job, rows))
        if sum(map(len, self._held)) >= _ROWS_IN_A_GROUP:
            self._write_group()

    def _write_group(self) -> None:
        if self._writer is None:
            self._writer = self._open(beside(self._piece(self._pieces), ".new"))
        self._writer.write_table(pa.concat_tables(self._held))
        self._held.clear()

    def _open(self, path: Path) -> parquet.ParquetWriter:
        return parquet.ParquetWriter(path, self._schema, compression=_COMPRESSION)

    def commit(self) -> State:
        """End the present piece, where there is one."""
        if self._held:
            self._write_group()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            _name(beside(self._piece(self._pieces), ".new"), self._piece(self._pieces))
            self._pieces += 1
        return {"pieces": self._pieces}

    def finish(self) -> None:
        """Put the pieces together under the final name."""
        if self._is_named:
            return
        new = beside(self._path, ".new")
        _remove(new)
        if self._rows_per_file is None:
            self._write_file(new, self._groups(_ROWS_IN_A_GROUP))
        else:
            new.mkdir()
            self._fill(new, self._rows_per_file)
        if self._path.is_dir() or new.is_dir():
            _remove(self._path)  # no folder takes another's place
        replace(new, self._path)
        shutil.rmtree(self._folder)

    def _write_file(self, path: Path, groups: Iterable[pa.Table]) -> None:
        with self._open(path) as writer:
            for group in groups:
                writer.write_table(group)
        sync(path)

    def _fill(self, folder: Path, rows: int) -> None:
        """Write files of so many rows, in groups of equal size."""
        groups = math.ceil(rows / _ROWS_IN_A_GROUP)
        coming = self._groups(math.ceil(rows / groups))
        first = next(coming, self._schema.empty_table())  # an export of nothing is one file of nothing
        for number in itertools.count():
            self._write_file(
                folder / f"part-{number:05}.parquet", itertools.chain([first], itertools.islice(coming, groups - 1))
            )
            following = next(coming, None)
            if following is None:
                return
            first = following

    def _groups(self, rows: int) -> Iterator[pa.Table]:
        """All rows of the pieces, so many at a time."""
        held: list[pa.Table] = []
        for number in range(self._pieces):
            with parquet.ParquetFile(self._piece(number), pre_buffer=False) as piece:
                for batch in piece.iter_batches(batch_size=min(rows, _ROWS_AT_ONCE), use_threads=False):
                    held.append(pa.Table.from_batches([batch]))
                    if sum(map(len, held)) >= rows:
                        whole = pa.concat_tables(held)
                        yield whole.slice(0, rows)
                        held = [whole.slice(rows)]
        rest = pa.concat_tables(held) if held else self._schema.empty_table()
        if len(rest):
            yield rest

    def close(self) -> None:
        """Let go of the file that isn't ended."""
        if self._writer is not None:
            self._writer.close()


class CsvSink:
    """Rows as lines of a table; what is nested stands in its column as JSON."""

    def __init__(self, path: Path, job: Job[Any], state: State | None) -> None:
        self._job = job
        self._file = AppendFile(path, int(state["bytes"]) if state else 0)
        if not state:
            self._write(schema_of(job).empty_table(), header=True)

    def write(self, rows: Sequence[Row[Any]]) -> None:
        """Take some rows."""
        if rows:
            self._write(table_of(self._job, rows), header=False)

    def _write(self, table: pa.Table, *, header: bool) -> None:
        buffer = pa.BufferOutputStream()
        csv.write_csv(_flat(table), buffer, csv.WriteOptions(include_header=header))
        self._file.write(buffer.getvalue().to_pybytes())

    def commit(self) -> State:
        """Make all rows so far durable."""
        return {"bytes": self._file.commit()}

    def finish(self) -> None:
        """Give the file its name."""
        self._file.finish()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _flat(table: pa.Table) -> pa.Table:
    columns = {
        field.name: pa.array(
            [
                None if value is None else msgspec.json.encode(value).decode()
                for value in column.to_pylist(maps_as_pydicts="strict")
            ],
            pa.string(),
        )
        if pa.types.is_nested(field.type)
        else column
        for field, column in zip(table.schema, table.columns, strict=True)
    }
    return pa.table(columns)


def _name(new: Path, path: Path) -> None:
    sync(new)
    replace(new, path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
