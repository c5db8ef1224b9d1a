"""Exports: what is in the files, and that an interruption of any kind leaves nothing out and nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import (
    BulkStoppedError,
    ConfigurationError,
    InvalidRequestError,
    LootLockerClient,
    ServerError,
    bulk,
    from_dict,
)
from lootlocker_async.bulk import running
from lootlocker_async.bulk.rows import line_reader, line_writer
from lootlocker_async.core.observers import AttemptEnded, Event
from lootlocker_async.core.pagination import Paginator
from lootlocker_async.emulator import Fault
from lootlocker_async.models.inventories import InventoryItem
from tests.bulk.conftest import Game

NOBODY = 99_999_999


async def whole(game: Game, job: str, ids: Any, path: Path, **options: Any) -> bytes:
    report = await bulk.export(game.client, job, ids, path, **options)
    assert report.path == path
    assert sorted(file.name for file in path.parent.iterdir() if file.name.startswith(path.name)) == (
        [path.name, f"{path.name}.errors.jsonl"] if report.failed else [path.name]
    )
    content = path.read_bytes()  # noqa: ASYNC240
    assert content.count(b"\n") == report.rows
    return content


def fail_after(game: Game, answers: int, operation: str) -> None:
    """Let an operation fail for good once the client has had some answers."""

    def count(event: Event) -> None:
        nonlocal answers
        if isinstance(event, AttemptEnded) and event.operation == operation:
            answers -= 1
            if not answers:
                game.emulator.faults.add(Fault.error(operation))

    game.client.observe(count)


# ------------------------------------------------------------------------------------------------- what is in the files
@pytest.mark.parametrize("name", ["inventories", "progressions", "names", "storage"])
async def test_jobs_over_players_read_back_as_equal_models(game: Game, tmp_path: Path, name: str) -> None:
    job = bulk.JOBS[name]
    report = await bulk.export(game.client, job, game.players, tmp_path / "rows.jsonl")
    found = list(bulk.read_jsonl(report.path, name))
    assert job.fetch is not None
    expected = [row for id_ in game.players for row in await job.fetch(game.client, [id_])]
    assert found == expected
    assert (report.job, report.ids, report.rows, report.failed) == (name, 30, len(expected), 0)
    assert report.errors is None
    assert not report.resumed


async def test_ranks_and_scores_read_back_as_equal_models(game: Game, tmp_path: Path) -> None:
    board = game.boards[0]
    entries = await game.client.leaderboards.list_scores(board).collect()
    report = await bulk.export(game.client, "scores", game.boards, tmp_path / "scores.jsonl")
    found = list(bulk.read_jsonl(report.path, "scores"))
    assert [entry for key, entry in found if key == board] == entries
    assert len(found) == report.rows > 5000

    members = [entry.member_id for entry in entries[:20]]
    report = await bulk.export(game.client, "ranks", members, tmp_path / "ranks.jsonl")
    ranks = list(bulk.read_jsonl(report.path, "ranks"))
    assert {member for member, _ in ranks} == set(members)
    assert {rank.leaderboard_key for _, rank in ranks} >= {board}


async def test_wallets_and_balances_keep_every_digit(game: Game, tmp_path: Path) -> None:
    gold = game.emulator.world.add_currency("gold")
    holder_id = (await game.client.players.create(platform="steam", player_identifier="rich")).player_ulid
    wallet_id = (await game.client.balances.create_wallet(holder_id=holder_id, holder_type="player")).wallet_id
    await game.client.balances.credit(amount="0.1000000000000000000000001", currency_id=gold, wallet_id=wallet_id)
    report = await bulk.export(game.client, "wallets", [holder_id], tmp_path / "wallets.jsonl")
    ((holder, wallet),) = bulk.read_jsonl(report.path, "wallets")
    assert (holder, wallet) == (holder_id, await game.client.balances.get_wallet(wallet_id))
    report = await bulk.export(game.client, "balances", [wallet_id], tmp_path / "balances.jsonl")
    ((_, balance),) = bulk.read_jsonl(report.path, "balances")
    assert str(balance.amount) == "0.1000000000000000000000001"
    assert json.loads(report.path.read_text("utf-8"))["amount"] == "0.1000000000000000000000001"


async def test_the_id_comes_first_where_the_model_lacks_it(game: Game, tmp_path: Path) -> None:
    report = await bulk.export(game.client, "inventories", game.players[:1], tmp_path / "rows.jsonl")
    first = json.loads(report.path.read_text("utf-8").splitlines()[0])
    assert next(iter(first)) == "player_id"
    assert first["player_id"] == game.players[0]


def test_free_form_numbers_are_written_as_numbers() -> None:
    job = bulk.JOBS["inventories"]
    property_ = {"key": "k", "value": "v", "bone_overrides": {"x": 0.30000000000000004}}
    asset = {"id": 1, "uuid": "u", "ulid": "u", "name": "n", "variation_info": [{"id": 1, "properties": [property_]}]}
    item = from_dict(InventoryItem, {"instance_id": 1, "asset": asset})
    line = line_writer(job)(7, item)
    assert line_reader(job)(line) == (7, item)
    assert "Decimal" not in line.decode()


async def test_lines_that_are_no_rows_are_told(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    for line in ("{}", "[", '{"leaderboard_key": "a"}', '{"leaderboard_key": 1}'):
        file.write_text(line + "\n", "utf-8")
        with pytest.raises(ConfigurationError, match="this is no row of the job scores"):
            list(bulk.read_jsonl(file, "scores"))


# --------------------------------------------------------------------------------------------------------------- errors
@pytest.mark.parametrize("name", ["inventories", "progressions", "storage"])
async def test_ids_that_fail_are_put_down_and_the_others_fetched(game: Game, tmp_path: Path, name: str) -> None:
    ids = [*game.players[:10], NOBODY, *game.players[10:], NOBODY + 1]
    report = await bulk.export(game.client, name, ids, tmp_path / "rows.jsonl")
    assert (report.ids, report.failed) == (32, 2)
    assert report.errors is not None
    told = [json.loads(line) for line in report.errors.read_text("utf-8").splitlines()]
    assert [(line["id"], line["error"], line["status"]) for line in told] == [
        (NOBODY, "NotFoundError", 404),
        (NOBODY + 1, "NotFoundError", 404),
    ]
    assert all(line["request_id"] and line["trace_id"] for line in told)
    assert [id_ async for id_ in bulk.read_ids(report.errors, int)] == [NOBODY, NOBODY + 1]
    without = await bulk.export(game.client, name, game.players, tmp_path / "without.jsonl")
    assert report.path.read_bytes() == without.path.read_bytes()


async def test_errors_of_an_earlier_export_do_not_stay(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    report = await bulk.export(game.client, "progressions", [NOBODY], path)
    assert report.errors is not None
    report = await bulk.export(game.client, "progressions", game.players, path)
    assert report.errors is None
    assert [file.name for file in tmp_path.iterdir()] == ["rows.jsonl"]  # noqa: ASYNC240


async def test_a_board_that_is_not_there_is_put_down(game: Game, tmp_path: Path) -> None:
    keys = ["nowhere", *game.boards]
    told: list[bulk.Progress] = []
    report = await bulk.export(game.client, "scores", keys, tmp_path / "rows.jsonl", progress=told.append)
    assert report.failed == 1
    assert report.ids == len(keys)
    assert told[-1].done == told[-1].total == report.rows
    assert told[-1].failed == 1


async def test_ids_of_a_wrong_type_fail_alone(game: Game, tmp_path: Path) -> None:
    ids: list[Any] = [game.players[0], "x", game.players[1]]
    report = await bulk.export(game.client, "names", ids, tmp_path / "rows.jsonl")
    assert (report.rows, report.failed) == (2, 1)


async def test_a_service_that_is_gone_ends_the_export_and_it_goes_on_later(game: Game, tmp_path: Path) -> None:
    clean = await whole(game, "inventories", game.players, tmp_path / "clean.jsonl")
    client = game.client.with_options(retries=0)
    game.emulator.faults.add(Fault.error("inventories_list_for_player"))
    path = tmp_path / "rows.jsonl"
    with pytest.raises(BulkStoppedError) as caught:
        await bulk.export(client, "inventories", game.players, path, stop_after=3, concurrency=1)
    assert isinstance(caught.value.last, ServerError)
    assert not path.exists()
    game.emulator.faults.clear()
    report = await bulk.export(client, "inventories", game.players, path)
    # Those that failed before the job was given up stay put down as failed, and can be fetched by that file.
    assert report.errors is not None
    missing = [id_ async for id_ in bulk.read_ids(report.errors, int)]
    assert len(missing) == report.failed == 2
    again = await bulk.export(client, "inventories", missing, tmp_path / "again.jsonl")
    lines = path.read_bytes() + again.path.read_bytes()
    assert sorted(lines.splitlines()) == sorted(clean.splitlines())


async def test_a_list_that_breaks_off_goes_on_from_there(game: Game, tmp_path: Path) -> None:
    clean = await whole(game, "scores", game.boards, tmp_path / "clean.jsonl")
    client = game.client.with_options(retries=0)
    fail_after(game, 1, "leaderboards_list_scores")
    path = tmp_path / "rows.jsonl"
    with pytest.raises(ServerError) as caught:
        await bulk.export(client, "scores", game.boards, path, concurrency=1)
    assert "broke off; the export goes on from there" in caught.value.__notes__[0]
    assert 0 < len((tmp_path / "rows.jsonl.part").read_bytes()) < len(clean)
    game.emulator.faults.clear()
    report = await bulk.export(client, "scores", game.boards, path)
    assert report.resumed
    assert path.read_bytes() == clean


# -------------------------------------------------------------------------------------------------------- interruptions
_KILLED_AFTER = {"scores": ("leaderboards_list_scores", 4), "inventories": ("inventories_list_for_player", 9)}
"""How many answers each process has; it waits for ever for the next one, and so never comes to the end by itself."""


async def killed_twice(game: Game, name: str, path: Path, ids: Any) -> None:
    """Let processes export, and kill each when it has come further than the one before."""
    operation, answers = _KILLED_AFTER[name]
    checkpoint = path.with_name(path.name + ".checkpoint")
    seen = 0
    for _ in range(2):
        game.emulator.faults.add(Fault.slow_body(operation, seconds=0, pieces=1, times=answers))
        game.emulator.faults.add(Fault.slow_body(operation, seconds=3600))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bulk.exporter", game.emulator.base_url, name, str(path), *map(str, ids),
            stdin=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(game.emulator.server_key.encode() + b"\n")
        await process.stdin.drain()
        while (rows := json.loads(checkpoint.read_bytes())["rows"] if checkpoint.exists() else 0) <= seen:
            assert process.returncode is None
            await asyncio.sleep(0.002)
        seen = rows
        process.send_signal(signal.SIGKILL)
        process.stdin.close()
        await process.wait()
        game.emulator.faults.clear()
    assert not path.exists()  # noqa: ASYNC240


@pytest.mark.parametrize("name", ["inventories", "scores"])
async def test_a_killed_process_leaves_nothing_out_and_nothing_twice(game: Game, tmp_path: Path, name: str) -> None:
    ids = game.players if name == "inventories" else game.boards
    clean = await whole(game, name, ids, tmp_path / "clean.jsonl")
    path = tmp_path / "rows.jsonl"
    await killed_twice(game, name, path, ids)
    with (tmp_path / "rows.jsonl.part").open("ab") as part:
        part.write(b'{"half a')  # what was under way when it was killed
    assert await whole(game, name, ids, path) == clean


async def test_a_cancelled_export_keeps_all_that_had_come(game: Game, tmp_path: Path) -> None:
    clean = await whole(game, "scores", game.boards, tmp_path / "clean.jsonl")
    path = tmp_path / "rows.jsonl"
    told: list[bulk.Progress] = []

    def cancel_at_once(progress: bulk.Progress) -> None:
        told.append(progress)
        task.cancel()

    game.emulator.faults.add(Fault.latency("leaderboards_list_scores", seconds=0.3))
    task = asyncio.create_task(
        bulk.export(game.client, "scores", game.boards, path, concurrency=1, progress=cancel_at_once)
    )
    with pytest.raises(asyncio.CancelledError):
        await task
    state = json.loads((tmp_path / "rows.jsonl.checkpoint").read_bytes())
    assert state["rows"] == told[0].done > 0
    game.emulator.faults.clear()
    assert await whole(game, "scores", game.boards, path) == clean


@pytest.mark.parametrize("ending", [".part", ".errors.jsonl.part", ".checkpoint"])
async def test_a_crash_between_the_last_names_is_made_good(
    game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    ids = [*game.players, NOBODY]
    clean = await whole(game, "inventories", ids, tmp_path / "clean.jsonl")
    path = tmp_path / "rows.jsonl"

    def breaking(method: Any) -> Any:
        def instead(self: Path, *arguments: Any, **options: Any) -> Any:
            if self.name == path.name + ending:
                raise OSError("the machine is gone")
            return method(self, *arguments, **options)

        return instead

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", breaking(Path.replace))
        patch.setattr(Path, "unlink", breaking(Path.unlink))
        with pytest.raises(OSError, match="the machine is gone"):
            await bulk.export(game.client, "inventories", ids, path)
    assert await whole(game, "inventories", ids, path) == clean
    assert len((tmp_path / "rows.jsonl.errors.jsonl").read_bytes().splitlines()) == 1


async def test_a_full_disk_leaves_the_last_checkpoint(
    game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = await whole(game, "inventories", game.players, tmp_path / "clean.jsonl")
    path = tmp_path / "rows.jsonl"
    saved = 0
    real = running.save_state

    def full(*arguments: Any) -> None:
        nonlocal saved
        saved += 1
        if saved > 3:
            raise OSError("no space left on device")
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(running, "save_state", full)
        with pytest.raises(OSError, match="no space left"):
            await bulk.export(game.client, "inventories", game.players, path, commit_every=1e-9)
    assert json.loads((tmp_path / "rows.jsonl.checkpoint").read_bytes())["ids"] == 3
    assert await whole(game, "inventories", game.players, path) == clean


async def test_a_checkpoint_that_can_not_be_written_is_noted_on_what_ended_the_export(
    game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(running, "save_state", full)
    game.emulator.faults.add(Fault.error("inventories_list_for_player"))
    with pytest.raises(BulkStoppedError) as caught:
        await bulk.export(
            game.client.with_options(retries=0), "inventories", game.players, tmp_path / "rows.jsonl", stop_after=1
        )
    assert "no space left on device" in caught.value.__notes__[0]


async def test_an_export_goes_on_only_with_the_same_job_and_ids(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    fail_after(game, 20, "inventories_list_for_player")
    client = game.client.with_options(retries=0)
    with pytest.raises(BulkStoppedError):
        await bulk.export(client, "inventories", game.players, path, stop_after=1, concurrency=1)
    game.emulator.faults.clear()
    with pytest.raises(ConfigurationError, match=r"is the checkpoint of another job \('inventories'\)"):
        await bulk.export(client, "progressions", game.players, path)
    with pytest.raises(InvalidRequestError, match="resume belongs to other ids"):
        await bulk.export(client, "inventories", game.players[1:], path)
    report = await bulk.export(client, "inventories", game.players[:5], path, restart=True)
    assert (report.ids, report.resumed) == (5, False)


async def test_a_part_that_lost_bytes_is_refused(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    client = game.client.with_options(retries=0)
    fail_after(game, 20, "inventories_list_for_player")
    with pytest.raises(BulkStoppedError):
        await bulk.export(client, "inventories", game.players, path, stop_after=1, concurrency=1)
    os.truncate(tmp_path / "rows.jsonl.part", 10)
    with pytest.raises(ConfigurationError, match=r"rows.jsonl.part holds 10 bytes, but its checkpoint speaks of \d+"):
        await bulk.export(client, "inventories", game.players, path)
    (tmp_path / "rows.jsonl.checkpoint").write_text("{", "utf-8")
    with pytest.raises(ConfigurationError, match=r"the checkpoint .* can't be read"):
        await bulk.export(client, "inventories", game.players, path)


# --------------------------------------------------------------------------------------------------------------- places
async def test_two_exports_do_not_write_to_one_file(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    game.emulator.faults.add(Fault.latency("inventories_list_for_player", seconds=0.2))
    async with asyncio.TaskGroup() as group:
        group.create_task(bulk.export(game.client, "inventories", game.players, path))
        await asyncio.sleep(0)
        with pytest.raises(ConfigurationError, match="another process is exporting to"):
            await bulk.export(game.client, "inventories", game.players, path)
    assert path.exists()
    assert not (tmp_path / "rows.jsonl.lock").exists()


async def test_where_nothing_can_be_written_is_told(game: Game, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing can be written to"):
        await bulk.export(game.client, "inventories", game.players, tmp_path / "nowhere" / "rows.jsonl")
    (tmp_path / "rows.jsonl.part").mkdir()
    with pytest.raises(ConfigurationError, match="nothing can be written to"):
        await bulk.export(game.client, "inventories", game.players, tmp_path / "rows.jsonl")


async def test_a_job_and_an_ending_are_known_by_name(game: Game, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no bulk job 'gold', only balances, inventories"):
        await bulk.export(game.client, "gold", [1], tmp_path / "rows.jsonl")
    with pytest.raises(ConfigurationError, match=r"rows.txt should end in .jsonl, .parquet or .csv"):
        await bulk.export(game.client, "names", [1], tmp_path / "rows.txt")


async def test_an_export_of_nothing_is_an_empty_file(game: Game, tmp_path: Path) -> None:
    assert await whole(game, "names", [], tmp_path / "names.jsonl") == b""
    assert await whole(game, "scores", iter([]), tmp_path / "scores.jsonl") == b""


async def test_a_job_of_ones_own(game: Game, tmp_path: Path) -> None:
    async def top(client: LootLockerClient, ids: Any) -> list[tuple[str, Any]]:
        (key,) = ids
        return [(key, await client.leaderboards.get(key))]

    job = bulk.Job[Any](
        name="boards", about="Boards.", id_type=str, id_column="board", model="leaderboards:Leaderboard", fetch=top
    )
    report = await bulk.export(game.client, job, game.boards, tmp_path / "boards.jsonl")
    assert [key for key, _ in bulk.read_jsonl(report.path, job)] == game.boards


async def test_progress_of_a_long_list_counts_rows(game: Game, tmp_path: Path) -> None:
    told: list[bulk.Progress] = []
    report = await bulk.export(game.client, "scores", game.boards[:1], tmp_path / "s.jsonl", progress=told.append)
    assert told[-1].done == told[-1].total == report.rows
    assert told[-1].left == 0


async def test_pages_of_a_long_list_are_on_their_way_side_by_side(game: Game, tmp_path: Path) -> None:
    widths: list[int] = []
    real = Paginator.__init__

    def note(self: Any, *arguments: Any, **options: Any) -> None:
        widths.append(options.get("concurrency", 1))
        real(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Paginator, "__init__", note)
        await bulk.export(game.client, "scores", game.boards, tmp_path / "scores.jsonl")
    assert max(widths) == 8
