"""Through a real HTTP proxy: which one, what it is told, and what becomes of calls when it is a bad one."""

from __future__ import annotations

import asyncio
import pickle
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import attrs
import pytest

from lootlocker_async import (
    APIError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    LootLockerClient,
    LootLockerError,
    NotFoundError,
    OutcomeUnknownError,
)
from lootlocker_async.core import transport
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import check_idle, settle, token_of, until
from tests.network.authority import client_context, server_context
from tests.network.chaos import Chaos
from tests.network.forward import CREDENTIALS, FORBIDDEN, REFUSED, SECRETS, USERINFO, ForwardProxy
from tests.network.kinds import CONTENTS, KINDS, PLAYER, Kind, build, disconnect, live, port_of
from tests.support.clock import run

HOST = "service.example"
"""Known to nobody but the proxy, and the one that the certificate named `wrong host` is right for."""
RETRIES = 2
EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@attrs.frozen
class Setup:
    """A service that is encrypted or not, and a proxy before it."""

    emulator: Emulator
    service: Chaos
    proxy: ForwardProxy
    tls: bool

    def client(self, **settings: Any) -> LootLockerClient:
        own: dict[str, Any] = {
            "base_url": f"{'https' if self.tls else 'http'}://{HOST}/server",
            "allow_http": not self.tls,
            "ssl": client_context(),
            "retries": RETRIES,
            "keep_alive": False,
            "backoff_base": 0.001,
            **settings,
        }
        return LootLockerClient(self.emulator.server_key, **own)


@asynccontextmanager
async def _setup(*, tls: bool = True, locked: bool = False) -> AsyncIterator[Setup]:
    context = server_context("wrong host") if tls else None
    async with Emulator() as emulator, Chaos(port_of(emulator), context=context) as service:
        build(emulator)
        async with ForwardProxy(service.port, locked=locked) as proxy:
            yield Setup(emulator, service, proxy, tls)


def _shows_nothing(error: BaseException, *secrets: str) -> None:
    """Neither the error nor what a crash reporter finds in its frames of ours holds a secret."""
    told = [str(error), repr(error), repr(error.__cause__), str(error.__cause__), repr(error.__dict__)]
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    told += [str(frame.locals) for frame in frames.stack if "lootlocker_async" in frame.filename]
    for secret in (*SECRETS, *secrets):
        assert not any(secret in text for text in told), [text for text in told if secret in text]


BOTH = pytest.mark.parametrize("tls", [True, False], ids=["https", "http"])


# ----------------------------------------------------------------------------------------------------- through it
@BOTH
@pytest.mark.parametrize("locked", [False, True], ids=["open", "locked"])
def test_every_kind_of_call_goes_through_the_proxy(tls: bool, locked: bool) -> None:
    async def main() -> None:
        async with _setup(tls=tls, locked=locked) as it:
            async with it.client(proxy=it.proxy.url(USERINFO if locked else "")) as client:
                for _ in range(2):
                    for kind in KINDS:
                        await kind.call(client)
                check_idle(client)
                token = token_of(client)
            whole = "".join(it.proxy.heads).lower()
            assert ("proxy-authorization" in whole) == locked
            if tls:
                assert {head.split("\r\n")[0] for head in it.proxy.heads} == {f"CONNECT {HOST}:443 HTTP/1.1"}
                assert len(it.proxy.heads) <= 2, "tunnels are kept"
                assert token.lower() not in whole
                assert it.emulator.server_key.lower() not in whole
                assert "x-" not in whole
            else:
                assert all(f" http://{HOST}/server/" in head for head in it.proxy.heads)
            assert len(it.service.heads) == 13
            for head in it.service.heads:
                assert "authorization:" not in head.lower()
                assert CREDENTIALS not in head
            assert it.emulator.logins == 1

    live(main)


def test_a_download_goes_through_the_proxy_as_well(tmp_path: Path) -> None:
    async def main() -> None:
        async with _setup(locked=True) as it, it.client(proxy=it.proxy.url(USERINFO)) as client:
            file = await client.player_files.upload(PLAYER, file=CONTENTS, purpose="SAVE")
            path = "/" + file.url.partition("://")[2].partition("/")[2]
            assert await anext(client.player_files.stream(f"https://files.{HOST}{path}").__aiter__())
            raise AssertionError("the certificate is another host's")

    with pytest.raises(ConnectError, match="Hostname mismatch"):
        run(main)

    async def right() -> None:
        async with _setup(locked=True) as it, it.client(proxy=it.proxy.url(USERINFO)) as client:
            file = await client.player_files.upload(PLAYER, file=CONTENTS, purpose="SAVE")
            path = "/" + file.url.partition("://")[2].partition("/")[2]
            pieces = [piece async for piece in client.player_files.stream(f"https://{HOST}{path}")]
            assert b"".join(pieces) == CONTENTS
            assert CREDENTIALS not in "".join(it.service.heads)

    live(right)


# -------------------------------------------------------------------------------------------------------- which one
@pytest.mark.parametrize(
    ("environment", "settings", "used"),
    [
        ({"https_proxy": "{}"}, {}, True),
        ({"HTTPS_PROXY": "{}"}, {}, True),
        ({"HTTPS_PROXY": "{}", "NO_PROXY": "elsewhere.example,other"}, {}, True),
        ({"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "{}"}, {}, True),
        ({"HTTPS_PROXY": "http://127.0.0.1:9"}, {"proxy": "{}"}, True),
        ({"NO_PROXY": HOST}, {"proxy": "{}"}, True),
        ({"HTTP_PROXY": "{}"}, {}, False),
        ({"HTTPS_PROXY": "{}", "NO_PROXY": HOST}, {}, False),
        ({"HTTPS_PROXY": "{}", "no_proxy": "other.example, .example"}, {}, False),
        ({"HTTPS_PROXY": "{}", "no_proxy": "*"}, {}, False),
        ({"HTTPS_PROXY": "{}"}, {"trust_env": False}, False),
        ({"HTTPS_PROXY": ""}, {}, False),
        ({}, {}, False),
    ],
    ids=lambda value: str(value).replace("{}", "proxy") if isinstance(value, dict) else "",
)
async def test_which_proxy_is_taken(
    environment: Mapping[str, str], settings: Mapping[str, Any], used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _setup() as it:
        for name, value in environment.items():
            monkeypatch.setenv(name, value.replace("{}", it.proxy.url()))
        named = {name: it.proxy.url() if value == "{}" else value for name, value in settings.items()}
        # Nobody else knows the host: without the proxy the look-up of its name fails, here and now.
        monkeypatch.setattr("aiohttp.ThreadedResolver.resolve", _unknown)
        monkeypatch.setattr("aiohttp.connector.DefaultResolver.resolve", _unknown)
        async with it.client(retries=0, **named) as client:
            if used:
                await client.session.ping()
            else:
                with pytest.raises(ConnectError, match="unknown host"):
                    await client.session.ping()
        assert bool(it.proxy.heads) == used


async def _unknown(*_: object, **__: object) -> Any:
    raise OSError("unknown host")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
async def test_the_proxy_for_what_is_not_encrypted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _setup(tls=False, locked=True) as it:
        monkeypatch.setenv(name, it.proxy.url(USERINFO))
        async with it.client() as client:
            await client.session.ping()
        assert it.proxy.heads


async def test_the_environment_is_read_once_for_each_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted() -> dict[str, str]:
        asked.append("environment")
        return getproxies()

    monkeypatch.setattr(transport, "getproxies", counted)
    async with _setup() as it:
        monkeypatch.setenv("HTTPS_PROXY", it.proxy.url())
        client = it.client()
        await client.session.ping()
        monkeypatch.setenv("no_proxy", "*")
        for _ in range(5):
            await asyncio.gather(*(kind.call(client) for kind in KINDS for _ in range(4)))
            await disconnect(client, it.proxy)
        view = client.with_options(timeout=9)
        await view.session.ping()
        tunnels = len(it.proxy.heads)
        for host in (HOST, "another.example"):
            # The proxy asks the one service that it knows, which has no such file, and no other name.
            with pytest.raises(NotFoundError if host == HOST else ConnectError):
                await anext(view.player_files.stream(f"https://{host}:1/x"))
        assert len(it.proxy.heads) > tunnels, "downloads take the same way"
        assert asked == ["environment"]

        monkeypatch.delenv("no_proxy")

        def elsewhere() -> None:
            async def other_loop() -> None:
                await client.session.ping()

            asyncio.run(other_loop())

        await asyncio.to_thread(elsewhere)
        assert asked == ["environment"] * 2
        await client.close()


# -------------------------------------------------------------------------------------------------- a bad proxy
BAD: Mapping[str, tuple[bytes, str, str]] = {
    "407": (REFUSED, "stay", "proxy.*407"),
    "403": (FORBIDDEN, "close", "proxy.*403"),
    "502": (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "close", "proxy.*502"),
    "closes": (b"", "close", "no connection could be made"),
    "resets": (b"", "reset", "no connection could be made"),
    "half a head": (b"HTTP/1.1 200 Conn", "close", "no connection could be made"),
    "garbage": (b"\x00\xffSSH-2.0-OpenSSH_9.6\r\n\r\n", "close", "no connection could be made"),
    "garbage and stays": (b"220 mail.example ESMTP\r\n", "stay", "no connection could be made"),
    "garbage after yes": (b"HTTP/1.1 200 OK\r\n\r\n<html>", "stay", "no connection could be made"),
    "dies after yes": (b"HTTP/1.1 200 OK\r\n\r\n", "reset", "no connection could be made"),
    "silence after yes": (b"HTTP/1.1 200 OK\r\n\r\n", "stay", "no connection could be made in time"),
    "silence": (b"", "stay", "no connection could be made in time"),
    "endless head": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 9000, "stay", "no connection could be made"),
}


@EVERY_KIND
@pytest.mark.parametrize("which", BAD)
def test_a_proxy_that_makes_no_tunnel(which: str, kind: Kind) -> None:
    async def main() -> None:
        async with _setup() as it, it.client(proxy=it.proxy.url(USERINFO)) as client:
            await client.session.ping()
            token = token_of(client)
            await disconnect(client, it.proxy)
            it.proxy.instead, it.proxy.then, text = BAD[which]
            began = asyncio.get_running_loop().time()
            with pytest.raises(ConnectError, match=text) as caught:
                await kind.call(client)
            took = asyncio.get_running_loop().time() - began
            assert not caught.value.sent
            assert caught.value.operation == kind.operation
            assert len(caught.value.attempts) == RETRIES + 1
            assert took < (RETRIES + 1) * client.config.connect_timeout + 1
            _shows_nothing(caught.value, token, it.emulator.server_key)
            assert not it.emulator.record.received(kind.operation)
            assert token not in "".join(it.proxy.heads)
            await settle()
            check_idle(client)
            it.proxy.instead = None
            await kind.call(client)

    live(main)


def test_a_proxy_that_is_not_there() -> None:
    async def main() -> None:
        async with _setup() as it:
            gone = it.proxy.url(USERINFO).replace(str(it.proxy.port), "9")
            async with it.client(proxy=gone) as client:
                with pytest.raises(ConnectError, match=r"proxy.*127\.0\.0\.1") as caught:
                    await client.session.ping()
                _shows_nothing(caught.value)

    live(main)


def test_a_wrong_password_is_refused_and_not_shown() -> None:
    async def main() -> None:
        async with _setup(locked=True) as it:
            for userinfo in ("", "someone:hunter2"):
                async with it.client(proxy=it.proxy.url(userinfo)) as client:
                    with pytest.raises(ConnectError, match="407") as caught:
                        await client.request("POST", "/x", json={})
                    _shows_nothing(caught.value, "hunter2", "c29tZW9uZTpodW50ZXIy")
            assert not it.service.opened

    live(main)


@EVERY_KIND
def test_a_proxy_that_dies_with_a_call_in_its_tunnel(kind: Kind) -> None:
    async def main() -> None:
        async with _setup() as it, it.client(proxy=it.proxy.url(), timeout=9.0) as client:
            await client.session.ping()
            it.service.pace = (1, 0.1)
            call = asyncio.create_task(kind.call(client))
            await until(lambda: it.emulator.record.executed(kind.operation))
            it.service.pace = None
            it.proxy.drop_all()
            if kind.safe:
                await call
            else:
                with pytest.raises(OutcomeUnknownError) as caught:
                    await call
                assert isinstance(caught.value.__cause__, ConnectionLostError)
                assert len(it.emulator.record.executed(kind.operation)) == 1
            await settle()
            check_idle(client)

    live(main)


@pytest.mark.parametrize(
    ("answer", "status"), [(REFUSED, 407), (FORBIDDEN, 403), (b"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", 502)]
)
def test_a_proxy_that_refuses_to_forward(answer: bytes, status: int) -> None:
    """Without TLS nobody can tell the proxy's answer from the service's."""

    async def main() -> None:
        async with _setup(tls=False) as it, it.client(proxy=it.proxy.url(USERINFO)) as client:
            await client.session.ping()
            it.proxy.instead = answer
            for kind in KINDS:
                await disconnect(client, it.proxy)
                with pytest.raises((APIError, OutcomeUnknownError)) as caught:
                    await kind.call(client)
                assert isinstance(caught.value, OutcomeUnknownError) == (status == 502 and not kind.safe)
                assert caught.value.status == status
                _shows_nothing(caught.value, token_of(client), it.emulator.server_key)

    live(main)


def test_garbage_where_something_was_to_be_forwarded() -> None:
    async def main() -> None:
        for kind in KINDS:
            async with _setup(tls=False) as it, it.client(proxy=it.proxy.url(USERINFO)) as client:
                await client.session.ping()
                await disconnect(client, it.proxy)
                it.proxy.instead = b"\x00\xffSSH-2.0-OpenSSH_9.6\r\n\r\n"
                with pytest.raises(ConnectionLostError if kind.safe else OutcomeUnknownError) as caught:
                    await kind.call(client)
                _shows_nothing(caught.value)
                assert not it.emulator.record.received(kind.operation)

    live(main)


# -------------------------------------------------------------------------------------------------------- what is shown
@pytest.mark.parametrize(
    "proxy",
    [
        f"http://{USERINFO}@127.0.0.1:port",
        f"http://{USERINFO}@127.0.0.1:99999",
        f"http://{USERINFO}@[127.0.0.1",
        f"socks5://{USERINFO}@127.0.0.1:9",
        f"http://{USERINFO}@",
        f"{USERINFO}@",
        f"{USERINFO}@127.0.0.1:nine",
        "://127.0.0.1",
    ],
    ids=range(8),
)
@pytest.mark.parametrize("named", ["setting", "environment"])
async def test_a_proxy_that_makes_no_sense(proxy: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {"proxy": proxy}
    if named == "environment":
        monkeypatch.setenv("https_proxy", proxy)
        settings = {}
    async with LootLockerClient("key", base_url=f"https://{HOST}/server", **settings) as client:
        for call in (client.session.ping(), anext(client.player_files.stream(f"https://{HOST}/x"))):
            with pytest.raises(ConfigurationError, match="proxy") as caught:
                await call
            assert isinstance(caught.value, LootLockerError)
            _shows_nothing(caught.value)


@pytest.mark.parametrize("before", ["", "//"])
async def test_a_proxy_named_without_a_scheme(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _setup(locked=True) as it:
        monkeypatch.setenv("HTTPS_PROXY", before + it.proxy.url(USERINFO).removeprefix("http://"))
        async with it.client() as client:
            await client.session.ping()


def test_the_password_is_shown_by_nothing() -> None:
    client = LootLockerClient("key", domain_key="abc", proxy=f"http://{USERINFO}@127.0.0.1:9")
    config = client.config
    shown = repr(config) + repr(client) + str(config)
    assert not any(secret in shown for secret in SECRETS)
    del client


async def test_a_pool_keeps_no_password_in_sight() -> None:
    async with LootLockerClient("key", domain_key="abc", proxy=f"http://{USERINFO}@127.0.0.1:9") as client:
        pool = await client._caller.manager.pool()
        shown = repr(vars(pool.transport))
        assert not any(secret in shown for secret in SECRETS)
        kept = pickle.dumps(pool.transport._extra["proxy_headers"])
        assert not any(secret.encode() in kept for secret in SECRETS)
