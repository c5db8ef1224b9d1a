"""Catalogs through the SDK, over a real socket."""

from __future__ import annotations

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.errors import NotFoundError

UNKNOWN = "01JZ6RHPGMB3EEVDPKH2BKJRVR"


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        yield client


@pytest.fixture
def listings(emulator):
    world = emulator.world
    world.add_currency("gld", name="Gold")
    world.add_catalog("main_store", name="Main Store")
    sword = world.add_reward("asset", asset_id=world.add_asset("Sword of Dawn"))
    gold = world.add_reward("currency", currency_code="gld", amount="0.50")
    bundle = world.add_reward("group", name="Bundle", reward_ids=[sword, gold])
    return [world.add_catalog_listing("main_store", reward, prices={"gld": 5}) for reward in (sword, gold, bundle)]


async def test_every_page_of_a_catalog(client, listings):
    entries = [entry async for entry in client.catalogs.list_items_by_key("main_store", page_size=2)]
    assert [entry.catalog_listing_id for entry in entries] == listings
    sword, gold, bundle = entries
    assert (sword.details.name, str(gold.details.amount)) == ("Sword of Dawn", "0.50")
    assert [str(association.details.name) for association in bundle.details.associations] == ["Sword of Dawn", "Gold"]
    assert bundle.prices[0].display_amount == "5 Gold"
    page = await client.catalogs.list_items_by_key("main_store")
    assert (page.answer.catalog.name, len(page.items)) == ("Main Store", 3)


async def test_an_unknown_catalog(client):
    with pytest.raises(NotFoundError):
        await client.catalogs.list_items_by_key("other")


async def test_items_by_id(client, listings):
    found = await client.catalogs.list_items_by_id(ids=[listings[2], UNKNOWN, listings[0]])
    assert [item.entity_name for item in found.items] == ["Bundle", "Sword of Dawn"]
    assert [(error.id, error.reason) for error in found.errors] == [(UNKNOWN, "not_found")]
    assert found.items[0].group_detail.associations[1].details.code == "gld"


async def test_items_with_their_metadata(client, listings):
    actions = [
        {"action": "create", "key": key, "type": "string", "value": value, "tags": [], "access": []}
        for key, value in (("rarity", "epic"), ("season", "winter"))
    ]
    result = await client.metadata.apply_actions(source="catalog_item", source_id=listings[0], entries=actions)
    assert not result.errors

    async def keys(**metadata):
        found = await client.catalogs.list_items_by_id(ids=listings[:2], includes={"metadata": metadata})
        return [[entry.key for entry in item.metadata] for item in found.items]

    assert sorted((await keys(all=True))[0]) == ["rarity", "season"]
    assert await keys(keys=["season", "none"]) == [["season"], []]
    assert await keys() == [[], []]
