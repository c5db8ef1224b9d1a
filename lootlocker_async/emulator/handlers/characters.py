"""Carries out the calls of the sections `characters` and `loadouts`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import characters, loadouts
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.inventories import Grant
from lootlocker_async.emulator.loadouts import Bearer
from lootlocker_async.emulator.validation import Arguments

_Find = Callable[[Game, Arguments], Bearer]


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    return characters.list_characters(game, call.path["player_id"])


def _list_heroes(game: Game, call: Arguments) -> Mapping[str, Any]:
    return characters.list_heroes(game, call.path["player_id"])


def _player(game: Game, call: Arguments) -> Bearer:
    return loadouts.of_player(game, call.path["player_id"])


def _character(game: Game, call: Arguments) -> Bearer:
    return loadouts.of_character(game, call.path["player_id"], call.path["character_id"])


def _hero(game: Game, call: Arguments) -> Bearer:
    return loadouts.of_hero(game, call.path["player_id"], call.path["hero_id"])


def _get(find: _Find) -> Handler:
    return lambda game, call: loadouts.get(game, find(game, call))


def _equip(find: _Find) -> Handler:
    def equip(game: Game, call: Arguments) -> Mapping[str, Any]:
        bearer, body = find(game, call), call.body
        if "instance_id" in body:
            return loadouts.equip_instance(game, bearer, body["instance_id"])
        grant = Grant(body["asset_id"], body.get("asset_variation_id"), body.get("rental_option_id"))
        return loadouts.equip_asset(game, bearer, grant)

    return equip


def _unequip(find: _Find) -> Handler:
    return lambda game, call: loadouts.unequip(game, find(game, call), call.path["asset_instance_id"])


HANDLERS: Mapping[str, Handler] = {
    routes.CHARACTERS_LIST.operation: _list,
    routes.CHARACTERS_LIST_HEROES.operation: _list_heroes,
    routes.LOADOUTS_GET_FOR_PLAYER.operation: _get(_player),
    routes.LOADOUTS_EQUIP_FOR_PLAYER.operation: _equip(_player),
    routes.LOADOUTS_UNEQUIP_FOR_PLAYER.operation: _unequip(_player),
    routes.LOADOUTS_GET_FOR_CHARACTER.operation: _get(_character),
    routes.LOADOUTS_EQUIP_FOR_CHARACTER.operation: _equip(_character),
    routes.LOADOUTS_UNEQUIP_FOR_CHARACTER.operation: _unequip(_character),
    routes.LOADOUTS_GET_FOR_HERO.operation: _get(_hero),
    routes.LOADOUTS_EQUIP_FOR_HERO.operation: _equip(_hero),
    routes.LOADOUTS_UNEQUIP_FOR_HERO.operation: _unequip(_hero),
}
