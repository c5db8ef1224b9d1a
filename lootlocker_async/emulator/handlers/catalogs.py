"""Carries out the calls of the section `catalogs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import catalogs
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _list_items_by_key(game: Game, call: Arguments) -> Mapping[str, Any]:
    return catalogs.list_by_key(
        game,
        call.path["catalog_key"],
        per_page=call.query.get("per_page", catalogs.PAGE_SIZE),
        cursor=call.query.get("cursor"),
    )


def _list_items_by_id(game: Game, call: Arguments) -> Mapping[str, Any]:
    metadata = call.body.get("includes", {}).get("metadata", {})
    return catalogs.list_by_id(
        game, call.body["ids"], metadata=metadata.get("all", False), metadata_keys=metadata.get("keys", ())
    )


HANDLERS: Mapping[str, Handler] = {
    routes.CATALOGS_LIST_ITEMS_BY_KEY.operation: _list_items_by_key,
    routes.CATALOGS_LIST_ITEMS_BY_ID.operation: _list_items_by_id,
}
