"""Fixtures of the tests of state shared through Redis.

They run on a stand-in, or on the real server where REDIS_SERVER is set; `nox -s redis` does that.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing
from typing import Any

import pytest

from lootlocker_async import ClientConfig, LootLockerClient
from lootlocker_async.emulator import Emulator
from lootlocker_async.integrations.redis import SharedState
from tests.redis.servers import Server, look, real, stand_in


@pytest.fixture
def server() -> Iterator[Server]:
    with real() if os.environ.get("REDIS_SERVER") else stand_in() as server:
        yield server


@pytest.fixture
def kept(server: Server) -> Iterator[Any]:
    """A client that looks at what there is in Redis."""
    with closing(look(server.url)) as client:
        yield client


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> None:
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("nothing_left")


@pytest.fixture
async def emulator(_nothing_left: None) -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


Share = Callable[..., ClientConfig]


@pytest.fixture
def share(emulator: Emulator, server: Server) -> Share:
    """The settings of a client of the emulator that shares what there is in Redis; each time as in another process."""

    def share(state: SharedState | None = None, **settings: Any) -> ClientConfig:
        ours: dict[str, Any] = {"server_key": emulator.server_key, "base_url": emulator.base_url, "trust_env": False}
        # A loaded machine may be slow to answer, and that isn't what most tests are about.
        state = state or SharedState(url=server.url, timeout=20)
        ours |= {"backoff_base": 0.001, **settings}
        return state.share(ClientConfig(**ours))

    return share


Make = Callable[..., LootLockerClient]


@pytest.fixture
async def make(share: Share) -> AsyncIterator[Make]:
    """Makes such clients, and closes them in the end."""
    async with AsyncExitStack() as stack:

        def make(state: SharedState | None = None, **settings: Any) -> LootLockerClient:
            client = LootLockerClient(config=share(state, **settings))
            stack.push_async_callback(client.close, 0)
            return client

        yield make
