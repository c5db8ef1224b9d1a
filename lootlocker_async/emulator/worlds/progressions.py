"""Progressions with their tiers, how far owners have come, and rewards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from lootlocker_async.emulator import progression_definitions, progressions, rewards
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.progressions import Owner


class ProgressionsWorld:
    """Builds progressions and rewards."""

    _game: Game

    def add_progression(
        self,
        key: str,
        *,
        name: str | None = None,
        active: bool = True,
        tiers: Iterable[Mapping[str, Any]] = (),
        progression_id: str | None = None,
    ) -> str:
        """Adds a progression. It has a first tier at no points.

        Args:
            key: Its key.
            name: Its name; the key by default.
            active: Whether it is switched on.
            tiers: Its tiers, each with `points_threshold` and perhaps `rewards`, as for `add_progression_tier`.
            progression_id: Its ULID; a new one by default.

        Returns:
            Its ULID.

        Raises:
            ServiceError: The key or the ULID is taken, or a tier isn't above the one before, or gives what isn't there.
        """
        with self._game.transaction():
            made = progression_definitions.create(
                self._game, key, name=name, active=active, progression_id=progression_id
            )
            for tier in tiers:
                self.add_progression_tier(key, **tier)
        number: str = made["id"]
        return number

    def add_progression_tier(
        self, progression_key: str, points_threshold: int, *, rewards: Mapping[str, Any] | None = None
    ) -> int:
        """Adds a tier above the last one of a progression; one at no points takes the place of the first.

        Args:
            progression_key: The progression.
            points_threshold: The points that reach it.
            rewards: What reaching it gives, as the contract's `TierRewards`; what the game knows by itself, such as
                names, can be left out.

        Returns:
            Its step.

        Raises:
            ServiceError: The progression or what the rewards name isn't there, or the threshold isn't above the last.
        """
        return progression_definitions.add_tier(self._game, progression_key, points_threshold, rewards or {})

    def add_progression_state(
        self,
        player_id: int,
        progression_key: str,
        *,
        character_id: int | None = None,
        asset_instance_id: int | None = None,
        points: int = 0,
        last_level_up: str | None = None,
        state_id: str | None = None,
    ) -> str:
        """Puts a player, or one of its characters or asset instances, on a progression; nothing is given for it.

        Args:
            player_id: The player.
            progression_key: The progression.
            character_id: The character, if it is one's.
            asset_instance_id: The asset instance, if it is one's.
            points: The points that it has.
            last_level_up: When it last gained a step, as RFC 3339 has it.
            state_id: The ULID of the record; a new one by default.

        Returns:
            The ULID of the record.

        Raises:
            ServiceError: There is no such owner or progression, or the owner is on it already.
        """
        owner = self._progression_owner(player_id, character_id, asset_instance_id)
        found = progression_definitions.get(self._game, progression_key)
        return progressions.insert(
            self._game, owner, found, state_id=state_id, points=points, last_level_up=last_level_up
        )

    def _progression_owner(self, player_id: int, character_id: int | None, asset_instance_id: int | None) -> Owner:
        if character_id is not None and asset_instance_id is not None:
            raise ValueError("the points are either a character's or an asset instance's")
        if character_id is not None:
            return progressions.character(self._game, player_id, character_id)
        if asset_instance_id is not None:
            return progressions.asset_instance(self._game, player_id, asset_instance_id)
        return progressions.player(self._game, player_id)

    def add_reward(
        self,
        kind: str,
        *,
        asset_id: int | None = None,
        asset_variation_id: int | None = None,
        asset_rental_option_id: int | None = None,
        currency_code: str | None = None,
        progression_key: str | None = None,
        amount: str | int | Decimal | None = None,
        name: str | None = None,
        description: str | None = None,
        metadata: Iterable[Mapping[str, str | None]] = (),
        reward_ids: Iterable[str] = (),
        reward_id: str | None = None,
        created_at: str | None = None,
        updated_at: str | None = None,
    ) -> str:
        """Adds a reward, for leaderboards, catalogs and triggers to give.

        Args:
            kind: `asset`, `currency`, `progression_points`, `progression_reset` or `group`; it says which of the other
                arguments count.
            asset_id: The asset, for `asset`.
            asset_variation_id: Its variation.
            asset_rental_option_id: How it is rented, if it is.
            currency_code: The currency, for `currency`.
            progression_key: The progression, for `progression_points` and `progression_reset`.
            amount: How much of the currency, or how many points.
            name: The name of a group.
            description: What a group is.
            metadata: Keys and texts on a group, each with `key` and `value`.
            reward_ids: The ULIDs of the rewards in a group.
            reward_id: Its ULID; a new one by default.
            created_at: When it was made, as RFC 3339 has it; now by default.
            updated_at: When it was last changed; when it was made by default.

        Returns:
            Its ULID.

        Raises:
            ServiceError: There is no such kind, or what it names isn't there, or the ULID is taken.
        """
        return rewards.create(
            self._game,
            kind,
            asset_id=asset_id,
            asset_variation_id=asset_variation_id,
            asset_rental_option_id=asset_rental_option_id,
            currency_code=currency_code,
            progression_key=progression_key,
            amount=amount,
            name=name,
            description=description,
            metadata=metadata,
            reward_ids=reward_ids,
            reward_id=reward_id,
            created_at=created_at,
            updated_at=updated_at,
        )

    def export_progressions(self) -> list[dict[str, Any]]:
        """Every progression without its tiers, as the arguments of `add_progression`."""
        return progression_definitions.export(self._game)

    def export_progression_tiers(self) -> list[dict[str, Any]]:
        """Every tier, as the arguments of `add_progression_tier`: after all progressions, as tiers can name any."""
        return progression_definitions.export_tiers(self._game)

    def export_progression_states(self) -> list[dict[str, Any]]:
        """How far every owner has come, as the arguments of `add_progression_state`."""
        return progressions.export(self._game)

    def export_rewards(self) -> list[dict[str, Any]]:
        """Every reward, as the arguments of `add_reward`; groups come after what is in them."""
        return rewards.export(self._game)
