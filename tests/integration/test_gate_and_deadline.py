"""Pauses and deadlines in a loop whose clock jumps: the gate of a Retry-After, jitter, one limit over everything."""

from __future__ import annotations

import asyncio
import random
from email.utils import formatdate
from itertools import pairwise

import pytest

from lootlocker_async import (
    LootLockerClient,
    OutcomeUnknownError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    ServiceUnavailableError,
)
from lootlocker_async.core.observers import AttemptEnded, AttemptStarted, GateClosed, GateOpened, RetryPlanned
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, Events, check_idle, client_of, settle
from tests.integration.raw import RawServer, Request, Wire
from tests.support.clock import run

SLACK = 0.2
"""Seconds for which loopback, a busy machine and the jumping clock's own quiet can be late."""


def _world(emulator: Emulator) -> Emulator:
    emulator.world.add_leaderboard(BOARD)
    emulator.world.add_scores(BOARD, [("ann", 100)])
    return emulator


@pytest.mark.parametrize(
    ("in_flight", "connections"), [(64, 64), (4, 4), (50, 2)], ids=["wide", "narrow", "few connections"]
)
def test_a_retry_after_to_one_of_fifty_tasks_holds_every_task(in_flight: int, connections: int) -> None:
    async def main() -> None:
        arrivals: list[tuple[float, str]] = []
        refused: list[float] = []
        loop = asyncio.get_running_loop()

        async def respond(request: Request, wire: Wire) -> None:
            arrivals.append((loop.time(), request.headers["x-request-id"]))
            if len(arrivals) == 20:
                refused.append(loop.time())
                await wire.answer({"message": "slow down"}, status=429, headers={"Retry-After": "1"})
            else:
                await wire.answer({"pong": "now"})

        events = Events()
        async with (
            RawServer(respond) as server,
            client_of(server, max_in_flight=in_flight, max_connections=connections, observers=(events,)) as client,
        ):
            await client.session.ping()
            answers = await asyncio.gather(*(client.session.ping() for _ in range(50)))
            assert [answer.pong for answer in answers] == ["now"] * 50
            (closed,) = events.times(GateClosed)
            started = events.times(AttemptStarted)
            assert not [time for time in started if closed < time < closed + 1], "an attempt began behind a closed gate"
            assert any(time >= closed + 1 for time in started)
            # What had been sent when the refusal came may still arrive; nothing else may.
            before = {
                event.request_id for time, event in events.all if isinstance(event, AttemptStarted) and time <= closed
            }
            in_the_gap = {id_ for time, id_ in arrivals if closed < time < closed + 1}
            assert in_the_gap <= before
            assert len(in_the_gap) < min(in_flight, connections), (
                "a request waited for a connection and not at the gate"
            )
            assert len(server.seen("/ping")) == 52
            assert events.of(GateClosed) == [GateClosed(seconds=1.0)]
            assert len(events.of(GateOpened)) == 1
            check_idle(client)

    run(main)


def test_calls_that_begin_while_the_gate_is_closed_wait_for_it() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(_world(emulator)) as client:
            loop = asyncio.get_running_loop()
            await client.session.ping()
            emulator.faults.add(Fault.unavailable("leaderboards_get", retry_after=7, times=1))
            first = asyncio.create_task(client.leaderboards.get(BOARD))
            await asyncio.sleep(1)
            asked = loop.time()
            await client.leaderboards.increment_score(BOARD, member_id="ann", amount=1)
            assert 6 - SLACK <= loop.time() - asked <= 6 + SLACK
            assert (await first).key == BOARD
            check_idle(client)

    run(main)


def test_a_longer_retry_after_prolongs_the_pause_and_a_shorter_one_never_shortens_it() -> None:
    async def main() -> None:
        waits = iter(["2", "10", "1"])

        async def respond(request: Request, wire: Wire) -> None:
            wait = next(waits, None)
            if wait is None:
                await wire.answer({"pong": "now"})
            else:
                await asyncio.sleep(0.01)
                await wire.answer({}, status=429, headers={"Retry-After": wait})

        async with RawServer(respond) as server, client_of(server) as client:
            loop = asyncio.get_running_loop()
            began = loop.time()
            await asyncio.gather(*(client.session.ping() for _ in range(3)))
            assert 10 <= loop.time() - began <= 10 + SLACK
            check_idle(client)

    run(main)


def test_a_retry_after_beyond_the_deadline_raises_at_once_for_everyone() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(_world(emulator), timeout=30.0) as client:
            loop = asyncio.get_running_loop()
            await client.session.ping()
            emulator.faults.add(Fault.rate_limited("leaderboards_get", retry_after=60, times=1))
            began = loop.time()
            with pytest.raises(RateLimitedError) as limited:
                await client.leaderboards.get(BOARD)
            assert limited.value.retry_after == 60
            with pytest.raises(RequestTimeoutError) as held:
                await client.leaderboards.increment_score(BOARD, member_id="ann", amount=1)
            assert held.value.sent is False
            assert held.value.attempts == ()
            assert loop.time() - began < 1
            patient = client.with_options(timeout=100.0)
            assert (await patient.leaderboards.get(BOARD)).key == BOARD
            assert 60 - SLACK <= loop.time() - began <= 60 + SLACK
            assert not emulator.record.received("leaderboards_increment_score")
            check_idle(client)

    run(main)


def test_tasks_that_wait_at_the_gate_are_told_at_once_that_it_will_open_too_late() -> None:
    async def main() -> None:
        waits = iter(["5", "500"])

        async def respond(request: Request, wire: Wire) -> None:
            if request.path == "/ping":
                await asyncio.sleep(0.5)
                await wire.answer({}, status=429, headers={"Retry-After": next(waits)})
            else:
                await wire.answer({})

        async with RawServer(respond) as server, client_of(server, retries=0) as client:
            loop = asyncio.get_running_loop()
            await client.request("GET", "/warm")
            closers = [asyncio.create_task(client.session.ping())]
            await asyncio.sleep(0.3)
            closers.append(asyncio.create_task(client.session.ping()))
            await asyncio.sleep(0.3)  # the gate is closed for five seconds, and the second refusal is still to come
            began = loop.time()
            with pytest.raises(RequestTimeoutError) as caught:
                await client.request("GET", "/held")
            assert caught.value.sent is False
            assert loop.time() - began < 5 + SLACK
            results = await asyncio.gather(*closers, return_exceptions=True)
            assert {type(result) for result in results} == {RateLimitedError}

    run(main)


@pytest.mark.parametrize("own_date", [True, False])
def test_a_retry_after_may_be_a_date(own_date: bool) -> None:
    async def main() -> None:
        if own_date:
            async with Emulator() as emulator, client_of(_world(emulator)) as client:
                emulator.clock.advance(86_400)  # the service's clock is what counts, not ours
                emulator.faults.add(Fault.rate_limited("leaderboards_get", retry_after_date=4, times=1))
                await _takes(client, 4)
            return
        answers = iter([429])

        async def respond(request: Request, wire: Wire) -> None:
            if next(answers, None):
                now = 1_800_000_000
                fields = {"Date": formatdate(now, usegmt=True), "Retry-After": formatdate(now + 4, usegmt=True)}
                await wire.answer({}, status=429, headers=fields)
            else:
                await wire.answer({"leaderboard": {"id": 1, "key": BOARD}})

        async with RawServer(respond) as server, client_of(server) as client:
            with pytest.raises(Exception, match="leaderboards"):
                await client.leaderboards.get(BOARD)
            assert len(server.seen()) == 2

    run(main)


async def _takes(client: LootLockerClient, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await client.leaderboards.get(BOARD)).key == BOARD
    assert seconds - 1 <= loop.time() - began <= seconds + SLACK


# --------------------------------------------------------------------------------------------------------- deadlines
def test_a_deadline_spans_the_wait_for_a_slot() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(_world(emulator), max_in_flight=1) as client:
            loop = asyncio.get_running_loop()
            await client.session.ping()
            emulator.faults.add(Fault.latency("leaderboards_get", seconds=8, times=1))
            holder = asyncio.create_task(client.leaderboards.get(BOARD))
            await settle()
            began = loop.time()
            with pytest.raises(RequestTimeoutError) as caught:
                await client.with_options(timeout=3.0).leaderboards.increment_score(BOARD, member_id="ann", amount=1)
            assert 3 <= loop.time() - began <= 3 + SLACK
            assert caught.value.sent is False
            assert (await holder).key == BOARD
            assert not emulator.record.received("leaderboards_increment_score")
            check_idle(client)

    run(main)


def test_a_deadline_spans_the_login() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(_world(emulator)) as client:
            loop = asyncio.get_running_loop()
            emulator.faults.add(Fault.latency("session_start", seconds=8, times=1))
            began = loop.time()
            with pytest.raises(RequestTimeoutError) as caught:
                await client.with_options(timeout=3.0).leaderboards.get(BOARD)
            assert 3 <= loop.time() - began <= 3 + SLACK
            assert caught.value.sent is False
            await asyncio.sleep(10)
            check_idle(client)

    run(main)


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_deadline_spans_attempts_and_pauses(unsafe: bool) -> None:
    async def main() -> None:
        settings = {"timeout": 25.0, "attempt_timeout": 10.0, "retries": 10}
        async with Emulator() as emulator, client_of(_world(emulator), **settings) as client:
            loop = asyncio.get_running_loop()
            await client.session.ping()
            emulator.faults.add(Fault.latency("leaderboards_*", seconds=60))
            began = loop.time()
            if unsafe:
                with pytest.raises(OutcomeUnknownError) as unknown:
                    await client.leaderboards.increment_score(BOARD, member_id="ann", amount=1)
                assert isinstance(unknown.value.__cause__, RequestTimeoutError)
                attempts = unknown.value.attempts
            else:
                with pytest.raises(RequestTimeoutError) as caught:
                    await client.leaderboards.get(BOARD)
                assert caught.value.sent
                attempts = caught.value.attempts
            assert 25 - SLACK <= loop.time() - began <= 25 + SLACK
            seconds = [round(attempt.seconds) for attempt in attempts]
            assert seconds == ([25] if unsafe else [10, 10, 5])
            check_idle(client)
            await asyncio.sleep(61)  # the emulator's own late ends

    run(main)


def test_a_slow_drip_ends_its_attempt_and_the_next_is_answered() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(_world(emulator), attempt_timeout=2.0) as client:
            loop = asyncio.get_running_loop()
            emulator.faults.add(Fault.slow_body("leaderboards_list_scores", seconds=1, times=1))
            began = loop.time()
            assert len(await client.leaderboards.list_scores(BOARD)) == 1
            assert 2 <= loop.time() - began <= 2 + SLACK
            assert len(emulator.record.received("leaderboards_list_scores")) == 2
            check_idle(client)
            await asyncio.sleep(20)

    run(main)


def test_a_cancellation_after_an_attempt_took_too_long_is_no_timeout() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(_world(emulator), attempt_timeout=2.0) as client:
            emulator.faults.add(Fault.latency("leaderboards_get", seconds=30))
            task = asyncio.create_task(client.leaderboards.get(BOARD))
            await asyncio.sleep(3)
            assert len(emulator.record.received("leaderboards_get")) == 2
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(emulator.record.received("leaderboards_get")) == 2
            check_idle(client)

    run(main)


def test_a_pause_that_would_end_after_the_deadline_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)

    async def main() -> None:
        settings = {"timeout": 10.0, "retries": 50, "backoff_base": 1.0, "backoff_cap": 100.0}
        async with Emulator() as emulator, client_of(_world(emulator), **settings) as client:
            loop = asyncio.get_running_loop()
            emulator.faults.add(Fault.error("leaderboards_get", status=500))
            began = loop.time()
            with pytest.raises(ServerError) as caught:
                await client.leaderboards.get(BOARD)
            # 1 + 2 + 4, and the next pause of 8 would be too long.
            assert 7 <= loop.time() - began <= 7 + SLACK
            assert len(caught.value.attempts) == 4

    run(main)


# ------------------------------------------------------------------------------------------------------------- pauses
def test_pauses_are_drawn_from_zero_to_a_bound_that_doubles_up_to_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return high / 2

    monkeypatch.setattr(random, "uniform", uniform)

    async def main() -> None:
        events = Events()
        settings = {"timeout": 1000.0, "retries": 7, "backoff_base": 0.25, "backoff_cap": 3.0, "observers": (events,)}
        async with Emulator() as emulator, client_of(_world(emulator), **settings) as client:
            emulator.faults.add(Fault.error("leaderboards_get", status=500))
            with pytest.raises(ServerError) as caught:
                await client.leaderboards.get(BOARD)
            assert len(caught.value.attempts) == 8
            assert drawn == [(0, bound) for bound in (0.25, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0)]
            assert [event.wait for event in events.of(RetryPlanned)] == [high / 2 for _, high in drawn]
            ended, started = events.times(AttemptEnded), events.times(AttemptStarted)
            gaps = [start - end for end, start in zip(ended[1:-1], started[2:], strict=True)]
            for gap, (_, high) in zip(gaps, drawn, strict=True):
                assert high / 2 <= gap <= high / 2 + SLACK

    run(main)


def test_a_retry_after_is_never_shortened_by_the_cap_or_by_jitter() -> None:
    async def main() -> None:
        events = Events()
        async with Emulator() as emulator, client_of(_world(emulator), backoff_cap=0.5, observers=(events,)) as client:
            emulator.faults.add(Fault.unavailable("leaderboards_get", retry_after=20, times=1))
            loop = asyncio.get_running_loop()
            began = loop.time()
            await client.leaderboards.get(BOARD)
            assert 20 <= loop.time() - began <= 20 + SLACK
            assert [event.wait for event in events.of(RetryPlanned)] == [20.0]

    run(main)


def test_retries_that_end_in_pauses_keep_the_last_answer() -> None:
    async def main() -> None:
        async with Emulator() as emulator, client_of(_world(emulator), retries=2) as client:
            emulator.faults.add(Fault.unavailable("leaderboards_get", retry_after=3))
            with pytest.raises(ServiceUnavailableError) as caught:
                await client.leaderboards.get(BOARD)
            assert [attempt.status for attempt in caught.value.attempts] == [503, 503, 503]
            assert [round(attempt.started) for attempt in caught.value.attempts] == [0, 3, 6]

    run(main)


def test_a_pace_in_calls_per_second_is_kept_by_waiting() -> None:
    async def main() -> None:
        events = Events()
        async with (
            Emulator() as emulator,
            client_of(_world(emulator), calls_per_second=4.0, observers=(events,)) as client,
        ):
            await asyncio.gather(*(client.session.ping() for _ in range(12)))
            times = events.times(AttemptStarted)
            assert len(times) == 13
            assert all(later - earlier >= 0.25 - 0.001 for earlier, later in pairwise(times))
            assert times[-1] - times[0] <= 3 + 2 * SLACK
            check_idle(client)

    run(main)


def test_the_cap_on_calls_in_flight_holds() -> None:
    async def main() -> None:
        now = most = 0

        async def respond(request: Request, wire: Wire) -> None:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.1)
            now -= 1
            await wire.answer({"pong": "now"})

        async with RawServer(respond) as server, client_of(server, max_in_flight=5) as client:
            await asyncio.gather(*(client.session.ping() for _ in range(23)))
            assert most == 5
            check_idle(client)

    run(main)
