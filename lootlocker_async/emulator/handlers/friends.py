"""Carries out the calls of the section `friends`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import friends
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.paging import PageRequest
from lootlocker_async.emulator.validation import Arguments


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    request = PageRequest(call.query.get("page", 1), call.query.get("per_page", 20))
    return friends.page(game, call.path["player_ulid"], request)


HANDLERS: Mapping[str, Handler] = {routes.FRIENDS_LIST.operation: _list}
