"""The domain logic of the lists of assets and of contexts, and of what is stored on instances."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lootlocker_async import emulator as package
from lootlocker_async.emulator import ServiceError, asset_instances, asset_lists, assets, contexts, inventories
from lootlocker_async.emulator.paging import PageRequest

ALL = {"storage": True, "files": True, "data_entities": True, "metadata": True}


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


@pytest.fixture
def author(world):
    return world.add_player("Hallveig", public_uid="WARDEN7Q")


@pytest.fixture
def catalogue(world, author):
    return [
        world.add_asset(
            "Blade",
            context="Weapon",
            storage=[{"key": "damage", "value": "24"}],
            files=[
                {"url": "https://cdn.example.com/1/blade.glb?v=2", "tags": ["model"], "size": 482113},
                {"url": "https://cdn.example.com/1/blade.png", "name": "icon.png"},
            ],
            data_entities=["plain", {"name": "stats", "data": '{"crit":0.12}'}],
        ),
        world.add_asset("Helm", context="Headwear", asset_candidate={"created_by_player_id": author}),
        world.add_asset("Hat", context="Headwear"),
        world.add_asset("Old", active=False),
    ]


def ids(answer):
    return [item["id"] for item in answer["items"]]


def simple(game, page=1, per_page=20, **asked):
    return asset_lists.list_simple(game, PageRequest(page, per_page), **asked)


def simple_ids(answer):
    return [item["asset_id"] for item in answer["assets"]]


def test_assets_are_listed_by_id_and_in_pages(game, catalogue, check_answer):
    blade, _, hat, old = catalogue
    answer = asset_lists.list_full(game, count=2)
    check_answer("assets_list", 200, answer)
    assert (answer["total"], ids(answer)) == (3, [blade, hat])
    assert answer["items"][0] == assets.get(game, blade)
    assert ids(asset_lists.list_full(game, count=2, after=hat)) == [old]
    assert ids(asset_lists.list_full(game, after=old)) == []


def test_assets_that_players_made_come_on_request(game, catalogue):
    assert ids(asset_lists.list_full(game, include_ugc=True)) == catalogue
    headwear = assets.get(game, catalogue[1])["context_id"]
    assert ids(asset_lists.list_full(game, context_id=headwear)) == [catalogue[2]]
    assert ids(asset_lists.list_full(game, context_id=headwear, include_ugc=True)) == catalogue[1:3]
    assert asset_lists.list_full(game, context_id=424242) == {"total": 0, "items": []}


def test_the_short_form_has_extras_on_request_only(game, catalogue, author, check_answer, monkeypatch):
    entry = {"key": "lore", "type": "string", "value": "Forged.", "tags": [], "access": []}
    asked = []
    metadata = SimpleNamespace(entries=lambda *arguments: [asked.append(arguments), entry][1:])
    monkeypatch.setattr(package, "metadata", metadata, raising=False)
    bare = simple(game)
    check_answer("assets_list_simple", 200, bare)
    assert simple_ids(bare) == catalogue
    for item in bare["assets"]:
        assert (item["storage"], item["files"], item["data_entities"], item["metadata"]) == ([], [], [], [])
    assert not asked
    full = simple(game, includes=ALL, excludes={"authors": True})
    check_answer("assets_list_simple", 200, full)
    blade = full["assets"][0]
    assert blade["storage"] == [{"key": "damage", "value": "24"}]
    assert blade["files"] == [
        {"size": 482113, "name": "blade.glb", "url": "https://cdn.example.com/1/blade.glb?v=2", "tags": ["model"]},
        {"size": 0, "name": "icon.png", "url": "https://cdn.example.com/1/blade.png", "tags": []},
    ]
    assert blade["data_entities"] == [{"name": "plain", "data": None}, {"name": "stats", "data": '{"crit":0.12}'}]
    assert blade["metadata"] == [entry]
    assert asked[0] == (game, "asset", assets.get(game, catalogue[0])["ulid"])
    # The full form shows less of files and entities.
    shown = assets.get(game, catalogue[0])
    assert shown["files"][0] == {"url": "https://cdn.example.com/1/blade.glb?v=2", "tags": ["model"]}
    assert shown["data_entities"] == ["plain", "stats"]


def test_authors_come_unless_refused(game, world, catalogue, author):
    helm = simple(game, filters={"ugc_only": True})["assets"][0]
    assert (helm["asset_id"], helm["author"]["player_id"]) == (catalogue[1], author)
    assert (helm["author"]["public_uid"], helm["author"]["active_name"]) == ("WARDEN7Q", "Hallveig")
    assert simple(game, filters={"ugc_only": True}, excludes={"authors": True})["assets"][0]["author"] is None
    world.add_asset("Lost", asset_candidate={"created_by_player_id": 424242, "created_by_player_uid": "GONE"})
    lost = simple(game, filters={"ugc_only": True})["assets"][1]
    assert lost["author"] == {"player_id": 424242, "public_uid": "GONE"}


def test_the_short_list_is_filtered_and_paged(game, catalogue):
    weapon = assets.get(game, catalogue[0])["context_id"]
    assert simple_ids(simple(game, filters={"context_ids": [weapon, 424242]})) == [catalogue[0], catalogue[3]]
    assert simple_ids(simple(game, filters={"context_ids": [], "asset_ids": [], "ugc_only": False})) == catalogue
    wanted = [catalogue[2], catalogue[0], 424242]
    whole = simple(game, page=7, per_page=1, filters={"asset_ids": wanted})
    assert simple_ids(whole) == [catalogue[0], catalogue[2]]
    assert (whole["pagination"]["total"], whole["pagination"]["last_page"]) == (2, 1)
    second = simple(game, page=2, per_page=3)
    assert simple_ids(second) == catalogue[3:]
    assert second["pagination"] == {
        "total": 4, "offset": 3, "per_page": 3, "last_page": 2, "current_page": 2, "next_page": None, "prev_page": 1,
        "errors": None,
    }  # fmt: skip


def test_pages_of_any_number_and_size_are_answered(game, catalogue, check_answer):
    for request in (PageRequest(10**30, 10**30), PageRequest(3, 10**30), PageRequest(10**30, 1)):
        answer = contexts.list_contexts(game, request)
        check_answer("assets_list_contexts", 200, answer)
        assert answer["contexts"] == []
    first = contexts.list_contexts(game, PageRequest(1, 1))
    assert (first["contexts"][0]["name"], first["pagination"]["next_page"]) == ("Weapon", 2)
    assert contexts.list_contexts(game, PageRequest())["pagination"]["prev_page"] is None


def test_an_asset_finds_its_context_by_id_or_name(game, world):
    cape = world.add_context("Cape", context_id=77)
    assert assets.get(game, world.add_asset("Cloak", context="Cape"))["context_id"] == cape
    assert assets.get(game, world.add_asset("Mantle", context_id=cape))["context"] == "Cape"
    assert assets.get(game, world.add_asset("Thing", context_id=99))["context"] == "Context 99"
    with pytest.raises(ValueError, match="called Cape"):
        world.add_asset("Boot", context_id=cape, context="Footwear")
    assert [row["name"] for row in contexts.list_contexts(game, PageRequest())["contexts"]] == ["Cape", "Context 99"]


def test_a_change_of_an_asset_is_dated(game, world, clock):
    blade = world.add_asset("Blade")
    before = assets.get(game, blade)
    clock.advance(60)
    assert assets.change(game, blade, {"price": 0}) == before
    assert assets.change(game, blade, {"price": 5})["updated"] != before["updated"]
    assert assets.get(game, blade)["price"] == 5


# ------------------------------------------------------------------------------------------------------------ storage
@pytest.fixture
def instance(world, author, catalogue):
    return author, world.grant(author, catalogue[0])


def pairs(answer):
    return {pair["key"]: pair["value"] for pair in answer["storage"]}


def test_pairs_are_made_changed_and_deleted(game, instance, check_answer):
    player, item = instance
    assert asset_instances.list_pairs(game, player, item) == {"storage": []}
    made = asset_instances.create_pair(game, player, item, "durability", "87")
    check_answer("asset_instances_create_storage_pair", 200, made)
    asset_instances.create_pair(game, player, item, "engraving", "")
    many = asset_instances.update_pairs(
        game, player, item, [{"key": "durability", "value": "1"}, {"key": "kills", "value": "2"},
                          {"key": "kills", "value": "3"}]
    )  # fmt: skip
    assert pairs(many) == {"durability": "1", "engraving": "", "kills": "3"}
    first, second, third = (pair["id"] for pair in many["storage"])
    renamed = asset_instances.update_pair(game, player, item, second, key="motto", value="On.")
    assert renamed == {"storage": {"id": second, "key": "motto", "value": "On."}}
    assert (
        asset_instances.update_pair(game, player, item, second, key="motto", value="On!")["storage"]["value"] == "On!"
    )
    assert asset_instances.get_pair(game, player, item, third)["storage"]["value"] == "3"
    left = asset_instances.delete_pair(game, player, item, first)
    check_answer("asset_instances_delete_storage_pair", 200, left)
    assert pairs(left) == {"motto": "On!", "kills": "3"}
    assert asset_instances.update_pairs(game, player, item, []) == left


def test_keys_are_unique_within_an_instance(game, world, instance, catalogue):
    player, item = instance
    other = world.grant(player, catalogue[0])
    (pair,) = asset_instances.create_pair(game, player, item, "a", "1")["storage"]
    asset_instances.create_pair(game, player, other, "a", "2")
    assert refusal(asset_instances.create_pair, game, player, item, "a", "3") == (409, "key")
    asset_instances.create_pair(game, player, item, "b", "4")
    assert refusal(asset_instances.update_pair, game, player, item, pair["id"], key="b", value="") == (409, "key")
    assert refusal(asset_instances.get_pair, game, player, other, pair["id"]) == (404, "storage_id")
    assert pairs(asset_instances.list_pairs(game, player, item)) == {"a": "1", "b": "4"}


def test_storage_needs_an_instance_of_the_players_and_goes_with_it(game, world, instance):
    player, item = instance
    stranger = world.add_player()
    assert refusal(asset_instances.list_pairs, game, stranger, item) == (404, "asset_instance_id")
    assert refusal(asset_instances.list_pairs, game, 424242, item) == (404, "player_id")
    asset_instances.create_pair(game, player, item, "a", "1")
    inventories.alter(game, player, remove=[item])
    assert refusal(asset_instances.list_pairs, game, player, item) == (404, "asset_instance_id")
    assert game.store.count("SELECT count(*) FROM instance_storage") == 0
