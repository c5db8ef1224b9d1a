"""Fixtures of the tests of the plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lootlocker_async.testing import LiveEmulator, running_emulator
from tests.testing import plugin


@pytest.fixture
def installed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with the plugin, and pytest-asyncio in its auto mode."""
    plugin.install(pytester, monkeypatch)
    return pytester


@pytest.fixture
def install(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], pytest.Pytester]:
    """Makes a folder with the plugin and lines of pytest.ini."""

    def make(ini: str) -> pytest.Pytester:
        plugin.install(pytester, monkeypatch, ini)
        return pytester

    return make


@pytest.fixture
def emulator() -> Iterator[LiveEmulator]:
    with running_emulator() as emulator:
        yield emulator
