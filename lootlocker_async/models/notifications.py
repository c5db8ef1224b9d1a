"""Notifications that a game sends to its players."""

from __future__ import annotations

from typing import Annotated, Any

import attrs
import msgspec

from lootlocker_async.models.base import OpenEnum, model
from lootlocker_async.models.constraints import known

# `\Z`, because Python's `$` would let a line break through at the end.
_TypeName = Annotated[str, msgspec.Meta(pattern=r"^[-_a-z0-9]+\.[-_a-z0-9]+\.[-_a-z0-9]+\Z")]
_UpperUlid = Annotated[str, msgspec.Meta(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")]


class NotificationPriority(OpenEnum):
    """How urgent a notification is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@model
class NotificationProperty:
    """A key and a text that the player's game reads beside the content, as its context.

    Attributes:
        key: The key.
        value: The value, always a text.
    """

    key: str
    value: str


@model
class NotificationSendRequest:
    """A custom notification and who gets it.

    Attributes:
        notification_type: A name of the game's own in three parts with dots between them, each of small letters,
            digits, hyphens and underscores, such as `custom.guild.invitation`.
        priority: How urgent it is.
        recipient: The player's ULID, in capitals.
        content: Any JSON for the game to read.
        properties: Keys and texts besides the content.
    """

    notification_type: _TypeName
    priority: NotificationPriority = attrs.field(validator=known)
    recipient: _UpperUlid
    content: Any = attrs.field(hash=False)
    properties: tuple[NotificationProperty, ...] | None = None


@model
class NotificationSendResult:
    """The answer to sending a notification: empty, and no field is known that it could have."""
