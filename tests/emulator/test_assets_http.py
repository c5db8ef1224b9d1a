"""Assets, what is stored on instances, loot boxes, drop tables, loadouts and characters: each call through the SDK."""

from __future__ import annotations

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.errors import BadRequestError, ConflictError, NotFoundError

VARIATIONS = [{"id": 88, "name": "Ember"}, {"id": 89, "name": "Frost"}]


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        yield client


@pytest.fixture
def world(emulator):
    return emulator.world


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


@pytest.fixture
def blade(world):
    return world.add_asset("Blade", variations=VARIATIONS, storage=[{"key": "damage", "value": "24"}])


def equipped(loadout):
    return [item.instance_id for item in loadout.items]


async def test_assets_are_listed_in_full(client, world, player, blade):
    made = world.add_asset("Helm", context="Headwear", asset_candidate={"created_by_player_id": player})
    assert [asset.id async for asset in client.assets.list()] == [blade]
    assert [asset.id async for asset in client.assets.list(include_ugc=True, page_size=1)] == [blade, made]
    (helm,) = await client.assets.list(context_id=41, include_ugc=True).collect()
    assert (helm.id, helm.context) == (made, "Headwear")


async def test_assets_are_listed_in_short(client, world, player, blade):
    made = [world.add_asset(f"Thing {number}", context="Thing") for number in range(120)]
    listed = await client.assets.list_simple(page_size=50).collect()
    assert [asset.asset_id for asset in listed] == [blade, *made]
    wanted = await client.assets.list_simple(filters={"asset_ids": [*made, blade]}).collect()
    assert {asset.asset_id for asset in wanted} == {blade, *made}
    (one,) = await client.assets.list_simple(includes={"storage": True}, filters={"context_ids": [31]}).collect()
    assert (one.asset_name, one.storage[0].value) == ("Blade", "24")
    assert await client.assets.list_simple(filters={"ugc_only": True}).collect() == []


async def test_contexts_are_listed(client, world, blade):
    world.add_asset("Helm", context="Headwear")
    assert [context.name async for context in client.assets.list_contexts(page_size=1)] == ["Weapon", "Headwear"]


async def test_too_many_assets_are_refused(api):
    body = {"filters": {"asset_ids": list(range(1, 102))}}
    refused = await api.refused("POST", "/assets/artful-alpaca/v1", 400, json=body)
    assert refused["param"] == "filters.asset_ids"
    await api.ok("POST", "/assets/artful-alpaca/v1?page=99999999999999999999", json={})


async def test_pairs_are_stored_on_an_instance(client, world, player, blade):
    instance = world.grant(player, blade)
    service = client.asset_instances
    (pair,) = (await service.create_storage_pair(player, instance, key="kills", value="12")).storage
    with pytest.raises(ConflictError):
        await service.create_storage_pair(player, instance, key="kills", value="13")
    many = await service.update_storage_pairs(
        player, instance, storage=[{"key": "kills", "value": "14"}, {"key": "name", "value": "Needle"}]
    )
    assert [(each.key, each.value) for each in many.storage] == [("kills", "14"), ("name", "Needle")]
    assert (await service.get_storage_pair(player, instance, pair.id)).value == "14"
    assert (await service.update_storage_pair(player, instance, pair.id, key="deaths", value="0")).key == "deaths"
    assert [each.key for each in (await service.list_storage_pairs(player, instance)).storage] == ["deaths", "name"]
    assert [each.key for each in (await service.delete_storage_pair(player, instance, pair.id)).storage] == ["name"]
    with pytest.raises(NotFoundError):
        await service.delete_storage_pair(player, instance, pair.id)


async def test_a_loot_box_is_inspected_and_opened(client, world, player, blade):
    chest = world.add_asset("Chest", context="Loot Box")
    world.add_loot_box(chest, [{"asset_id": blade, "asset_variation_id": 89, "weight": 5}])
    instance = world.grant(player, chest)
    (content,) = (await client.loot_boxes.inspect(player, instance)).contents
    assert (content.asset_id, content.asset_variation_id, content.weight) == (blade, 89, 5)
    assert (await client.loot_boxes.open(player, instance)).check_grant_notifications
    (item,) = await client.inventories.list_for_player(player).collect()
    assert (item.asset.id, item.variation_id) == (blade, 89)
    with pytest.raises(NotFoundError):
        await client.loot_boxes.open(player, instance)
    with pytest.raises(NotFoundError):
        await client.loot_boxes.inspect(player, item.instance_id)


async def test_a_drop_table_is_computed_and_picked_from(client, world, player, blade):
    hoard = world.add_asset("Hoard", context="Drop Table")
    items = [{"asset_id": blade, "weight": 1, "tags": ["sharp"]}, {"asset_id": hoard, "weight": 10**6}]
    world.add_drop_table(hoard, [{"items": items}], max_picks=1)
    instance = world.grant(player, hoard)
    (drawn,) = (await client.drop_tables.compute_and_lock(player, instance, asset_details=True, tag="sharp")).items
    assert (drawn.asset_id, drawn.asset.name) == (blade, "Blade")
    with pytest.raises(ConflictError):
        await client.drop_tables.compute_and_lock(player, instance)
    with pytest.raises(BadRequestError):
        await client.drop_tables.pick(player, instance, picks=[drawn.id, drawn.id])
    (got,) = (await client.drop_tables.pick(player, instance, picks=[drawn.id])).items
    assert (got.asset.id, got.quantity) == (blade, 1)
    held = await client.inventories.list_for_player(player).collect()
    assert [item.instance_id for item in held] == [instance, got.instance_id]
    with pytest.raises(ConflictError):
        await client.drop_tables.pick(player, instance, picks=[drawn.id])


async def test_a_player_equips_things(client, world, player, blade):
    first, second = world.grant(player, blade), world.grant(player, blade, variation_id=89)
    assert (await client.loadouts.get_for_player(player)).items == ()
    assert equipped(await client.loadouts.equip_for_player(player, instance_id=first)) == [first]
    changed = await client.loadouts.equip_for_player(player, asset_id=blade, asset_variation_id=89)
    assert equipped(changed) == [second]
    assert equipped(await client.loadouts.get_for_player(player)) == [second]
    assert equipped(await client.loadouts.unequip_for_player(player, second)) == []
    with pytest.raises(NotFoundError):
        await client.loadouts.unequip_for_player(player, second)
    await client.loadouts.equip_for_player(player, instance_id=first)
    await client.inventories.alter(player, remove=[first])
    assert equipped(await client.loadouts.get_for_player(player)) == []


async def test_a_character_equips_what_its_class_allows(client, world, player, blade):
    world.add_context("Headwear", context_id=32)
    world.add_character_class("Warden", context_ids=[32])
    character = world.add_character(player, type="Warden")
    sword, helm = world.grant(player, blade), world.grant(player, world.add_asset("Helm", context_id=32))
    with pytest.raises(ConflictError):
        await client.loadouts.equip_for_character(player, character, instance_id=sword)
    assert equipped(await client.loadouts.equip_for_character(player, character, instance_id=helm)) == [helm]
    assert equipped(await client.loadouts.get_for_character(player, character)) == [helm]
    assert equipped(await client.loadouts.unequip_for_character(player, character, helm)) == []


async def test_a_hero_equips_things(client, world, player, blade):
    hero = world.add_hero(player, "Brynja")
    sword = world.grant(player, blade, hero_id=hero)
    assert equipped(await client.loadouts.equip_for_hero(player, hero, instance_id=sword)) == [sword]
    assert equipped(await client.loadouts.get_for_hero(player, hero)) == [sword]
    assert equipped(await client.loadouts.unequip_for_hero(player, hero, sword)) == []
    with pytest.raises(NotFoundError):
        await client.loadouts.get_for_hero(player, 424242)


async def test_characters_and_heroes_are_listed(client, world, player):
    character = world.add_character(player, "Hallveig", default=True, type="Warden")
    hero = world.add_hero(player, "Brynja", default=True)
    first, second = (await client.characters.list(player)).items
    assert (first.id, first.default, first.type, second.name) == (character, True, "Warden", "Brynja")
    (listed,) = (await client.characters.list_heroes(player)).items
    assert (listed.id, listed.character_id, listed.is_default) == (hero, second.id, True)
    with pytest.raises(NotFoundError):
        await client.characters.list(424242)


async def test_answers_are_the_contracts(api, world, player, blade):
    """`Api` holds every answer to the contract's schema."""
    world.add_character(player, default=True)
    hero, instance = world.add_hero(player), world.grant(player, blade)
    for path in ("/assets", "/contexts/v1", f"/player/{player}/characters", f"/player/{player}/heroes"):
        await api.ok("GET", path)
    await api.ok("POST", f"/player/{player}/heroes/{hero}/loadout", json={"instance_id": instance})
    huge = f"/player/{player}/assets/instances/{2**63 - 1}"
    await api.refused("GET", f"{huge}/storage", 404)
    await api.refused("PUT", f"{huge}/open", 404)
    await api.refused("POST", f"/player/{player}/droptables/{2**63}/compute", 400)
    await api.refused("POST", f"/player/{player}/loadout", 400, json={"instance_id": instance, "asset_id": blade})
