"""Each await point of a call cancelled in turn: the client works on as if nothing had been, and nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest

from lootlocker_async import ClientClosedError, LootLockerClient
from lootlocker_async.core.observers import OutcomeUnknown
from lootlocker_async.emulator import Emulator
from tests.integration.helpers import BOARD, ENTRY, Events, check_idle, client_of, pool_of, settle, until
from tests.integration.raw import RawServer, Request, Wire
from tests.integration.stepping import Moment, cancel_after, cancel_at
from tests.support.clock import run

MOMENTS = pytest.mark.parametrize("moment", list(Moment), ids=lambda moment: moment.name.lower())
MOST = 400


class Service:
    """Answers a few calls; can be told to refuse some of them first."""

    def __init__(self) -> None:
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.hold: asyncio.Event | None = None
        self.held = 0

    async def __call__(self, request: Request, wire: Wire) -> None:
        if request.path == "/session":
            await wire.answer({"token": "tok"})
        elif request.path == "/held" and self.hold is not None:
            self.held += 1
            await self.hold.wait()
            await wire.answer({})
        elif request.path == "/refused" and self.refusals:
            status, headers = self.refusals.pop()
            await wire.answer({"message": "no"}, status=status, headers=headers)
        elif request.path.endswith("/list"):
            query = dict(pair.split("=") for pair in request.target.partition("?")[2].split("&"))
            start = int(query.get("after", "0"))
            end = min(start + int(query["count"]), 12)
            items = [{**ENTRY, "rank": place + 1} for place in range(start, end)]
            await wire.answer({"items": items, "pagination": {"total": 12, "next_cursor": end if end < 12 else None}})
        elif request.path == "/pieces":
            await wire.begin()
            for _ in range(3):
                await wire.chunk(b"  ")
                await asyncio.sleep(0.001)
            await wire.chunk(b"{}")
            await wire.chunk(b"")
        elif request.path == "/ping":
            await wire.answer({"pong": "now"})
        else:
            await wire.answer(ENTRY)


@asynccontextmanager
async def _served(**settings: Any) -> AsyncIterator[tuple[Service, LootLockerClient]]:
    service = Service()
    async with RawServer(service, logins=False) as server, client_of(server, max_in_flight=1, **settings) as client:
        yield service, client


async def _unharmed(client: LootLockerClient) -> None:
    await settle()
    check_idle(client)
    async with asyncio.timeout(5):
        assert (await client.leaderboards.increment_score(BOARD, member_id="ann", amount=1)).score == 9
    check_idle(client)


async def _step(cancel: Callable[[int], Awaitable[asyncio.Task[Any]]]) -> int:
    """Go on until a run isn't reached by its cancellation; how many were."""
    for at in count(1):
        assert at < MOST, "the work never ends"
        task = await cancel(at)
        if not task.cancelled():
            task.result()
            return at - 1
    raise AssertionError


@MOMENTS
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
async def test_a_call(moment: Moment, warm: bool, unsafe: bool) -> None:
    async def cancel(at: int) -> asyncio.Task[Any]:
        events = Events()
        async with _served(observers=(events,)) as (_, client):
            if warm:
                await client.session.ping()
            call: Coroutine[Any, Any, Any]
            if unsafe:
                call = client.leaderboards.increment_score(BOARD, member_id="ann", amount=1)
            else:
                call = client.leaderboards.submit_score(BOARD, member_id="ann", score=9)
            task = await cancel_at(call, at, moment)
            await _unharmed(client)
            unknown = events.of(OutcomeUnknown)
            assert len(unknown) <= (1 if task.cancelled() and unsafe else 0)
            assert all(event.reason == "cancelled" for event in unknown)
            return task

    assert await _step(cancel) >= 1


@MOMENTS
async def test_a_call_whose_answer_comes_in_pieces(moment: Moment) -> None:
    async def cancel(at: int) -> asyncio.Task[Any]:
        async with _served() as (_, client):
            await client.session.ping()
            task = await cancel_at(client.request("POST", "/pieces", json={}), at, moment)
            await _unharmed(client)
            return task

    assert await _step(cancel) >= 3


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
async def test_a_call_after_any_number_of_turns(warm: bool) -> None:
    async def cancel(turns: int) -> asyncio.Task[Any]:
        async with _served() as (_, client):
            if warm:
                await client.session.ping()
            task = await cancel_after(client.leaderboards.increment_score(BOARD, member_id="ann", amount=1), turns)
            await _unharmed(client)
            return task

    assert await _step(cancel) >= 4


@MOMENTS
async def test_one_of_two_calls_that_share_a_login(moment: Moment) -> None:
    async def cancel(at: int) -> asyncio.Task[Any]:
        async with _served() as (_, client):
            other = asyncio.create_task(client.session.ping())
            task = await cancel_at(client.session.ping(), at, moment)
            assert (await other).pong
            await _unharmed(client)
            return task

    assert await _step(cancel) >= 1


@MOMENTS
async def test_a_call_that_waits_for_a_slot(moment: Moment) -> None:
    async def cancel(at: int) -> asyncio.Task[Any]:
        async with _served() as (service, client):
            await client.session.ping()
            service.hold = asyncio.Event()
            holder = asyncio.create_task(client.request("GET", "/held"))
            await until(lambda: service.held)
            behind = asyncio.create_task(_later(client))
            asyncio.get_running_loop().call_later(0.005, service.hold.set)
            task = await cancel_at(client.session.ping(), at, moment)
            await asyncio.wait_for(asyncio.gather(holder, behind), 5)
            await _unharmed(client)
            return task

    assert await _step(cancel) >= 2


async def _later(client: LootLockerClient) -> None:
    await asyncio.sleep(0)
    await client.session.ping()


@MOMENTS
@pytest.mark.parametrize(
    "answer", [(429, {"Retry-After": "1"}), (500, {}), (401, {})], ids=["gate", "pause", "renewal"]
)
def test_a_call_that_is_refused_first(moment: Moment, answer: tuple[int, dict[str, str]]) -> None:
    async def main() -> None:
        async def cancel(at: int) -> asyncio.Task[Any]:
            async with _served(backoff_base=1.0) as (service, client):
                await client.session.ping()
                service.refusals = [answer]
                task = await cancel_at(client.request("GET", "/refused"), at, moment)
                await asyncio.sleep(2)
                await _unharmed(client)
                return task

        assert await _step(cancel) >= 3

    run(main)


@MOMENTS
def test_a_call_that_waits_at_the_gate(moment: Moment) -> None:
    async def main() -> None:
        async def cancel(at: int) -> asyncio.Task[Any]:
            async with _served(backoff_base=1.0) as (service, client):
                await client.session.ping()
                service.refusals = [(503, {"Retry-After": "3"})]
                closer = asyncio.create_task(client.request("GET", "/refused"))
                await asyncio.sleep(1)
                assert pool_of(client).gate.closed
                other = asyncio.create_task(client.session.ping())
                task = await cancel_at(client.session.ping(), at, moment)
                if at == 1 and moment is Moment.AT_ONCE:
                    assert pool_of(client).gate.closed, "a waiter that is cancelled doesn't open the gate"
                await asyncio.gather(closer, other)
                await _unharmed(client)
                return task

        assert await _step(cancel) >= 2

    run(main)


@MOMENTS
@pytest.mark.parametrize(
    "paging", [{}, {"look_ahead": 3}, {"concurrency": 4}], ids=["1 ahead", "3 ahead", "4 at a time"]
)
async def test_a_walk(moment: Moment, paging: dict[str, Any]) -> None:
    async def cancel(at: int) -> asyncio.Task[Any]:
        async with _served() as (_, client):
            scores = client.leaderboards.list_scores(BOARD, page_size=3, **paging)
            task = await cancel_at(scores.collect(), at, moment)
            await _unharmed(client)
            rest = await client.leaderboards.list_scores(BOARD, resume=scores.checkpoint).collect()
            seen = scores.checkpoint["seen"]
            assert [entry.rank for entry in rest] == list(range(seen + 1, 13)), "the checkpoint stayed true"
            return task

    assert await _step(cancel) >= 2


@MOMENTS
@pytest.mark.parametrize("grace", [0.0, 5.0])
async def test_close(moment: Moment, grace: float) -> None:
    async def cancel(at: int) -> asyncio.Task[Any]:
        service = Service()
        service.hold = asyncio.Event()
        async with RawServer(service, logins=False) as server:
            before = asyncio.all_tasks()
            client = client_of(server)
            calls = [asyncio.create_task(client.request("GET", "/held")) for _ in range(3)]
            await until(lambda: service.held == 3)
            pool = pool_of(client)
            asyncio.get_running_loop().call_later(0.005, service.hold.set)
            task = await cancel_at(client.close(grace), at, moment)
            await client.close(0)
            results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
            assert all(result == {} or isinstance(result, ClientClosedError) for result in results), results
            await settle()
            assert pool.transport._session.closed
            assert not {task for task in asyncio.all_tasks() - before if "RawServer" not in repr(task)}
            with pytest.raises(ClientClosedError):
                await client.session.ping()
            await until(lambda: not server.open)
            return task

    assert await _step(cancel) >= 1


@MOMENTS
async def test_the_aclose_of_a_walk(moment: Moment) -> None:
    async def cancel(at: int) -> asyncio.Task[Any]:
        async with _served() as (_, client):
            walk = client.leaderboards.list_scores(BOARD, page_size=3, look_ahead=2).__aiter__()
            await anext(walk)
            task = await cancel_at(walk.aclose(), at, moment)
            await _unharmed(client)
            return task

    await _step(cancel)


# ------------------------------------------------------------------------------------------------- what is told of it
async def test_a_sent_unsafe_call_that_is_cancelled_is_told_to_observers_and_noted() -> None:
    events = Events()
    async with _served(observers=(events,)) as (service, client):
        service.hold = asyncio.Event()
        task = asyncio.create_task(client.request("POST", "/held", json={"a": 1}))
        await until(lambda: service.held)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        (unknown,) = events.of(OutcomeUnknown)
        assert (unknown.method, unknown.path, unknown.reason) == ("POST", "/held", "cancelled")
        (note,) = caught.value.__notes__
        assert "had been sent" in note
        assert unknown.request_id in note
        await _unharmed(client)


async def test_nothing_is_told_of_calls_that_are_safe_or_were_not_sent() -> None:
    events = Events()
    async with _served(observers=(events,)) as (service, client):
        await client.session.ping()
        service.hold = asyncio.Event()
        safe = asyncio.create_task(client.request("GET", "/held"))
        await until(lambda: service.held)
        waiting = asyncio.create_task(client.request("POST", "/held", json={"a": 1}))
        await settle()
        for task in (waiting, safe):
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert not hasattr(caught.value, "__notes__")
        assert not events.of(OutcomeUnknown)
        await _unharmed(client)


async def test_a_task_group_sees_its_tasks_cancelled(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012
            async with asyncio.TaskGroup() as group:
                for _ in range(20):
                    group.create_task(client.session.ping())
                group.create_task(client.leaderboards.get("nowhere"))
        assert len(caught.value.exceptions) == 1
        await settle()
        check_idle(client)
        assert (await client.session.ping()).pong


async def test_an_outer_timeout_is_the_callers_own() -> None:
    async with _served() as (service, client):
        service.hold = asyncio.Event()
        await client.session.ping()
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.02):
                await client.request("GET", "/held")
        assert type(caught.value) is TimeoutError
        await _unharmed(client)
