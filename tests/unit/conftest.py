"""What holds for the unit tests: no sockets, and aiohttp answered from memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from pytest_socket import disable_socket, enable_socket

from lootlocker_async import LootLockerClient
from tests.unit.support import BASE, KEY, SESSION, Http, callback_result

__all__ = ["Http", "callback_result"]


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    # A loop wakes itself up through a socket pair of the Unix family.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def http() -> Iterator[Http]:
    """A service that hands out tokens and refuses everything else."""
    with Http() as http:
        http.answer("POST", "/session", payload=SESSION, repeat=True)
        yield http


@pytest_asyncio.fixture
async def client(http: Http) -> AsyncIterator[LootLockerClient]:
    """A client of that service that sends nothing a second time."""
    async with LootLockerClient(KEY, base_url=BASE, retries=0) as client:
        yield client
