"""Players, their platform accounts, their sessions with the game, and who are friends."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from lootlocker_async.emulator import friends, players
from lootlocker_async.emulator.game import Game


class PlayersWorld:
    """Builds players."""

    _game: Game

    def add_player(
        self,
        name: str | None = None,
        *,
        platform: str = "guest",
        identifier: str | None = None,
        player_id: int | None = None,
        ulid: str | None = None,
        public_uid: str | None = None,
    ) -> int:
        """Adds a player with one platform account.

        Args:
            name: Its name, if it has one.
            platform: Where the account is.
            identifier: The account's id there; a made-up one by default.
            player_id: Its numeric id; the next one by default.
            ulid: Its ULID; a new one by default.
            public_uid: Its short public id; a new one by default.

        Returns:
            Its numeric id.
        """
        identifier = identifier or f"{platform}-{self._game.ids.public_uid()}"
        made = players.insert(
            self._game, platform, identifier, name=name, player_id=player_id, ulid=ulid, public_uid=public_uid
        )
        return made["player_id"]

    def add_players(self, names: Iterable[str]) -> range:
        """Adds many players at once.

        Returns:
            Their numeric ids.
        """
        return players.insert_guests(self._game, names)

    def export_players(self) -> list[dict[str, Any]]:
        """Every player, as the arguments of `add_player`."""
        return players.export(self._game)

    def add_account(self, player_id: int, platform: str, identifier: str) -> None:
        """Gives a player one more platform account."""
        players.require(self._game, player_id)
        self._game.store.execute("INSERT INTO accounts VALUES (?, ?, ?)", platform, identifier, player_id)

    def export_accounts(self) -> list[dict[str, Any]]:
        """Every account beyond a player's first, as the arguments of `add_account`."""
        return players.export_accounts(self._game)

    def add_game_session(
        self, player_id: int, *, lifetime: float = 86400.0, token: str | None = None, expires_at: float | None = None
    ) -> str:
        """Starts a player's own session, as a game client does.

        Args:
            player_id: The player.
            lifetime: For how many seconds.
            token: Its token; a new one by default.
            expires_at: When it ends, in seconds since the epoch; after `lifetime` by default.

        Returns:
            Its token.
        """
        players.require(self._game, player_id)
        token = token or secrets.token_hex(20)
        expires_at = self._game.clock.timestamp() + lifetime if expires_at is None else expires_at
        self._game.store.execute("INSERT INTO game_sessions VALUES (?, ?, ?)", token, player_id, expires_at)
        return token

    def export_game_sessions(self) -> list[dict[str, Any]]:
        """Every session of a player, as the arguments of `add_game_session`."""
        rows = self._game.store.rows("SELECT player_id, token, expires_at FROM game_sessions ORDER BY token")
        return [dict(row) for row in rows]

    def add_friendship(self, player_id: int, friend_id: int, *, accepted_at: str | None = None) -> None:
        """Makes two players friends of each other.

        Args:
            player_id: The one.
            friend_id: The other.
            accepted_at: When that was; now by default.
        """
        friends.befriend(self._game, player_id, friend_id, accepted_at)

    def export_friendships(self) -> list[dict[str, Any]]:
        """Every friendship once, as the arguments of `add_friendship`."""
        return friends.export(self._game)
