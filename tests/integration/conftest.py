"""Fixtures of the tests of the whole client over real sockets."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import BOARD, client_of


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> None:
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("nothing_left")


@pytest.fixture
async def emulator(_nothing_left: None) -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        emulator.world.add_leaderboard(BOARD)
        emulator.world.add_scores(BOARD, [("ann", 100), ("bob", 90), ("cid", 80)])
        yield emulator


Make = Callable[..., LootLockerClient]


@pytest.fixture
async def make(emulator: Emulator) -> AsyncIterator[Make]:
    """Makes clients of the emulator, and closes them in the end."""
    async with AsyncExitStack() as stack:

        def make(**settings: Any) -> LootLockerClient:
            client = client_of(emulator, **settings)
            stack.push_async_callback(client.close, 0)
            return client

        yield make


@pytest.fixture
def client(make: Make) -> LootLockerClient:
    return make()
