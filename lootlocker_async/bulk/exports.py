"""Exports: a job's rows into a file, with nothing missed and nothing twice, also after a `kill -9`.

Rows are written to a `.part` file. Every few seconds what was written is made durable, and a checkpoint beside it says
how much of the file and how many of the ids that is. Whoever goes on after a crash cuts off what came later and fetches
it again.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs

from lootlocker_async.bulk.files import beside, claim
from lootlocker_async.bulk.jobs import Job, Key, job as job_of
from lootlocker_async.bulk.progress import Meter, Watcher
from lootlocker_async.bulk.rows import Row, line_reader
from lootlocker_async.bulk.running import ERRORS, Running, fetch_all, walk_all
from lootlocker_async.bulk.sources import count_of
from lootlocker_async.core.offloop import off_loop

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient

__all__ = ["ExportReport", "export", "read_jsonl"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class ExportReport:
    """What became of an export.

    Attributes:
        job: The job's name.
        path: The file with the rows.
        ids: How many ids were dealt with, in this run and those that it went on from.
        rows: How many rows there are.
        failed: How many of the ids failed.
        errors: The file that says which and why, one JSON object on a line; None where none did.
        resumed: Whether it went on from an earlier run.
        seconds: How long this run took.
    """

    job: str
    path: Path
    ids: int
    rows: int
    failed: int
    errors: Path | None
    resumed: bool
    seconds: float


async def export(
    client: LootLockerClient,
    job: Job[T] | str,
    ids: Iterable[Key] | AsyncIterable[Key],
    path: str | Path,
    *,
    concurrency: int = 64,
    progress: Watcher | None = None,
    total: int | None = None,
    stop_after: int | None = 100,
    commit_every: float = 5.0,
    rows_per_file: int | None = None,
    restart: bool = False,
) -> ExportReport:
    """Fetch the rows of many ids into a file, in the order of the ids.

    While it runs, `.part` and `.checkpoint` stand beside the file; the file itself appears when all is there. An export
    that was interrupted, in whatever way, goes on where it was when it is called again with the same job, ids and path:
    nothing is missed, and no row is twice. An id whose call fails is put down in `.errors.jsonl` with its error; too
    many failures in a row that aren't the ids' own end the export (`stop_after`).

    Args:
        client: The client to fetch with.
        job: A ready-made job's name (see `JOBS`), or a job.
        ids: The ids, in an order that stays the same when the export is resumed.
        path: The file. Its ending says how rows are written: `.jsonl`, `.parquet` or `.csv` (the last two need the
            extra `arrow`).
        concurrency: How many calls may be under way at a time, as for `map`.
        progress: Told how far it has come, twice a second and in the end.
        total: How many ids there are, for the progress; known by itself for lists.
        stop_after: How many calls in a row may fail for a reason that isn't their id's, as for `map`.
        commit_every: Seconds between checkpoints, above 0.
        rows_per_file: For `.parquet`: make a folder of that name with files of so many rows, from 1; one file by
            default.
        restart: Whether to begin anew where an interrupted export was left.

    Returns:
        What became of it.

    Raises:
        ConfigurationError: The file can't be written, the ending isn't known, or the checkpoint is of another job.
        ImportError: The extra `arrow` is missing.
        InvalidRequestError: An argument or an id doesn't fit, the ids aren't those of the run to go on from, or a value
            doesn't fit into a column of Parquet's or CSV's.
        BulkStoppedError: The job was given up.
        CallError: A long list broke off; what had come of it is kept.
    """
    job = job_of(job) if isinstance(job, str) else job
    path = Path(path)
    with claim(path):
        running = await off_loop(lambda: Running(job, path, commit_every, restart=restart, rows_per_file=rows_per_file))
        state = running.state
        count = count_of(ids) if total is None else total
        meter = Meter(progress, None if job.walk else count, state["rows" if job.walk else "ids"], state["failed"])
        try:
            if job.walk:
                await walk_all(
                    client, job, ids, running, meter, lists=count, concurrency=concurrency, stop_after=stop_after
                )
            else:
                await fetch_all(client, job, ids, running, meter, concurrency=concurrency, stop_after=stop_after)
            await running.finish()
        except BaseException as error:  # whatever ended it: what has come so far is kept
            await running.leave(error)
            raise
    meter.end()
    return ExportReport(
        job=job.name,
        path=path,
        ids=state["ids"],
        rows=state["rows"],
        failed=state["failed"],
        errors=beside(path, ERRORS) if state["failed"] else None,
        resumed=running.is_resumed,
        seconds=meter.progress.seconds,
    )


def read_jsonl(path: str | Path, job: Job[T] | str) -> Iterator[Row[T]]:
    """Read an export's rows back, one by one.

    Args:
        path: The `.jsonl` file.
        job: The job that made it.

    Yields:
        The id and the model of each row.

    Raises:
        ConfigurationError: A line is no row of the job.
    """
    read = line_reader(job_of(job) if isinstance(job, str) else job)
    with Path(path).open("rb") as lines:
        for line in lines:
            yield read(line)
