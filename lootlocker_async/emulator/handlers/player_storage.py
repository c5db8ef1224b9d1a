"""Carries out the calls of the section `player_storage`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import player_storage
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    return player_storage.read(game, call.query["player_ids"])


def _set(game: Game, call: Arguments) -> Mapping[str, Any]:
    return player_storage.write(game, call.body["payload"])


def _delete(game: Game, call: Arguments) -> None:
    player_storage.delete(game, call.query["player_ids"], call.query["keys"])


def _lookup(game: Game, call: Arguments) -> Mapping[str, Any]:
    return player_storage.lookup(game, call.body["player_ids"], call.body.get("keys", ()))


HANDLERS: Mapping[str, Handler] = {
    routes.PLAYER_STORAGE_LIST.operation: _list,
    routes.PLAYER_STORAGE_SET.operation: _set,
    routes.PLAYER_STORAGE_DELETE.operation: _delete,
    routes.PLAYER_STORAGE_LOOKUP.operation: _lookup,
}
