"""The domain logic of characters, heroes and loadouts."""

from __future__ import annotations

import pytest

from lootlocker_async.emulator import ServiceError, characters, inventories, loadouts
from lootlocker_async.emulator.inventories import Grant

RENTALS = [{"id": 9, "name": "One day", "duration": 86400, "price": 60}]
VARIATIONS = [{"id": 88}, {"id": 89}]


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


def equipped(loadout):
    return [item["instance_id"] for item in loadout["items"]]


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


@pytest.fixture
def bearer(game, player):
    return loadouts.of_player(game, player)


@pytest.fixture
def blade(world):
    return world.add_asset("Blade", variations=VARIATIONS, default_variation_id=88, rental_options=RENTALS)


@pytest.fixture
def helm(world):
    return world.add_asset("Helm", context="Headwear")


def test_one_thing_for_each_context(game, world, player, bearer, blade, helm, clock, check_answer):
    first, second, hat = world.grant(player, blade), world.grant(player, blade), world.grant(player, helm)
    assert loadouts.get(game, bearer) == {"items": []}
    assert equipped(loadouts.equip_instance(game, bearer, hat)) == [hat]
    clock.advance(60)
    both = loadouts.equip_instance(game, bearer, first)
    check_answer("loadouts_equip_for_player", 200, both)
    assert equipped(both) == [hat, first]
    assert both["items"][0]["mounted_at"] < both["items"][1]["mounted_at"]
    assert both["items"][1]["variation_id"] == 88
    assert loadouts.equip_instance(game, bearer, hat) == both
    assert equipped(loadouts.equip_instance(game, bearer, second)) == [hat, second]
    assert equipped(loadouts.unequip(game, bearer, hat)) == [second]
    assert refusal(loadouts.unequip, game, bearer, hat) == (404, "asset_instance_id")
    assert world.inventory_size(player) == 3


def test_only_what_is_owned(game, world, bearer, blade, helm):
    strangers = world.grant(world.add_player(), blade)
    for instance in (strangers, 424242):
        assert refusal(loadouts.equip_instance, game, bearer, instance) == (404, "instance_id")
    assert refusal(loadouts.equip_asset, game, bearer, Grant(blade)) == (404, "asset_id")
    assert refusal(loadouts.equip_asset, game, bearer, Grant(424242)) == (404, "asset_id")
    assert refusal(loadouts.equip_asset, game, bearer, Grant(blade, 1)) == (404, "asset_variation_id")
    assert loadouts.get(game, bearer) == {"items": []}


def test_an_asset_stands_for_an_instance_of_it(game, world, player, bearer, blade):
    plain, frost = world.grant(player, blade), world.grant(player, blade, variation_id=89)
    rented = world.grant(player, blade, rental_option_id=9)
    assert equipped(loadouts.equip_asset(game, bearer, Grant(blade, 89))) == [frost]
    assert equipped(loadouts.equip_asset(game, bearer, Grant(blade))) == [frost]
    loadouts.unequip(game, bearer, frost)
    assert equipped(loadouts.equip_asset(game, bearer, Grant(blade))) == [plain]
    (item,) = loadouts.equip_asset(game, bearer, Grant(blade, None, 9))["items"]
    assert (item["instance_id"], item["rental"]["is_active"]) == (rented, True)
    other = loadouts.of_character(game, player, world.add_character(player))
    assert equipped(loadouts.equip_asset(game, other, Grant(blade, None, None))) == [plain]


def test_an_asset_that_every_player_has_can_be_equipped(game, world, player, bearer, blade):
    world.add_universal_asset(blade, variation_id=89)
    assert refusal(loadouts.equip_asset, game, bearer, Grant(blade, 88)) == (404, "asset_id")
    (item,) = loadouts.equip_asset(game, bearer, Grant(blade))["items"]
    assert item["variation_id"] == 89
    (owned,) = inventories.list_items(game, player)["items"]
    assert (owned["instance_id"], owned["acquisition_source"]) == (item["instance_id"], "global")
    loadouts.equip_asset(game, bearer, Grant(blade))
    assert world.inventory_size(player) == 1


def test_a_rent_that_has_run_out_cannot_be_equipped(game, world, player, bearer, blade, clock):
    old, new = world.grant(player, blade, rental_option_id=9), None
    loadouts.equip_instance(game, bearer, old)
    clock.advance(86401)
    (item,) = loadouts.get(game, bearer)["items"]
    assert item["rental"]["is_active"] is False
    assert refusal(loadouts.equip_instance, game, bearer, old) == (409, "instance_id")
    assert refusal(loadouts.equip_asset, game, bearer, Grant(blade)) == (409, "instance_id")
    new = world.grant(player, blade, rental_option_id=9)
    assert equipped(loadouts.equip_asset(game, bearer, Grant(blade))) == [new]


def test_one_instance_is_on_one_character(game, world, player, bearer, blade):
    instance = world.grant(player, blade)
    other = loadouts.of_character(game, player, world.add_character(player))
    loadouts.equip_instance(game, bearer, instance)
    assert refusal(loadouts.equip_instance, game, other, instance) == (409, "instance_id")
    assert refusal(loadouts.unequip, game, other, instance) == (404, "asset_instance_id")
    loadouts.unequip(game, bearer, instance)
    assert equipped(loadouts.equip_instance(game, other, instance)) == [instance]


def test_what_cannot_be_taken_off_can_be_replaced_and_removed(game, world, player, bearer):
    skin = world.add_asset("Skin", context="Body", detachable=False)
    first, second = world.grant(player, skin), world.grant(player, skin)
    loadouts.equip_instance(game, bearer, first)
    assert refusal(loadouts.unequip, game, bearer, first) == (409, "asset_instance_id")
    assert equipped(loadouts.equip_instance(game, bearer, second)) == [second]
    inventories.alter(game, player, remove=[second])
    assert loadouts.get(game, bearer) == {"items": []}


def test_classes_allow_contexts_and_assets_allow_classes(game, world, player, blade):
    world.add_context("Headwear", context_id=32)
    warden = world.add_character_class("Warden", class_id=74, context_ids=[32])
    helm = world.grant(player, world.add_asset("Helm", context_id=32, character_classes=[warden]))
    hood = world.grant(player, world.add_asset("Hood", context_id=32, character_classes=[72]))
    sword = world.grant(player, blade)
    guard = loadouts.of_character(game, player, world.add_character(player, type="Warden"))
    free = loadouts.of_character(game, player, world.add_character(player))
    for instance in (hood, sword):
        assert refusal(loadouts.equip_instance, game, guard, instance) == (409, "instance_id")
    assert refusal(loadouts.equip_instance, game, free, helm) == (409, "instance_id")
    assert equipped(loadouts.equip_instance(game, guard, helm)) == [helm]
    assert equipped(loadouts.equip_instance(game, free, sword)) == [sword]


def test_heroes_have_exceptions_and_the_loadout_of_their_character(game, world, player, blade):
    world.add_character_class("Ranger", context_ids=[])
    brynja = world.add_game_hero("Brynja", type="Ranger", hero_id=12)
    exception = {"hero_id": brynja, "hero_name": "Brynja"}
    bow = world.add_asset("Bow", hero_equip_exceptions=[{**exception, "can_equip": True}])
    cursed = world.add_asset("Cursed", hero_equip_exceptions=[{**exception, "can_equip": False}])
    hero = world.add_hero(player, "Brynja")
    bearer = loadouts.of_hero(game, player, hero)
    assert bearer.hero_id == 12
    assert refusal(loadouts.equip_instance, game, bearer, world.grant(player, blade)) == (409, "instance_id")
    assert refusal(loadouts.equip_instance, game, bearer, world.grant(player, cursed)) == (409, "instance_id")
    instance = world.grant(player, bow)
    assert equipped(loadouts.equip_instance(game, bearer, instance)) == [instance]
    (listed,) = characters.list_heroes(game, player)["items"]
    behind = loadouts.of_character(game, player, listed["character_id"])
    assert equipped(loadouts.get(game, behind)) == [instance]


def test_the_default_character_has_the_players_loadout(game, world, player, blade):
    default = world.add_character(player, default=True)
    instance = world.grant(player, blade)
    loadouts.equip_instance(game, loadouts.of_player(game, player), instance)
    assert equipped(loadouts.get(game, loadouts.of_character(game, player, default))) == [instance]


def test_there_must_be_such_a_bearer(game, world, player):
    stranger = world.add_player()
    character, hero = world.add_character(player), world.add_hero(player)
    assert refusal(loadouts.of_player, game, 424242) == (404, "player_id")
    assert refusal(loadouts.of_character, game, stranger, character) == (404, "character_id")
    assert refusal(loadouts.of_hero, game, stranger, hero) == (404, "hero_id")


def test_characters_and_heroes_are_listed(game, world, player, check_answer):
    world.add_asset("Brynja", id=1400, context="Hero", variations=[{"id": 120}], default_variation_id=120)
    world.add_game_hero("Brynja", type="Ranger", asset_id=1400, hero_id=12)
    warden = world.add_character(player, "Hallveig", default=True, type="Warden")
    hero = world.add_hero(player, "Brynja", default=True)
    listed = characters.list_characters(game, player)
    check_answer("characters_list", 200, listed)
    first, second = listed["items"]
    assert (first["id"], first["default"], first["name"], first["type"]) == (warden, True, "Hallveig", "Warden")
    assert (second["default"], second["name"], second["type"], len(second["ulid"])) == (False, "Brynja", "Ranger", 26)
    heroes = characters.list_heroes(game, player)
    check_answer("characters_list_heroes", 200, heroes)
    (brynja,) = heroes["items"]
    assert (brynja["id"], brynja["hero_id"], brynja["character_id"]) == (hero, 12, second["id"])
    assert (brynja["is_default"], brynja["class_name"], brynja["asset_variation_id"]) == (True, "Ranger", 120)
    assert inventories.list_items(game, player)["items"][0]["instance_id"] == brynja["instance_id"]
    for function in (characters.list_characters, characters.list_heroes):
        assert refusal(function, game, 424242) == (404, "player_id")


def test_a_hero_goes_with_its_instance(game, world, player):
    hero = world.add_hero(player)
    (listed,) = characters.list_heroes(game, player)["items"]
    inventories.alter(game, player, remove=[listed["instance_id"]])
    assert characters.list_heroes(game, player) == {"items": []}
    assert refusal(loadouts.of_hero, game, player, hero) == (404, "hero_id")
    assert len(characters.list_characters(game, player)["items"]) == 1


def test_names_of_classes_and_heroes_are_taken_once(world, player, blade):
    world.add_character_class("Warden")
    assert refusal(world.add_character_class, "Warden") == (409, None)
    world.add_game_hero("Brynja")
    assert refusal(world.add_game_hero, "Brynja") == (409, None)
    assert refusal(world.add_game_hero, "Odd", asset_id=424242) == (404, "asset_id")
    instance = world.grant(player, blade)
    assert refusal(world.add_hero, player, "Brynja", instance_id=instance) == (409, None)
    assert refusal(world.add_hero, player, "Brynja", character_id=424242) == (404, "character_id")
