"""The world as a person looks at it: each section in pages of a screenful, found by search, without the whole of it.

Numbers that may be large are texts, as a browser's numbers would round them. Nothing here changes the world but what is
due in it anyway.
"""

from __future__ import annotations

from lootlocker_async.emulator.views.base import MOST, Look, Page, overview
from lootlocker_async.emulator.views.holdings import inventories, wallets
from lootlocker_async.emulator.views.leaderboards import board, boards
from lootlocker_async.emulator.views.players import player, players
from lootlocker_async.emulator.views.progressions import progression, progressions

__all__ = [
    "MOST", "Look", "Page", "board", "boards", "inventories", "overview", "player", "players", "progression",
    "progressions", "wallets",
]  # fmt: skip
