"""From requests to the domain logic of the sections, and from there to answers: one module a section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import sessions
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers import (
    asset_instances,
    assets,
    balances,
    catalogs,
    characters,
    connected_accounts,
    draws,
    friends,
    inventories,
    leaderboards,
    metadata,
    notifications,
    oauth,
    player_files,
    player_storage,
    players,
    progressions,
    purchases,
    triggers,
)
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _ping(game: Game, _: Arguments) -> Mapping[str, Any]:
    return sessions.ping(game)


_SECTIONS = (
    asset_instances,
    assets,
    balances,
    catalogs,
    characters,
    connected_accounts,
    draws,
    friends,
    inventories,
    leaderboards,
    metadata,
    notifications,
    oauth,
    player_files,
    player_storage,
    players,
    progressions,
    purchases,
    triggers,
)

HANDLERS: Mapping[str, Handler] = {
    routes.SESSION_PING.operation: _ping,
    **{operation: handler for section in _SECTIONS for operation, handler in section.HANDLERS.items()},
}
"""What carries out each operation but the start of a session."""
