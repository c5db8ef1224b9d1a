"""The cap on calls in flight, pacing, and the gate."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async import LootLockerClient
from lootlocker_async.core.call import Call
from lootlocker_async.core.limits import Gate, LocalLimiter
from lootlocker_async.core.observers import Event, GateClosed, GateOpened
from lootlocker_async.core.transport import Answer, Transport
from lootlocker_async.errors import RequestTimeoutError
from tests.support.clock import run
from tests.unit.support import BASE, KEY


def now() -> float:
    return asyncio.get_running_loop().time()


class Crowd:
    """Tasks that ask a limiter for a place, keep it until told to leave, and may be called off."""

    def __init__(self, limiter: LocalLimiter) -> None:
        self.limiter = limiter
        self.tasks: list[asyncio.Task[None]] = []
        self.go: list[asyncio.Event] = []
        self.entered: list[int] = []
        self.waited: list[int] = []
        self.inside = 0
        self.most = 0

    def ask(self) -> None:
        self.go.append(asyncio.Event())
        self.tasks.append(asyncio.create_task(self._visit(len(self.tasks))))

    async def _visit(self, number: int) -> None:
        if not self.limiter.enter_now():
            await self.limiter.enter()
            self.waited.append(number)
        self.entered.append(number)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.go[number].wait()
        finally:
            self.inside -= 1
            self.limiter.leave(200, None)


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "ask", "leave", "cancel", "turn"]), st.integers(0, 30)), min_size=1, max_size=40
)


@given(st.integers(1, 4), steps)
@settings(max_examples=200)
def test_no_order_of_events_loses_or_makes_a_place(places: int, script: list[tuple[str, int]]) -> None:
    async def main() -> None:
        limiter = LocalLimiter(places)
        crowd = Crowd(limiter)
        for step, number in script:
            if step == "ask":
                crowd.ask()
            elif step == "turn":
                await asyncio.sleep(0)
            elif crowd.tasks:
                which = number % len(crowd.tasks)
                if step == "leave":
                    crowd.go[which].set()
                else:
                    crowd.tasks[which].cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        waiting = [task for number, task in enumerate(crowd.tasks) if not task.done() and number not in crowd.entered]
        # Nobody waits beside a free place.
        assert not waiting or crowd.inside == places
        for event in crowd.go:
            event.set()
        await asyncio.gather(*crowd.tasks, return_exceptions=True)
        assert crowd.most <= places
        assert crowd.inside == 0
        # First come, first served.
        assert crowd.waited == sorted(crowd.waited)
        assert [limiter.enter_now() for _ in range(places + 1)] == [True] * places + [False]

    asyncio.run(main())


async def test_a_place_given_to_a_task_that_is_cancelled_at_that_moment_goes_to_the_next() -> None:
    limiter = LocalLimiter(1)
    assert limiter.enter_now()
    first, second = asyncio.create_task(limiter.enter()), asyncio.create_task(limiter.enter())
    await asyncio.sleep(0)
    limiter.leave(200, None)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.wait_for(second, 1)
    assert first.cancelled()
    limiter.leave(None, None)
    assert limiter.enter_now()


async def test_nobody_overtakes_those_who_wait() -> None:
    limiter = LocalLimiter(1)
    assert limiter.enter_now()
    waiter = asyncio.create_task(limiter.enter())
    await asyncio.sleep(0)
    limiter.leave(200, None)
    assert not limiter.enter_now()
    await waiter
    limiter.leave(200, None)
    assert limiter.enter_now()


@given(st.integers(1, 5), st.sampled_from([0.5, 4.0, 1000.0]), st.integers(1, 8), st.sets(st.integers(0, 7)))
@settings(max_examples=40)
def test_the_pace_is_kept_and_a_cancelled_wait_costs_nothing(
    places: int, pace: float, tasks: int, called_off: set[int]
) -> None:
    async def main() -> None:
        limiter = LocalLimiter(places, pace)
        began = now()
        times: list[float] = []

        async def visit() -> None:
            if not limiter.enter_now():
                await limiter.enter()
            times.append(now())
            await asyncio.sleep(0)
            limiter.leave(200, None)

        visits = [asyncio.create_task(visit()) for _ in range(tasks)]
        await asyncio.sleep(0)
        for number in called_off - {0}:
            if number < tasks:
                visits[number].cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        assert len(times) == tasks - sum(number < tasks for number in called_off - {0})
        for index, moment in enumerate(times):
            assert moment - began >= index / pace - 1e-6
            assert moment - began <= index / pace + 0.1
        await asyncio.sleep(1 / pace)
        assert limiter.enter_now()
        assert not limiter.enter_now()

    run(main)


# --------------------------------------------------------------------------------------------------------- the gate
class Watched:
    """A gate, and what it tells."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.gate = Gate(self.told.append, lambda: self.told.append("opened"))


def test_a_gate_opens_when_its_time_is_over() -> None:
    async def main() -> None:
        watched = Watched()
        gate = watched.gate
        await gate.wait()
        assert not gate.closed
        gate.close(0)
        gate.close(-1)
        assert not gate.closed
        began = now()
        gate.close(10)
        assert gate.closed
        await asyncio.gather(gate.wait(), gate.wait())
        assert now() - began == pytest.approx(10, abs=0.02)
        assert not gate.closed
        assert watched.told == [10, "opened"]
        gate.close(1)
        await gate.wait()
        assert watched.told == [10, "opened", 1, "opened"]

    run(main)


def test_a_gate_is_held_longer_and_never_shorter() -> None:
    async def main() -> None:
        watched = Watched()
        began = now()
        watched.gate.close(5)
        waiter = asyncio.create_task(watched.gate.wait())
        await asyncio.sleep(2)
        watched.gate.close(1)
        assert watched.told == [5]
        watched.gate.close(6)
        assert watched.told == [5, 6]
        await waiter
        assert now() - began == pytest.approx(8, abs=0.05)
        assert watched.told == [5, 6, "opened"]

    run(main)


def test_a_cancelled_waiter_does_not_open_the_gate() -> None:
    async def main() -> None:
        watched = Watched()
        watched.gate.close(5)
        first, second = asyncio.create_task(watched.gate.wait()), asyncio.create_task(watched.gate.wait())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(1)
        assert first.cancelled()
        assert not second.done()
        assert watched.gate.closed
        await second

    run(main)


def test_a_dismantled_gate_leaves_no_timer() -> None:
    async def main() -> None:
        watched = Watched()
        watched.gate.close(5)
        watched.gate.dismantle()
        watched.gate.dismantle()
        await asyncio.sleep(10)
        assert watched.told == [5]

    run(main)


# --------------------------------------------------------------------------------------- both, as a client uses them
def test_a_retry_after_holds_every_task_of_the_client() -> None:
    sends: list[tuple[float, bool]] = []
    refused = False

    async def send(_: Transport, call: Call, headers: Any) -> Answer:
        nonlocal refused
        target = call.target
        if target == "/session":
            return Answer(200, {}, b'{"token": "t"}')
        await asyncio.sleep(0.01)
        if not refused and target.startswith("/x/7"):
            refused = True
            sends.append((now(), False))
            return Answer(429, {"Retry-After": "1"}, b"{}")
        sends.append((now(), True))
        return Answer(200, {}, b"{}")

    events: list[Event] = []

    async def main() -> None:
        async with LootLockerClient(KEY, base_url=BASE, max_in_flight=5, observers=(events.append,)) as client:
            await asyncio.gather(*(client.request("GET", f"/x/{number}") for number in range(50)))

    patch = pytest.MonkeyPatch()
    patch.setattr(Transport, "send", send)
    try:
        run(main)
    finally:
        patch.undo()
    refusal = next(moment for moment, ok in sends if not ok)
    assert len(sends) == 51
    # The four that were on their way at that moment come home; then nobody sends before the second is over.
    assert not [moment for moment, _ in sends if refusal + 0.02 < moment < refusal + 1]
    gate_events = [event for event in events if isinstance(event, (GateClosed, GateOpened))]
    assert gate_events == [GateClosed(seconds=1.0), GateOpened()]


def test_waiting_for_a_place_or_the_gate_counts_against_the_deadline() -> None:
    async def send(_: Transport, call: Call, headers: Any) -> Answer:
        target = call.target
        if target == "/session":
            return Answer(200, {}, b'{"token": "t"}')
        if target == "/busy":
            return Answer(429, {"Retry-After": "20"}, b"{}")
        await asyncio.sleep(5)
        return Answer(200, {}, b"{}")

    async def main() -> None:
        async with LootLockerClient(KEY, base_url=BASE, max_in_flight=1, retries=0, attempt_timeout=None) as client:
            await client.preload()
            slow = asyncio.create_task(client.request("GET", "/slow"))
            await asyncio.sleep(0)
            began = now()
            with pytest.raises(RequestTimeoutError, match="before the call could go out") as caught:
                await client.with_options(timeout=2.0).request("POST", "/x")
            assert now() - began == pytest.approx(2, abs=0.05)
            assert not caught.value.sent
            await slow
            with pytest.raises(Exception, match="429"):
                await client.request("GET", "/busy")
            began = now()
            for retries in (0, 4):
                with pytest.raises(RequestTimeoutError, match="pause that ends after this call's deadline"):
                    await client.with_options(timeout=2.0, retries=retries).request("POST", "/x")
            assert now() - began < 0.1

    patch = pytest.MonkeyPatch()
    patch.setattr(Transport, "send", send)
    try:
        run(main)
    finally:
        patch.undo()
