"""What may be sent again, how often, and after which pauses."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async import LootLockerClient
from lootlocker_async.core.call import Call
from lootlocker_async.core.retry import Verdict, certainly_not_executed, judge
from lootlocker_async.core.transport import Answer, Transport
from lootlocker_async.errors import (
    CallError,
    ClientClosedError,
    ConnectError,
    ConnectionLostError,
    LootLockerError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
    api_error_class,
)
from lootlocker_async.routes import Route
from tests.support.clock import run
from tests.unit.support import BASE, KEY

STOP, AGAIN, UNKNOWN, DONE = Verdict.STOP, Verdict.AGAIN, Verdict.UNKNOWN, Verdict.DONE


def api(status: int, retry_after: float | None = None) -> CallError:
    return api_error_class(status)("no", status=status, retry_after=retry_after)


# Failure: (verdict of an idempotent call, verdict of another, whether it certainly was not executed)
TABLE: dict[str, tuple[CallError, Verdict, Verdict, bool]] = {
    **{
        f"{status}": (api(status), STOP, STOP, True)
        for status in (301, 400, 401, 403, 404, 405, 409, 413, 418, 422, 501, 505)
    },
    "404 with Retry-After": (api(404, 1), STOP, STOP, True),
    "429": (api(429), AGAIN, AGAIN, True),
    "429 with Retry-After": (api(429, 1), AGAIN, AGAIN, True),
    "500": (api(500), AGAIN, UNKNOWN, False),
    "500 with Retry-After": (api(500, 1), AGAIN, UNKNOWN, False),
    "502": (api(502), AGAIN, UNKNOWN, False),
    "503": (api(503), AGAIN, UNKNOWN, False),
    "503 with Retry-After": (api(503, 1), AGAIN, AGAIN, True),
    "503 with Retry-After: 0": (api(503, 0), AGAIN, AGAIN, True),
    "504": (api(504), AGAIN, UNKNOWN, False),
    "504 with Retry-After": (api(504, 1), AGAIN, UNKNOWN, False),
    "no connection": (ConnectError("no", sent=False), AGAIN, AGAIN, True),
    "timed out in the queue": (RequestTimeoutError("no", sent=False), STOP, STOP, True),
    "timed out": (RequestTimeoutError("no", sent=True), AGAIN, UNKNOWN, False),
    "timed out in a 200": (RequestTimeoutError("no", sent=True, status=200), AGAIN, STOP, False),
    "lost": (ConnectionLostError("no", sent=True), AGAIN, UNKNOWN, False),
    "lost in a 200": (ConnectionLostError("no", sent=True, status=200), AGAIN, STOP, False),
    "lost in a 404": (ConnectionLostError("no", sent=True, status=404), AGAIN, UNKNOWN, False),
    "lost in a 500": (ConnectionLostError("no", sent=True, status=500), AGAIN, UNKNOWN, False),
    "unreadable": (ResponseDecodeError("no", reason="json"), STOP, STOP, False),
    "other": (CallError("no"), STOP, STOP, False),
}


@attrs.define
class Case:
    route: Route
    maybe_executed: bool = False
    deadline: float = 1e9
    spent: bool = False


@pytest.mark.parametrize("failure", TABLE)
def test_what_can_not_be_read_again_is_not_sent_again(failure: str) -> None:
    error, safe, unsafe, _ = TABLE[failure]
    for idempotent, expected in ((True, safe), (False, unsafe)):
        case = Case(Route("x", "POST", "/x", idempotent), spent=True)
        assert judge(case, error) is (STOP if expected is AGAIN else expected)


@pytest.mark.parametrize("maybe_executed", [False, True])
@pytest.mark.parametrize("repeat_done", [frozenset[int](), frozenset({404}), frozenset({404, 409})])
@pytest.mark.parametrize("idempotent", [True, False])
@pytest.mark.parametrize("failure", TABLE)
def test_verdicts(failure: str, idempotent: bool, repeat_done: frozenset[int], maybe_executed: bool) -> None:
    error, safe, unsafe, _ = TABLE[failure]
    expected = safe if idempotent else unsafe
    if maybe_executed and failure.split(maxsplit=1)[0] in map(str, repeat_done):
        expected = DONE
    route = Route("op", "DELETE", "/x", idempotent, repeat_done=repeat_done)
    assert judge(Case(route, maybe_executed), error) is expected


@pytest.mark.parametrize("failure", TABLE)
def test_what_certainly_was_not_executed(failure: str) -> None:
    error, _, unsafe, not_executed = TABLE[failure]
    assert certainly_not_executed(error) is not_executed
    # Nothing that may have been executed is ever sent again by a call that isn't idempotent.
    assert unsafe is not AGAIN or not_executed


# ------------------------------------------------------------------------------------------------ calls as a whole
class Outcome(NamedTuple):
    """What becomes of one sending: a status, or `lost`, `unconnected`, `cut` (a 200 that breaks off)."""

    what: int | str
    retry_after: float | None = None
    seconds: float = 0.1

    @property
    def maybe_executed(self) -> bool:
        if self.what == 503:
            return self.retry_after is None
        return self.what in {200, 500, 502, 504, "lost", "cut"}


class Wire:
    """A transport that plays outcomes; what comes after them is a success."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        self.outcomes = list(outcomes)
        self.sends: list[tuple[float, float, Outcome]] = []
        self.logins = 0

    async def send(self, call: Call, headers: Any) -> Answer:
        if call.target == "/session":
            self.logins += 1
            return Answer(200, {}, b'{"token": "t%d"}' % self.logins)
        began = asyncio.get_running_loop().time()
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome(200)
        try:
            await asyncio.sleep(outcome.seconds)
        except asyncio.CancelledError:
            outcome = Outcome("lost")
            raise
        finally:
            self.sends.append((began, asyncio.get_running_loop().time(), outcome))
        if isinstance(outcome.what, int):
            told = {"Retry-After": str(outcome.retry_after)} if outcome.retry_after is not None else {}
            return Answer(outcome.what, told, b"{}")
        if outcome.what == "unconnected":
            raise ConnectError("no", sent=False)
        raise ConnectionLostError("no", sent=True, status=200 if outcome.what == "cut" else None)


async def play(wire: Wire, verb: str, **settings: Any) -> tuple[object, float]:
    """Make a call over the wire: its answer or its error, and the seconds that it took."""
    patch = pytest.MonkeyPatch()
    patch.setattr(Transport, "send", lambda _, *args: wire.send(*args))
    try:
        async with LootLockerClient(KEY, base_url=BASE, keep_alive=False, **settings) as client:
            began = asyncio.get_running_loop().time()
            try:
                result: object = await client.request(verb, "/x", idempotent=verb == "GET")  # type: ignore[arg-type]
            except LootLockerError as error:
                result = error
            return result, asyncio.get_running_loop().time() - began
    finally:
        patch.undo()


outcomes = st.builds(
    Outcome,
    st.sampled_from([200, 400, 401, 404, 429, 500, 502, 503, 504, "lost", "unconnected", "cut"]),
    st.none() | st.sampled_from([0.0, 0.3, 2.0, 7.0]),
    st.sampled_from([0.01, 0.2, 3.0]),
)
failures = outcomes.filter(lambda outcome: outcome.what != 200)


@given(
    st.lists(failures, min_size=1, max_size=6),
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    st.integers(0, 4),
    st.sampled_from([1.0, 6.0, 60.0]),
    st.none() | st.sampled_from([0.1, 1.0]),
)
@settings(max_examples=150)
def test_what_is_sent_again(
    script: list[Outcome], verb: str, retries: int, timeout: float, attempt_timeout: float | None
) -> None:
    base, cap = 0.25, 1.0
    wire = Wire(script)
    result, seconds = run(
        lambda: play(
            wire,
            verb,
            retries=retries,
            timeout=timeout,
            attempt_timeout=attempt_timeout,
            backoff_base=base,
            backoff_cap=cap,
        )
    )
    played = [outcome for _, _, outcome in wire.sends]
    refused_tokens = sum(outcome.what == 401 for outcome in played)
    assert 1 <= len(played) <= retries + 1 + min(refused_tokens, 1)
    assert wire.logins <= 2
    assert seconds <= timeout + 0.05
    if verb != "GET":
        # The rule of rules: nothing follows a sending that may have been executed.
        assert not any(outcome.maybe_executed for outcome in played[:-1])
    most = base
    for (_, ended, outcome), (began, _, _) in zip(wire.sends, wire.sends[1:], strict=False):
        pause = began - ended
        if outcome.what == 401:
            assert pause < 0.01
        elif outcome.retry_after is not None and isinstance(outcome.what, int):
            assert pause >= outcome.retry_after - 1e-6
        else:
            assert -1e-6 <= pause <= min(most, cap) + 0.05
        if outcome.what != 401:
            most *= 2
    _check_result(result, played, verb)


def _check_result(result: object, played: list[Outcome], verb: str) -> None:
    last = played[-1]
    if last.what == 200:
        assert result == {}
        return
    assert isinstance(result, CallError)
    sendings = {attempt.number for attempt in result.attempts}
    assert sendings == set(range(1, len(played) + 1))
    if verb != "GET" and last.maybe_executed:
        if last.what == "cut":
            assert isinstance(result, ResponseDecodeError)
            assert (result.reason, result.executed) == ("cut", True)
        else:
            assert isinstance(result, OutcomeUnknownError)
            assert isinstance(result.__cause__, CallError)
    elif isinstance(last.what, int):
        assert type(result) is api_error_class(last.what)
    else:
        assert isinstance(result, TransportError)


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_beyond_the_deadline_raises_at_once(status: int) -> None:
    wire = Wire([Outcome(status, 20.0)])
    result, seconds = run(lambda: play(wire, "GET", timeout=10.0))
    assert isinstance(result, api_error_class(status))
    assert result.retry_after == 20.0
    assert seconds < 1
    assert len(wire.sends) == 1


def test_a_retry_after_is_kept_to_the_instant() -> None:
    wire = Wire([Outcome(503, 12.5), Outcome(429, 3.25)])
    result, _ = run(lambda: play(wire, "POST", backoff_cap=1.0))
    assert result == {}
    (_, first, _), (began, second, _), (last, _, _) = wire.sends
    assert began - first == pytest.approx(12.5, abs=0.02)
    assert last - second == pytest.approx(3.25, abs=0.02)


@pytest.mark.parametrize("what", [500, "lost"])
def test_jitter_is_full(what: int | str) -> None:
    pauses: list[float] = []
    for _ in range(40):
        wire = Wire([Outcome(what)])
        run(lambda wire=wire: play(wire, "GET", backoff_base=0.2, backoff_cap=8.0))  # type: ignore[misc]
        (_, ended, _), (began, _, _) = wire.sends
        pauses.append(began - ended)
    assert max(pauses) <= 0.25
    assert min(pauses) < 0.1 < max(pauses)


def test_no_repeats_means_one_sending() -> None:
    wire = Wire([Outcome(429, 0.1)])
    result, _ = run(lambda: play(wire, "GET", retries=0))
    assert isinstance(result, CallError)
    assert len(wire.sends) == 1


def test_an_unsafe_call_has_its_whole_timeout_for_its_answer() -> None:
    wire = Wire([Outcome(200, seconds=20.0)])
    result, _ = run(lambda: play(wire, "POST", timeout=30.0, attempt_timeout=5.0))
    assert result == {}
    wire = Wire([Outcome(200, seconds=20.0)])
    result, _ = run(lambda: play(wire, "GET", timeout=30.0, attempt_timeout=5.0))
    assert result == {}
    assert len(wire.sends) == 2


def test_a_delete_that_is_gone_on_its_repeat_was_done() -> None:
    async def delete(*script: Outcome) -> None:
        wire = Wire(list(script))
        patch = pytest.MonkeyPatch()
        patch.setattr(Transport, "send", lambda _, *args: wire.send(*args))
        try:
            async with LootLockerClient(KEY, base_url=BASE) as client:
                await client.leaderboards.delete("daily")
        finally:
            patch.undo()

    run(lambda: delete(Outcome("lost"), Outcome(404)))
    run(lambda: delete(Outcome(500), Outcome(429, 0.5), Outcome(404)))
    for script in ([Outcome(404)], [Outcome(429), Outcome(404)], [Outcome("unconnected"), Outcome(404)]):
        with pytest.raises(CallError, match="status 404"):
            run(lambda script=script: delete(*script))  # type: ignore[misc]


def test_a_closed_client_sends_nothing() -> None:
    async def main() -> None:
        client = LootLockerClient(KEY, base_url=BASE)
        await client.close()
        with pytest.raises(ClientClosedError):
            await client.request("GET", "/x")

    run(main)
