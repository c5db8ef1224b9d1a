"""Exports read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
from pyarrow import parquet

from lootlocker_async.bulk.arrow.types import row_reader, schema_of
from lootlocker_async.bulk.jobs import Job, job as job_of
from lootlocker_async.bulk.rows import Row
from lootlocker_async.errors import ConfigurationError

__all__ = ["read_parquet"]

T = TypeVar("T")

_AT_ONCE = 10_000


def read_parquet(path: str | Path, job: Job[T] | str) -> Iterator[Row[T]]:
    """Read a Parquet export's rows back, one by one.

    Args:
        path: The file, or the folder of files.
        job: The job that made it.

    Yields:
        The id and the model of each row, equal to those that were exported.

    Raises:
        ConfigurationError: It isn't there, or isn't an export of the job.
    """
    path, job = Path(path), job_of(job) if isinstance(job, str) else job
    read = row_reader(job)
    for file in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
        try:
            opened = parquet.ParquetFile(file)
        except (OSError, pa.ArrowInvalid) as error:
            raise ConfigurationError(f"{file} can't be read: {error}") from error
        with opened:
            if not opened.schema_arrow.equals(schema_of(job)):
                raise ConfigurationError(f"{file} doesn't have the columns of the job {job.name}")
            for batch in opened.iter_batches(batch_size=_AT_ONCE):
                for record in batch.to_pylist():
                    yield read(record)
