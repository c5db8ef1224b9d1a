"""What is exported of players, assets, characters and items makes the same game again."""

from __future__ import annotations

import json

import pytest

from lootlocker_async.emulator import (
    Clock,
    World,
    asset_instances,
    asset_lists,
    characters,
    contexts,
    drop_tables,
    inventories,
    loadouts,
    loot_boxes,
    players,
)  # fmt: skip
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.paging import PageRequest

# In the order in which a seed makes them.
KINDS = (
    "player", "account", "game_session", "context", "asset", "loot_box", "drop_table", "universal_asset",
    "character_class", "character", "game_hero", "item", "hero", "equipment",
)  # fmt: skip
PLURALS = {
    "loot_box": "loot_boxes", "character_class": "character_classes", "game_hero": "game_heroes", "hero": "heroes",
    "equipment": "equipment",
}  # fmt: skip
RENTALS = [{"id": 9, "name": "One day", "duration": 86400, "price": 60}]


def exported(world):
    return {kind: getattr(world, f"export_{PLURALS.get(kind, kind + 's')}")() for kind in KINDS}


@pytest.fixture
def other():
    game = Game(Settings(server_key="key"), clock=Clock(frozen=True), seed=99)
    yield World(game)
    game.close()


def furnish(world, game):
    player = world.add_player("Aurelia", platform="steam", identifier="7656")
    world.add_account(player, "psn", "48")
    guest = world.add_player()
    world.add_account(guest, "guest", "zz")
    world.add_game_session(guest, token="secret")
    blade = world.add_asset(
        "Blade", variations=[{"id": 88}, {"id": 89}], rental_options=RENTALS, data_entities=["stats"],
        files=[{"url": "https://cdn.example.com/b.glb", "size": 4}], asset_candidate={"created_by_player_id": guest},
    )  # fmt: skip
    chest, hoard = world.add_asset("Chest", context="Loot Box"), world.add_asset("Hoard", context="Drop Table")
    world.add_loot_box(chest, [{"asset_id": blade, "weight": 3}])
    world.add_drop_table(hoard, [{"draws": 2, "items": [{"asset_id": blade, "tags": ["a"]}, {"asset_id": chest}]}])
    game.clock.advance(60)
    world.add_drop_table(chest, [{"items": [{"asset_id": hoard}]}], max_picks=1)
    game.clock.advance(60)
    world.add_drop_table(hoard, [{"draws": 2, "items": [{"asset_id": blade, "tags": ["a"]}, {"asset_id": chest}]}])
    world.add_loot_box(chest, [{"asset_id": blade, "weight": 3}])
    world.add_universal_asset(blade, variation_id=89)
    world.add_character_class("Warden", context_ids=[31])
    world.add_character(player, "Hallveig", default=True, type="Warden")
    hero = world.add_hero(player, "Brynja", default=True)
    rented = world.grant(player, blade, rental_option_id=9)
    stored = world.grant(player, blade, hero_id=hero, variation_id=89)
    asset_instances.create_pair(game, player, stored, "kills", "12")
    table = world.grant(player, hoard)
    drop_tables.compute_and_lock(game, player, table)
    world.grant(guest, chest)
    loadouts.equip_instance(game, loadouts.of_player(game, player), rented)
    world.add_equipment(player, stored, hero_id=hero)
    game.clock.advance(90_000)
    return player, guest, table


def seen(game, player, guest, table):
    """What calls would tell of the game."""
    wanted = {"player_id": [player, guest]}
    return {
        "players": players.lookup_names(game, wanted),
        "tokens": players.lookup_session_tokens(game, ["secret"]),
        "assets": asset_lists.list_full(game, include_ugc=True),
        "short": asset_lists.list_simple(game, PageRequest(), includes={"files": True, "data_entities": True}),
        "contexts": contexts.list_contexts(game, PageRequest()),
        "universal": inventories.list_universal(game),
        "characters": characters.list_characters(game, player),
        "heroes": characters.list_heroes(game, player),
        "inventories": [
            inventories.list_items(game, player, holder=holder)
            for holder in (
                "",
                *(f"character/{each['id']}" for each in characters.list_characters(game, player)["items"]),
            )
        ],
        "loadouts": [
            loadouts.get(game, loadouts.of_character(game, player, each["id"]))
            for each in characters.list_characters(game, player)["items"]
        ],
        "locked": drop_tables.locked_items(game, table),
        "box": loot_boxes.export(game),
    }


def test_an_export_makes_the_same_game_again(world, game, other):
    whose = furnish(world, game)
    seed = json.loads(json.dumps(exported(world)))
    assert all(seed.values())
    other._game.clock = game.clock
    for kind, things in seed.items():
        for arguments in things:
            getattr(other, f"add_{kind}")(**arguments)
    assert exported(other) == seed
    assert seen(other._game, *whose) == seen(game, *whose)


def test_new_things_do_not_take_the_ids_of_a_seed(world, game, other):
    furnish(world, game)
    for kind, things in exported(world).items():
        for arguments in things:
            getattr(other, f"add_{kind}")(**arguments)
    assert other.add_player() == world.add_player()
    assert other.add_asset("New") == world.add_asset("New")
    player = other.add_player()
    assert other.grant(player, 1201) > max(item["instance_id"] for item in world.export_items())


def test_bulk_players_are_exported(world):
    world.add_players(["A", "B"])
    first, second = world.export_players()
    assert (first["name"], first["platform"], first["identifier"]) == ("A", "guest", f"guest-{first['public_uid']}")
    assert second["player_id"] == first["player_id"] + 1
    assert world.export_accounts() == []


def test_equipment_is_given_to_any_bearer(world, game):
    player, asset = world.add_player(), world.add_asset("Blade")
    character = world.add_character(player)
    own, its = world.add_item(player, asset), world.add_item(player, asset, character_id=character)
    world.add_equipment(player, own, mounted_at=1.5)
    world.add_equipment(player, its, character_id=character)
    shown = [(item["instance_id"], item["character_id"]) for item in world.export_equipment()]
    assert shown == [(own, None), (its, character)]
    assert loadouts.get(game, loadouts.of_player(game, player))["items"][0]["mounted_at"] == "1970-01-01T00:00:01+00:00"
