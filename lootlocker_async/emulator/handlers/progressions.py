"""Carries out the calls of `progressions` and of the sections of their owners, which differ in whose points it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import progression_definitions as definitions, progressions
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler, position
from lootlocker_async.emulator.progressions import Owner
from lootlocker_async.emulator.validation import Arguments


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    return definitions.list_progressions(game, **call.query)


def _get(game: Game, call: Arguments) -> Mapping[str, Any]:
    return definitions.get(game, call.path["progression_key"])


def _list_tiers(game: Game, call: Arguments) -> Mapping[str, Any]:
    return definitions.list_tiers(game, call.path["progression_key"], **position(call))


def _get_tier(game: Game, call: Arguments) -> Mapping[str, Any]:
    return definitions.get_tier(game, call.path["progression_key"], call.path["step"])


_FindOwner = Callable[[Game, Mapping[str, Any]], Owner]


def _player(game: Game, path: Mapping[str, Any]) -> Owner:
    return progressions.player(game, path["player_id"])


def _character(game: Game, path: Mapping[str, Any]) -> Owner:
    return progressions.character(game, path["player_id"], path["character_id"])


def _asset_instance(game: Game, path: Mapping[str, Any]) -> Owner:
    return progressions.asset_instance(game, path["player_id"], path["asset_instance_id"])


def _key(game: Game, call: Arguments) -> str:
    # The domain takes a ULID too, which the service has not been seen to do.
    key: str = definitions.get(game, call.path["progression_key"])["key"]
    return key


def _handlers_of(section: str, owner: _FindOwner) -> dict[str, Handler]:
    def list_states(game: Game, call: Arguments) -> Mapping[str, Any]:
        return progressions.list_states(game, owner(game, call.path), **call.query)

    def get(game: Game, call: Arguments) -> Mapping[str, Any]:
        return progressions.get_state(game, owner(game, call.path), _key(game, call))

    def delete(game: Game, call: Arguments) -> None:
        progressions.delete(game, owner(game, call.path), _key(game, call))

    def add_points(game: Game, call: Arguments) -> Mapping[str, Any]:
        return progressions.add_points(game, owner(game, call.path), _key(game, call), **call.body)

    def subtract_points(game: Game, call: Arguments) -> Mapping[str, Any]:
        return progressions.subtract_points(game, owner(game, call.path), _key(game, call), **call.body)

    def reset(game: Game, call: Arguments) -> Mapping[str, Any]:
        return progressions.reset(game, owner(game, call.path), _key(game, call))

    return {
        f"{section}_list": list_states,
        f"{section}_get": get,
        f"{section}_delete": delete,
        f"{section}_add_points": add_points,
        f"{section}_subtract_points": subtract_points,
        f"{section}_reset": reset,
    }


HANDLERS: Mapping[str, Handler] = {
    routes.PROGRESSIONS_LIST.operation: _list,
    routes.PROGRESSIONS_GET.operation: _get,
    routes.PROGRESSIONS_LIST_TIERS.operation: _list_tiers,
    routes.PROGRESSIONS_GET_TIER.operation: _get_tier,
    **_handlers_of("player_progressions", _player),
    **_handlers_of("character_progressions", _character),
    **_handlers_of("asset_instance_progressions", _asset_instance),
}
