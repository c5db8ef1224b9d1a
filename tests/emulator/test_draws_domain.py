"""The domain logic of loot boxes and drop tables."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, strategies as st

from lootlocker_async.emulator import Clock, ServiceError, World, assets, draws, drop_tables, inventories, loot_boxes
from lootlocker_async.emulator.game import Game, Settings

RENTALS = [{"id": 9, "name": "One day", "duration": 86400, "price": 60}]


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


def held(game, player, **options):
    return [item["asset"]["id"] for item in inventories.list_items(game, player, **options)["items"]]


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


@pytest.fixture
def blade(world):
    return world.add_asset("Blade", variations=[{"id": 88}], rental_options=RENTALS)


@pytest.fixture
def helm(world):
    return world.add_asset("Helm", context="Headwear")


def box(world, contents):
    asset = world.add_asset("Box", context="Loot Box")
    world.add_loot_box(asset, contents)
    return asset


def table(world, groups, **options):
    asset = world.add_asset("Hoard", context="Drop Table")
    world.add_drop_table(asset, groups, **options)
    return asset


def item(asset, weight=1, **more):
    return {"asset_id": asset, "weight": weight, **more}


def chances(*weights: int) -> list[draws.Chance]:
    return [
        {
            "asset_id": number,
            "asset_variation_id": None,
            "asset_rental_option_id": None,
            "weight": weight,
            "quantity": 1,
            "tags": [],
        }
        for number, weight in enumerate(weights)
    ]


def test_draws_follow_the_weights():
    drawn = Counter(each["asset_id"] for each in draws.draw(Random(5), chances(5, 25, 70), 10_000, duplicates=True))
    for number, share in enumerate((0.05, 0.25, 0.70)):
        assert drawn[number] / 10_000 == pytest.approx(share, abs=0.02)


@given(st.lists(st.integers(1, 2**40), max_size=6), st.integers(1, 8), st.integers())
def test_without_duplicates_everything_is_drawn_at_most_once(weights, times, seed):
    drawn = [each["asset_id"] for each in draws.draw(Random(seed), chances(*weights), times)]
    assert len(drawn) == min(times, len(weights)) == len(set(drawn))


# --------------------------------------------------------------------------------------------------------- loot boxes
def test_a_box_shows_its_contents_and_turns_into_one_of_them(game, world, player, blade, helm, check_answer):
    contents = [item(blade, 5, asset_variation_id=88), item(blade, 25, asset_rental_option_id=9), item(helm, 70)]
    instance = world.grant(player, box(world, contents))
    shown = loot_boxes.inspect(game, player, instance)
    check_answer("loot_boxes_inspect", 200, shown)
    assert [(each["asset_id"], each["weight"]) for each in shown["contents"]] == [(blade, 5), (blade, 25), (helm, 70)]
    assert (shown["contents"][0]["asset_variation_id"], shown["contents"][1]["asset_rental_option_id"]) == (88, 9)
    assert held(game, player) != []
    opened = loot_boxes.open_box(game, player, instance)
    check_answer("loot_boxes_open", 200, opened)
    (got,) = inventories.list_items(game, player)["items"]
    assert got["asset"]["id"] in {blade, helm}
    assert got["acquisition_source"] == "loot_box"
    assert refusal(loot_boxes.open_box, game, player, instance) == (404, "asset_instance_id")
    assert refusal(loot_boxes.inspect, game, player, got["instance_id"]) == (404, "asset_instance_id")
    assert len(held(game, player)) == 1


def opened_assets(seed):
    game = Game(Settings(server_key="key"), clock=Clock(frozen=True), seed=seed)
    try:
        world = World(game)
        player = world.add_player()
        things = [world.add_asset(f"Thing {number}") for number in range(8)]
        chest = box(world, [item(thing) for thing in things])
        for _ in range(12):
            loot_boxes.open_box(game, player, world.grant(player, chest))
        return held(game, player)
    finally:
        game.close()


def test_the_same_seed_draws_the_same():
    assert opened_assets(7) == opened_assets(7) != opened_assets(8)


def test_what_is_drawn_comes_to_the_character_that_had_the_box(game, world, player, helm):
    character = world.add_character(player)
    instance = world.grant(player, box(world, [item(helm)]), character_id=character)
    loot_boxes.open_box(game, player, instance)
    assert held(game, player, holder=inventories.character(game, player, character)) == [helm]
    assert held(game, player) == []


def test_a_box_stays_closed_when_its_content_cannot_be_had(game, world, player):
    crown = world.add_asset("Crown", unique_instance=True)
    world.grant(player, crown)
    chest = box(world, [item(crown)])
    instance = world.grant(player, chest)
    assert refusal(loot_boxes.open_box, game, player, instance)[0] == 409
    assert held(game, player) == [crown, chest]


@pytest.mark.parametrize(
    "wrong", [{"weight": 0}, {"quantity": 0}, {"colour": "red"}, {"asset_variation_id": 1}, {"asset_id": 424242}]
)
def test_contents_must_make_sense(world, helm, wrong):
    chest = world.add_asset("Box")
    with pytest.raises((ValueError, ServiceError)):
        world.add_loot_box(chest, [{**item(helm), **wrong}])
    with pytest.raises(ValueError, match="contents"):
        world.add_loot_box(chest, [])
    assert world.export_loot_boxes() == []


# -------------------------------------------------------------------------------------------------------- drop tables
def test_a_draw_is_locked_picked_and_used_up(game, world, player, blade, helm, check_answer):
    groups = [
        {"items": [item(blade, 1, asset_rental_option_id=9)]},
        {"draws": 3, "duplicates": True, "items": [item(helm, quantity=2)]},
    ]
    hoard = table(world, groups, max_picks=2)
    instance = world.grant(player, hoard)
    computed = drop_tables.compute_and_lock(game, player, instance)
    check_answer("drop_tables_compute_and_lock", 200, computed)
    assert [each["asset_id"] for each in computed["items"]] == [blade, helm, helm, helm]
    assert all("asset" not in each for each in computed["items"])
    picks = [each["id"] for each in computed["items"]]
    assert len(set(picks)) == 4
    assert refusal(drop_tables.compute_and_lock, game, player, instance) == (409, "asset_instance_id")
    assert held(game, player) == [hoard]
    picked = drop_tables.pick(game, player, instance, [picks[2], picks[0]])
    check_answer("drop_tables_pick", 200, picked)
    assert [(each["asset"]["id"], each["quantity"]) for each in picked["items"]] == [(helm, 2), (blade, 1)]
    assert picked["items"][1]["rental_option_id"] == 9
    assert held(game, player) == [hoard, helm, helm, blade]
    assert refusal(drop_tables.pick, game, player, instance, [picks[1]]) == (409, "asset_instance_id")
    again = drop_tables.compute_and_lock(game, player, instance)
    assert not {each["id"] for each in again["items"]} & set(picks)


def test_a_computation_has_details_on_request_and_heeds_tags(game, world, player, blade, helm, check_answer):
    groups = [{"draws": 9, "items": [item(blade, tags=["rare", "sharp"]), item(helm, tags=["common"]), item(helm)]}]
    instance = world.grant(player, table(world, groups))
    assert drop_tables.compute_and_lock(game, player, instance, tag="unknown") == {"items": []}
    computed = drop_tables.compute_and_lock(game, player, instance, asset_details=True, tag="sharp")
    check_answer("drop_tables_compute_and_lock", 200, computed)
    assert [each["asset"] for each in computed["items"]] == [assets.get(game, blade)]


@pytest.mark.parametrize(
    ("picks", "refused"), [([], 400), ([0, 0], 400), ([0, 1, 2], 400), ([424242], 404), ([0, 424242], 404)]
)
def test_picks_are_checked(game, world, player, helm, picks, refused):
    hoard = table(world, [{"draws": 3, "duplicates": True, "items": [item(helm)]}], max_picks=2)
    instance = world.grant(player, hoard)
    drawn = [each["id"] for each in drop_tables.compute_and_lock(game, player, instance)["items"]]
    wanted = [drawn[pick] if pick < len(drawn) else pick for pick in picks]
    assert refusal(drop_tables.pick, game, player, instance, wanted) == (refused, "picks")
    assert held(game, player) == [hoard]
    assert drop_tables.pick(game, player, instance, drawn[:2])["items"]


def test_a_pick_grants_everything_or_nothing(game, world, player, helm):
    crown = world.add_asset("Crown", unique_instance=True)
    world.grant(player, crown)
    instance = world.grant(player, table(world, [{"items": [item(helm)]}, {"items": [item(crown)]}]))
    drawn = [each["id"] for each in drop_tables.compute_and_lock(game, player, instance)["items"]]
    before = held(game, player)
    assert refusal(drop_tables.pick, game, player, instance, drawn)[0] == 409
    assert held(game, player) == before
    assert drop_tables.pick(game, player, instance, drawn[:1])["items"]


def test_the_asset_of_a_drop_table_tells_what_is_in_it(game, world, player, blade, helm):
    groups = [{"items": [item(blade, asset_variation_id=88), item(helm, quantity=2)]}]
    hoard = assets.get(game, table(world, groups, max_picks=1))
    packed = hoard["package_contents"]
    assert hoard["drop_table_max_picks"] == 1
    assert [(each["variation_id"], each["quantity"], each["asset"]["id"]) for each in packed] == [
        (88, 1, blade), (None, 2, helm),
    ]  # fmt: skip
    assert "package_contents" not in packed[0]["asset"]
    other = world.grant(player, helm)
    assert refusal(drop_tables.compute_and_lock, game, player, other) == (404, "asset_instance_id")


@pytest.mark.parametrize(
    "groups",
    [[], [{"items": []}], [{"items": [{"asset_id": 1201}], "draws": 0}], [{"items": [{"asset_id": 1201}], "odds": 1}]],
)
def test_groups_must_make_sense(world, blade, groups):
    assert blade == 1201
    with pytest.raises(ValueError, match="drop table"):
        table(world, groups)
    assert world.export_drop_tables() == []
