"""Misbehaviour on demand, and the record of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import parsedate_to_datetime
from random import Random

import aiohttp
import pytest

from lootlocker_async.emulator import Emulator, Fault, FaultKind, Faults
from lootlocker_async.routes import LEADERBOARDS_INCREMENT_SCORE, SESSION_PING, SESSION_START, all_routes

INCREMENT = "/leaderboards/board/increment"
AMOUNT = {"member_id": "a", "amount": 1}


@pytest.fixture
def board(emulator):
    emulator.world.add_leaderboard("board")
    return "board"


def last(emulator):
    return emulator.record.received()[-1]


async def test_a_drop_before_executing(api, emulator, board):
    emulator.faults.add(Fault.drop_before_execute("leaderboards_increment_score", times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api("POST", INCREMENT, json=AMOUNT)
    call = last(emulator)
    assert (call.executed, call.status, call.fault, call.body) == (False, None, "drop_before_execute", AMOUNT)
    assert (await api.ok("POST", INCREMENT, json=AMOUNT))["score"] == 1
    assert last(emulator).fault is None
    assert emulator.faults.active == ()


async def test_a_drop_after_executing(api, emulator, board):
    emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api("POST", INCREMENT, json=AMOUNT)
    assert (last(emulator).executed, last(emulator).status) == (True, None)
    assert emulator.world.score("board", "a") == 1
    assert len(emulator.record.executed("leaderboards_increment_score")) == 1


async def test_a_refused_call_is_not_executed(api, emulator, board):
    emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api("POST", "/leaderboards/nowhere/increment", json=AMOUNT)
    assert last(emulator).executed is False


@pytest.mark.parametrize(
    ("fault", "retry_after"),
    [
        (Fault.rate_limited("POST", times=1), None),
        (Fault.rate_limited("POST", retry_after=7, times=1), "7"),
        (Fault.unavailable("leaderboards", times=1), None),
        (Fault.unavailable("leaderboards", retry_after=0, times=1), "0"),
        (Fault.error("leaderboards_*", status=500, times=1), None),
    ],
)
async def test_errors(api, emulator, board, fault, retry_after):
    emulator.faults.add(fault)
    reply = await api("POST", INCREMENT, json=AMOUNT)
    assert (reply.status, reply.headers.get("Retry-After")) == (fault.status, retry_after)
    assert (last(emulator).executed, last(emulator).status) == (False, fault.status)
    assert last(emulator).fault == fault.kind


async def test_a_date_to_retry_after(api, emulator):
    emulator.faults.add(Fault.rate_limited(retry_after_date=90, times=1))
    reply = await api("GET", "/ping")
    dates = [parsedate_to_datetime(reply.headers[name]) for name in ("Date", "Retry-After")]
    assert dates[1] - dates[0] == timedelta(seconds=90)
    assert dates[0] == emulator.clock.now().replace(microsecond=0)


@pytest.mark.parametrize("fault", [Fault.error(status=502, after_execute=True), Fault.unavailable(after_execute=True)])
async def test_an_error_after_executing(api, emulator, board, fault):
    emulator.faults.add(fault)
    async with api.session.post(emulator.base_url + INCREMENT, json=AMOUNT, headers=api.headers) as response:
        assert response.status == fault.status
    assert last(emulator).executed is True


@pytest.mark.parametrize(("body", "content_type"), [("html", "text/html"), ("empty", "application/octet-stream")])
async def test_errors_without_json(api, emulator, body, content_type):
    emulator.faults.add(Fault.error(status=502, body=body))
    async with api.session.get(emulator.base_url + "/ping", headers=api.headers) as response:
        text = await response.text()
        assert (response.status, response.content_type) == (502, content_type)
    assert ("<h1>502</h1>" in text) is (body == "html")


async def test_garbage(api, emulator, board):
    emulator.faults.add(Fault.garbage())
    async with api.session.post(emulator.base_url + INCREMENT, json=AMOUNT, headers=api.headers) as response:
        assert (response.status, response.content_type) == (200, "application/json")
        with pytest.raises(UnicodeDecodeError):
            (await response.read()).decode()
    assert emulator.world.score("board", "a") == 1


@pytest.mark.parametrize("fault", [Fault.half_answer(), Fault.wrong_content_length(difference=5)])
async def test_an_answer_that_breaks_off(api, emulator, fault):
    emulator.faults.add(fault)
    async with api.session.get(emulator.base_url + "/ping", headers=api.headers) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_a_content_length_too_short(api, emulator):
    emulator.faults.add(Fault.wrong_content_length(difference=-5, times=1))
    async with api.session.get(emulator.base_url + "/ping", headers=api.headers) as response:
        assert not (await response.read()).endswith(b"}")
    await api.ok("GET", "/ping")


async def test_a_client_that_leaves_a_slow_body(api, emulator):
    emulator.faults.add(Fault.slow_body(seconds=0.01))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.03):
            await api("GET", "/ping")
    await asyncio.sleep(0.1)
    emulator.faults.clear()
    await api.ok("GET", "/ping")


async def test_stopping_drops_what_is_under_way(clock):
    async with aiohttp.ClientSession() as session:
        async with Emulator(clock=clock) as emulator:
            emulator.faults.add(Fault.latency(seconds=60))
            task = asyncio.create_task(session.get(f"{emulator.base_url}/ping"))
            while not len(emulator.record):  # noqa: ASYNC110 - a record has no event
                await asyncio.sleep(0)
        with pytest.raises(aiohttp.ClientError):
            await task


async def test_a_token_that_expires(api, emulator):
    emulator.faults.add(Fault.expire_token(times=1))
    token = await api.login()
    await api.refused("GET", "/ping", 401)
    assert emulator.faults.active == ()
    assert await api.login() != token
    await api.ok("GET", "/ping")


def make(seed=1):
    return Faults(Random(seed), all_routes(), lambda operation: operation.partition("_")[0])


def test_which_calls_a_fault_meets():
    for match, route, met in (
        ("*", SESSION_START, True),
        ("session", SESSION_PING, True),
        ("GET", SESSION_PING, True),
        ("POST", SESSION_PING, False),
        ("leaderboards_*", SESSION_PING, False),
        (("players", "session_p*"), SESSION_PING, True),
    ):
        faults = make()
        faults.add(Fault.garbage(match))
        assert (faults.pick(route)[1] is not None) is met


def test_a_token_cannot_expire_where_none_is_sent():
    with pytest.raises(ValueError, match="session_start"):
        make().add(Fault.expire_token("session_start"))


def test_the_first_fault_wins_and_the_others_keep_their_times():
    faults = make()
    first, second = Fault.garbage(times=2), Fault.half_answer(times=1)
    faults.add(first, second)
    assert [faults.pick(SESSION_PING)[1] for _ in range(4)] == [first, first, second, None]


def test_a_fault_can_be_used_again_and_switched_off():
    faults = make()
    fault = Fault.garbage(times=1)
    for _ in range(2):
        faults.add(fault)
        assert faults.pick(SESSION_PING)[1] is fault
    faults.add(fault)
    faults.remove(fault)
    assert faults.active == ()


def test_chance_follows_the_seed():
    def run(seed):
        faults = make(seed)
        faults.add(Fault.garbage(probability=0.3))
        return [faults.pick(LEADERBOARDS_INCREMENT_SCORE)[1] is not None for _ in range(300)]

    assert run(5) == run(5)
    assert run(5) != run(6)
    assert 60 < sum(run(5)) < 120
    never = make()
    never.add(Fault.garbage(probability=0))
    assert never.pick(SESSION_PING) == (0, None)


def test_faults_that_make_no_sense():
    with pytest.raises(ValueError, match="no call matches"):
        make().add(Fault.garbage("leaderboard_*"))
    with pytest.raises(ValueError, match="probability"):
        Fault.garbage(probability=2)
    with pytest.raises(ValueError, match="times"):
        Fault.garbage(times=0)


async def test_the_record(api, emulator, board):
    headers = {"x-request-id": "abc-1"}
    await api("POST", INCREMENT + "?x=1", json=AMOUNT, headers=headers)
    await api("GET", "/nowhere")
    await api("GET", "/leaderboards")
    call, nowhere, boards = emulator.record.received()[-3:]
    assert (call.operation, call.verb, call.path, call.query) == (
        "leaderboards_increment_score", "POST", "/server" + INCREMENT, "x=1",
    )  # fmt: skip
    assert (call.body, call.status, call.executed, call.received_at) == (AMOUNT, 400, False, emulator.clock.now())
    assert call.headers["x-request-id"] == "abc-1"
    assert call.headers["LL-Version"] == "2021-03-01"
    assert (nowhere.operation, nowhere.status) == (None, 404)
    assert (boards.executed, boards.body) == (True, None)
    assert emulator.record.executed("leaderboards_list") == [boards]
    assert list(emulator.record)[-1] is boards
    emulator.record.clear()
    assert len(emulator.record) == 0


async def test_a_record_with_a_limit_keeps_the_latest_calls(clock):
    async with Emulator(clock=clock, record_limit=2) as emulator, aiohttp.ClientSession() as session:
        for path in ("/a", "/b", "/c"):
            async with session.get(emulator.base_url + path) as response:
                assert response.status == 404
        assert [call.path for call in emulator.record] == ["/server/b", "/server/c"]


async def test_a_body_that_is_no_json_is_recorded_as_none(api, emulator, board):
    headers = {"Content-Type": "application/json"}
    await api.refused("POST", INCREMENT, 400, data=b"\xff", headers=headers)
    assert last(emulator).body is None


async def test_a_body_that_is_far_too_long(api, emulator, board, monkeypatch):
    monkeypatch.setattr("lootlocker_async.emulator.server._MAX_BODY", 1000)
    async with api.session.post(emulator.base_url + INCREMENT, data=b" " * 5000, headers=api.headers) as response:
        assert (response.status, (await response.json())["code"]) == (413, "payload_too_large")
    assert last(emulator).executed is False


async def test_no_secret_is_recorded_or_logged(api, emulator, caplog):
    caplog.set_level("DEBUG")
    token = await api.login()
    players_token = emulator.world.add_game_session(emulator.world.add_player())
    await api.ok("POST", "/player/info/token", json={"tokens": [players_token, "x"]})
    for kind in (FaultKind.GARBAGE, FaultKind.DROP_AFTER_EXECUTE):
        emulator.faults.add(Fault(kind=kind, match="session_start", times=1))
        with pytest.raises((aiohttp.ClientError, ValueError, AssertionError)):
            await api.login()
    shown = "".join(
        [repr(list(emulator.record)), repr(emulator), repr(emulator.record), repr(emulator.game.settings), caplog.text]
    )
    for secret in (token, emulator.server_key, players_token):
        assert secret not in shown
    assert emulator.record.received("players_lookup_session_tokens")[0].body == {"tokens": ["<hidden>", "<hidden>"]}


async def test_no_handler_outlives_the_emulator():
    async with Emulator() as emulator:
        emulator.faults.add(Fault.latency("session_start", seconds=60))
        async with aiohttp.ClientSession() as session:
            calling = asyncio.create_task(
                session.post(f"{emulator.base_url}/session", headers={"x-server-key": emulator.server_key}, json={})
            )
            while not emulator.record.received():  # noqa: ASYNC110  (the record has no event to wait for)
                await asyncio.sleep(0)
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
    assert asyncio.all_tasks() == {asyncio.current_task()}
