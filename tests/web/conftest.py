"""Fixtures of the tests of the web integrations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lootlocker_async.testing import LiveEmulator, running_emulator


@pytest.fixture
def emulator() -> Iterator[LiveEmulator]:
    """In a thread of its own, as Starlette's TestClient runs applications in others."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def environment(emulator: LiveEmulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Points `LootLockerClient.from_env()` at the emulator."""
    variables = {**emulator.environment(), "LOOTLOCKER_RETRIES": "1"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables
