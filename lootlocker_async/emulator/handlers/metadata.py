"""Carries out the calls of the section `metadata`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import exact, metadata
from lootlocker_async.emulator.errors import bad_request
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.paging import PageRequest
from lootlocker_async.emulator.validation import Arguments


def _apply_actions(game: Game, call: Arguments) -> Mapping[str, Any]:
    try:
        actions = exact.parse(call.raw)["entries"]
    except ValueError as error:
        raise bad_request(str(error), code="body_invalid") from error
    return metadata.apply(game, call.body["source"], call.body["source_id"], actions)


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    query = call.query
    return metadata.page(
        game,
        call.path["source"],
        call.path["source_id"],
        PageRequest(query.get("page", 1), query.get("per_page", 20)),
        key=query.get("key"),
        tags=query.get("tags", ()),
        ignore_files=query["ignore_files"],
    )


def _list_multisource(game: Game, call: Arguments) -> Mapping[str, Any]:
    return metadata.of_sources(game, call.body["sources"], ignore_files=call.query["ignore_files"])


HANDLERS: Mapping[str, Handler] = {
    routes.METADATA_APPLY_ACTIONS.operation: _apply_actions,
    routes.METADATA_LIST.operation: _list,
    routes.METADATA_LIST_MULTISOURCE.operation: _list_multisource,
}
