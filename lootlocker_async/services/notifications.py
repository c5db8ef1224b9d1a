"""Notifications to players."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.core.serde import encode_json
from lootlocker_async.models.notifications import (
    NotificationPriority,
    NotificationProperty,
    NotificationSendRequest,
    NotificationSendResult,
)

__all__ = ["NotificationsService"]


class NotificationsService(Service):
    """Notifications: send players messages of the game's own."""

    async def send(
        self,
        *,
        notification_type: str,
        priority: NotificationPriority | str,
        recipient: str,
        content: object,
        properties: Sequence[NotificationProperty | Mapping[str, Any]] | None = None,
    ) -> NotificationSendResult:
        """Send a custom notification to one player.

        Args:
            notification_type: A name of the game's own in three parts with dots between them, each of small letters,
                digits, hyphens and underscores, such as `custom.guild.invitation`.
            priority: How urgent it is: `low`, `medium` or `high`.
            recipient: The player's ULID in capitals (not the numeric id).
            content: Anything that JSON can hold, for the game to read; None goes out as null.
            properties: Keys and texts besides the content, as its context; none by default.

        Returns:
            Nothing of use: the answer is empty.

        Raises:
            InvalidRequestError: An argument doesn't fit, or JSON can't hold the content; nothing was sent.
            NotFoundError: There is no such player.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat notifies the player a second time.

        POST /notifications/v1
        """
        return await self._caller.call(
            routes.NOTIFICATIONS_SEND,
            (),
            NotificationSendResult,
            fields={
                "notification_type": notification_type,
                "priority": priority,
                "recipient": recipient,
                # Written beforehand, because a None among the fields would be left out and here it is a null.
                "content": msgspec.Raw(encode_json(content, free=True)),
                "properties": properties,
            },
            request=NotificationSendRequest,
        )
