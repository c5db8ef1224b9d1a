"""The part of the world's builder that makes players friends."""

from __future__ import annotations

from typing import Any

from lootlocker_async.emulator import friends
from lootlocker_async.emulator.game import Game


class FriendsWorld:
    """Builds friendships."""

    _game: Game

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
