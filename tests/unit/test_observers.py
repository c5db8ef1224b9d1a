"""What observers, traces and the drift counter are told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.core.drift import DriftWatch
from lootlocker_async.core.observers import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallRecord,
    CallStarted,
    Drift,
    Event,
    GateClosed,
    GateOpened,
    LoggedIn,
    Observers,
    OutcomeUnknown,
    RetryPlanned,
    Waited,
    reason,
)
from lootlocker_async.errors import CallError, OutcomeUnknownError
from tests.support.clock import run
from tests.unit.support import BASE, KEY, Http


def play(http: Http, verb: str, **settings: Any) -> tuple[list[Event], object]:
    """Make one call with a client that is observed."""
    events: list[Event] = []

    async def main() -> object:
        async with LootLockerClient(KEY, base_url=BASE, observers=(events.append,), **settings) as client:
            try:
                return await client.request(verb, "/x")  # type: ignore[arg-type]
            except CallError as error:
                return error

    return events, run(main)


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_the_story_of_a_call(http: Http) -> None:
    http.answer("GET", "/x", status=503, headers={"Retry-After": "2"})
    http.answer("GET", "/x", payload={"a": 1}, headers={"x-trace-id": "t1"})
    events, result = play(http, "GET")
    assert result == {"a": 1}
    assert kinds(events) == [
        *("CallStarted", "CallStarted", "AttemptStarted", "AttemptEnded", "CallEnded", "LoggedIn", "Waited"),
        *("AttemptStarted", "AttemptEnded", "GateClosed", "RetryPlanned", "GateOpened"),
        *("AttemptStarted", "AttemptEnded", "CallEnded"),
    ]
    began, login_began, login, _, login_over, logged_in, waited = events[:7]
    first, refused, closed, planned, opened, second, ended, over = events[7:]
    assert isinstance(began, CallStarted)
    assert began == CallStarted("request", "GET", "/x", "", BASE, began.call)
    assert isinstance(login_began, CallStarted)
    assert login_began == CallStarted("session_start", "POST", "/session", "/session", BASE, login_began.call)
    assert isinstance(login_over, CallEnded)
    assert (login_over.outcome, login_over.call) == ("ok", login_began.call)
    assert login_began.call != began.call
    assert isinstance(waited, Waited)
    assert waited == Waited("request", "login", waited.seconds, began.call)
    assert isinstance(login, AttemptStarted)
    assert (login.operation, login.method, login.path, login.number) == ("session_start", "POST", "/session", 1)
    assert isinstance(logged_in, LoggedIn)
    assert (logged_in.ok, logged_in.error) == (True, "")
    assert isinstance(first, AttemptStarted)
    assert isinstance(refused, AttemptEnded)
    assert (refused.attempt.number, refused.attempt.status, refused.attempt.request_id) == (1, 503, first.request_id)
    assert closed == GateClosed(seconds=2.0)
    assert isinstance(planned, RetryPlanned)
    assert (planned.number, planned.wait) == (1, 2.0)
    assert planned.reason.startswith("ServiceUnavailableError: GET /x")
    assert opened == GateOpened()
    assert isinstance(second, AttemptStarted)
    assert second.number == 2
    assert second.request_id != first.request_id
    assert isinstance(ended, AttemptEnded)
    assert ended.trace_id == "t1"
    assert isinstance(over, CallEnded)
    assert (over.outcome, over.status, over.attempts, over.trace_id) == ("ok", 200, 2, "t1")
    assert over.request_id == second.request_id
    assert over.seconds >= 2.0
    assert {first.call, refused.call, planned.call, second.call, ended.call, over.call} == {began.call}


def test_an_unknown_outcome_is_told(http: Http) -> None:
    http.answer("POST", "/x", status=502)
    events, result = play(http, "POST")
    assert isinstance(result, OutcomeUnknownError)
    last, over = events[-2:]
    assert isinstance(last, OutcomeUnknown)
    assert isinstance(over, CallEnded)
    assert (over.outcome, over.call) == ("OutcomeUnknownError", last.call)
    assert (last.operation, last.method, last.path) == ("request", "POST", "/x")
    assert last.request_id == result.attempts[-1].request_id
    assert last.reason.startswith("ServerError")


def test_a_login_that_fails_is_told() -> None:
    with Http() as http:
        http.answer("POST", "/session", status=401, payload={"message": f"wrong key {KEY}"}, repeat=True)
        events, result = play(http, "GET")
    (told,) = [event for event in events if isinstance(event, LoggedIn)]
    assert not told.ok
    assert told.error.startswith("AuthenticationError: POST /session: wrong key")
    assert KEY not in repr(events) + str(result) + repr(result)


def test_an_observer_that_raises_breaks_nothing(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    http.answer("GET", "/x", payload={"a": 1})
    told: list[Event] = []

    async def main() -> None:
        async with LootLockerClient(KEY, base_url=BASE) as client:
            client.observe(lambda event: 1 / 0)  # type: ignore[arg-type,return-value]
            client.observe(told.append)
            assert await client.request("GET", "/x") == {"a": 1}

    run(main)
    assert kinds(told)[-1] == "CallEnded"
    assert "an observer failed on AttemptStarted" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_observers_come_and_go(http: Http) -> None:
    http.answer("GET", "/x", payload={}, repeat=True)
    told: list[Event] = []

    async def main() -> None:
        async with LootLockerClient(KEY, base_url=BASE) as client:
            await client.request("GET", "/x")
            client.observe(told.append)
            await client.with_options(retries=0).request("GET", "/x")
            client.stop_observing(told.append)
            client.stop_observing(print)

    run(main)
    assert kinds(told) == ["CallStarted", "AttemptStarted", "AttemptEnded", "CallEnded"]


def test_an_observer_is_taken_off_by_the_same_name_it_was_put_on_by() -> None:
    told: list[Event] = []
    observers = Observers(())
    observers.add(told.append)
    observers.tell(GateOpened())
    assert told == [GateOpened()]
    # A bound method is another object each time it is looked up.
    observers.remove(told.append)
    observers.tell(GateOpened())
    assert told == [GateOpened()]


# ------------------------------------------------------------------------------------------------------------ traces
async def test_a_trace_holds_the_calls_of_its_block(http: Http, client: LootLockerClient) -> None:
    http.answer("GET", "/x", payload={}, headers={"x-trace-id": "t1", "x-request-id": "r1", "x-more": "m"}, repeat=True)
    http.answer("GET", "/bad", status=404, payload={})
    await client.request("GET", "/x")
    with client.trace() as calls:
        with client.trace() as inner:
            await client.request("GET", "/x")
        with pytest.raises(CallError):
            await client.request("GET", "/bad")
        await asyncio.create_task(client.with_options(retries=0).request("GET", "/x"))
        async with LootLockerClient(KEY, base_url=BASE) as another:
            await another.request("GET", "/x")
    await client.request("GET", "/x")
    assert [call.outcome for call in calls] == ["ok", "NotFoundError", "ok"]
    assert [call.attempts for call in inner] == [calls[0].attempts]
    first, bad, _ = calls
    assert isinstance(first, CallRecord)
    assert (first.operation, first.method, first.path, first.status) == ("request", "GET", "/x", 200)
    assert (first.request_id, first.trace_id, first.headers["x-more"]) == ("r1", "t1", "m")
    assert [attempt.status for attempt in first.attempts] == [200]
    assert 0 <= first.attempts[0].started <= first.seconds
    assert bad.status == 404


async def test_a_trace_tells_of_a_cancelled_call(client: LootLockerClient, http: Http) -> None:
    started = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        started.set()
        await asyncio.Event().wait()

    http.answer("POST", "/x", callback=hang)
    with client.trace() as calls:
        task = asyncio.create_task(client.request("POST", "/x"))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    last = calls[-1]
    assert (last.operation, last.outcome, last.status) == ("request", "cancelled", None)
    assert "whether it was executed is not known" in caught.value.__notes__[0]


# ------------------------------------------------------------------------------------------------------------- drift
def test_drift_is_counted_and_told_once() -> None:
    told: list[Event] = []
    watch = DriftWatch("always", Observers((told.append,)))
    for _ in range(3):
        watch.count("op", [("unknown", "Model.field", "x" * 1000)])
    watch.count("op", [("enum", "Kind", "new")])
    first = Drift(kind="unknown", where="Model.field", found="x" * 200, operation="op")
    assert told == [first, Drift(kind="enum", where="Kind", found="new", operation="op")]
    assert watch.counts[first] == 3


def test_drift_does_not_fill_the_memory() -> None:
    watch = DriftWatch("always", Observers(()))
    watch.count("op", [("unknown", "Model.field", str(number)) for number in range(5000)])
    assert len(watch.counts) == 1000
    watch.count("op", [("unknown", "Model.field", "0")])
    assert max(watch.counts.values()) == 2


def test_how_often_answers_are_looked_through() -> None:
    nobody = Observers(())
    assert all(DriftWatch("always", nobody).wants_a_look("op", 10) for _ in range(5))
    assert not any(DriftWatch("never", nobody).wants_a_look("op", 10) for _ in range(5))
    watch = DriftWatch("sampled", nobody)
    looks = [watch.wants_a_look("op", 10) for _ in range(1000)]
    assert looks[0]
    assert 8 <= sum(looks) <= 12
    assert watch.wants_a_look("another", 10)


async def test_a_client_counts_drift(http: Http) -> None:
    http.answer("GET", "/ping", payload={"pong": "now", "extra": 1}, repeat=True)
    async with LootLockerClient(KEY, base_url=BASE, drift="always") as client:
        await client.session.ping()
        await client.session.ping()
        ((drift, count),) = client.drift.items()
    assert drift.found == "extra"
    assert (drift.kind, drift.where, drift.operation, count) == ("unknown", "SessionPing", "session_ping", 2)


def test_reasons_are_brief() -> None:
    assert reason(CallError("x")) == "CallError: the call: x"
    assert reason(KeyError("secret")) == "KeyError"
