"""The README's snippets run, in its order, as a reader would run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.client import SECTIONS
from lootlocker_async.emulator import Emulator
from lootlocker_async.emulator.handlers import HANDLERS
from lootlocker_async.routes import all_routes
from tests.docs.snippets import ROOT, blocks, marks, run

PAGE = ROOT / "README.md"
README = PAGE.read_text("utf-8")


def test_every_block_is_known() -> None:
    assert marks(PAGE) == {None, "script", "no-run"}
    assert len(blocks(PAGE, "script")) == 1
    assert len(blocks(PAGE)) >= 3


def test_the_first_script_prints_what_the_readme_says() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks(PAGE, "script")[0]],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [f"`{line}`" in README for line in done.stdout.splitlines()] == [True] * 3


async def test_the_snippets_run_one_after_the_other(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Emulator() as emulator:
        emulator.world.add_leaderboard("daily", type="generic")
        emulator.world.add_scores("daily", [(f"team-{number}", number * 10) for number in range(100)])
        async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
            await run(PAGE, client=client, emulator=emulator)
    printed = capsys.readouterr().out
    assert "whether it was executed is not known" in printed
    assert "404 not_found" in printed
    assert "score: Expected `int`, got `str`" in printed


def test_the_making_of_clients_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", "key-from-env")
    names: dict[str, Any] = {"LootLockerClient": LootLockerClient}
    exec(blocks(PAGE, "no-run")[0], names)
    assert names["client"].config.address == "https://abc123.api.lootlocker.com/server"


def test_the_numbers_are_today_s() -> None:
    words = " ".join(README.split())
    assert f"all {len(all_routes())} operations of the Server API" in words
    assert f"in {len(SECTIONS)} sections" in words
    # The login comes before all that has a handler.
    assert len(HANDLERS) + 1 == len(all_routes())
    assert "the emulator serves every one of them" in words
