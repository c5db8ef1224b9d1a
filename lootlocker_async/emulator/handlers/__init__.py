"""From requests to the domain logic of the sections, and from there to answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from lootlocker_async import routes
from lootlocker_async.emulator import inventories, leaderboards, players, sessions
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant
from lootlocker_async.emulator.validation import Arguments

Handler = Callable[[Game, Arguments], Mapping[str, Any] | None]
"""Carries a valid call out; None is an answer without a body."""


def _ping(game: Game, _: Arguments) -> Mapping[str, Any]:
    return sessions.ping(game)


def _list_boards(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.list_boards(game, **_position(call))


def _create_board(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.create(game, leaderboards.Settings(**call.body))


def _get_board(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.get(game, call.path["leaderboard_key"])


def _update_board(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.update(game, call.path["leaderboard_key"], call.body)


def _delete_board(game: Game, call: Arguments) -> None:
    leaderboards.delete(game, call.path["leaderboard_key"])


def _submit_score(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.submit(game, call.path["leaderboard_key"], **call.body)


def _increment_score(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.increment(game, call.path["leaderboard_key"], **call.body)


def _list_member_ranks(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.list_member_ranks(game, call.path["member_id"], **_position(call))


def _list_scores(game: Game, call: Arguments) -> Mapping[str, Any]:
    return leaderboards.list_scores(game, call.path["leaderboard_key"], **_position(call))


def _list_for_player(game: Game, call: Arguments) -> Mapping[str, Any]:
    return inventories.list_items(game, call.path["player_id"], **_position(call))


def _list_for_character(game: Game, call: Arguments) -> Mapping[str, Any]:
    holder = inventories.character(game, **call.path)
    return inventories.list_items(game, call.path["player_id"], holder=holder, **_position(call))


def _list_for_hero(game: Game, call: Arguments) -> Mapping[str, Any]:
    holder = inventories.hero(game, **call.path)
    return inventories.list_items(game, call.path["player_id"], holder=holder, **_position(call))


def _list_universal_assets(game: Game, _: Arguments) -> Mapping[str, Any]:
    return inventories.list_universal(game)


def _add_asset(game: Game, call: Arguments) -> Mapping[str, Any]:
    return inventories.add_asset(game, call.path["player_id"], _grant(call.body))


def _alter(game: Game, call: Arguments) -> Mapping[str, Any]:
    grants = [_grant(grant) for grant in call.body.get("add", ())]
    return inventories.alter(game, call.path["player_id"], add=grants, remove=call.body.get("remove", ()))


def _lookup_session_tokens(game: Game, call: Arguments) -> Mapping[str, Any]:
    return players.lookup_session_tokens(game, call.body["tokens"])


def _create_player(game: Game, call: Arguments) -> Mapping[str, Any]:
    return players.create(game, call.body["platform"], call.body["player_identifier"])


def _lookup_names(game: Game, call: Arguments) -> Mapping[str, Any]:
    return players.lookup_names(game, call.query)


class _Position(TypedDict):
    count: int
    after: int


def _position(call: Arguments) -> _Position:
    return {"count": call.query["count"], "after": call.query.get("after", 0)}


def _grant(body: Mapping[str, int]) -> Grant:
    return Grant(body["asset_id"], body.get("asset_variation_id"), body.get("rental_option_id"))


HANDLERS: Mapping[str, Handler] = {
    routes.SESSION_PING.operation: _ping,
    routes.LEADERBOARDS_LIST.operation: _list_boards,
    routes.LEADERBOARDS_CREATE.operation: _create_board,
    routes.LEADERBOARDS_GET.operation: _get_board,
    routes.LEADERBOARDS_UPDATE.operation: _update_board,
    routes.LEADERBOARDS_DELETE.operation: _delete_board,
    routes.LEADERBOARDS_SUBMIT_SCORE.operation: _submit_score,
    routes.LEADERBOARDS_INCREMENT_SCORE.operation: _increment_score,
    routes.LEADERBOARDS_LIST_MEMBER_RANKS.operation: _list_member_ranks,
    routes.LEADERBOARDS_LIST_SCORES.operation: _list_scores,
    routes.INVENTORIES_LIST_FOR_PLAYER.operation: _list_for_player,
    routes.INVENTORIES_ADD_ASSET.operation: _add_asset,
    routes.INVENTORIES_ALTER.operation: _alter,
    routes.INVENTORIES_LIST_FOR_CHARACTER.operation: _list_for_character,
    routes.INVENTORIES_LIST_FOR_HERO.operation: _list_for_hero,
    routes.INVENTORIES_LIST_UNIVERSAL_ASSETS.operation: _list_universal_assets,
    routes.PLAYERS_LOOKUP_SESSION_TOKENS.operation: _lookup_session_tokens,
    routes.PLAYERS_CREATE.operation: _create_player,
    routes.PLAYERS_LOOKUP_NAMES.operation: _lookup_names,
}
"""What carries out each operation but the start of a session, which alone needs no token."""
