"""Builds what the Server API itself cannot create: players with names, assets, characters, whole games."""

from __future__ import annotations

from typing import NamedTuple

from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.generate import GeneratedGame, generate
from lootlocker_async.emulator.worlds.assets import AssetsWorld
from lootlocker_async.emulator.worlds.catalogs import CatalogsWorld, PurchasesWorld
from lootlocker_async.emulator.worlds.characters import CharactersWorld
from lootlocker_async.emulator.worlds.items import ItemsWorld
from lootlocker_async.emulator.worlds.leaderboards import LeaderboardsWorld
from lootlocker_async.emulator.worlds.metadata import MetadataWorld
from lootlocker_async.emulator.worlds.notifications import NotificationsWorld
from lootlocker_async.emulator.worlds.player_data import PlayerDataWorld
from lootlocker_async.emulator.worlds.players import PlayersWorld
from lootlocker_async.emulator.worlds.progressions import ProgressionsWorld
from lootlocker_async.emulator.worlds.triggers import TriggersWorld
from lootlocker_async.emulator.worlds.wallets import WalletsWorld


class World(
    AssetsWorld,
    CatalogsWorld,
    CharactersWorld,
    ItemsWorld,
    LeaderboardsWorld,
    MetadataWorld,
    NotificationsWorld,
    PlayerDataWorld,
    PlayersWorld,
    ProgressionsWorld,
    PurchasesWorld,
    TriggersWorld,
    WalletsWorld,
):
    """The builder of a game. What the game refuses raises `ServiceError`, as a call would be answered.

    Args:
        game: The game.
    """

    def __init__(self, game: Game) -> None:
        self._game = game

    def generate(
        self, *, players: int = 500, scores: int = 20_000, items_per_player: int = 20, seed: int = 1
    ) -> GeneratedGame:
        """Makes a whole game up, the same one for the same seed.

        Args:
            players: How many players have inventories.
            scores: How many entries the board `weekly_arena` has, each of another player.
            items_per_player: How many items an inventory has on average; some have over 200.
            seed: What the game depends on.

        Returns:
            What there is.
        """
        return generate(self._game, owners=players, scores=scores, items_per_player=items_per_player, seed=seed)


class Kind(NamedTuple):
    """A kind of thing that a world has.

    Attributes:
        name: The kind, as seeds name it.
        add: The method of `World` that makes one.
        export: The method that gives back the arguments of all of them.
    """

    name: str
    add: str
    export: str


def _kind(plural: str, singular: str | None = None) -> Kind:
    return Kind(plural, f"add_{singular or plural.removesuffix('s')}", f"export_{plural}")


KINDS = (
    _kind("players"),
    _kind("accounts"),
    _kind("game_sessions"),
    _kind("contexts"),
    _kind("assets"),
    _kind("loot_boxes", "loot_box"),
    _kind("drop_tables"),
    _kind("universal_assets"),
    _kind("character_classes", "character_class"),
    _kind("characters"),
    _kind("game_heroes", "game_hero"),
    _kind("items"),
    _kind("heroes", "hero"),
    _kind("equipment", "equipment"),
    _kind("currencies", "currency"),
    _kind("wallets"),
    _kind("balances"),
    _kind("wallet_modifiers"),
    _kind("progressions"),
    _kind("progression_tiers"),
    _kind("progression_states"),
    _kind("rewards"),
    _kind("catalogs"),
    _kind("catalog_listings"),
    _kind("orders"),
    _kind("triggers"),
    _kind("trigger_uses"),
    _kind("xp_levels"),
    _kind("player_xps", "player_xp"),
    _kind("leaderboards"),
    _kind("leaderboard_schedules"),
    _kind("leaderboard_rewards"),
    _kind("leaderboard_resets"),
    _kind("scores", "scores"),
    _kind("leaderboard_archives"),
    _kind("notifications"),
    _kind("friendships"),
    _kind("player_storage_pairs"),
    _kind("player_files"),
    _kind("metadata_entries", "metadata_entry"),
)
"""Every kind, in the order in which a world is made: what names something comes after it."""
