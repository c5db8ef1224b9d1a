"""How many calls the emulator answers in a second of one core, and what a large leaderboard costs it.

The server has a process and a core of its own, and what is measured is its processor's time, which a busy machine
distorts less than the clock on the wall. The load comes from the other core, over a few connections that are kept
alive, each with one request under way. The baseline of a simple call is an aiohttp server that has one answer to
everything.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable
from random import Random
from typing import Final

import attrs
from aiohttp import web

from benchmarks import harness
from lootlocker_async.emulator import DEFAULT_KEY, Emulator
from lootlocker_async.emulator.world import World

_FEW: Final = 1_000
_MANY: Final = 1_000_000
_HIGHEST: Final = 10_000_000
_CONNECTIONS: Final = 16
_LENGTH: Final = re.compile(rb"[Cc]ontent-[Ll]ength: ([0-9]+)")
_BARE: Final = "a bare aiohttp server"
_PING: Final = "ping"
_GET: Final = "get"
_SUBMIT: Final = "submit"
_PAGE_LARGE: Final = "page of 1,000,000"
_PAGE_SMALL: Final = "page of 1,000"
_RANK_LARGE: Final = "rank of 1,000,000"
_RANK_SMALL: Final = "rank of 1,000"
_PONG: Final = b'{"pong":"2024-01-01T00:00:00Z"}'

Request = Callable[[str, int], bytes]
"""Puts a request together for a token and a number."""


# ---------------------------------------------------------------------------------------------------------- the servers
def _fill(world: World, entries: int) -> None:
    # Every score counts, or most of those submitted to a small board would change nothing, and cost less for it.
    world.add_leaderboard("board", overwrite_score_on_submit=True)
    world.add_scores("board", ((f"m{number}", number * 7919 % _HIGHEST) for number in range(entries)))


async def _serve_emulator(entries: int) -> None:
    # A server that runs for long keeps no endless record.
    async with Emulator(record_limit=1_000) as emulator:
        _fill(emulator.world, entries)
        await _until_told(int(emulator.base_url.split(":")[2].split("/")[0]))


async def _serve_bare() -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(body=_PONG, content_type="application/json")

    server = await asyncio.get_running_loop().create_server(web.Server(answer, access_log=None), "127.0.0.1", 0)
    await _until_told(server.sockets[0].getsockname()[1])
    server.close()


async def _until_told(port: int) -> None:
    """Say the port, and then the processor's seconds so far whenever asked, until there is nobody left to ask."""
    loop = asyncio.get_running_loop()
    print(port, flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(time.process_time(), flush=True)


@attrs.frozen
class _Server:
    """A server in another process."""

    port: int
    process: subprocess.Popen[str]

    def seconds(self) -> float:
        """What it took of its processor so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


@contextlib.contextmanager
def _server(entries: int | None) -> Generator[_Server]:
    """An emulator with so many scores on a board, or without a number the bare server."""
    command = harness.python("-m", "benchmarks.emulator", *([] if entries is None else [str(entries)]))
    with subprocess.Popen(
        command, cwd=harness.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield _Server(int(server.stdout.readline()), server)
        finally:
            server.terminate()


# ------------------------------------------------------------------------------------------------------------- the load
def _request(verb: str, path: str, token: str, body: str = "") -> bytes:
    head = f"{verb} /server{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nLL-Version: 2021-03-01\r\nx-auth-token: {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n{body}".encode()


def _ping(token: str, _: int) -> bytes:
    return _request("GET", "/ping", token)


def _get(token: str, _: int) -> bytes:
    return _request("GET", "/leaderboards/board", token)


def _submit(entries: int) -> Request:
    random = Random(1)

    def request(token: str, _: int) -> bytes:
        member, score = random.randrange(entries), random.randrange(_HIGHEST, 2 * _HIGHEST)
        return _request("POST", "/leaderboards/board/submit", token, f'{{"member_id":"m{member}","score":{score}}}')

    return request


def _page(entries: int) -> Request:
    random = Random(1)

    def request(token: str, _: int) -> bytes:
        after = random.randrange(entries - 50)
        return _request("GET", f"/leaderboards/board/list?count=50&after={after}", token)

    return request


def _log_in(port: int) -> str:
    body = '{"game_version":"1.0.0.0"}'
    request = _request("POST", "/session", DEFAULT_KEY, body).replace(b"x-auth-token", b"x-server-key")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        token = re.search(rb'"token":"(\w+)"', _answer(connection))
    assert token is not None
    return token[1].decode()


def _answer(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 16)
    head = data.find(b"\r\n\r\n")
    length = _LENGTH.search(data)
    if not data.startswith(b"HTTP/1.1 200") or head < 0 or length is None:
        raise RuntimeError(f"the server answered {data!r}")
    while len(data) < head + 4 + int(length[1]):
        data += connection.recv(1 << 16)
    return data


def _seconds_each(server: _Server, requests: Iterable[bytes]) -> float:
    """The seconds of its processor that a server takes for each, while every connection has one under way."""
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        waiting = iter(requests)
        for _ in range(_CONNECTIONS):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, connection)
            connection.sendall(next(waiting))
        answers, began = 0, server.seconds()
        under_way = _CONNECTIONS
        while under_way:
            for key, _ in selector.select():
                _answer(key.data)
                answers += 1
                request = next(waiting, None)
                if request is None:
                    under_way -= 1
                else:
                    key.data.sendall(request)
        return (server.seconds() - began) / answers


def _round(server: _Server, request: Request, calls: int) -> harness.Measure:
    token = "" if request is _any else _log_in(server.port)
    numbers = itertools.count()
    return lambda: _seconds_each(server, [request(token, next(numbers)) for _ in range(calls)])


def _any(_: str, __: int) -> bytes:
    return _request("GET", "/ping", "f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3")


# ------------------------------------------------------------------------------------------------------------- the rows
def _measure_simple(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, calls = (1, 300) if quick else (36, 750)
    with _server(_FEW) as ours, _server(None) as bare:
        harness.pin(0)
        simple = {_PING: _ping, _GET: _get, _SUBMIT: _submit(_FEW)}
        return harness.in_turns(
            {side: _round(ours, request, calls) for side, request in simple.items()}
            | {_BARE: _round(bare, _any, calls)},
            rounds,
        )


def _measure_grown(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, calls, many = (1, 200, 20_000) if quick else (9, 2_000, _MANY)
    with _server(many) as large, _server(_FEW) as small:
        harness.pin(0)
        return harness.in_turns(
            {
                _PAGE_LARGE: _round(large, _page(many), calls),
                _PAGE_SMALL: _round(small, _page(_FEW), calls),
                _RANK_LARGE: _round(large, _submit(many), calls),
                _RANK_SMALL: _round(small, _submit(_FEW), calls),
            },
            rounds,
        )


_A_CALL: Final = harness.Goal("at most", round(1e3 / 6_000, 3), "ms")  # 6,000 a second
_NO_GROWTH: Final = harness.Goal("at most", 1.3)


def _simple(name: str, title: str, side: str) -> harness.Row:
    return harness.Row(f"emulator-{name}", f"the emulator's CPU for {title}", _A_CALL, _BARE, ours=side)


def _grown(name: str, title: str, large: str, small: str) -> harness.Row:
    return harness.Row(
        f"emulator-{name}", f"the emulator's CPU for {title}, against 1,000", _NO_GROWTH, small, ours=large
    )


EXPERIMENTS = (
    harness.Experiment(
        _measure_simple,
        (
            _simple("ping", "a ping", _PING),
            _simple("get", "a leaderboard's settings", _GET),
            _simple("submit", "a score submitted", _SUBMIT),
        ),
        processes=6,
    ),
    harness.Experiment(
        _measure_grown,
        (
            _grown("page", "a page of 50 out of 1,000,000 scores", _PAGE_LARGE, _PAGE_SMALL),
            _grown("rank", "a score ranked among 1,000,000", _RANK_LARGE, _RANK_SMALL),
        ),
        processes=3,
    ),
)


if __name__ == "__main__":
    harness.pin(1)
    asyncio.run(_serve_emulator(int(sys.argv[1])) if len(sys.argv) > 1 else _serve_bare())
