"""What is sent again and what never is: the outcome of every broken attempt, by the route's own safety."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable, Callable
from typing import Any, cast

import aiohttp
import pytest

from lootlocker_async import (
    ConflictError,
    ConnectError,
    ConnectionLostError,
    LootLockerClient,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
)
from lootlocker_async.core.observers import OutcomeUnknown, RetryPlanned
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, BOARD_CHANGES, ENTRY, Events, check_idle, client_of, pool_of, until
from tests.integration.raw import RawServer, Request, Wire, free_port

Make = Callable[..., LootLockerClient]
Call = Callable[[LootLockerClient], Awaitable[Any]]


def _increment(client: LootLockerClient) -> Awaitable[Any]:
    return client.leaderboards.increment_score(BOARD, member_id="ann", amount=5)


def _update(client: LootLockerClient) -> Awaitable[Any]:
    return client.leaderboards.update(BOARD, **BOARD_CHANGES)


UNSAFE = [
    pytest.param("leaderboards_increment_score", _increment, id="POST"),
    pytest.param("leaderboards_update", _update, id="PUT"),
]


# -------------------------------------------------------------------------------------------- answers that never came
@pytest.mark.parametrize(("operation", "call"), UNSAFE)
@pytest.mark.parametrize("warm", [False, True], ids=["fresh", "kept"])
async def test_an_unsafe_call_whose_answer_is_dropped_is_sent_once(
    emulator: Emulator, make: Make, operation: str, call: Call, warm: bool
) -> None:
    events = Events()
    client = make(observers=(events,))
    if warm:
        await client.session.ping()
    emulator.faults.add(Fault.drop_after_execute(operation))
    with pytest.raises(OutcomeUnknownError) as caught:
        await call(client)
    assert len(emulator.record.received(operation)) == 1
    assert len(emulator.record.executed(operation)) == 1

    error, sent = caught.value, emulator.record.received(operation)[0]
    assert error.operation == operation
    assert error.method == sent.verb
    assert error.request_id == sent.headers["x-request-id"]
    assert error.sent_body is not None
    assert '"ann"' in error.sent_body or BOARD in error.sent_body
    assert error.status is None
    assert len(error.attempts) == 1
    assert isinstance(error.__cause__, ConnectionLostError)
    assert error.__cause__.sent
    twin = pickle.loads(pickle.dumps(error))
    assert (str(twin), twin.sent_body, twin.attempts) == (str(error), error.sent_body, error.attempts)
    assert [event.request_id for event in events.of(OutcomeUnknown)] == [error.request_id]
    check_idle(client)


async def test_the_world_has_the_increment_once_after_its_answer_was_dropped(emulator: Emulator, make: Make) -> None:
    client = make()
    emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    with pytest.raises(OutcomeUnknownError):
        await _increment(client)
    assert emulator.world.score(BOARD, "ann") == 105


class _DropsUnsafeCalls:
    """Executes every call and answers none, where aiohttp by itself would send PUT and DELETE again."""

    def __init__(self, *, on_kept_connection: bool) -> None:
        self._warm_up = on_kept_connection

    async def __call__(self, request: Request, wire: Wire) -> None:
        if self._warm_up and request.verb == "GET":
            await wire.answer({"pong": "now"})
        else:
            wire.drop()


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
async def test_no_verb_is_sent_again_behind_our_back(verb: Any, kept: bool) -> None:
    async with RawServer(_DropsUnsafeCalls(on_kept_connection=kept)) as server, client_of(server) as client:
        if kept:
            await client.session.ping()
        with pytest.raises(OutcomeUnknownError):
            await client.request(verb, "/thing", json={"a": 1}, idempotent=False)
        assert len(server.seen("/thing")) == 1
        check_idle(client)


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
async def test_a_safe_verb_is_sent_as_often_as_we_say_and_no_more(verb: Any) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        wire.drop()

    async with RawServer(respond) as server, client_of(server, retries=2) as client:
        with pytest.raises(ConnectionLostError) as caught:
            await client.request(verb, "/thing", idempotent=True)
        assert len(server.seen("/thing")) == 3
        assert [attempt.error for attempt in caught.value.attempts] == ["ConnectionLostError"] * 3
        sent = [request.headers["x-request-id"] for request in server.seen("/thing")]
        assert [attempt.request_id for attempt in caught.value.attempts] == sent
        assert len(set(sent)) == 3


async def test_a_score_list_whose_answer_is_dropped_is_sent_again(emulator: Emulator, make: Make) -> None:
    events = Events()
    client = make(observers=(events,))
    emulator.faults.add(Fault.drop_after_execute("leaderboards_list_scores", times=1))
    entries = await client.leaderboards.list_scores(BOARD).collect()
    assert [entry.member_id for entry in entries] == ["ann", "bob", "cid"]
    assert len(emulator.record.received("leaderboards_list_scores")) == 2
    assert len(events.of(RetryPlanned)) == 1
    assert not events.of(OutcomeUnknown)


async def test_an_unsafe_call_that_ran_out_of_time_after_sending_is_unknown() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.gone()

    async with RawServer(respond) as server, client_of(server) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await _increment(client.with_options(timeout=0.1))
        assert isinstance(caught.value.__cause__, RequestTimeoutError)
        assert len(server.seen()) == 1
        check_idle(client)


async def test_an_unsafe_call_whose_answer_of_success_drips_past_the_deadline_was_executed(
    emulator: Emulator, client: LootLockerClient
) -> None:
    await client.session.ping()
    emulator.faults.add(Fault.slow_body("leaderboards_increment_score", seconds=0.05))
    with pytest.raises(ResponseDecodeError) as caught:
        await _increment(client.with_options(timeout=0.1))
    assert (caught.value.reason, caught.value.executed) == ("cut", True)
    assert len(emulator.record.executed("leaderboards_increment_score")) == 1


# ------------------------------------------------------------------------------------------------ repeats of a DELETE
async def test_a_delete_that_was_done_and_not_answered_has_succeeded_when_its_repeat_meets_404(
    emulator: Emulator, client: LootLockerClient
) -> None:
    emulator.faults.add(Fault.drop_after_execute("leaderboards_delete", times=1))
    await client.session.ping()
    with client.trace() as calls:
        await client.leaderboards.delete(BOARD)
    assert [call.status for call in emulator.record.received("leaderboards_delete")] == [None, 404]
    assert [(call.outcome, len(call.attempts)) for call in calls] == [("ok", 2)]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_delete_that_failed_after_it_was_done_has_succeeded_as_well(
    emulator: Emulator, client: LootLockerClient, status: int
) -> None:
    emulator.faults.add(Fault.error("leaderboards_delete", status=status, after_execute=True, times=1))
    await client.leaderboards.delete(BOARD)
    assert len(emulator.record.received("leaderboards_delete")) == 2


async def test_a_first_404_of_a_delete_is_an_error(emulator: Emulator, client: LootLockerClient) -> None:
    with pytest.raises(NotFoundError):
        await client.leaderboards.delete("nowhere")


@pytest.mark.parametrize(
    "fault",
    [
        Fault.rate_limited("leaderboards_delete", retry_after=0, times=1),
        Fault.unavailable("leaderboards_delete", retry_after=0, times=1),
        Fault.error("leaderboards_delete", status=401, times=1),
    ],
    ids=lambda fault: f"{fault.status}",
)
async def test_a_404_after_attempts_that_did_nothing_is_an_error(
    emulator: Emulator, client: LootLockerClient, fault: Fault
) -> None:
    emulator.faults.add(fault)
    with pytest.raises(NotFoundError) as caught:
        await client.leaderboards.delete("nowhere")
    assert len(caught.value.attempts) == 2


# ------------------------------------------------------------------------------------------------ answers with errors
@pytest.mark.parametrize(("operation", "call"), UNSAFE)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_unsafe_call_that_was_answered_so_is_unknown(
    emulator: Emulator, client: LootLockerClient, operation: str, call: Call, status: int
) -> None:
    emulator.faults.add(Fault.error(operation, status=status, after_execute=True))
    with pytest.raises(OutcomeUnknownError) as caught:
        await call(client)
    assert caught.value.status == status
    assert isinstance(caught.value.__cause__, ServerError)
    assert len(emulator.record.received(operation)) == 1


@pytest.mark.parametrize(("operation", "call"), UNSAFE)
@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_retry_after_does_not_make_other_statuses_certain(operation: str, call: Call, status: int) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({"message": "?"}, status=status, headers={"Retry-After": "0"})

    async with RawServer(respond) as server, client_of(server) as client:
        with pytest.raises(OutcomeUnknownError):
            await call(client)
        assert len(server.seen()) == 1


@pytest.mark.parametrize(("operation", "call"), UNSAFE)
@pytest.mark.parametrize(
    "fault",
    [
        lambda operation: Fault.rate_limited(operation, times=2),
        lambda operation: Fault.rate_limited(operation, retry_after=0, times=2),
        lambda operation: Fault.unavailable(operation, retry_after=0, times=2),
    ],
    ids=["429", "429 with Retry-After", "503 with Retry-After"],
)
async def test_an_unsafe_call_that_certainly_was_not_executed_is_sent_again(
    emulator: Emulator, client: LootLockerClient, operation: str, call: Call, fault: Callable[[str], Fault]
) -> None:
    emulator.faults.add(fault(operation))
    await call(client)
    assert len(emulator.record.received(operation)) == 3
    assert len(emulator.record.executed(operation)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
async def test_a_safe_call_that_met_a_failing_service_is_sent_again(
    emulator: Emulator, client: LootLockerClient, status: int, body: Any
) -> None:
    emulator.faults.add(Fault.error("leaderboards_get", status=status, body=body, times=2))
    assert (await client.leaderboards.get(BOARD)).key == BOARD
    assert len(emulator.record.received("leaderboards_get")) == 3


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 418])
async def test_what_the_service_refuses_is_not_sent_again(
    emulator: Emulator, client: LootLockerClient, status: int
) -> None:
    emulator.faults.add(Fault.error("leaderboards_*", status=status))
    for call in (_increment(client), client.leaderboards.get(BOARD)):
        with pytest.raises(Exception, match=f"status {status}"):
            await call
    assert len(emulator.record.received()) == 3


async def test_a_conflict_after_a_lost_answer_is_never_reached(emulator: Emulator, client: LootLockerClient) -> None:
    fields: dict[str, Any] = {"key": "new", "name": "New", "type": "generic", "direction_method": "descending"}
    emulator.faults.add(Fault.drop_after_execute("leaderboards_create", times=1))
    with pytest.raises(OutcomeUnknownError):
        await client.leaderboards.create(**fields)
    with pytest.raises(ConflictError):
        await client.leaderboards.create(**fields)


# ------------------------------------------------------------------------------------------- connections never made
@pytest.mark.parametrize(("operation", "call"), UNSAFE)
async def test_a_refused_connection_is_tried_again_for_unsafe_calls_too(operation: str, call: Call) -> None:
    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer(ENTRY if operation.endswith("score") else {**BOARD_CHANGES, "id": 1, "type": "generic"})

    events = Events()
    server = RawServer(respond, port=free_port())
    async with client_of(server, backoff_base=0.01, observers=(events,), retries=50) as client:
        task = asyncio.ensure_future(call(client))
        await until(lambda: len(events.of(RetryPlanned)) >= 2)
        async with server:
            await task
            assert len(server.seen()) == 1


async def test_a_connection_that_is_never_made_is_a_connect_error_with_its_history() -> None:
    async def respond(request: Request, wire: Wire) -> None: ...

    async with client_of(RawServer(respond, port=free_port()), retries=3) as client:
        with pytest.raises(ConnectError) as caught:
            await _increment(client)
    assert caught.value.sent is False
    assert caught.value.operation == "session_start"
    assert len(caught.value.attempts) == 4


async def test_a_refused_connection_after_the_login_never_makes_an_unsafe_call_unknown(
    emulator: Emulator, make: Make
) -> None:
    client = make(retries=2)
    await client.session.ping()
    await emulator.stop()
    connector = cast("aiohttp.TCPConnector", pool_of(client).transport._session.connector)
    await until(lambda: not any(protocol.is_connected() for kept in connector._conns.values() for protocol, _ in kept))
    with pytest.raises(ConnectError) as caught:
        await _increment(client)
    assert caught.value.operation == "leaderboards_increment_score"
    assert caught.value.sent is False
    assert len(caught.value.attempts) == 3


# ------------------------------------------------------------------------------------------------------- half answers
@pytest.mark.parametrize(("operation", "call"), UNSAFE)
@pytest.mark.parametrize("kind", [Fault.half_answer, Fault.wrong_content_length])
async def test_half_an_answer_of_success_says_that_an_unsafe_call_was_executed(
    emulator: Emulator, client: LootLockerClient, operation: str, call: Call, kind: Callable[..., Fault]
) -> None:
    emulator.faults.add(kind(operation))
    with pytest.raises(ResponseDecodeError) as caught:
        await call(client)
    assert caught.value.reason == "cut"
    assert caught.value.executed
    assert caught.value.status == 200
    assert "was executed" in str(caught.value)
    assert len(emulator.record.received(operation)) == 1
    check_idle(client)


@pytest.mark.parametrize("kind", [Fault.half_answer, Fault.wrong_content_length])
async def test_half_an_answer_to_a_safe_call_is_sent_for_again(
    emulator: Emulator, client: LootLockerClient, kind: Callable[..., Fault]
) -> None:
    emulator.faults.add(kind("leaderboards_*", times=1))
    assert len(await client.leaderboards.list_scores(BOARD)) == 3
    assert len(emulator.record.received("leaderboards_list_scores")) == 2
    check_idle(client)


async def test_an_answer_cut_short_by_its_own_length_is_a_decode_error_and_not_sent_again(
    emulator: Emulator, client: LootLockerClient
) -> None:
    emulator.faults.add(Fault.wrong_content_length("leaderboards_*", difference=-10))
    with pytest.raises(ResponseDecodeError) as caught:
        await _increment(client)
    assert (caught.value.reason, caught.value.executed) == ("json", True)
    assert len(emulator.record.received("leaderboards_increment_score")) == 1
    await client.session.ping()


async def test_retries_that_run_out_raise_the_last_error_with_the_history(emulator: Emulator, make: Make) -> None:
    client = make(retries=3)
    emulator.faults.add(
        Fault.error("leaderboards_get", status=500, times=1),
        Fault.drop_before_execute("leaderboards_get", times=1),
        Fault.error("leaderboards_get", status=502, times=1),
        Fault.rate_limited("leaderboards_get"),
    )
    with pytest.raises(RateLimitedError) as caught:
        await client.leaderboards.get(BOARD)
    history = [(attempt.number, attempt.status, attempt.error) for attempt in caught.value.attempts]
    assert history == [(1, 500, ""), (2, None, "ConnectionLostError"), (3, 502, ""), (4, 429, "")]
    starts = [attempt.started for attempt in caught.value.attempts]
    assert starts == sorted(starts)
    assert "4 attempts" in str(caught.value)


async def test_no_retries_means_one_attempt(emulator: Emulator, make: Make) -> None:
    client = make(retries=0)
    emulator.faults.add(Fault.error("leaderboards_get", status=500))
    with pytest.raises(ServerError) as caught:
        await client.leaderboards.get(BOARD)
    assert len(caught.value.attempts) == 1
    assert len(emulator.record.received("leaderboards_get")) == 1
