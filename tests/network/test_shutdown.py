"""`close()` in the middle of everything: what still finishes, what the rest is told, and that nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import ClientClosedError, LootLockerClient, OutcomeUnknownError
from lootlocker_async.core.observers import OutcomeUnknown
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import BOARD, Events, client_of, pool_of, settle, until
from tests.network.authority import client_context, server_context
from tests.network.chaos import Chaos, How, Trouble, Where
from tests.network.forward import ForwardProxy
from tests.network.kinds import CONTENTS, KINDS, PLAYER, build, live, nothing_kept, port_of

EACH = 6
Work = Callable[[LootLockerClient], Awaitable[object]]


@asynccontextmanager
async def _world(**settings: Any) -> AsyncIterator[tuple[Emulator, Chaos, LootLockerClient]]:
    async with Emulator() as emulator, Chaos(port_of(emulator)) as chaos:
        build(emulator)
        chaos.server_key = emulator.server_key
        client = client_of(chaos, keep_alive=False, timeout=500.0, attempt_timeout=400.0, **settings)
        try:
            yield emulator, chaos, client
        finally:
            await client.close(0)
            if chaos.hold is not None:
                chaos.hold.set()
            await until(lambda: not chaos.open)


async def _contents(client: LootLockerClient, url: str) -> None:
    assert b"".join([piece async for piece in client.player_files.stream(url)]) == CONTENTS


async def _walk(client: LootLockerClient) -> None:
    async with aclosing(client.leaderboards.list_scores(BOARD, page_size=1, look_ahead=2).pages()) as pages:
        assert len([page async for page in pages]) == 3


async def _wide(client: LootLockerClient) -> None:
    await client.leaderboards.list_scores(BOARD, page_size=1, concurrency=3).collect()


async def _url(chaos: Chaos, client: LootLockerClient) -> str:
    """Where a file's contents can be had, through the bad network."""
    url = (await client.player_files.upload(PLAYER, file=CONTENTS, purpose="SAVE")).url
    return f"http://127.0.0.1:{chaos.port}/" + url.partition("://")[2].partition("/")[2]


def _load(client: LootLockerClient, url: str) -> Mapping[str, list[asyncio.Task[object]]]:
    """Some of everything, begun."""
    works: dict[str, Work] = {kind.name: kind.call for kind in KINDS}
    works |= {"walk": _walk, "wide": _wide, "download": lambda client: _contents(client, url)}
    return {name: [asyncio.create_task(_run(work(client))) for _ in range(EACH)] for name, work in works.items()}


async def _run(work: Awaitable[object]) -> object:
    return await work


async def _refused(client: LootLockerClient) -> None:
    """New calls of every kind are refused at once, and nothing of them goes out."""
    for kind in KINDS:
        with pytest.raises(ClientClosedError):
            await kind.call(client)
    with pytest.raises(ClientClosedError):
        await _contents(client, "http://127.0.0.1:9/x")


async def _outcomes(load: Mapping[str, list[asyncio.Task[object]]]) -> Mapping[str, set[type[object]]]:
    for tasks in load.values():
        assert all(task.done() and not task.cancelled() for task in tasks), "close() has seen them end"
    return {name: {type(task.exception()) for task in tasks} for name, tasks in load.items()}


ANSWERED = {type(None)}


def test_with_grace_everything_under_way_is_answered() -> None:
    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            url = await _url(chaos, client)
            chaos.hold = asyncio.Event()
            load = _load(client, url)
            await until(lambda: len(chaos.heads) >= 2 + 8 * EACH)
            closing = asyncio.create_task(client.close(grace=60))
            await settle()
            await _refused(client)
            asyncio.get_running_loop().call_later(20, chaos.hold.set)
            began = asyncio.get_running_loop().time()
            await closing
            assert 20 <= asyncio.get_running_loop().time() - began < 21, "no longer than it takes"
            outcomes = await _outcomes(load)
            assert outcomes == dict.fromkeys(load, ANSWERED)
            assert len(emulator.record.executed("leaderboards_increment_score")) == EACH
            assert len(emulator.record.executed("player_files_upload")) == 1 + EACH

    live(main)


@pytest.mark.parametrize("grace", [0.0, 3.0])
def test_what_outlasts_the_grace_ends_with_the_right_error(grace: float) -> None:
    async def main() -> None:
        events = Events()
        async with _world(observers=(events,)) as (_, chaos, client):
            url = await _url(chaos, client)
            chaos.hold = asyncio.Event()
            load = _load(client, url)
            await until(lambda: len(chaos.heads) >= 2 + 8 * EACH)
            pool = pool_of(client)
            began = asyncio.get_running_loop().time()
            await client.close(grace)
            assert grace <= asyncio.get_running_loop().time() - began < grace + 0.5
            outcomes = await _outcomes(load)
            for name, found in outcomes.items():
                assert found == ({OutcomeUnknownError} if name in {"unsafe", "upload"} else {ClientClosedError})
            for task in (*load["unsafe"], *load["upload"]):
                error = task.exception()
                assert isinstance(error, OutcomeUnknownError)
                assert isinstance(error.__cause__, ClientClosedError)
            assert len(events.of(OutcomeUnknown)) == 2 * EACH
            assert not pool.calls
            assert not pool.downloads
            assert not pool._work
            await _refused(client)

    live(main)


def test_what_waits_for_its_turn_was_not_sent() -> None:
    async def main() -> None:
        async with _world(max_in_flight=2) as (emulator, chaos, client):
            await client.session.ping()
            chaos.hold = asyncio.Event()
            tasks = [asyncio.create_task(_run(KINDS[3].call(client))) for _ in range(20)]
            await until(lambda: len(chaos.heads) == 4)
            await client.close(0)
            kinds = [type(task.exception()) for task in tasks]
            assert kinds == [OutcomeUnknownError] * 2 + [ClientClosedError] * 18
            assert len(emulator.record.executed("leaderboards_increment_score")) == 2

    live(main)


@pytest.mark.parametrize("grace", [0.0, 30.0])
def test_a_login_under_way(grace: float) -> None:
    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            chaos.hold = asyncio.Event()
            tasks = [asyncio.create_task(_run(kind.call(client))) for kind in KINDS for _ in range(EACH)]
            tasks.append(asyncio.create_task(_run(client._caller.manager.preload())))
            await until(lambda: chaos.heads and pool_of(client).login_waiters)
            asyncio.get_running_loop().call_later(5, chaos.hold.set)
            await client.close(grace)
            await settle()
            ends = {type(task.exception()) for task in tasks}
            assert emulator.logins == 1
            if grace:
                assert {task.exception() for task in tasks} == {None}
            else:
                assert ends == {ClientClosedError}
                assert not emulator.record.received("leaderboards_increment_score")

    live(main)


def _walks(client: LootLockerClient) -> list[AsyncGenerator[Any, None]]:
    """Walks of three pages, each with another way of fetching them."""
    every = client.leaderboards.list_scores
    return [
        aiter(every(BOARD, page_size=1)),
        every(BOARD, page_size=1, look_ahead=0).pages(),
        aiter(every(BOARD, page_size=1, concurrency=2)),
    ]


def test_a_walk_and_a_stream_go_on_between_their_pieces_within_the_grace() -> None:
    """They run while whoever reads them works on what has come, and no longer than to their end."""

    async def main() -> None:
        async with _world() as (_, chaos, client):
            contents = await _url(chaos, client)
            begun = 0

            async def slowly(source: AsyncIterator[Any]) -> list[Any]:
                nonlocal begun
                found: list[Any] = []
                async for piece in source:
                    begun += not found
                    found.append(piece)
                    await asyncio.sleep(10)
                return found

            readers = [asyncio.create_task(slowly(walk)) for walk in _walks(client)]
            readers.append(asyncio.create_task(slowly(client.player_files.stream(contents))))
            await until(lambda: begun == 4)
            began = asyncio.get_running_loop().time()
            closing = asyncio.create_task(client.close(grace=100))
            await settle()
            await _refused(client)
            with pytest.raises(ClientClosedError):
                await anext(_walks(client)[0])
            await closing
            assert 19 < asyncio.get_running_loop().time() - began < 31, "until the last page came"
            assert [len(await reader) for reader in readers] == [3, 3, 3, 1]

    live(main)


def test_what_nobody_goes_on_with_is_not_waited_for() -> None:
    async def main() -> None:
        async with _world() as (_, chaos, client):
            url = await _url(chaos, client)
            own = _walks(client)
            for walk in own:
                await anext(walk)
            stream = client.player_files.stream(url)
            await anext(stream)
            begun: list[AsyncGenerator[Any, None]] = []

            async def begin_and_leave() -> None:
                begun.extend(_walks(client))
                for walk in begun:
                    await anext(walk)
                async for _ in client.leaderboards.list_scores(BOARD, page_size=1):
                    break

            await asyncio.create_task(begin_and_leave())
            began = asyncio.get_running_loop().time()
            await client.close(grace=50)
            assert asyncio.get_running_loop().time() - began < 1
            for one_by_one in (own[1], begun[1]):
                with pytest.raises(ClientClosedError):
                    await anext(one_by_one)
            await stream.aclose()

    live(main)


def test_what_is_let_go_of_while_the_client_closes_is_waited_for_no_longer() -> None:
    async def main() -> None:
        async with _world() as (_, chaos, client):
            url = await _url(chaos, client)
            sources: list[Any] = [*_walks(client), client.player_files.stream(url)]
            begun = 0

            async def leave_after_the_first(source: Any) -> None:
                nonlocal begun
                await anext(source)
                begun += 1
                await asyncio.sleep(7)
                await source.aclose()
                await asyncio.sleep(1000)

            readers = [asyncio.create_task(leave_after_the_first(source)) for source in sources]
            await until(lambda: begun == len(sources))
            began = asyncio.get_running_loop().time()
            await client.close(grace=50)
            assert 6 < asyncio.get_running_loop().time() - began < 8
            for reader in readers:
                reader.cancel()
            await asyncio.wait(readers)

    live(main)


def test_a_task_that_lives_on_after_its_call_is_not_waited_for() -> None:
    async def main() -> None:
        async with _world() as (_, chaos, client):
            await client.session.ping()
            chaos.hold = asyncio.Event()

            async def serve() -> None:
                await KINDS[0].call(client)
                await asyncio.sleep(1000)

            server = asyncio.create_task(serve())
            await until(lambda: len(chaos.heads) == 3)
            asyncio.get_running_loop().call_later(3, chaos.hold.set)
            began = asyncio.get_running_loop().time()
            await client.close(grace=50)
            assert 3 <= asyncio.get_running_loop().time() - began < 4
            assert not server.done()
            server.cancel()
            await asyncio.wait({server})

    live(main)


def test_the_parts_of_a_batch_go_on_within_the_grace() -> None:
    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            await client.session.ping()
            chaos.hold = asyncio.Event()
            ids = [f"01J0000000000000000000{number:04}" for number in range(1200)]
            batch = asyncio.create_task(_run(client.catalogs.list_items_by_id(ids=ids)))
            await until(lambda: len(chaos.heads) == 2 + 8)
            closing = asyncio.create_task(client.close(grace=50))
            await settle()
            await _refused(client)
            chaos.hold.set()
            await closing
            assert batch.done()
            batch.result()
            assert len(emulator.record.executed("catalogs_list_items_by_id")) == 12

    live(main)


def test_a_running_call_may_log_in_again_within_the_grace() -> None:
    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            await client.session.ping()
            emulator.expire_tokens()
            chaos.hold = asyncio.Event()
            calls = [asyncio.create_task(_run(kind.call(client))) for kind in KINDS]
            await until(lambda: len(chaos.heads) == 2 + len(KINDS))
            closing = asyncio.create_task(client.close(grace=50))
            await settle()
            chaos.hold.set()
            await closing
            assert [call.exception() for call in calls] == [None] * len(KINDS)
            assert emulator.logins == 2

    live(main)


def test_a_walk_is_cut_off_at_the_end_of_the_grace() -> None:
    async def main() -> None:
        async with _world() as (_, chaos, client):
            await client.session.ping()
            walks = _walks(client)
            for walk in walks:
                await anext(walk)
            chaos.hold = asyncio.Event()
            await settle()

            async def rest(walk: AsyncGenerator[Any, None]) -> None:
                async for _ in walk:
                    pass

            readers = [asyncio.create_task(rest(walk)) for walk in walks]
            await settle()
            began = asyncio.get_running_loop().time()
            await client.close(grace=4)
            assert 4 <= asyncio.get_running_loop().time() - began < 5
            await settle()
            for reader in readers[1:]:  # the first had all that it needed ahead
                assert isinstance(reader.exception(), ClientClosedError)

    live(main)


def test_uploads_from_every_source_under_way(tmp_path: Path) -> None:
    """Cut off in the middle of their bodies, with the sources closed."""
    file = tmp_path / "large"
    file.write_bytes(bytes(3_000_000))

    class Source:
        closed = 0

        async def __aiter__(self) -> AsyncIterator[bytes]:
            try:
                for _ in range(40):
                    yield bytes(100_000)
            finally:
                Source.closed += 1

    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            await client.session.ping()
            chaos.trouble(Trouble(How.STALL, Where.ACCEPT))
            sources: list[Any] = [bytes(5_000_000), file, Source()]
            uploads = [
                asyncio.create_task(client.player_files.upload(PLAYER, file=source, purpose="SAVE"))
                for source in sources
            ]
            # Nothing tells that a body is held up but that it goes no further.
            await until(lambda: chaos.met == 3)
            await asyncio.sleep(0.2)
            await client.close(0)
            assert {type(upload.exception()) for upload in uploads} == {OutcomeUnknownError}
            assert Source.closed == 1
            chaos.drop_all()
            assert not emulator.record.executed("player_files_upload")

    with nothing_kept():
        asyncio.run(main())


async def test_a_download_to_a_file_under_way(tmp_path: Path) -> None:
    async with _world() as (_, chaos, client):
        url = await _url(chaos, client)
        chaos.pace = (100, 0.05)
        told: list[int] = []
        task = asyncio.create_task(
            client.player_files.download(url, tmp_path / "x", progress=lambda done, _: told.append(done))
        )
        await until(lambda: told)
        await client.close(0)
        assert isinstance(task.exception(), ClientClosedError)
        assert not _inside(tmp_path)


def test_pauses_and_repeats_within_the_grace() -> None:
    """A call that was begun may use the grace to be sent again."""

    async def main() -> None:
        async with _world(backoff_base=4.0) as (emulator, chaos, client):
            await client.session.ping()
            chaos.trouble(Trouble(How.RESET, Where.ANSWER), 3)
            tasks = [asyncio.create_task(_run(KINDS[0].call(client))) for _ in range(3)]
            await until(lambda: chaos.met == 3)
            await client.close(grace=100)
            assert [task.exception() for task in tasks] == [None] * 3
            assert len(emulator.record.executed("leaderboards_get")) == 6

    live(main)


@pytest.mark.parametrize("through", ["tls", "proxy"])
def test_connections_still_being_made(through: str) -> None:
    """In a handshake, or at a proxy that keeps them waiting: nothing was sent, and nothing stays."""

    async def main() -> None:
        async with Emulator() as emulator, Chaos(port_of(emulator), context=server_context()) as service:
            build(emulator)
            service.server_key = emulator.server_key
            async with ForwardProxy(service.port) as proxy, Chaos(service.port) as silent:
                silent.trouble(Trouble(How.STALL, Where.ACCEPT))
                proxy.instead, proxy.then = b"", "stay"
                settings: dict[str, Any] = {"ssl": client_context(), "connect_timeout": 50.0, "retries": 0}
                if through == "proxy":
                    settings["proxy"] = proxy.url()
                else:
                    settings["base_url"] = silent.base_url.replace("http:", "https:")
                settings = {"base_url": service.base_url, **settings}
                client = LootLockerClient(emulator.server_key, **settings)
                tasks = [asyncio.create_task(_run(kind.call(client))) for kind in KINDS]
                await until(lambda: silent.met or proxy.heads)
                await asyncio.sleep(1)
                await client.close(0)
                assert {type(task.exception()) for task in tasks} == {ClientClosedError}
                assert not emulator.record.received()
                await settle()

    live(main)


def test_closing_over_tls_and_a_tunnel_leaves_no_connection() -> None:
    async def main() -> None:
        context = server_context("wrong host")
        async with Emulator() as emulator, Chaos(port_of(emulator), context=context) as service:
            build(emulator)
            async with ForwardProxy(service.port) as proxy:
                settings: dict[str, Any] = {"ssl": client_context(), "proxy": proxy.url()}
                client = LootLockerClient(emulator.server_key, base_url="https://service.example/server", **settings)
                await asyncio.gather(*(kind.call(client) for _ in range(5) for kind in KINDS))
                assert proxy.open > 3
                service.hold = asyncio.Event()
                calls = [asyncio.create_task(_run(kind.call(client))) for kind in KINDS]
                await until(lambda: service.heads)
                await client.close(0)
                assert all(task.done() for task in calls)
                await settle()
                await until(lambda: not proxy.open and not service.open)

    live(main)


def test_a_close_from_another_loop_while_calls_run() -> None:
    async def main() -> None:
        async with _world() as (_, chaos, client):
            await client.session.ping()
            chaos.hold = asyncio.Event()
            calls = [asyncio.create_task(_run(kind.call(client))) for kind in KINDS[:3]]
            await until(lambda: len(chaos.heads) == 5)
            await asyncio.to_thread(lambda: asyncio.run(_close(client)))
            assert {type(call.exception()) for call in calls} == {ClientClosedError}

    with nothing_kept():
        asyncio.run(main())


def _inside(directory: Path) -> list[str]:
    return [found.name for found in directory.iterdir()]


def _close(client: LootLockerClient) -> Coroutine[Any, Any, None]:
    return client.close(0)
