"""The domain logic of notifications, without sockets."""

from __future__ import annotations

import pytest

from lootlocker_async.emulator import Clock, ServiceError, World, notifications
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.notifications import Notification

PAIRS = [{"key": "invited_by", "value": "Mirabel"}]


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


def test_what_was_sent_can_be_read(game, world):
    player, other = world.add_player("Aurelia"), world.add_player("Brand")
    ulid = game.store.one("SELECT ulid FROM players WHERE id = ?", player)["ulid"]
    for content in ({"guild": ["Night Owls", None, 1.5]}, None, "text", False):
        notifications.send(
            game, ulid, Notification(notification_type="custom.guild.invitation", content=content, properties=PAIRS)
        )
    first, *rest = world.notifications(player)
    assert (first["content"], first["properties"], first["priority"]) == (
        {"guild": ["Night Owls", None, 1.5]}, PAIRS, "medium",
    )  # fmt: skip
    assert [sent["content"] for sent in rest] == [None, "text", False]
    assert world.notifications(other) == []
    assert world.notifications() == [first, *rest]
    assert refusal(world.notifications, 424242) == (404, "player_id")


def test_nobody_to_send_to(game):
    notification = Notification(notification_type="custom.guild.invitation")
    assert refusal(notifications.send, game, "01JZ6RHPGMB3EEVDPKH2BKJRVR", notification) == (404, "recipient")


def test_an_exported_world_loads_to_the_same(world):
    player = world.add_player("Aurelia")
    kept = world.add_notification(player, "a.b.c", content=[1], priority="high", properties=PAIRS)
    world.add_notification(player, "a.b.d")
    assert refusal(world.add_notification, player, "a.b.e", notification_id=kept) == (409, "notification_id")
    copied_game = Game(Settings(server_key="key"), clock=Clock(frozen=True), seed=9)
    copied_game.clock.advance(86400)
    copy = World(copied_game)
    copy.add_player("Aurelia", player_id=player)
    exported = world.export_notifications()
    for arguments in exported:
        copy.add_notification(**arguments)
    assert copy.export_notifications() == exported
    copied_game.close()
