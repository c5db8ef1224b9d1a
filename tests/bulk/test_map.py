"""`bulk.map`: who is called, in what order results come, and how it ends. No sockets: the calls are functions."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async import (
    AuthenticationError,
    BulkStoppedError,
    ClientClosedError,
    ConnectError,
    InvalidRequestError,
    LootLockerError,
    NotFoundError,
    WrongEventLoopError,
    bulk,
)


async def double(id_: int) -> int:
    return 2 * id_


def refusing(kind: type[NotFoundError | AuthenticationError], status: int) -> LootLockerError:
    return kind("no", status=status)


class Held:
    """A call that goes on when it's told to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.gates: dict[int, asyncio.Future[None]] = {}

    async def __call__(self, id_: int) -> int:
        self.begun.append(id_)
        self.gates[id_] = asyncio.get_running_loop().create_future()
        await self.gates[id_]
        return id_

    def let(self, id_: int) -> None:
        self.gates[id_].set_result(None)


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def some(ids: Sequence[int]) -> AsyncIterator[int]:
    for id_ in ids:
        await asyncio.sleep(0)
        yield id_


# --------------------------------------------------------------------------------------------------------- who and what
async def test_few_calls_start_in_one_turn_of_the_loop() -> None:
    begun: list[int] = []

    async def begin(id_: int) -> int:
        begun.append(id_)
        await turns(3)  # the answers come together
        return id_

    results = bulk.map(begin, range(200))
    rest = asyncio.create_task(anext(results))
    started = []
    while len(begun) < 200:
        before = len(begun)
        await asyncio.sleep(0)
        started.append(len(begun) - before)
        if rest.done() and len(begun) < 200:
            rest = asyncio.create_task(anext(results))
    await rest
    await results.aclose()
    assert begun == list(range(200))
    assert max(started) == 6


async def test_calls_that_wait_for_a_turn_never_start_once_the_job_is_closed() -> None:
    held = Held()
    results = bulk.map(held, range(100))
    first = asyncio.create_task(anext(results))
    await turns(2)
    assert len(held.begun) == 6
    first.cancel()
    await asyncio.wait((first,))
    await turns()
    assert len(held.begun) == 6


async def test_every_id_is_called_once_and_told_with_its_result() -> None:
    found = [(id_, result) async for id_, result in bulk.map(double, range(500))]
    assert sorted(found) == [(id_, 2 * id_) for id_ in range(500)]


async def test_ids_may_come_from_an_async_iterable() -> None:
    assert [r.id async for r in bulk.map(double, some(range(50)), ordered=True)] == list(range(50))


async def test_results_come_in_order_when_asked_for() -> None:
    async def later_ones_are_quicker(id_: int) -> int:
        await turns(3 * (40 - id_))
        return id_

    assert [r.id async for r in bulk.map(later_ones_are_quicker, range(40), ordered=True)] == list(range(40))
    assert [r.id async for r in bulk.map(later_ones_are_quicker, range(8))] == list(reversed(range(8)))


async def test_a_method_that_takes_ids_by_keyword_gets_one() -> None:
    async def by_keyword(*, player_ids: Sequence[int]) -> list[int]:
        return list(player_ids)

    async def one_by_keyword(*, name: str, other: int = 0) -> str:
        return f"{name}{other}"

    assert [r.value() async for r in bulk.map(by_keyword, [7])] == [[7]]
    assert [r.value() async for r in bulk.map(one_by_keyword, ["x"])] == ["x0"]


async def test_what_tells_nothing_of_its_arguments_is_called_by_position() -> None:
    class Odd:
        __signature__ = "none"

        async def __call__(self, id_: int) -> int:
            return id_

    assert [r.value() async for r in bulk.map(Odd(), [3])] == [3]


async def test_nothing_is_called_before_the_first_result_is_asked_for() -> None:
    held = Held()
    results = bulk.map(held, range(5))
    await turns()
    assert held.begun == []
    assert results.progress is None
    await results.aclose()
    assert [r async for r in results] == []


async def test_no_ids_give_no_results() -> None:
    assert [r async for r in bulk.map(double, [])] == []


# -------------------------------------------------------------------------------------------------------- back-pressure
@pytest.mark.parametrize("ordered", [False, True])
async def test_results_that_nobody_takes_hold_further_calls_back(ordered: bool) -> None:
    called: list[int] = []

    async def note(id_: int) -> int:
        called.append(id_)
        return id_

    results = bulk.map(note, range(1000), concurrency=4, buffer=10, ordered=ordered)
    await anext(results)
    await turns(100)
    assert len(called) == 11  # ten, and one more for the result that was taken
    await anext(results)
    await turns(100)
    assert len(called) == 12
    await results.aclose()


async def test_no_more_calls_are_under_way_than_asked_for() -> None:
    under_way = most = 0

    async def count(_id: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await turns(3)
        under_way -= 1

    async for _ in bulk.map(count, range(200), concurrency=5):
        pass
    assert most == 5


async def test_ids_are_taken_only_as_they_are_needed() -> None:
    taken: list[int] = []

    def endless() -> Any:
        number = 0
        while True:
            taken.append(number)
            yield number
            number += 1

    results = bulk.map(double, endless(), concurrency=4, buffer=8, ordered=True)
    for wanted in range(20):
        assert (await anext(results)).id == wanted
    assert len(taken) <= 20 + 8
    await results.aclose()


# --------------------------------------------------------------------------------------------------------------- errors
async def test_an_error_about_an_id_is_its_result() -> None:
    async def odd_ones_are_missing(id_: int) -> int:
        if id_ % 2:
            raise refusing(NotFoundError, 404)
        return id_

    found = {r.id: r async for r in bulk.map(odd_ones_are_missing, range(300), stop_after=3)}
    assert len(found) == 300
    assert isinstance(found[1].error, NotFoundError)
    assert found[2].error is None
    assert found[2].value() == 2
    with pytest.raises(NotFoundError):
        found[1].value()


@pytest.mark.parametrize(
    "error",
    [refusing(AuthenticationError, 401), ClientClosedError("closed"), WrongEventLoopError("loop"), ZeroDivisionError()],
    ids=lambda error: type(error).__name__,
)
async def test_what_makes_further_calls_pointless_is_raised(error: Exception) -> None:
    called: list[int] = []

    async def fail_at_20(id_: int) -> int:
        called.append(id_)
        if id_ == 20:
            raise error
        await asyncio.sleep(0)
        return id_

    results = bulk.map(fail_at_20, range(10_000), concurrency=4, ordered=True)
    with pytest.raises(type(error)):
        async for _ in results:
            pass
    assert len(called) < 100
    assert results.checkpoint["done"] == 20
    assert [r async for r in results] == []


async def test_a_service_that_is_gone_ends_the_job() -> None:
    async def gone_from_50_on(id_: int) -> int:
        if id_ >= 50:
            raise ConnectError("nobody there", sent=False)
        return id_

    results = bulk.map(gone_from_50_on, range(10_000), concurrency=4, ordered=True, stop_after=30)
    with pytest.raises(BulkStoppedError, match=r"30 calls in a row failed, the last with ConnectError") as caught:
        async for _ in results:
            pass
    assert isinstance(caught.value.last, ConnectError)
    assert results.checkpoint["done"] < 100

    everything = [r async for r in bulk.map(gone_from_50_on, range(200), stop_after=None)]
    assert sum(r.error is not None for r in everything) == 150


async def test_an_error_of_the_ids_is_raised() -> None:
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        async for _ in bulk.map(double, broken()):
            pass


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"concurrency": 0}, "concurrency should be a whole number from 1 to 10000, not 0"),
        ({"concurrency": True}, "concurrency should be"),
        ({"concurrency": 10, "buffer": 9}, "buffer should be a whole number from 10 up, not 9"),
        ({"stop_after": 0}, "stop_after should be"),
        ({"ids": 7}, "ids should be an iterable of ids, not int"),
        ({"ids": "abc"}, "ids should be an iterable of ids, not str"),
        ({"resume": {}}, "resume should be the checkpoint of a bulk job"),
        ({"resume": {"v": 1, "done": -1, "beyond": [], "mark": None}}, "resume should be"),
        ({"resume": {"v": 1, "done": 3, "beyond": [2], "mark": None}}, "resume should be"),
        ({"resume": {"v": 1, "done": 3, "beyond": [], "mark": [1]}}, "resume should be"),
        ({"resume": {"v": 2, "done": 3, "beyond": [], "mark": None}}, "resume should be"),
    ],
)
def test_bad_arguments_are_refused_at_once(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        bulk.map(double, **cast("Any", {"ids": [1], **arguments}))


# ------------------------------------------------------------------------------------------------------- ends and loops
async def test_a_loop_left_by_break_calls_the_workers_back() -> None:
    held = Held()

    async def first_then_hold(id_: int) -> int:
        return id_ if id_ == 0 else await held(id_)

    async for _ in bulk.map(first_then_hold, range(50), concurrency=8):
        break
    await turns()
    assert all(gate.cancelled() for gate in held.gates.values())


async def test_a_cancelled_consumer_calls_the_workers_back() -> None:
    held = Held()

    async def consume() -> None:
        async for _ in bulk.map(held, range(50), concurrency=8):
            pass

    task = asyncio.create_task(consume())
    await turns()
    assert len(held.gates) == 8
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(gate.cancelled() for gate in held.gates.values())


async def test_a_generator_can_be_thrown_into_and_closed() -> None:
    held = Held()
    results = bulk.map(held, range(50))
    waiting = asyncio.create_task(results.asend(None))
    await turns()
    with pytest.raises(RuntimeError, match="two tasks can't advance one bulk job"):
        await anext(results)
    with pytest.raises(StopAsyncIteration):
        await waiting
    with pytest.raises(ValueError, match="enough"):
        await results.athrow(ValueError("enough"))


def test_a_job_belongs_to_its_loop() -> None:
    async def begin() -> bulk.Results[int, int]:
        results = bulk.map(double, range(100), concurrency=2, buffer=2)
        await anext(results)
        return results

    async def go_on(results: bulk.Results[int, int]) -> None:
        with pytest.raises(WrongEventLoopError):
            await anext(results)

    first = asyncio.new_event_loop()
    results = first.run_until_complete(begin())
    asyncio.run(go_on(results))
    first.run_until_complete(turns())
    first.close()
    del results
    gc.collect()


# ---------------------------------------------------------------------------------------------------------- checkpoints
@given(
    count=st.integers(0, 60),
    stops=st.lists(st.integers(0, 30), max_size=4),
    width=st.integers(1, 9),
    seed=st.randoms(use_true_random=False),
    ordered=st.booleans(),
)
@settings(max_examples=60)
def test_resumed_jobs_deliver_every_id_once(count: int, stops: list[int], width: int, seed: Any, ordered: bool) -> None:
    async def at_odds(id_: int) -> int:
        await turns(seed.randrange(5))
        return id_

    async def run() -> list[int]:
        delivered: list[int] = []
        checkpoint: Any = None
        for stop in [*stops, None]:
            results = bulk.map(at_odds, range(count), concurrency=width, ordered=ordered, resume=checkpoint)
            left = stop
            while left is None or left:
                result = await anext(results, None)
                if result is None:
                    break
                delivered.append(result.id)
                left = None if left is None else left - 1
            await results.aclose()
            checkpoint = json.loads(json.dumps(results.checkpoint))
            assert sorted(delivered) == sorted([*range(checkpoint["done"]), *checkpoint["beyond"]])
        return delivered

    delivered = asyncio.run(run())
    assert sorted(delivered) == list(range(count))


async def test_a_checkpoint_is_refused_for_other_ids() -> None:
    results = bulk.map(double, range(100, 200), ordered=True)
    for _ in range(10):
        await anext(results)
    await results.aclose()
    with pytest.raises(InvalidRequestError, match="at position 9 it has '109', and these have '9'"):
        async for _ in bulk.map(double, range(100), resume=results.checkpoint):
            pass


# ------------------------------------------------------------------------------------------------------------- progress
async def test_progress_is_told_twice_a_second_and_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    now = 0.0
    monkeypatch.setattr(loop, "time", lambda: now)
    told: list[bulk.Progress] = []

    async def eighth_of_a_second(id_: int) -> int:
        nonlocal now
        now += 0.125
        if id_ == 3:
            raise refusing(NotFoundError, 404)
        return id_

    results = bulk.map(eighth_of_a_second, range(20), concurrency=1, buffer=1, progress=told.append)
    async for _ in results:
        pass
    assert [progress.done for progress in told] == [4, 8, 12, 16, 20, 20]
    assert [progress.rate for progress in told] == [8.0] * 6
    assert [progress.left for progress in told] == [2.0, 1.5, 1.0, 0.5, 0.0, 0.0]
    assert told[-1].failed == 1
    assert told[-1].total == 20
    assert results.progress == told[-1]


async def test_progress_without_a_count_has_no_end() -> None:
    told: list[bulk.Progress] = []
    async for _ in bulk.map(double, iter(range(20)), progress=told.append):
        pass
    assert told[-1].total is None
    assert told[-1].left is None
    async for _ in bulk.map(double, iter(range(20)), progress=told.append, total=20):
        pass
    assert told[-1].left == 0
