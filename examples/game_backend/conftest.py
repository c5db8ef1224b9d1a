"""The backend under test, talking to the emulator that the plugin of lootlocker-async starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import awards
import pytest
from backend import create_app
from fastapi.testclient import TestClient

from lootlocker_async.testing import GameBuilder, Player

SERVER = {"X-Server-Secret": "server-secret-of-the-tests"}


@pytest.fixture
def environment(
    lootlocker_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What a deployment would set."""
    own = {
        "BACKEND_SERVER_SECRET": SERVER["X-Server-Secret"],
        "BACKEND_SESSION_SECRET": "session-secret-of-the-tests",
        "BACKEND_LEDGER": str(tmp_path / "ledger.sqlite3"),
        "BACKEND_LOOK_AFTER": "0",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(awards, "LOOK_AFTER", 0)
    return {**lootlocker_environment, **own}


@pytest.fixture
def api(environment: dict[str, str]) -> Iterator[TestClient]:
    """A client of the backend."""
    with TestClient(create_app()) as api:
        yield api


@pytest.fixture
def player(lootlocker_game: GameBuilder) -> Player:
    """The scene: the season's board, and a player with some gold."""
    lootlocker_game.board("season", type="player")
    return lootlocker_game.player("Aurelia <the First>", balances={"gold": "10.50"})
