"""What the page asks for: calls with their answers and without secrets, as they come, and never too many."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from lootlocker_async import LootLockerClient, LootLockerError
from lootlocker_async.emulator import Clock, Emulator, Fault, feed as feeds, seeds
from lootlocker_async.emulator.delivery import Answer
from lootlocker_async.emulator.feed import Feed, shown_answer
from lootlocker_async.emulator.record import HIDDEN, RecordedCall
from lootlocker_async.emulator.routing import Router
from lootlocker_async.emulator.snippets import Snippets
from lootlocker_async.emulator.validation import shipped_contract
from lootlocker_async.routes import all_routes
from tests.emulator.rich_world import RICH
from tests.emulator.test_admin import KEY, AdminClient


@pytest.fixture
async def emulator():
    async with Emulator(clock=Clock(frozen=True), admin_key=KEY) as emulator:
        yield emulator


@pytest.fixture
async def admin(emulator):
    async with aiohttp.ClientSession() as session:
        yield AdminClient(emulator, session)


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url, retries=0) as client:
        yield client


async def attempt(call):
    with pytest.raises(LootLockerError):
        await call


async def test_calls_with_their_answers(admin, client, emulator):
    emulator.world.add_leaderboard("daily", type="generic")
    await client.leaderboards.submit_score("daily", member_id="a", score=2**62)
    await attempt(client.leaderboards.get("nowhere"))
    answer = await admin("GET", "/calls")
    login, submit, get = answer["calls"]
    assert [call["number"] for call in answer["calls"]] == [1, 2, 3]
    assert (login["operation"], submit["status"], submit["executed"]) == ("session_start", 200, True)
    assert (get["status"], get["executed"], get["fault"]) == (404, False, None)
    assert get["milliseconds"] >= 0
    assert answer["state"]["received"] == 3
    assert answer["state"]["logins"] == 1

    detail = await admin("GET", "/calls/2")
    assert json.loads(detail["body"]) == {"member_id": "a", "score": 2**62}
    assert json.loads(detail["answer"]["text"])["rank"] == 1
    assert detail["answer"]["text"].count("\n") > 3
    assert detail["answer"]["kind"] == "application/json"
    assert detail["sdk"] == f'await client.leaderboards.submit_score("daily", member_id="a", score={2**62})'
    assert detail["headers"]["User-Agent"].startswith("lootlocker-async/")
    assert detail["request_id"]
    for path in ("/calls/4", "/calls/0", "/calls/x", "/calls/" + "9" * 30):
        assert (await admin("GET", path, status=404))["param"] == "number"


async def test_only_what_is_new(admin, client, emulator):
    await client.currencies.list()
    first = await admin("GET", "/calls")
    later = f"/calls?epoch={first['epoch']}&after={first['next']}"
    assert (await admin("GET", later))["calls"] == []
    await client.currencies.list()
    assert [call["number"] for call in (await admin("GET", later))["calls"]] == [3]
    # Who comes with the numbers of another emulator begins anew.
    assert len((await admin("GET", f"/calls?epoch=other&after={first['next']}"))["calls"]) == 3
    for wrong in ("after=-1", "after=x", "wait=1e9", "after=" + "9" * 20):
        await admin("GET", f"/calls?{wrong}", status=400)
    emulator.reset()
    anew = await admin("GET", later + "&wait=20")
    assert anew["calls"] == []
    assert anew["epoch"] != first["epoch"]


async def test_who_waits_is_told_at_once(admin, client):
    await client.currencies.list()
    first = await admin("GET", "/calls")
    waiting = asyncio.create_task(admin("GET", f"/calls?epoch={first['epoch']}&after={first['next']}&wait=20"))
    while not waiting.done():  # as often as it takes for the request to be there
        await client.currencies.list()
    assert (await waiting)["calls"][0]["operation"] == "currencies_list"


async def test_what_became_of_calls_that_faults_met(admin, client, emulator):
    emulator.world.add_leaderboard("daily", type="generic")
    await client.currencies.list()
    emulator.faults.add(
        Fault.drop_after_execute("leaderboards_increment_score", times=1),
        Fault.rate_limited("currencies", retry_after=7),
    )
    before = (await admin("GET", "/calls"))["state"]["faults"]
    await attempt(client.leaderboards.increment_score("daily", member_id="a", amount=5))
    await attempt(client.currencies.list())
    answer = await admin("GET", "/calls")
    assert answer["state"]["faults"] == before + 1  # one is used up
    lost, limited = answer["calls"][-2:]
    assert (lost["status"], lost["executed"], lost["fault"]) == (None, True, "drop_after_execute")
    assert lost["milliseconds"] is not None
    assert (limited["status"], limited["fault"]) == (429, "rate_limited")
    detail = await admin("GET", f"/calls/{limited['number']}")
    assert detail["retry_after"] == "7"
    assert (await admin("GET", f"/calls/{lost['number']}"))["answer"]["text"] is None


async def test_a_call_that_is_under_way(admin, emulator):
    held, reached = asyncio.Event(), asyncio.Event()

    async def sleep(_):
        reached.set()
        await held.wait()

    async with (
        Emulator(admin_key=KEY, sleep=sleep) as slow,
        LootLockerClient(slow.server_key, base_url=slow.base_url) as it,
    ):
        watcher = AdminClient(slow, admin.session)
        await it.currencies.list()
        slow.faults.add(Fault.latency(seconds=1))
        call = asyncio.create_task(it.currencies.list())
        await reached.wait()
        before = await watcher("GET", "/calls")
        assert (before["calls"][-1]["status"], before["calls"][-1]["milliseconds"]) == (None, None)
        held.set()
        await call
        (after,) = (await watcher("GET", f"/calls?epoch={before['epoch']}&after={before['next']}&wait=20"))["calls"]
        assert (after["number"], after["status"], after["fault"]) == (3, 200, "latency")


async def test_no_key_and_no_token_is_shown(admin, client, emulator):
    player = emulator.world.add_player("Aurelia")
    token = emulator.world.add_game_session(player)
    await client.players.lookup_session_tokens(tokens=[token])
    await client.oauth.exchange_token(
        subject_token_type="urn:ietf:params:oauth:token-type:access_token", subject_token=token
    )
    await client.player_files.upload(player, file=b"secret", purpose="save", name="a.txt")
    files = await client.player_files.list(player)
    (file,) = files.items
    await client.player_storage.set(
        payload=[{"player_id": player, "sets": [{"key": emulator.server_key, "value": f"{KEY}!"}]}]
    )
    url = f"{emulator.base_url}/players/lookup/name?x={emulator.server_key}"
    async with admin.session.get(url, headers={"x-auth-token": "a" * 40, "User-Agent": KEY}) as refused:
        assert refused.status == 401
    told = json.dumps(await admin("GET", "/calls"))
    for number in range(1, 8):
        told += json.dumps(await admin("GET", f"/calls/{number}"))
    row = emulator.game.store.one("SELECT token FROM sessions")
    issued = [row["token"], token, emulator.server_key, KEY, "a" * 40, file.url.partition("?")[2]]
    for secret in issued:
        assert secret
        assert secret not in told
    assert told.count(HIDDEN) > 8
    assert '"name": "a.txt"' in told.replace('\\"', '"')


async def test_what_is_long_is_cut(admin, client, emulator):
    player = emulator.world.add_player("Aurelia")
    value = "x" * 40_000
    sets = [{"key": f"k{number}", "value": value} for number in range(3)]
    await client.player_storage.set(payload=[{"player_id": player, "sets": sets}])
    detail = await admin("GET", "/calls/2")
    assert (len(detail["body"]), detail["body_cut"]) == (64 * 1024, True)
    assert (len(detail["answer"]["text"]), detail["answer"]["cut"]) == (64 * 1024, True)
    assert detail["answer"]["size"] > 120_000


async def test_the_world_by_section(admin, client, emulator):
    seeds.load(emulator.game, RICH)
    counts = await admin("GET", "/view")
    assert counts["revision"] == (await admin("GET", "/calls"))["state"]["revision"]
    for section in ("players", "leaderboards", "inventories", "wallets", "progressions"):
        page = await admin("GET", f"/view/{section}?count=1")
        assert len(page["items"]) == 1
        assert (page["next"] is None) is (counts[section] == 1)
        assert (await admin("GET", f"/view/{section}?search=there+is+nothing+like+it"))["items"] == []
        for wrong in ("count=101", "count=-1", "count=x"):
            assert (await admin("GET", f"/view/{section}?{wrong}", status=400))["param"] == "count"
        if section not in {"inventories", "wallets"}:
            key = page["items"][0]["id" if section == "players" else "key"]
            assert await admin("GET", f"/view/{section}/{key}")
            await admin("GET", f"/view/{section}/nowhere", status=404)
    emulator.world.add_leaderboard("a/b c")
    assert (await admin("GET", "/view/leaderboards/a%2Fb%20c"))["leaderboard"]["key"] == "a/b c"
    await admin("GET", "/view/players", status=401, key="wrong")
    # Looking changes nothing, and is on no record.
    revision = (await admin("GET", "/view"))["revision"]
    assert (await admin("GET", "/view"))["revision"] == revision
    assert len(emulator.record) == 0


async def test_kinds_of_faults(admin):
    kinds = await admin("GET", "/faults/kinds")
    assert kinds["faults"]["latency"]["required"] == ["seconds"]
    assert {"times", "probability"} <= kinds["faults"]["garbage"]["properties"].keys()
    assert len(kinds["operations"]) == 105
    assert "leaderboards" in kinds["sections"]


# --------------------------------------------------------------------------------------------------------- the feed
def call(operation: str | None = "currencies_list", **more):
    given: dict[str, Any] = {
        "verb": "GET",
        "path": "/server/currencies",
        "query": "",
        "headers": {},
        "timestamp": Clock().timestamp(),
    }
    return RecordedCall(operation=operation, **{**given, **more})


def played(feed, answer, **more):
    it = call(**more)
    feed.begin(it)
    feed.answered(it, answer)
    feed.end(it)
    return kept(feed, feed.last_change // 2)


def kept(feed, number):
    watched = feed.get(number)
    assert watched is not None
    return watched


def test_so_many_calls_and_bytes_are_kept(monkeypatch):
    monkeypatch.setattr(feeds, "KEPT_CALLS", 4)
    monkeypatch.setattr(feeds, "KEPT_BYTES", 25)
    feed = Feed()
    for _ in range(6):
        played(feed, Answer(status=200, body=b'"12345678"'))
    assert len(feed) == 4
    assert feed.get(2) is None
    answers = [shown_answer(kept(feed, number)) for number in (3, 4, 5, 6)]
    assert [answer["forgotten"] for answer in answers] == [True, True, False, False]
    assert [answer["text"] for answer in answers] == [None, None, '"12345678"', '"12345678"']
    assert [watched.number for watched in feed.since(0, 2)] == [5, 6]


def test_answers_of_every_kind():
    feed = Feed(secret={"session_start"})
    number = played(feed, Answer(status=200, body=b'{"a":1.50,"b":[12345678901234567890,1e5]}'))
    assert '"a": 1.50' in shown_answer(number)["text"]
    assert "12345678901234567890" in shown_answer(number)["text"]
    file = played(feed, Answer(status=200, body=b"\x00" * 9, content_type="application/octet-stream"))
    assert shown_answer(file) == {
        "text": None, "size": 9, "kind": "application/octet-stream", "cut": False, "forgotten": False
    }  # fmt: skip
    page = played(feed, Answer(status=502, body=b"<h1>\xff", content_type="text/html"))
    assert shown_answer(page)["text"] == "<h1>\ufffd"
    broken = played(feed, Answer(status=200, body=b'{"a":'))
    assert shown_answer(broken)["text"] == '{"a":'
    assert shown_answer(played(feed, Answer(status=204)))["text"] is None
    signed = played(feed, Answer(status=200, body=b'{"url":"http://h/cdn/1/2?Signature=abc&x=1"}'))
    assert "Signature" not in shown_answer(signed)["text"]
    token = played(
        feed,
        Answer(status=200, body=b'{"Token":"t","failed_tokens":["t"],"token_type":"Bearer","n":[{"x":1}]}'),
        operation="session_start",
    )
    assert json.loads(shown_answer(token)["text"]) == {
        "Token": HIDDEN, "failed_tokens": [HIDDEN], "token_type": "Bearer", "n": [{"x": 1}]
    }  # fmt: skip
    garbage = played(feed, Answer(status=200, body=b"token=t"), operation="session_start")
    assert json.loads(shown_answer(garbage)["text"]) == HIDDEN


def test_a_call_that_was_forgotten_meanwhile():
    feed = Feed()
    it = call()
    feed.begin(it)
    epoch = feed.epoch
    feed.clear()
    feed.answered(it, Answer(status=200, body=b"1"))
    feed.end(it)
    assert (len(feed), feed.last_change) == (0, 0)
    assert feed.epoch != epoch


async def test_waiting_ends_and_is_bounded(monkeypatch):
    feed = Feed()
    await feed.wait(0, 0.01)
    await feed.wait(5, 100)  # there was something already
    monkeypatch.setattr(feeds, "MOST_WATCHERS", 2)
    first = [asyncio.create_task(feed.wait(0, 100)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Exception, match="watching already"):
        await feed.wait(0, 100)
    first[1].cancel()
    await asyncio.gather(first[1], return_exceptions=True)
    third = asyncio.create_task(feed.wait(0, 100))
    await asyncio.sleep(0)
    feed.begin(call())
    await asyncio.gather(first[0], third)


# -------------------------------------------------------------------------------------------------------- copied calls
def written(verb, path, query="", body=None, headers=None):
    """The Python for a request; a body is JSON unless the headers say otherwise."""
    it = call(None, verb=verb, path=path, query=query, headers={"Content-Type": "application/json", **(headers or {})})
    if body is not None:
        it.take_body(
            body if isinstance(body, bytes) else json.dumps(body).encode(), it.headers["Content-Type"], secret=False
        )
    return Snippets(shipped_contract(), Router(all_routes())).of(it)


def test_calls_that_the_sdk_has_a_method_for():
    assert written("GET", "/server/leaderboards/a%2Fb", "") == 'await client.leaderboards.get("a/b")'
    first = written("GET", "/server/leaderboards/daily/list", "count=10&after=0")
    assert first == 'await client.leaderboards.list_scores("daily", page_size=10)'
    metadata = written(
        "GET", "/server/metadata/source/player/id/1", "page=1&per_page=5&ignore_files=false&tags=a&tags=b"
    )
    assert metadata == 'await client.metadata.list("player", "1", tags=["a", "b"], page_size=5)'


def test_calls_that_it_has_none_for():
    deep = written("GET", "/server/leaderboards/daily/list", "count=10&after=20")
    assert deep == 'await client.request("GET", "/leaderboards/daily/list", params={"count": "10", "after": "20"})'
    assert written("GET", "/server/nowhere/%C3%A9", "a=1&a=2") == (
        'await client.request("GET", "/nowhere/é", params={"a": ["1", "2"]})'
    )
    wrong = written("POST", "/server/leaderboards/daily/submit", body={"member_id": "a", "score": "9000"})
    assert wrong == (
        'await client.request("POST", "/leaderboards/daily/submit", json={"member_id": "a", "score": "9000"})'
    )
    assert written("GET", "/elsewhere\n# x").endswith("# GET /elsewhere # x")
    assert written("GET", "/server/leaderboards", "count=many").startswith("await client.request(")
    assert written("POST", "/server/leaderboards", body=[1]).startswith("await client.request(")
    form = written("POST", "/server/players/1/files", body=b"x", headers={"Content-Type": "multipart/form-data"})
    assert form.startswith("# The SDK makes no request like this one.")


def test_hostile_fields_are_no_code():
    hostile = {"member_id": "a", "score": 1, "x); import os; (y": "q\"\n'\\"}
    source = written("POST", "/server/leaderboards/daily/submit", body=hostile)
    seen = {}
    namespace = {"client": type("Client", (), {"request": staticmethod(lambda verb, path, json: seen.update(json))})}
    exec(compile(source.removeprefix("await "), "copied", "exec"), namespace)
    assert seen == hostile


def test_long_calls_go_over_several_lines():
    entries = [
        {"player_id": 1, "sets": [{"key": f"key-{number}", "value": "v" * 40, "is_public": True}]}
        for number in range(3)
    ]
    source = written("POST", "/server/players/storage", body={"payload": entries})
    assert "\n" in source
    assert max(map(len, source.splitlines())) < 110
