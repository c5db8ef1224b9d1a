"""Grant an asset exactly once, also when the answer to the grant is lost.

    python examples/reconcile_grant.py 361 1201

A grant must not be sent twice, so the SDK never repeats one that may have been executed: it raises
OutcomeUnknownError. Reading the inventory back tells which it was. That needs nobody else to grant the same asset to
the same player meanwhile.
"""

from __future__ import annotations

import asyncio
import sys

from lootlocker_async import LootLockerClient, OutcomeUnknownError, ResponseDecodeError


async def owned(client: LootLockerClient, player_id: int, asset_id: int) -> set[int]:
    """The instances of an asset that a player has."""
    items = await client.inventories.list_for_player(player_id).collect()
    return {item.instance_id for item in items if item.asset is not None and item.asset.id == asset_id}


async def grant_once(client: LootLockerClient, player_id: int, asset_id: int) -> int:
    """Grant an asset, and give the id of the new instance."""
    before = await owned(client, player_id, asset_id)
    while True:
        try:
            granted = await client.inventories.add_asset(player_id, asset_id=asset_id)
            return granted.items[0].instance_id
        except (OutcomeUnknownError, ResponseDecodeError) as doubt:
            print("looking whether it was executed:", doubt.message)
            new = await owned(client, player_id, asset_id) - before
            if new:
                return new.pop()


async def main(player_id: int, asset_id: int) -> None:
    """Grant one asset to one player."""
    async with LootLockerClient.from_env() as client:
        print("granted as instance", await grant_once(client, player_id, asset_id))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
