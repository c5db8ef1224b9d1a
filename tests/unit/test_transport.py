"""One attempt: what goes out, and what every failure becomes. Nothing of aiohttp gets past it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from lootlocker_async import ClientConfig, LootLockerClient
from lootlocker_async.core import transport as module
from lootlocker_async.core.call import Call, CallOptions
from lootlocker_async.core.transport import Answer, TooLarge, Transport
from lootlocker_async.errors import (
    APIError,
    BadRequestError,
    CallError,
    ConnectError,
    ConnectionLostError,
    LootLockerError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
)
from lootlocker_async.routes import Route
from tests.unit.support import BASE, KEY, Response

KEY_OF = Mock(host="h", port=443, ssl=True, is_ssl=True)
INFO = Mock(real_url=URL("http://h/"))
CERTIFICATE = ssl.SSLCertVerificationError("bad certificate")

# What aiohttp may raise: (class of ours, whether the request may have been sent)
FAILURES: dict[str, tuple[BaseException, type[TransportError], bool]] = {
    "refused": (aiohttp.ClientConnectorError(KEY_OF, ConnectionRefusedError(111, "refused")), ConnectError, False),
    "unknown name": (aiohttp.ClientConnectorDNSError(KEY_OF, OSError(-2, "unknown")), ConnectError, False),
    "TLS": (aiohttp.ClientConnectorSSLError(KEY_OF, OSError(1, "handshake")), ConnectError, False),
    "certificate": (aiohttp.ClientConnectorCertificateError(KEY_OF, CERTIFICATE), ConnectError, False),
    "proxy": (aiohttp.ClientProxyConnectionError(KEY_OF, OSError(111, "refused")), ConnectError, False),
    "proxy said no": (aiohttp.ClientHttpProxyError(INFO, (), status=407), ConnectError, False),
    "connecting took long": (aiohttp.ConnectionTimeoutError("slow"), ConnectError, False),
    "closed session": (RuntimeError("Session is closed"), ConnectError, False),
    "server went away": (aiohttp.ServerDisconnectedError(), ConnectionLostError, True),
    "reset": (aiohttp.ClientOSError(104, "reset"), ConnectionLostError, True),
    "bare reset": (ConnectionResetError(104, "reset"), ConnectionLostError, True),
    "broken pipe": (BrokenPipeError(32, "pipe"), ConnectionLostError, True),
    "closed while writing": (aiohttp.ClientConnectionResetError("closing"), ConnectionLostError, True),
    "payload": (aiohttp.ClientPayloadError("incomplete"), ConnectionLostError, True),
    "no HTTP": (aiohttp.ClientResponseError(INFO, (), status=400, message="bad"), ConnectionLostError, True),
    "other": (aiohttp.ClientError("?"), ConnectionLostError, True),
    "other connection": (aiohttp.ClientConnectionError("?"), ConnectionLostError, True),
    "middleware's own": (module._Lost("ServerDisconnectedError"), ConnectionLostError, True),
    "socket timeout": (aiohttp.SocketTimeoutError("slow"), RequestTimeoutError, True),
    "server timeout": (aiohttp.ServerTimeoutError("slow"), RequestTimeoutError, True),
    "timeout": (TimeoutError(), RequestTimeoutError, True),
}


@pytest_asyncio.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport(ClientConfig(server_key=KEY, base_url=BASE, max_response_bytes=1000))
    yield transport
    await transport.close()


def call(target: str = "/x") -> Call:
    """A call that is about to be sent."""
    task = asyncio.current_task()
    assert task is not None
    made = Call(
        Route("op", "GET", target, True),
        path=target,
        query=[],
        body=None,
        options=CallOptions(5.0, None, 0),
        started=0.0,
        task=task,
    )
    made.target = target
    return made


async def get(transport: Transport, target: str = "/x") -> Answer:
    return await transport.send(call(target), {"a": "b"})


# ---------------------------------------------------------------------------------------------------------- failures
@pytest.mark.parametrize("failure", FAILURES)
async def test_every_failure_becomes_ours(failure: str, http: Any, transport: Transport) -> None:
    theirs, kind, sent = FAILURES[failure]
    http.answer("GET", "/x", exception=theirs)
    with pytest.raises(TransportError) as caught:
        await get(transport)
    assert type(caught.value) is kind
    assert caught.value.sent is sent
    assert caught.value.__cause__ is theirs
    assert caught.value.status is None
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize("failure", FAILURES)
async def test_nothing_of_aiohttp_leaves_the_client(
    failure: str, verb: Any, http: Any, client: LootLockerClient
) -> None:
    theirs, kind, sent = FAILURES[failure]
    http.answer(verb, "/x", exception=theirs)
    with pytest.raises(LootLockerError) as caught:
        await client.request(verb, "/x")
    assert isinstance(caught.value, CallError)
    if verb == "POST" and sent:
        assert type(caught.value) is OutcomeUnknownError
        assert type(caught.value.__cause__) is kind
    else:
        assert type(caught.value) is kind
    assert (caught.value.method, caught.value.path) == (verb, "/x")
    assert len(caught.value.attempts) == len(http.sent()) == 1
    assert caught.value.attempts[0].status is None


def test_the_table_knows_every_error_of_aiohttp() -> None:
    known = {type(theirs) for theirs, _, _ in FAILURES.values()}
    found = {it for it in vars(aiohttp).values() if isinstance(it, type) and issubclass(it, aiohttp.ClientError)}
    impossible = {
        aiohttp.ClientSSLError,  # only its two kinds are raised
        aiohttp.ContentTypeError,  # json() is not used
        aiohttp.InvalidURL,  # addresses are checked and quoted before
        aiohttp.NonHttpUrlClientError,
        aiohttp.InvalidUrlClientError,
        aiohttp.InvalidUrlRedirectClientError,
        aiohttp.NonHttpUrlRedirectClientError,
        aiohttp.RedirectClientError,  # redirects are not followed
        aiohttp.TooManyRedirects,
        aiohttp.ServerConnectionError,  # only its kinds are raised
        aiohttp.ServerFingerprintMismatch,  # while connecting, which has a test of its own
        aiohttp.WSServerHandshakeError,
    }
    assert {it.__name__ for it in found - impossible - known} <= {"UploadAbortedError"}  # new in 3.14


@pytest.mark.parametrize(
    "theirs",
    [TimeoutError(), OSError(24, "too many files"), aiohttp.ServerFingerprintMismatch(b"a", b"b", "h", 1)],
    ids=lambda theirs: type(theirs).__name__,
)
async def test_what_fails_before_the_connection_is_made_was_not_sent(
    theirs: Exception, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def create(*_: object) -> None:
        raise theirs

    monkeypatch.setattr(aiohttp.TCPConnector, "_create_connection", create)
    with pytest.raises(ConnectError) as caught:
        await transport.send(call(), {})
    assert not caught.value.sent


@pytest.mark.parametrize("theirs", [aiohttp.ServerDisconnectedError(), aiohttp.ClientOSError(104, "reset")])
async def test_aiohttp_is_kept_from_sending_again(theirs: Exception) -> None:
    async def handler(_: Any) -> Any:
        raise theirs

    with pytest.raises(module._Lost) as caught:
        await module._no_silent_resend(Mock(), handler)
    # aiohttp looks for these two kinds, and must not see them.
    assert not isinstance(caught.value, (aiohttp.ClientError, OSError))
    assert caught.value.__cause__ is theirs


async def test_failures_to_connect_pass_the_middleware_as_they_are() -> None:
    theirs = aiohttp.ClientConnectorError(KEY_OF, OSError(111, "refused"))

    async def handler(_: Any) -> Any:
        raise theirs

    with pytest.raises(aiohttp.ClientConnectorError) as caught:
        await module._no_silent_resend(Mock(), handler)
    assert caught.value is theirs


# -------------------------------------------------------------------------------------------------------- what goes out
async def test_a_request_is_what_was_asked_for(http: Any, transport: Transport) -> None:
    http.answer("GET", "/x?a=b+c&a=%26", body=b"{}")
    answer = await get(transport, "/x?a=b+c&a=%26")
    assert (answer.status, answer.body) == (200, b"{}")
    assert answer.headers["content-type"] == "application/json"
    ((verb, url, sent),) = http.asked
    assert (verb, url) == ("GET", f"{BASE}/x?a=b+c&a=%26")
    assert sent["allow_redirects"] is False
    assert sent["headers"] == {"a": "b"}
    assert transport._session.headers["LL-Version"] == "2021-03-01"


async def test_quoted_paths_stay_as_they_are(http: Any, transport: Transport) -> None:
    http.answer("GET", URL("/a%2Fb/%C3%A4%20%25", encoded=True).raw_path, body=b"{}")
    await get(transport, "/a%2Fb/%C3%A4%20%25")
    assert http.asked[0][1] == f"{BASE}/a%2Fb/%C3%A4%20%25"


async def test_cookies_are_not_kept(http: Any, transport: Transport) -> None:
    http.answer("GET", "/x", headers={"Set-Cookie": "a=b"}, repeat=True)
    await get(transport)
    assert isinstance(transport._session.cookie_jar, aiohttp.DummyCookieJar)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_errors(status: int, http: Any, client: LootLockerClient) -> None:
    http.answer("GET", "/x", status=status, headers={"Location": "http://elsewhere/"})
    with pytest.raises(APIError) as caught:
        await client.request("GET", "/x")
    assert caught.value.status == status
    assert len(http.sent()) == 1


async def test_a_204_is_nothing(http: Any, client: LootLockerClient) -> None:
    http.answer("DELETE", "/x", status=204)
    assert await client.request("DELETE", "/x") is None
    http.answer("DELETE", "/leaderboards/daily", status=204)
    assert await client.leaderboards.delete("daily") is None  # type: ignore[func-returns-value]


# ------------------------------------------------------------------------------------------------------ large answers
@pytest.mark.parametrize("declared", [False, True])
async def test_an_answer_over_the_limit_is_refused(declared: bool, http: Any, transport: Transport) -> None:
    headers = {"Content-Length": "1001"} if declared else {}
    http.answer("GET", "/x", body=b"x" * 1001, headers=headers)
    with pytest.raises(TooLarge, match="larger than 1000 bytes") as caught:
        await get(transport)
    assert (caught.value.status, caught.value.start[:3]) == (200, b"xxx")


@pytest.mark.parametrize("declared", [False, True])
async def test_an_answer_at_the_limit_is_taken(declared: bool, http: Any, transport: Transport) -> None:
    headers = {"Content-Length": "1000"} if declared else {}
    http.answer("GET", "/x", body=b"x" * 1000, headers=headers)
    assert (await get(transport)).body == b"x" * 1000


async def test_a_compressed_answer_is_counted_unpacked(http: Any, transport: Transport) -> None:
    http.answer("GET", "/x", body=b"x" * 1001, headers={"Content-Length": "20", "Content-Encoding": "gzip"})
    with pytest.raises(TooLarge):
        await get(transport)


async def test_an_error_page_is_read_as_far_as_it_helps(http: Any, transport: Transport) -> None:
    http.answer("GET", "/x", status=500, body=b"x" * 5000)
    answer = await get(transport)
    assert (answer.status, len(answer.body)) == (500, 1000)


async def test_a_large_answer_is_told_as_unreadable(http: Any) -> None:
    http.answer("POST", "/x", body=b"x" * 2001)
    async with LootLockerClient(KEY, base_url=BASE, max_response_bytes=2000) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.request("POST", "/x")
    assert (caught.value.reason, caught.value.executed, caught.value.status) == ("too_large", True, 200)
    assert caught.value.body.startswith("xxx")
    assert len(caught.value.attempts) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "json"),
        (b'{"token": ', "json"),
        (b"", "empty"),
        (b'{"member_id": "\xff"}', "utf-8"),
        (b"[1]", "shape"),
    ],
)
async def test_a_success_that_cannot_be_read_was_executed(
    body: bytes, reason: str, http: Any, client: LootLockerClient
) -> None:
    http.answer("POST", "/leaderboards/daily/increment", body=body, headers={"x-request-id": "r7", "x-trace-id": "t7"})
    with pytest.raises(ResponseDecodeError) as caught:
        await client.leaderboards.increment_score("daily", member_id="1", amount=1)
    error = caught.value
    assert (error.reason, error.executed, error.request_id, error.trace_id) == (reason, True, "r7", "t7")
    assert error.operation == "leaderboards_increment_score"
    assert "the call was executed" in str(error)
    assert len(http.sent()) == 1


async def test_an_error_knows_its_call(http: Any, client: LootLockerClient) -> None:
    http.answer(
        "GET", "/x?q=1", status=400, payload={"message": "no"}, headers={"x-request-id": "r1", "x-trace-id": "t1"}
    )
    with pytest.raises(BadRequestError) as caught:
        await client.request("GET", "/x", params={"q": 1})
    error = caught.value
    assert (error.request_id, error.trace_id, error.path, error.method) == ("r1", "t1", "/x", "GET")
    (attempt,) = error.attempts
    assert (attempt.number, attempt.status, attempt.error) == (1, 400, "")


# ------------------------------------------------------------------------------------------------------------ proxies
async def made(**settings: Any) -> dict[str, Any]:
    transport = Transport(ClientConfig(server_key=KEY, **settings))
    await transport.close()
    return {name: value for name, value in transport._extra.items() if name != "middlewares"}


async def test_a_proxys_password_goes_into_a_header_that_shows_nothing() -> None:
    extra = await made(proxy="http://user:pa%20ss@proxy:3128")
    assert extra["proxy"] == URL("http://proxy:3128")
    assert str(extra["proxy_headers"]["Proxy-Authorization"]) == "Basic dXNlcjpwYSBzcw=="
    assert "dXNl" not in repr(extra)
    assert "pa" not in repr(extra["proxy"]).replace("proxy", "")


async def test_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://fromenv:1")
    monkeypatch.setenv("no_proxy", "internal.example")
    assert (await made())["proxy"] == URL("http://fromenv:1")
    assert (await made(proxy="http://other:2"))["proxy"] == URL("http://other:2")
    assert await made(trust_env=False) == {}
    assert await made(base_url="https://internal.example/server") == {}
    assert await made(base_url="http://127.0.0.1/server") == {}


# ----------------------------------------------------------------------------------------------- the user's own session
async def test_a_session_that_was_passed_in_is_used_and_left_open(http: Any) -> None:
    async with aiohttp.ClientSession() as session:
        http.answer("GET", "/x", payload={"a": 1})
        async with LootLockerClient(KEY, base_url=BASE, aiohttp_session=session) as client:
            assert await client.request("GET", "/x") == {"a": 1}
        assert not session.closed
        assert http.sent()[0][2]["middlewares"] == (module._no_silent_resend,)


async def test_a_cancelled_reading_closes_its_connection(
    http: Any, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    reading = asyncio.Event()

    async def readany(_: aiohttp.StreamReader) -> bytes:
        reading.set()
        await asyncio.Event().wait()
        return b""

    monkeypatch.setattr(aiohttp.StreamReader, "readany", readany)
    monkeypatch.setattr(Response, "close", lambda response: closed.append(response.status))
    http.answer("GET", "/x")
    task = asyncio.create_task(get(transport))
    await reading.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [200]
