"""The part of the world's builder that reads notifications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import notifications
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.notifications import Notification, Sent


class NotificationsWorld:
    """Reads what was sent to players, and puts more of it there."""

    _game: Game

    def notifications(self, player_id: int | None = None) -> list[Sent]:
        """What was sent, in the order in which it was.

        Args:
            player_id: To whom; to anybody by default.
        """
        return notifications.sent(self._game, player_id)

    def add_notification(
        self,
        player_id: int,
        notification_type: str,
        *,
        content: Any = None,  # noqa: ANN401 - any JSON
        priority: str = "medium",
        properties: Iterable[Mapping[str, str]] = (),
        notification_id: str | None = None,
        created_at: str | None = None,
    ) -> str:
        """Puts a notification among those that were sent to a player.

        Args:
            player_id: The player.
            notification_type: A name of the game's own in three parts.
            content: Any JSON.
            priority: `low`, `medium` or `high`.
            properties: Texts besides, each with `key` and `value`.
            notification_id: Its ULID; a new one by default.
            created_at: When it was sent; now by default.

        Returns:
            Its ULID.
        """
        notification = Notification(
            notification_type=notification_type, content=content, priority=priority, properties=properties
        )
        return notifications.keep(
            self._game, player_id, notification, notification_id=notification_id, created_at=created_at
        )

    def export_notifications(self) -> list[dict[str, Any]]:
        """Every notification, as the arguments of `add_notification`."""
        return [dict(sent) for sent in notifications.sent(self._game)]
