"""Logins: one for all who wait, and one more when it is needed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

import pytest

from lootlocker_async import (
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    LootLockerClient,
    PermissionDeniedError,
    RequestTimeoutError,
    SecretStr,
    ServerError,
)
from lootlocker_async.core.observers import LoggedIn
from lootlocker_async.core.tokens import MemoryTokenStore, Token
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, ENTRY, Events, check_idle, client_of, pool_of, settle, token_of, until
from tests.integration.raw import RawServer, Request, Wire, free_port
from tests.support.clock import run

Make = Callable[..., LootLockerClient]


async def _outcomes(client: LootLockerClient, calls: int) -> Counter[str]:
    results = await asyncio.gather(*(client.session.ping() for _ in range(calls)), return_exceptions=True)
    return Counter(type(result).__name__ for result in results)


async def test_a_thousand_calls_on_a_cold_client_share_one_login(emulator: Emulator, make: Make) -> None:
    events = Events()
    client = make(observers=(events,))
    assert await _outcomes(client, 1000) == {"SessionPing": 1000}
    assert emulator.logins == 1
    assert len(events.of(LoggedIn)) == 1

    assert emulator.expire_tokens() == 1
    assert await _outcomes(client, 1000) == {"SessionPing": 1000}
    assert emulator.logins == 2
    assert [event.ok for event in events.of(LoggedIn)] == [True, True]
    check_idle(client)


async def test_a_thousand_calls_with_a_wrong_key_share_one_failed_login(emulator: Emulator, make: Make) -> None:
    client = make(server_key="dev_wrong_key")
    results = await asyncio.gather(*(client.session.ping() for _ in range(1000)), return_exceptions=True)
    assert {type(result) for result in results} == {AuthenticationError}
    assert len({id(result) for result in results}) == 1000, "each task has an error of its own"
    assert (emulator.logins, emulator.failed_logins) == (0, 1)
    assert len(emulator.record) == 1
    error = results[0]
    assert isinstance(error, AuthenticationError)
    assert (error.operation, error.status, error.path) == ("session_start", 401, "/session")

    with pytest.raises(AuthenticationError):
        await client.session.ping()
    assert emulator.failed_logins == 2, "a failed login is not remembered"
    check_idle(client)


@pytest.mark.parametrize("in_flight", [1, 7])
async def test_expired_tokens_cost_one_login_whatever_the_limits_are(
    emulator: Emulator, make: Make, in_flight: int
) -> None:
    client = make(max_in_flight=in_flight, max_connections=in_flight)
    await client.session.ping()
    emulator.expire_tokens()
    assert await _outcomes(client, 50) == {"SessionPing": 50}
    assert emulator.logins == 2
    check_idle(client)


async def test_a_waiter_that_is_cancelled_leaves_the_login_to_the_others(
    emulator: Emulator, client: LootLockerClient
) -> None:
    emulator.faults.add(Fault.latency("session_start", seconds=0.05))
    tasks = [asyncio.create_task(client.session.ping()) for _ in range(5)]
    await until(lambda: emulator.record.received("session_start"))
    tasks[0].cancel()
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result).__name__ for result in results] == [
        "CancelledError", "SessionPing", "SessionPing", "CancelledError", "SessionPing",
    ]  # fmt: skip
    assert len(emulator.record.received("session_start")) == 1
    check_idle(client)


class _SlowFirstLogin:
    """Never answers the first login, and all else at once."""

    def __init__(self) -> None:
        self.logins = 0

    async def __call__(self, request: Request, wire: Wire) -> None:
        if request.path != "/session":
            await wire.answer({"pong": "now"})
            return
        self.logins += 1
        if self.logins == 1:
            await wire.gone()
        else:
            await wire.answer({"token": "second_login"})


async def test_a_login_that_nobody_waits_for_is_cancelled_and_the_next_call_logs_in() -> None:
    respond = _SlowFirstLogin()
    async with RawServer(respond, logins=False) as server, client_of(server) as client:
        tasks = [asyncio.create_task(client.session.ping()) for _ in range(3)]
        await until(lambda: respond.logins)
        login = pool_of(client).login
        assert login is not None
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        await settle()
        assert login.cancelled()
        await client.session.ping()
        assert respond.logins == 2
        check_idle(client)


async def test_whoever_comes_while_a_login_is_being_cancelled_starts_another() -> None:
    respond = _SlowFirstLogin()
    async with RawServer(respond, logins=False) as server, client_of(server) as client:
        first = asyncio.create_task(client.session.ping())
        await until(lambda: respond.logins)
        first.cancel()
        second = asyncio.create_task(client.session.ping())
        await asyncio.wait({first, second})
        assert first.cancelled()
        assert second.result().pong
        check_idle(client)


async def test_a_login_that_meets_503_is_sent_again_by_its_own_rules(
    emulator: Emulator, client: LootLockerClient
) -> None:
    emulator.faults.add(Fault.unavailable("session_start", times=2))
    result = await client.leaderboards.increment_score(BOARD, member_id="ann", amount=5)
    assert result.score == 105
    assert len(emulator.record.received("session_start")) == 3
    assert len(emulator.record.received("leaderboards_increment_score")) == 1


async def test_a_login_that_fails_for_good_is_told_as_it_is_and_never_as_the_calls_own_failure(
    emulator: Emulator, make: Make
) -> None:
    emulator.faults.add(Fault.error("session_start", status=502), Fault.error("players_*", status=400))
    client = make(retries=2)
    with pytest.raises(ServerError) as caught:
        await client.leaderboards.increment_score(BOARD, member_id="ann", amount=5)
    assert (caught.value.status, caught.value.operation) == (502, "session_start")
    assert len(caught.value.attempts) == 3
    assert len(emulator.record) == 3, "the outer call has no attempts of its own for it"


async def test_a_callable_key_is_asked_at_each_login(emulator: Emulator, make: Make) -> None:
    asked: list[str] = []

    def key() -> str:
        asked.append("")
        return emulator.server_key

    client = make(server_key=key)
    await client.session.ping()
    emulator.expire_tokens()
    await client.session.ping()
    assert len(asked) == 2


async def test_a_key_that_is_missing_when_it_is_asked_for_is_told_to_everyone(emulator: Emulator, make: Make) -> None:
    client = make(server_key=lambda: "")
    assert await _outcomes(client, 3) == {"ConfigurationError": 3}
    with pytest.raises(ConfigurationError, match="a server key is needed"):
        await client.session.ping()
    check_idle(client)


async def test_a_late_401_of_an_older_token_does_not_log_in_again(emulator: Emulator, client: LootLockerClient) -> None:
    await client.session.ping()
    # The first call's refusal is on its way for long; meanwhile the second has renewed the token.
    emulator.faults.add(
        Fault.error("leaderboards_get", status=401, times=1), Fault.latency("leaderboards_get", seconds=0.1)
    )
    late = asyncio.create_task(client.leaderboards.get(BOARD))
    await until(lambda: emulator.record.received("leaderboards_get"))
    emulator.expire_tokens()
    await client.session.ping()
    assert emulator.logins == 2
    assert (await late).key == BOARD
    assert emulator.logins == 2


async def test_a_401_that_stays_is_raised_after_one_renewal(emulator: Emulator, client: LootLockerClient) -> None:
    emulator.faults.add(Fault.error("leaderboards_increment_score", status=401))
    with pytest.raises(AuthenticationError) as caught:
        await client.leaderboards.increment_score(BOARD, member_id="ann", amount=5)
    assert len(caught.value.attempts) == 2
    assert emulator.logins == 2


@pytest.mark.parametrize(("deaths", "ends_well"), [(2, True), (3, True), (4, False)])
async def test_tokens_that_die_again_and_again_are_replaced_again(deaths: int, ends_well: bool) -> None:
    """Each worked for another call before it was refused, so each is worth another; but not without end."""
    dead: set[str] = set()
    held = asyncio.Event()

    async def respond(request: Request, wire: Wire) -> None:
        token = request.headers["x-auth-token"]
        if request.path == "/x":
            held.set()
            while len(dead) < deaths and token not in dead:  # noqa: ASYNC110  (what is waited for sets no event)
                await asyncio.sleep(0.001)
        good = token not in dead and token == server.tokens[-1]
        await wire.answer({} if good else {"message": "expired"}, status=200 if good else 401)

    async with RawServer(respond) as server, client_of(server) as client:
        call = asyncio.create_task(client.request("POST", "/x"))
        for _ in range(deaths):
            await asyncio.wait_for(held.wait(), 10)
            held.clear()
            await client.session.ping()
            dead.add(server.tokens[-1])
        await asyncio.wait({call})
        if ends_well:
            assert call.result() == {}
        else:
            assert isinstance(call.exception(), AuthenticationError)
        assert len(server.tokens) == 4 if not ends_well else deaths + 1
        assert len(server.seen("/x")) == min(deaths, 3) + 1
        check_idle(client)


# ------------------------------------------------------------------------------------------------ 403, token stores
async def _log_in_elsewhere(emulator: Emulator, *, age: float) -> MemoryTokenStore:
    store = MemoryTokenStore()
    async with client_of(emulator) as other:
        await other.session.ping()
        await store.put(Token(value=SecretStr(token_of(other)), obtained_at=time.time() - age))
    return store


@pytest.mark.parametrize(("age", "renewed"), [(31, True), (10, False)])
async def test_a_403_renews_a_token_of_some_age_once(age: float, renewed: bool) -> None:
    async with Emulator(expired_token_status=403) as emulator:
        store = await _log_in_elsewhere(emulator, age=age)
        emulator.expire_tokens()
        async with client_of(emulator, token_store=store) as client:
            if renewed:
                await client.session.ping()
            else:
                with pytest.raises(PermissionDeniedError):
                    await client.session.ping()
            assert emulator.logins == 1 + renewed


async def test_a_true_403_is_raised_as_it_is(emulator: Emulator, make: Make) -> None:
    emulator.faults.add(Fault.error("leaderboards_get", status=403))
    client = make(token_store=await _log_in_elsewhere(emulator, age=3000))
    with pytest.raises(PermissionDeniedError) as caught:
        await client.leaderboards.get(BOARD)
    assert len(caught.value.attempts) == 2
    assert emulator.logins == 2

    with pytest.raises(PermissionDeniedError) as caught:
        await client.leaderboards.get(BOARD)
    assert len(caught.value.attempts) == 1, "the token is young now"
    assert emulator.logins == 2


async def test_clients_share_a_token_through_a_store(emulator: Emulator, make: Make) -> None:
    store = MemoryTokenStore()
    one, two = make(token_store=store), make(token_store=store)
    await one.session.ping()
    await two.session.ping()
    assert emulator.logins == 1
    emulator.expire_tokens()
    await one.session.ping()
    await two.session.ping()
    assert emulator.logins == 2


async def test_an_expired_token_of_the_store_costs_one_login_and_no_error(emulator: Emulator, make: Make) -> None:
    store = MemoryTokenStore()
    one, two = make(token_store=store), make(token_store=store)
    await one.session.ping()
    await two.session.ping()
    emulator.expire_tokens()
    await one.session.ping()
    emulator.expire_tokens()
    kept = await store.get()
    assert kept is not None
    await store.put(Token(value=kept.value, obtained_at=time.time() - 7200))
    # The second client's token is dead, and so is the newer one that it finds in the store.
    await two.session.ping()
    assert emulator.logins == 3


async def test_a_deadline_ends_the_wait_for_a_login_and_not_the_login(emulator: Emulator, make: Make) -> None:
    emulator.faults.add(Fault.latency("session_start", seconds=0.1))
    client = make()
    patient = asyncio.create_task(client.session.ping())
    hasty = asyncio.create_task(
        client.with_options(timeout=0.03).leaderboards.increment_score(BOARD, member_id="ann", amount=1)
    )
    with pytest.raises(RequestTimeoutError) as caught:
        await hasty
    assert caught.value.sent is False
    assert caught.value.attempts == ()
    assert (await patient).pong
    assert emulator.logins == 1


async def test_closing_while_a_login_is_under_way() -> None:
    respond = _SlowFirstLogin()
    async with RawServer(respond, logins=False) as server:
        client = client_of(server)
        tasks = [asyncio.create_task(client.session.ping()) for _ in range(4)]
        await until(lambda: respond.logins)
        await client.close(0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} == {ClientClosedError}


async def test_a_token_that_no_header_can_carry_is_a_typed_error() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({"token": "forged\r\nx-admin: yes"})

    async with RawServer(respond, logins=False) as server, client_of(server) as client:
        for _ in range(2):
            with pytest.raises(Exception, match="token") as caught:
                await client.session.ping()
            assert type(caught.value).__module__.startswith("lootlocker_async"), repr(caught.value)
        assert not server.seen("/ping")


# ---------------------------------------------------------------------------------------------------------- keep-alive
def test_a_ping_goes_out_when_the_client_has_been_idle_for_most_of_the_tokens_life() -> None:
    async def main() -> None:
        async with Emulator() as emulator:
            emulator.world.add_leaderboard(BOARD)
            loop = asyncio.get_running_loop()
            async with client_of(emulator, token_lifetime=1000.0) as client:
                for _ in range(4):  # a busy client needs no ping
                    await client.leaderboards.get(BOARD)
                    await asyncio.sleep(700)
                assert not emulator.record.received("session_ping")
                used = loop.time() - 700
                await asyncio.sleep(used + 790 - loop.time())
                assert not emulator.record.received("session_ping")
                await asyncio.sleep(20)
                assert len(emulator.record.received("session_ping")) == 1
                await asyncio.sleep(770)
                assert len(emulator.record.received("session_ping")) == 1
                await asyncio.sleep(40)
                assert len(emulator.record.received("session_ping")) == 2
            await asyncio.sleep(5000)
            assert len(emulator.record.received("session_ping")) == 2
            assert emulator.logins == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main)


def test_no_ping_goes_out_where_that_was_not_wanted() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(emulator, token_lifetime=1000.0, keep_alive=False) as client:
            await client.players.create(platform="guest", player_identifier="x")
            await asyncio.sleep(5000)
            assert not emulator.record.received("session_ping")

    run(main)


def test_a_ping_that_fails_harms_nothing() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(emulator, token_lifetime=1000.0, retries=0) as client:
            await client.players.create(platform="guest", player_identifier="x")
            emulator.faults.add(Fault.error("session_ping", status=500))
            await asyncio.sleep(1700)
            assert len(emulator.record.received("session_ping")) == 2
            await client.players.create(platform="guest", player_identifier="x")
            check_idle(client)

    run(main)


def test_a_second_loop_with_the_token_of_the_first_keeps_it_alive_too() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer(ENTRY if request.verb == "POST" else {"pong": "now"})

    port = free_port()
    client = client_of(RawServer(respond, port=port), token_lifetime=1000.0)

    async def main() -> tuple[int, int]:
        async with RawServer(respond, port=port) as server:
            await client.leaderboards.submit_score(BOARD, member_id="ann", score=9)
            await asyncio.sleep(850)
            return len(server.tokens), len(server.seen("/ping"))

    assert run(main) == (1, 1)
    assert run(main) == (0, 1)
