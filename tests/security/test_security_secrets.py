"""Secrets: the first table of the threat model."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from typing import Any

import pytest

from lootlocker_async import (
    APIError,
    ClientConfig,
    ConfigurationError,
    ConnectError,
    LootLockerClient,
    LootLockerError,
    ResponseDecodeError,
    ServerError,
)
from tests.integration.helpers import Events, client_of, token_of
from tests.integration.raw import RawServer, Request, Wire
from tests.network.authority import server_context

KEY = "dev_kEy_oF_tHe_gAmE_31"


async def test_a_secret_in_a_log_or_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        wire.drop()

    caplog.set_level(logging.DEBUG)
    events = Events()
    async with (
        RawServer(respond) as server,
        client_of(server, server_key=KEY, retries=1, observers=(events,)) as client,
    ):
        with client.trace() as calls, pytest.raises(LootLockerError) as caught:
            await client.session.ping()
        captured = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        token = token_of(client)
    shown = [caplog.text, repr(events.all), repr(calls), repr(client), repr(client.config), *captured.format()]
    assert any("AttemptStarted" in text for text in shown)
    for secret in (KEY, token):
        assert secret not in "".join(shown)


async def test_a_secret_that_an_answer_says_back() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        told = request.headers["x-auth-token"] + "/" + KEY
        await wire.answer(
            {"message": told, "code": told, "param": told, "doc_url": told, "trace_id": "x" * 90 + told},
            status=500,
            headers={"x-request-id": told},
        )

    async with RawServer(respond) as server, client_of(server, server_key=KEY, retries=0) as client:
        with pytest.raises(ServerError) as caught:
            await client.session.ping()
        token = token_of(client)
        assert caught.value.code == "********/********"
        assert caught.value.trace_id is not None
        for secret in (KEY, token):
            assert secret not in f"{caught.value}{vars(caught.value)}"
            assert secret[:6] not in caught.value.trace_id


def test_a_secret_in_a_pickle() -> None:
    config = ClientConfig(server_key=KEY, base_url="http://127.0.0.1:1/server")
    assert KEY.encode() not in pickle.dumps(config)
    with pytest.raises(ConfigurationError, match="does not travel"):
        LootLockerClient(config=pickle.loads(pickle.dumps(config)))
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(LootLockerClient(config=config))
    assert b"hunter2" not in pickle.dumps(ClientConfig(server_key=KEY, proxy="http://me:hunter2@proxy:3128"))


@pytest.mark.parametrize(
    "base_url", ["http://api.example.com/server", "http://127.0.0.1.example.com", "http://10.0.0.1"]
)
def test_a_secret_over_plain_http(base_url: str) -> None:
    with pytest.raises(ConfigurationError):
        LootLockerClient(KEY, base_url=base_url)
    LootLockerClient(KEY, base_url=base_url, allow_http=True)


@pytest.mark.parametrize("certificate", ["self-signed", "unknown authority"])
async def test_a_server_that_is_not_lootlockers(certificate: str) -> None:
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=server_context(certificate))
    port = server.sockets[0].getsockname()[1]
    async with server, LootLockerClient(KEY, base_url=f"https://127.0.0.1:{port}/server", retries=0) as client:
        with pytest.raises(ConnectError, match="certificate"):
            await client.session.ping()
    assert not heard


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_login_carried_away_by_a_redirect(status: int) -> None:
    async def take(request: Request, wire: Wire) -> None:
        await wire.answer({"token": "stolen"})

    async with RawServer(take, logins=False) as thief:

        async def respond(request: Request, wire: Wire) -> None:
            await wire.answer({}, status=status, headers={"Location": f"{thief.base_url}/session"})

        async with RawServer(respond, logins=False) as server, client_of(server) as client:
            with pytest.raises(APIError) as caught:
                await client.session.ping()
        assert caught.value.status == status
        assert not thief.requests


@pytest.mark.parametrize("end", ["\r\nx-evil: 1", "\n", "\x00", "\u2028", " two"])
async def test_a_line_break_in_a_key_or_a_token(end: str) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({"token": "token" + end})

    with pytest.raises(ConfigurationError):
        ClientConfig(server_key=KEY + "\r\nx-evil: 1").key()
    async with RawServer(respond, logins=False) as server, client_of(server) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.session.ping()
        assert caught.value.field == "$.token"
        sent: list[Any] = server.requests
        assert [request.path for request in sent] == ["/session"]
