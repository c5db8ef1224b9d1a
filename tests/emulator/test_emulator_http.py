"""The emulator over a real socket; `api` holds each answer to the contract's response schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from lootlocker_async.emulator import Emulator
from lootlocker_async.emulator.handlers import HANDLERS
from lootlocker_async.routes import SESSION_START, all_routes

BOARD = {
    "key": "weekly_arena", "name": "Weekly Arena", "type": "player", "direction_method": "descending",
    "enable_game_api_writes": False, "overwrite_score_on_submit": False, "has_metadata": True,
}  # fmt: skip
REWARD = {
    "reward_id": "01JZ4A6D8G0J2M4P6R8T1V3X5Z", "reward_kind": "currency", "predicates": [], "asset": None,
    "currency": {"currency_id": "01JXB2C4D6E8F0G2H4J6K8M0NP", "amount": "250"},
}  # fmt: skip


def test_every_route_is_served():
    assert {route.operation for route in all_routes()} == {*HANDLERS, SESSION_START.operation}


async def test_a_session(api, emulator):
    assert emulator.logins == 1
    assert (await api.ok("GET", "/ping"))["pong"] == emulator.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("headers", [{}, {"x-server-key": "wrong"}, {"x-server-key": ""}])
async def test_a_wrong_key_is_refused(api, emulator, headers):
    body = await api.refused("POST", "/session", 401, json={"game_version": "1.0"}, headers=headers)
    assert body["code"] == "unauthorized"
    assert (emulator.logins, emulator.failed_logins) == (1, 1)


async def test_a_token_lives_an_hour_past_its_last_use(api, emulator):
    for _ in range(3):
        emulator.clock.advance(3599)
        await api.ok("GET", "/ping")
    emulator.clock.advance(3600)
    await api.refused("GET", "/ping", 401)
    await api.login()
    assert emulator.expire_tokens() == 2
    await api.refused("GET", "/leaderboards", 401)
    del api.headers["x-auth-token"]
    await api.refused("GET", "/leaderboards", 401)


async def test_an_expired_token_can_be_answered_with_403(clock):
    async with Emulator(clock=clock, expired_token_status=403) as emulator, aiohttp.ClientSession() as session:
        headers = {"LL-Version": "2021-03-01", "x-auth-token": "gone"}
        async with session.get(f"{emulator.base_url}/ping", headers=headers) as response:
            assert (response.status, (await response.json())["code"]) == (403, "forbidden")


async def test_the_life_of_a_leaderboard(api, emulator):
    made = await api.ok("POST", "/leaderboards", json=BOARD)
    assert made.items() >= BOARD.items()
    assert not {"ulid", "schedule", "rewards"} & made.keys()
    assert (await api.refused("POST", "/leaderboards", 409, json=BOARD))["param"] == "key"
    assert (await api.ok("GET", f"/leaderboards/{made['id']}"))["leaderboard"].items() >= made.items()

    player = emulator.world.add_player("Aurelia")
    entry = {"member_id": str(player), "rank": 1, "score": 18250, "metadata": "note"}
    body = {"member_id": str(player), "score": 18250, "metadata": "note"}
    assert await api.ok("POST", "/leaderboards/weekly_arena/submit", json=body) == entry
    body = {"member_id": str(player), "amount": 250}
    entry["score"] = 18500
    assert await api.ok("POST", "/leaderboards/weekly_arena/increment", json=body) == entry
    page = await api.ok("GET", "/leaderboards/weekly_arena/list")
    assert page["pagination"] == {"total": 1, "next_cursor": None, "previous_cursor": None}
    (item,) = page["items"]
    assert item["player"]["name"] == "Aurelia"
    ranks = await api.ok("GET", f"/leaderboards/member/{player}")
    assert ranks["leaderboards"][0]["rank"] == item

    emulator.clock.advance(5)
    changes = {key: value for key, value in BOARD.items() if key not in {"type", "has_metadata"}} | {"key": "new key/ä"}
    changed = await api.ok("PUT", "/leaderboards/weekly_arena", json=changes)
    assert changed["key"] == "new key/ä"
    assert changed["updated_at"] > changed["created_at"]
    await api.refused("PUT", "/leaderboards/weekly_arena", 404, json=changes)
    reply = await api("DELETE", "/leaderboards/new%20key%2F%C3%A4")
    assert (reply.status, reply.document) == (204, None)
    await api.refused("DELETE", "/leaderboards/new%20key%2F%C3%A4", 404)


async def test_a_list_of_boards_pages_by_position(api, emulator):
    for number in range(3):
        emulator.world.add_leaderboard(
            f"board{number}",
            schedule={"cron_expression": "0 0 * * 1"},
            rewards=[REWARD],
            upcoming_resets=[{"id": 118 + number, "name": "Rollback", "scheduled_for": "2126-07-16T18:00:00Z"}],
        )
    page = await api.ok("GET", "/leaderboards?count=2")
    assert page["pagination"] == {"total": 3, "next_cursor": 2, "previous_cursor": None}
    page = await api.ok("GET", "/leaderboards?count=2&after=2")
    assert page["pagination"] == {"total": 3, "next_cursor": None, "previous_cursor": 0}
    assert page["items"][0]["rewards"] == [REWARD]
    board = (await api.ok("GET", "/leaderboards/board0"))["leaderboard"]
    assert board["upcoming_resets"][0]["id"] == 118


async def test_the_life_of_an_inventory(api, emulator):
    world = emulator.world
    player = world.add_player("Aurelia")
    blade = world.add_asset(
        "Blade",
        rarity={"name": "Legendary", "short_name": "L", "color": "FF8800"},
        variations=[{"id": 88, "name": "Ember"}],
        rental_options=[{"id": 9, "name": "One day", "duration": 60, "price": 1, "sales_price": None, "links": {}}],
    )
    crown = world.add_asset("Crown", unique_instance=True)
    world.add_universal_asset(crown)
    path = f"/player/{player}/inventory"
    granted = await api.ok("POST", path, json={"asset_id": blade, "asset_variation_id": 88})
    instance = granted["items"][0]["instance_id"]
    body = {"add": [{"asset_id": crown}, {"asset_id": blade, "rental_option_id": 9}], "remove": [instance]}
    altered = await api.ok("PATCH", path, json=body)
    assert ([asset["id"] for asset in altered["added"]], altered["removed"]) == ([crown, blade], [instance])
    page = await api.ok("GET", path + "?count=1")
    assert (page["total"], len(page["items"])) == (2, 1)
    page = await api.ok("GET", f"{path}?count=1&after={page['items'][0]['instance_id']}")
    assert page["items"][0]["rental"]["is_rental"] is True
    await api.refused("POST", path, 409, json={"asset_id": crown})
    await api.refused("POST", path, 404, json={"asset_id": 424242})
    await api.refused("GET", "/player/424242/inventory", 404)
    assert (await api.ok("GET", "/inventory/universal"))["global_assets"][0]["asset"]["id"] == crown
    character, hero = world.add_character(player), world.add_hero(player)
    world.grant(player, blade, character_id=character)
    assert (await api.ok("GET", f"/player/{player}/characters/{character}/inventory"))["total"] == 1
    assert (await api.ok("GET", f"/player/{player}/heroes/{hero}/inventory"))["total"] == 0
    await api.refused("GET", f"/player/{player}/heroes/{character}/inventory", 404)


async def test_players_are_found_by_every_kind_of_id(api, emulator):
    account = {"platform": "steam", "player_identifier": "76561198041672305"}
    made = await api.ok("POST", "/player", json=account)
    assert await api.ok("POST", "/player", json=account) == made
    other = emulator.world.add_player("Ravenna", identifier="guest-1")
    emulator.world.add_account(other, "psn", "48")
    emulator.world.add_account(other, "xbox_one", "25")
    (found,) = (await api.ok("GET", f"/players/lookup/name?player_id={made['player_id']}"))["players"]
    assert (found["platform_player_id"], found["last_active_platform"]) == ("76561198041672305", "steam")
    (found,) = (await api.ok("GET", "/players/lookup/name?player_name=Ravenna"))["players"]
    kinds = [
        f"player_ulid={found['ulid']}", f"player_public_uid={found['player_public_uid']}",
        "player_guest_login_id=guest-1", "psn_id=48", "xbox_id=25", f"player_id={other}",
    ]  # fmt: skip
    for kind in kinds:
        assert (await api.ok("GET", f"/players/lookup/name?{kind}"))["players"] == [found]
    both = await api.ok("GET", "/players/lookup/name?steam_id=76561198041672305&steam_id=0&" + "&".join(kinds))
    assert [player["player_id"] for player in both["players"]] == [other, made["player_id"]]
    assert (await api.ok("GET", "/players/lookup/name?player_name=Nobody"))["players"] == []
    await api.refused("GET", "/players/lookup/name", 400)


async def test_session_tokens_of_players(api, emulator):
    player = emulator.world.add_player()
    token, short = emulator.world.add_game_session(player), emulator.world.add_game_session(player, lifetime=60)
    emulator.clock.advance(60)
    answer = await api.ok("POST", "/player/info/token", json={"tokens": [short, token, "made-up", token]})
    assert answer["failed_tokens"] == [short, "made-up"]
    assert [(row["legacy_id"], row["token"]) for row in answer["player_info_list"]] == [(player, token)]


async def test_unknown_addresses(api):
    for verb, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/leaderboards/", 404),
        ("GET", "/leaderboards//list", 404),
        ("GET", "/leaderboards/%2E%2E/list", 404),
        ("PUT", "/ping", 405),
        ("GET", "/session", 405),
    ):
        await api.refused(verb, path, status)


async def test_addresses_that_overlap_go_to_the_first_literal_segment(api, emulator):
    emulator.world.add_leaderboard("member")
    assert "leaderboards" in await api.ok("GET", "/leaderboards/member/list")
    assert (await api.ok("GET", "/leaderboards/member"))["leaderboard"]["key"] == "member"
    body = {"member_id": "a", "score": 1}
    assert (await api.ok("POST", "/leaderboards/member/submit", json=body))["rank"] == 1


async def test_what_was_executed_when_the_emulator_fails_is_not_hidden(api, emulator, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("a mistake")

    monkeypatch.setitem(HANDLERS, "session_ping", fail)
    body = await api.refused("GET", "/ping", 500)
    assert body["code"] == "internal_server_error"
    assert "session_ping" in caplog.text
    assert emulator.record.received("session_ping")[0].executed is False


async def test_state_in_a_file_survives_a_restart(tmp_path: Path, clock):
    state = tmp_path / "state.db"
    async with Emulator(state=state, clock=clock) as first:
        player = first.world.add_player("Aurelia")
        coin = first.world.add_asset("Coin")
        item = first.world.grant(player, coin)
        first.world.add_leaderboard("board", type="player")
        first.world.add_scores("board", [(str(player), 5)])
        ulid = first.game.ids.ulid(clock.now())
        async with aiohttp.ClientSession() as session:
            headers = {"LL-Version": "2021-03-01", "x-server-key": first.server_key}
            async with session.post(
                f"{first.base_url}/session", json={"game_version": "1"}, headers=headers
            ) as response:
                token = (await response.json())["token"]
    emulator = Emulator(state=state, clock=clock)
    async with emulator, aiohttp.ClientSession() as session:
        headers = {"LL-Version": "2021-03-01", "x-auth-token": token}
        async with session.get(f"{emulator.base_url}/leaderboards/board/list", headers=headers) as response:
            assert [item["score"] for item in (await response.json())["items"]] == [5]
        assert emulator.world.inventory_size(player) == 1
        assert emulator.world.grant(player, coin) > item
        assert emulator.game.ids.ulid(clock.now()) != ulid


async def test_a_file_of_another_version_is_refused(tmp_path: Path):
    state = tmp_path / "state.db"
    async with Emulator(state=state) as emulator:
        emulator.game.store.execute("PRAGMA user_version = 99")
    with pytest.raises(ValueError, match="another version"):
        await Emulator(state=state).start()


async def test_starting_and_stopping(clock):
    emulator = Emulator(clock=clock)
    with pytest.raises(RuntimeError, match="not been started"):
        _ = emulator.base_url
    emulator.world.add_player("Aurelia")
    await emulator.start()
    with pytest.raises(RuntimeError, match="already"):
        await emulator.start()
    assert emulator.game.store.count("SELECT count(*) FROM players") == 1
    assert emulator.base_url.startswith("http://127.0.0.1:")
    port = int(emulator.base_url.split(":")[2].partition("/")[0])
    other = Emulator(port=port)
    with pytest.raises(OSError, match="address already in use"):
        await other.start()
    await emulator.stop()
    await emulator.stop()
    assert emulator.game.store.count("SELECT count(*) FROM players") == 0
    await emulator.stop()


async def test_many_calls_at_once(api, emulator):
    emulator.world.add_leaderboard("board")
    body = {"member_id": "a", "amount": 1}
    await asyncio.gather(*(api.ok("POST", "/leaderboards/board/increment", json=body) for _ in range(200)))
    assert emulator.world.score("board", "a") == 200
    assert len(emulator.record.executed("leaderboards_increment_score")) == 200
