"""Where the rows of an export go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from lootlocker_async.bulk.files import AppendFile
from lootlocker_async.bulk.jobs import Job
from lootlocker_async.bulk.rows import Row, line_writer
from lootlocker_async.errors import ConfigurationError

__all__ = ["JsonlSink", "Sink", "open_sink"]

T_contra = TypeVar("T_contra", contravariant=True)

State = Mapping[str, Any]
"""What a sink needs to know to go on from a commit, fit for JSON."""


class Sink(Protocol[T_contra]):
    """Takes rows. All of it blocks, and is called off the event loop, by one thread at a time.

    A sink is made with the state of the commit to go on from, or None for a new one; what was written after that commit
    is gone. `finish` or `close` ends it.
    """

    def write(self, rows: Sequence[Row[T_contra]]) -> None:
        """Take some rows."""

    def commit(self) -> State:
        """Make all rows so far durable, and tell what is needed to go on from here."""
        ...

    def finish(self) -> None:
        """Give everything its final name."""

    def close(self) -> None:
        """Let go of files, and leave what is there for whoever goes on."""


class JsonlSink:
    """Rows as lines of JSON."""

    def __init__(self, path: Path, job: Job[Any], state: State | None) -> None:
        self._file = AppendFile(path, int(state["bytes"]) if state else 0)
        self._line = line_writer(job)

    def write(self, rows: Sequence[Row[Any]]) -> None:
        """Take some rows."""
        line = self._line
        self._file.write(b"".join([line(id_, item) + b"\n" for id_, item in rows]))

    def commit(self) -> State:
        """Make all rows so far durable."""
        return {"bytes": self._file.commit()}

    def finish(self) -> None:
        """Give the file its name."""
        self._file.finish()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def open_sink(path: Path, job: Job[Any], state: State | None, *, rows_per_file: int | None = None) -> Sink[Any]:
    """The sink for a file, by its ending.

    Raises:
        ConfigurationError: The ending is none that is known, or none that takes several files.
        ImportError: A library for it is missing.
    """
    ending = path.suffix.lower()
    if rows_per_file is not None and ending != ".parquet":
        raise ConfigurationError(f"{path.name} can't be several files: only a name that ends in .parquet can")
    if ending == ".jsonl":
        return JsonlSink(path, job, state)
    if ending in {".parquet", ".csv"}:
        from lootlocker_async.bulk import arrow

        if ending == ".csv":
            return arrow.CsvSink(path, job, state)
        return arrow.ParquetSink(path, job, state, rows_per_file=rows_per_file)
    raise ConfigurationError(f"{path.name} should end in .jsonl, .parquet or .csv: that says how rows are written")
