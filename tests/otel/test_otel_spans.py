"""The spans of calls on the emulator: one for a call, one below it for each attempt, all in the caller's trace."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.semconv.attributes import error_attributes, http_attributes, server_attributes, url_attributes
from opentelemetry.trace import SpanKind, StatusCode

from lootlocker_async import LootLockerClient, NotFoundError, OutcomeUnknownError, RequestTimeoutError, bulk
from lootlocker_async.core.observers import AttemptStarted, PageAhead
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, Events, client_of, token_of, until
from tests.integration.raw import RawServer, Request, Wire
from tests.otel.sink import Sink, id_of, told, trace_of

Make = Callable[..., LootLockerClient]
GET = "GET /server/leaderboards/{leaderboard_key}"
LIST = "GET /server/leaderboards/{leaderboard_key}/list"


async def warm(client: LootLockerClient, sink: Sink) -> None:
    """Log in, so that what comes after stands alone."""
    await client.session.ping()
    sink.clear()


def failed(span: ReadableSpan) -> bool:
    return span.status.status_code is StatusCode.ERROR


async def test_a_call_and_its_attempt(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    with client.trace() as calls:
        await client.leaderboards.get(BOARD)
    call, attempt = sink.spans
    assert (call.name, call.kind, call.parent) == ("leaderboards_get", SpanKind.INTERNAL, None)
    assert told(call) == {
        "lootlocker.operation": "leaderboards_get",
        "lootlocker.outcome": "ok",
        "lootlocker.attempts": 1,
        "lootlocker.request_id": calls[0].request_id,
        "lootlocker.trace_id": calls[0].trace_id,
        "http.response.status_code": 200,
    }
    assert (attempt.name, attempt.kind) == (GET, SpanKind.CLIENT)
    assert attempt.parent is not None
    assert attempt.parent.span_id == id_of(call)
    assert told(attempt) == {
        "lootlocker.operation": "leaderboards_get",
        http_attributes.HTTP_REQUEST_METHOD: "GET",
        http_attributes.HTTP_RESPONSE_STATUS_CODE: 200,
        url_attributes.URL_FULL: f"{emulator.base_url}/leaderboards/{BOARD}",
        "url.template": "/server/leaderboards/{leaderboard_key}",
        server_attributes.SERVER_ADDRESS: "127.0.0.1",
        server_attributes.SERVER_PORT: int(emulator.base_url.rpartition(":")[2].partition("/")[0]),
        "network.protocol.version": "1.1",
        "lootlocker.request_id": calls[0].attempts[0].request_id,
        "lootlocker.trace_id": calls[0].trace_id,
    }
    assert not failed(call)
    assert not failed(attempt)
    assert call.instrumentation_scope is not None
    assert call.instrumentation_scope.name == "lootlocker_async"


async def test_a_call_that_is_sent_again(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    emulator.faults.add(Fault.error("leaderboards_get", status=503, times=1))
    emulator.faults.add(Fault.drop_before_execute("leaderboards_get", times=1))
    await client.leaderboards.get(BOARD)
    call, *attempts = sink.spans
    assert sink.children(call) == attempts
    keys = ("http.response.status_code", error_attributes.ERROR_TYPE, http_attributes.HTTP_REQUEST_RESEND_COUNT)
    assert [tuple(told(span).get(key) for key in (*keys, "lootlocker.retry.reason")) for span in attempts] == [
        (503, "503", None, None),
        (None, "ConnectionLostError", 1, "ServiceUnavailableError"),
        (200, None, 2, "ConnectionLostError"),
    ]
    assert [failed(span) for span in attempts] == [True, True, False]
    assert len({told(span)["lootlocker.request_id"] for span in attempts}) == 3
    assert [(event.name, (event.attributes or {})["lootlocker.retry.reason"]) for event in call.events] == [
        ("lootlocker.retry_planned", "ServiceUnavailableError"),
        ("lootlocker.retry_planned", "ConnectionLostError"),
    ]
    assert told(call)["lootlocker.attempts"] == 3
    assert not failed(call), "in the end it succeeded"


async def test_a_call_that_is_refused(make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    with pytest.raises(NotFoundError):
        await client.leaderboards.get("nowhere")
    call, attempt = sink.spans
    assert told(call)["lootlocker.outcome"] == told(call)["error.type"] == "NotFoundError"
    assert (told(attempt)["error.type"], told(attempt)["http.response.status_code"]) == ("404", 404)
    assert failed(call)
    assert failed(attempt)
    assert call.status.description is None, "what the service says stays out"
    assert not call.events


async def test_an_outcome_that_nobody_knows(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.leaderboards.increment_score(BOARD, member_id="team-7", amount=5)
    call, attempt = sink.spans
    assert told(call)["lootlocker.outcome"] == told(call)["error.type"] == "OutcomeUnknownError"
    assert told(attempt)["error.type"] == "ConnectionLostError"
    (event,) = call.events
    assert event.name == "lootlocker.outcome_unknown"
    assert dict(event.attributes or {}) == {"lootlocker.request_id": caught.value.request_id}
    assert sink.counted("lootlocker.client.outcomes.unknown", "lootlocker.operation") == {
        "leaderboards_increment_score": 1
    }


@pytest.mark.parametrize("operation", ["leaderboards_get", "leaderboards_increment_score"])
async def test_a_call_that_is_cancelled(operation: str, emulator: Emulator, make: Make, sink: Sink) -> None:
    events = Events()
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    emulator.faults.add(Fault.latency(operation, seconds=30))
    client.observe(events)
    safe = operation == "leaderboards_get"
    board = client.leaderboards
    work = board.get(BOARD) if safe else board.increment_score(BOARD, member_id="team-7", amount=5)
    task = asyncio.ensure_future(work)
    await until(lambda: len(emulator.record) == 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    call, attempt = sink.spans
    assert told(call)["lootlocker.outcome"] == told(attempt)["error.type"] == "cancelled"
    assert failed(attempt)
    assert failed(call) is not safe, "a read that nobody wants any more is no failure"
    assert told(call).get("error.type") == (None if safe else "OutcomeUnknownError")
    assert [event.name for event in call.events] == ([] if safe else ["lootlocker.outcome_unknown"])


async def test_a_call_that_never_goes_out(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make(max_in_flight=1)
    sink.instrument(client)
    await warm(client, sink)
    emulator.faults.add(Fault.latency("leaderboards_get", seconds=30))
    other = asyncio.create_task(client.leaderboards.get(BOARD))
    await until(lambda: len(emulator.record) == 3)
    with pytest.raises(RequestTimeoutError):
        await client.with_options(timeout=0.01).session.ping()
    other.cancel()
    await asyncio.wait([other])
    call = sink.one("session_ping")
    assert not sink.children(call)
    assert told(call)["lootlocker.attempts"] == 0
    assert "lootlocker.request_id" not in told(call)
    (event,) = call.events
    assert (event.name, (event.attributes or {})["lootlocker.wait.reason"]) == ("lootlocker.waited", "in_flight")


# --------------------------------------------------------------------------------------------------- whose trace it is
async def test_calls_are_the_callers(make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    tracer = sink.tracers.get_tracer("the user's")
    with tracer.start_as_current_span("match") as match:
        await client.leaderboards.get(BOARD)
        assert trace.get_current_span() is match, "what was current before is current after"
        async with asyncio.TaskGroup() as tasks:
            for number in range(3):
                tasks.create_task(client.leaderboards.submit_score(BOARD, member_id=f"team-{number}", score=1))
    assert not trace.get_current_span().is_recording()
    own = sink.one("match")
    assert {span.name for span in sink.children(own)} == {"leaderboards_get", "leaderboards_submit_score"}
    assert len(sink.children(own)) == 4
    assert {trace_of(span) for span in sink.spans} == {trace_of(own)}


async def test_a_login_belongs_to_the_call_that_needed_it(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    first, second = await asyncio.gather(client.leaderboards.get(BOARD), client.session.ping())
    assert (first.key, bool(second.pong), emulator.logins) == (BOARD, True, 1)
    login = sink.one("session_start")
    assert [span.name for span in sink.children(login)] == ["POST /server/session"]
    assert login.parent is not None
    assert login.parent.span_id == id_of(sink.one("leaderboards_get"))
    for name in ("leaderboards_get", "session_ping"):
        (event,) = sink.one(name).events
        assert (event.name, (event.attributes or {})["lootlocker.wait.reason"]) == ("lootlocker.waited", "login")


async def test_a_token_that_has_expired(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    emulator.expire_tokens()
    await client.session.ping()
    call = sink.one("session_ping")
    refused, login, again = sink.children(call)
    assert (told(refused)["error.type"], login.name) == ("401", "session_start")
    assert told(again)["http.request.resend_count"] == 1
    assert told(again)["lootlocker.retry.reason"] == "AuthenticationError"


async def test_a_ping_of_the_client_itself_belongs_to_nobody(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make(token_lifetime=0.01)
    sink.instrument(client)
    with sink.tracers.get_tracer("the user's").start_as_current_span("match"), client.trace() as calls:
        await client.leaderboards.get(BOARD)
    await until(lambda: sink.named("session_ping"))
    ping = sink.named("session_ping")[0]
    assert ping.parent is None
    assert trace_of(ping) != trace_of(sink.one("match"))
    assert {call.operation for call in calls} == {"session_start", "leaderboards_get"}


async def test_pages_ahead_are_the_readers(emulator: Emulator, make: Make, sink: Sink) -> None:
    events = Events()
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    client.observe(events)
    with sink.tracers.get_tracer("the user's").start_as_current_span("report"):
        async for entry in client.leaderboards.list_scores(BOARD, page_size=10):
            if entry.rank == 11:
                await until(lambda: len(emulator.record) == 5)
                break
    gc.collect()
    await until(lambda: len(events.of(PageAhead)) == 2)
    used, left = events.of(PageAhead)
    assert used.fate == "used"
    assert left.fate in {"unused", "recalled"}
    await until(lambda: len(sink.named("leaderboards_list_scores")) == 3)
    assert len(sink.children(sink.one("report"))) == 3
    outcomes = [told(span)["lootlocker.outcome"] for span in sink.named("leaderboards_list_scores")]
    assert outcomes[:2] == ["ok", "ok"]
    assert all("?" not in told(span)["url.full"] for span in sink.named(LIST)), "a query may name a player"


async def test_the_parts_of_a_batch_are_the_callers(emulator: Emulator, make: Make, sink: Sink) -> None:
    ids = emulator.world.add_players(f"Player {number}" for number in range(500))
    client = make()
    sink.instrument(client)
    with sink.tracers.get_tracer("the user's").start_as_current_span("names"):
        found = await client.players.lookup_names(player_id=ids)
    assert len(found.players) == 500
    children = sink.children(sink.one("names"))
    assert len(children) > 1
    assert {span.name for span in children} == {"players_lookup_names"}


async def test_the_calls_of_a_bulk_job_are_the_callers(emulator: Emulator, make: Make, sink: Sink) -> None:
    ids = emulator.world.add_players(f"Player {number}" for number in range(5))
    client = make()
    sink.instrument(client)
    with sink.tracers.get_tracer("the user's").start_as_current_span("inventories"):
        results = [result async for result in bulk.map(client.inventories.list_for_player, ids, concurrency=2)]
    assert [result.error for result in results] == [None] * 5
    assert [span.name for span in sink.children(sink.one("inventories"))] == ["inventories_list_for_player"] * 5


# ----------------------------------------------------------------------------------------------------- what stays out
async def test_no_secret_is_in_a_span_or_a_metric(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    emulator.faults.add(Fault.error("players_lookup_session_tokens", status=500, times=1))
    await client.players.lookup_session_tokens(tokens=["a-players-session-token"])
    with pytest.raises(NotFoundError):
        await client.request("GET", "/nowhere", params={"token": "a-secret-of-the-user"})
    shown = "".join(span.to_json() for span in sink.spans) + repr([metric.data for metric in sink.metrics()])
    assert "players_lookup_session_tokens" in shown
    secrets = ("a-players-session-token", "a-secret-of-the-user", emulator.server_key, token_of(client))
    assert not [secret for secret in secrets if secret in shown]


async def test_a_raw_path_names_neither_span_nor_metric(make: Make, sink: Sink) -> None:
    client = make()
    sink.instrument(client)
    await warm(client, sink)
    await client.request("GET", f"/leaderboards/{BOARD}")
    call, attempt = sink.spans
    assert (call.name, attempt.name) == ("request", "GET")
    assert told(attempt)["url.full"].endswith(f"/leaderboards/{BOARD}")
    assert "url.template" not in told(attempt)
    assert BOARD not in repr([metric.data for metric in sink.metrics()])


# ------------------------------------------------------------------------------------------------------- the service
@pytest.mark.parametrize("propagate", [False, True])
async def test_the_context_travels_only_when_asked_to(propagate: bool, sink: Sink) -> None:
    headers: list[dict[str, str]] = []

    async def respond(request: Request, wire: Wire) -> None:
        headers.append(dict(request.headers))
        await wire.answer({"pong": "now"}, status=503 if len(headers) == 1 else 200)

    async with RawServer(respond) as server, client_of(server) as client:
        sink.instrument(client, propagate=propagate)
        await client.session.ping()
    attempts = sink.children(sink.one("session_ping"))[1:]
    sent = [it.get("traceparent") for it in headers]
    if not propagate:
        assert set(sent) == {None}
        return
    assert [text[:53] for text in sent if text] == [f"00-{trace_of(it):032x}-{id_of(it):016x}-" for it in attempts]


async def test_an_observer_adds_what_a_header_can_carry_and_replaces_nothing() -> None:
    headers: list[dict[str, str]] = []

    async def respond(request: Request, wire: Wire) -> None:
        headers.append(dict(request.headers))
        await wire.answer({"pong": "now"})

    def add(event: object) -> None:
        if isinstance(event, AttemptStarted):
            event.headers.update({"X-Own": "yes", "X-Auth-Token": "mine", "LL-Version": "x", "Host": "elsewhere"})
            event.headers.update({"X-Broken": "a\r\nb: c", "bad name": "x", "X-Number": 1})  # type: ignore[dict-item]

    async with RawServer(respond) as server, client_of(server, observers=(add,)) as client:
        await client.session.ping()
        token = token_of(client)
    (found,) = headers
    assert found["x-own"] == "yes"
    assert (found["x-auth-token"], found["ll-version"]) == (token, "2021-03-01")
    assert "elsewhere" not in found["host"]
    assert not {"x-broken", "bad name", "b", "x-number"} & set(found)
