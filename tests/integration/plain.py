"""A server whose handler reads a request's body as it likes, or not at all."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from email.message import MIMEPart
from types import TracebackType
from typing import Any, Self

import attrs

KEY = "dev_plain_key_71c0de"
TOKEN = "plain_token_5ca1ab1e"
LOGIN = "/server/session"


@attrs.define
class Exchange:
    """A request's head, with the connection that its body and its answer go over."""

    verb: str
    target: str
    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes; `IncompleteReadError` where it breaks off."""
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int((await self.reader.readuntil(b"\r\n")), 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
            return
        left = int(self.headers.get("content-length", "0"))
        while left:
            piece = await self.reader.read(min(left, 65536))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
            yield piece

    async def body(self) -> bytes:
        return b"".join([piece async for piece in self.pieces()])

    async def form(self) -> dict[str, MIMEPart]:
        """The parts of a multipart body by their names."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + await self.body(), policy=email.policy.HTTP)
        parts = list(message.iter_parts())
        return {str(part.get_param("name", header="Content-Disposition")): part for part in parts}

    async def answer(self, content: Any = None, *, status: int = 200, length: int | None = -1, **headers: str) -> None:
        """Answer with JSON, or with bytes as they are; `length=None` leaves it out."""
        data = content if isinstance(content, bytes) else json.dumps({} if content is None else content).encode()
        lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items())]
        lines += [] if length is None else [f"Content-Length: {len(data) if length < 0 else length}"]
        await self.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the other side has closed the connection."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            return

    def drop(self) -> None:
        self.writer.transport.abort()


class PlainServer:
    """Listens on loopback; logins are answered with the token.

    Attributes:
        heads: Every request but the logins.
        logins: How many logins there were.
        broken: What handlers raised.
    """

    server_key = KEY

    def __init__(self, handle: Callable[[Exchange], Awaitable[None]]) -> None:
        self._handle = handle
        self._tasks: set[asyncio.Task[None]] = set()
        self.heads: list[Exchange] = []
        self.logins = 0
        self.open = 0
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/server"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                verb, target, _ = first.split(" ")
                fields = (line.partition(": ") for line in lines if line)
                exchange = Exchange(verb, target, {name.lower(): text for name, _, text in fields}, reader, writer)
                if exchange.path == LOGIN:
                    self.logins += 1
                    await exchange.body()
                    await exchange.answer({"token": f"{TOKEN}{self.logins}"})
                else:
                    self.heads.append(exchange)
                    await self._handle(exchange)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            self.open -= 1
            writer.transport.abort()
