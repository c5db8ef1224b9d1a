"""Exports by more than one machine, over Dask `distributed`: ids in partitions, a file for each.

It needs the extra `dask`: `pip install 'lootlocker-async[dask]'`.

Every process of the cluster has one client, in an event loop of its own thread. A partition is exported under a name
that nobody else uses and gets its own when it is whole, so a partition that two workers came to make, because one of
them seemed lost, is there once.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import threading
import time
import uuid
import zlib
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs
import msgspec

from lootlocker_async.bulk.exports import ExportReport, export
from lootlocker_async.bulk.files import load_state, replace, save_state
from lootlocker_async.bulk.jobs import Job, Key, job as job_of
from lootlocker_async.bulk.progress import Meter, Watcher
from lootlocker_async.client import LootLockerClient
from lootlocker_async.config import ClientConfig
from lootlocker_async.errors import BulkStoppedError, ConfigurationError, InvalidRequestError, LootLockerError
from lootlocker_async.extras import missing

try:
    from distributed import Client, as_completed, get_worker
    from distributed.diagnostics.plugin import WorkerPlugin
    from pyarrow import parquet
except ImportError as _error:
    raise missing(_error, "An export by a cluster", "dask", "distributed", "dask", "pyarrow") from _error

if TYPE_CHECKING:
    from lootlocker_async.integrations.redis import SharedState

__all__ = ["DatasetReport", "PartitionReport", "export_dataset"]

T = TypeVar("T")

_VERSION = 1
_ABOUT = "_lootlocker.json"
_RUNNING = "_running"
_ERRORS = "_errors"


@attrs.frozen(kw_only=True)
class PartitionReport:
    """What became of one partition.

    Attributes:
        number: Its number, from 0.
        ids: How many ids it has.
        rows: How many rows they gave.
        failed: How many of the ids failed.
    """

    number: int
    ids: int
    rows: int
    failed: int


@attrs.frozen(kw_only=True)
class DatasetReport:
    """What became of a cluster's export.

    Attributes:
        job: The job's name.
        path: The folder of Parquet files.
        partitions: How many partitions there are.
        ids: How many ids.
        rows: How many rows.
        failed: How many ids failed.
        errors: The folder of files that say which and why, one JSON object on a line; None where none did.
        resumed: How many of the partitions earlier runs had made.
    """

    job: str
    path: Path
    partitions: int
    ids: int
    rows: int
    failed: int
    errors: Path | None
    resumed: int


def export_dataset(
    cluster: Client,
    job: Job[Any] | str,
    ids: Iterable[Key],
    path: str | Path,
    config: ClientConfig,
    *,
    shared: SharedState | None = None,
    partition_size: int = 10_000,
    concurrency: int = 64,
    stop_after: int | None = 100,
    retries: int = 2,
    progress: Watcher | None = None,
    restart: bool = False,
) -> DatasetReport:
    """Have a cluster fetch the rows of many ids into a folder of Parquet files, one for each partition of the ids.

    It blocks until all is there; in an event loop, call it by `asyncio.to_thread`. Called again with the same job, ids
    and path, it makes the partitions that are missing and leaves the others as they are. A partition whose worker is
    lost is made by another one.

    Args:
        cluster: The Dask client. Its workers have to be processes that have this package, and reach `path`.
        job: A ready-made job's name (see `JOBS`), or a job made of functions of a module that the workers have.
        ids: The ids.
        path: The folder, on a file system that all workers see under this name.
        config: The settings of the workers' clients. The key has to be given as where to find it (`server_key_env`, or
            a function of a module), never as itself. `calls_per_second` is the budget of the whole cluster.
        shared: What the workers share through Redis: one login and one budget. Without it each worker logs in by
            itself, and has the fixed share of the budget that falls to it of the workers there are at the start.
        partition_size: How many ids a partition has, from 1. What is lost with a worker is at most as much for each of
            its threads.
        concurrency: How many calls a partition may have under way at a time, as for `map`.
        stop_after: How many calls in a row may fail for a reason that isn't their id's, as for `map`.
        retries: How often a partition that failed is tried again, on whatever worker.
        progress: Told how many ids are done, after each partition.
        restart: Whether to begin anew where another export was left in the folder.

    Returns:
        What became of it.

    Raises:
        ConfigurationError: The key would have to travel, the folder can't be used, or it holds another export.
        LootLockerError: A partition failed for good, and nothing is under way any more. Those that are there stay, for
            the next run.
    """
    job = job_of(job) if isinstance(job, str) else job
    if partition_size < 1:
        raise InvalidRequestError(f"partition_size should be a whole number from 1, not {partition_size!r}")
    if isinstance(config.server_key, str):
        raise ConfigurationError(
            "a server key does not travel to the workers of a cluster: give server_key_env or a callable instead"
        )
    folder = Path(path)
    parts = _parts(ids, partition_size)
    _claim(folder, job, parts, restart=restart)
    made = {part.number for part in parts if part.file(folder).exists()}
    plugin = _Process(f"lootlocker-{uuid.uuid4().hex}", _share_of(config, cluster, shared), shared)
    cluster.register_plugin(plugin, name=plugin.name)
    try:
        reports = _run(
            cluster, job, folder, parts, plugin.name,
            concurrency=concurrency, stop_after=stop_after, retries=retries, progress=progress,
        )  # fmt: skip
    finally:
        cluster.unregister_worker_plugin(plugin.name)  # type: ignore[no-untyped-call]
    shutil.rmtree(folder / _RUNNING, ignore_errors=True)  # what lost workers left behind
    failed = sum(report.failed for report in reports)
    return DatasetReport(
        job=job.name,
        path=folder,
        partitions=len(parts),
        ids=sum(report.ids for report in reports),
        rows=sum(report.rows for report in reports),
        failed=failed,
        errors=folder / _ERRORS if failed else None,
        resumed=len(made),
    )


# ----------------------------------------------------------------------------------------------------------- partitions
@attrs.frozen
class _Part:
    number: int
    ids: tuple[Key, ...]

    @property
    def name(self) -> str:
        return f"part-{self.number:05}"

    def file(self, folder: Path) -> Path:
        return folder / f"{self.name}.parquet"

    def errors(self, folder: Path) -> Path:
        return folder / _ERRORS / f"{self.name}.jsonl"


def _parts(ids: Iterable[Key], size: int) -> list[_Part]:
    coming = iter(ids)
    some: Iterator[tuple[Key, ...]] = iter(lambda: tuple(itertools.islice(coming, size)), ())
    return [_Part(number, part) for number, part in enumerate(some)]


def _claim(folder: Path, job: Job[Any], parts: Sequence[_Part], *, restart: bool) -> None:
    """See that the folder is new, or of the same export.

    Raises:
        ConfigurationError: It is neither.
    """
    about = {
        "v": _VERSION,
        "job": job.name,
        "partitions": len(parts),
        "ids": zlib.crc32(msgspec.json.encode([part.ids for part in parts])),
    }
    try:
        if restart:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        found = load_state(folder / _ABOUT)
        if found is None and any(folder.iterdir()):
            raise ConfigurationError(f"{folder} is no export of a cluster's, and not empty")
        if found not in (None, about):
            raise ConfigurationError(f"{folder} holds another export, of other ids or another job: use restart=True")
        save_state(folder / _ABOUT, about)
        for name in (_RUNNING, _ERRORS):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} can't be used: {error}") from error


def _share_of(config: ClientConfig, cluster: Client, shared: SharedState | None) -> ClientConfig:
    """A worker's settings: its share of the budget, where nothing else sees to the whole."""
    if shared is not None or config.calls_per_second is None:
        return config
    workers = max(1, len(cluster.scheduler_info(n_workers=-1)["workers"]))
    return attrs.evolve(config, calls_per_second=config.calls_per_second / workers)


def _run(
    cluster: Client,
    job: Job[Any],
    folder: Path,
    parts: Sequence[_Part],
    plugin: str,
    *,
    concurrency: int,
    stop_after: int | None,
    retries: int,
    progress: Watcher | None,
) -> list[PartitionReport]:
    # The keys are what the dashboard shows: the progress of a job is that of its tasks.
    futures = cluster.map(
        _make_part, parts, key=[f"lootlocker-{job.name}-{plugin[-8:]}-{part.number}" for part in parts],
        plugin=plugin, job=job, folder=folder, concurrency=concurrency, stop_after=stop_after,
        retries=retries, pure=False,
    )  # fmt: skip
    meter = Meter(progress, sum(len(part.ids) for part in parts), 0, time=time.monotonic)
    reports: list[PartitionReport] = []
    try:
        for future in as_completed(futures):  # type: ignore[no-untyped-call]
            report: PartitionReport = future.result()
            reports.append(report)
            meter.count(report.ids, failed=report.failed)
            future.release()
    except BaseException:  # one partition failed, or whoever waits was interrupted: no further one is begun
        cluster.cancel(futures)  # type: ignore[no-untyped-call]
        raise
    meter.end()
    return reports


# ---------------------------------------------------------------------------------------------------------- in a worker
def _make_part(
    part: _Part, *, plugin: str, job: Job[Any], folder: Path, concurrency: int, stop_after: int | None
) -> PartitionReport:
    """Make a partition's file, unless it is there."""
    process = cast("_Process", get_worker().plugins[plugin])
    try:
        return process.make(part, job, folder, concurrency=concurrency, stop_after=stop_after)
    except LootLockerError as error:
        failure = _alone(error)
    # Out here nothing is chained to it: Dask sends an error's whole chain, where our own pickles hold no more than the
    # error itself, which has been seen to be free of secrets.
    raise failure


def _alone(error: LootLockerError) -> LootLockerError:
    """An equal error without its cause, its context and its traceback."""
    make, arguments = error.__reduce__()
    twin: LootLockerError = make(*arguments)
    if isinstance(twin, BulkStoppedError):
        twin.last = _alone(twin.last)
    return twin


class _Process(WorkerPlugin):
    """What a worker's process has: one client, in an event loop of its own thread."""

    def __init__(self, name: str, config: ClientConfig, shared: SharedState | None) -> None:
        self.name = name
        self._config = config
        self._shared = shared
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: LootLockerClient | None = None

    def setup(self, worker: object) -> None:
        """Begin in a worker's process."""
        del worker
        config = self._config if self._shared is None else self._shared.share(self._config)
        self._client = LootLockerClient(config=config)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._turn, args=(self._loop,), name="lootlocker", daemon=True).start()

    @staticmethod
    def _turn(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    def teardown(self, worker: object) -> None:
        """Close the client, and end the loop."""
        del worker
        if self._loop is not None and self._client is not None:
            self._wait(_end(self._client))
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = self._client = None

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None  # noqa: S101  (`setup` made it)  # nosec B101
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def make(
        self, part: _Part, job: Job[Any], folder: Path, *, concurrency: int, stop_after: int | None
    ) -> PartitionReport:
        """Make a partition's file, unless it is there."""
        return self._wait(self._make(part, job, folder, concurrency=concurrency, stop_after=stop_after))

    async def _make(
        self, part: _Part, job: Job[Any], folder: Path, *, concurrency: int, stop_after: int | None
    ) -> PartitionReport:
        assert self._client is not None  # noqa: S101  (`setup` made it)  # nosec B101
        if not part.file(folder).exists():
            running = folder / _RUNNING / f"{part.name}-{uuid.uuid4().hex}.parquet"
            try:
                report = await export(
                    self._client, job, part.ids, running, concurrency=concurrency, stop_after=stop_after
                )
                await asyncio.to_thread(_name, part, report, folder)
            finally:
                await asyncio.to_thread(_clean, running)
        return await asyncio.to_thread(_report, part, folder)


async def _end(client: LootLockerClient) -> None:
    """Close a client, and see the partitions end that go by it: once a run is over, its folder changes no more."""
    await client.close(0)
    making = asyncio.all_tasks() - {asyncio.current_task()}
    if making:
        await asyncio.wait(making)


def _name(part: _Part, report: ExportReport, folder: Path) -> None:
    """Give a partition that is whole its place in the dataset."""
    if report.errors is None:
        part.errors(folder).unlink(missing_ok=True)  # an earlier try's
    else:
        replace(report.errors, part.errors(folder))
    replace(report.path, part.file(folder))


def _clean(running: Path) -> None:
    """Remove what a partition that broke off left behind."""
    for left in running.parent.glob(f"{running.name}*"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def _report(part: _Part, folder: Path) -> PartitionReport:
    errors = part.errors(folder)
    failed = len(errors.read_bytes().splitlines()) if errors.exists() else 0
    rows: int = parquet.read_metadata(part.file(folder)).num_rows
    return PartitionReport(number=part.number, ids=len(part.ids), rows=rows, failed=failed)
