"""The guides to web frameworks and game servers run, and so do their examples' own tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lootlocker_async.testing import LiveEmulator, running_emulator
from tests.docs.snippets import ROOT, blocks, marks, run
from tests.testing import plugin

DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, emulator: LiveEmulator) -> Iterator[LiveEmulator]:
    """A second service; the first one is the live one, and the only one."""
    with running_emulator(server_key="stage-key") as stage:
        for prefix, it in (("STAGE_", stage), ("LIVE_", emulator)):
            for name, value in it.environment().items():
                monkeypatch.setenv(f"{prefix}{name}" if name.startswith("LOOTLOCKER") else name, value)
        yield stage


@pytest.fixture
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_the_guide_to_fastapi_runs(emulator: LiveEmulator, environment: dict[str, str], stage: LiveEmulator) -> None:
    emulator.game.board("daily", type="generic", scores={f"team-{number}": number * 10 for number in range(100)})
    player = emulator.game.player("Aurelia", balances={"gold": 7})
    stage.game.board("season-2")
    names: dict[str, Any] = {"client": emulator.client()}
    page = DOCS / "fastapi.md"
    assert marks(page) == {None}
    apps: list[FastAPI] = []
    for number, code in enumerate(blocks(page)):
        exec(compile(code, f"fastapi.md, block {number}", "exec"), names)
        if names["app"] not in apps:
            apps.append(names["app"])
    main, with_database, with_everything, _ = apps
    with TestClient(main) as api:
        assert len(api.get("/boards/daily").json()) == 10
        assert api.get("/boards/nowhere").json()["error"] == "not_found"
        assert api.get("/ready").json() == {"ready": True, "checks": {"lootlocker": "ready"}}
    with TestClient(with_database):
        assert with_database.state.lootlocker
    with TestClient(with_everything) as api:
        wallet = emulator.game.export_wallets()[0]
        asked = {"wallet_id": wallet["wallet_id"], "currency_id": emulator.game.currency("gold").id}
        assert api.post("/potions", params=asked).json() == "2 left"
        assert api.post("/potions", params=asked).json() == {"detail": "not enough gold"}
        assert emulator.game.balance(player) == 2
    with TestClient(names["two"]) as api:
        assert api.post("/boards/season-2/promote").status_code == 204
        assert api.get("/ready").json()["checks"] == {"live": "ready", "stage": "ready"}
    emulator.assert_executed("leaderboards.create", times=1, where={"key": "season-2"})
    with TestClient(names["plain"]) as api:
        assert api.get("/boards/daily").json() == {"name": "daily"}


@pytest.mark.usefixtures("_thawed")
async def test_the_guide_to_game_servers_runs(emulator: LiveEmulator, capsys: pytest.CaptureFixture[str]) -> None:
    emulator.game.board("daily", type="generic", scores={"team-1": 9000})
    assert marks(DOCS / "game-servers.md") == {None}
    async with emulator.client() as client:
        await run(DOCS / "game-servers.md", client=client)
    printed = capsys.readouterr().out
    assert "team-7 is number 2\n" in printed
    assert "objects are looked at no more\n" in printed


@pytest.mark.parametrize("name", ["game_backend", "match_server"])
def test_an_example_s_tests_pass(name: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin.install(pytester, monkeypatch)
    (pytester.path / "tox.ini").unlink()
    files = [path for path in (EXAMPLES / name).iterdir() if path.suffix in {".py", ".ini"}]
    for path in files:
        (pytester.path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    outcomes = done.parseoutcomes()
    assert outcomes.keys() == {"passed"}
    assert outcomes["passed"] >= sum(path.read_text("utf-8").count("\ndef test_") for path in files)


def test_every_example_is_known() -> None:
    # testing_a_backend is run by the tests of its chapter.
    known = {"game_backend", "match_server", "testing_a_backend"}
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"} == known
