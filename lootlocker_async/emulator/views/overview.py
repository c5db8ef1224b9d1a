"""How much there is of everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async.emulator.game import Game

_TABLES: Mapping[str, str] = {
    "players": "players", "leaderboards": "leaderboards", "inventories": "inventory", "wallets": "wallets",
    "progressions": "progressions", "currencies": "currencies", "assets": "assets",
}  # fmt: skip


def overview(game: Game) -> dict[str, Any]:
    """How many players, leaderboards, items in inventories, wallets, progressions, currencies and assets there are."""
    return {name: game.store.count(f"SELECT count(*) FROM {table}") for name, table in _TABLES.items()}  # nosec B608  # the module's own names; values are bound
