"""A network that fails, in front of a server: a proxy that knows where messages end, a pipe that counts bytes."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import socket
import ssl
import struct
from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import Self

import attrs

_END = b"\r\n\r\n"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MOST = 1 << 24


class How(enum.Enum):
    """What becomes of a connection."""

    RESET = "it is reset (RST)"
    CUT = "it ends (FIN)"
    STALL = "nothing comes any more"


class Where(enum.Enum):
    """When that happens. Only from `ANSWER` on has the server had the whole request."""

    ACCEPT = "as soon as it stands"
    REQUEST_HEAD = "in the middle of the request's head"
    REQUEST_BODY = "in the middle of the request's body"
    ANSWER = "before the answer's first byte"
    HEAD = "in the middle of the answer's head"
    BODY = "in the middle of the answer's body"
    END = "after the answer's last byte"

    @property
    def of_request(self) -> bool:
        return self in {Where.REQUEST_HEAD, Where.REQUEST_BODY}

    @property
    def arrived(self) -> bool:
        """Whether the server had the whole request."""
        return self in {Where.ANSWER, Where.HEAD, Where.BODY, Where.END}

    def point(self, head: int, body: int) -> int:
        """After how many bytes of a message."""
        if self in {Where.REQUEST_HEAD, Where.HEAD}:
            return head // 2
        if self in {Where.REQUEST_BODY, Where.BODY}:
            return head + body // 2
        return head + body if self is Where.END else 0


@attrs.frozen
class Trouble:
    """What is to go wrong, and how often; an idle connection that is met `ACCEPT` counts as a new one."""

    how: How
    where: Where


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a RST."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


class Listening:
    """Listens on loopback and sees its connections end. `opened` counts them, `open` says how many stand."""

    def __init__(self, *, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.opened = 0
        self.port = 0

    @property
    def open(self) -> int:
        return len(self._tasks)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        raise AssertionError

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context, limit=_MOST)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.drop_all()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def drop_all(self) -> None:
        """End every connection that stands."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return  # one of the two sides is gone
        finally:
            self._writers.discard(writer)
            writer.transport.abort()


async def gone(reader: asyncio.StreamReader) -> None:
    """Wait until the other side has closed the connection, and take nothing in before."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(65536):
            pass


@contextlib.contextmanager
def ending(writer: asyncio.StreamWriter) -> Generator[None]:
    """End a connection after the block, whatever becomes of it."""
    try:
        yield
    finally:
        writer.transport.abort()


class Chaos(Listening):
    """Hands requests and answers on, message by message, until it is told what is to go wrong.

    Attributes:
        met: How many requests (or connections) have met the trouble.
        heads: The heads of the requests that came.
        hold: What answers wait for before their first byte; None for nothing.
        pace: Bytes and the seconds after them in which answers are handed on, or None for all at once.
    """

    def __init__(self, port: int, *, context: ssl.SSLContext | None = None) -> None:
        super().__init__(context=context)
        self._target = port
        self._trouble: Callable[[], Trouble | None] = lambda: None
        self.met = 0
        self.heads: list[str] = []
        self.hold: asyncio.Event | None = None
        self.pace: tuple[int, float] | None = None
        self.server_key = ""

    @property
    def base_url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}/server"

    def trouble(self, trouble: Trouble, times: int | None = None) -> None:
        """Have the next so many requests meet something, or all of them."""
        self.troubles(trouble for _ in range(times if times is not None else _MOST))

    def troubles(self, plan: Iterator[Trouble | None]) -> None:
        """Have each request meet what comes next in a plan."""
        self._trouble = lambda: next(plan, None)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trouble = self._trouble()
        if trouble is not None and trouble.where is Where.ACCEPT:
            await self._strike(trouble.how, reader, writer, taking=False)
            return
        upstream, onward = await asyncio.open_connection("127.0.0.1", self._target, limit=_MOST)
        with ending(onward):
            while True:
                head = await reader.readuntil(_END)
                self.heads.append(head.decode())
                trouble = trouble or self._trouble()
                await self._one(trouble, head, (reader, writer), (upstream, onward))
                trouble = None

    async def _one(
        self,
        trouble: Trouble | None,
        head: bytes,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Hand on one request and its answer."""
        (reader, writer), (upstream, onward) = client, server
        if trouble is not None and (trouble.where.of_request or trouble.where is Where.ACCEPT):
            point = trouble.where.point(len(head), length(head))
            onward.write(head[:point] + await reader.readexactly(max(point - len(head), 0)))
            await onward.drain()
            await self._strike(trouble.how, reader, writer)
            return
        onward.write(head + await body_of(head, reader))
        answer = await upstream.readuntil(_END)
        whole = answer + await body_of(answer, upstream)
        if self.hold is not None:
            await self.hold.wait()
        if trouble is None:
            await self._hand_on(whole, writer)
            return
        writer.write(whole[: trouble.where.point(len(answer), len(whole) - len(answer))])
        await writer.drain()
        await self._strike(trouble.how, reader, writer)

    async def _hand_on(self, answer: bytes, writer: asyncio.StreamWriter) -> None:
        size, pause = self.pace or (len(answer), 0.0)
        for start in range(0, len(answer), size):
            writer.write(answer[start : start + size])
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)

    async def _strike(
        self, how: How, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, taking: bool = True
    ) -> None:
        self.met += 1
        if how is How.RESET:
            reset(writer)
            raise ConnectionResetError
        if how is How.CUT:
            writer.write_eof()
            await gone(reader)
            raise ConnectionResetError
        if not taking:
            reader._transport.pause_reading()  # type: ignore[attr-defined]
        await gone(reader)
        raise ConnectionResetError


def length(head: bytes) -> int:
    """How many bytes a message's body has, where its head says so."""
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n")[1:])
    return next((int(value) for name, _, value in fields if name == b"content-length"), 0)


async def body_of(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """The rest of a message, as it stands on the wire."""
    if b"transfer-encoding: chunked" not in head.lower():
        return await reader.readexactly(length(head))
    chunks = b""
    while not chunks.endswith(b"\r\n0\r\n\r\n") and chunks != b"0\r\n\r\n":
        line = await reader.readuntil(b"\r\n")
        chunks += line + await reader.readexactly(int(line, 16) + 2)
    return chunks


class Pipe(Listening):
    """Hands bytes on and knows nothing of what they mean; `seen` is what came from clients.

    Attributes:
        cut_after: After how many bytes towards the client a connection ends as `how` says; None for never.
    """

    def __init__(self, port: int) -> None:
        super().__init__()
        self._target = port
        self.cut_after: int | None = None
        self.how = How.RESET
        self.seen = b""
        self.sent = 0

    def lead_to(self, port: int) -> None:
        """End every connection, and lead further ones to another server."""
        self._target = port
        self.drop_all()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, onward = await asyncio.open_connection("127.0.0.1", self._target)
        with ending(onward):
            there = asyncio.create_task(self._there(reader, onward))
            try:
                await self._back(upstream, writer)
            finally:
                there.cancel()
                await asyncio.wait({there})
            if self.how is How.RESET:
                reset(writer)
            elif self.how is How.CUT:
                writer.write_eof()
                await gone(reader)
            else:
                await gone(reader)

    async def _there(self, reader: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                self.seen += data
                onward.write(data)
                await onward.drain()
            onward.close()

    async def _back(self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = 0
        while data := await upstream.read(65536):
            if self.cut_after is not None and sent + len(data) >= self.cut_after:
                writer.write(data[: self.cut_after - sent])
                await writer.drain()
                return
            sent += len(data)
            self.sent += len(data)
            writer.write(data)
            await writer.drain()


@contextlib.contextmanager
def unaccepting() -> Generator[int]:
    """The port of a listener whose backlog is full: who connects there is never answered at all."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port
