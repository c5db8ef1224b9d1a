"""Connections that are refused or reset, and those whose plain requests are answered at once."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import aiohttp
import pytest

from lootlocker_async.emulator import Emulator, Fault
from lootlocker_async.emulator.connection import read
from lootlocker_async.emulator.listener import reset

INCREMENT = "/leaderboards/board/increment"
AMOUNT = {"member_id": "a", "amount": 1}


class Gate:
    """A sleep that ends when a test says so."""

    def __init__(self):
        self.asked = []
        self.open = asyncio.Event()

    async def __call__(self, seconds):
        self.asked.append(seconds)
        await self.open.wait()


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
async def emulator(clock, gate):
    async with Emulator(clock=clock, sleep=gate) as emulator:
        emulator.world.add_leaderboard("board")
        yield emulator


def last(emulator):
    return emulator.record.received()[-1]


async def connect(emulator):
    address = urlsplit(emulator.base_url)
    return await asyncio.open_connection(address.hostname, address.port)


class Wire:
    """A connection over which a test says exactly what it wants."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def answer(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = [line for line in head.split("\r\n") if line.lower().startswith("content-length:")]
        body = await self.reader.readexactly(int(length[0].partition(":")[2])) if length else b""
        return int(head.split()[1]), head, body

    async def say(self, data):
        self.writer.write(data)
        await self.writer.drain()


@pytest.fixture
async def wire(emulator):
    reader, writer = await connect(emulator)
    yield Wire(reader, writer)
    writer.close()
    # A test may have had it reset.
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def ping(api, *more):
    lines = ("GET /server/ping HTTP/1.1", "Host: here", f"x-auth-token: {api.headers['x-auth-token']}", *more)
    return "\r\n".join([*lines, "LL-Version: 2021-03-01", "", ""]).encode()


async def test_a_reset_before_the_body_is_read(api, emulator, wire):
    emulator.faults.add(Fault.reset_before_read("leaderboards_increment_score", times=1))
    head = f"POST /server{INCREMENT} HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n"
    await wire.say(head.encode())  # of the body not one byte is sent
    with pytest.raises(ConnectionResetError):
        await wire.reader.readexactly(1)
    call = last(emulator)
    assert (call.fault, call.status, call.executed, call.body) == ("reset_before_read", None, False, None)
    assert (await api.ok("POST", INCREMENT, json=AMOUNT))["score"] == 1


async def test_a_reset_after_executing(api, emulator):
    emulator.faults.add(Fault.reset_after_execute("leaderboards", times=1))
    with pytest.raises(aiohttp.ClientOSError):
        await api("POST", INCREMENT, json=AMOUNT)
    call = last(emulator)
    assert (call.fault, call.status, call.executed, call.body) == ("reset_after_execute", None, True, AMOUNT)
    assert emulator.world.score("board", "a") == 1


async def test_connections_are_refused_for_a_time(api, emulator, gate, wire):
    await api.ok("GET", "/ping")
    emulator.faults.add(Fault.refuse_connections("leaderboards_increment_score", seconds=30, times=1))
    with pytest.raises(aiohttp.ClientOSError):
        await api("POST", INCREMENT, json=AMOUNT)
    assert (last(emulator).fault, last(emulator).executed) == ("refuse_connections", False)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await api("GET", "/ping")
        assert isinstance(refused.value.os_error, ConnectionRefusedError)
    with pytest.raises(ConnectionResetError):  # everybody's connection was lost
        await wire.reader.readexactly(1)
    assert gate.asked == [30]
    gate.open.set()
    while True:
        try:
            await api.ok("GET", "/ping")
            break
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0)
    assert emulator.record.executed("leaderboards_increment_score") == []


async def test_connections_are_refused_until_they_are_accepted_again(api, emulator, gate):
    emulator.refuse_connections()
    emulator.refuse_connections()
    with pytest.raises(aiohttp.ClientConnectorError):
        await api("GET", "/ping")
    base_url = emulator.base_url
    await emulator.accept_connections()
    await emulator.accept_connections()
    await api.ok("GET", "/ping")
    assert (emulator.base_url, gate.asked) == (base_url, [])


async def test_the_next_connections_are_reset(api, emulator):
    emulator.faults.add(Fault.refuse_connections(connections=2, times=1))
    with pytest.raises(aiohttp.ClientOSError):
        await api("POST", INCREMENT, json=AMOUNT)  # a GET aiohttp would send again by itself
    for _ in range(2):
        reader, writer = await connect(emulator)
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    await api.ok("GET", "/ping")
    emulator.reset_connections(next=5)
    await emulator.accept_connections()
    await api.ok("GET", "/ping")


async def test_an_emulator_that_does_not_listen_refuses_already():
    emulator = Emulator()
    for refuse in (emulator.refuse_connections, emulator.reset_connections):
        with pytest.raises(RuntimeError, match="not been started"):
            refuse()


async def test_an_emulator_can_stop_while_it_refuses(clock, gate):
    async with Emulator(clock=clock, sleep=gate) as emulator:
        emulator.refuse_connections(seconds=60)
        await asyncio.sleep(0)
    assert gate.asked == [60]


async def test_requests_one_behind_the_other(api, wire, emulator):
    await wire.say(ping(api) * 3)
    for _ in range(3):
        status, head, body = await wire.answer()
        assert (status, body[:9]) == (200, b'{"pong":"')
        assert "Content-Type: application/json\r\n" in head
        assert "Date: " in head
    assert len(emulator.record.received("session_ping")) == 3


@pytest.mark.parametrize(
    "unusual",
    [
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}   \r\n0\r\n\r\n",
        b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        b"Content-Length: 2\r\nX-Name: \xc3\xa4\r\n\r\n{}",
    ],
)
async def test_what_is_not_plain_is_left_to_aiohttp(api, wire, emulator, unusual):
    token = api.headers["x-auth-token"].encode()
    head = b"POST /server/leaderboards/board/submit HTTP/1.1\r\nHost: here\r\nx-auth-token: " + token
    await wire.say(head + b"\r\nLL-Version: 2021-03-01\r\nContent-Type: application/json\r\n" + unusual)
    status, _, body = await wire.answer()
    if status == 100:
        status, _, body = await wire.answer()
    assert (status, b"parameter_missing" in body) == (400, True)
    await wire.say(ping(api))
    assert (await wire.answer())[0] == 200


async def test_a_request_in_pieces(api, wire, emulator):
    await wire.say(ping(api) + ping(api)[:20])
    assert (await wire.answer())[0] == 200
    await wire.say(ping(api)[20:])
    assert (await wire.answer())[0] == 200


async def test_a_fault_meets_a_connection_that_stands(api, wire, emulator):
    await wire.say(ping(api))
    assert (await wire.answer())[0] == 200
    emulator.faults.add(Fault.error(status=503, times=1))
    await wire.say(ping(api))
    assert (await wire.answer())[0] == 503
    await wire.say(ping(api))
    assert (await wire.answer())[0] == 200


async def test_a_connection_that_the_client_closes(api, wire, emulator):
    await wire.say(ping(api, "Connection: close"))
    status, head, _ = await wire.answer()
    assert (status, "Connection: close" in head) == (200, True)
    assert await wire.reader.read() == b""


async def test_a_client_that_does_not_read_is_read_no_further(api, wire, emulator):
    emulator.world.generate(players=10, scores=200, seed=1)
    board = emulator.game.store.one("SELECT key FROM leaderboards ORDER BY id DESC LIMIT 1")["key"]
    request = ping(api).replace(b"/server/ping", f"/server/leaderboards/{board}/list?count=100".encode())
    count = 3000
    wire.writer.write(request * count)
    for _ in range(count):
        assert (await wire.answer())[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET /server/ping HTTP/1.1\r\n",
        b"GET /server/ping HTTP/1.0\r\nHost: here\r\n\r\n",
        b"HEAD /server/ping HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET http://here/server/ping HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET /server/ping#part HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET /server/ping HTTP/1.1\r\nAccept: x\r\n\r\n",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\n folded\r\n\r\n",
        b"GET /server/ping HTTP/1.1\r\nHost : here\r\n\r\n",
        b"GET /server/ping HTTP/1.1\nHost: here\n\n",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nConnection: keep-alive, Upgrade\r\n\r\n",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nAccept: a/b\r\naccept: c/d\r\n\r\n",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nContent-Length: +2\r\n\r\n{}",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\n{}",
        b"GET /server/ping HTTP/1.1\r\nHost: here\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
    ],
)
def test_requests_that_are_not_plain(data):
    assert read(data) is None


def test_a_plain_request():
    head = b"PUT /server/a%20b?c=d HTTP/1.1\r\nHost: here\r\nX-Name:\t value: 1 \r\nEmpty:\r\ncontent-length: 2\r\n\r\n"
    data = head + b"{}rest"
    request = read(data)
    assert request is not None
    assert (request.verb, request.target, request.body) == ("PUT", "/server/a%20b?c=d", b"{}")
    assert dict(request.headers) == {"host": "here", "x-name": "value: 1", "empty": "", "content-length": "2"}
    assert data[request.size :] == b"rest"


@pytest.mark.parametrize("said", ["keep-alive", "Keep-Alive"])
def test_a_request_that_says_what_goes_without_saying_is_plain(said):
    assert read(f"GET /server/ping HTTP/1.1\r\nHost: here\r\nConnection: {said}\r\n\r\n".encode()) is not None


@pytest.mark.parametrize("path", ["/server/leaderboards/board/submit", "/_emulator/world"])
@pytest.mark.parametrize("resets", [False, True])
async def test_a_client_that_goes_away_in_the_middle_of_its_body_is_no_mistake(caplog, path, resets):
    caplog.set_level(logging.DEBUG, "lootlocker_async.emulator")
    told = asyncio.Event()
    caplog.handler.addFilter(lambda record: told.set() or True)
    async with Emulator(admin_key="key") as emulator:
        emulator.world.add_leaderboard("board")
        _, writer = await connect(emulator)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: here\r\nx-admin-key: key\r\nContent-Length: 9\r\n\r\n{{".encode())
        await writer.drain()
        # The answer to another request says that the first one has begun.
        async with aiohttp.ClientSession() as session, session.get(f"{emulator.base_url}/ping") as response:
            assert response.status == 401
        if resets:
            reset(writer.transport)
        else:
            writer.close()
        async with asyncio.timeout(10):
            await told.wait()
        (record,) = caplog.records
        assert (record.levelname, f"went away in the middle of POST {path}" in record.message) == ("DEBUG", True)
        assert emulator.record.executed() == []
