"""`lootlocker doctor --drift`: where a service's answers differ from our models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from lootlocker_async import routes
from lootlocker_async.cli import drift, probes, shapes
from lootlocker_async.emulator import Fault
from lootlocker_async.models.assets import AssetRecord
from lootlocker_async.models.balances import Wallet
from lootlocker_async.models.inventories import InventoryPage
from lootlocker_async.models.leaderboards import LeaderboardPage, LeaderboardScorePage
from lootlocker_async.models.session import SessionPing
from lootlocker_async.testing import EmulatorThread

CONTRACT = Path(__file__).parents[1] / "contract" / "server-api.openapi.yaml"


def test_every_operation_that_reads_is_tried_or_left_alone_with_a_reason():
    reading = {
        route.operation
        for route in routes.all_routes()
        if route.verb == "GET" or route.why == routes._READS or route.operation == "oauth_exchange_token"
    }
    assert {probe.route.operation for probe in probes.PROBES} | probes.NOT_TRIED.keys() == reading
    assert all(probe.route.idempotent for probe in probes.PROBES)
    taught = {name for probe in probes.PROBES for name in probe.teaches} | probes.OPTIONS.keys()
    assert {name for probe in probes.PROBES for name in probe.needs} <= taught


def test_the_dates_are_those_of_the_contract():
    schemas = yaml.load(CONTRACT.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["components"][
        "schemas"
    ]
    found = {}

    def walk(node: Any, where: str) -> None:
        form = node.get("x-date-format")
        if form not in {None, "rfc3339"}:
            found[where] = None if form == "unknown" else form
        for name, inner in node.get("properties", {}).items():
            walk(inner, f"{where}.{name}")
        if "items" in node:
            walk(node["items"], f"{where}[]")

    for name, schema in schemas.items():
        walk(schema, name)
    assert found == shapes.DATES


# ------------------------------------------------------------------------------------------------- a whole world, known
def test_the_emulator_has_no_drift(lootlocker, lootlocker_emulator):
    game = lootlocker_emulator.game
    player = game.player(items=["Blade"], balances={"gold": 5})
    game.add_leaderboard("weekly", type="player")
    game.add_scores("weekly", [(str(player.id), 7)])
    game.add_leaderboard_schedule("weekly", "0 0 * * 1")
    game.progression("xp", tiers=[10, 20])
    game.add_progression_state(player.id, "xp", points=15)
    game.add_player_storage_pair(player.id, "private", "a value that must not be shown")

    told = lootlocker("doctor", "--drift", "--json")
    looked = {one["operation"]: one for one in json.loads(told.out)["drift"]}

    assert told.code == 0
    assert set(looked) == {probe.route.operation for probe in probes.PROBES} | set(probes.NOT_TRIED)
    states = {name: one["state"] for name, one in looked.items()}
    assert set(states.values()) == {"same", "empty", "not tried"} or set(states.values()) == {"same", "not tried"}
    # What one answer shows, the next call uses.
    for name in ("leaderboards_list_scores", "inventories_list_for_player", "player_progressions_get", "balances_list",
                 "progressions_get_tier", "asset_instance_progressions_list", "leaderboards_get_schedule"):  # fmt: skip
        assert states[name] == "same", name
    assert looked["catalogs_list_items_by_key"]["told"] == "give --catalog"
    assert looked["catalogs_list_items_by_id"]["told"] == "no answer showed one: listing id"
    assert looked["purchases_get_status"]["told"] == "give --purchase-id"
    kinds = {it["kind"] for one in looked.values() for it in one["differences"]}
    assert kinds == {"date"}
    assert "must not be shown" not in told.out


def test_it_is_told_to_people_section_by_section(lootlocker, lootlocker_emulator):
    lootlocker_emulator.game.board("daily", scores={"a": 1, "b": 2, "c": 3})
    lootlocker_emulator.faults.add(Fault.error("currencies_list", status=500, times=None))
    told = lootlocker("--retries", 0, "doctor", "--drift", "--leaderboard", "daily", "--page-size", 2)
    assert told.code == 1
    lines = told.out.splitlines()
    section = lines.index("leaderboards")
    assert lines[section + 1].split()[:2] == ["same", "list"]
    assert "a cursor that is a position" in told.out
    assert "failed     list                     GET /currencies: " in told.out
    assert lines[-1].endswith(f"of {len(probes.PROBES) + len(probes.NOT_TRIED)} operations that only read.")


def test_a_key_that_is_refused_on_the_way_ends_it(lootlocker, lootlocker_emulator):
    lootlocker_emulator.faults.add(Fault.error("assets_list", status=401))
    told = lootlocker("--retries", 0, "doctor", "--drift")
    assert (told.code, told.out) == (3, "")


# ------------------------------------------------------------------------------------------------------- odd services
ODD: dict[str, Any] = {
    "/server/session": {"token": "token"},
    "/server/ping": {"date": "2026-01-01T00:00:00Z"},
    "/server/leaderboards": {
        "pagination": {"total": 1, "next_cursor": "abc", "previous_cursor": None},
        "items": [{
            "id": "12", "key": "daily", "name": 5, "type": "team", "direction_method": "ascending", "colour": "red",
            "game_id": None, "rewards": None,
        }],
    },
    "/server/leaderboards/daily": {"leaderboard": []},
    "/server/currencies": {"currencies": {"gold": 1}},
}  # fmt: skip


@pytest.fixture
def odd_service(monkeypatch):
    """A service whose answers are odd."""
    runners = []

    async def answer(request: web.Request) -> web.Response:
        body = ODD.get(request.path)
        return web.json_response({"code": "nothing"}, status=404) if body is None else web.json_response(body)

    async def start() -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return "http://{}:{}/server".format(*runner.addresses[0][:2])

    with EmulatorThread() as thread:
        yield thread.run(start())
        thread.run(runners[0].cleanup())


def test_an_odd_service(lootlocker, odd_service):
    told = lootlocker("--base-url", odd_service, "doctor", "--drift", "--json")
    looked = {one["operation"]: one for one in json.loads(told.out)["drift"]}
    found = {
        name: {(it["kind"], it["where"]) for it in one["differences"]}
        for name, one in looked.items()
        if one["state"] == "differs"
    }
    assert told.code == 1
    assert found["leaderboards_list"] == {
        ("unknown", "Leaderboard"), ("enum", "LeaderboardType"), ("null", "Leaderboard.game_id"),
        ("missing", "Leaderboard.enable_game_api_writes"), ("missing", "Leaderboard.overwrite_score_on_submit"),
        ("missing", "Leaderboard.has_metadata"), ("retyped", "Leaderboard.id"), ("retyped", "Leaderboard.name"),
        ("retyped", "IndexPagination.next_cursor"), ("unreadable", "$.pagination.next_cursor"),
    }  # fmt: skip
    assert ("retyped", "LeaderboardDetail.leaderboard") in found["leaderboards_get"]
    assert ("retyped", "CurrencyList.currencies") in found["currencies_list"]
    assert looked["assets_list"]["state"] == "failed"
    # A board without a schedule answers so, too.
    assert looked["leaderboards_get_schedule"]["state"] == "empty"


@pytest.mark.parametrize(
    ("body", "model", "kind", "found"),
    [
        ({"date": "soon"}, SessionPing, "date", "no date that we know; no source says what it should be"),
        ({"date": "2026-01-01 00:00:00"}, SessionPing, "date", "an SQL date; no source says what it should be"),
        ({"id": "w", "holder_id": "h", "type": "player", "modifiers": {"factor": "2"}}, Wallet, "retyped",
         "an object where a list is due"),
        ({"id": 1, "created_at": "Mon, 05 Jan 2026 09:00:00 +0000"}, AssetRecord, "retyped",
         "an RFC 2822 date where an SQL date is due"),
        ({"total": 1.5, "items": []}, InventoryPage, "retyped", "a number with a fraction where a whole number is due"),
        ({"total": True, "items": []}, InventoryPage, "retyped", "true or false where a whole number is due"),
        ({"total": 1, "items": ["x"]}, InventoryPage, "retyped", "a text where an object is due"),
    ],
)  # fmt: skip
def test_differences(body, model, kind, found):
    if model is SessionPing:
        body = {"pong": body["date"]}
    assert found in [it.found for it in shapes.differences(json.dumps(body).encode(), model) if it.kind == kind]


def test_what_is_no_json_is_one_difference():
    (only,) = shapes.differences(b"<html>", LeaderboardPage)
    assert (only.kind, only.where) == ("unreadable", "$")


@pytest.mark.parametrize(
    ("route", "body", "told", "as_expected"),
    [
        (routes.LEADERBOARDS_LIST, {"pagination": {"next_cursor": 2}}, "a position", True),
        (routes.LEADERBOARDS_LIST, {"pagination": {"next_cursor": 4711}}, "no position", False),
        (routes.LEADERBOARDS_LIST, {"pagination": {"next_cursor": "abc"}}, "of text", False),
        (routes.LEADERBOARDS_LIST, {"pagination": {"next_cursor": None}}, "no second page", True),
        (routes.LEADERBOARDS_LIST, {"pagination": {"current_page": 1}}, "by number", False),
        (routes.LEADERBOARDS_LIST, {"items": []}, "last item's id", False),
        (routes.PROGRESSIONS_LIST, {"pagination": {"next_cursor": "abc"}}, "of text", True),
        (routes.PROGRESSIONS_LIST, {"pagination": {"next_cursor": 2}}, "a position", False),
        (routes.FRIENDS_LIST, {"pagination": {"current_page": 1}}, "by number", True),
        (routes.FRIENDS_LIST, {"pagination": {"next_cursor": ""}}, "no second page", False),
        (routes.ASSETS_LIST, {"items": [{"id": 1}]}, "last item's id", True),
        (routes.ASSETS_LIST, {"items": [{"name": "x"}]}, "no id to go on from", False),
    ],
)
def test_paging(route, body, told, as_expected):
    said, fits = shapes.paging_told(json.dumps(body).encode(), route.paging, 2)
    assert told in said
    assert fits is as_expected


def test_ids_are_taken_from_the_first_item_that_has_one():
    data = {"items": [{"player": None}, {"player": {"ulid": ""}}, {"player": {"ulid": "u"}}], "id": 5, "none": [1]}
    assert drift._at(data, ["items", "*", "player", "ulid"]) == "u"
    assert drift._at(data, ["id"]) == 5
    assert drift._at(data, ["id", "*", "x"]) is None
    assert drift._at(data, ["none"]) is None
    assert drift._at(data, ["none", "*", "x"]) is None


def test_scores_are_clean():
    body = b'{"pagination": {"total": 1, "next_cursor": null}, "items": [{"member_id": "a", "rank": 1, "score": 2}]}'
    assert shapes.differences(body, LeaderboardScorePage) == []
