"""Downloads of players' files: nothing of ours goes to their host, and nothing half stays here."""

from __future__ import annotations

import asyncio
import gc
import pickle
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lootlocker_async import (
    APIError,
    ClientClosedError,
    ConnectError,
    ConnectionLostError,
    InvalidRequestError,
    LootLockerClient,
    NotFoundError,
    PermissionDeniedError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    WrongEventLoopError,
)
from lootlocker_async.core.observers import AttemptEnded, AttemptStarted, RetryPlanned
from lootlocker_async.models.player_files import PlayerFile
from tests.integration.helpers import Events, check_idle, client_of, pool_of, until
from tests.integration.plain import Exchange, PlainServer
from tests.integration.raw import free_port

SIGNATURE = "bWFkZS11cC1zaWduYXR1cmU__"
QUERY = f"Expires=1781096400&Signature={SIGNATURE}&Key-Pair-Id=KEXAMPLE7&plus=a%2Bb%2fc"
CONTENT = bytes(range(256)) * 2000
PIECES = 5


def url_of(server: PlainServer, path: str = "/371/file.bin") -> str:
    return f"{server.origin}{path}?{QUERY}"


def file_of(server: PlainServer, **more: Any) -> PlayerFile:
    return PlayerFile(id=7, size=len(CONTENT), url=url_of(server), **more)


def giving(content: bytes = CONTENT, **headers: Any) -> Callable[[Exchange], Any]:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer(content, **headers)

    return handle


async def endless(exchange: Exchange) -> None:
    await exchange.answer(b"", length=10**9)
    while True:
        await exchange.write(b"x" * 1000)
        await asyncio.sleep(0.001)


async def stalled(exchange: Exchange) -> None:
    await exchange.answer(b"half", length=8)
    await exchange.gone()


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def check_no_download(client: LootLockerClient) -> None:
    pool = pool_of(client)
    assert not pool.downloads
    assert pool.downloading._free == min(client.config.max_in_flight, client.config.max_connections)
    assert not pool.downloading._waiting
    connector: Any = pool.transport.elsewhere().connector
    assert not connector._acquired
    check_idle(client)


# ----------------------------------------------------------------------------------------------------------- what comes
async def test_a_file_comes_to_its_path(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    async with PlainServer(giving()) as server, client_of(server) as client:
        to = tmp_path / "slot.sav"
        to.write_bytes(b"the older one")
        got = await client.player_files.download(file_of(server), to, progress=lambda *so_far: told.append(so_far))
        assert got == len(CONTENT)
        assert to.read_bytes() == CONTENT
        assert names_in(tmp_path) == ["slot.sav"]
        assert told[-1] == (len(CONTENT), len(CONTENT))
        assert sorted(told) == told
        assert await client.player_files.download(url_of(server), str(tmp_path / "other")) == got
        (tmp_path / "link").symlink_to("other")
        (tmp_path / "other").write_bytes(b"")
        await client.player_files.download(url_of(server), tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "other").read_bytes() == CONTENT
        check_no_download(client)


async def test_a_file_comes_piece_by_piece() -> None:
    async with PlainServer(giving()) as server, client_of(server) as client:
        stream = client.player_files.stream(file_of(server))
        assert b"".join([piece async for piece in stream]) == CONTENT
        assert (stream.size, stream.received) == (len(CONTENT), len(CONTENT))
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        check_no_download(client)


@pytest.mark.parametrize("content", [b"", CONTENT], ids=["empty", "large"])
async def test_a_host_that_does_not_say_how_much(tmp_path: Path, content: bytes) -> None:
    async def until_closed(exchange: Exchange) -> None:
        await exchange.answer(content, length=None, Connection="close")
        exchange.writer.close()

    async def chunked(exchange: Exchange) -> None:
        await exchange.answer(b"", length=None, Transfer_Encoding="chunked")
        for piece in (content[:1000], content[1000:], b""):
            if piece or not content or piece is content[:0]:
                await exchange.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                if not piece:
                    return

    for handle in (until_closed, chunked):
        async with PlainServer(handle) as server, client_of(server) as client:
            assert await client.player_files.download(url_of(server), tmp_path / "x") == len(content)
            assert (tmp_path / "x").read_bytes() == content


async def test_nothing_of_ours_goes_to_the_host(tmp_path: Path) -> None:
    async with PlainServer(giving(Set_Cookie="sid=1; Path=/")) as cdn, PlainServer(giving(b"{}")) as server:
        async with client_of(server) as client:
            await client.player_files.download(url_of(cdn), tmp_path / "x")
            assert server.logins == 0
            await client.preload()
            for _ in range(2):
                await client.player_files.download(file_of(cdn), tmp_path / "x")
        assert [head.target for head in cdn.heads] == [f"/371/file.bin?{QUERY}"] * 3
        for head in cdn.heads:
            assert {*head.headers} == {"host", "accept", "accept-encoding", "user-agent"}
            assert head.headers["accept-encoding"] == "identity"
        assert not server.heads


async def test_the_headers_of_a_users_own_session_stay_here(tmp_path: Path) -> None:
    headers = {"X-Own": "1", "Authorization": "Basic bWU6c2VjcmV0"}
    async with (
        PlainServer(giving()) as cdn,
        aiohttp.ClientSession(headers=headers, cookies={"a": "b"}) as session,
    ):
        async with client_of(cdn, aiohttp_session=session) as client:
            await client.player_files.download(url_of(cdn), tmp_path / "x")
        (head,) = cdn.heads
        assert {*head.headers} == {"host", "accept", "accept-encoding", "user-agent"}
        assert not session.closed
        assert session.connector is not None
        assert not session.connector.closed


async def test_proxies_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with PlainServer(giving()) as proxy, PlainServer(giving(b"straight")) as cdn:
        monkeypatch.setenv("http_proxy", f"http://me:pw@127.0.0.1:{proxy.port}")
        async with client_of(cdn) as client:
            assert await client.player_files.download(url_of(cdn), tmp_path / "x") == len(CONTENT)
            assert proxy.heads[0].target == url_of(cdn)
            assert proxy.heads[0].headers["proxy-authorization"].startswith("Basic ")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with client_of(cdn) as client:
            assert await client.player_files.download(url_of(cdn), tmp_path / "x") == len(b"straight")


# ------------------------------------------------------------------------------------------------------------ redirects
def leading(*to: str, status: int = 302) -> Callable[[Exchange], Any]:
    steps = iter(to)

    async def handle(exchange: Exchange) -> None:
        location = next(steps, None)
        if location is None:
            await exchange.answer(CONTENT)
        else:
            await exchange.answer({}, status=status, Location=location)

    return handle


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(tmp_path: Path, status: int) -> None:
    async with PlainServer(giving()) as other:
        steps = ["/b%2Fc?x=%2f", "d", f"{other.origin}/e?s={SIGNATURE}"]
        async with PlainServer(leading(*steps, status=status)) as server, client_of(server) as client:
            assert await client.player_files.download(url_of(server), tmp_path / "x") == len(CONTENT)
            targets = [head.target for head in (*server.heads, *other.heads)]
            assert targets == [f"/371/file.bin?{QUERY}", "/b%2Fc?x=%2f", "/d", f"/e?s={SIGNATURE}"]
            assert all("referer" not in head.headers for head in other.heads)
            check_no_download(client)


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://cdn.example.com/x?s=1", "plain http"),
        ("ftp://127.0.0.1/x", "https://host/path"),
        ("//user:pw@127.0.0.1/x", "user name"),
        ("http://[/", "read"),
    ],
)
async def test_redirects_to_where_nothing_may_be_asked_are_not_followed(location: str, why: str) -> None:
    async with PlainServer(leading(location)) as server, client_of(server) as client:
        with pytest.raises(APIError, match=why) as caught:
            await anext(client.player_files.stream(url_of(server)))
        assert caught.value.status == 302
        _hides_the_signature(caught.value)
        check_no_download(client)


async def test_what_began_encrypted_stays_so() -> None:
    async with LootLockerClient("key", allow_http=True) as client:
        download = client.player_files.stream(f"https://cdn.example.com/a/b?{QUERY}")._download
        for location in ("http://127.0.0.1/x", "http://cdn.example.com/x"):
            with pytest.raises(APIError, match="plain http"):
                download.next_address(download.address, location, 302)
        assert str(download.next_address(download.address, "c?d=%2F", 302)) == "https://cdn.example.com/a/c?d=%2F"
        unencrypted = client.player_files.stream("http://cdn.example.com/a")._download
        assert unencrypted.next_address(unencrypted.address, "http://127.0.0.1/x", 302).host == "127.0.0.1"


async def test_redirects_end() -> None:
    async with PlainServer(leading(*["/again"] * 50)) as server, client_of(server) as client:
        with pytest.raises(APIError, match="more than 5 times"):
            await anext(client.player_files.stream(url_of(server)))
        assert len(server.heads) == 6
        check_no_download(client)


# ------------------------------------------------------------------------------------------------------------ addresses
async def test_addresses_that_may_not_be_asked(tmp_path: Path) -> None:
    wrong: list[tuple[Any, str]] = [
        ("http://cdn.example.com/x", "plain http"),
        ("ftp://cdn.example.com/x", "https://host/path"),
        ("/x", "https://host/path"),
        ("https:///x", "https://host/path"),
        ("", "https://host/path"),
        ("https://me:pw@cdn.example.com/x", "user name"),
        ("https://cdn.example.com:port/x", "can't be read"),
        (PlayerFile(id=1), "no url"),
        (7, "not int"),
        (None, "not NoneType"),
    ]
    async with PlainServer(giving()) as server, client_of(server) as client:
        for file, why in wrong:
            with pytest.raises(InvalidRequestError, match=why):
                client.player_files.stream(file)
            with pytest.raises(InvalidRequestError, match=why):
                await client.player_files.download(file, tmp_path / "x")
        for limit in (0, -1, 1.5, True, "9"):
            with pytest.raises(InvalidRequestError, match="max_bytes"):
                client.player_files.stream(url_of(server), max_bytes=limit)  # type: ignore[arg-type]
        await client.player_files.download(f"{server.origin}/a b\r\nX: y/\u00e4", tmp_path / "x")
        (head,) = server.heads
        assert "x" not in head.headers
        assert " " not in head.target


async def test_paths_that_nothing_can_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    async with PlainServer(giving()) as server, client_of(server) as client:
        for to in (tmp_path, tmp_path / "no" / "x", "", "\x00", tmp_path / "circle" / "x", b"x", 7):
            with pytest.raises(InvalidRequestError, match="to "):
                await client.player_files.download(url_of(server), to)  # type: ignore[arg-type]
        assert not server.heads
        assert names_in(tmp_path) == ["circle"]


# --------------------------------------------------------------------------------------------------------------- errors
def _hides_the_signature(error: BaseException) -> None:
    shown = f"{error!s} {error!r} {vars(error)!r}"
    for secret in (SIGNATURE, QUERY, "KEXAMPLE7"):
        assert secret not in shown
        assert secret.encode() not in pickle.dumps(error)
    assert error.__cause__ is None or SIGNATURE not in repr(error.__cause__)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, APIError), (403, PermissionDeniedError), (404, NotFoundError), (500, ServerError)]
)
async def test_a_refusal_is_of_its_class_and_shows_no_signature(
    tmp_path: Path, status: int, kind: type[APIError]
) -> None:
    told = f"<Error><Message>denied: {QUERY} {SIGNATURE}</Message><Key>KEXAMPLE7</Key></Error>".encode()

    async def handle(exchange: Exchange) -> None:
        await exchange.answer(told, status=status)

    async with PlainServer(handle) as server, client_of(server, retries=1) as client:
        with pytest.raises(kind) as caught:
            await client.player_files.download(url_of(server), tmp_path / "x")
        assert caught.value.path == f"{server.origin}/371/file.bin"
        assert (caught.value.operation, caught.value.status) == ("player_files_download", status)
        assert "denied" in caught.value.body
        assert ("get the file anew" in str(caught.value)) is (status < 500)
        assert len(server.heads) == (2 if status == 500 else 1)
        _hides_the_signature(caught.value)
        assert not names_in(tmp_path)
        check_no_download(client)


async def test_an_expired_url_is_said_to_be(tmp_path: Path) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer(b"", status=403)

    now = datetime.now(UTC)
    async with PlainServer(handle) as server, client_of(server) as client:
        with pytest.raises(PermissionDeniedError, match="expired at 20"):
            await anext(client.player_files.stream(file_of(server, url_expires_at=now - timedelta(minutes=1))))
        with pytest.raises(PermissionDeniedError) as caught:
            await anext(client.player_files.stream(file_of(server, url_expires_at=now + timedelta(hours=1))))
        assert "expired" not in str(caught.value)


async def test_a_server_error_and_a_lost_connection_are_tried_again(tmp_path: Path) -> None:
    seen: list[int] = []

    async def handle(exchange: Exchange) -> None:
        seen.append(1)
        if len(seen) == 1:
            await exchange.answer({}, status=503, Retry_After="0")
        elif len(seen) == 2:
            await exchange.answer(CONTENT[:100_000], length=len(CONTENT))
            exchange.writer.close()
        else:
            await exchange.answer(CONTENT)

    async with PlainServer(handle) as server, client_of(server) as client:
        assert await client.player_files.download(url_of(server), tmp_path / "x") == len(CONTENT)
        assert (tmp_path / "x").read_bytes() == CONTENT
        assert len(seen) == 3
        seen.clear()
        stream = client.player_files.stream(url_of(server))
        with pytest.raises(ConnectionLostError, match=f"of {len(CONTENT)} bytes"):
            async for _ in stream:
                pass
        assert len(seen) == 2


async def _cut_by_length(exchange: Exchange) -> None:
    await exchange.answer(CONTENT[:100_000], length=len(CONTENT))
    exchange.writer.close()


async def _cut_in_a_chunk(exchange: Exchange) -> None:
    await exchange.answer(b"", length=None, Transfer_Encoding="chunked")
    await exchange.write(b"ffff\r\nxyz")
    exchange.writer.close()


async def _cut_by_the_end(exchange: Exchange) -> None:
    await exchange.answer(CONTENT[:100_000], length=None, Connection="close")
    exchange.writer.close()


async def _reset(exchange: Exchange) -> None:
    await exchange.answer(CONTENT[:100], length=len(CONTENT))
    exchange.drop()


@pytest.mark.parametrize("handle", [_cut_by_length, _cut_in_a_chunk, _cut_by_the_end, _reset])
async def test_a_file_that_is_cut_never_appears(tmp_path: Path, handle: Callable[[Exchange], Any]) -> None:
    (tmp_path / "x").write_bytes(b"the older one")
    async with PlainServer(handle) as server, client_of(server, retries=0) as client:
        with pytest.raises(ConnectionLostError, match="broke after") as caught:
            await client.player_files.download(file_of(server), tmp_path / "x")
        _hides_the_signature(caught.value)
        assert names_in(tmp_path) == ["x"]
        assert (tmp_path / "x").read_bytes() == b"the older one"
        check_no_download(client)


async def test_a_host_that_is_not_there() -> None:
    async with PlainServer(giving()) as server, client_of(server, retries=0) as client:
        with pytest.raises(ConnectError) as caught:
            await anext(client.player_files.stream(f"http://127.0.0.1:{free_port()}/x?{QUERY}"))
        _hides_the_signature(caught.value)


async def test_a_host_that_falls_silent(tmp_path: Path) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.gone()

    for handle in (silent, stalled):
        async with PlainServer(handle) as server, client_of(server, retries=0, attempt_timeout=0.05) as client:
            with pytest.raises(RequestTimeoutError, match="nothing came for") as caught:
                await client.player_files.download(url_of(server), tmp_path / "x")
            _hides_the_signature(caught.value)
            await until(lambda: server.open == 0)
            assert not names_in(tmp_path)
            check_no_download(client)


async def test_more_than_is_wanted_is_not_taken(tmp_path: Path) -> None:
    async def chunked(exchange: Exchange) -> None:
        await exchange.answer(b"", length=None, Transfer_Encoding="chunked")
        while True:
            await exchange.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")

    for handle in (endless, chunked):
        async with PlainServer(handle) as server, client_of(server) as client:
            with pytest.raises(ResponseDecodeError, match="more than 5000 bytes") as caught:
                await client.player_files.download(url_of(server), tmp_path / "x", max_bytes=5000)
            assert caught.value.reason == "too_large"
            assert not names_in(tmp_path)
            check_no_download(client)
    async with PlainServer(giving()) as server, client_of(server) as client:
        await client.player_files.download(url_of(server), tmp_path / "x", max_bytes=len(CONTENT))


# ------------------------------------------------------------------------------------------------------------ giving up
async def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    async with PlainServer(endless) as server, client_of(server) as client:
        got: list[int] = []
        to = tmp_path / "x"
        running = asyncio.create_task(
            client.player_files.download(url_of(server), to, progress=lambda so_far, _total: got.append(so_far))
        )
        await until(lambda: len(got) > PIECES)
        assert [name[-5:] for name in names_in(tmp_path)] == [".part"]
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert not names_in(tmp_path)
        await until(lambda: server.open == 0)
        check_no_download(client)


class MineError(Exception):
    pass


async def test_what_progress_raises_ends_the_download(tmp_path: Path) -> None:
    def progress(_received: int, _size: int | None) -> None:
        raise MineError

    async with PlainServer(endless) as server, client_of(server) as client:
        with pytest.raises(MineError):
            await client.player_files.download(url_of(server), tmp_path / "x", progress=progress)
        assert not names_in(tmp_path)
        await until(lambda: server.open == 0)
        check_no_download(client)


async def test_a_stream_that_is_left_closes_its_connection() -> None:
    async with PlainServer(endless) as server, client_of(server) as client:
        async for _ in client.player_files.stream(url_of(server)):
            break
        gc.collect()
        await until(lambda: server.open == 0)
        check_no_download(client)
        async with client.player_files.stream(url_of(server)) as stream:
            async for _ in stream:
                break
        await until(lambda: server.open == 0)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        async with aclosing(client.player_files.stream(url_of(server))) as closing:
            await anext(closing)
        await until(lambda: server.open == 0)
        check_no_download(client)


async def test_closing_the_client_ends_its_downloads(tmp_path: Path) -> None:
    async with PlainServer(stalled) as server, client_of(server) as client:
        between = client.player_files.stream(url_of(server))
        await anext(between)
        stream = client.player_files.stream(url_of(server))
        await anext(stream)
        waiting = [
            asyncio.create_task(client.player_files.download(url_of(server), tmp_path / "x")),
            asyncio.ensure_future(anext(stream)),
        ]
        await until(lambda: len(pool_of(client).downloads) == 2)
        await client.close(grace=0)
        for running in waiting:
            with pytest.raises(ClientClosedError):
                await running
            assert isinstance(running, asyncio.Task)
            assert not running.cancelling()
        with pytest.raises(ClientClosedError):
            await anext(between)
        with pytest.raises(ClientClosedError):
            await anext(client.player_files.stream(url_of(server)))
        with pytest.raises(ClientClosedError):
            await client.player_files.download(url_of(server), tmp_path / "x")
        assert not names_in(tmp_path)
        await until(lambda: server.open == 0)


async def test_a_download_may_finish_while_the_client_waits_to_close(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.answer(CONTENT[:1000], length=len(CONTENT))
        await go_on.wait()
        await exchange.write(CONTENT[1000:])

    async with PlainServer(handle) as server, client_of(server) as client:
        running = asyncio.create_task(client.player_files.download(url_of(server), tmp_path / "x"))
        await until(lambda: server.heads)
        closing = asyncio.create_task(client.close(grace=10))
        await asyncio.sleep(0.01)
        go_on.set()
        assert await running == len(CONTENT)
        await closing


async def test_a_stream_belongs_to_its_loop() -> None:
    async with PlainServer(endless) as server, client_of(server) as client:
        stream = client.player_files.stream(url_of(server))
        await anext(stream)
        caught: list[BaseException] = []

        def elsewhere() -> None:
            try:
                asyncio.run(_next(stream))
            except WrongEventLoopError as error:
                caught.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert caught
        await anext(stream)
        await stream.aclose()


async def _next(stream: Any) -> bytes:
    found: bytes = await anext(stream)
    return found


async def test_a_file_is_never_held_whole(tmp_path: Path) -> None:
    size = 60 * 1024 * 1024

    async def handle(exchange: Exchange) -> None:
        await exchange.answer(b"", length=size)
        for _ in range(size // 65536):
            await exchange.write(bytes(65536))

    async with PlainServer(handle) as server, client_of(server) as client:
        await client.player_files.download(url_of(server), tmp_path / "x")
        tracemalloc.start()
        try:
            await client.player_files.download(url_of(server), tmp_path / "x")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert (tmp_path / "x").stat().st_size == size
        assert peak < size // 15  # what is on its way is some 2 MiB, on a busy machine more


async def test_a_pause_that_is_too_long_is_not_kept(tmp_path: Path) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer({}, status=503, Retry_After="3600")

    async with PlainServer(handle) as server, client_of(server) as client:
        with pytest.raises(ServerError) as caught:
            await client.player_files.download(url_of(server), tmp_path / "x")
        assert caught.value.retry_after == 3600
        # The service's own host has asked for a pause, which everything keeps.
        assert pool_of(client).gate.closed
        with pytest.raises(RequestTimeoutError, match="pause that ends after"):
            await anext(client.player_files.stream(url_of(server)))
        with pytest.raises(RequestTimeoutError, match="pause that ends after"):
            await client.session.ping()
        assert len(server.heads) == 1


async def test_a_pause_of_another_host_is_the_downloads_own(tmp_path: Path) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer({}, status=503, Retry_After="3600")

    async with PlainServer(handle) as cdn, PlainServer(giving(b"{}")) as server, client_of(server) as client:
        for _ in range(2):
            with pytest.raises(ServerError):
                await client.player_files.download(url_of(cdn), tmp_path / "x")
        assert not pool_of(client).gate.closed
        assert len(cdn.heads) == 2


async def test_what_lies_at_the_services_own_host_keeps_its_pace(tmp_path: Path) -> None:
    async with PlainServer(giving()) as server, client_of(server, calls_per_second=20) as client:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(client.player_files.download(url_of(server), tmp_path / f"{n}") for n in range(5)))
        assert asyncio.get_running_loop().time() - began >= 4 / 20
        check_no_download(client)


# ------------------------------------------------------------------------------------------------- how many at a time
async def test_as_many_downloads_as_calls_are_on_their_way() -> None:
    inside = most = 0
    go = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await go.wait()
        inside -= 1
        await exchange.answer(CONTENT)

    async with (
        PlainServer(handle) as cdn,
        PlainServer(giving(b"{}")) as server,
        client_of(server, max_in_flight=3) as client,
    ):
        streams = [client.player_files.stream(url_of(cdn)) for _ in range(10)]
        coming = [asyncio.create_task(_next(stream)) for stream in streams]
        await until(lambda: inside == 3)
        # They take none of the calls' places.
        await asyncio.gather(*(client.request("GET", "/x") for _ in range(3)))
        coming[0].cancel()
        coming[-1].cancel()
        await until(lambda: len(cdn.heads) == 4)
        go.set()
        for stream in streams[1:-1]:
            async with stream:
                await until(lambda: stream.received)  # noqa: B023  (used at once)
        await asyncio.wait(coming)
        assert most == 3 + 1, "one whose connection the host doesn't know to be closed"
        assert len(cdn.heads) == 9
        check_no_download(client)


async def test_a_download_whose_turn_does_not_come_in_time_was_not_sent(tmp_path: Path) -> None:
    async with PlainServer(stalled) as cdn, client_of(cdn, max_in_flight=1) as client:
        async with client.player_files.stream(url_of(cdn)) as first:
            await anext(first)
            with pytest.raises(RequestTimeoutError, match="before the call could go out") as caught:
                await client.with_options(timeout=0.2).player_files.download(url_of(cdn), tmp_path / "x")
            assert not caught.value.sent
            assert len(cdn.heads) == 1
        check_no_download(client)


# ------------------------------------------------------------------------------------------------------- what is told
PATH = "/371/file.bin"


async def test_observers_and_traces_are_told_of_downloads(tmp_path: Path) -> None:
    events = Events()
    async with PlainServer(giving()) as other:
        steps = iter([f"{other.origin}/e?s={SIGNATURE}"])

        async def handle(exchange: Exchange) -> None:
            await exchange.answer({}, status=302, Location=next(steps))

        async with PlainServer(handle) as server, client_of(server, observers=(events,)) as client:
            with client.trace() as calls:
                await client.player_files.download(url_of(server), tmp_path / "x")
            (call,) = calls
            assert (call.operation, call.method, call.path) == ("player_files_download", "GET", server.origin + PATH)
            assert (call.status, call.outcome, call.request_id) == (200, "ok", None)
            assert len(call.attempts) == 1
            assert call.headers["content-length"] == str(len(CONTENT))
            (started,), (ended,) = events.of(AttemptStarted), events.of(AttemptEnded)
            assert started == AttemptStarted("player_files_download", "GET", server.origin + PATH, 1, "", 0, {})
            assert ended.attempt == call.attempts[0]
            assert SIGNATURE not in repr((events.all, calls))


async def test_each_attempt_is_told_and_what_is_echoed_is_hidden(tmp_path: Path) -> None:
    events, answers = Events(), iter([500, None, 200])

    async def handle(exchange: Exchange) -> None:
        status = next(answers)
        if status is None:
            await exchange.answer(CONTENT[:9], length=20)
            exchange.writer.close()
        else:
            await exchange.answer(CONTENT, status=status, X_Trace_Id=SIGNATURE)

    async with PlainServer(handle) as server, client_of(server, observers=(events,)) as client:
        with client.trace() as calls:
            await client.player_files.download(url_of(server), tmp_path / "x")
        (call,) = calls
        told = [(attempt.number, attempt.status, attempt.error) for attempt in call.attempts]
        assert told == [(1, 500, ""), (2, 200, "ConnectionLostError"), (3, 200, "")]
        assert [event.attempt for event in events.of(AttemptEnded)] == [*call.attempts]
        assert len(events.of(RetryPlanned)) == 2
        assert SIGNATURE not in repr((events.all, calls))


@pytest.mark.parametrize("how", ["read", "left", "forgotten", "cancelled", "refused", "closed", "elsewhere"])
async def test_a_trace_is_told_how_a_stream_ended(how: str) -> None:
    async def handle(exchange: Exchange) -> None:
        if how == "refused":
            await exchange.answer({}, status=404)
        elif how == "read":
            await exchange.answer(CONTENT)
        else:
            await stalled(exchange)

    events = Events()
    async with PlainServer(handle) as server, client_of(server, observers=(events,)) as client:
        loop = asyncio.get_running_loop()
        with client.trace() as calls:
            stream = client.player_files.stream(url_of(server))
            if how == "refused":
                with pytest.raises(NotFoundError):
                    await anext(stream)
            else:
                await anext(stream)
        assert len(calls) == (how == "refused"), "the rest is told when it has ended"
        if how == "read":
            assert [piece async for piece in stream]
        elif how == "left":
            await stream.aclose()
        elif how == "forgotten":
            del stream
        elif how == "elsewhere":
            keep = [stream]
            del stream
            await asyncio.to_thread(keep.clear)
        elif how in {"cancelled", "closed"}:
            reading = asyncio.create_task(_next(stream))
            await asyncio.sleep(0.01)
            if how == "cancelled":
                reading.cancel()
            else:
                loop.call_soon(lambda: asyncio.ensure_future(client.close(0)))
            await asyncio.wait({reading})
        await until(lambda: calls)
        outcomes = {"read": "ok", "cancelled": "cancelled", "refused": "NotFoundError", "closed": "ClientClosedError"}
        assert [call.outcome for call in calls] == [outcomes.get(how, "left")]
        assert len(events.of(AttemptStarted)) == len(events.of(AttemptEnded)) == 1


async def test_closing_the_client_ends_a_pause(tmp_path: Path) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer({}, status=503, Retry_After="20")

    async with PlainServer(handle) as server, client_of(server) as client:
        running = [
            asyncio.create_task(client.player_files.download(url_of(server), tmp_path / "x")),
            asyncio.create_task(_next(client.player_files.stream(url_of(server)))),
        ]
        # The first one's Retry-After holds the other back, too.
        await until(lambda: server.heads and len(pool_of(client).downloads) == 2)
        await asyncio.sleep(0.01)
        await client.close(grace=0)
        for task in running:
            with pytest.raises(ClientClosedError) as caught:
                await task
            assert caught.value.__cause__ is None
        assert not names_in(tmp_path)
