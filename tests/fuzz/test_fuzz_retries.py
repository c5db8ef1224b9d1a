"""Outcomes in any order, for several calls at a time: what may have been executed is never sent again."""

from __future__ import annotations

import asyncio
from typing import Any

import attrs
import pytest
from hypothesis import example, given, strategies as st

from lootlocker_async import LootLockerClient, routes
from lootlocker_async.core.call import Call
from lootlocker_async.core.transport import Answer, TooLarge, Transport
from lootlocker_async.errors import (
    CallError,
    ConnectError,
    ConnectionLostError,
    LootLockerError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ResponseDecodeError,
)
from tests.fuzz.profile import looks
from tests.support.clock import run_still
from tests.unit.support import BASE, KEY

FAILURES: dict[str, Any] = {
    "unconnected": lambda: ConnectError("no", sent=False),
    "queued": lambda: RequestTimeoutError("no", sent=False),
    "lost": lambda: ConnectionLostError("no", sent=True),
    "late": lambda: RequestTimeoutError("no", sent=True),
    "cut": lambda: ConnectionLostError("no", sent=True, status=200),
    "cut error": lambda: ConnectionLostError("no", sent=True, status=500),
    "too large": lambda: TooLarge(10, 200, b"x"),
}
NOT_EXECUTED = frozenset({"unconnected", "queued", 429, *range(300, 500), 501})


@attrs.frozen
class Outcome:
    """What becomes of one sending."""

    what: int | str
    retry_after: str | None
    seconds: float
    body: bytes

    @property
    def maybe_executed(self) -> bool:
        """By the rules that the guide states, and not by the code under test."""
        if self.what == 503:
            return self.retry_after is None
        return self.what not in NOT_EXECUTED


outcomes = st.builds(
    Outcome,
    st.sampled_from([200, 204, 301, 400, 401, 404, 409, 429, 500, 501, 502, 503, 504, *FAILURES]),
    st.none() | st.sampled_from(["0", "0.3", "2", "7", "100000"]),
    st.sampled_from([0.0, 0.01, 0.2, 3.0, 40.0]),
    st.sampled_from([b"{}", b"", b"<html>", b"[" * 9, b'{"code": 5}']),
)


@attrs.frozen
class Plan:
    """A call: whether it's idempotent, when it begins, and what becomes of each sending; in the end there's a 200."""

    idempotent: bool
    begins: float
    script: tuple[Outcome, ...]


plans = st.builds(Plan, st.booleans(), st.sampled_from([0.0, 0.1, 1.0]), st.lists(outcomes, max_size=8).map(tuple))


class Wire:
    """A transport that plays each call's outcomes, and notes what was sent when."""

    def __init__(self, calls: tuple[Plan, ...]) -> None:
        self._left = {f"/{number}": list(plan.script) for number, plan in enumerate(calls)}
        self.sent: dict[str, list[Outcome]] = {path: [] for path in self._left}
        self.logins = 0

    async def send(self, call: Call, headers: Any) -> Answer:
        if call.target == "/session":
            self.logins += 1
            return Answer(200, {}, b'{"token": "t%d"}' % self.logins)
        left = self._left[call.target]
        outcome = left.pop(0) if left else Outcome(200, None, 0.0, b"{}")
        noted = self.sent[call.target]
        # What is broken off in its middle may have been executed, whatever would have come.
        noted.append(attrs.evolve(outcome, what="lost", retry_after=None))
        await asyncio.sleep(outcome.seconds)
        noted[-1] = outcome
        if isinstance(outcome.what, str):
            failure: Exception = FAILURES[outcome.what]()
            raise failure
        call.status = outcome.what
        told = {} if outcome.retry_after is None else {"Retry-After": outcome.retry_after}
        return Answer(outcome.what, told, outcome.body)


async def play(wire: Wire, calls: tuple[Plan, ...], timeout: float, **settings: Any) -> None:
    """Make the calls at the same time, and check each one's end."""
    patch = pytest.MonkeyPatch()
    patch.setattr(Transport, "send", lambda _, *args: wire.send(*args))
    try:
        async with (
            LootLockerClient(KEY, base_url=BASE, keep_alive=False, timeout=timeout, **settings) as client,
            asyncio.TaskGroup() as group,
        ):
            for number, plan in enumerate(calls):
                group.create_task(_one(client, wire, f"/{number}", plan, timeout))
    finally:
        patch.undo()


async def _one(client: LootLockerClient, wire: Wire, path: str, plan: Plan, timeout: float) -> None:
    await asyncio.sleep(plan.begins)
    began = asyncio.get_running_loop().time()
    error: LootLockerError | None = None
    try:
        await client.request("GET" if plan.idempotent else "POST", path, idempotent=plan.idempotent)
    except LootLockerError as raised:
        error = raised
    # Only waiting takes time here, so that what is left is the rounding of many additions.
    assert asyncio.get_running_loop().time() - began <= timeout + 1e-6
    played = wire.sent[path]
    _check(error, played, plan)
    refused = sum(outcome.what == 401 for outcome in played)
    assert refused <= 4
    assert len(played) <= client.config.retries + 1 + min(refused, 3)


def _check(error: LootLockerError | None, played: list[Outcome], plan: Plan) -> None:
    if not plan.idempotent:
        # The rule of rules.
        assert not any(outcome.maybe_executed for outcome in played[:-1]), played
    if error is None:
        assert played[-1].what in {200, 204}
        return
    assert isinstance(error, CallError)
    last = played[-1] if played else None
    if error.operation == routes.SESSION_START.operation:
        # The login that the call waited for came too late: the error is the login's, with its attempts, and the call
        # itself had not been sent or been refused for its token.
        assert last is None or last.what == 401
        return
    assert len(error.attempts) == len(played)
    if not plan.idempotent and last is not None and last.maybe_executed:
        kind = ResponseDecodeError if last.what in {200, 204, "cut", "too large"} else OutcomeUnknownError
        assert isinstance(error, kind), (error, last)
    else:
        assert not isinstance(error, OutcomeUnknownError), (error, last)


@given(
    st.lists(plans, min_size=1, max_size=4).map(tuple),
    st.integers(0, 5),
    st.sampled_from([0.5, 6.0, 60.0]),
    st.none() | st.sampled_from([0.1, 1.0]),
    st.sampled_from([1, 2, 10]),
)
# A login that another call's Retry-After held back until it was too late.
@example(
    (
        Plan(False, 0.1, (Outcome(401, None, 0.0, b"{}"),)),
        Plan(False, 0.1, (Outcome(503, "2", 0.0, b"{}"),)),
    ),
    0, 0.5, None, 1,
)  # fmt: skip
@looks(40, 2_000)
def test_any_outcomes(
    calls: tuple[Plan, ...], retries: int, timeout: float, attempt_timeout: float | None, in_flight: int
) -> None:
    wire = Wire(calls)
    run_still(
        lambda: play(
            wire,
            calls,
            timeout,
            retries=retries,
            attempt_timeout=attempt_timeout,
            max_in_flight=in_flight,
            backoff_base=0.25,
            backoff_cap=1.0,
        )
    )
