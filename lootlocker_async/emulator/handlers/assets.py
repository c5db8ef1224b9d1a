"""Carries out the calls of the section `assets`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import asset_lists, contexts
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


HANDLERS: Mapping[str, Handler] = {
    routes.ASSETS_LIST.operation: _list,
    routes.ASSETS_LIST_SIMPLE.operation: _list_simple,
    routes.ASSETS_LIST_CONTEXTS.operation: _list_contexts,
}
