"""A client's life: loops that come and go, a forgotten close(), close() under load, a session that was passed in."""

from __future__ import annotations

import asyncio
import gc
import inspect
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lootlocker_async import (
    ClientClosedError,
    LootLockerClient,
    NotFoundError,
    OutcomeUnknownError,
    WrongEventLoopError,
)
from lootlocker_async.core.observers import OutcomeUnknown
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, Events, client_of, pool_of, settle, until
from tests.integration.raw import KEY, RawServer, Request, Wire
from tests.support.clock import run

Make = Callable[..., LootLockerClient]
ROOT = Path(__file__).parents[2]

# ------------------------------------------------------------------------------------ programs in their own interpreter
_PRELUDE = """
import asyncio, gc, logging, sys
# On a busy machine the loop's debug mode finds anything slow.
logging.getLogger("asyncio").addFilter(lambda record: not record.getMessage().startswith("Executing"))
from lootlocker_async import ClientClosedError, LootLockerClient
from tests.integration.helpers import client_of
from tests.integration.raw import RawServer, free_port

async def respond(request, wire):
    if request.path.endswith(("/slow", "/list")):
        await wire.gone()
    else:
        await wire.answer({"pong": "now"})

PORT = free_port()
server = lambda: RawServer(respond, port=PORT)
client = client_of(server())
"""


def _program(body: str, tmp_path: Path, *, name: str = "program.py") -> subprocess.CompletedProcess[str]:
    file = tmp_path / name
    file.write_text(_PRELUDE + textwrap.dedent(body))
    return subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", str(file)],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _clean(body: str, tmp_path: Path) -> str:
    ended = _program(body, tmp_path)
    assert (ended.stderr, ended.returncode) == ("", 0)
    return ended.stdout


def test_a_client_of_import_time_serves_several_runs(tmp_path: Path) -> None:
    out = _clean(
        """
        async def main():
            async with server():
                await asyncio.gather(*(client.session.ping() for _ in range(5)))
                print("pinged")

        asyncio.run(main())
        asyncio.run(main())
        """,
        tmp_path,
    )
    assert out == "pinged\npinged\n"


def test_several_runs_with_a_close_in_the_last(tmp_path: Path) -> None:
    out = _clean(
        """
        async def main(last):
            async with server():
                await client.session.ping()
                if last:
                    await client.close()
                    try:
                        await client.session.ping()
                    except ClientClosedError as error:
                        print(error)

        asyncio.run(main(False))
        asyncio.run(main(True))
        """,
        tmp_path,
    )
    assert out == "the client is closed\n"


def test_a_run_that_ends_with_calls_and_a_walk_under_way_is_silent(tmp_path: Path) -> None:
    _clean(
        """
        async def main():
            async with server():
                await client.session.ping()
                calls = [asyncio.create_task(client.request("GET", "/slow")) for _ in range(3)]
                calls.append(asyncio.create_task(anext(client.leaderboards.list_scores("slow").__aiter__())))
                await asyncio.sleep(0.05)

        asyncio.run(main())
        asyncio.run(main())
        """,
        tmp_path,
    )


def test_a_client_that_is_never_used_needs_no_close(tmp_path: Path) -> None:
    _clean("del client; gc.collect()", tmp_path)


def test_a_forgotten_close_warns_once_and_names_the_place(tmp_path: Path) -> None:
    program = """
        async def use():
            forgotten = client_of(server())
            await forgotten.session.ping()

        async def use_from_env():
            forgotten = LootLockerClient("key", base_url=server().base_url)  # THE LINE
            await forgotten.session.ping()

        async def main():
            async with server():
                await use_from_env()
                gc.collect()
                for _ in range(20):
                    await asyncio.sleep(0)

        asyncio.run(main())
        """
    ended = _program(program, tmp_path, name="forgetful.py")
    assert ended.returncode == 0
    assert ended.stderr.count("ResourceWarning") == 1, ended.stderr
    assert ended.stderr.count("was never closed") == 1
    line = next(
        n for n, text in enumerate((tmp_path / "forgetful.py").read_text().splitlines(), 1) if "THE LINE" in text
    )
    assert f"{tmp_path / 'forgetful.py'}:{line}" in ended.stderr
    assert "unclosed" not in ended.stderr.lower()
    assert "never retrieved" not in ended.stderr


def test_a_plain_with_says_what_to_do_instead(tmp_path: Path) -> None:
    out = _clean(
        """
        try:
            with client:
                pass
        except TypeError as error:
            print(error)
        """,
        tmp_path,
    )
    assert "async with" in out


def test_two_loops_in_two_threads_have_a_pool_each(tmp_path: Path) -> None:
    out = _clean(
        """
        import threading

        async def main():
            async with RawServer(respond) as own:
                for _ in range(20):
                    await client.session.ping()
                print(len(client._caller.manager._pools))

        async def first():
            async with server():
                await client.session.ping()
                thread = threading.Thread(target=lambda: asyncio.run(second()))
                thread.start()
                while thread.is_alive():
                    await asyncio.sleep(0.001)
                await client.session.ping()
                await client.close()

        async def second():
            await asyncio.gather(*(client.session.ping() for _ in range(10)))
            print(len(client._caller.manager._pools))

        asyncio.run(first())
        """,
        tmp_path,
    )
    assert out == "2\n"


# --------------------------------------------------------------------------------------------------------- in this one
async def test_a_forgotten_client_lets_go_of_its_connections(emulator: Emulator) -> None:
    def made_here() -> tuple[LootLockerClient, int]:
        frame = inspect.currentframe()
        assert frame is not None
        return client_of(emulator), 0

    client, _ = made_here()
    await client.session.ping()
    pool = pool_of(client)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del client
        gc.collect()
        await settle()
    assert [str(warning.message)[:40] for warning in caught] == ["a LootLockerClient was never closed (it "]
    assert "helpers.py:" in str(caught[0].message)
    assert pool.closed
    assert pool.transport._session.closed


async def test_a_closed_client_warns_of_nothing(emulator: Emulator) -> None:
    client = client_of(emulator)
    await client.session.ping()
    await client.close()
    await client.close()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del client
        gc.collect()
    assert not caught


async def test_calls_after_close_are_refused(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        await client.session.ping()
    received = len(emulator.record)
    view = client.with_options(timeout=3)
    for call in (
        client.session.ping(),
        client.leaderboards.list_scores(BOARD).collect(),
        client.request("GET", "/ping"),
        view.session.ping(),
        client.preload(),
    ):
        with pytest.raises(ClientClosedError, match="closed"):
            await call
    assert len(emulator.record) == received
    unused = client_of(emulator)
    await unused.close()
    with pytest.raises(ClientClosedError):
        await unused.session.ping()


async def test_a_view_is_the_same_client(emulator: Emulator, client: LootLockerClient) -> None:
    view = client.with_options(timeout=3, retries=0)
    await asyncio.gather(client.session.ping(), view.session.ping())
    assert emulator.logins == 1
    assert pool_of(view) is pool_of(client)


def _slow(request: Request) -> bool:
    return request.path == "/slow"


async def _respond(request: Request, wire: Wire) -> None:
    if _slow(request):
        await wire.gone()
    else:
        await wire.answer({"pong": "now"})


async def test_close_without_grace_ends_every_call_in_its_own_way() -> None:
    events = Events()
    async with RawServer(_respond) as server:
        client = client_of(server, max_in_flight=4, observers=(events,))
        await client.session.ping()
        safe = [asyncio.create_task(client.request("GET", "/slow")) for _ in range(2)]
        unsafe = [asyncio.create_task(client.request("POST", "/slow", json={"a": 1})) for _ in range(2)]
        await until(lambda: len(server.seen("/slow")) == 4)
        waiting = [asyncio.create_task(client.request("POST", "/slow", json={"a": 1})) for _ in range(3)]
        await settle()
        pool = pool_of(client)
        await client.close(0)
        results = [await asyncio.gather(*tasks, return_exceptions=True) for tasks in (safe, unsafe, waiting)]
        assert [[type(result) for result in group] for group in results] == [
            [ClientClosedError] * 2,
            [OutcomeUnknownError] * 2,
            [ClientClosedError] * 3,
        ]
        assert all(not task.cancelled() for task in (*safe, *unsafe, *waiting))
        unknown = results[1][0]
        assert isinstance(unknown, OutcomeUnknownError)
        assert unknown.sent_body == '{"a":1}'
        assert isinstance(unknown.__cause__, ClientClosedError)
        assert {event.request_id for event in events.of(OutcomeUnknown)} == {
            request.headers["x-request-id"] for request in server.seen("/slow") if request.verb == "POST"
        }
        assert pool.transport._session.closed
        assert not pool.calls
        await until(lambda: server.open == 0)


async def test_close_with_grace_lets_calls_finish(emulator: Emulator, make: Make) -> None:
    client = make()
    await client.session.ping()
    emulator.faults.add(Fault.latency("leaderboards_increment_score", seconds=0.1, times=1))
    running = asyncio.create_task(client.leaderboards.increment_score(BOARD, member_id="ann", amount=5))
    await until(lambda: emulator.record.received("leaderboards_increment_score"))
    closing = asyncio.create_task(client.close(grace=5))
    await settle()
    with pytest.raises(ClientClosedError):
        await client.session.ping()
    assert not closing.done()
    await closing
    assert running.done(), "close() waits for the call"
    assert running.result().score == 105


def test_close_waits_no_longer_than_its_grace() -> None:
    async def main() -> None:
        async with RawServer(_respond) as server:
            loop = asyncio.get_running_loop()
            client = client_of(server)
            call = asyncio.create_task(client.request("GET", "/slow"))
            await asyncio.sleep(0.1)
            began = loop.time()
            await client.close(grace=7)
            assert 7 <= loop.time() - began < 7.5
            with pytest.raises(ClientClosedError):
                await call

    run(main)


def test_close_ends_pauses_and_the_gate() -> None:
    async def main() -> None:
        async with Emulator() as emulator:
            client = client_of(emulator, timeout=500.0)
            await client.session.ping()
            emulator.faults.add(Fault.rate_limited("leaderboards_list", retry_after=300))
            pausing = asyncio.create_task(client.leaderboards.list().collect())
            await asyncio.sleep(1)
            held = asyncio.create_task(client.leaderboards.increment_score("x", member_id="y", amount=1))
            await asyncio.sleep(1)
            began = asyncio.get_running_loop().time()
            await client.close(0)
            results = await asyncio.gather(pausing, held, return_exceptions=True)
            assert [type(result) for result in results] == [ClientClosedError] * 2
            assert asyncio.get_running_loop().time() - began < 1
            handles: Any = asyncio.get_running_loop()
            assert not [timer for timer in handles._scheduled if not timer.cancelled() and "Gate" in repr(timer)]

    run(main)


async def test_a_task_may_close_the_client_while_its_own_call_runs(emulator: Emulator, make: Make) -> None:
    client = make()

    async def call_and_close() -> str | None:
        pong = (await client.session.ping()).pong
        await client.close(0)
        return pong

    assert await asyncio.create_task(call_and_close())


async def test_a_task_that_is_cancelled_by_its_owner_while_the_client_closes_stays_cancelled() -> None:
    async with RawServer(_respond) as server:
        client = client_of(server)
        call = asyncio.create_task(client.request("GET", "/slow"))
        await until(lambda: server.seen("/slow"))
        closing = asyncio.create_task(client.close(0))
        call.cancel()
        await asyncio.wait({call, closing})
        assert call.cancelled()
        assert closing.exception() is None


# --------------------------------------------------------------------------------------------- a session passed in
async def test_a_session_that_was_passed_in_is_used_and_never_closed(emulator: Emulator) -> None:
    async with aiohttp.ClientSession(headers={"x-mine": "1"}, raise_for_status=True) as session:
        async with LootLockerClient(emulator.server_key, base_url=emulator.base_url, aiohttp_session=session) as client:
            assert (await client.leaderboards.get(BOARD)).key == BOARD
            with pytest.raises(NotFoundError) as caught:
                await client.leaderboards.get("nowhere")
            assert caught.value.code == "not_found"
            emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score"))
            with pytest.raises(OutcomeUnknownError):
                await client.leaderboards.increment_score(BOARD, member_id="ann", amount=1)
        assert len(emulator.record.received("leaderboards_increment_score")) == 1
        assert not session.closed
        assert "x-auth-token" not in session.headers
    await settle()


async def test_the_middlewares_of_a_session_that_was_passed_in_still_run(emulator: Emulator) -> None:
    seen: list[str] = []

    async def note(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        seen.append(request.url.path)
        return await handler(request)

    async with (
        aiohttp.ClientSession(middlewares=(note,)) as session,
        LootLockerClient(emulator.server_key, base_url=emulator.base_url, aiohttp_session=session) as client,
    ):
        await client.session.ping()
    assert seen == ["/server/session", "/server/ping"]


def test_a_session_that_was_passed_in_is_refused_in_another_loop() -> None:
    made: list[LootLockerClient] = []

    async def first() -> None:
        async with RawServer(_respond) as server, aiohttp.ClientSession() as session:
            made.append(LootLockerClient(KEY, base_url=server.base_url, aiohttp_session=session))
            await made[0].session.ping()

    async def second() -> None:
        with pytest.raises(WrongEventLoopError, match="another event loop"):
            await made[0].session.ping()

    run(first)
    run(second)
