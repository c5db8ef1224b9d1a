"""Notifications through the SDK, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.errors import NotFoundError


async def test_a_notification_arrives(emulator):
    player = emulator.world.add_player("Aurelia")
    recipient = emulator.game.store.one("SELECT ulid FROM players WHERE id = ?", player)["ulid"]
    message: dict[str, Any] = {
        "notification_type": "custom.guild.invitation",
        "priority": "high",
        "content": {"members": 12},
    }
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        await client.notifications.send(
            **message, recipient=recipient, properties=[{"key": "invited_by", "value": "Mirabel"}]
        )
        await client.notifications.send(notification_type="a.b.c", priority="low", recipient=recipient, content=None)
        with pytest.raises(NotFoundError):
            await client.notifications.send(**message, recipient="01JZ6RHPGMB3EEVDPKH2BKJRVR")
    first, second = emulator.world.notifications(player)
    assert first.items() >= message.items()
    assert first["properties"] == [{"key": "invited_by", "value": "Mirabel"}]
    assert (second["content"], second["priority"], second["properties"]) == (None, "low", [])
