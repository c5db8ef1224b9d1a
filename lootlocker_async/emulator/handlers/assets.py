"""Carries out the calls of the sections `assets` and `asset_instances`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import asset_instances, asset_lists, contexts
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.paging import PageRequest
from lootlocker_async.emulator.validation import Arguments


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_lists.list_full(game, **call.query)


def _list_simple(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_lists.list_simple(game, PageRequest(**call.query), **call.body)


def _list_contexts(game: Game, call: Arguments) -> Mapping[str, Any]:
    return contexts.list_contexts(game, PageRequest(**call.query))


def _list_pairs(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.list_pairs(game, *_instance(call))


def _create_pair(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.create_pair(game, *_instance(call), **call.body)


def _update_pairs(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.update_pairs(game, *_instance(call), call.body["storage"])


def _get_pair(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.get_pair(game, *_instance(call), call.path["storage_id"])


def _update_pair(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.update_pair(game, *_instance(call), call.path["storage_id"], **call.body)


def _delete_pair(game: Game, call: Arguments) -> Mapping[str, Any]:
    return asset_instances.delete_pair(game, *_instance(call), call.path["storage_id"])


def _instance(call: Arguments) -> tuple[int, int]:
    return call.path["player_id"], call.path["asset_instance_id"]


HANDLERS: Mapping[str, Handler] = {
    routes.ASSETS_LIST.operation: _list,
    routes.ASSETS_LIST_SIMPLE.operation: _list_simple,
    routes.ASSETS_LIST_CONTEXTS.operation: _list_contexts,
    routes.ASSET_INSTANCES_LIST_STORAGE_PAIRS.operation: _list_pairs,
    routes.ASSET_INSTANCES_CREATE_STORAGE_PAIR.operation: _create_pair,
    routes.ASSET_INSTANCES_UPDATE_STORAGE_PAIRS.operation: _update_pairs,
    routes.ASSET_INSTANCES_GET_STORAGE_PAIR.operation: _get_pair,
    routes.ASSET_INSTANCES_UPDATE_STORAGE_PAIR.operation: _update_pair,
    routes.ASSET_INSTANCES_DELETE_STORAGE_PAIR.operation: _delete_pair,
}
