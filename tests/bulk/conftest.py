"""Fixtures of the tests of bulk jobs."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator

import attrs
import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Emulator


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> None:
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("nothing_left")


@attrs.frozen
class Game:
    """A generated game, and a client of it."""

    emulator: Emulator
    client: LootLockerClient
    players: list[int]
    boards: list[str]


@pytest.fixture
async def game(nothing_left: None) -> AsyncIterator[Game]:
    async with Emulator() as emulator:
        made = emulator.world.generate(players=30, scores=5000, seed=1)
        async with LootLockerClient(emulator.server_key, base_url=emulator.base_url, backoff_base=0.001) as client:
            yield Game(emulator, client, list(made.inventory_players), list(made.board_keys))
