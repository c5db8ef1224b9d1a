"""Carries out the calls of the sections `loot_boxes` and `drop_tables`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import drop_tables, loot_boxes
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _inspect(game: Game, call: Arguments) -> Mapping[str, Any]:
    return loot_boxes.inspect(game, *_instance(call))


def _open(game: Game, call: Arguments) -> Mapping[str, Any]:
    return loot_boxes.open_box(game, *_instance(call))


def _compute_and_lock(game: Game, call: Arguments) -> Mapping[str, Any]:
    return drop_tables.compute_and_lock(game, *_instance(call), **call.query)


def _pick(game: Game, call: Arguments) -> Mapping[str, Any]:
    return drop_tables.pick(game, *_instance(call), call.body["picks"])


def _instance(call: Arguments) -> tuple[int, int]:
    return call.path["player_id"], call.path["asset_instance_id"]


HANDLERS: Mapping[str, Handler] = {
    routes.LOOT_BOXES_INSPECT.operation: _inspect,
    routes.LOOT_BOXES_OPEN.operation: _open,
    routes.DROP_TABLES_COMPUTE_AND_LOCK.operation: _compute_and_lock,
    routes.DROP_TABLES_PICK.operation: _pick,
}
