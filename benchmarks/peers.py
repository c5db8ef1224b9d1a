"""The same two calls by everybody: through the SDK, by hand, with other clients, and as cheaply as Python can.

Each peer is set up as its documentation advises for many calls: one session for all of them, as many connections as
calls in flight, and its own way to a typed answer where it has one. None of them looks after retries, limits, tokens or
deadlines, which the SDK does in every call here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol, Self
from urllib.parse import urlsplit

import aiohttp
import msgspec
import orjson

from benchmarks import generated, harness
from lootlocker_async import LootLockerClient

_TOKEN: Final = "f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3"  # noqa: S105  (of the canned server)
_VERSION: Final = "2021-03-01"
_AGENT: Final = "lootlocker-async"
_TIMEOUT: Final = 30.0

FLOOR: Final = "asyncio streams and msgspec (floor)"
BY_HAND: Final = "aiohttp and orjson by hand"
HTTPX: Final = "httpx and pydantic"
NIQUESTS: Final = "niquests"
GENERATED: Final = "generated client (httpx, attrs)"


class Peer(Protocol):
    """Somebody who can make the two calls. It's made in the loop that it works in."""

    async def submit_score(self, key: str, member_id: str, score: int) -> object:
        """A POST with a small JSON body and a small answer."""

    async def get(self, key: str, number: int) -> object:
        """A GET with a larger answer; the number tells the calls apart."""

    async def close(self) -> None:
        """Let go of the connections."""


def _headers(number: int) -> dict[str, str]:
    return {
        "LL-Version": _VERSION,
        "User-Agent": _AGENT,
        "x-request-id": f"4f1c09aa-{number:x}",
        "x-auth-token": _TOKEN,
    }


class Ours:
    """The SDK, through its public methods."""

    def __init__(self, base: str, width: int) -> None:
        self._client = LootLockerClient(
            "key", base_url=base, timeout=_TIMEOUT, max_connections=max(64, width), max_in_flight=max(64, width)
        )

    def submit_score(self, key: str, member_id: str, score: int) -> Any:
        """The POST."""
        return self._client.leaderboards.submit_score(key, member_id=member_id, score=score)

    def get(self, key: str, number: int) -> Any:
        """The GET."""
        del number
        return self._client.leaderboards.get(key)

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()


class ByHand:
    """What one would write by hand: aiohttp with the address, a total timeout and orjson; not a look at the status."""

    def __init__(self, base: str, width: int) -> None:
        self._base = base
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=width), timeout=aiohttp.ClientTimeout(total=_TIMEOUT)
        )

    async def submit_score(self, key: str, member_id: str, score: int) -> Any:
        """The POST."""
        headers = {
            "LL-Version": _VERSION,
            "User-Agent": _AGENT,
            "x-request-id": f"4f1c09aa-{score:x}",
            "x-auth-token": _TOKEN,
            "Content-Type": "application/json",
        }
        async with self._session.request(
            "POST",
            f"{self._base}/leaderboards/{key}/submit",
            data=orjson.dumps({"member_id": member_id, "score": score}),
            headers=headers,
        ) as response:
            return orjson.loads(await response.read())

    async def get(self, key: str, number: int) -> Any:
        """The GET."""
        headers = {
            "LL-Version": _VERSION,
            "User-Agent": _AGENT,
            "x-request-id": f"4f1c09aa-{number:x}",
            "x-auth-token": _TOKEN,
        }
        async with self._session.request("GET", f"{self._base}/leaderboards/{key}", headers=headers) as response:
            return orjson.loads(await response.read())

    async def close(self) -> None:
        """Close the session."""
        await self._session.close()


class Httpx:
    """httpx with pydantic models."""

    def __init__(self, base: str, width: int) -> None:
        import httpx

        from benchmarks import pydantic_models

        self._models: Any = pydantic_models
        self._client = httpx.AsyncClient(
            base_url=base,
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=width, max_keepalive_connections=width),
            trust_env=False,
        )

    async def submit_score(self, key: str, member_id: str, score: int) -> Any:
        """The POST."""
        body = self._models.Submit(member_id=member_id, score=score).model_dump(exclude_none=True)
        response = await self._client.post(f"/leaderboards/{key}/submit", json=body, headers=_headers(score))
        return self._models.Score.model_validate_json(response.content)

    async def get(self, key: str, number: int) -> Any:
        """The GET."""
        response = await self._client.get(f"/leaderboards/{key}", headers=_headers(number))
        return self._models.Board.model_validate_json(response.content)

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()


class Niquests:
    """niquests, its answers as plain dicts by orjson."""

    def __init__(self, base: str, width: int) -> None:
        import niquests

        self._base = base
        self._session: Any = niquests.AsyncSession(pool_connections=1, pool_maxsize=width)
        self._session.trust_env = False

    async def submit_score(self, key: str, member_id: str, score: int) -> Any:
        """The POST."""
        response = await self._session.post(
            f"{self._base}/leaderboards/{key}/submit",
            data=orjson.dumps({"member_id": member_id, "score": score}),
            headers={**_headers(score), "Content-Type": "application/json"},
            timeout=_TIMEOUT,
        )
        return orjson.loads(response.content)

    async def get(self, key: str, number: int) -> Any:
        """The GET."""
        response = await self._session.get(
            f"{self._base}/leaderboards/{key}", headers=_headers(number), timeout=_TIMEOUT
        )
        return orjson.loads(response.content)

    async def close(self) -> None:
        """Close the session."""
        await self._session.close()


class Generated:
    """What openapi-python-client makes of the contract."""

    def __init__(self, base: str, width: int) -> None:
        import httpx

        api = "api.leaderboards.leaderboards_"
        self._submit: Any = generated.module(f"{api}submit_score").asyncio
        self._get: Any = generated.module(f"{api}get").asyncio
        self._request: Any = generated.module("models.leaderboard_submit_score_request").LeaderboardSubmitScoreRequest
        client: Any = generated.module("client").Client
        self._client: Any = client(
            base_url=base,
            headers=_headers(0),
            timeout=httpx.Timeout(_TIMEOUT),
            httpx_args={
                "limits": httpx.Limits(max_connections=width, max_keepalive_connections=width),
                "trust_env": False,
            },
        )

    async def submit_score(self, key: str, member_id: str, score: int) -> Any:
        """The POST."""
        return await self._submit(key, client=self._client, body=self._request(member_id=member_id, score=score))

    async def get(self, key: str, number: int) -> Any:
        """The GET."""
        del number
        return await self._get(key, client=self._client)

    async def close(self) -> None:
        """Close its httpx client."""
        await self._client.get_async_httpx_client().aclose()


class _Submit(msgspec.Struct):
    member_id: str
    score: int


class _Score(msgspec.Struct):
    member_id: str
    rank: int
    score: int
    metadata: str | None = None


class _BoardFields(msgspec.Struct):
    id: int
    key: str
    name: str
    created_at: str
    updated_at: str


class _Board(msgspec.Struct):
    leaderboard: _BoardFields


class Floor:
    """Bytes written to and read from asyncio's streams, and msgspec's own classes: the least that Python can do."""

    def __init__(self, base: str, width: int) -> None:
        del width
        parts = urlsplit(base)
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._encode = msgspec.json.Encoder().encode
        self._score = msgspec.json.Decoder(_Score).decode
        self._board = msgspec.json.Decoder(_Board).decode

    async def _send(self, request: bytes) -> bytes:
        reader, writer = self._free.pop() if self._free else await asyncio.open_connection(self._host, self._port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        start = head.index(b"Content-Length: ") + 16
        body = await reader.readexactly(int(head[start : head.index(b"\r", start)]))
        self._free.append((reader, writer))
        return body

    def _head(self, line: str, number: int, more: str = "") -> bytes:
        return (
            f"{line} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nLL-Version: {_VERSION}\r\nUser-Agent: {_AGENT}\r\n"
            f"x-request-id: 4f1c09aa-{number:x}\r\nx-auth-token: {_TOKEN}\r\n{more}\r\n"
        ).encode()

    async def submit_score(self, key: str, member_id: str, score: int) -> Any:
        """The POST."""
        body = self._encode(_Submit(member_id, score))
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        line = f"POST {self._path}/leaderboards/{key}/submit"
        return self._score(await self._send(self._head(line, score, more) + body))

    async def get(self, key: str, number: int) -> Any:
        """The GET."""
        return self._board(await self._send(self._head(f"GET {self._path}/leaderboards/{key}", number)))

    async def close(self) -> None:
        """Close the connections."""
        for _, writer in self._free:
            writer.close()
            await writer.wait_closed()


PEERS: Final[dict[str, Callable[[str, int], Peer]]] = {
    harness.OURS: Ours,
    BY_HAND: ByHand,
    FLOOR: Floor,
    HTTPX: Httpx,
    NIQUESTS: Niquests,
    GENERATED: Generated,
}


LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class Workplace:
    """A peer in a loop of its own, or the one's cancelled timers would lie in another's way."""

    def __init__(self, name: str, base: str, width: int = 1, loop_factory: LoopFactory | None = None) -> None:
        """Set a peer up for so many calls in flight, in asyncio's loop or another."""
        self._runner = asyncio.Runner(loop_factory=loop_factory)
        self.peer: Peer = self.run(self._set_up(PEERS[name], base, width))

    @staticmethod
    async def _set_up(make: Callable[[str, int], Peer], base: str, width: int) -> Peer:
        return make(base, width)

    def run(self, work: Any) -> Any:
        """Run something in the peer's loop."""
        return self._runner.run(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.peer.close())
        self._runner.close()
