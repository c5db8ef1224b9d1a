"""A server of canned bytes: HTTP/1.1 with keep-alive and no more, so that the client is all that is measured."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from benchmarks import harness

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length:"


def _answer(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
        "x-request-id: 0123456789abcdef\r\n"
        "x-trace-id: fedcba9876543210\r\n"
        "\r\n"
    )
    return head.encode() + body


SESSION: Final = b'{"token":"f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3"}'
SCORE: Final = b'{"member_id":"361","rank":17,"score":9000,"metadata":""}'
BOARD: Final = (
    b'{"leaderboard":{"id":4021,"key":"daily","name":"Daily","game_id":1337,"type":"player",'
    b'"direction_method":"descending","enable_game_api_writes":false,"overwrite_score_on_submit":false,'
    b'"has_metadata":true,"created_at":"2023-05-01T10:00:00Z","updated_at":"2023-05-02T10:00:00Z",'
    b'"ulid":"01GZAWEBJZ7QXSTWT2SEFJ7Z1R","schedule":null,"rewards":[],"upcoming_resets":[]}}'
)

_SESSION_PATH: Final = b"/session"
_SUBMIT_PATH: Final = b"/submit"
_ANSWERS: Final = {_SESSION_PATH: _answer(SESSION), _SUBMIT_PATH: _answer(SCORE)}
_BOARD_ANSWER: Final = _answer(BOARD)


class Canned(asyncio.Protocol):
    """Answers each request by the end of its path."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is here in full."""
        assert self._transport is not None
        self._received += data
        while (head := self._received.find(_END)) >= 0:
            at = self._received.lower().find(_LENGTH, 0, head)
            start = at + len(_LENGTH)
            body = int(self._received[start : self._received.find(b"\r\n", start)]) if at >= 0 else 0
            end = head + len(_END) + body
            if len(self._received) < end:
                return
            path = bytes(self._received[: self._received.find(b"\r\n")]).split(b" ")[1]
            del self._received[:end]
            self._transport.write(_ANSWERS.get(path[path.rfind(b"/") :], _BOARD_ANSWER))


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Canned, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    harness.pin(1)
    asyncio.run(_serve())
