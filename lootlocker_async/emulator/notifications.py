"""Notifications that were sent to players."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

import attrs

from lootlocker_async.emulator import players
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import conflict, not_found
from lootlocker_async.emulator.game import Game


class Sent(TypedDict):
    """A notification as it is kept."""

    notification_id: str
    player_id: int
    notification_type: str
    priority: str
    content: Any
    properties: list[dict[str, str]]
    created_at: str


@attrs.frozen(kw_only=True)
class Notification:
    """What is sent.

    Attributes:
        notification_type: A name of the game's own in three parts.
        content: Any JSON.
        priority: `low`, `medium` or `high`.
        properties: Texts besides, each with `key` and `value`.
    """

    notification_type: str
    content: Any = None
    priority: str = "medium"
    properties: Iterable[Mapping[str, str]] = ()


def send(game: Game, recipient: str, notification: Notification) -> None:
    """Sends a notification to the player with a ULID.

    Raises:
        ServiceError: There is no such player.
    """
    row = game.store.row("SELECT id FROM players WHERE ulid = ?", recipient)
    if row is None:
        raise not_found("player", "recipient")
    keep(game, row["id"], notification)


def keep(
    game: Game,
    player_id: int,
    notification: Notification,
    *,
    notification_id: str | None = None,
    created_at: str | None = None,
) -> str:
    """Puts a notification among those of a player.

    Returns:
        Its ULID.

    Raises:
        ServiceError: There is no such player, or the ULID is taken.
    """
    players.require(game, player_id)
    if game.store.row("SELECT 1 FROM notifications WHERE id = ?", notification_id):
        raise conflict("There is a notification with this id", "notification_id")
    now = game.clock.now()
    notification_id = notification_id or game.ids.ulid(now)
    game.store.insert(
        "INSERT INTO notifications (id, player_id, notification_type, priority, content, properties, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        notification_id, player_id, notification.notification_type, notification.priority,
        json.dumps(notification.content), json.dumps([dict(pair) for pair in notification.properties]),
        created_at or rfc3339(now),
    )  # fmt: skip
    return notification_id


def sent(game: Game, player_id: int | None = None) -> list[Sent]:
    """What was sent to a player, or to all of them, in the order in which it was.

    Raises:
        ServiceError: There is no such player.
    """
    if player_id is not None:
        players.require(game, player_id)
    rows = game.store.rows(
        "SELECT * FROM notifications WHERE ? IS NULL OR player_id = ? ORDER BY sequence", player_id, player_id
    )
    return [
        {
            "notification_id": row["id"],
            "player_id": row["player_id"],
            "notification_type": row["notification_type"],
            "priority": row["priority"],
            "content": json.loads(row["content"]),
            "properties": json.loads(row["properties"]),
            "created_at": row["created_at"],
        }
        for row in rows
    ]
