"""What the integration tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from lootlocker_async import LootLockerClient
from lootlocker_async.core.observers import Event
from lootlocker_async.core.pool import Pool
from lootlocker_async.emulator import Emulator
from lootlocker_async.secret import SecretStr

E = TypeVar("E")

BOARD = "daily"
HEAD = {"amount": 5}
PAGE = {"items": [], "pagination": {"total": 0, "next_cursor": None, "previous_cursor": None}}
ENTRY = {"member_id": "ann", "rank": 1, "score": 9, "metadata": ""}
BOARD_CHANGES: dict[str, Any] = {
    "key": BOARD,
    "name": "Daily",
    "direction_method": "descending",
    "enable_game_api_writes": False,
    "overwrite_score_on_submit": False,
}


class Served(Protocol):
    """A server on loopback that takes a key."""

    @property
    def server_key(self) -> str: ...
    @property
    def base_url(self) -> str: ...


def client_of(server: Emulator | Served, **settings: Any) -> LootLockerClient:
    """A client of a server, which doesn't pause for long between attempts unless told to."""
    key = settings.pop("server_key", server.server_key)
    all_settings: dict[str, Any] = {"base_url": server.base_url, "backoff_base": 0.001, **settings}
    return LootLockerClient(key, **all_settings)


class Events:
    """Keeps every event, with the loop's time at which it came."""

    def __init__(self, time: Callable[[], float] | None = None) -> None:
        self._time = time
        self.all: list[tuple[float, Event]] = []

    def __call__(self, event: Event) -> None:
        self.all.append(((self._time or asyncio.get_running_loop().time)(), event))

    def of(self, kind: type[E]) -> list[E]:
        return [event for _, event in self.all if isinstance(event, kind)]

    def times(self, kind: type[Event]) -> list[float]:
        return [time for time, event in self.all if isinstance(event, kind)]


def pool_of(client: LootLockerClient) -> Pool:
    """The client's pool of the running loop."""
    return client._caller.manager._pools[asyncio.get_running_loop()]


def token_of(client: LootLockerClient) -> str:
    """The bare text of the client's token."""
    token = client._caller.manager._tokens.current
    assert token is not None
    return SecretStr.reveal(token.value)


def check_idle(client: LootLockerClient) -> None:
    """Fail where a client that has nothing to do holds on to anything."""
    pool = pool_of(client)
    connector: Any = pool.transport._session.connector
    limiter: Any = pool.limiter
    assert not pool.calls, pool.calls
    assert not pool.aborted, pool.aborted
    assert not pool._work, pool._work
    assert pool.login is None
    assert pool.login_waiters == 0
    assert not connector._acquired, connector._acquired
    assert not any(connector._waiters.values()), connector._waiters
    assert limiter._free == min(client.config.max_in_flight, client.config.max_connections), limiter._free
    assert not limiter._waiting, limiter._waiting
    assert not pool.gate.closed


async def settle(turns: int = 20) -> None:
    """Let what is under way in this loop take some turns."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def until(true: Callable[[], object]) -> None:
    """Wait for something that the loop is about to do."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  (what is waited for sets no event)
            await asyncio.sleep(0.001)
