"""Carries out the calls of the section `purchases`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import purchases
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _get_status(game: Game, call: Arguments) -> Mapping[str, Any]:
    return purchases.get_status(game, **call.path, products=not call.query.get("no_products", False))


HANDLERS: Mapping[str, Handler] = {routes.PURCHASES_GET_STATUS.operation: _get_status}
