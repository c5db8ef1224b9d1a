"""The admin API: its own prefix, its own key, and what it does to the emulator."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import aiohttp
import attrs
import jsonschema_rs
import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Clock, Emulator, Fault, seeds
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.fault_documents import fault_constructors, fault_of
from tests.emulator.rich_world import RICH

KEY = "an-admin-key"


@attrs.frozen
class AdminClient:
    emulator: Emulator
    session: aiohttp.ClientSession

    async def __call__(self, verb, path, document=None, *, status=200, data=None, key=KEY):
        headers = {} if key is None else {"x-admin-key": key}
        url = self.emulator.admin_url + path
        async with self.session.request(verb, url, json=document, data=data, headers=headers) as response:
            answer = await response.json()
            assert response.status == status, answer
            if status >= 400:
                assert {"code", "message", "doc_url", "request_id", "trace_id"} <= answer.keys()
                assert response.headers["x-request-id"] == answer["request_id"]
            return answer


@pytest.fixture
async def emulator():
    async with Emulator(clock=Clock(datetime(2026, 7, 14, 9, tzinfo=UTC), frozen=True), admin_key=KEY) as emulator:
        yield emulator


@pytest.fixture
async def admin(emulator):
    async with aiohttp.ClientSession() as session:
        yield AdminClient(emulator, session)


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url, retries=0) as client:
        yield client


async def test_there_is_none_without_a_key():
    async with Emulator() as emulator, aiohttp.ClientSession() as session:
        with pytest.raises(RuntimeError, match="admin_key"):
            _ = emulator.admin_url
        root = emulator.base_url.removesuffix("/server")
        for key in ("", emulator.server_key):
            async with session.get(f"{root}/_emulator/world", headers={"x-admin-key": key}) as response:
                assert response.status == 404
        assert [call.path for call in emulator.record] == ["/_emulator/world"] * 2


@pytest.mark.parametrize("key", ["", "the-server-key"])
def test_its_key_is_a_key_of_its_own(key):
    with pytest.raises(ValueError, match="a key of its own"):
        Emulator(server_key="the-server-key", admin_key=key)


@pytest.mark.parametrize("key", [None, "", "ü", "dev_emulator_key_0123456789abcdef"])
async def test_nothing_goes_without_the_key_but_health(admin, emulator, key):
    for verb, path in [("GET", "/world"), ("DELETE", "/world"), ("GET", "/no/such/address"), ("GET", "/")]:
        assert (await admin(verb, path, key=key, status=401))["code"] == "unauthorized"
    assert await admin("GET", "/health", key=key) == {"status": "ok", "now": "2026-07-14T09:00:00Z", "requests": 0}


async def test_addresses_that_there_are_not(admin):
    assert (await admin("GET", "/nothing", status=404))["code"] == "not_found"
    assert (await admin("GET", "/nothing/7", status=404))["code"] == "not_found"
    assert (await admin("PUT", "/clock", status=405))["message"] == "This address takes GET, POST"
    assert (await admin("GET", "/faults/1", status=405))["message"] == "This address takes DELETE"


async def test_a_world_is_made_read_and_taken_away(admin, client, emulator):
    schema = await admin("GET", "/schema")
    assert schema == json.loads(json.dumps(seeds.schema()))
    made = await admin("POST", "/world", RICH)
    assert (made["made"]["players"], made["made"]["equipment"]) == ([1001, 1002], [None])
    assert [board.key async for board in client.leaderboards.list()] == ["weekly", "guilds"]
    world = await admin("GET", "/world")
    assert world == json.loads(json.dumps(seeds.export(emulator.game)))
    jsonschema_rs.validate(schema, world)
    assert (await admin("GET", "/world?kinds=accounts,currencies")).keys() == {"version", "accounts", "currencies"}

    await admin("DELETE", "/world")
    assert await admin("GET", "/world") == {"version": 1}
    # The server's token is still alive.
    assert await client.leaderboards.list().collect() == []
    assert emulator.logins == 1
    await admin("POST", "/world", world)
    assert await admin("GET", "/world") == world


async def test_a_world_that_is_refused(admin, emulator):
    document = {"players": [{"name": "Aurelia"}], "leaderboards": [{"key": "a"}, {"key": "a"}]}
    refused = await admin("POST", "/world", document, status=400)
    assert refused["param"] == "leaderboards[1].key"
    assert "exists already" in refused["message"]
    assert "param" not in await admin("POST", "/world", [1], status=400)
    assert "line 1" in (await admin("POST", "/world", data="{", status=400))["message"]
    assert "UTF-8" in (await admin("POST", "/world", data=b'"\xff"', status=400))["message"]
    assert (await admin("GET", "/world?kinds=itms", status=400))["param"] == "itms"
    assert seeds.export(emulator.game) == {"version": 1}


async def test_what_a_world_does_besides(admin, emulator):
    made = await admin("POST", "/world/generate", {"players": 2, "scores": 3, "seed": 7})
    assert (made["result"]["board_key"], len(made["result"]["board_players"])) == ("weekly_arena", 3)
    player = made["result"]["board_players"][0]
    asset = made["result"]["asset_ids"][0]
    order = {"player_id": player, "products": [{"asset_id": asset}]}
    (number,) = (await admin("POST", "/world", {"orders": [order]}))["made"]["orders"]
    had = emulator.world.inventory_size(player)
    await admin("POST", "/world/set_order_status", {"order_id": number, "status": "succeeded"})
    assert emulator.world.inventory_size(player) == had + 1
    refused = await admin("POST", "/world/set_order_status", {"order_id": str(number), "status": "open"}, status=400)
    assert refused["param"] == "order_id"
    await admin("POST", "/world/set_order_status", {"order_id": number + 1, "status": "open"}, status=404)
    await admin("POST", "/world/generate", {"players": "many"}, status=400)


async def test_the_clock(admin, emulator):
    assert await admin("GET", "/clock") == {"now": "2026-07-14T09:00:00Z", "frozen": True}
    assert await admin("POST", "/clock", {"advance": 1.5}) == {"now": "2026-07-14T09:00:01.500000Z", "frozen": True}
    moved = await admin("POST", "/clock", {"frozen": False, "set": "2030-01-01T01:00:00+01:00"})
    assert moved["now"].startswith("2030-01-01T00:00:0")
    assert not moved["frozen"]
    at = {"frozen": True, "set": "2020-02-02T00:00:00", "advance": 60}
    assert await admin("POST", "/clock", at) == {"now": "2020-02-02T00:01:00Z", "frozen": True}
    for change in (
        {"advance": -1}, {"advance": 1e30}, {"set": "tomorrow"}, {"set": "1969-12-31T23:59:59Z"}, {"to": 1}, [],
        {"frozen": False, "advance": 1e300}, {"set": 5},
    ):  # fmt: skip
        await admin("POST", "/clock", change, status=400)
    assert emulator.clock.now() == datetime(2020, 2, 2, 0, 1, tzinfo=UTC)
    assert emulator.clock.is_frozen


async def test_what_is_due_happens_when_the_clock_moves(admin, emulator):
    await admin("POST", "/world", {
        "players": [{"player_id": 1}], "leaderboards": [{"key": "weekly", "type": "player"}],
        "leaderboard_schedules": [{"leaderboard_key": "weekly", "cron_expression": "0 0 * * 1"}],
        "scores": [{"key": "weekly", "scores": [["1", 10]]}],
    })  # fmt: skip
    await admin("POST", "/clock", {"advance": 8 * 86400})
    (archive,) = (await admin("GET", "/world?kinds=leaderboard_archives"))["leaderboard_archives"]
    assert [score["score"] for score in archive["scores"]] == [10]


async def test_tokens_expire(admin, client, emulator):
    await client.leaderboards.list().collect()
    assert await admin("POST", "/tokens/expire") == {"expired": 1}
    await client.leaderboards.list().collect()
    assert emulator.logins == 2


async def test_faults_are_switched_on_and_off(admin, client, emulator):
    emulator.faults.add(Fault.latency("oauth", seconds=0.0))
    one = {"fault": "rate_limited", "match": "leaderboards_*", "retry_after": 0, "times": 1}
    added = await admin("POST", "/faults", one)
    assert added["faults"] == [
        {"id": 1, "kind": "rate_limited", "match": ["leaderboards_*"], "times": 1, "status": 429, "retry_after": "0"}
    ]
    slow = {"fault": "slow_body", "seconds": 0, "pieces": 2}
    improbable = {"fault": "garbage", "match": ["GET", "POST"], "probability": 0}
    more = await admin("POST", "/faults", [slow, improbable])
    assert [fault["id"] for fault in more["faults"]] == [2, 3]
    assert [fault["id"] for fault in (await admin("GET", "/faults"))["faults"]] == [4, 1, 2, 3]
    with pytest.raises(Exception, match="rate_limited"):
        await client.leaderboards.list()
    await client.leaderboards.list()
    assert [fault["id"] for fault in (await admin("GET", "/faults"))["faults"]] == [4, 2, 3]
    await admin("DELETE", "/faults/2")
    assert (await admin("DELETE", "/faults/2", status=404))["param"] == "id"
    assert [fault["kind"] for fault in (await admin("GET", "/faults"))["faults"]] == ["latency", "garbage"]
    await admin("DELETE", "/faults")
    assert emulator.faults.active == ()


@pytest.mark.parametrize(
    ("document", "param", "told"),
    [
        (7, None, "a mapping"),
        ({}, "fault", "fault is one of drop_after_execute"),
        ({"fault": "meets"}, "fault", "fault is one of"),
        ({"fault": "error", "statas": 500}, None, "statas"),
        ({"fault": "error", "body": "xml"}, "body", "xml"),
        ({"fault": "error", "times": 0}, None, "times"),
        ({"fault": "latency"}, None, "seconds"),
        ({"fault": "latency", "seconds": 1, "probability": 2}, None, "between 0 and 1"),
        ({"fault": "error", "match": "nothing_*"}, "match", "no call matches nothing_"),
        ([{"fault": "garbage"}, {"fault": "garbage", "match": 5}], "match", "5 is not"),
    ],
)
async def test_faults_that_are_refused(admin, emulator, document, param, told):
    refused = await admin("POST", "/faults", document, status=400)
    assert refused.get("param") == param
    assert told in refused["message"]
    assert emulator.faults.active == ()


def test_every_fault_can_be_asked_for():
    needed = {"seconds": 0.5, "most": 2.0}
    for name, make in fault_constructors().items():
        arguments = {"fault": name, "match": "GET", "times": 3, "probability": 0.5}
        try:
            fault = fault_of(arguments)
        except ServiceError:
            keys = ("seconds", "most") if name.startswith("uniform") else ("seconds",)
            further = {key: needed[key] for key in keys}
            fault = fault_of({**arguments, **further})
            assert fault.seconds == make("GET", **further).seconds
        assert (fault.match, fault.times, fault.probability) == (("GET",), 3, 0.5)


async def test_the_rate_limit(admin, client, emulator):
    assert await admin("GET", "/rate-limit") == {"rate_limit": None}
    limit = {"per_second": 0.001, "burst": 2, "retry_after": None}
    answer = await admin("POST", "/rate-limit", limit)
    assert answer["rate_limit"] == {**limit, "per": "server", "clock": "real"}
    await client.leaderboards.list()
    with pytest.raises(Exception, match="rate_limited"):
        await client.leaderboards.list()
    for wrong in ({"per_second": 0}, {"per_second": "5"}, {}, {"per_second": 1, "per": "player"}):
        await admin("POST", "/rate-limit", wrong, status=400)
    await admin("DELETE", "/rate-limit")
    assert emulator.rate_limit is None
    await client.leaderboards.list()
    assert (await admin("GET", "/record"))["calls"][-2]["rate_limited"]


async def test_the_record(admin, client, emulator):
    emulator.world.add_leaderboard("weekly")
    await client.leaderboards.submit_score("weekly", member_id="a", score=5)
    with pytest.raises(Exception, match="not_found"):
        await client.leaderboards.submit_score("monthly", member_id="a", score=5)
    record = await admin("GET", "/record")
    assert (record["total"], record["logins"], record["failed_logins"]) == (3, 1, 0)
    assert [call["operation"] for call in record["calls"]] == ["session_start", *["leaderboards_submit_score"] * 2]
    first = record["calls"][1]
    assert first["body"] == {"member_id": "a", "score": 5}
    assert (first["verb"], first["status"], first["executed"], first["fault"]) == ("POST", 200, True, None)
    assert first["received_at"] == "2026-07-14T09:00:00Z"
    assert emulator.server_key not in json.dumps(record)
    chosen = await admin("GET", "/record?operation=leaderboards_submit_score&executed=false")
    assert [call["status"] for call in chosen["calls"]] == [404]
    latest = await admin("GET", "/record?limit=1")
    assert (latest["total"], [call["status"] for call in latest["calls"]]) == (3, [404])
    assert (await admin("GET", "/record?limit=0"))["calls"] == []
    assert len((await admin("GET", "/record?limit=99"))["calls"]) == 3
    assert (await admin("GET", "/record?limit=-1", status=400))["param"] == "limit"
    assert (await admin("GET", "/record?executed=maybe", status=400))["param"] == "executed"
    await admin("DELETE", "/record")
    assert (await admin("GET", "/record"))["total"] == 0


async def test_a_mistake_of_the_emulators_is_an_answer(admin, emulator, monkeypatch, caplog):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(seeds, "export", fail)
    assert (await admin("GET", "/world", status=500))["code"] == "internal_server_error"
    assert "ZeroDivisionError" in caplog.text


async def test_a_body_that_is_too_long(admin, monkeypatch):
    monkeypatch.setattr("lootlocker_async.emulator.admin._MAX_BODY", 10)
    assert (await admin("POST", "/world", {"players": []}, status=413))["code"] == "payload_too_large"
