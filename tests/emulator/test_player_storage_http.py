"""Player storage through the SDK, over a real socket."""

from __future__ import annotations

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.errors import NotFoundError


async def test_storage_through_the_sdk(emulator):
    player, other = emulator.world.add_player("Aurelia"), emulator.world.add_player("Brand")
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        storage = client.player_storage
        motto = {"key": "motto", "value": "Onwards & upwards", "is_public": True, "order": 2}
        sets = [{"key": "difficulty", "value": "hard", "is_public": False, "order": 1}, motto]
        written = await storage.set(payload=[{"player_id": player, "sets": sets}])
        assert [(item.key, item.value, item.is_public) for item in written.items[0].items] == [
            ("difficulty", "hard", False), ("motto", "Onwards & upwards", True),
        ]  # fmt: skip
        found = await storage.list(player_ids=[player, other])
        assert [(entry.player_id, len(entry.items)) for entry in found.items] == [(player, 2), (other, 0)]
        public = await storage.lookup(player_ids=[player, other], keys=["motto", "difficulty"])
        assert [[item.key for item in entry.storage] for entry in public.storages] == [["motto"], []]
        await storage.delete(player_ids=[player, other], keys=["difficulty"])
        assert len((await storage.list(player_ids=[player])).items[0].items) == 1
        with pytest.raises(NotFoundError):
            await storage.delete(player_ids=[player], keys=["difficulty"])
        with pytest.raises(NotFoundError):
            await storage.list(player_ids=[424242])


async def test_what_the_contract_refuses(api):
    assert (await api.refused("GET", "/players/storage", 400))["param"] == "player_ids"
    assert (await api.refused("GET", "/players/storage?player_ids=1,x", 400))["param"] == "player_ids"
    assert (await api.refused("DELETE", "/players/storage?player_ids=1&keys=,", 400))["param"] == "keys"
    body = {"payload": [{"player_id": 1, "sets": [{"key": "a", "value": 5}]}]}
    refused = await api.refused("PATCH", "/players/storage", 400, json=body)
    assert refused["param"] == "payload.0.sets.0.value"
