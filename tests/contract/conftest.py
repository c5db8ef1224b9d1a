"""The server of canned answers on a thread of its own for the whole session, and a client of it for each test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from contract_server import KEY, CannedServer
from contract_spec import operations

from lootlocker_async import LootLockerClient


@pytest.fixture(scope="session")
def running_server() -> Iterator[CannedServer]:
    server = CannedServer()
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{rest:.*}", server.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        server.base_url = f"http://{host}:{port}/server"
        ready.set()
        await done.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield server
    loop.call_soon_threadsafe(done.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def server(running_server: CannedServer) -> CannedServer:
    running_server.answer_login = True
    running_server.will_answer(204)
    return running_server


@pytest.fixture
async def client(server: CannedServer) -> AsyncIterator[LootLockerClient]:
    async with LootLockerClient(KEY, base_url=server.base_url, retries=0, drift="always", trust_env=False) as client:
        yield client


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes an `operation` runs for each one of the contract."""
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", operations(), ids=lambda operation: operation.id)
