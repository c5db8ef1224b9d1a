"""What players and files bring: the third table of the threat model."""

from __future__ import annotations

import asyncio
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from lootlocker_async import APIError, InvalidRequestError, LootLockerClient, ResponseDecodeError
from lootlocker_async.models.player_files import PlayerFile
from tests.integration.helpers import client_of
from tests.integration.plain import Exchange, PlainServer
from tests.integration.raw import RawServer, Request, Wire

PLAYER = 7
ANSWER: dict[str, Any] = {"items": [], "member_id": "a", "rank": 1, "score": 1, "id": 1, "name": "x", "size": 1}


def names_in(directory: Path) -> list[str]:
    """Everything below a directory."""
    return [str(path.relative_to(directory)) for path in sorted(directory.rglob("*"))]


async def anything(request: Request, wire: Wire) -> None:
    await wire.answer(ANSWER)


async def silent(exchange: Exchange) -> None:
    await exchange.body()
    await exchange.answer(ANSWER)


@pytest.mark.parametrize("key", ["..", ".", "", "a/../b", "..\\x", "\ud800"])
async def test_an_id_that_leads_to_another_route(key: str) -> None:
    async with RawServer(anything) as server, client_of(server) as client:
        with pytest.raises(InvalidRequestError):
            await client.request("GET", f"/leaderboards/{key}/x" if key != "a/../b" else "/leaderboards/a/../b")
        with pytest.raises(InvalidRequestError):
            await client.leaderboards.get(key)
        assert not server.requests
        odd = "a/b?x=1#y%2e%2e\r\nx-evil: 1"
        await asyncio.gather(client.leaderboards.get(odd), return_exceptions=True)
        (request,) = server.seen()
        segment = request.target.removeprefix("/server/leaderboards/")
        assert unquote(segment) == odd
        assert not set(segment) & set("/?#\r\n ")
        assert "x-evil" not in request.headers


@pytest.mark.parametrize("value", ['x&after=9#"\r\n', 'a","score":9,"x":"', "\x00\u2028", "a+b%26c"])
async def test_a_value_that_adds_to_a_query_or_a_body(value: str) -> None:
    async with RawServer(anything) as server, client_of(server) as client:
        await client.request("POST", "/thing", params={"name": value}, json={"member_id": value, "score": 1})
        (request,) = server.seen()
        assert parse_qsl(request.target.partition("?")[2]) == [("name", value)]
        assert json.loads(request.body) == {"member_id": value, "score": 1}


@pytest.mark.parametrize("name", ['a"; name="purpose"', "a%5c", "\u00e4;x=y", "%22%0d%0a"])
async def test_a_file_name_that_forges_a_part(name: str) -> None:
    forms: list[dict[str, Any]] = []

    async def handle(exchange: Exchange) -> None:
        forms.append(await exchange.form())
        await exchange.answer(ANSWER)

    async with PlainServer(handle) as server, client_of(server) as client:
        upload = client.player_files.upload
        await asyncio.gather(upload(PLAYER, file=b"x", purpose="save", name=name), return_exceptions=True)
        (form,) = forms
        assert {*form} == {"purpose", "file"}
        assert form["purpose"].get_payload() == "save"
        assert form["file"].get_payload(decode=True) == b"x"
        for bad in ("a\r\nx-evil: 1", "../x", "a/b", "\x00", "", "\ud800"):
            with pytest.raises(InvalidRequestError):
                await upload(PLAYER, file=b"x", purpose="save", name=bad)
        assert len(forms) == 1


async def test_an_upload_of_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    async with PlainServer(silent) as server, client_of(server) as client:
        for path in (tmp_path, tmp_path / "pipe", tmp_path / "large", Path("/dev/zero"), tmp_path / "none"):
            with pytest.raises(InvalidRequestError):
                await asyncio.wait_for(client.player_files.upload(PLAYER, file=path, purpose="save"), 5)
        assert not server.heads


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://cdn.example.com/x",
        "gopher://127.0.0.1:6379/_x",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1.example.com/x",
        "http://10.0.0.1/x",
        "https://127.0.0.1@cdn.example.com/x",
        "//cdn.example.com/x",
        "https:///x",
    ],
)
async def test_a_file_url_that_leads_elsewhere(url: str, tmp_path: Path) -> None:
    async with LootLockerClient("key") as client:
        for file in (url, PlayerFile(id=1, url=url)):
            with pytest.raises(InvalidRequestError):
                client.player_files.stream(file)
            with pytest.raises(InvalidRequestError):
                await client.player_files.download(file, tmp_path / "x")


@pytest.mark.parametrize(
    "location", ["http://cdn.example.com/x", "file:///etc/passwd", "http://169.254.169.254/", "/again"]
)
async def test_a_files_redirect_to_plain_http(location: str) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer({}, status=302, Location=location)

    async with PlainServer(handle) as server, client_of(server) as client:
        with pytest.raises(APIError, match="redirected"):
            await anext(client.player_files.stream(f"{server.origin}/x"))
        assert len(server.heads) == (6 if location == "/again" else 1)
        begun = client.player_files.stream("https://cdn.example.com/x")._download
        with pytest.raises(APIError, match="plain http"):
            begun.next_address(begun.address, "http://127.0.0.1/x", 302)


async def test_a_secret_sent_to_the_host_of_a_file(tmp_path: Path) -> None:
    async def give(exchange: Exchange) -> None:
        await exchange.answer(b"contents", Set_Cookie="sid=1; Path=/")

    async with PlainServer(give) as host, PlainServer(silent) as server, client_of(server) as client:
        await client.preload()
        for _ in range(2):
            await client.player_files.download(f"{host.origin}/x?signature=abcdefgh", tmp_path / "x")
        for head in host.heads:
            assert {*head.headers} == {"host", "accept", "accept-encoding", "user-agent"}


async def test_a_file_without_an_end(tmp_path: Path) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.answer(b"", length=None, Connection="close")
        while True:
            await exchange.write(b"x" * 65_536)

    most = 20_000_000
    async with PlainServer(endless) as server, client_of(server) as client:
        tracemalloc.start()
        try:
            with pytest.raises(ResponseDecodeError) as caught:
                await client.player_files.download(f"{server.origin}/x", tmp_path / "x", max_bytes=most)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert caught.value.reason == "too_large"
    assert peak < most // 3
    assert not names_in(tmp_path)


async def test_a_file_that_names_its_own_place(tmp_path: Path) -> None:
    async def give(exchange: Exchange) -> None:
        await exchange.answer(b"contents", Content_Disposition='attachment; filename="../../evil"')

    async def half(exchange: Exchange) -> None:
        await exchange.answer(b"half", length=100)
        exchange.drop()

    inner = tmp_path / "saves"
    inner.mkdir()
    async with PlainServer(give) as server, client_of(server) as client:
        file = PlayerFile(id=1, name="../../evil", size=8, url=f"{server.origin}/../../evil")
        await client.player_files.download(file, inner / "slot")
    async with PlainServer(half) as server, client_of(server, retries=0) as client:
        with pytest.raises(Exception, match="broke"):
            await client.player_files.download(f"{server.origin}/x", inner / "slot")
    assert (inner / "slot").read_bytes() == b"contents"
    assert names_in(tmp_path) == ["saves", "saves/slot"]
