"""Uploads of players' files: streamed, bounded, broken off cleanly, and sent again only where that is safe."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import (
    AuthenticationError,
    ConnectionLostError,
    InvalidRequestError,
    LootLockerClient,
    LootLockerError,
    OutcomeUnknownError,
    PayloadTooLargeError,
    RateLimitedError,
    RequestTimeoutError,
    ServiceUnavailableError,
)
from lootlocker_async.core.observers import OutcomeUnknown
from lootlocker_async.core.uploads import MAX_FILE
from tests.integration.helpers import Events, check_idle, client_of, until
from tests.integration.plain import Exchange, PlainServer
from tests.integration.raw import free_port

FILE = {"id": 7, "name": "slot.sav", "size": 3}
PIECE = 512 * 1024
SMALL = b"a small file\r\n--with dashes\x00\xff"
LARGE = bytes(range(256)) * (3 * PIECE // 256) + b"end"


class Store:
    """Keeps what was uploaded."""

    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.forms: list[dict[str, Any]] = []

    async def __call__(self, exchange: Exchange) -> None:
        form = await exchange.form()
        self.forms.append(form)
        content = form["file"].get_payload(decode=True)
        assert isinstance(content, bytes)
        self.files.append(content)
        await exchange.answer(FILE)


class Source:
    """An async iterable that tells how far it was read and whether it was closed."""

    def __init__(self, *pieces: Any, error: BaseException | None = None, stall: bool = False) -> None:
        self.pieces = pieces
        self.error = error
        self.stall = stall
        self.given = 0
        self.begun = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun += 1
        try:
            for piece in self.pieces:
                yield piece
                self.given += 1
            if self.error is not None:
                raise self.error
            if self.stall:
                await asyncio.Event().wait()
        finally:
            self.closed = True


async def upload(client: LootLockerClient, file: Any, **more: Any) -> Any:
    return await client.player_files.upload(361, file=file, purpose="SAVE_GAME", **more)


async def idle(client: LootLockerClient) -> None:
    await asyncio.sleep(0)
    check_idle(client)


# ---------------------------------------------------------------------------------------------------------- what's sent
SOURCES: dict[str, Callable[[Path, bytes], Any]] = {
    "bytes": lambda _path, content: content,
    "bytearray": lambda _path, content: bytearray(content),
    "memoryview": lambda _path, content: memoryview(content),
    "path": lambda path, _content: path,
    "path as text": lambda path, _content: str(path),
    "iterable": lambda _path, content: Source(content[:5], b"", content[5:]),
    "iterable of views": lambda _path, content: Source(bytearray(content[:5]), memoryview(content[5:])),
}


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
async def test_every_source_arrives_whole(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / "slot-1.sav"
    path.write_bytes(content)
    store = Store()
    async with PlainServer(store) as server, client_of(server) as client:
        found = await upload(client, SOURCES[kind](path, content), public=False)
        assert found.id == 7
        assert store.files == [content]
        (form,) = store.forms
        assert list(form) == ["purpose", "public", "file"]
        assert {name: part.get_content_type() for name, part in form.items()} == {
            "purpose": "text/plain",
            "public": "text/plain",
            "file": "application/octet-stream",
        }
        assert [form[name].get_payload() for name in ("purpose", "public")] == ["SAVE_GAME", "false"]
        assert form["file"].get_filename() == ("slot-1.sav" if kind.startswith("path") else "file")
        (head,) = server.heads
        known = not kind.startswith("iterable")
        assert ("content-length" in head.headers) is known is not ("transfer-encoding" in head.headers)
        assert head.headers["x-auth-token"]
        await idle(client)


async def test_update_sends_the_file_alone() -> None:
    store = Store()
    async with PlainServer(store) as server, client_of(server) as client:
        await client.player_files.update(361, "12", file=SMALL, name="slot-2.sav")
        (head,), (form,) = server.heads, store.forms
        assert (head.verb, head.path) == ("PUT", "/server/players/361/files/12")
        assert list(form) == ["file"]
        assert form["file"].get_filename() == "slot-2.sav"
        assert store.files == [SMALL]


async def test_names_go_out_as_they_are() -> None:
    heads: list[bytes] = []

    async def handle(exchange: Exchange) -> None:
        body = await exchange.body()
        heads.append(body[body.index(b'name="file"') :].partition(b"\r\n")[0])
        await exchange.answer(FILE)

    async with PlainServer(handle) as server, client_of(server) as client:
        await upload(client, SMALL, name='na\u00efve "\u2603".sav; x=1 %41')
        assert heads == ['name="file"; filename="na\u00efve \\"\u2603\\".sav; x=1 %41"'.encode()]


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "a\r\nX: y", "\x00", "\x7f", "\ud800", 7], ids=repr)
async def test_names_that_no_file_has_are_refused(name: Any) -> None:
    async with PlainServer(Store()) as server, client_of(server) as client:
        with pytest.raises(InvalidRequestError, match="name"):
            await upload(client, SMALL, name=name)
        assert not server.heads


# ------------------------------------------------------------------------------------------------------ what's not sent
async def test_what_cannot_be_read_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    os.mkfifo(tmp_path / "pipe")
    wrong: list[tuple[Any, str]] = [
        (tmp_path / "missing", "No such file"),
        (tmp_path, "is a directory"),
        (tmp_path / "pipe", "no regular file"),
        ("\x00", "null"),
        (large, f"{MAX_FILE + 1} bytes"),
        (bytes(MAX_FILE + 1), f"{MAX_FILE + 1} bytes"),
        (os.fsencode(tmp_path / "missing").decode(), "No such file"),
        (memoryview(b"abcdef")[::2], "side by side"),
        (7, "not int"),
        ([b"a"], "not list"),
    ]
    async with PlainServer(Store()) as server, client_of(server) as client:
        for file, why in wrong:
            with pytest.raises(InvalidRequestError, match=why) as caught:
                await upload(client, file)
            with pytest.raises(InvalidRequestError, match=why):
                await client.player_files.update(361, 1, file=file)
            if why == "No such file":
                assert isinstance(caught.value.__cause__, FileNotFoundError)
        assert server.logins == 0
        assert not server.heads


async def test_the_largest_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "largest"
    path.write_bytes(bytes(MAX_FILE))
    store = Store()
    async with PlainServer(store) as server, client_of(server) as client:
        await upload(client, path)
        await upload(client, Source(*[bytes(MAX_FILE // 5)] * 5))
        assert [len(file) for file in store.files] == [MAX_FILE, MAX_FILE]


async def test_an_iterable_that_turns_out_too_long_is_broken_off() -> None:
    store, source = Store(), Source(*[bytes(MAX_FILE // 5)] * 5, b"x", b"never asked for")
    events = Events()
    async with PlainServer(store) as server, client_of(server, observers=(events,)) as client:
        with pytest.raises(InvalidRequestError, match="nothing stored"):
            await upload(client, source)
        assert not store.files
        assert (source.given, source.closed) == (5, True)
        await until(lambda: server.open == 1)  # the one that the login went by
        assert not events.of(OutcomeUnknown)
        await idle(client)


@pytest.mark.parametrize("piece", ["text", 7, None])
async def test_pieces_have_to_be_bytes(piece: Any) -> None:
    async with PlainServer(Store()) as server, client_of(server) as client:
        with pytest.raises(InvalidRequestError, match=type(piece).__name__):
            await upload(client, Source(b"x", piece))
        await idle(client)


# ------------------------------------------------------------------------------------------------------------- progress
async def test_progress_tells_what_was_sent_of_how_much(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(LARGE)
    async with PlainServer(Store()) as server, client_of(server) as client:
        for file, total in ((LARGE, len(LARGE)), (path, len(LARGE)), (Source(LARGE), None)):
            told: list[tuple[int, int | None]] = []
            await upload(client, file, progress=lambda *so_far, told=told: told.append(so_far))
            assert told == [(n * PIECE, total) for n in (1, 2, 3)] + [(len(LARGE), total)]


class MineError(Exception):
    pass


@pytest.mark.parametrize(
    "error", [MineError("mine"), OSError("disk"), ConnectionLostError("theirs", sent=True)], ids=repr
)
async def test_what_the_source_raises_reaches_the_caller(error: Exception) -> None:
    events, store = Events(), Store()
    async with PlainServer(store) as server, client_of(server, observers=(events,)) as client:
        error.__cause__ = cause = KeyError("why")
        with client.trace() as calls, pytest.raises(type(error)) as caught:
            await upload(client, Source(b"x" * 300_000, error=error))
        assert caught.value is error
        assert (error.__cause__, error.__context__) == (cause, None)
        assert calls[-1].attempts[0].error == type(error).__name__
        with pytest.raises(MineError):
            await upload(client, LARGE, progress=lambda *_: _raise(MineError()))
        await until(lambda: server.open <= 1)
        assert len(server.heads) == 2
        assert not store.files
        assert not events.of(OutcomeUnknown)
        await idle(client)


def _raise(error: Exception) -> None:
    raise error


async def test_a_source_that_was_itself_cancelled() -> None:
    store = Store()
    async with PlainServer(store) as server, client_of(server) as client:
        with pytest.raises(asyncio.CancelledError):
            await upload(client, Source(b"x", error=asyncio.CancelledError()))
        assert not store.files
        await idle(client)


@pytest.mark.parametrize("size", [0, PIECE, 2 * PIECE, len(LARGE) + 1])
async def test_a_file_that_changes_its_size_is_broken_off(tmp_path: Path, size: int) -> None:
    path, store = tmp_path / "live", Store()
    path.write_bytes(LARGE)
    async with PlainServer(store) as server, client_of(server) as client:
        with pytest.raises(InvalidRequestError, match="changed its size"):
            await upload(client, path, progress=lambda *_: os.truncate(path, size))
        assert not store.files
        await idle(client)


# -------------------------------------------------------------------------------------------------------- sending again
def refusing_first(store: Store, status: int, **headers: Any) -> Callable[[Exchange], Any]:
    async def handle(exchange: Exchange, seen: list[int] = []) -> None:  # noqa: B006  (kept on purpose)
        seen.append(1)
        if len(seen) == 1:
            await exchange.body()
            await exchange.answer({"message": "not now"}, status=status, **headers)
        else:
            await store(exchange)

    return handle


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "memoryview", "path"])
@pytest.mark.parametrize("refusal", [(429, {"Retry_After": "0"}), (503, {"Retry_After": "0"}), (401, {})], ids=str)
async def test_bytes_and_paths_are_read_anew(tmp_path: Path, kind: str, refusal: tuple[int, dict[str, str]]) -> None:
    path, store = tmp_path / "x", Store()
    path.write_bytes(LARGE)
    async with PlainServer(refusing_first(store, refusal[0], **refusal[1])) as server, client_of(server) as client:
        told: list[int] = []
        await upload(client, SOURCES[kind](path, LARGE), progress=lambda sent, _total: told.append(sent))
        assert store.files == [LARGE]
        assert told == [PIECE, 2 * PIECE, 3 * PIECE, len(LARGE)] * 2
        assert len({head.headers["x-auth-token"] for head in server.heads}) == server.logins == 1 + (refusal[0] == 401)
        await idle(client)


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimitedError), (503, ServiceUnavailableError), (401, AuthenticationError)]
)
async def test_an_iterable_that_was_begun_is_not_sent_again(status: int, error: type[Exception]) -> None:
    store, source = Store(), Source(SMALL)
    headers = {} if status == 401 else {"Retry_After": "0"}
    async with PlainServer(refusing_first(store, status, **headers)) as server, client_of(server) as client:
        with pytest.raises(error):
            await upload(client, source)
        assert (len(server.heads), source.begun) == (1, 1)
        await upload(client, SMALL)
        await until(lambda: not client._caller.manager._pools[asyncio.get_running_loop()].gate.closed)
        await idle(client)


async def test_an_iterable_that_was_not_begun_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store, source = Store(), Source(SMALL)
    async with PlainServer(store) as server:
        port = server.port
        async with client_of(server, retries=5) as client:
            await client.preload()
            server.port = free_port()
            async with client_of(server, retries=2) as other:
                other._caller.manager._tokens.current = client._caller.manager._tokens.current
                with pytest.raises(LootLockerError, match="no connection"):
                    await upload(other, source)
            assert source.begun == 0
            server.port = port
            await upload(client, source)
        assert store.files == [SMALL]


async def test_a_connection_lost_in_the_middle_leaves_the_outcome_open() -> None:
    async def handle(exchange: Exchange) -> None:
        await anext(exchange.pieces())
        exchange.drop()

    async with PlainServer(handle) as server, client_of(server) as client:
        for file in (LARGE, Source(LARGE, stall=True)):
            with pytest.raises(OutcomeUnknownError) as caught:
                await upload(client, file, name="slot.sav")
            assert "slot.sav" in str(caught.value.sent_body)
            assert isinstance(caught.value.__cause__, ConnectionLostError)
            await idle(client)
        assert len(server.heads) == 2


# -------------------------------------------------------------------------------------------------- answered too early
@pytest.mark.parametrize("status", [401, 413, 429])
@pytest.mark.parametrize("kind", ["stalled iterable", "large file"])
async def test_an_answer_before_the_body_was_read_ends_the_upload(tmp_path: Path, status: int, kind: str) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer({"message": "no"}, status=status)
        await asyncio.Event().wait()

    path = tmp_path / "large"
    path.write_bytes(bytes(MAX_FILE))
    source: Any = Source(SMALL, stall=True) if kind == "stalled iterable" else path
    errors = {401: AuthenticationError, 413: PayloadTooLargeError, 429: RateLimitedError}
    async with PlainServer(handle) as server, client_of(server, retries=0) as client:
        with pytest.raises(errors[status]):
            await upload(client, source)
        if isinstance(source, Source):
            assert source.closed
        await idle(client)


async def test_success_before_the_body_was_read_counts() -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer(FILE)
        await exchange.gone()

    source = Source(SMALL, stall=True)
    async with PlainServer(handle) as server, client_of(server) as client:
        assert (await upload(client, source)).id == 7
        assert source.closed
        await until(lambda: server.open == 1)
        await idle(client)


# ------------------------------------------------------------------------------------------------- cancelled, timed out
async def test_cancelling_closes_the_connection_and_the_source(tmp_path: Path) -> None:
    began = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        began.set()
        await asyncio.Event().wait()

    path = tmp_path / "large"
    path.write_bytes(bytes(MAX_FILE))
    source = Source(SMALL, stall=True)
    async with PlainServer(handle) as server, client_of(server) as client:
        for file in (source, path):
            began.clear()
            running = asyncio.create_task(upload(client, file))
            await began.wait()
            await asyncio.sleep(0.01)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert asyncio.all_tasks() - {asyncio.current_task()} <= server._tasks
            await idle(client)
        assert source.closed


async def test_a_source_that_takes_too_long_runs_into_the_deadline() -> None:
    source = Source(SMALL, stall=True)
    async with PlainServer(Store()) as server, client_of(server) as client:
        await client.preload()
        with pytest.raises(OutcomeUnknownError) as caught:
            await upload(client.with_options(timeout=0.05), source)
        assert isinstance(caught.value.__cause__, RequestTimeoutError)
        assert source.closed
        await idle(client)


async def test_closing_the_client_ends_an_upload() -> None:
    source = Source(SMALL, stall=True)
    async with PlainServer(Store()) as server, client_of(server) as client:
        running = asyncio.create_task(upload(client, source))
        await until(lambda: source.given)
        await client.close(grace=0)
        with pytest.raises(OutcomeUnknownError, match="closed"):
            await running
        assert source.closed


# --------------------------------------------------------------------------------------------------------------- memory
@pytest.mark.parametrize("kind", ["path", "iterable"])
async def test_a_file_is_never_held_whole(tmp_path: Path, kind: str) -> None:
    async def handle(exchange: Exchange) -> None:
        async for _ in exchange.pieces():
            pass
        await exchange.answer(FILE)

    path = tmp_path / "large"
    path.write_bytes(bytes(MAX_FILE))

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MAX_FILE // 4096):
            yield bytes(4096)

    async with PlainServer(handle) as server, client_of(server) as client:
        await upload(client, SMALL)
        tracemalloc.start()
        try:
            await upload(client, path if kind == "path" else pieces())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < MAX_FILE // 3
