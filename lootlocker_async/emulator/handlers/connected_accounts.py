"""Carries out the calls of the section `connected_accounts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import connected_accounts
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    asked = call.body
    return connected_accounts.of_players(game, asked.get("player_ids", ()), asked.get("legacy_player_ids", ()))


HANDLERS: Mapping[str, Handler] = {routes.CONNECTED_ACCOUNTS_LIST.operation: _list}
