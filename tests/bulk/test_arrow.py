"""Exports to Parquet and CSV: columns, equal models on the way back, and interruptions."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest
from pyarrow import parquet

from lootlocker_async import BulkStoppedError, ConfigurationError, InvalidRequestError, bulk, from_dict
from lootlocker_async.bulk.arrow import read_parquet, schema_of, sinks
from lootlocker_async.bulk.arrow.types import row_reader, table_of
from lootlocker_async.models.balances import Wallet, WalletBalance
from lootlocker_async.models.inventories import InventoryItem
from lootlocker_async.models.progressions import ProgressionState
from tests.bulk.conftest import Game
from tests.bulk.test_exports import fail_after, killed_twice

CURRENCY = {"id": "c", "name": "Gold", "code": "gold"}


def there_and_back(name: str, *items: Any) -> list[Any]:
    job = bulk.JOBS[name]
    key: Any = 1 if job.id_type is int else "x"
    table = table_of(job, [(key, item) for item in items])
    assert table.schema.equals(schema_of(job))
    read = row_reader(job)
    return [read(record)[1] for record in table.to_pylist()]


# -------------------------------------------------------------------------------------------------------------- columns
def test_types_of_columns() -> None:
    scores = schema_of(bulk.JOBS["scores"])
    assert scores.names[0] == "leaderboard_key"
    assert not scores.field("leaderboard_key").nullable
    assert scores.field("score").type == pa.int64()
    assert pa.types.is_struct(scores.field("player").type)
    balances = schema_of(bulk.JOBS["balances"])
    assert "wallet_id" in balances.names
    assert balances.names.count("wallet_id") == 1
    assert balances.field("amount").type == pa.decimal128(38, 18)
    assert balances.field("created_at").type == pa.timestamp("us", tz="UTC")
    assert balances.field("holder_type").type == pa.string()
    assert schema_of(bulk.JOBS["progressions"]).field("points").type == pa.uint64()
    asset = schema_of(bulk.JOBS["inventories"]).field("asset").type
    assert pa.types.is_map(asset.field("links").type)
    assert pa.types.is_list(asset.field("files").type)


@pytest.mark.parametrize("amount", ["0", "-1.5", "99999999999999999999.999999999999999999", "0.000000000000000001"])
def test_amounts_keep_their_digits(amount: str) -> None:
    balance = from_dict(
        WalletBalance,
        {"amount": amount, "currency": CURRENCY, "wallet_id": "x", "created_at": "2026-01-02T03:04:05.123456Z",
         "holder_type": "guild", "holder_id": None},
    )  # fmt: skip
    (back,) = there_and_back("balances", balance)
    assert back == balance
    assert back.amount == Decimal(amount)
    assert not back.holder_type.is_known


@pytest.mark.parametrize("amount", ["100000000000000000000", "0.0000000000000000001"])
def test_amounts_of_more_digits_are_refused_and_not_rounded(amount: str) -> None:
    balance = from_dict(WalletBalance, {"amount": amount, "currency": CURRENCY, "wallet_id": "x"})
    with pytest.raises(InvalidRequestError, match=r"a row of the job balances doesn't fit .*\(JSONL takes it\)"):
        there_and_back("balances", balance)


def test_points_up_to_uint64_and_ids_up_to_int64() -> None:
    state = {"id": "i", "progression_id": "p", "progression_key": "k", "step": 2**63 - 1, "points": 2**64 - 1,
             "previous_threshold": 0, "next_threshold": None, "last_level_up": None}  # fmt: skip
    most = from_dict(ProgressionState, state)
    assert there_and_back("progressions", most) == [most]
    with pytest.raises(InvalidRequestError, match="doesn't fit"):
        there_and_back("progressions", attrs.evolve(most, step=2**63))


def test_nested_lists_maps_and_free_form_data() -> None:
    bones = {"arm": {"length": Decimal("0.1000000000000000000001")}, "leg": None, "odd": [1, "two"]}
    property_ = {"material_path": "m", "binding_path": "b", "bone_id": 1, "bone_overrides": bones}
    variation = {"id": 1, "name": "Red", "properties": [property_], "links": {"a": "b"}}
    asset = {"id": 1, "uuid": "u", "ulid": "u", "name": "Sword", "variations": [variation], "links": {"x": "y"},
             "default_loadouts": {"head": True}, "filters": [{"name": "n", "value": "v"}]}  # fmt: skip
    item = from_dict(InventoryItem, {"instance_id": 1, "asset": asset})
    empty = from_dict(InventoryItem, {"instance_id": 2, "asset": None, "rental": {"is_rental": True, "time_left": 5}})
    assert there_and_back("inventories", item, empty) == [item, empty]


def test_a_list_of_models_with_nothing_in_it() -> None:
    wallet = from_dict(Wallet, {"holder_id": "x", "id": "w", "type": "player", "modifiers": []})
    assert there_and_back("wallets", wallet) == [wallet]


# ---------------------------------------------------------------------------------------------------------------- files
@pytest.mark.parametrize("name", ["inventories", "names", "storage", "progressions", "scores"])
async def test_parquet_reads_back_as_equal_models(game: Game, tmp_path: Path, name: str) -> None:
    ids: Any = game.boards if name == "scores" else game.players
    report = await bulk.export(game.client, name, ids, tmp_path / "rows.parquet")
    lines = await bulk.export(game.client, name, ids, tmp_path / "rows.jsonl")
    assert list(read_parquet(report.path, name)) == list(bulk.read_jsonl(lines.path, name))
    assert report.rows == lines.rows == parquet.read_metadata(report.path).num_rows
    assert {file.name for file in tmp_path.iterdir()} == {"rows.parquet", "rows.jsonl"}  # noqa: ASYNC240


async def test_a_folder_of_files_of_so_many_rows(game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "_ROWS_IN_A_GROUP", 300)
    path = tmp_path / "scores.parquet"
    single = await bulk.export(game.client, "scores", game.boards, path)
    rows = list(read_parquet(path, "scores"))
    assert parquet.read_metadata(path).row_group(0).num_rows == 300
    for _ in range(2):  # the second in place of the first
        report = await bulk.export(game.client, "scores", game.boards, path, rows_per_file=1000)
        files = sorted(path.iterdir())
        counts = [parquet.read_metadata(file).num_rows for file in files]
        assert counts[:-1] == [1000] * (len(counts) - 1)
        assert sum(counts) == report.rows == single.rows
        assert list(read_parquet(path, "scores")) == rows
    await bulk.export(game.client, "scores", game.boards, path)
    assert path.is_file()


async def test_an_export_of_nothing_has_its_columns(game: Game, tmp_path: Path) -> None:
    await bulk.export(game.client, "names", [], tmp_path / "one.parquet")
    assert parquet.read_schema(tmp_path / "one.parquet").equals(schema_of(bulk.JOBS["names"]))
    await bulk.export(game.client, "names", [], tmp_path / "many.parquet", rows_per_file=10)
    assert list(read_parquet(tmp_path / "many.parquet", "names")) == []
    await bulk.export(game.client, "names", [], tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text("utf-8").startswith('"player_id","ulid"')


async def test_csv_has_nested_values_as_json(game: Game, tmp_path: Path) -> None:
    report = await bulk.export(game.client, "inventories", game.players, tmp_path / "rows.csv", commit_every=1e-9)
    expected = await bulk.export(game.client, "inventories", game.players, tmp_path / "rows.jsonl")
    with report.path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == report.rows
    for row, (player_id, item) in zip(rows, bulk.read_jsonl(expected.path, "inventories"), strict=True):
        assert int(row["player_id"]) == player_id
        assert int(row["instance_id"]) == item.instance_id
        assert item.asset is not None
        asset = json.loads(row["asset"])
        assert asset["name"] == item.asset.name
        assert asset["links"] == dict(item.asset.links)
        assert row["variation_id"] == ("" if item.variation_id is None else str(item.variation_id))


@pytest.mark.parametrize(("name", "options"), [("inventories", {}), ("scores", {"rows_per_file": 700})])
async def test_a_killed_process_leaves_nothing_out_and_nothing_twice(
    game: Game, tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    ids: Any = game.players if name == "inventories" else game.boards
    await bulk.export(game.client, name, ids, tmp_path / "clean.parquet")
    path = tmp_path / "rows.parquet"
    await killed_twice(game, name, path, ids)
    report = await bulk.export(game.client, name, ids, path, **options)
    assert report.resumed
    assert list(read_parquet(path, name)) == list(read_parquet(tmp_path / "clean.parquet", name))
    assert {file.name for file in tmp_path.iterdir()} == {"clean.parquet", "rows.parquet"}  # noqa: ASYNC240


@pytest.mark.parametrize("step", ["folder", "checkpoint"])
async def test_a_crash_between_the_last_names_is_made_good(
    game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "rows.parquet"

    def breaking(work: Any, name: str) -> Any:
        def instead(target: Path, *arguments: Any, **options: Any) -> Any:
            if target.name == name and path.exists():
                raise OSError("the machine is gone")
            return work(target, *arguments, **options)

        return instead

    with monkeypatch.context() as patch:
        if step == "folder":
            patch.setattr(sinks.shutil, "rmtree", breaking(shutil.rmtree, "rows.parquet.part"))
        else:
            patch.setattr(Path, "unlink", breaking(Path.unlink, "rows.parquet.checkpoint"))
        with pytest.raises(OSError, match="the machine is gone"):
            await bulk.export(game.client, "names", game.players, path)
    report = await bulk.export(game.client, "names", game.players, path)
    assert (report.resumed, report.rows) == (True, 30)
    assert len(list(read_parquet(path, "names"))) == 30


async def test_pieces_that_are_gone_are_missed(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    fail_after(game, 10, "inventories_list_for_player")
    client = game.client.with_options(retries=0)
    with pytest.raises(BulkStoppedError):
        await bulk.export(client, "inventories", game.players, path, stop_after=1, concurrency=1)
    shutil.rmtree(tmp_path / "rows.parquet.part")
    with pytest.raises(ConfigurationError, match=r"rows.parquet.part lacks pieces"):
        await bulk.export(client, "inventories", game.players, path)
    game.emulator.faults.clear()
    report = await bulk.export(client, "inventories", game.players, path, restart=True)
    assert not report.resumed


async def test_a_value_that_does_not_fit_ends_the_export(game: Game, tmp_path: Path) -> None:
    gold = game.emulator.world.add_currency("gold")
    holder_id = (await game.client.players.create(platform="steam", player_identifier="rich")).player_ulid
    wallet_id = (await game.client.balances.create_wallet(holder_id=holder_id, holder_type="player")).wallet_id
    await game.client.balances.credit(amount=10**25, currency_id=gold, wallet_id=wallet_id)
    with pytest.raises(InvalidRequestError, match="doesn't fit into Arrow's types"):
        await bulk.export(game.client, "balances", [wallet_id], tmp_path / "rows.parquet")
    report = await bulk.export(game.client, "balances", [wallet_id], tmp_path / "rows.jsonl")
    ((_, balance),) = bulk.read_jsonl(report.path, "balances")
    assert balance.amount == 10**25


async def test_what_is_no_export_of_the_job_is_told(game: Game, tmp_path: Path) -> None:
    await bulk.export(game.client, "names", game.players, tmp_path / "names.parquet")
    with pytest.raises(ConfigurationError, match="doesn't have the columns of the job scores"):
        list(read_parquet(tmp_path / "names.parquet", "scores"))
    with pytest.raises(ConfigurationError, match="can't be read"):
        list(read_parquet(tmp_path / "nothing.parquet", "names"))
    with pytest.raises(ConfigurationError, match=r"only a name that ends in .parquet can"):
        await bulk.export(game.client, "names", game.players, tmp_path / "names.jsonl", rows_per_file=10)


async def test_without_pyarrow_the_error_names_the_extra(
    game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("lootlocker_async.bulk.arrow")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(bulk, "arrow", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'lootlocker-async\[arrow\]'"):
        await bulk.export(game.client, "names", game.players, tmp_path / "names.parquet")
