"""From requests to the domain logic of the sections, and from there to answers.

One module a section or two, and one for those that have but one call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import sessions
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers import (
    assets,
    balances,
    catalogs,
    characters,
    draws,
    inventories,
    leaderboards,
    metadata,
    of_one_call,
    player_files,
    player_storage,
    players,
    progressions,
)
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _ping(game: Game, _: Arguments) -> Mapping[str, Any]:
    return sessions.ping(game)


_SECTIONS = (
    assets,
    balances,
    catalogs,
    characters,
    draws,
    inventories,
    leaderboards,
    metadata,
    of_one_call,
    player_files,
    player_storage,
    players,
    progressions,
)

HANDLERS: Mapping[str, Handler] = {
    routes.SESSION_PING.operation: _ping,
    **{operation: handler for section in _SECTIONS for operation, handler in section.HANDLERS.items()},
}
"""What carries out each operation but the start of a session."""
