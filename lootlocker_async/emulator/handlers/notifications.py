"""Carries out the calls of the section `notifications`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import notifications
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.notifications import Notification
from lootlocker_async.emulator.validation import Arguments


def _send(game: Game, call: Arguments) -> Mapping[str, Any]:
    notification = {name: value for name, value in call.body.items() if name != "recipient"}
    notifications.send(game, call.body["recipient"], Notification(**notification))
    return {}


HANDLERS: Mapping[str, Handler] = {routes.NOTIFICATIONS_SEND.operation: _send}
