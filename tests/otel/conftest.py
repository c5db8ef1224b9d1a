"""Fixtures of the tests of telemetry: an emulator, and what its clients' spans and metrics end in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import BOARD, client_of
from tests.otel.sink import Sink


@pytest.fixture(autouse=True)
def _nothing_left(nothing_left: None) -> None:
    """Every test here is asynchronous."""


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.shut_down()


@pytest.fixture
async def emulator(_nothing_left: None) -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        emulator.world.add_leaderboard(BOARD, type="generic")
        emulator.world.add_scores(BOARD, [(f"team-{number}", 1000 - number) for number in range(60)])
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
