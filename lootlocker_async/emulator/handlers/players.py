"""Carries out the calls of the section `players`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import players
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _lookup_session_tokens(game: Game, call: Arguments) -> Mapping[str, Any]:
    return players.lookup_session_tokens(game, call.body["tokens"])


def _create_player(game: Game, call: Arguments) -> Mapping[str, Any]:
    return players.create(game, call.body["platform"], call.body["player_identifier"])


def _lookup_names(game: Game, call: Arguments) -> Mapping[str, Any]:
    return players.lookup_names(game, call.query)


HANDLERS: Mapping[str, Handler] = {
    routes.PLAYERS_LOOKUP_SESSION_TOKENS.operation: _lookup_session_tokens,
    routes.PLAYERS_CREATE.operation: _create_player,
    routes.PLAYERS_LOOKUP_NAMES.operation: _lookup_names,
}
