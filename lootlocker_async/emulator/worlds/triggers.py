"""Triggers, the levels that players reach by their XP, and what players have had of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import triggers
from lootlocker_async.emulator.game import Game


class TriggersWorld:
    """Builds triggers and levels."""

    _game: Game

    def add_trigger(
        self,
        name: str,
        *,
        xp: int = 0,
        asset_rewards: Iterable[Mapping[str, Any]] = (),
        reward_ids: Iterable[str] = (),
        once: bool = False,
    ) -> None:
        """Adds a trigger.

        Args:
            name: Its name.
            xp: The XP that it gives; 0 for none.
            asset_rewards: The assets that it gives, each with `asset_id` and perhaps `asset_variation_id` and
                `asset_rental_option_id`.
            reward_ids: The ULIDs of the rewards that it gives.
            once: Whether a player can have it only once.

        Raises:
            ServiceError: The name is empty or taken, or what it gives isn't there.
        """
        triggers.create(self._game, name, xp=xp, asset_rewards=asset_rewards, reward_ids=reward_ids, once=once)

    def add_trigger_use(self, name: str, player_id: int, *, times: int = 1) -> None:
        """Lets a player have had a trigger; nothing is given for it.

        Raises:
            ServiceError: There is no such trigger or player.
        """
        triggers.set_uses(self._game, name, player_id, times)

    def add_xp_level(self, level: int, xp_threshold: int, *, is_prestige: bool = False) -> None:
        """Adds a level that players reach by XP.

        Raises:
            ServiceError: There is such a level already.
        """
        triggers.create_level(self._game, level, xp_threshold, is_prestige=is_prestige)

    def add_player_xp(self, player_id: int, xp: int) -> None:
        """Lets a player have that much XP, in place of what it had.

        Raises:
            ServiceError: There is no such player, or it is no number of XP.
        """
        triggers.set_xp(self._game, player_id, xp)

    def export_triggers(self) -> list[dict[str, Any]]:
        """Every trigger, as the arguments of `add_trigger`."""
        return triggers.export(self._game)

    def export_trigger_uses(self) -> list[dict[str, Any]]:
        """How often each player had each trigger, as the arguments of `add_trigger_use`."""
        return triggers.export_uses(self._game)

    def export_xp_levels(self) -> list[dict[str, Any]]:
        """Every level, as the arguments of `add_xp_level`."""
        return triggers.export_levels(self._game)

    def export_player_xps(self) -> list[dict[str, Any]]:
        """The XP of each player that has some, as the arguments of `add_player_xp`."""
        return triggers.export_xp(self._game)
