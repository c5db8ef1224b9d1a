"""The README's snippets run, in its order, as a reader would run them."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Emulator
from lootlocker_async.routes import all_routes

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"(?:<!-- (?P<mark>[a-z-]+) -->\n)?```python\n(?P<code>.*?)```", re.DOTALL)


def blocks(mark: str | None) -> list[str]:
    return [found["code"] for found in BLOCK.finditer(README) if found["mark"] == mark]


def test_every_block_is_known() -> None:
    assert {found["mark"] for found in BLOCK.finditer(README)} == {None, "script", "no-run"}
    assert len(blocks("script")) == 1
    assert len(blocks(None)) >= 3


def test_the_first_script_prints_what_the_readme_says() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks("script")[0]],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [f"`{line}`" in README for line in done.stdout.splitlines()] == [True] * 3


async def test_the_snippets_run_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    async with Emulator() as emulator:
        emulator.world.add_leaderboard("daily", type="generic")
        emulator.world.add_scores("daily", [(f"team-{number}", number * 10) for number in range(100)])
        async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
            names: dict[str, Any] = {"client": client, "emulator": emulator}
            for number, code in enumerate(blocks(None)):
                compiled = compile(code, f"README block {number}", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                running = eval(compiled, names)
                if inspect.iscoroutine(running):
                    await running
    printed = capsys.readouterr().out
    assert "whether it was executed is not known" in printed
    assert "404 not_found" in printed
    assert "score: Expected `int`, got `str`" in printed


def test_the_making_of_clients_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", "key-from-env")
    names: dict[str, Any] = {"LootLockerClient": LootLockerClient}
    exec(blocks("no-run")[0], names)
    assert names["client"].config.address == "https://abc123.api.lootlocker.com/server"


def test_the_number_of_operations_is_today_s() -> None:
    assert f"{len(all_routes())} of the Server" in README
