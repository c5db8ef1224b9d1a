"""A server of a test's own that answers as no service should: bytes in, bytes out."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import attrs

KEY = "dev_raw_key_5f2b9c"


@attrs.frozen
class Request:
    """What came: the address as it stood in the request line, and which connection it came by."""

    verb: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0].removeprefix("/server")


class Wire:
    """The way back for an answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def answer(
        self,
        body: Any = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """Answer with JSON, or with bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        fields = {"Content-Type": "application/json", "Content-Length": str(len(data) if length is None else length)}
        lines = [
            f"HTTP/1.1 {status} X",
            *(f"{name}: {value}" for name, value in (fields | dict(headers or {})).items()),
        ]
        await self.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    async def begin(self, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Begin an answer in chunks."""
        lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", "Transfer-Encoding: chunked"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        await self.write("\r\n".join(lines).encode() + b"\r\n\r\n")

    async def chunk(self, data: bytes) -> None:
        """Send one chunk; an empty one ends the answer."""
        await self.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def gone(self) -> None:
        """Wait until the other side has closed the connection."""
        try:
            while await self._reader.read(65536):
                pass
        except ConnectionError:
            return

    def drop(self) -> None:
        self._writer.transport.abort()


Respond = Callable[[Request, Wire], Awaitable[None]]


class RawServer:
    """Listens on loopback. Logins are answered with a token each, unless `respond` is to see them as well.

    Attributes:
        requests: Everything that came, in order.
        open: How many connections are open.
        opened: How many were ever opened.
    """

    server_key = KEY

    def __init__(self, respond: Respond, *, logins: bool = True, port: int = 0) -> None:
        self._respond = respond
        self.port = port
        self._logins = logins
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Request] = []
        self.tokens: list[str] = []
        self.opened = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/server"

    @property
    def open(self) -> int:
        return len(self._writers)

    def seen(self, path: str | None = None) -> list[Request]:
        """What came beside logins, or for one path."""
        return [r for r in self.requests if (r.path != "/session" if path is None else r.path == path)]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        for writer in tuple(self._writers):
            writer.transport.abort()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.opened += 1
        number = self.opened
        wire = Wire(reader, writer)
        try:
            while not writer.is_closing() and (request := await _read(reader, number)) is not None:
                self.requests.append(request)
                if self._logins and request.path == "/session":
                    self.tokens.append(f"raw_token_{len(self.tokens) + 1}_9f8e7d6c")
                    await wire.answer({"token": self.tokens[-1]})
                else:
                    await self._respond(request, wire)
        except ConnectionError:
            return
        finally:
            self._writers.discard(writer)
            writer.transport.abort()


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def _read(reader: asyncio.StreamReader, number: int) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    verb, target, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(verb, target, headers, body, number)
