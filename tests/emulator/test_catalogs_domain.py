"""The domain logic of catalogs, without sockets."""

from __future__ import annotations

import pytest

from lootlocker_async.emulator import Clock, ServiceError, World, catalogs
from lootlocker_async.emulator.game import Game, Settings

STEAM = {"steam_store": {"description": "A sword", "prices": [{"currency": "USD", "amount": 499}]}}
UNKNOWN = "01JZ6RHPGMB3EEVDPKH2BKJRVR"


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


@pytest.fixture
def rewards(world):
    """One reward of each kind; the group has all the others."""
    world.add_currency("gld", name="Gold")
    world.add_currency("gem", name="Gems")
    world.add_progression("battle_pass", name="Battle Pass")
    sword = world.add_asset(
        "Sword of Dawn", variations=[{"id": 7, "name": "Ember"}], rental_options=[{"id": 3, "price": 5, "duration": 60}]
    )
    made = {
        "asset": world.add_reward("asset", asset_id=sword, asset_variation_id=7, asset_rental_option_id=3),
        "currency": world.add_reward("currency", currency_code="gld", amount="100.50"),
        "progression_points": world.add_reward("progression_points", progression_key="battle_pass", amount=1000),
        "progression_reset": world.add_reward("progression_reset", progression_key="battle_pass"),
    }
    pairs = [{"key": "badge", "value": "new"}]
    bundle = world.add_reward(
        "group", name="Bundle", description="To begin with", metadata=pairs, reward_ids=made.values()
    )
    return {**made, "group": bundle}


@pytest.fixture
def listings(world, rewards):
    """A catalog with a listing of each reward."""
    world.add_catalog("main_store", name="Main Store")
    return {
        kind: world.add_catalog_listing("main_store", reward, prices={"gem": 20}) for kind, reward in rewards.items()
    }


def test_a_catalog_without_listings(game, world, check_answer):
    made = world.add_catalog("main_store")
    page = catalogs.list_by_key(game, "main_store")
    check_answer("catalogs_list_items_by_key", 200, page)
    assert (page["catalog"]["id"], page["catalog"]["name"], page["entries"]) == (made, "main_store", [])
    assert page["pagination"] == {"total": 0, "next_cursor": None, "previous_cursor": None}
    assert refusal(catalogs.list_by_key, game, "other") == (404, "catalog_key")
    assert refusal(world.add_catalog, "main_store") == (409, "key")


def test_details_are_in_the_list_of_their_kind(game, listings, rewards, check_answer):
    page = catalogs.list_by_key(game, "main_store")
    check_answer("catalogs_list_items_by_key", 200, page)
    assert [entry["catalog_listing_id"] for entry in page["entries"]] == list(listings.values())
    assert [entry["entity_kind"] for entry in page["entries"]] == list(listings)
    lists = {
        "asset": "assets_details",
        "currency": "currency_details",
        "progression_points": "progression_points_details",
        "progression_reset": "progression_resets_details",
    }
    for entry, kind in zip(page["entries"], lists, strict=False):
        own, of_group = page[lists[kind]]
        assert (own["id"], own["catalog_listing_id"]) == (entry["entity_id"], entry["catalog_listing_id"])
        assert of_group == {**own, "catalog_listing_id": listings["group"]}
    (group,) = page["group_details"]
    assert (group["id"], group["name"], group["metadata"]) == (
        rewards["group"], "Bundle", [{"key": "badge", "value": "new"}],
    )  # fmt: skip
    assert [association["kind"] for association in group["associations"]] == list(lists)
    assert {association["catalog_listing_id"] for association in group["associations"]} == {listings["group"]}


def test_what_the_details_say(game, listings):
    page = catalogs.list_by_key(game, "main_store", per_page=4)
    (asset,), (currency,) = page["assets_details"], page["currency_details"]
    (points,), (reset,) = page["progression_points_details"], page["progression_resets_details"]
    assert page["group_details"] == []
    assert (asset["name"], asset["variation_id"], asset["rental_option_id"]) == ("Sword of Dawn", "7", "3")
    assert "variation_name" not in asset
    assert (currency["code"], currency["amount"]) == ("gld", "100.50")
    assert (points["key"], points["amount"], reset["key"], "amount" in reset) == (
        "battle_pass", 1000, "battle_pass", False,
    )  # fmt: skip


def test_prices_and_stores(game, world, rewards):
    world.add_catalog("main_store")
    prices = [{"currency_code": "gld", "amount": 1200}, {"currency_code": "gem", "amount": 5, "display_amount": "5 G"}]
    world.add_catalog_listing(
        "main_store",
        rewards["asset"],
        prices=prices,
        stores=STEAM,
        name="A sword",
        purchasable=False,
        non_refundable=True,
    )
    (entry,) = catalogs.list_by_key(game, "main_store")["entries"]
    shown = [(price["amount"], price["display_amount"], price["currency_code"]) for price in entry["prices"]]
    assert shown == [(1200, "1200 Gold", "gld"), (5, "5 G", "gem")]
    assert entry["listings"] == {**dict.fromkeys(catalogs.STORES), **STEAM}
    assert (entry["entity_name"], entry["purchasable"], entry["non_refundable"]) == ("A sword", False, True)


def test_what_cannot_be_listed(world, rewards):
    world.add_catalog("main_store")
    add, reward = world.add_catalog_listing, rewards["asset"]
    assert refusal(add, "other", reward) == (404, "catalog_key")
    assert refusal(add, "main_store", UNKNOWN) == (404, "reward_id")
    assert refusal(add, "main_store", reward, stores={"corner_shop": {}}) == (400, "stores")
    assert refusal(add, "main_store", reward, prices={"usd": 1}) == (404, "currency_code")
    assert refusal(add, "main_store", reward, prices={"gld": -1}) == (400, "prices")
    twice = [{"currency_code": "gld", "amount": 1}, {"currency_code": "gld", "amount": 2}]
    assert refusal(add, "main_store", reward, prices=twice) == (409, "prices")
    assert world.export_catalog_listings() == []
    listing = add("main_store", reward)
    assert refusal(add, "main_store", reward, listing_id=listing) == (409, "listing_id")


def test_pages_follow_the_cursor(game, world, rewards):
    world.add_catalog("main_store")
    world.add_catalog("other")
    made = [world.add_catalog_listing("main_store", rewards["currency"]) for _ in range(5)]
    foreign = world.add_catalog_listing("other", rewards["currency"])
    seen, before = [], []
    cursor = None
    while True:
        page = catalogs.list_by_key(game, "main_store", per_page=2, cursor=cursor)
        assert len(page["currency_details"]) == len(page["entries"])
        seen += [entry["catalog_listing_id"] for entry in page["entries"]]
        before.append(page["pagination"]["previous_cursor"])
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            break
    assert seen == made
    assert before == [None, None, made[1]]
    assert page["pagination"]["total"] == 5
    assert len(catalogs.list_by_key(game, "main_store", per_page=5)["entries"]) == 5
    assert catalogs.list_by_key(game, "main_store", per_page=2**70)["pagination"]["next_cursor"] is None
    assert catalogs.list_by_key(game, "main_store", cursor=made[-1])["entries"] == []
    for cursor in ("nonsense", foreign):
        assert refusal(catalogs.list_by_key, game, "main_store", cursor=cursor) == (400, "cursor")


def test_items_by_id_have_their_details_inside(game, listings, check_answer):
    asked = [listings["group"], UNKNOWN, listings["asset"], listings["group"], "?"]
    answer = catalogs.list_by_id(game, asked)
    check_answer("catalogs_list_items_by_id", 200, answer)
    group, asset = answer["items"]
    assert answer["errors"] == [{"id": UNKNOWN, "reason": "not_found"}, {"id": "?", "reason": "not_found"}]
    assert asset["asset_detail"]["catalog_listing_id"] == listings["asset"]
    assert asset["group_detail"] is asset["currency_detail"] is asset["metadata"] is None
    associations = group["group_detail"]["associations"]
    assert [association["kind"] for association in associations] == list(listings)[:-1]
    assert associations[0]["asset_detail"] == {**asset["asset_detail"], "catalog_listing_id": listings["group"]}
    assert associations[0]["currency_detail"] is None
    assert "errors" not in catalogs.list_by_id(game, [listings["asset"]])


def test_a_thing_twice_in_a_group_has_its_details_once(game, world):
    world.add_currency("gld")
    gold = [world.add_reward("currency", currency_code="gld", amount="5") for _ in range(2)]
    world.add_catalog("main_store")
    world.add_catalog_listing("main_store", world.add_reward("group", name="Twice", reward_ids=gold))
    page = catalogs.list_by_key(game, "main_store")
    assert len(page["currency_details"]) == 1
    assert len(page["group_details"][0]["associations"]) == 2


def test_an_exported_world_loads_to_the_same(world, game, listings, rewards):
    world.add_catalog("other")
    world.add_catalog_listing("other", rewards["asset"], prices={"gld": 1, "gem": 2}, stores=STEAM, non_refundable=True)
    copied_game = Game(Settings(server_key="key"), clock=Clock(frozen=True), seed=9)
    copy = World(copied_game)
    copied_game.clock.advance(86400)
    for kind, add in (
        ("assets", copy.add_asset),
        ("currencies", copy.add_currency),
        ("progressions", copy.add_progression),
        ("rewards", copy.add_reward),
        ("catalogs", copy.add_catalog),
        ("catalog_listings", copy.add_catalog_listing),
    ):
        for arguments in getattr(world, f"export_{kind}")():
            add(**arguments)
        assert getattr(copy, f"export_{kind}")() == getattr(world, f"export_{kind}")()
    for key in ("main_store", "other"):
        assert catalogs.list_by_key(copied_game, key) == catalogs.list_by_key(game, key)
    copied_game.close()
