"""TLS against a real authority: what is right works, what is wrong is refused before a byte of ours is readable."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lootlocker_async import (
    APIError,
    ConnectError,
    ConnectionLostError,
    LootLockerClient,
    LootLockerError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ResponseDecodeError,
)
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import check_idle, client_of, settle, token_of, until
from tests.network.authority import careless_context, client_context, outdated_context, server_context
from tests.network.chaos import Chaos, How, Listening, Pipe, Trouble, Where, gone
from tests.network.kinds import CONTENTS, KINDS, PLAYER, build, disconnect, live, move, port_of

RETRIES = 2
WRONG = {
    "wrong host": "IP address mismatch",
    "expired": "certificate has expired",
    "not yet valid": "certificate is not yet valid",
    "unknown authority": "certificate verify failed",
    "self-signed": "self[- ]signed certificate",
}


@asynccontextmanager
async def _front(context: ssl.SSLContext, **settings: Any) -> AsyncIterator[tuple[Emulator, Chaos, LootLockerClient]]:
    """An emulator behind TLS, and a client that trusts the authority."""
    async with Emulator() as emulator, Chaos(port_of(emulator), context=context) as front:
        build(emulator)
        front.server_key = emulator.server_key
        own = {"ssl": client_context(), "retries": RETRIES, "keep_alive": False, **settings}
        async with client_of(front, **own) as client:
            yield emulator, front, client
            await settle()
            check_idle(client)


def _shows_nothing(error: BaseException, *secrets: str) -> None:
    shown = "".join(repr(it) + str(it) for it in (error, error.__cause__, error.__context__))
    assert not any(secret in shown for secret in secrets), shown


# ---------------------------------------------------------------------------------------------------- what is right
def test_the_right_certificate() -> None:
    async def main() -> None:
        async with _front(server_context()) as (emulator, front, client):
            for _ in range(3):
                for kind in KINDS:
                    await kind.call(client)
            assert len(emulator.record.executed()) == 3 * 6 + 1
            assert front.opened <= 2, "the connection is kept (the look-ahead may have had another)"
            await asyncio.gather(*(kind.call(client) for _ in range(20) for kind in KINDS))

    live(main)


async def test_a_name_instead_of_an_address() -> None:
    """Looked up by the system, so by the clock on the wall."""
    async with Emulator() as emulator, Chaos(port_of(emulator), context=server_context("localhost")) as front:
        build(emulator)
        url = f"https://localhost:{front.port}/server"
        async with LootLockerClient(emulator.server_key, base_url=url, ssl=client_context()) as client:
            await KINDS[0].call(client)


def test_the_systems_authorities_do_not_know_ours() -> None:
    async def main() -> None:
        async with _front(server_context(), ssl=None) as (_, front, client):
            with pytest.raises(ConnectError, match="certificate verify failed"):
                await KINDS[0].call(client)
            assert not front.heads

    live(main)


# ---------------------------------------------------------------------------------------------------- what is wrong
@pytest.mark.parametrize("which", WRONG)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_wrong_certificate(which: str, kind: Any) -> None:
    async def main() -> None:
        async with _front(server_context(which)) as (emulator, front, client):
            with pytest.raises(ConnectError, match=WRONG[which]) as caught:
                await kind.call(client)
            assert not caught.value.sent
            assert caught.value.operation == "session_start"
            assert "no connection could be made" in str(caught.value)
            _shows_nothing(caught.value, emulator.server_key)
            assert not front.heads
            assert not emulator.record.received()

    live(main)


@pytest.mark.parametrize("which", WRONG)
def test_a_certificate_that_turns_wrong_under_a_client_that_has_logged_in(which: str) -> None:
    async def main() -> None:
        async with (
            _front(server_context()) as (emulator, front, client),
            Chaos(port_of(emulator), context=server_context(which)) as wrong,
            Pipe(front.port) as wire,
        ):
            await move(client, wire.port)
            await client.session.ping()
            token = token_of(client)
            assert len(wire.seen) > 500
            wire.lead_to(wrong.port)
            await until(lambda: not wire.open)
            wire.seen = b""
            for kind in KINDS:
                before = len(emulator.record.received())
                with pytest.raises(ConnectError, match=WRONG[which]) as caught:
                    await kind.call(client)
                assert not caught.value.sent
                assert caught.value.operation == kind.operation
                assert len(caught.value.attempts) == RETRIES + 1
                assert len(emulator.record.received()) == before
                _shows_nothing(caught.value, token, emulator.server_key)
            assert wire.opened > len(KINDS)
            assert wire.seen
            for secret in (token, emulator.server_key, "x-auth-token", "dora"):
                assert secret.encode() not in wire.seen
            assert not wrong.heads
            wire.lead_to(front.port)
            for kind in KINDS:
                await kind.call(client)

    live(main)


class _Outdated(Listening):
    """Makes handshakes of an outdated version, and says in an alert why one failed; asyncio's server doesn't."""

    def __init__(self, version: ssl.TLSVersion) -> None:
        super().__init__()
        self._own = outdated_context(version)
        self.spoken: list[str | None] = []
        self.readable = b""
        self.server_key = "dev_outdated_key_77ab"

    @property
    def base_url(self) -> str:
        return f"https://127.0.0.1:{self.port}/server"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        handshake = self._own.wrap_bio(there, back, server_side=True)
        step: Any = handshake.do_handshake
        try:
            while data := await reader.read(65536):
                there.write(data)
                try:
                    self.readable += step() or b""
                    self.spoken.append(handshake.version())
                    step = handshake.read
                except ssl.SSLWantReadError:
                    pass
                finally:
                    writer.write(back.read())
        finally:
            await writer.drain()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=lambda it: it.name)
def test_a_server_that_speaks_only_outdated_tls(version: ssl.TLSVersion) -> None:
    async def main() -> None:
        async with _Outdated(version) as server:
            async with client_of(server, ssl=client_context(), retries=RETRIES) as client:
                for call in (client.session.ping(), client.request("POST", "/x", json={"a": 1})):
                    with pytest.raises(ConnectError, match=r"(?i)protocol.version") as caught:
                        await call
                    assert not caught.value.sent
                    _shows_nothing(caught.value, server.server_key)
            assert (server.spoken, server.readable) == ([], b"")
            # It does speak, to who is careless: so it was the version that the client refused.
            _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=careless_context())
            writer.transport.abort()
            assert server.spoken == [version.name.replace("_", ".")]

    live(main)


class _Answering(Listening):
    """Answers whatever comes with the same bytes, and keeps what came."""

    def __init__(self, answer: bytes, *, close: bool = True) -> None:
        super().__init__()
        self._answer = answer
        self._close = close
        self.seen = b""
        self.server_key = "dev_tls_key_4e1c9a70"

    @property
    def base_url(self) -> str:
        return f"https://127.0.0.1:{self.port}/server"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen += await reader.read(65536)
        writer.write(self._answer)
        if self._close:
            await writer.drain()
            writer.close()
        else:
            await gone(reader)


_BODY = json.dumps({"token": "stolen"}).encode()
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
_AWAY = b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("answer", [_OK, _AWAY, b"", b"\x15\x03\x01\x00\x02\x02\x28", bytes(200)],
                         ids=["plain http", "plain redirect", "nothing", "an alert", "zeros"])  # fmt: skip
@pytest.mark.parametrize("close", [True, False], ids=["closes", "stays"])
def test_no_tls_on_the_tls_port(answer: bytes, close: bool) -> None:
    async def main() -> None:
        async with _Answering(answer, close=close) as server:
            async with client_of(server, ssl=client_context(), retries=RETRIES, timeout=60.0) as client:
                for call in (client.session.ping(), client.request("POST", "/x", json={"a": 1})):
                    began = asyncio.get_running_loop().time()
                    with pytest.raises(ConnectError, match="no connection could be made") as caught:
                        await call
                    assert not caught.value.sent
                    assert "()" not in str(caught.value), "it says why"
                    assert asyncio.get_running_loop().time() - began < 3 * client.config.connect_timeout + 1
                check_idle(client)
            assert server.seen.startswith(b"\x16\x03"), "a handshake"
            assert server.server_key.encode() not in server.seen
            assert b"session" not in server.seen

    live(main)


# ---------------------------------------------------------------------------------------------- broken within TLS
@pytest.mark.parametrize("how", list(How), ids=lambda how: how.name.lower())
def test_a_tls_connection_that_breaks_after_each_so_many_bytes(how: How) -> None:
    """In the handshake nothing was sent, and after it everybody takes what came for what it is."""

    async def main() -> None:
        async with (
            _front(server_context(), timeout=20.0, attempt_timeout=4.0) as (emulator, front, client),
            Pipe(front.port) as wire,
        ):
            await move(client, wire.port)
            await client.session.ping()
            answered = wire.sent
            assert answered > 1000
            seen: set[type[LootLockerError] | None] = set()
            for cut in [*range(1, answered, 150), answered - 60, answered - 10]:
                await disconnect(client, wire)
                emulator.record.clear()
                wire.cut_after, wire.how = cut, how
                error: LootLockerError | None = None
                try:
                    await KINDS[3].call(client)
                except LootLockerError as raised:
                    error = raised
                seen.add(type(error) if error else None)
                executed = len(emulator.record.executed())
                if isinstance(error, ConnectError):
                    assert not executed
                elif isinstance(error, OutcomeUnknownError):
                    assert isinstance(error.__cause__, ConnectionLostError | RequestTimeoutError)
                    assert executed <= 1
                else:
                    assert error is None or (isinstance(error, ResponseDecodeError) and error.executed)
                    assert executed == 1
                wire.cut_after = None
                await disconnect(client, wire)
                await client.session.ping()
            assert {ConnectError, OutcomeUnknownError} <= seen
            await disconnect(client, wire)

    live(main)


@pytest.mark.parametrize("where", list(Where), ids=lambda where: where.name.lower())
def test_trouble_behind_tls(where: Where) -> None:
    async def main() -> None:
        for how in (How.RESET, How.STALL):
            async with _front(server_context(), timeout=20.0, attempt_timeout=4.0) as (emulator, front, client):
                await client.session.ping()
                front.trouble(Trouble(how, where), 2)
                for kind in KINDS[:3]:
                    await kind.call(client)
                front.trouble(Trouble(how, where), 1)
                for kind in KINDS[3:]:
                    try:
                        await kind.call(client)
                    except (OutcomeUnknownError, ResponseDecodeError):
                        assert len(emulator.record.executed(kind.operation)) <= 1
                    else:
                        assert len(emulator.record.executed(kind.operation)) == 1

    live(main)


# --------------------------------------------------------------------------------------------------------- redirects
class _Redirecting(Listening):
    """Redirects everything to one place."""

    def __init__(self, to: str, status: int = 307) -> None:
        super().__init__(context=server_context())
        self._to = to
        self._status = status
        self.heads: list[str] = []
        self.server_key = "dev_redirected_key_0c1d"

    @property
    def base_url(self) -> str:
        return f"https://127.0.0.1:{self.port}/server"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        head = f"HTTP/1.1 {self._status} X\r\nLocation: {self._to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        await gone(reader)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_carries_no_key_and_no_token_away(scheme: str, status: int) -> None:
    async def main() -> None:
        context = server_context() if scheme == "https" else None
        async with Emulator() as emulator, Chaos(port_of(emulator), context=context) as other:
            async with (
                _Redirecting(other.base_url, status) as server,
                client_of(server, ssl=client_context()) as client,
            ):
                with pytest.raises(APIError) as caught:
                    await client.session.ping()
                assert caught.value.status == status
                assert server.server_key in server.heads[0]
            assert not other.opened

    live(main)


async def test_a_download_is_led_to_another_host_without_secrets_and_never_out_of_tls(tmp_path: Path) -> None:
    async with (
        Emulator() as emulator,
        Chaos(port_of(emulator), context=server_context()) as front,
        Chaos(port_of(emulator)) as plain,
    ):
        build(emulator)
        front.server_key = emulator.server_key
        async with client_of(front, ssl=client_context()) as client:
            await client.session.ping()
            token = token_of(client)
            file = await client.player_files.upload(PLAYER, file=CONTENTS, purpose="SAVE")
            path = "/" + file.url.partition("://")[2].partition("/")[2]
            count = len(front.heads)
            async with _Redirecting(f"https://127.0.0.1:{front.port}{path}", 302) as leading:
                url = f"https://127.0.0.1:{leading.port}/a?signature=x"
                assert await client.player_files.download(url, tmp_path / "x") == len(CONTENTS)
            for head in (*leading.heads, *front.heads[count:]):
                assert not any(secret in head for secret in (token, emulator.server_key, "x-auth", "x-server"))
            async with _Redirecting(f"http://127.0.0.1:{plain.port}{path}", 302) as leading:
                with pytest.raises(APIError, match="plain http"):
                    await client.player_files.download(f"https://127.0.0.1:{leading.port}/a", tmp_path / "y")
            assert not plain.opened
            assert _inside(tmp_path) == ["x"]


def _inside(directory: Path) -> list[str]:
    return [found.name for found in directory.iterdir()]
