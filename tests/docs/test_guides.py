"""The Python in the guides runs: against the emulator, or a stand-in for what the emulator has not got."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Emulator, Fault
from tests.docs import stand_in
from tests.docs.snippets import ROOT, blocks, marks, run
from tests.redis.servers import stand_in as redis_stand_in

DOCS = ROOT / "docs"
ON_THE_EMULATOR = {
    *("index", "sending-again", "errors", "batches", "bulk", "paging", "observability"),
    *("migrating", "proxies-and-tls", "upgrading"),
    *("reference/observers", "reference/helpers"),
}
STOOD_IN_FOR = {"money", "files", "metadata", "catalogs"}
ON_ITS_OWN = {"emulator", "emulator-faults", "emulator-page"}
ON_REDIS = {"many-processes"}
ELSEWHERE = {"fastapi", "game-servers"}  # in tests/web
BY_OTHER_TESTS = {"testing", "cluster"}  # test_testing_chapter.py; what a cluster does, tests/bulk/test_cluster.py
# What a guide names only where it meets the failure that it is about.
MET = {"batches": {"again"}, "sending-again": {"items"}}


def page(name: str) -> Path:
    return DOCS / f"{name}.md"


def with_python() -> set[str]:
    pages = [path for path in DOCS.rglob("*.md") if blocks(path)]
    return {path.relative_to(DOCS).with_suffix("").as_posix() for path in pages}


def test_every_block_is_known() -> None:
    assert with_python() <= ON_THE_EMULATOR | STOOD_IN_FOR | ON_ITS_OWN | ON_REDIS | ELSEWHERE
    run_here = set(DOCS.rglob("*.md")) - {page(name) for name in BY_OTHER_TESTS}
    assert set().union(*map(marks, run_here)) <= {None, "script"}
    assert {path for path in DOCS.rglob("*.md") if blocks(path, "script")} <= {page("paging"), page("testing")}


@pytest.mark.parametrize("name", sorted(with_python() & ON_THE_EMULATOR))
async def test_a_guide_runs_on_the_emulator(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with Emulator() as emulator:
        world = emulator.world
        world.add_leaderboard("daily", type="generic")
        world.add_scores("daily", [(f"team-{number}", number * 10) for number in range(100)])
        player_ids = world.add_players(f"Player {number}" for number in range(1000))
        if name in {"bulk", "migrating"}:
            player_ids = player_ids[:100]
        given = {"player_ids": player_ids, "player_id": player_ids[0], "asset_id": world.add_asset("Emberfang Blade")}
        if name == "sending-again":
            emulator.faults.add(Fault.drop_after_execute("inventories_add_asset", times=1))
        if name == "migrating":
            monkeypatch.setitem(sys.modules, "httpx", httpx2)  # under its older name
        monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", emulator.server_key)
        monkeypatch.setenv("LOOTLOCKER_BASE_URL", emulator.base_url)
        async with LootLockerClient.from_env(backoff_base=0.001) as client:
            names = await run(page(name), client=client, emulator=emulator, **given)
    assert names.keys() >= MET.get(name, set())


async def test_another_process_goes_on_with_a_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (script,) = blocks(page("paging"), "script")
    async with Emulator() as emulator:
        emulator.world.add_leaderboard("daily", type="generic")
        emulator.world.add_scores("daily", [(f"team-{number}", number * 10) for number in range(100)])
        monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", emulator.server_key)
        monkeypatch.setenv("LOOTLOCKER_BASE_URL", emulator.base_url)
        async with LootLockerClient.from_env() as client:
            await run(page("paging"), client=client)
        command = [sys.executable, "-W", "error", "-c", script]
        done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [f"{rank} team-{100 - rank}" for rank in range(43, 101)]


@pytest.mark.parametrize("name", sorted(STOOD_IN_FOR))
async def test_a_guide_runs_on_a_stand_in(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with (
        stand_in.standing_in() as service,
        LootLockerClient("key", base_url=service.base_url, trust_env=False) as client,
    ):
        given = {"player_ulid": stand_in.PLAYER, "leaderboard_ulid": stand_in.LEADERBOARD, "listing": stand_in.LISTING}
        names = await run(page(name), client=client, **given)
        if name == "money":
            service.credits_to_lose = 1
            balance, executed = service.balance, service.credits
            arguments = (client, stand_in.WALLET, stand_in.GOLD, Decimal(7))
            assert await names["credit_once"](*arguments, pause=0) == service.balance == balance + 7
            assert service.credits == executed + 1
        if name == "files":
            assert (tmp_path / "slot-1.sav").read_bytes() == b"level=13"
    assert not service.credentials_at_the_host_of_files
    printed = capsys.readouterr().out
    said = re.findall(r"print\(.*\)  # (.+)", page(name).read_text("utf-8"))
    assert [line for line in said if f"{line}\n" not in printed] == []


@pytest.mark.parametrize("name", sorted(ON_ITS_OWN))
async def test_a_guide_to_the_emulator_runs(name: str) -> None:
    await run(page(name))


@pytest.mark.parametrize("name", sorted(ON_REDIS))
async def test_a_guide_runs_on_the_emulator_and_redis(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Emulator() as emulator:
        emulator.world.add_leaderboard("daily", type="generic")
        monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", emulator.server_key)
        monkeypatch.setenv("LOOTLOCKER_BASE_URL", emulator.base_url)
        with redis_stand_in() as server:
            monkeypatch.setenv("LOOTLOCKER_REDIS_URL", server.url)
            await run(page(name))
        assert emulator.logins == 1
