"""The examples run against the emulator, as a reader would run them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from lootlocker_async.emulator import Emulator, Fault

EXAMPLES = Path(__file__).parents[2] / "examples"


async def run(emulator: Emulator, script: str, *arguments: str) -> str:
    """Run an example in an interpreter of its own, while this loop serves it."""
    environment = {
        **os.environ,
        "LOOTLOCKER_SERVER_KEY": emulator.server_key,
        "LOOTLOCKER_BASE_URL": emulator.base_url,
        "PYTHONPATH": str(EXAMPLES.parent),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        str(EXAMPLES / script),
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, err.decode()) == (0, "")
    return out.decode()


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"export_scores.py", "reconcile_grant.py"}


async def test_export_scores_goes_on_where_it_was(tmp_path: Path) -> None:
    async with Emulator() as emulator:
        emulator.world.add_leaderboard("daily", type="generic")
        emulator.world.add_scores("daily", [(f"m{number}", number) for number in range(5000)])
        target = tmp_path / "scores.jsonl"
        assert await run(emulator, "export_scores.py", "daily", str(target)) == "5000 scores written\n"
        assert await run(emulator, "export_scores.py", "daily", str(target)) == "0 scores written\n"
        entries = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [entry["rank"] for entry in entries] == list(range(1, 5001))


async def test_a_grant_whose_answer_is_lost_is_executed_once() -> None:
    async with Emulator() as emulator:
        player = emulator.world.add_player("Aurelia")
        asset = emulator.world.add_asset("Emberfang Blade")
        emulator.faults.add(Fault.drop_after_execute("inventories_add_asset", times=1))
        printed = await run(emulator, "reconcile_grant.py", str(player), str(asset))
        assert "looking whether it was executed" in printed
        assert "granted as instance" in printed
        assert len(emulator.record.executed("inventories_add_asset")) == 1
        emulator.faults.add(Fault.drop_before_execute("inventories_add_asset", times=1))
        await run(emulator, "reconcile_grant.py", str(player), str(asset))
        emulator.faults.add(Fault.half_answer("inventories_add_asset", times=1))
        assert "looking whether it was executed" in await run(emulator, "reconcile_grant.py", str(player), str(asset))
        assert len(emulator.record.executed("inventories_add_asset")) == 3
        assert emulator.world.inventory_size(player) == 3
