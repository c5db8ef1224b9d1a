"""A server of canned bytes: HTTP/1.1 with keep-alive and no more, so that the client is all that is measured."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from typing import Final

from benchmarks import harness, scores

_END: Final = b"\r\n\r\n"
_length: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE).search
_page: Final = re.compile(rb"/leaderboards/board-([0-9]+)/list\?").search
_number: Final = re.compile(rb"(count|after)=([0-9]+)").findall


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
STORAGE: Final = (
    b'{"items":[{"player_id":361,"items":[{"key":"hat","value":"red","is_public":true},'
    b'{"key":"level","value":"17","is_public":false},{"key":"last","value":"2024-01-01","is_public":false}]}]}'
)
FILE: Final = (
    b'{"id":17,"revision_id":"01GZAWEBJZ7QXSTWT2SEFJ7Z1R","name":"save.bin","size":4194304,"purpose":"SAVE_GAME",'
    b'"public":false,"url":"https://files.example/17","url_expires_at":"2024-01-01T01:00:00Z",'
    b'"created_at":"2024-01-01T00:00:00Z"}'
)

_ANSWERS: Final = {
    b"/session": _answer(SESSION),
    b"/submit": _answer(SCORE),
    b"/storage": _answer(STORAGE),
    b"/files": _answer(FILE),
}
_BOARD_ANSWER: Final = _answer(BOARD)


def _to(target: bytes) -> bytes:
    """The answer to a request, by the end of its path."""
    if page := _page(target):
        asked = {name: int(digits) for name, digits in _number(target)}
        return _answer(scores.page_at(int(page[1]), asked.get(b"after", 0), asked[b"count"]))
    path = target.partition(b"?")[0]
    return _ANSWERS.get(path[path.rfind(b"/") :], _BOARD_ANSWER)


class Canned(asyncio.Protocol):
    """Answers each request once it is here in full, or some time later."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._received = bytearray()
        self._answer = b""
        self._coming = 0
        self._write: Callable[[bytes], None]
        self._later = asyncio.get_running_loop().call_later

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._write = transport.write

    def data_received(self, data: bytes) -> None:
        """Answer every request that is here in full."""
        if self._coming > len(data):
            self._coming -= len(data)  # a large body isn't kept
            return
        if self._coming:
            data = data[self._coming :]
            self._coming = 0
            self._send()
        self._received += data
        while (head := self._received.find(_END)) >= 0:
            length = _length(self._received, 0, head)
            self._answer = _to(bytes(self._received[: self._received.find(b"\r\n")]).split(b" ")[1])
            left = len(self._received) - head - len(_END) - (int(length[1]) if length else 0)
            if left < 0:
                self._received.clear()
                self._coming = -left
                return
            del self._received[: len(self._received) - left]
            self._send()

    def _send(self) -> None:
        if self._delay:
            self._later(self._delay, self._write, self._answer)
        else:
            self._write(self._answer)


async def _serve(delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Canned(delay), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    harness.pin(1)
    harness.allow_many_sockets()
    asyncio.run(_serve(float(sys.argv[1])))
