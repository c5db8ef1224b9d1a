"""Connections that are reset, cut, stalled, slow and never made, under each kind of call."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lootlocker_async import (
    ConnectError,
    ConnectionLostError,
    LootLockerClient,
    LootLockerError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
)
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import check_idle, client_of, settle
from tests.network.chaos import Chaos, How, Trouble, Where, unaccepting
from tests.network.kinds import KINDS, PLAYER, TALLY, Kind, build, disconnect, live, move, port_of

EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
EVERY_TROUBLE = pytest.mark.parametrize(
    "trouble",
    [Trouble(how, where) for where in Where for how in How],
    ids=lambda it: f"{it.where.name}-{it.how.name}".lower(),
)
ATTEMPT, TIMEOUT, RETRIES = 2.0, 20.0, 2


@asynccontextmanager
async def _world(**settings: Any) -> AsyncIterator[tuple[Emulator, Chaos, LootLockerClient]]:
    """An emulator behind a bad network, and a client that has logged in and has no connection yet."""
    own = {"attempt_timeout": ATTEMPT, "timeout": TIMEOUT, "retries": RETRIES, "keep_alive": False, **settings}
    async with Emulator() as emulator, Chaos(port_of(emulator)) as chaos:
        build(emulator)
        chaos.server_key = emulator.server_key
        client = client_of(chaos, **own)
        try:
            await client.session.ping()
            await disconnect(client, chaos)
            yield emulator, chaos, client
        finally:
            await client.close(0)


async def _failure_of(kind: Kind, client: LootLockerClient) -> LootLockerError | None:
    try:
        await kind.call(client)
    except LootLockerError as error:
        return error
    return None


async def _unharmed(emulator: Emulator, chaos: Chaos, client: LootLockerClient) -> None:
    """Once the network is well again, everything goes on as if nothing had been."""
    await settle()
    check_idle(client)
    chaos.troubles(iter(()))
    for kind in KINDS[:3]:
        await kind.call(client)
    check_idle(client)
    # Through the connection that the safe calls have shown to be a good one.
    for kind in KINDS[3:]:
        before = len(emulator.record.executed(kind.operation))
        await kind.call(client)
        assert len(emulator.record.executed(kind.operation)) == before + 1
    check_idle(client)


# ------------------------------------------------------------------------------------------------------ the whole grid
def _expected(kind: Kind, trouble: Trouble, *, lasting: bool) -> type[LootLockerError] | None:
    """The outcome that the rules give a call; None for an answer."""
    if trouble.where is Where.END:
        return None
    if kind.safe:
        lost = RequestTimeoutError if trouble.how is How.STALL else ConnectionLostError
        return lost if lasting else None
    # The head said 200, so it was executed, whatever became of the rest.
    return ResponseDecodeError if trouble.where is Where.BODY else OutcomeUnknownError


@EVERY_KIND
@EVERY_TROUBLE
def test_a_connection_that_breaks(kind: Kind, trouble: Trouble) -> None:
    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            for lasting in (False, True):
                emulator.record.clear()
                chaos.met = 0
                chaos.trouble(trouble, None if lasting else 1)
                clock = asyncio.get_running_loop().time
                began = clock()
                error = await _failure_of(kind, client)
                took = clock() - began
                assert type(error) is (_expected(kind, trouble, lasting=lasting) or type(None)), repr(error)
                if kind.safe:
                    _see_safe(kind, trouble, error, lasting=lasting)
                    if trouble.where is not Where.END:
                        assert chaos.met == (RETRIES + 1 if lasting else 1)
                    pages = 2 if kind.name == "paged" else 1
                    assert took < (RETRIES + 1) * ATTEMPT * pages + 0.5
                else:
                    _see_unsafe(kind, trouble, error)
                    assert chaos.met == 1, "an unsafe call goes out once"
                    assert len(emulator.record.executed(kind.operation)) == int(trouble.where.arrived)
                    assert len(emulator.record.received(kind.operation)) <= 1
                    assert took < TIMEOUT + 0.5
                await _unharmed(emulator, chaos, client)
                await disconnect(client, chaos)

    live(main)


def _see_safe(kind: Kind, trouble: Trouble, error: LootLockerError | None, *, lasting: bool) -> None:
    if error is None:
        return
    assert lasting
    assert isinstance(error, ConnectionLostError | RequestTimeoutError)
    assert [attempt.error for attempt in error.attempts] == [type(error).__name__] * (RETRIES + 1)
    assert error.operation == kind.operation
    assert error.sent
    assert error.status == (200 if trouble.where is Where.BODY else None)


def _see_unsafe(kind: Kind, trouble: Trouble, error: LootLockerError | None) -> None:
    if isinstance(error, OutcomeUnknownError):
        assert isinstance(error.__cause__, RequestTimeoutError if trouble.how is How.STALL else ConnectionLostError)
        assert error.operation == kind.operation
        assert error.sent_body
        assert len(error.attempts) == 1
    elif error is not None:
        assert isinstance(error, ResponseDecodeError)
        assert (error.reason, error.executed, error.status) == ("cut", True, 200)


# ------------------------------------------------------------------------------------------------- never made at all
@EVERY_KIND
def test_a_host_that_never_accepts(kind: Kind) -> None:
    async def main() -> None:
        async with Emulator() as emulator:
            build(emulator)
            async with _world() as (elsewhere, chaos, client):
                with unaccepting() as port:
                    await move(client, port)
                    began = asyncio.get_running_loop().time()
                    error = await _failure_of(kind, client)
                    assert isinstance(error, ConnectError), repr(error)
                    assert not error.sent
                    assert "no connection could be made in time" in str(error)
                    assert len(error.attempts) == RETRIES + 1, "what was not sent may be sent again, unsafe or not"
                    took = asyncio.get_running_loop().time() - began
                    patience = min(ATTEMPT, client.config.connect_timeout) if kind.safe else 5.0
                    assert (RETRIES + 1) * patience <= took < (RETRIES + 1) * patience + 0.5
                assert not elsewhere.record.received(kind.operation)
                await move(client, chaos.port)
                await _unharmed(elsewhere, chaos, client)

    live(main)


@EVERY_KIND
def test_nobody_listens(kind: Kind) -> None:
    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            with unaccepting() as port:
                pass
            await move(client, port)
            error = await _failure_of(kind, client)
            assert isinstance(error, ConnectError), repr(error)
            assert "refused" in str(error).lower() or "Connect call failed" in str(error)
            assert len(error.attempts) == RETRIES + 1
            await move(client, chaos.port)
            await _unharmed(emulator, chaos, client)

    live(main)


# --------------------------------------------------------------------------------------------------------------- slow
@EVERY_KIND
def test_a_slow_network_is_waited_for(kind: Kind) -> None:
    async def main() -> None:
        async with _world(attempt_timeout=15.0) as (emulator, chaos, client):
            chaos.pace = (64, 0.5)
            await kind.call(client)
            executed = emulator.record.executed(kind.operation)
            assert len(executed) == (2 if kind.name == "paged" else 1), "nothing was sent again"
            chaos.pace = None
            await _unharmed(emulator, chaos, client)

    live(main)


@EVERY_KIND
def test_a_network_too_slow_for_an_attempt(kind: Kind) -> None:
    async def main() -> None:
        async with _world() as (emulator, chaos, client):
            chaos.pace = (32, 1.0)
            error = await _failure_of(kind, client)
            if kind.safe:
                assert isinstance(error, RequestTimeoutError)
                assert len(error.attempts) == RETRIES + 1
            else:
                assert error is None, "it has its whole timeout for the one answer"
                assert len(emulator.record.executed(kind.operation)) == 1
            chaos.pace = None
            await _unharmed(emulator, chaos, client)

    live(main)


def test_a_large_upload_into_a_connection_that_takes_nothing() -> None:
    async def main() -> None:
        async with _world(max_connections=1) as (emulator, chaos, client):
            chaos.trouble(Trouble(How.STALL, Where.ACCEPT), 1)
            told: list[int] = []
            large = bytes(5 * 1024 * 1024)
            with pytest.raises(OutcomeUnknownError) as caught:
                await client.player_files.upload(
                    PLAYER, file=large, purpose="SAVE", progress=lambda done, _: told.append(done)
                )
            assert isinstance(caught.value.__cause__, RequestTimeoutError)
            assert told[-1] < len(large)
            assert not emulator.record.received("player_files_upload")
            await _unharmed(emulator, chaos, client)

    live(main)


# ------------------------------------------------------------------------------------------------- kept connections
@pytest.mark.parametrize("how", list(How), ids=lambda how: how.name.lower())
def test_a_kept_connection_that_dies_while_it_is_idle(how: How) -> None:
    """One that says so is not used again; one that doesn't costs a safe call an attempt, an unsafe one its answer."""

    async def main() -> None:
        for kind in KINDS:
            async with _world() as (emulator, chaos, client):
                chaos.trouble(Trouble(how, Where.END), 1)
                await client.session.ping()
                await asyncio.sleep(1)
                opened = chaos.opened
                error = await _failure_of(kind, client)
                if how is How.STALL and not kind.safe:
                    assert isinstance(error, OutcomeUnknownError)
                else:
                    assert error is None
                    assert chaos.opened >= opened + 1
                assert len(emulator.record.executed(kind.operation)) <= 2
                await _unharmed(emulator, chaos, client)

    live(main)


def test_a_login_over_a_network_that_breaks() -> None:
    async def main() -> None:
        for trouble in (Trouble(how, where) for how in How for where in Where):
            async with Emulator() as emulator, Chaos(port_of(emulator)) as chaos:
                build(emulator)
                chaos.server_key = emulator.server_key
                async with client_of(chaos, attempt_timeout=ATTEMPT, timeout=TIMEOUT) as client:
                    chaos.trouble(trouble, 1)
                    await asyncio.gather(*(kind.call(client) for kind in KINDS))
                    assert emulator.logins <= 2
                    for kind in KINDS[3:]:
                        assert len(emulator.record.executed(kind.operation)) == 1
                    check_idle(client)

    live(main)


# ----------------------------------------------------------------------------------------------------------- under load
@pytest.mark.parametrize("seed", range(4))
def test_a_bad_network_under_load(seed: int) -> None:
    """Every third connection or message breaks somehow; the ledger has to come out even."""

    async def main() -> None:
        fate = random.Random(seed)
        grid = [Trouble(how, where) for how in How for where in Where]
        async with _world(retries=12, timeout=3000.0, max_connections=8) as (emulator, chaos, client):
            chaos.troubles(iter(lambda: fate.choice(grid) if fate.random() < 0.3 else None, 0))
            # One that is stalled holds its place for all of its time.
            hasty = client.with_options(timeout=60.0)
            views = [client if kind.safe else hasty for kind in KINDS]
            errors = await asyncio.gather(*(_failure_of(KINDS[n % 5], views[n % 5]) for n in range(200)))
            per_kind = {kind.name: errors[n::5] for n, kind in enumerate(KINDS)}
            for kind in KINDS:
                outcomes = per_kind[kind.name]
                if kind.safe:
                    assert outcomes == [None] * 40, "in their deadline they could all be answered"
                    continue
                known = sum(error is None or isinstance(error, ResponseDecodeError) for error in outcomes)
                unknown = sum(isinstance(error, OutcomeUnknownError) for error in outcomes)
                unsent = sum(isinstance(error, TransportError) and not error.sent for error in outcomes)
                assert known + unknown + unsent == 40, outcomes
                executed = len(emulator.record.executed(kind.operation))
                assert known <= executed <= known + unknown
                assert unknown, "the network was bad enough for that"
            ids = [call.headers["x-request-id"] for call in emulator.record]
            assert len(set(ids)) == len(ids)
            increments = len(emulator.record.executed("leaderboards_increment_score"))
            assert emulator.world.score(TALLY, "dora") == 5 * increments
            await settle()
            check_idle(client)
            assert chaos.met > 50

    live(main)
