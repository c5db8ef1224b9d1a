"""The world as the page shows it: by section, in pages, by search, and never the whole of it."""

from __future__ import annotations

import pytest

from lootlocker_async.emulator import views
from lootlocker_async.emulator.boards import find
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.views import Look, base, leaderboards
from tests.emulator.rich_world import RICH


def names(page, field="name"):
    return [item[field] for item in page["items"]]


def walked(view, count=2, **look):
    """Every page of a view."""
    after, found = "", []
    while after is not None:
        page = view(Look(after=after, count=count, **look))
        assert len(page["items"]) <= count
        found += page["items"]
        after = page["next"]
    return found


def test_players(game, world):
    ids = world.add_players([f"Player {number}" for number in range(7)])
    odd = world.add_player("100%_\\ <b>")
    assert [item["id"] for item in walked(lambda look: views.players(game, look))] == [str(it) for it in (*ids, odd)]
    assert names(views.players(game, Look(search="player 3"))) == ["Player 3"]
    for text in ("0%_", "_\\", "<B>"):
        assert names(views.players(game, Look(search=text))) == ["100%_\\ <b>"]
    (whole,) = views.players(game, Look(search=str(odd)))["items"]
    for key in ("ulid", "public_uid"):
        assert names(views.players(game, Look(search=whole[key]))) == ["100%_\\ <b>"]
    assert names(views.players(game, Look(search="nobody"))) == []
    for wrong in ("x", "1.5", "9" * 19):
        with pytest.raises(ServiceError):
            views.players(game, Look(after=wrong))


def test_a_search_looks_through_so_many_at_a_time(game, world, monkeypatch):
    monkeypatch.setattr(base, "WINDOW", 5)
    world.add_players([f"Player {number:02}" for number in range(23)])
    found = walked(lambda look: views.players(game, look), search="2")
    assert names({"items": found}) == ["Player 02", "Player 12", "Player 20", "Player 21", "Player 22"]
    first = views.players(game, Look(search="22", count=2))
    assert (first["items"], first["next"]) == ([], "1005")


def test_one_player(game, world):
    player = world.add_player("Aurelia")
    empty = views.player(game, str(player))
    assert (empty["wallet_id"], empty["balances"], empty["progressions"], empty["boards"]) == (None, [], [], [])
    world.add_currency("gld", name="Gold")
    world.add_balance(player_id=player, currency_code="gld", amount="12345678901234567890.50")
    world.add_progression("pass", name="Pass", tiers=[{"points_threshold": 100}])
    world.add_progression_state(player_id=player, progression_key="pass", points=25)
    world.add_leaderboard("daily", type="player")
    world.add_scores("daily", [(str(world.add_player()), 50), (str(player), 7)])
    world.add_character(player, "Rex", type="Warden")
    shown = views.player(game, str(player))
    assert shown["balances"] == [{"code": "gld", "name": "Gold", "amount": "12345678901234567890.50"}]
    (state,) = shown["progressions"]
    assert (state["share"], state["points"], state["next"], state["step"]) == (250, "25", "100", "1")
    assert shown["boards"] == [{"key": "daily", "name": "daily", "score": "7", "rank": "2"}]
    (character,) = shown["characters"]
    assert (character["name"], character["class"]) == ("Rex", "Warden")
    for wrong in ("7", "x", "9" * 30):
        with pytest.raises(ServiceError):
            views.player(game, wrong)


def test_boards(game, world):
    for key in ("b", "a", "c"):
        world.add_leaderboard(key, name=key.upper() * 3)
    world.add_scores("a", [("x", 5), ("y", 9)])
    assert names({"items": walked(lambda look: views.boards(game, look))}, "key") == ["b", "a", "c"]
    (board,) = views.boards(game, Look(search="aa"))["items"]
    assert (board["entries"], board["entries_exact"], board["top"]["member_id"]) == ("2", True, "y")
    assert views.boards(game, Look(search="c"))["items"][0]["top"] is None


def test_a_board_in_pages_without_a_ranking(game, world, monkeypatch):
    monkeypatch.setattr(leaderboards, "_COUNTED", 4)
    world.add_leaderboard("daily", type="player")
    players = world.add_players([f"P{number}" for number in range(9)])
    # Ties stand in the order in which they came.
    world.add_scores("daily", [(str(player), 100 - number // 2) for number, player in enumerate(players)])
    entries = walked(lambda look: views.board(game, "daily", look))
    assert [entry["rank"] for entry in entries] == [str(number + 1) for number in range(9)]
    assert [entry["player_name"] for entry in entries] == [f"P{number}" for number in range(9)]
    board = views.board(game, "daily", Look())["leaderboard"]
    assert (board["entries"], board["entries_exact"]) == ("4", False)
    for search in (str(players[5]), "P5"):
        found = views.board(game, "daily", Look(search=search, count=2))
        assert [(entry["rank"], entry["player_name"]) for entry in found["items"]] == [("6", "P5"), ("7", "P6")]
    season = find(game, "daily").season
    assert game.known_ranking(season) is None

    game.ranking(season)
    assert views.board(game, "daily", Look(search="P5", count=2))["items"][0]["rank"] == "6"
    board = views.board(game, "daily", Look())["leaderboard"]
    assert (board["entries"], board["entries_exact"]) == ("9", True)
    for wrong in ("5", "1:2", "1:99999999999999999999:0", f"1:{2**63}:0"):
        with pytest.raises(ServiceError):
            views.board(game, "daily", Look(after=wrong))
    for search in ("nobody", "9" * 30):
        with pytest.raises(ServiceError):
            views.board(game, "daily", Look(search=search))
    with pytest.raises(ServiceError):
        views.board(game, "nowhere", Look())


def test_a_board_that_is_due_is_reset_first(game, world, clock):
    world.add_leaderboard("daily", type="generic")
    world.add_leaderboard_schedule("daily", cron_expression="0 0 * * *")
    world.add_scores("daily", [("a", 1)])
    assert views.boards(game, Look())["items"][0]["next_reset"].endswith("T00:00:00Z")
    clock.advance(86_400)
    assert views.board(game, "daily", Look())["items"] == []


def test_extreme_scores(game, world):
    world.add_leaderboard("daily", type="generic", direction_method="ascending")
    world.add_scores("daily", [("low", -(2**63)), ("high", 2**63 - 1)])
    assert [entry["score"] for entry in walked(lambda look: views.board(game, "daily", look), count=1)] == [
        str(-(2**63)), str(2**63 - 1)
    ]  # fmt: skip


def test_inventories(game, world):
    one, other = world.add_player("Aurelia"), world.add_player("Bram")
    blade, helm = world.add_asset("Emberfang Blade"), world.add_asset("Bronze Helm")
    for player, asset in ((one, blade), (other, helm), (one, helm), (one, blade)):
        world.grant(player, asset)
    everything = walked(lambda look: views.inventories(game, look))
    assert names({"items": everything}, "asset_name") == [
        "Emberfang Blade", "Bronze Helm", "Bronze Helm", "Emberfang Blade"
    ]  # fmt: skip
    assert len(walked(lambda look: views.inventories(game, look), search="blade")) == 2
    assert len(walked(lambda look: views.inventories(game, look), search="BRAM")) == 1
    assert len(walked(lambda look: views.inventories(game, look), search=f"player:{one}")) == 3
    assert len(walked(lambda look: views.inventories(game, look), search="player:nobody")) == 0


def test_wallets(game, world):
    one, other = world.add_player("Aurelia"), world.add_player("Bram")
    world.add_currency("gld")
    for player in (one, other):
        world.add_balance(player_id=player, currency_code="gld", amount="5")
    found = walked(lambda look: views.wallets(game, look), count=1)
    assert names({"items": found}, "holder_name") == ["Aurelia", "Bram"]
    assert [wallet["balances"][0]["amount"] for wallet in found] == ["5", "5"]
    for search in ("bra", found[1]["id"], found[1]["holder_ulid"]):
        assert names(views.wallets(game, Look(search=search)), "player_id") == [str(other)]


def test_progressions(game, world):
    world.add_progression("pass", name="Pass", tiers=[{"points_threshold": it} for it in (100, 200)])
    world.add_progression("off", active=False)
    players = world.add_players(["Aurelia", "Bram", "Cleo"])
    for player, points in zip(players, (0, 150, 2**64 - 1), strict=True):
        world.add_progression_state(player_id=player, progression_key="pass", points=points)
    listed = walked(lambda look: views.progressions(game, look), count=1)
    assert [(it["key"], it["tiers"], it["active"]) for it in listed] == [("pass", "3", True), ("off", "1", False)]
    shown = views.progression(game, "pass", Look())
    assert [tier["points"] for tier in shown["tiers"]] == ["0", "100", "200"]
    states = walked(lambda look: views.progression(game, "pass", look), count=1)
    assert [(it["player_name"], it["share"], it["next"]) for it in states] == [
        ("Aurelia", 0, "100"), ("Bram", 500, "200"), ("Cleo", 1000, None)
    ]  # fmt: skip
    assert states[2]["points"] == str(2**64 - 1)
    assert names(views.progression(game, "pass", Look(search="bram")), "player_name") == ["Bram"]
    with pytest.raises(ServiceError):
        views.progression(game, "nowhere", Look())


def test_everything_of_a_rich_world(game):
    from lootlocker_async.emulator import seeds

    seeds.load(game, RICH)
    counts = views.overview(game)
    for name, view in (
        ("players", views.players), ("leaderboards", views.boards), ("inventories", views.inventories),
        ("wallets", views.wallets), ("progressions", views.progressions),
    ):  # fmt: skip
        assert len(walked(lambda look, view=view: view(game, look), count=1)) == counts[name] > 0
    for player in walked(lambda look: views.players(game, look), count=100):
        assert views.player(game, player["id"])["player"]["id"] == player["id"]
    for board in walked(lambda look: views.boards(game, look), count=100):
        assert len(walked(lambda look, key=board["key"]: views.board(game, key, look))) == int(board["entries"])
    for progression in walked(lambda look: views.progressions(game, look), count=100):
        views.progression(game, progression["key"], Look())
