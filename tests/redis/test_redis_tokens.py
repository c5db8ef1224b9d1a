"""One login for all clients of a key."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet

from lootlocker_async import AuthenticationError, LootLockerClient
from lootlocker_async.core.tokens import ExclusiveTokenStore, Token
from lootlocker_async.emulator import Emulator, Fault
from lootlocker_async.integrations.redis import SharedState, tokens
from lootlocker_async.secret import SecretStr
from tests.integration.helpers import token_of, until
from tests.redis.conftest import Make, Share
from tests.redis.servers import Server

MANY = 8


async def ping_all(clients: list[LootLockerClient]) -> None:
    await asyncio.gather(*(client.session.ping() for client in clients))


def store_of(share: Share, *arguments: Any, **settings: Any) -> ExclusiveTokenStore:
    store = share(*arguments, **settings).token_store
    assert isinstance(store, ExclusiveTokenStore)
    return store


def names(kept: Any, what: str) -> list[bytes]:
    found: list[bytes] = kept.keys(f"*:{what}")
    return found


# -------------------------------------------------------------------------------------------------------- one login
async def test_many_clients_log_in_once(emulator: Emulator, make: Make) -> None:
    clients = [make() for _ in range(MANY)]
    await ping_all(clients)
    assert emulator.logins == 1
    assert len({token_of(client) for client in clients}) == 1


async def test_a_token_that_expired_for_all_costs_one_login(emulator: Emulator, make: Make) -> None:
    clients = [make() for _ in range(MANY)]
    await ping_all(clients)
    emulator.expire_tokens()
    await ping_all(clients)
    assert emulator.logins == 2
    # What is refused now was sent with a token that the store has long replaced.
    await make().session.ping()
    await ping_all(clients)
    assert emulator.logins == 2


async def test_clients_that_come_one_after_another_find_the_token(emulator: Emulator, make: Make) -> None:
    for _ in range(3):
        await make().session.ping()
    assert emulator.logins == 1


async def test_a_late_refusal_of_an_older_token_logs_nobody_in(emulator: Emulator, make: Make) -> None:
    one, two = make(), make()
    await ping_all([one, two])
    emulator.expire_tokens()
    await one.session.ping()
    assert emulator.logins == 2
    await asyncio.gather(*(two.session.ping() for _ in range(50)))
    assert emulator.logins == 2
    assert token_of(one) == token_of(two)


async def test_other_keys_and_other_addresses_share_nothing(emulator: Emulator, make: Make) -> None:
    async with Emulator() as other, Emulator(server_key="another_key") as third:
        await make().session.ping()
        await make(base_url=other.base_url).session.ping()
        await make(base_url=third.base_url, server_key=third.server_key).session.ping()
        assert (emulator.logins, other.logins, third.logins) == (1, 1, 1)


async def test_another_prefix_shares_nothing(emulator: Emulator, server: Server, make: Make) -> None:
    await make().session.ping()
    await make(SharedState(url=server.url, prefix="staging")).session.ping()
    assert emulator.logins == 2


# ---------------------------------------------------------------------------------------------------- who may log in
async def test_a_login_that_fails_is_not_waited_for(emulator: Emulator, make: Make, kept: Any) -> None:
    clients = [make(server_key="wrong") for _ in range(3)]
    outcomes = await asyncio.gather(*(client.session.ping() for client in clients), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [AuthenticationError] * 3
    assert not names(kept, "login")
    assert not names(kept, "token")


async def test_who_died_while_logging_in_is_replaced(emulator: Emulator, make: Make, share: Share, kept: Any) -> None:
    client = make()
    async with store_of(share).exclusive():
        (lock,) = names(kept, "login")
    kept.set(lock, "somebody who died", px=300)
    await client.session.ping()
    assert emulator.logins == 1
    assert not kept.exists(lock)


async def test_nobody_is_waited_for_without_end(
    emulator: Emulator, make: Make, share: Share, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_PATIENCE", 0.1)
    async with store_of(share).exclusive():
        await make().session.ping()
        assert emulator.logins == 1
        assert names(kept, "login"), "the lock of the other one stays"


async def test_a_slow_login_is_waited_for(emulator: Emulator, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_LEASE", 0.3)
    emulator.faults.add(Fault.latency("session_start", seconds=1.0))
    await ping_all([make() for _ in range(3)])
    assert emulator.logins == 1


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.002, 0.005, 0.01, 0.05])
async def test_a_login_that_is_called_off_keeps_nobody_waiting(
    emulator: Emulator, make: Make, kept: Any, seconds: float
) -> None:
    emulator.faults.add(Fault.latency("session_start", seconds=0.2))
    task = asyncio.create_task(make().session.ping())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.wait([task])
    await until(lambda: not names(kept, "login"))
    await make().session.ping()
    assert emulator.logins <= 2


async def test_a_login_outlives_the_loss_of_its_lock(
    emulator: Emulator, server: Server, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_LEASE", 0.1)
    emulator.faults.add(Fault.latency("session_start", seconds=0.5))
    call = asyncio.create_task(make().session.ping())
    await until(lambda: emulator.record.received("session_start"))
    await asyncio.to_thread(server.stop)
    await call
    assert emulator.logins == 1


# -------------------------------------------------------------------------------------------------- what is in Redis
async def test_the_token_stays_for_its_life(make: Make, kept: Any) -> None:
    await make(token_lifetime=100.0).session.ping()
    (name,) = names(kept, "token")
    assert 0 < kept.pttl(name) <= 100_000
    kept.pexpire(name, 5_000)
    await make(token_lifetime=100.0).session.ping()
    assert kept.pttl(name) > 50_000, "who asks for it will use it"


async def test_the_key_is_nowhere_in_redis(emulator: Emulator, make: Make, kept: Any) -> None:
    await make(calls_per_second=1000.0).session.ping()
    assert len(kept.keys("*")) >= 3
    everything = repr([
        kept.hgetall(name) if kept.type(name) == b"hash" else name for name in kept.keys("*")
    ])  # fmt: skip
    assert emulator.server_key not in everything


SECRET = Fernet.generate_key()


def cipher() -> Fernet:
    return Fernet(SECRET)


async def test_a_cipher_hides_the_token(emulator: Emulator, server: Server, make: Make, kept: Any) -> None:
    hidden = partial(SharedState, url=server.url, timeout=20, cipher=cipher)
    one, two = make(hidden()), make(hidden())
    await ping_all([one, two])
    assert emulator.logins == 1
    (name,) = names(kept, "token")
    assert token_of(one) == token_of(two)
    assert token_of(one).encode() not in b"".join(kept.hvals(name))


def broken() -> Fernet:
    raise LookupError("no such secret")


@pytest.mark.parametrize(
    ("other", "word"), [(lambda: Fernet(Fernet.generate_key()), "InvalidToken"), (broken, "LookupError")]
)
async def test_another_cipher_costs_a_login_and_no_error(
    emulator: Emulator,
    server: Server,
    make: Make,
    caplog: pytest.LogCaptureFixture,
    other: Callable[[], Fernet],
    word: str,
) -> None:
    one = make(SharedState(url=server.url, timeout=20, cipher=cipher))
    await one.session.ping()
    await make(SharedState(url=server.url, timeout=20, cipher=other)).session.ping()
    assert emulator.logins == 2
    assert f"can't be opened ({word})" in caplog.text
    assert token_of(one) not in caplog.text


async def test_a_token_that_cannot_be_hidden_stays_in_the_process(
    emulator: Emulator, server: Server, make: Make, kept: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = make(SharedState(url=server.url, timeout=20, cipher=broken))
    await client.session.ping()
    await client.session.ping()
    assert emulator.logins == 1
    assert not names(kept, "token")
    assert "can't be hidden (LookupError)" in caplog.text
    assert token_of(client) not in caplog.text


@pytest.mark.parametrize("junk", [b"", b"two words", b"a line\r\nX-Other: header", b"\xff\x00", "käse".encode()])
async def test_what_cannot_be_a_token_is_none(emulator: Emulator, make: Make, kept: Any, junk: bytes) -> None:
    await make().session.ping()
    (name,) = names(kept, "token")
    kept.hset(name, "value", junk)
    await make().session.ping()
    assert emulator.logins == 2
    kept.hdel(name, "at")
    await make().session.ping()
    assert emulator.logins == 3


async def test_a_token_is_as_old_as_redis_says(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = store_of(share), store_of(share)
    await here.put(Token(value=SecretStr("abc"), obtained_at=time.time() - 100))
    monkeypatch.setattr(tokens, "time", SimpleNamespace(time=lambda: time.time() + 5000))  # another machine's clock
    found = await there.get()
    assert found is not None
    assert found.value == "abc"
    assert 99 < time.time() + 5000 - found.obtained_at < 200


# ------------------------------------------------------------------------------------------------------ Redis is away
async def test_while_redis_is_away_everybody_logs_in_alone(
    emulator: Emulator, server: Server, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lootlocker_async")
    state = SharedState(url=server.url)
    one, two = make(state), make()
    await ping_all([one, two])
    assert emulator.logins == 1
    await asyncio.to_thread(server.stop)
    await ping_all([one, two])
    assert emulator.logins == 1, "everybody has a token"
    emulator.expire_tokens()
    await ping_all([one, two])
    assert emulator.logins == 3
    mine = [record for record in caplog.records if "Redis is away" in record.message]
    assert len(mine) == 2, "one for each of what would be two processes"
    await asyncio.to_thread(server.start)
    emulator.expire_tokens()
    await ping_all([one, two])
    assert emulator.logins == 4
    assert token_of(one) == token_of(two)


async def test_while_redis_is_away_the_token_is_kept_in_the_process(share: Share, server: Server) -> None:
    await asyncio.to_thread(server.stop)
    store = store_of(share)
    assert await store.get() is None
    await store.put(Token(value=SecretStr("abc"), obtained_at=0.0))
    found = await store.get()
    assert found is not None
    assert found.value == "abc"
    async with store.exclusive():
        pass
