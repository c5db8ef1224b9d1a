"""An HTTP proxy: tunnels what is encrypted, forwards what isn't, and can be told to behave as bad proxies do."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64encode

from tests.network.chaos import Listening, body_of, ending, gone, reset

USER, PASSWORD = "gateway-user", "p@ss:wOrd/7"
USERINFO = "gateway-user:p%40ss:wOrd%2F7"
"""Both as they stand in a proxy's URL."""
CREDENTIALS = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SECRETS = (PASSWORD, CREDENTIALS, "p%40ss", USERINFO)
REFUSED = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno"
FORBIDDEN = b"HTTP/1.1 403 Forbidden by the house rules\r\nContent-Length: 0\r\n\r\n"


class ForwardProxy(Listening):
    """Leads every host to one port of loopback.

    Args:
        port: That port.
        locked: Whether it wants the credentials.

    Attributes:
        heads: The heads of all requests that it was sent itself.
        instead: What it answers instead of doing its work; empty for nothing at all.
        then: What follows upon that: `close`, `reset` or `stay`.
    """

    def __init__(self, port: int, *, locked: bool = False) -> None:
        super().__init__()
        self._target = port
        self._locked = locked
        self.heads: list[str] = []
        self.instead: bytes | None = None
        self.then = "close"

    def url(self, userinfo: str = "") -> str:
        """Its own address."""
        return f"http://{userinfo + '@' if userinfo else ''}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head.decode())
            tunnel = head.startswith(b"CONNECT ")
            if self._locked and f"proxy-authorization: basic {CREDENTIALS}".lower() not in self.heads[-1].lower():
                writer.write(REFUSED)
                await body_of(head, reader)
            elif self.instead is not None:
                await self._misbehave(reader, writer)
            elif tunnel:
                await self._tunnel(reader, writer)
            else:
                await self._forward(head, reader, writer)

    async def _misbehave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.instead or b"")
        await writer.drain()
        if self.then == "reset":
            reset(writer)
        elif self.then == "close":
            writer.write_eof()
            await gone(reader)
        else:
            await gone(reader)
        raise ConnectionResetError

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, onward = await asyncio.open_connection("127.0.0.1", self._target)
        with ending(onward):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            there = asyncio.create_task(_copy(reader, onward))
            try:
                await _copy(upstream, writer)
            finally:
                there.cancel()
                await asyncio.wait({there})
        raise ConnectionResetError

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *fields = head.decode().split("\r\n")
        verb, target, version = first.split(" ")
        path = "/" + target.partition("://")[2].partition("/")[2]
        kept = [field for field in fields if not field.lower().startswith("proxy-")]
        upstream, onward = await asyncio.open_connection("127.0.0.1", self._target)
        with ending(onward):
            onward.write("\r\n".join([f"{verb} {path} {version}", *kept]).encode() + await body_of(head, reader))
            answer = await upstream.readuntil(b"\r\n\r\n")
            writer.write(answer + await body_of(answer, upstream))
            await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
