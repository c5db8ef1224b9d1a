"""What goes over the wire and what comes back: headers, redirects, cookies, sizes, encodings and nonsense."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from lootlocker_async import (
    APIError,
    ConnectionLostError,
    LootLockerClient,
    LootLockerError,
    NotFoundError,
    OutcomeUnknownError,
    ResponseDecodeError,
    ServerError,
)
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, check_idle, client_of, token_of, until
from tests.integration.raw import RawServer, Request, Wire

Make = Callable[..., LootLockerClient]


def _always(status: int = 200, body: Any = None, **headers: str) -> Callable[[Request, Wire], Any]:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer(
            body, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return respond


# ------------------------------------------------------------------------------------------------------------ headers
async def test_every_request_bears_its_headers_and_no_others_secret(emulator: Emulator) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        if request.path == "/broken":
            await wire.answer({}, status=500)
        else:
            await wire.answer({"pong": "now"})

    async with RawServer(respond) as server, client_of(server, api_version="2022-02-02", retries=2) as client:
        await client.session.ping()
        await client.request("POST", "/thing", json={"a": 1})
        with pytest.raises(ServerError):
            await client.request("GET", "/broken")
        login, *others = server.requests
        assert [request.path for request in others] == ["/ping", "/thing", "/broken", "/broken", "/broken"]
        for request in server.requests:
            assert request.headers["ll-version"] == "2022-02-02"
            assert request.headers["user-agent"].startswith("lootlocker-async")
            assert request.headers["host"] == f"127.0.0.1:{server.port}"
        assert login.headers["x-server-key"] == server.server_key
        assert "x-auth-token" not in login.headers
        assert json.loads(login.body) == {"game_version": "1.0.0.0"}
        for request in others:
            assert request.headers["x-auth-token"] == server.tokens[0]
            assert "x-server-key" not in request.headers
        ids = [request.headers["x-request-id"] for request in server.requests]
        assert len(set(ids)) == len(ids)
        assert others[1].headers["content-type"] == "application/json"
        assert others[1].body == b'{"a":1}'
        assert "content-type" not in others[0].headers


async def test_ids_of_two_clients_never_meet(emulator: Emulator, make: Make) -> None:
    await asyncio.gather(*(make().session.ping() for _ in range(3)))
    ids = [call.headers["x-request-id"] for call in emulator.record]
    assert len(set(ids)) == len(ids) == 6


async def test_a_session_started_by_hand_leaves_the_clients_own_alone(
    emulator: Emulator, client: LootLockerClient
) -> None:
    await client.session.ping()
    mine = token_of(client)
    other = await client.session.start(game_version="2.0.0")
    assert other.token.reveal() != mine
    assert token_of(client) == mine
    assert emulator.record.received("session_start")[1].body == {"game_version": "2.0.0"}


# -------------------------------------------------------------------------------------------------- redirects, cookies
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with RawServer(_always(body={"pong": "stolen"})) as other:
        respond = _always(status, {}, Location=f"{other.base_url}/ping")
        async with RawServer(respond) as server, client_of(server) as client:
            with pytest.raises(APIError) as caught:
                await client.session.ping()
            assert caught.value.status == status
            with pytest.raises(APIError):
                await client.request("POST", "/thing", json={})
            assert not other.requests
            assert len(server.seen()) == 2


async def test_a_redirected_login_does_not_carry_the_key_away() -> None:
    async with RawServer(_always(body={"token": "stolen"}), logins=False) as other:
        respond = _always(307, {}, Location=f"{other.base_url}/session")
        async with RawServer(respond, logins=False) as server, client_of(server) as client:
            with pytest.raises(APIError):
                await client.session.ping()
            assert not other.requests


async def test_cookies_are_not_kept() -> None:
    respond = _always(body={"pong": "now"}, Set_Cookie="sid=1; Path=/")
    async with RawServer(respond) as server, client_of(server) as client:
        await client.session.ping()
        await client.session.ping()
        assert all("cookie" not in request.headers for request in server.requests)


async def test_a_proxy_of_the_environment_is_used_and_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        answer = {"token": "by_proxy"} if request.target.endswith("/session") else {"pong": "by proxy"}
        await wire.answer(answer)

    async with RawServer(respond, logins=False) as proxy:
        monkeypatch.setenv("http_proxy", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
        base_url = "http://service.invalid/server"
        async with LootLockerClient("key", base_url=base_url, allow_http=True) as client:
            assert (await client.session.ping()).pong == "by proxy"
            monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
            assert (await client.session.ping()).pong == "by proxy"
        assert [request.target for request in proxy.requests] == [
            f"{base_url}/session",
            f"{base_url}/ping",
            f"{base_url}/ping",
        ]
        for request in proxy.requests:
            assert b64decode(request.headers["proxy-authorization"].removeprefix("Basic ")) == b"me:p@ss"
            assert "authorization" not in request.headers
        async with LootLockerClient("key", base_url=base_url, allow_http=True, trust_env=False, retries=0) as client:
            with pytest.raises(LootLockerError, match="no connection"):
                await client.session.ping()
        assert len(proxy.requests) == 3


async def test_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch, emulator: Emulator, make: Make) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert (await make().session.ping()).pong


# --------------------------------------------------------------------------------------------------------------- sizes
async def test_an_endless_answer_is_refused_while_it_is_read() -> None:
    sent = 0
    gone = asyncio.Event()

    async def respond(request: Request, wire: Wire) -> None:
        nonlocal sent
        try:
            await wire.begin()
            while sent < 200_000_000:
                await wire.chunk(b"x" * 65_536)
                sent += 65_536
        except ConnectionError:
            gone.set()
            raise

    async with RawServer(respond) as server, client_of(server, max_response_bytes=1_000_000) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.request("GET", "/endless")
        assert caught.value.reason == "too_large"
        assert caught.value.executed
        assert len(caught.value.body) <= 2000
        await asyncio.wait_for(gone.wait(), 5)
        assert sent < 20_000_000
        assert len(server.seen("/endless")) == 1
        check_idle(client)


@pytest.mark.parametrize("length", [True, False])
async def test_ten_megabytes_of_noise(length: bool) -> None:
    noise = bytes(range(256)) * 40_960

    async def respond(request: Request, wire: Wire) -> None:
        if length:
            await wire.answer(noise, headers={"Content-Type": "text/html"})
        else:
            await wire.begin()
            await wire.chunk(noise)
            await wire.chunk(b"")

    async with RawServer(respond) as server, client_of(server, retries=0) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.leaderboards.get(BOARD)
        assert caught.value.reason in {"json", "utf-8"}
        assert len(caught.value.body) <= 2000
        assert len(str(caught.value)) < 1000
        check_idle(client)


async def test_a_bomb_is_counted_after_it_is_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    respond = _always(body=bomb, Content_Encoding="gzip")
    async with RawServer(respond) as server, client_of(server, max_response_bytes=1_000_000) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.request("GET", "/bomb")
        assert caught.value.reason == "too_large"
        check_idle(client)


async def test_a_large_error_body_is_cut_and_still_told() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.begin(status=404)
        for _ in range(100):
            await wire.chunk(b"y" * 10_000)
        await wire.chunk(b"")

    async with RawServer(respond) as server, client_of(server) as client:
        with pytest.raises(NotFoundError) as caught:
            await client.leaderboards.get(BOARD)
        assert len(caught.value.body) == 2000
        check_idle(client)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_packed_answer_is_read(encoding: str) -> None:
    plain = json.dumps({"pong": "now"}).encode()
    packed = gzip.compress(plain) if encoding == "gzip" else zlib.compress(plain)
    async with RawServer(_always(body=packed, Content_Encoding=encoding)) as server, client_of(server) as client:
        assert (await client.session.ping()).pong == "now"
        check_idle(client)


# ------------------------------------------------------------------------------------------------------------ nonsense
@pytest.mark.parametrize("status", [400, 404, 500])
@pytest.mark.parametrize("kind", ["html", "empty"])
async def test_an_error_without_json_is_typed_by_its_status(
    emulator: Emulator, make: Make, status: int, kind: Any
) -> None:
    client = make(retries=0)
    emulator.faults.add(Fault.error("leaderboards_get", status=status, body=kind))
    with pytest.raises(APIError) as caught:
        await client.leaderboards.get(BOARD)
    assert caught.value.status == status
    assert caught.value.code == ""
    assert caught.value.request_id
    assert ("<html>" in caught.value.body) == (kind == "html")
    assert "no reason was given" in str(caught.value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body>Sign in to the hotel's network</body></html>", "json"),
        (b"", "empty"),
        (b'{"pong": ', "json"),
        (b'{"pong": 5.5}', "shape"),
        (b"[1]", "shape"),
        (b"null", "shape"),
        (b'{"pong": "\xff\xfe"}', "utf-8"),
        (b'{"x":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
        (b'{"code": "oops", "message": "an error with status 200"}', "shape"),
    ],
)
async def test_an_answer_of_success_that_is_none_is_a_typed_error(body: bytes, reason: str) -> None:
    async with RawServer(_always(body=body)) as server, client_of(server) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.leaderboards.get(BOARD) if reason == "shape" else await client.session.ping()
        assert caught.value.reason == reason
        assert caught.value.executed
        assert len(server.seen()) == 1, "what was executed is not asked for again"
        check_idle(client)


async def test_garbage_with_status_200(emulator: Emulator, client: LootLockerClient) -> None:
    emulator.faults.add(Fault.garbage("leaderboards_increment_score"))
    with pytest.raises(ResponseDecodeError) as caught:
        await client.leaderboards.increment_score(BOARD, member_id="ann", amount=1)
    assert caught.value.executed
    assert len(emulator.record.received("leaderboards_increment_score")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\x01\x02 nonsense\r\n\r\n",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
)
@pytest.mark.parametrize("unsafe", [False, True])
async def test_an_answer_that_is_no_http_is_a_lost_connection(answer: bytes, unsafe: bool) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.write(answer)
        wire.drop()

    async with RawServer(respond) as server, client_of(server, retries=2) as client:
        with pytest.raises(OutcomeUnknownError if unsafe else ConnectionLostError):
            await client.request("POST" if unsafe else "GET", "/x")
        assert len(server.seen()) == (1 if unsafe else 3)
        check_idle(client)


async def test_what_follows_an_answer_unasked_does_not_become_the_next(emulator: Emulator) -> None:
    forged = b'HTTP/1.1 200 X\r\nContent-Length: 15\r\n\r\n{"pong":"evil"}'

    async def respond(request: Request, wire: Wire) -> None:
        data = b'{"pong":"good"}'
        await wire.write(b"HTTP/1.1 200 X\r\nContent-Length: 15\r\n\r\n" + data + forged)

    async with RawServer(respond) as server, client_of(server, retries=3) as client:
        results = []
        for _ in range(5):
            results += await asyncio.gather(client.session.ping(), return_exceptions=True)
            await asyncio.sleep(0)
        assert all(isinstance(result, ConnectionLostError) or result.pong == "good" for result in results), results


async def test_connections_are_kept_and_used_again() -> None:
    async with RawServer(_always(body={"pong": "now"})) as server, client_of(server) as client:
        for _ in range(20):
            await client.session.ping()
        assert server.opened == 1
        await client.close()
        await until(lambda: server.open == 0)
