"""Where the emulator listens, and how it stops listening for a while."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Awaitable, Callable

import attrs
from aiohttp import web

from lootlocker_async.emulator.connection import Connection, PlainRequest
from lootlocker_async.emulator.delivery import Answer

_SHUTDOWN_SECONDS = 0.1
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Resets a connection: the other side meets an error, not an end."""
    if isinstance(transport, asyncio.WriteTransport):
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()


class _Reset(asyncio.Protocol):
    """A connection that is reset as soon as it stands."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        reset(transport)


@attrs.frozen
class _Address:
    family: socket.AddressFamily
    name: tuple[str, int]


class Listener:
    """One address with its listening sockets and the connections that stand.

    Args:
        answer: Answers a plain request at once, or gives None where `handle` has to.
        handle: Handles a request of aiohttp's server.
    """

    def __init__(
        self,
        answer: Callable[[PlainRequest], Answer | None],
        handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    ) -> None:
        self._answer = answer
        self._aiohttps = web.Server(handle, access_log=None)
        self._standing: set[Connection] = set()
        self._addresses: tuple[_Address, ...] = ()
        self._servers: list[asyncio.Server] = []
        self._kept: list[socket.socket] = []
        self._reset_next = 0

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Begins to listen.

        Returns:
            The first address that it listens at.
        """
        server = await asyncio.get_running_loop().create_server(self._accept, host, port)
        self._servers.append(server)
        self._addresses = tuple(_Address(it.family, it.getsockname()[:2]) for it in server.sockets)
        return self._addresses[0].name

    async def close(self) -> None:
        """Stops listening, and ends every connection."""
        self._stop_listening()
        while self._kept:
            self._kept.pop().close()
        for connection in tuple(self._standing):
            connection.abort()
        self._aiohttps.pre_shutdown()
        await self._aiohttps.shutdown(_SHUTDOWN_SECONDS)

    def refuse(self) -> None:
        """Resets every connection, and closes the listening sockets, so that the system refuses who connects.

        The ports are kept, so that nobody else takes them.
        """
        self._stop_listening()
        for address in () if self._kept else self._addresses:
            kept = socket.socket(address.family, socket.SOCK_STREAM)
            self._kept.append(kept)
            if sys.platform != "win32":  # where it would let others take the port
                kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if address.family == socket.AF_INET6:
                kept.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            kept.bind(address.name)
        self._reset_standing()

    def reset_next(self, connections: int) -> None:
        """Resets every connection, and so many of the next ones as soon as they stand."""
        self._reset_next = connections
        self._reset_standing()

    async def accept(self) -> None:
        """Lets clients connect again, at the same ports."""
        self._reset_next = 0
        loop = asyncio.get_running_loop()
        while self._kept:
            self._servers.append(await loop.create_server(self._accept, sock=self._kept.pop()))

    def _stop_listening(self) -> None:
        while self._servers:
            self._servers.pop().close()

    def _reset_standing(self) -> None:
        for connection in tuple(self._standing):
            reset(connection.transport)
        for protocol in self._aiohttps.connections:
            reset(protocol.transport)

    def _accept(self) -> asyncio.Protocol:
        if not self._reset_next:
            return Connection(self._answer, self._aiohttps, self._standing)
        self._reset_next -= 1
        return _Reset()
