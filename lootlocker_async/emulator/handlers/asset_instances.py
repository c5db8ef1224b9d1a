"""Carries out the calls of the section `asset_instances`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import asset_instances
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.list_pairs(game, *_instance(call))


def _create(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.create_pair(game, *_instance(call), **call.body)


def _update_many(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.update_pairs(game, *_instance(call), call.body["storage"])


def _get(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.get_pair(game, *_instance(call), call.path["storage_id"])


def _update(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.update_pair(game, *_instance(call), call.path["storage_id"], **call.body)


def _delete(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.delete_pair(game, *_instance(call), call.path["storage_id"])


def _instance(call: Arguments) -> tuple[int, int]:
    return call.path["player_id"], call.path["asset_instance_id"]


HANDLERS: Mapping[str, Handler] = {
    routes.ASSET_INSTANCES_LIST_STORAGE_PAIRS.operation: _list,
    routes.ASSET_INSTANCES_CREATE_STORAGE_PAIR.operation: _create,
    routes.ASSET_INSTANCES_UPDATE_STORAGE_PAIRS.operation: _update_many,
    routes.ASSET_INSTANCES_GET_STORAGE_PAIR.operation: _get,
    routes.ASSET_INSTANCES_UPDATE_STORAGE_PAIR.operation: _update,
    routes.ASSET_INSTANCES_DELETE_STORAGE_PAIR.operation: _delete,
}
