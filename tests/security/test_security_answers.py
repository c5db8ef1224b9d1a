"""Answers of a hostile server or proxy: the second table of the threat model."""

from __future__ import annotations

import ast
import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lootlocker_async
from lootlocker_async import (
    APIError,
    LootLockerClient,
    LootLockerError,
    RateLimitedError,
    ResponseDecodeError,
    TransportError,
)
from lootlocker_async.core.pagination import Paginator
from tests.integration.helpers import BOARD, client_of
from tests.integration.raw import RawServer, Request, Wire
from tests.support.lists import ADDRESS, Item, route

LIMIT = 1_000_000
UNPACKED = 150_000_000


@asynccontextmanager
async def client_that_hears(
    respond: bytes | Callable[[Request, Wire], Awaitable[None]], **settings: Any
) -> AsyncIterator[tuple[LootLockerClient, RawServer]]:
    """A client whose every call is answered so: with these bytes, head and all."""

    async def write(request: Request, wire: Wire) -> None:
        if callable(respond):
            await respond(request, wire)
        else:
            await wire.write(respond)
            await wire.gone()

    settings = {"max_response_bytes": LIMIT, "retries": 0, **settings}
    async with RawServer(write) as server, client_of(server, **settings) as client:
        yield client, server


def answer(body: bytes, *headers: str, status: int = 200) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} X", *headers, "", ""]).encode() + body


async def peak_of(call: Awaitable[object]) -> tuple[LootLockerError, int]:
    """The error of a call, and the most bytes that were allocated meanwhile."""
    tracemalloc.start()
    try:
        with pytest.raises(LootLockerError) as caught:
            await call
        return caught.value, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [200, 500])
async def test_an_answer_without_an_end(status: int) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.begin(status=status)
        while True:
            await wire.chunk(b"x" * 65_536)

    async with client_that_hears(respond) as (client, _):
        await client.preload()
        error, peak = await peak_of(client.request("GET", "/endless"))
    assert isinstance(error, ResponseDecodeError if status == 200 else APIError)
    assert getattr(error, "reason", "too_large") == "too_large"
    assert peak < 8 * LIMIT


@cache
def bomb(kind: str) -> bytes:
    if kind == "gzip":
        return gzip.compress(b"0" * UNPACKED, compresslevel=6)
    packer = zlib.compressobj(wbits=-15 if kind == "raw" else 15)
    return packer.compress(b"0" * UNPACKED) + packer.flush()


@pytest.mark.parametrize(
    ("kind", "encoding"), [("gzip", "gzip"), ("gzip", "GZIP"), ("zlib", "deflate"), ("raw", "deflate")]
)
@pytest.mark.parametrize("status", [200, 500])
async def test_a_decompression_bomb(kind: str, encoding: str, status: int) -> None:
    packed = bomb(kind)
    assert len(packed) < LIMIT // 4, "the length that is told is harmless"
    told = answer(packed, f"Content-Encoding: {encoding}", f"Content-Length: {len(packed)}", status=status)
    async with client_that_hears(told) as (client, _):
        await client.preload()
        error, peak = await peak_of(client.request("GET", "/bomb"))
    assert isinstance(error, ResponseDecodeError if status == 200 else APIError)
    assert getattr(error, "reason", "too_large") == "too_large"
    assert peak < 12 * LIMIT < UNPACKED // 10


async def test_a_packing_that_was_not_asked_for() -> None:
    packed = gzip.compress(bomb("gzip"))
    for encoding in ("x-unknown", "gzip, gzip", "br", "zstd"):
        told = answer(packed, f"Content-Encoding: {encoding}", f"Content-Length: {len(packed)}")
        async with client_that_hears(told) as (client, server):
            await client.preload()
            error, peak = await peak_of(client.request("GET", "/packed"))
            asked = server.requests[-1].headers["accept-encoding"]
        assert {part.strip() for part in asked.split(",")} <= {"gzip", "deflate", "br", "zstd"}
        assert isinstance(error, ResponseDecodeError | TransportError)
        assert peak < 12 * LIMIT


@pytest.mark.parametrize("chunked_first", [True, False])
async def test_lengths_that_contradict_each_other(chunked_first: bool) -> None:
    large = b'{"a": "%s"}' % (b"x" * 5 * LIMIT)
    headers = ["Transfer-Encoding: chunked", "Content-Length: 5"]
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(large), large)
    async with client_that_hears(answer(chunks, *headers[:: 1 if chunked_first else -1])) as (client, _):
        with pytest.raises(LootLockerError):
            await client.request("GET", "/smuggled")


@pytest.mark.parametrize("body", [b"[" * 400_000, b'{"a":' * 100_000, b"[" * 400_000 + b"]" * 400_000])
async def test_an_answer_nested_without_end(body: bytes) -> None:
    for status in (200, 500):
        async with client_that_hears(answer(body, f"Content-Length: {len(body)}", status=status)) as (client, _):
            with pytest.raises(ResponseDecodeError if status == 200 else APIError) as caught:
                await client.request("GET", "/deep")
            assert getattr(caught.value, "reason", "too_deep") == "too_deep"


@pytest.mark.parametrize("body", [b"[]", b"null", b'{"id": []}', b"\xff\xfe", b"<html>", b"", b'{"\x80": 1}'])
async def test_an_answer_of_another_shape(body: bytes) -> None:
    async with client_that_hears(answer(body, f"Content-Length: {len(body)}")) as (client, _):
        with pytest.raises(ResponseDecodeError) as caught:
            await client.leaderboards.get(BOARD)
        assert caught.value.executed


@pytest.mark.parametrize("number", [b"1e999999999999999999999", b"9" * 100_000, b"-1e400"])
async def test_a_number_beyond_measure(number: bytes) -> None:
    body = b'{"pagination": {"total": 1}, "items": [{"member_id": "a", "rank": 1, "score": %s}]}' % number
    async with client_that_hears(answer(body, f"Content-Length: {len(body)}")) as (client, _):
        with pytest.raises(ResponseDecodeError):
            await client.leaderboards.list_scores(BOARD)
    body = b'{"message": %s}' % number
    async with client_that_hears(answer(body, f"Content-Length: {len(body)}", status=400)) as (client, _):
        with pytest.raises(APIError):
            await client.leaderboards.get(BOARD)


async def test_text_that_forges_lines_of_a_log(caplog: pytest.LogCaptureFixture) -> None:
    forged = "no\r\n2031-01-01 CRITICAL all is lost\x1b[2J\u2028" + "x" * 10_000

    async def respond(request: Request, wire: Wire) -> None:
        told = dict.fromkeys(["message", "code", "param", "doc_url", "request_id", "trace_id"], forged)
        await wire.answer(told, status=400)

    caplog.set_level("DEBUG")
    async with client_that_hears(respond) as (client, _):
        with pytest.raises(APIError) as caught:
            await client.leaderboards.get(BOARD)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 2000
    told = [record for record in caplog.records if record.name.startswith("lootlocker_async.")]
    assert {record.name for record in told} >= {"lootlocker_async.calls", "lootlocker_async.session"}
    for record in told:
        assert record.getMessage().isprintable()
        assert all(value.isprintable() for value in record.__dict__.values() if isinstance(value, str))


async def test_a_wait_without_an_end() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({}, status=429, headers={"Retry-After": "999999999999"})

    async with client_that_hears(respond, retries=3, timeout=30) as (client, server):
        with pytest.raises(RateLimitedError):
            await asyncio.wait_for(client.request("GET", "/wait"), 5)
        assert len(server.seen()) == 1


async def test_a_list_without_an_end() -> None:
    calls = 0

    async def fetch(query: dict[str, Any]) -> Any:
        nonlocal calls
        calls += 1
        return SimpleNamespace(items=(Item(1),), pagination=SimpleNamespace(total=9, next_cursor=7))

    paginator: Paginator[Item] = Paginator(route("index"), ADDRESS, fetch)
    with pytest.raises(ResponseDecodeError, match="does not advance"):
        await paginator.collect()
    assert calls == 2


async def test_a_cookie_that_follows_us() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({"pong": "now"}, headers={"Set-Cookie": "sid=1; Path=/"})

    async with client_that_hears(respond) as (client, server):
        await client.session.ping()
        await client.session.ping()
        assert all("cookie" not in request.headers for request in server.requests)


async def test_an_answer_that_nobody_asked_for() -> None:
    good = answer(b'{"pong":"good"}', "Content-Length: 15")

    async def respond(request: Request, wire: Wire) -> None:
        await wire.write(good + good.replace(b"good", b"evil"))

    async with client_that_hears(respond) as (client, _):
        for _ in range(4):
            (result,) = await asyncio.gather(client.session.ping(), return_exceptions=True)
            assert isinstance(result, TransportError) or getattr(result, "pong", None) == "good"


async def test_a_service_that_drifts_without_end() -> None:
    numbers = iter(range(10**9))

    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({"pong": "now", **{f"x{next(numbers)}" + "y" * 1000: 1 for _ in range(700)}})

    async with client_that_hears(respond, max_response_bytes=10 * LIMIT, drift="always") as (client, _):
        for _ in range(3):
            await client.session.ping()
        counts = client._caller.manager.drift.counts
        assert 700 < len(counts) <= 1000
        assert max(len(drift.found) for drift in counts) <= 200


UNPACKERS = frozenset({"pickle", "marshal", "shelve", "dill"})
# yaml.load is the emulator's, for files of whoever tests with it, and its loader is one of the safe ones.
EVALUATORS = frozenset({"eval", "exec", "compile", "__import__", "yaml.unsafe_load", "yaml.full_load"})


def test_a_pickle_or_code_in_an_answer() -> None:
    root = Path(lootlocker_async.__file__).parent
    found: list[str] = []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                found += [
                    f"{path.name}: {name}" for name in names if name.split(".")[0] in {"pickle", "marshal", "shelve"}
                ]
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in EVALUATORS:
                    found.append(f"{path.name}: {ast.unparse(node)[:80]}")
    assert found == []
