"""A connection whose plain requests are answered at once.

Most requests come whole, in one piece, and ask for nothing unusual of HTTP. Those are read here and answered in the
same turn of the loop, which takes a fraction of what aiohttp's server takes. The first request of a connection that is
anything else hands the connection over to aiohttp, for good.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple, cast

from lootlocker_async.emulator.delivery import Answer

_HEAD = re.compile(
    rb"(GET|POST|PUT|PATCH|DELETE) (/[!-\"$-~]*) HTTP/1\.1((?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]++:[\t -~]*+)++)\r\n\r\n"
)
_LENGTH = re.compile(r"[0-9]{1,12}")
_LARGEST_HEAD = 8190
_KEEP_ALIVE = "keep-alive"
# What these ask for is aiohttp's business.
_UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade", "content-encoding"})
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class PlainRequest(NamedTuple):
    """A request that came whole.

    Attributes:
        verb: Its verb.
        target: Its path and query as they came.
        headers: Its headers, by their names in lower case.
        body: Its body.
        size: How many bytes it is.
    """

    verb: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    size: int


def read(data: bytes) -> PlainRequest | None:
    """Reads the request that some bytes begin with.

    Returns:
        The request, or None where it isn't whole or isn't plain.
    """
    head = _HEAD.match(data)
    if head is None or head.end() > _LARGEST_HEAD:
        return None
    headers = _headers(head[3].decode())
    # One without the name of a host is for aiohttp to judge as well.
    if headers is None or "host" not in headers or not _UNUSUAL.isdisjoint(headers):
        return None
    # Many clients say what HTTP/1.1 does anyway.
    if headers.get("connection", _KEEP_ALIVE).lower() != _KEEP_ALIVE:
        return None
    length = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(length):
        return None
    start = head.end()
    size = start + int(length)
    if len(data) < size:
        return None
    return PlainRequest(head[1].decode(), head[2].decode(), headers, data[start:size], size)


def _headers(lines: str) -> dict[str, str] | None:
    """Headers by their names in lower case, or None where one is there twice."""
    headers: dict[str, str] = {}
    # A dictionary is made in a third of the time of aiohttp's, and whoever asks knows the names.
    for line in lines.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in headers:
            return None
        headers[name] = value.strip()
    return headers


class _Dates:
    """The header Date, made anew each second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> str:
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, formatdate(second, usegmt=True)
        return self._text


_DATES = _Dates()


def encode(answer: Answer) -> bytes:
    """An answer as it goes over the wire."""
    status, body, headers = answer.status, answer.body, answer.headers
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    kind = f"Content-Type: {answer.content_type}\r\n" if body else ""
    length = "" if status == 204 else f"Content-Length: {len(body)}\r\n"
    date = "" if "Date" in headers else f"Date: {_DATES.now()}\r\n"
    return f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\n{lines}{kind}{length}{date}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """A client's connection.

    Args:
        answer: Answers a plain request, or gives None where aiohttp has to.
        aiohttps: Makes the protocol of aiohttp's server.
        standing: Where it is to be found while it stands and hasn't been handed over.

    Attributes:
        transport: The way back to the client, while there is one.
    """

    def __init__(
        self,
        answer: Callable[[PlainRequest], Answer | None],
        aiohttps: Callable[[], asyncio.Protocol],
        standing: set[Connection],
    ) -> None:
        self._answer = answer
        self._aiohttps = aiohttps
        self._standing = standing
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        self.transport = cast("asyncio.Transport", transport)
        self._standing.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        """Forgets the way back."""
        self.transport = None
        self._standing.discard(self)

    def pause_writing(self) -> None:
        """Reads no more from a client that doesn't read."""
        if self.transport is not None:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Goes on with it."""
        if self.transport is not None:
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Answers what came."""
        transport = self.transport
        while data and transport is not None and not transport.is_closing():
            request = read(data)
            answer = None if request is None else self._answer(request)
            if request is None or answer is None:
                self._hand_over(transport, data)
                return
            transport.write(encode(answer))
            data = data[request.size :]

    def abort(self) -> None:
        """Ends it at once."""
        if self.transport is not None:
            self.transport.abort()

    def _hand_over(self, transport: asyncio.Transport, data: bytes) -> None:
        self._standing.discard(self)
        transport.resume_reading()
        protocol = self._aiohttps()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        protocol.data_received(data)
