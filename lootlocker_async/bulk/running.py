"""An export while it runs: its files, what its checkpoint says, and the two kinds of work.

Rows of ordinary jobs are fetched whole for each id, many ids at a time. Lists that may be too long for memory are
walked page by page, one after the other, with the first pages of the next ones fetched ahead.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from lootlocker_async.bulk.files import AppendFile, beside, load_state, save_state
from lootlocker_async.bulk.jobs import Job, Key
from lootlocker_async.bulk.mapping import map as map_ids
from lootlocker_async.bulk.progress import Meter
from lootlocker_async.bulk.rows import Row
from lootlocker_async.bulk.sinks import Sink, open_sink
from lootlocker_async.bulk.sources import chunks
from lootlocker_async.bulk.workers import is_about_the_id
from lootlocker_async.core.offloop import off_loop
from lootlocker_async.errors import CallError, ConfigurationError, InvalidRequestError, LootLockerError

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient
    from lootlocker_async.core.pagination import Checkpoint, Page, Paginator

__all__ = ["ERRORS", "Running", "fetch_all", "walk_all"]

T = TypeVar("T")

CHECKPOINT = ".checkpoint"
ERRORS = ".errors.jsonl"

_VERSION = 1
_BATCH = 5000
"""Rows that are written at a time, off the loop."""
_LISTS = 8
"""Long lists whose first pages are fetched ahead, and pages of one list that are on their way at a time."""


class Running(Generic[T]):
    """The files of an export that runs, and what its checkpoint will say.

    Attributes:
        state: What the checkpoint says: counts, how far the ids are done, and where in a long list it stands.
        is_resumed: Whether an earlier run was found.
    """

    def __init__(
        self, job: Job[T], path: Path, commit_every: float, *, restart: bool, rows_per_file: int | None
    ) -> None:
        """Open the files. Blocks.

        Raises:
            ConfigurationError: They can't be written, or the checkpoint is of another job.
        """
        self._checkpoint = beside(path, CHECKPOINT)
        found = None if restart else _usable(load_state(self._checkpoint), job, self._checkpoint)
        self.is_resumed: bool = found is not None
        self.state: dict[str, Any] = found or {
            "v": _VERSION, "job": job.name, "at_once": job.at_once, "done": None, "walk": None,
            "ids": 0, "rows": 0, "before": 0, "failed": 0, "sink": None, "errors": 0,
        }  # fmt: skip
        try:
            self._sink: Sink[T] = open_sink(path, job, self.state["sink"], rows_per_file=rows_per_file)
            self._errors = AppendFile(beside(path, ERRORS), self.state["errors"])
        except OSError as error:
            raise ConfigurationError(f"nothing can be written to {path}: {error}") from error
        self._rows: list[Row[T]] = []
        self._failures: list[bytes] = []
        self._commit_every = commit_every
        self._committed = time.monotonic()
        self._is_torn = False

    def take(self, rows: Sequence[Row[T]]) -> None:
        """Take rows, to be written soon."""
        self._rows.extend(rows)
        self.state["rows"] += len(rows)

    def fail(self, id_: Key, error: LootLockerError) -> None:
        """Put down what became of an id."""
        self._failures.append(_failure(id_, error))
        self.state["failed"] += 1

    async def keep_up(self) -> None:
        """Write and commit what is due."""
        now = time.monotonic()
        if now - self._committed >= self._commit_every:
            await self._run(self._commit)
            self._committed = now
        elif len(self._rows) + len(self._failures) >= _BATCH:
            await self._run(self._write)

    async def _run(self, work: Callable[[], None]) -> None:
        self._is_torn = True
        await off_loop(work)

    def _write(self) -> None:
        rows, self._rows = self._rows, []
        failures, self._failures = self._failures, []
        self._sink.write(rows)
        if failures:
            self._errors.write(b"".join(failures))
        self._is_torn = False

    def _commit(self) -> None:
        self._write()
        self._is_torn = True
        self.state["sink"] = self._sink.commit()
        self.state["errors"] = self._errors.commit()
        save_state(self._checkpoint, self.state)
        self._is_torn = False

    async def finish(self) -> None:
        """Write everything, and give the files their names."""
        await self._run(self._finish)

    def _finish(self) -> None:
        self._commit()
        self._is_torn = True
        self._sink.finish()
        if self.state["failed"]:
            self._errors.finish()
        else:
            self._errors.discard()
        self._checkpoint.unlink()

    async def leave(self, error: BaseException) -> None:
        """Keep what has come, for whoever goes on."""
        try:
            if not self._is_torn:
                await off_loop(self._commit)
        except OSError as second:
            error.add_note(f"The checkpoint could not be written, and stays as it was: {second}")
        finally:
            self._sink.close()
            self._errors.close()


def _usable(state: dict[str, Any] | None, job: Job[Any], checkpoint: Path) -> dict[str, Any] | None:
    """The state of an earlier run, if it is one of this job.

    Raises:
        ConfigurationError: It is another's.
    """
    if state is None:
        return None
    if (state.get("v"), state.get("job"), state.get("at_once")) != (_VERSION, job.name, job.at_once):
        raise ConfigurationError(
            f"{checkpoint} is the checkpoint of another job ({state.get('job')!r}); begin anew with restart=True"
        )
    return state


def _failure(id_: Key, error: LootLockerError) -> bytes:
    told: dict[str, Any] = {"id": id_, "error": type(error).__name__, "message": str(error)}
    for name in ("status", "code", "request_id", "trace_id"):
        told[name] = getattr(error, name, None)
    return msgspec.json.encode(told) + b"\n"


# -------------------------------------------------------------------------------------------------- two kinds of work
async def fetch_all(
    client: LootLockerClient,
    job: Job[T],
    ids: Iterable[Key] | AsyncIterable[Key],
    running: Running[T],
    meter: Meter,
    *,
    concurrency: int,
    stop_after: int | None,
) -> None:
    """Fetch the rows of each id, many ids at a time, and take them in order.

    Raises:
        LootLockerError: What no further call makes sense after; see `map`.
    """
    state = running.state

    async def fetch(group: tuple[Key, ...]) -> _Fetched[T]:
        return await _fetch(client, job, group)

    results = map_ids(
        fetch, chunks(ids, job.at_once), concurrency=concurrency, ordered=True, resume=state["done"],
        stop_after=stop_after,
    )  # fmt: skip
    async with aclosing(results):
        async for group, found in results:
            fetched = _Fetched([], [(id_, found) for id_ in group]) if isinstance(found, LootLockerError) else found
            running.take(fetched.rows)
            for id_, error in fetched.failures:
                running.fail(id_, error)
            state["ids"] += len(group)
            state["done"] = results.checkpoint
            meter.width = results.width
            meter.count(len(group), failed=len(fetched.failures))
            await running.keep_up()


class _Fetched(NamedTuple, Generic[T]):
    rows: Sequence[Row[T]]
    failures: list[tuple[Key, LootLockerError]]


async def _fetch(client: LootLockerClient, job: Job[T], group: tuple[Key, ...]) -> _Fetched[T]:
    """Fetch the rows of some ids; where the service refuses them because of one, find out which."""
    assert job.fetch is not None  # noqa: S101  (jobs that walk don't come here)  # nosec B101
    try:
        return _Fetched(await job.fetch(client, group), [])
    except (CallError, InvalidRequestError) as error:
        if not is_about_the_id(error):
            raise
        if len(group) == 1:
            return _Fetched([], [(group[0], error)])
    middle = len(group) // 2
    first, second = [await _fetch(client, job, part) for part in (group[:middle], group[middle:])]
    return _Fetched([*first.rows, *second.rows], first.failures + second.failures)


async def walk_all(
    client: LootLockerClient,
    job: Job[T],
    ids: Iterable[Key] | AsyncIterable[Key],
    running: Running[T],
    meter: Meter,
    *,
    lists: int | None,
    concurrency: int,
    stop_after: int | None,
) -> None:
    """Walk through the rows of each id, one id after the other, and take them page by page.

    Raises:
        LootLockerError: A list broke off, or what no further call makes sense after; see `map`.
    """
    assert job.walk is not None  # noqa: S101  (the others don't come here)  # nosec B101
    walk, state = job.walk, running.state
    width = min(concurrency, _LISTS)
    meter.width = width
    expected: int = state["before"]

    async def begin(id_: Key) -> tuple[Page[T], Checkpoint]:
        broken_off = state["walk"] if state["walk"] and state["walk"]["id"] == id_ else None
        pages = walk(client, id_, resume=broken_off and broken_off["place"])
        return await pages, pages.checkpoint

    async def take(id_: Key, page: Page[T], place: Checkpoint) -> None:
        running.take([(id_, item) for item in page])
        state["walk"] = {"id": id_, "place": place}
        meter.count(len(page))
        await running.keep_up()

    results = map_ids(
        begin, ids, concurrency=width, buffer=width, ordered=True, resume=state["done"], stop_after=stop_after
    )
    async with aclosing(results):
        async for id_, found in results:
            if isinstance(found, LootLockerError):
                running.fail(id_, found)
                meter.count(0, failed=1)
            else:
                page, place = found
                if lists is not None:
                    expected += page.total or 0
                    meter.total = expected if state["ids"] + 1 == lists else None
                await take(id_, page, place)
                if page.next is not None:
                    await _go_on(walk(client, id_, resume=place, concurrency=width), id_, take)
            state.update(walk=None, ids=state["ids"] + 1, before=state["rows"], done=results.checkpoint)
            await running.keep_up()


async def _go_on(pages: Paginator[T], id_: Key, take: Callable[[Key, Page[T], Checkpoint], Awaitable[None]]) -> None:
    """Walk through the rest of a list."""
    try:
        async with aclosing(pages.pages()) as coming:
            async for page in coming:
                await take(id_, page, pages.checkpoint)
    except CallError as error:
        error.add_note(f"The list of {id_!r} broke off; the export goes on from there when it is called again.")
        raise
