"""Exports by a Dask cluster: of real processes, one of which is killed, and of this process's own threads.

It runs in a process of its own (see test_cluster.py): Dask changes for its whole process how exceptions are pickled.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest
from distributed import Client, LocalCluster

from lootlocker_async import (
    BulkStoppedError,
    ClientConfig,
    ConfigurationError,
    InvalidRequestError,
    LootLockerClient,
    bulk,
)
from lootlocker_async.bulk.arrow import read_parquet
from lootlocker_async.bulk.cluster import DatasetReport, export_dataset
from lootlocker_async.emulator import Fault
from tests.bulk.conftest import Game

NOBODY = 99_999_999
KEY = "LOOTLOCKER_SERVER_KEY"


async def test_a_killed_worker_leaves_nothing_out_and_nothing_twice(game: Game, tmp_path: Path) -> None:
    folder = tmp_path / "inventories.parquet"
    ids = [*game.players, NOBODY]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bulk.cluster_run", str(folder),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, KEY: game.emulator.server_key, "LOOTLOCKER_BASE_URL": game.emulator.base_url},
    )  # fmt: skip
    out, err = await process.communicate("\n".join(map(str, ids)).encode())
    assert process.returncode == 0, err.decode()
    assert game.emulator.server_key not in err.decode()
    first, again = json.loads(out)
    clean = await bulk.export(game.client, "inventories", ids, tmp_path / "clean.jsonl")
    assert first == {"ids": 31, "rows": clean.rows, "failed": 1, "resumed": 0}
    assert again == {**first, "resumed": 7}
    assert list(read_parquet(folder, "inventories")) == list(bulk.read_jsonl(clean.path, "inventories"))
    assert {file.name for file in folder.iterdir()} == {
        "_lootlocker.json", "_errors", *(f"part-{number:05}.parquet" for number in range(7)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def cluster() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as workers,
        Client(workers) as client,
    ):
        yield client


@pytest.fixture
def config(game: Game, monkeypatch: pytest.MonkeyPatch) -> ClientConfig:
    monkeypatch.setenv(KEY, game.emulator.server_key)
    return ClientConfig(server_key_env=KEY, base_url=game.emulator.base_url, backoff_base=0.001, retries=0)


async def run(*arguments: Any, **options: Any) -> DatasetReport:
    return await asyncio.to_thread(export_dataset, *arguments, **options)


async def test_partitions_and_progress(game: Game, cluster: Client, config: ClientConfig, tmp_path: Path) -> None:
    told: list[bulk.Progress] = []
    folder = tmp_path / "names.parquet"
    report = await run(cluster, "names", iter(game.players), folder, config, partition_size=7, progress=told.append)
    assert (report.partitions, report.ids, report.rows, report.failed, report.errors) == (5, 30, 30, 0, None)
    assert told[-1].done == told[-1].total == 30
    assert [row.player_id for _, row in read_parquet(folder, "names")] == game.players
    assert len(game.emulator.record.executed("session_start")) == 1


async def test_a_partition_that_fails_is_made_by_the_next_run(
    game: Game, cluster: Client, config: ClientConfig, tmp_path: Path
) -> None:
    folder = tmp_path / "progressions.parquet"
    ids = [*game.players[:9], NOBODY]
    game.emulator.faults.add(Fault.error("player_progressions_list", times=1))
    with pytest.raises(BulkStoppedError) as caught:
        await run(cluster, "progressions", ids, folder, config, partition_size=2, retries=0, stop_after=1)
    assert caught.value.__cause__ is caught.value.__context__ is caught.value.last.__cause__ is None
    made = len(list(folder.glob("part-*")))
    report = await run(cluster, "progressions", ids, folder, config, partition_size=2)
    assert (report.resumed, report.ids, report.failed) == (made, 10, 1)
    assert not (folder / "_running").exists()
    assert report.errors is not None
    (errors,) = report.errors.iterdir()
    assert json.loads(errors.read_bytes())["id"] == NOBODY


async def test_a_folder_changes_no_more_once_its_run_has_raised(
    game: Game, cluster: Client, config: ClientConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "progressions.parquet"
    put = os.replace

    def put_slowly(source: Path, target: Path) -> None:
        if Path(target).parent == folder and Path(target).match("part-*"):
            time.sleep(0.5)  # a slow disk: one partition gets its name while the other one fails
        put(source, target)

    monkeypatch.setattr(os, "replace", put_slowly)
    game.emulator.faults.add(
        Fault.latency("player_progressions_list", seconds=0.1, times=1),
        Fault.error("player_progressions_list", times=1),
    )
    with pytest.raises(BulkStoppedError):
        await run(cluster, "progressions", game.players[:2], folder, config, partition_size=1, retries=0, stop_after=1)
    (made,) = folder.glob("part-*")
    game.emulator.faults.clear()
    report = await run(cluster, "progressions", game.players[:2], folder, config, partition_size=1)
    assert (report.resumed, report.ids) == (1, 2)
    assert made.exists()


async def test_a_folder_of_another_export_is_left_alone(
    game: Game, cluster: Client, config: ClientConfig, tmp_path: Path
) -> None:
    folder = tmp_path / "names.parquet"
    await run(cluster, "names", game.players, folder, config)
    with pytest.raises(ConfigurationError, match="holds another export"):
        await run(cluster, "names", game.players[1:], folder, config)
    with pytest.raises(ConfigurationError, match="holds another export"):
        await run(cluster, "storage", game.players, folder, config)
    report = await run(cluster, "names", game.players[1:], folder, config, restart=True)
    assert (report.ids, report.resumed) == (29, 0)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo").touch()
    with pytest.raises(ConfigurationError, match="is no export of a cluster's, and not empty"):
        await run(cluster, "names", game.players, tmp_path / "mine", config)
    with pytest.raises(ConfigurationError, match="can't be used"):
        await run(cluster, "names", game.players, tmp_path / "mine" / "photo" / "names", config)


async def test_a_key_does_not_travel(game: Game, cluster: Client, tmp_path: Path) -> None:
    config = ClientConfig(server_key=game.emulator.server_key, base_url=game.emulator.base_url)
    with pytest.raises(ConfigurationError, match="a server key does not travel") as caught:
        await run(cluster, "names", game.players, tmp_path / "names.parquet", config)
    assert game.emulator.server_key not in str(caught.value)
    with pytest.raises(InvalidRequestError, match="partition_size"):
        await run(cluster, "names", game.players, tmp_path / "names.parquet", config, partition_size=0)


async def test_without_redis_each_worker_has_a_share_of_the_budget(
    game: Game, config: ClientConfig, tmp_path: Path, cluster: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paces: list[float | None] = []

    class Noting(LootLockerClient):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            paces.append(self.config.calls_per_second)

    monkeypatch.setattr("lootlocker_async.bulk.cluster.LootLockerClient", Noting)
    for workers in (1, 4):
        monkeypatch.setattr(cluster, "scheduler_info", lambda workers=workers, **_: {"workers": range(workers)})
        paced = attrs.evolve(config, calls_per_second=200.0)
        await run(cluster, "names", game.players, tmp_path / f"{workers}.parquet", paced)
    assert paces == [200.0, 50.0]


async def test_shared_state_makes_the_workers_settings(
    game: Game, config: ClientConfig, tmp_path: Path, cluster: Client
) -> None:
    report = await run(cluster, "names", game.players, tmp_path / "n.parquet", config, shared=_Shared())
    assert report.rows == 30
    assert _Shared.asked == [config.base_url]


class _Shared:
    """Stands for what `lootlocker_async.integrations.redis` brings; the real one is tested with a real Redis."""

    asked: ClassVar[list[Any]] = []

    def share(self, config: ClientConfig) -> ClientConfig:
        self.asked.append(config.base_url)
        return config
