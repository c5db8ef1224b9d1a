"""Builds what the Server API itself cannot create: players with names, assets, characters, whole games."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import assets, inventories, leaderboards, players
from lootlocker_async.emulator.errors import not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.generate import GeneratedGame, generate
from lootlocker_async.emulator.inventories import DEFAULT_HOLDER, Grant


class World:
    """The builder of a game. What the game refuses raises `ServiceError`, as a call would be answered.

    Args:
        game: The game.
    """

    def __init__(self, game: Game) -> None:
        self._game = game

    def add_player(
        self,
        name: str | None = None,
        *,
        platform: str = "guest",
        identifier: str | None = None,
        player_id: int | None = None,
    ) -> int:
        """Adds a player with one platform account.

        Args:
            name: Its name, if it has one.
            platform: Where the account is.
            identifier: The account's id there; a made-up one by default.
            player_id: Its numeric id; the next one by default.

        Returns:
            Its numeric id.
        """
        identifier = identifier or f"{platform}-{self._game.ids.public_uid()}"
        return players.insert(self._game, platform, identifier, name=name, player_id=player_id)["player_id"]

    def add_players(self, names: Iterable[str]) -> range:
        """Adds many players at once.

        Returns:
            Their numeric ids.
        """
        return players.insert_guests(self._game, names)

    def add_account(self, player_id: int, platform: str, identifier: str) -> None:
        """Gives a player one more platform account."""
        players.require(self._game, player_id)
        self._game.store.execute("INSERT INTO accounts VALUES (?, ?, ?)", platform, identifier, player_id)

    def add_game_session(self, player_id: int, *, lifetime: float = 86400.0) -> str:
        """Starts a player's own session, as a game client does.

        Returns:
            Its token.
        """
        players.require(self._game, player_id)
        token = secrets.token_hex(20)
        expires_at = self._game.clock.timestamp() + lifetime
        self._game.store.execute("INSERT INTO game_sessions VALUES (?, ?, ?)", token, player_id, expires_at)
        return token

    def add_asset(self, name: str, **fields: Any) -> int:  # noqa: ANN401 - any field of the contract's Asset
        """Adds an asset.

        Args:
            name: Its name.
            **fields: Any of the fields that the contract gives an asset, `id` among them.

        Returns:
            Its numeric id.

        Raises:
            ValueError: There is no such field.
        """
        asset_id: int = assets.create(self._game, name, fields)["id"]
        return asset_id

    def add_universal_asset(
        self, asset_id: int, *, variation_id: int | None = None, rental_option_id: int | None = None
    ) -> int:
        """Lets every player have an asset.

        Returns:
            Its universal id.
        """
        return inventories.add_universal(self._game, Grant(asset_id, variation_id, rental_option_id))

    def add_character(self, player_id: int, name: str = "Character", *, default: bool = False) -> int:
        """Gives a player a character; the default one has what the player's own inventory lists.

        Returns:
            Its id.
        """
        return inventories.add_character(self._game, player_id, name, default=default)

    def add_hero(self, player_id: int, name: str = "Hero") -> int:
        """Gives a player a hero.

        Returns:
            Its id.
        """
        return inventories.add_hero(self._game, player_id, name)

    def grant(
        self,
        player_id: int,
        asset_id: int,
        *,
        character_id: int | None = None,
        hero_id: int | None = None,
        variation_id: int | None = None,
        rental_option_id: int | None = None,
        source: str = "grant_support",
    ) -> int:
        """Puts an asset into the inventory of a player, or of one of its characters or heroes.

        Returns:
            The id of the instance.
        """
        holder = DEFAULT_HOLDER
        if character_id is not None:
            holder = inventories.character(self._game, player_id, character_id)
        elif hero_id is not None:
            holder = inventories.hero(self._game, player_id, hero_id)
        grant = Grant(asset_id, variation_id, rental_option_id)
        return inventories.give(self._game, player_id, grant, holder=holder, source=source).instance_id

    def add_leaderboard(
        self,
        key: str,
        *,
        name: str | None = None,
        type: str = "generic",
        direction_method: str = "descending",
        enable_game_api_writes: bool = False,
        overwrite_score_on_submit: bool = False,
        has_metadata: bool = False,
        board_id: int | None = None,
        schedule: Mapping[str, Any] | None = None,
        rewards: Iterable[Mapping[str, Any]] = (),
        upcoming_resets: Iterable[Mapping[str, Any]] = (),
    ) -> int:
        """Adds a leaderboard.

        Args:
            key: Its key.
            name: Its name; the key by default.
            type: `generic` or `player`.
            direction_method: `descending` or `ascending`.
            enable_game_api_writes: Whether game clients may submit scores themselves.
            overwrite_score_on_submit: Whether a new score always replaces the old one.
            has_metadata: Whether entries keep metadata.
            board_id: Its numeric id; the next one by default.
            schedule: When it resets, as the contract's `LeaderboardSchedule`.
            rewards: What a reset gives, as the contract's `LeaderboardReward`.
            upcoming_resets: Manual resets still to come, as the contract's `LeaderboardUpcomingReset`.

        Returns:
            Its numeric id.

        Raises:
            ValueError: There is no such type or direction.
        """
        if type not in {"generic", "player"} or direction_method not in {"ascending", "descending"}:
            raise ValueError(f"there is no board of type {type} with direction {direction_method}")
        settings = leaderboards.Settings(
            key=key,
            name=name or key,
            type=type,
            direction_method=direction_method,
            enable_game_api_writes=enable_game_api_writes,
            overwrite_score_on_submit=overwrite_score_on_submit,
            has_metadata=has_metadata,
        )
        made = leaderboards.create(
            self._game,
            settings,
            board_id=board_id,
            schedule=schedule,
            rewards=rewards,
            upcoming_resets=upcoming_resets,
        )
        number: int = made["id"]
        return number

    def add_scores(self, key: str, scores: Iterable[tuple[str, int] | tuple[str, int, str]]) -> int:
        """Puts many scores on a board at once, each in place of what its member had.

        Args:
            key: The board.
            scores: Member, score and perhaps metadata; earlier ones win ties.

        Returns:
            How many there were.
        """
        return leaderboards.add_scores(self._game, key, scores)

    def score(self, key: str, member_id: str) -> int:
        """What a member has on a board now.

        Raises:
            ServiceError: The member has no entry there.
        """
        board_id = leaderboards.get(self._game, key)["leaderboard"]["id"]
        row = self._game.store.row("SELECT score FROM scores WHERE board_id = ? AND member_id = ?", board_id, member_id)
        if row is None:
            raise not_found("entry", "member_id")
        value: int = row["score"]
        return value

    def inventory_size(self, player_id: int) -> int:
        """How many items a player, its characters and its heroes have."""
        return self._game.store.count("SELECT count(*) FROM inventory WHERE player_id = ?", player_id)

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
