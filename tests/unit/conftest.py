"""What holds for the unit tests: no sockets, and aiohttp answered from memory."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
import pytest_asyncio
from aioresponses import CallbackResult, aioresponses
from pytest_socket import disable_socket, enable_socket

from lootlocker_async import LootLockerClient
from tests.unit.support import BASE, KEY, SESSION

_NEEDS_WRITER = "stream_writer" in inspect.signature(aiohttp.ClientResponse.__init__).parameters


class Response(aiohttp.ClientResponse):
    """A ClientResponse that aioresponses can build: it knows nothing of the writer that aiohttp 3.14 asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _NEEDS_WRITER:
            kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


class Http(aioresponses):
    """Answers requests from memory and keeps what was asked, headers and all."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def add(self, url: Any, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("response_class", Response)
        super().add(url, *args, **kwargs)

    def answer(self, verb: str, path: str, **kwargs: Any) -> None:
        """Say what a path below the base address answers."""
        self.add(BASE + path, verb, **kwargs)

    async def _request_mock(self, orig_self: Any, method: str, url: Any, *args: Any, **kwargs: Any) -> Any:
        # aioresponses keeps deep copies, and a copied secret is a masked one.
        self.asked.append((method, str(url), kwargs))
        return await super()._request_mock(orig_self, method, url, *args, **kwargs)

    def sent(self, path: str = "") -> list[tuple[str, str, dict[str, Any]]]:
        """What was asked apart from logins."""
        return [it for it in self.asked if it[1] != f"{BASE}/session" and path in it[1]]


def callback_result(**kwargs: Any) -> CallbackResult:
    return CallbackResult(response_class=Response, **kwargs)


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
