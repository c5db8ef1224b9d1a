"""Each await of what the other tests don't step through, cancelled in turn: the service never does a thing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from itertools import count
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.core.observers import OutcomeUnknown
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import BOARD, Events, check_idle, client_of, pool_of, settle, until
from tests.integration.stepping import Moment, cancel_at
from tests.network.authority import client_context, server_context
from tests.network.chaos import Chaos
from tests.network.forward import USERINFO, ForwardProxy
from tests.network.kinds import CONTENTS, KINDS, PLAYER, Kind, build, disconnect, live, port_of

MOMENTS = pytest.mark.parametrize("moment", list(Moment), ids=lambda moment: moment.name.lower())
MOST = 400
MANY = 60
Work = Callable[[LootLockerClient], Coroutine[Any, Any, Any]]


async def _step(work: Callable[[int], Awaitable[asyncio.Task[Any]]]) -> int:
    """Go on until a run isn't reached by its cancellation; how many were."""
    for at in count(1):
        assert at < MOST, "the work never ends"
        task = await work(at)
        if not task.cancelled():
            task.result()
            return at - 1
    raise AssertionError


async def _nothing_under_way(
    client: LootLockerClient, before: set[asyncio.Task[Any]], servers: tuple[str, ...]
) -> None:
    await settle()
    check_idle(client)
    assert not pool_of(client).downloads
    left = {task for task in asyncio.all_tasks() - before if not any(name in repr(task) for name in servers)}
    assert not left, left


# --------------------------------------------------------------------------------------------- on a warm connection
async def _preload(client: LootLockerClient) -> None:
    client._caller.manager._tokens.current = None
    await client._caller.manager.preload()


async def _batch(client: LootLockerClient) -> None:
    ids = list(range(PLAYER, PLAYER + MANY))
    assert len((await client.connected_accounts.list(legacy_player_ids=ids)).player_platforms) == MANY


async def _parts(client: LootLockerClient) -> None:
    assert await client.assets.list_simple(filters={"asset_ids": list(range(1, 350))}).collect() == []


async def _left_early(client: LootLockerClient) -> None:
    async with aclosing(aiter(client.leaderboards.list_scores(BOARD, page_size=1, look_ahead=3))) as entries:
        async for entry in entries:
            if entry.member_id == "bob":
                break


async def _pages_at_once(client: LootLockerClient) -> None:
    async with aclosing(client.leaderboards.list_scores(BOARD, page_size=1, concurrency=3).pages()) as pages:
        assert [page[0].member_id async for page in pages] == ["ann", "bob", "cid"]


async def _stream(client: LootLockerClient) -> None:
    files = (await client.player_files.list(PLAYER)).items
    async with client.player_files.stream(files[0]) as pieces:
        assert b"".join([piece async for piece in pieces]) == CONTENTS


async def _piecewise(client: LootLockerClient) -> None:
    async def source() -> AsyncIterator[bytes]:
        for start in range(0, len(CONTENTS), 100):
            await asyncio.sleep(0)
            yield CONTENTS[start : start + 100]

    await client.player_files.upload(PLAYER, file=source(), purpose="SAVE")


async def _view(client: LootLockerClient) -> None:
    view = client.with_options(timeout=5.0, retries=0)
    await asyncio.gather(KINDS[0].call(view), KINDS[3].call(view))


WARM: dict[str, Work] = {
    "login": _preload,
    "batch": _batch,
    "parted walk": _parts,
    "walk left early": _left_early,
    "pages at once": _pages_at_once,
    "stream": _stream,
    "upload of pieces": _piecewise,
    "two at a time": _view,
}
WARM |= {kind.name: kind.call for kind in KINDS}


@MOMENTS
@pytest.mark.parametrize("which", WARM)
def test_on_a_warm_client(which: str, moment: Moment) -> None:
    async def main() -> None:
        events = Events()
        async with Emulator() as emulator:
            build(emulator)
            for number in range(1, MANY):
                emulator.world.add_player(f"Player {number}", player_id=PLAYER + number)
            async with client_of(emulator, observers=(events,)) as client:
                await client.player_files.upload(PLAYER, file=CONTENTS, purpose="SAVE")

                async def work(at: int) -> asyncio.Task[Any]:
                    emulator.record.clear()
                    before = asyncio.all_tasks()
                    task = await cancel_at(WARM[which](client), at, moment)
                    await _nothing_under_way(client, before, ("emulator", "web_protocol"))
                    for kind in KINDS[3:]:
                        assert len(emulator.record.executed(kind.operation)) <= 1
                    async with asyncio.timeout(10):
                        await KINDS[0].call(client)
                    # What is made in the tests may not fill the player's space.
                    for file in (await client.player_files.list(PLAYER)).items[1:]:
                        await client.player_files.delete(PLAYER, file.id)
                    return task

                assert await _step(work) >= 1
                assert {event.reason for event in events.of(OutcomeUnknown)} <= {"cancelled"}

    live(main)


# --------------------------------------------------------------------------------------- while connections are made
@asynccontextmanager
async def _far(emulator: Emulator) -> AsyncIterator[tuple[Chaos, ForwardProxy]]:
    context = server_context("wrong host")
    async with Chaos(port_of(emulator), context=context) as service, ForwardProxy(service.port, locked=True) as proxy:
        yield service, proxy


@MOMENTS
@pytest.mark.parametrize("logged_in", [False, True], ids=["logged out", "logged in"])
@pytest.mark.parametrize("kind", [KINDS[0], KINDS[3], KINDS[4]], ids=lambda kind: kind.name)
def test_through_a_tunnel_that_has_to_be_made_first(kind: Kind, moment: Moment, logged_in: bool) -> None:
    """The wait for the login, or the proxy's answer and the handshake, are among the awaits."""

    async def main() -> None:
        async with Emulator() as emulator, _far(emulator) as (service, proxy):
            build(emulator)
            settings: dict[str, Any] = {"proxy": proxy.url(USERINFO), "ssl": client_context(), "keep_alive": False}

            async def work(at: int) -> asyncio.Task[Any]:
                emulator.record.clear()
                events = Events()
                url = "https://service.example/server"
                client = LootLockerClient(emulator.server_key, base_url=url, observers=(events,), **settings)
                before = asyncio.all_tasks()
                async with client:
                    if logged_in:
                        await client.session.ping()
                        await disconnect(client, proxy, service)
                        before = asyncio.all_tasks()
                    task = await cancel_at(kind.call(client), at, moment)
                    await _nothing_under_way(client, before, ("Listening", "emulator", "web_protocol", "_copy"))
                    executed = len(emulator.record.executed(kind.operation))
                    if not kind.safe:
                        assert executed <= 1
                        assert len(events.of(OutcomeUnknown)) >= executed * task.cancelled()
                    await KINDS[0].call(client)
                return task

            assert await _step(work) >= (4 if logged_in else 2)
            await until(lambda: not proxy.open and not service.open)

    live(main)
