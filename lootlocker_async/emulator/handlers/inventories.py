"""Carries out the calls of the section `inventories`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import inventories
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler, position
from lootlocker_async.emulator.inventories import Grant
from lootlocker_async.emulator.validation import Arguments


def _list_for_player(game: Game, call: Arguments) -> Mapping[str, Any]:
    return inventories.list_items(game, call.path["player_id"], **position(call))


def _list_for_character(game: Game, call: Arguments) -> Mapping[str, Any]:
    holder = inventories.character(game, **call.path)
    return inventories.list_items(game, call.path["player_id"], holder=holder, **position(call))


def _list_for_hero(game: Game, call: Arguments) -> Mapping[str, Any]:
    holder = inventories.hero(game, **call.path)
    return inventories.list_items(game, call.path["player_id"], holder=holder, **position(call))


def _list_universal_assets(game: Game, _: Arguments) -> Mapping[str, Any]:
    return inventories.list_universal(game)


def _add_asset(game: Game, call: Arguments) -> Mapping[str, Any]:
    return inventories.add_asset(game, call.path["player_id"], _grant(call.body))


def _alter(game: Game, call: Arguments) -> Mapping[str, Any]:
    grants = [_grant(grant) for grant in call.body.get("add", ())]
    return inventories.alter(game, call.path["player_id"], add=grants, remove=call.body.get("remove", ()))


def _grant(body: Mapping[str, int]) -> Grant:
    return Grant(body["asset_id"], body.get("asset_variation_id"), body.get("rental_option_id"))


HANDLERS: Mapping[str, Handler] = {
    routes.INVENTORIES_LIST_FOR_PLAYER.operation: _list_for_player,
    routes.INVENTORIES_ADD_ASSET.operation: _add_asset,
    routes.INVENTORIES_ALTER.operation: _alter,
    routes.INVENTORIES_LIST_FOR_CHARACTER.operation: _list_for_character,
    routes.INVENTORIES_LIST_FOR_HERO.operation: _list_for_hero,
    routes.INVENTORIES_LIST_UNIVERSAL_ASSETS.operation: _list_universal_assets,
}
