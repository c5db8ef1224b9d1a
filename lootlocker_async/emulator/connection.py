"""A connection whose plain requests are answered at once.

Most requests come whole, in one piece, and ask for nothing unusual of HTTP. Those are read here and answered in the
same turn of the loop, which takes a fraction of what aiohttp's server takes. The first request of a connection that is
anything else hands the connection over to aiohttp, for good.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import cast

import attrs
from multidict import CIMultiDict

from lootlocker_async.emulator.delivery import Answer

_HEAD = re.compile(
    rb"(GET|POST|PUT|PATCH|DELETE) (/[!-\"$-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)+)\r\n"
)
_HEADER = re.compile(r"([^:]+):[\t ]*([^\r]*?)[\t ]*\r\n")
_LENGTH = re.compile(r"[0-9]{1,12}")
_LARGEST_HEAD = 8190
# What these ask for is aiohttp's business.
_UNUSUAL = ("Transfer-Encoding", "Connection", "Expect", "Upgrade", "Content-Encoding")
_REASONS = {status.value: status.phrase for status in HTTPStatus}


@attrs.frozen
class PlainRequest:
    """A request that came whole.

    Attributes:
        verb: Its verb.
        target: Its path and query as they came.
        headers: Its headers.
        body: Its body.
        size: How many bytes it is.
    """

    verb: str
    target: str
    headers: CIMultiDict[str]
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
    headers: CIMultiDict[str] = CIMultiDict(_HEADER.findall(head[3].decode()))
    lengths = headers.getall("Content-Length", ["0"])
    # One without the name of a host, or with two, is for aiohttp to judge as well.
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]) or len(headers.getall("Host", ())) != 1:
        return None
    if any(name in headers for name in _UNUSUAL):
        return None
    size = head.end() + int(lengths[0])
    if len(data) < size:
        return None
    return PlainRequest(head[1].decode(), head[2].decode(), headers, data[head.end() : size], size)


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
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}"]
    lines.extend([f"{name}: {value}" for name, value in answer.headers.items()])
    if answer.body:
        lines.append(f"Content-Type: {answer.content_type}")
    if answer.status != 204:
        lines.append(f"Content-Length: {len(answer.body)}")
    if "Date" not in answer.headers:
        lines.append(f"Date: {_DATES.now()}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode() + answer.body


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
