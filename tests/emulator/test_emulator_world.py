"""The generated game, the clock, and what is missing without the extra."""

from __future__ import annotations

import ast
import importlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from lootlocker_async.emulator import Clock, EmulatorExtraMissingError, World, errors, inventories, leaderboards
from lootlocker_async.emulator.game import Game, Settings


def test_a_generated_game(check_answer):
    started = time.perf_counter()
    game = Game(Settings(server_key="key"))
    made = World(game).generate()
    assert time.perf_counter() - started < 4
    assert len(made.board_players) == 20_000
    assert len(made.inventory_players) == 500
    assert len(made.asset_ids) == 30
    page = leaderboards.list_scores(game, made.board_key, count=2000, after=18_000)
    assert page["pagination"] == {"total": 20_000, "next_cursor": None, "previous_cursor": 16_000}
    check_answer("leaderboards_list_scores", 200, page)
    scores = [item["score"] for item in page["items"]]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) < len(scores)
    sizes = [inventories.list_items(game, player, count=1)["total"] for player in made.inventory_players]
    assert sum(sizes) == made.items
    assert sum(size > 200 for size in sizes) >= 5
    assert min(sizes) < 5
    hoarder = made.inventory_players[sizes.index(max(sizes))]
    page = inventories.list_items(game, hoarder, count=200)
    check_answer("inventories_list_for_player", 200, page)
    assert {item["asset"]["rarity"]["name"] for item in page["items"] if item["asset"]["rarity"]} > {"Common", "Epic"}
    check_answer("inventories_list_universal_assets", 200, inventories.list_universal(game))
    check_answer("leaderboards_list", 200, leaderboards.list_boards(game, count=50, after=0))
    game.close()


def test_the_same_seed_gives_the_same_game():
    def dump(seed):
        game = Game(Settings(server_key="key"))
        made = World(game).generate(players=5, scores=40, seed=seed)
        board = leaderboards.list_scores(game, made.board_key, count=50, after=0)
        pages = [inventories.list_items(game, player, count=200) for player in made.inventory_players]
        game.close()
        return attrs.asdict(made), board, pages

    assert dump(1) == dump(1)
    assert dump(1) != dump(2)


def test_a_small_game_with_more_owners_than_scores():
    game = Game(Settings(server_key="key"))
    made = World(game).generate(players=10, scores=3, items_per_player=0)
    assert (len(made.board_players), len(made.inventory_players)) == (3, 10)
    game.close()


def test_names_stay_different():
    game = Game(Settings(server_key="key"))
    World(game).generate(players=0, scores=2000)
    assert game.store.count("SELECT count(DISTINCT name) FROM players") == 2000
    game.close()


def test_players_in_bulk_and_by_id(world):
    ids = world.add_players(["Ada", "Bo"])
    assert list(ids) == [1001, 1002]
    assert world.add_player("Cy", player_id=5000) == 5000
    assert world.add_player() == 5001
    assert list(world.add_players([])) == []
    assert list(world.add_players(["Di"])) == [5002]


def test_the_clock():
    start = datetime(2026, 7, 14, 9, tzinfo=UTC)
    clock = Clock(start, frozen=True)
    assert clock.now() == start
    clock.advance(60)
    clock.advance(timedelta(minutes=1))
    assert clock.now() == start + timedelta(minutes=2)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    clock.unfreeze()
    clock.unfreeze()
    assert abs(clock.now() - start - timedelta(minutes=2)) < timedelta(seconds=5)
    clock.freeze()
    clock.freeze()
    assert clock.timestamp() == clock.timestamp()
    assert abs(Clock().timestamp() - time.time()) < 5
    assert abs(Clock(datetime(2026, 7, 14, 9)).now() - start) < timedelta(seconds=5)  # noqa: DTZ001 - taken as UTC


def test_it_shares_the_routes_with_the_sdk_and_nothing_else():
    allowed = ("lootlocker_async.emulator", "lootlocker_async.routes")
    for file in Path(errors.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                assert not name.startswith("lootlocker_async") or name.startswith(allowed), f"{file.name}: {name}"


def test_without_the_extra(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(errors, "import_module", fail)
    with pytest.raises(ImportError, match=r"pip install 'lootlocker-async\[emulator\]'") as missing:
        errors.require("sortedcontainers")
    assert isinstance(missing.value, EmulatorExtraMissingError)
    assert missing.value.name == "sortedcontainers"
    assert importlib.import_module("sortedcontainers") is not None
