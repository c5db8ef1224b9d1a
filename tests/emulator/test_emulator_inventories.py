"""The domain logic of inventories and assets, without sockets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async.emulator import Clock, ServiceError, World, assets, inventories
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.inventories import Grant

VARIATIONS = [{"id": 88, "name": "Ember"}, {"id": 89, "name": "Frost"}]
RENTALS = [
    {"id": 9, "name": "One day", "duration": 86400, "price": 60},
    {"id": 10, "name": "For good", "duration": None, "price": 200},
]


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


@pytest.fixture
def blade(world):
    return world.add_asset("Blade", variations=VARIATIONS, default_variation_id=88, rental_options=RENTALS)


def instances(game, player, **options):
    return [item["instance_id"] for item in inventories.list_items(game, player, **options)["items"]]


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status


def test_a_grant_takes_the_default_variation_or_the_one_named(game, player, blade):
    (first,) = inventories.add_asset(game, player, Grant(blade))["items"]
    (second,) = inventories.add_asset(game, player, Grant(blade, variation_id=89))["items"]
    assert (first["variation_id"], second["variation_id"]) == (88, 89)
    assert instances(game, player) == [first["instance_id"], second["instance_id"]]


def test_a_grant_answers_a_raw_record(game, player, world):
    asset = world.add_asset("Coin", marked_new="Mon, 20 Jan 2025 09:00:00 +0000", popular=True, price=450)
    (item,) = inventories.add_asset(game, player, Grant(asset))["items"]
    record = item["asset"]
    assert (record["popular"], record["active"], record["unique_instance"]) == (1, 1, 0)
    assert type(record["active"]) is int
    assert (record["price"], record["sales_price"], record["marked_new"]) == (450, 0, "2025-01-20 09:00:00")
    assert item["acquisition_source"] == "grant_server_api"


@pytest.mark.parametrize(
    ("grant", "status"),
    [(Grant(424242), 404), (Grant(-1, variation_id=90), 404), (Grant(-1, rental_option_id=11), 404)],
)
def test_what_is_not_there_cannot_be_granted(game, player, blade, grant, status):
    asset_id = blade if grant.asset_id == -1 else grant.asset_id
    assert refusal(inventories.add_asset, game, player, Grant(asset_id, grant.variation_id, grant.rental_option_id)) \
        == status  # fmt: skip
    assert instances(game, player) == []


def test_an_asset_out_of_use_cannot_be_granted(game, player, world):
    assert refusal(inventories.add_asset, game, player, Grant(world.add_asset("Old", active=False))) == 400


def test_an_asset_has_only_the_fields_of_the_contract(game, world):
    with pytest.raises(ValueError, match="colour"):
        world.add_asset("Blade", colour="red")
    assert refusal(assets.get, game, 424242) == 404


def test_a_rent_runs_out_by_the_clock(game, player, blade, clock):
    inventories.add_asset(game, player, Grant(blade, rental_option_id=9))
    inventories.add_asset(game, player, Grant(blade, rental_option_id=10))
    inventories.add_asset(game, player, Grant(blade))

    def rentals():
        return [tuple(item["rental"].values()) for item in inventories.list_items(game, player)["items"]]

    forever, none = (True, None, None, True), (False, None, None, None)
    assert rentals() == [(True, 86400, 86400, True), forever, none]
    clock.advance(400)
    assert rentals()[0] == (True, 86000, 86400, True)
    clock.advance(86400)
    assert rentals() == [(True, 0, 86400, False), forever, none]


def test_a_player_has_one_instance_of_a_unique_asset(game, player, world):
    crown = world.add_asset("Crown", unique_instance=True)
    (item,) = inventories.add_asset(game, player, Grant(crown))["items"]
    assert refusal(inventories.add_asset, game, player, Grant(crown)) == 409
    assert refusal(inventories.alter, game, world.add_player(), add=[Grant(crown), Grant(crown)]) == 409
    exchanged = inventories.alter(game, player, add=[Grant(crown)], remove=[item["instance_id"]])
    assert exchanged["removed"] == [item["instance_id"]]
    assert len(instances(game, player)) == 1


@pytest.mark.parametrize("wrong", ["asset", "instance", "stranger's instance", "variation"])
def test_an_alteration_happens_as_a_whole_or_not_at_all(game, player, world, blade, wrong):
    kept = world.grant(player, blade)
    strangers = world.grant(world.add_player(), blade)
    add, remove = [Grant(blade)], [kept]
    if wrong == "asset":
        add.append(Grant(424242))
    elif wrong == "variation":
        add.append(Grant(blade, variation_id=1))
    else:
        remove.append(424242 if wrong == "instance" else strangers)
    assert refusal(inventories.alter, game, player, add=add, remove=remove) == 404
    assert instances(game, player) == [kept]


def test_an_alteration_says_what_it_did(game, player, world, blade):
    gone = world.grant(player, blade)
    done = inventories.alter(game, player, add=[Grant(blade), Grant(blade)], remove=[gone, gone])
    assert (done["removed"], [asset["id"] for asset in done["added"]]) == ([gone], [blade, blade])
    assert done["added"][0] == assets.get(game, blade)
    assert len(instances(game, player)) == 2


def test_an_alteration_needs_something_to_do(game, player):
    assert refusal(inventories.alter, game, player) == 400


def test_ids_of_instances_are_never_used_again(game, player, world, blade):
    first = world.grant(player, blade)
    inventories.alter(game, player, remove=[first])
    assert world.grant(player, blade) > first


def test_characters_and_heroes_have_items_of_their_own(game, player, world, blade):
    default = world.add_character(player, default=True)
    other = world.add_character(player)
    hero = world.add_hero(player, instance_id=70)
    own = world.grant(player, blade)
    by_default = world.grant(player, blade, character_id=default)
    characters = world.grant(player, blade, character_id=other)
    heros = world.grant(player, blade, hero_id=hero)
    assert instances(game, player) == [70, own, by_default]
    assert instances(game, player, holder=inventories.character(game, player, default)) == [70, own, by_default]
    assert instances(game, player, holder=inventories.character(game, player, other)) == [characters]
    assert instances(game, player, holder=inventories.hero(game, player, hero)) == [heros]
    assert world.inventory_size(player) == 5
    stranger = world.add_player()
    assert refusal(inventories.character, game, stranger, other) == 404
    assert refusal(inventories.hero, game, stranger, hero) == 404
    assert refusal(world.add_character, player, default=True) == 409


def test_strangers_have_nothing(game, world, blade):
    for function in (world.add_character, world.add_hero, world.add_game_session):
        assert refusal(function, 424242) == 404
    assert refusal(world.grant, 424242, blade) == 404
    assert refusal(inventories.list_items, game, 424242) == 404
    assert refusal(world.add_account, 424242, "steam", "1") == 404


def test_universal_assets_are_everybodys(game, world, blade):
    number = world.add_universal_asset(blade, rental_option_id=9)
    (item,) = inventories.list_universal(game)["global_assets"]
    assert (item["universal_id"], item["asset"]["id"], item["acquisition_source"]) == (number, blade, "global")
    assert refusal(world.add_universal_asset, 424242) == 404


def test_a_silent_cap_shortens_pages():
    game = Game(Settings(server_key="key", inventory_page_cap=2), clock=Clock(frozen=True))
    world = World(game)
    player, coin = world.add_player(), world.add_asset("Coin")
    items = [world.grant(player, coin) for _ in range(5)]
    assert instances(game, player, count=200) == items[:2]
    assert instances(game, player, count=200, after=items[3]) == items[4:]
    game.close()


@settings(max_examples=30, deadline=None)
@given(size=st.integers(0, 12), count=st.integers(1, 5), removed=st.sets(st.integers(0, 11)))
def test_pages_hold_each_item_once(size, count, removed):
    game = Game(Settings(server_key="key"), clock=Clock(frozen=True))
    world = World(game)
    player, coin = world.add_player(), world.add_asset("Coin")
    items = [world.grant(player, coin) for _ in range(size)]
    gone = [items[index] for index in removed if index < size]
    if gone:
        inventories.alter(game, player, remove=gone)
    seen, after = [], 0
    while page := instances(game, player, count=count, after=after):
        assert len(page) <= count
        seen += page
        after = page[-1]
    assert seen == [item for item in items if item not in gone]
    assert inventories.list_items(game, player)["total"] == len(seen)
    game.close()
