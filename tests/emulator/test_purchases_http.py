"""Orders through the SDK, over a real socket."""

from __future__ import annotations

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.errors import NotFoundError


async def test_the_status_of_an_order(emulator):
    world = emulator.world
    player, shield = world.add_player("Aurelia"), world.add_asset("Oak Shield")
    order = world.add_order(player, products=[{"asset_id": shield}], status="succeeded")
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        status = await client.purchases.get_status(player, str(order))
        (product,) = status.products
        assert product.asset is not None
        assert (status.order_status, product.asset.name) == ("succeeded", "Oak Shield")
        short = await client.purchases.get_status(player, str(order), no_products=True)
        assert (short.order_status, list(short.products)) == ("succeeded", [])
        with pytest.raises(NotFoundError):
            await client.purchases.get_status(player, "nonsense")
