"""The five kinds of call, and a life around them that leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any, TypeVar

import attrs
from yarl import URL

from lootlocker_async import LootLockerClient
from lootlocker_async.core.transport import _join
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import BOARD, pool_of, settle, until
from tests.network.chaos import Listening
from tests.support.clock import run

T = TypeVar("T")

PLAYER = 7
TALLY = "tally"
MEMBERS = ["ann", "bob", "cid"]
CONTENTS = b"a small file\x00\xff" * 20


@attrs.frozen
class Kind:
    """A kind of call.

    Attributes:
        name: What it is.
        operation: The operation that is called.
        safe: Whether it may be sent a second time.
        call: Makes the call, and sees that its answer is right.
    """

    name: str
    operation: str
    safe: bool
    call: Callable[[LootLockerClient], Coroutine[Any, Any, None]]


async def _read(client: LootLockerClient) -> None:
    assert (await client.leaderboards.get(BOARD)).key == BOARD


async def _paged(client: LootLockerClient) -> None:
    assert [entry.member_id async for entry in client.leaderboards.list_scores(BOARD, page_size=2)] == MEMBERS


async def _write(client: LootLockerClient) -> None:
    assert (await client.leaderboards.submit_score(BOARD, member_id="cid", score=80)).score == 80


async def _increment(client: LootLockerClient) -> None:
    assert (await client.leaderboards.increment_score(TALLY, member_id="dora", amount=5)).score >= 5


async def _upload(client: LootLockerClient) -> None:
    assert (await client.player_files.upload(PLAYER, file=CONTENTS, purpose="SAVE")).size == len(CONTENTS)


KINDS = (
    Kind("read", "leaderboards_get", True, _read),
    Kind("paged", "leaderboards_list_scores", True, _paged),
    Kind("write", "leaderboards_submit_score", True, _write),
    Kind("unsafe", "leaderboards_increment_score", False, _increment),
    Kind("upload", "player_files_upload", False, _upload),
)


def build(emulator: Emulator) -> None:
    """What the five kinds need to be there."""
    emulator.world.add_player("Aurelia", player_id=PLAYER)
    emulator.world.add_leaderboard(BOARD)
    emulator.world.add_leaderboard(TALLY)
    emulator.world.add_scores(BOARD, [("ann", 100), ("bob", 90), ("cid", 80)])


def port_of(emulator: Emulator) -> int:
    """Where an emulator listens."""
    return int(emulator.base_url.rpartition(":")[2].partition("/")[0])


async def move(client: LootLockerClient, port: int) -> None:
    """Have a client's calls go to another port, with the token that it has."""
    transport = (await client._caller.manager.pool()).transport
    base = URL(client.config.address).with_port(port)
    transport._url = functools.lru_cache(maxsize=512)(functools.partial(_join, base))
    transport._root = base.origin()


async def disconnect(client: LootLockerClient, *listeners: Listening) -> None:
    """End a client's connections, and wait until it knows."""
    connector: Any = pool_of(client).transport._session.connector
    for listener in listeners:
        listener.drop_all()
    await until(
        lambda: (
            not any(it.open for it in listeners)
            and not any(proto.is_connected() for held in connector._conns.values() for proto, _ in held)
        )
    )


def descriptors() -> set[str]:
    """What this process has open; a socket's name is its own for good."""
    found: set[str] = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(link.readlink()))
        except FileNotFoundError:
            continue  # the one with which the directory was read
    return found


@contextlib.contextmanager
def nothing_kept() -> Generator[None]:
    """Fail where a block leaves a descriptor open, and bring out the warnings of what it let go of without closing."""
    before = descriptors()
    yield
    gc.collect()
    left = descriptors() - before
    assert not left, left


def live(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run something in a loop whose clock jumps; it has to leave no task and no descriptor."""

    async def whole() -> T:
        result = await main()
        await settle()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return result

    with nothing_kept():
        return run(whole)
