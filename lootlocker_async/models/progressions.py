"""Progressions: their tiers, what reaching one gives, and how far players, characters and asset instances have come."""

from __future__ import annotations

from decimal import Decimal

import attrs

from lootlocker_async.models.base import AwareDatetime, Seq, Soft, model, soft
from lootlocker_async.models.constraints import Points, finite, uint64
from lootlocker_async.models.pagination import IndexPagination, KeyPagination


@model
class Progression:
    """A progression that the game defines.

    Attributes:
        id: The progression's ULID.
        key: The key that calls name it by.
        name: The name for display.
        active: Whether it is in use; False where it is switched off.
    """

    id: str
    key: str
    name: Soft[str] = soft(default="")
    active: Soft[bool] = soft(default=False)


@model
class ProgressionPage:
    """One page of the game's progressions.

    Attributes:
        pagination: Where the page stands in the list.
        items: The progressions.
    """

    pagination: KeyPagination
    items: Seq[Progression]


@model
class TierProgressionPointsReward:
    """Points on a progression that a tier gives.

    Attributes:
        progression_id: The progression's ULID.
        progression_key: The progression's key.
        progression_name: The progression's name.
        amount: How many points are added.
    """

    progression_id: str
    progression_key: Soft[str] = soft(default="")
    progression_name: Soft[str] = soft(default="")
    amount: int


@model
class TierProgressionResetReward:
    """A progression that a tier sets back to its start.

    Attributes:
        progression_id: The progression's ULID.
        progression_key: The progression's key.
        progression_name: The progression's name.
    """

    progression_id: str
    progression_key: Soft[str] = soft(default="")
    progression_name: Soft[str] = soft(default="")


@model
class TierAssetReward:
    """An asset that a tier gives.

    Attributes:
        asset_id: The asset's numeric id.
        asset_variation_id: The variation given; None for none in particular.
        asset_rental_option_id: The rental option that it is given by; None where it is given for good.
    """

    asset_id: int
    asset_variation_id: int | None = None
    asset_rental_option_id: int | None = None


@model
class TierCurrencyReward:
    """An amount of a currency that a tier gives.

    Attributes:
        currency_name: The currency's name.
        currency_code: The currency's short code.
        amount: How much of the currency is given.
    """

    currency_name: Soft[str] = soft(default="")
    currency_code: str
    amount: Decimal = attrs.field(validator=finite)


@model
class TierRewards:
    """What a tier gives, one list for each kind; those of kinds that it doesn't give are empty.

    Attributes:
        progression_points_rewards: Points on progressions.
        progression_reset_rewards: Progressions that are set back to their start.
        asset_rewards: Assets.
        currency_rewards: Amounts of currencies.
    """

    progression_points_rewards: Seq[TierProgressionPointsReward] = soft(default=())
    progression_reset_rewards: Seq[TierProgressionResetReward] = soft(default=())
    asset_rewards: Seq[TierAssetReward] = soft(default=())
    currency_rewards: Seq[TierCurrencyReward] = soft(default=())


@model
class ProgressionTier:
    """A tier of a progression.

    Attributes:
        step: The tier's place, from 1.
        points_threshold: The points that reach the tier; 0 for the first.
        rewards: What reaching it gives.
    """

    step: int
    points_threshold: int
    rewards: TierRewards


@model
class ProgressionTierPage:
    """One page of a progression's tiers.

    Attributes:
        pagination: Where the page stands in the list.
        items: The tiers, by step.
    """

    pagination: IndexPagination
    items: Seq[ProgressionTier]


@model
class ProgressionState:
    """How far a player, a character or an asset instance has come on a progression.

    Attributes:
        id: The ULID of this record, not of the progression.
        progression_id: The progression's ULID.
        progression_key: The progression's key.
        progression_name: The progression's name.
        step: The step reached, from 1.
        points: The points gathered.
        previous_threshold: The points that reached the present step.
        next_threshold: The points that reach the next step; None on the last one.
        last_level_up: When a step was last gained; None if never.
    """

    id: str
    progression_id: str
    progression_key: str
    progression_name: Soft[str] = soft(default="")
    step: int
    points: int
    previous_threshold: int
    next_threshold: int | None = None
    last_level_up: AwareDatetime | None = None

    @property
    def points_to_next(self) -> int | None:
        """The points that are missing for the next step; None on the last one."""
        return _missing(self.points, self.next_threshold)


@model
class ProgressionStatePage:
    """One page of the progressions that someone or something is on.

    Attributes:
        pagination: Where the page stands in the list.
        items: How far it has come on each.
    """

    pagination: KeyPagination
    items: Seq[ProgressionState]


@model
class ProgressionStateUpdate:
    """Where a progression stands after a change, and what the change gave.

    Attributes:
        id: The ULID of this record, not of the progression.
        progression_id: The progression's ULID.
        progression_key: The progression's key.
        progression_name: The progression's name.
        step: The step reached, from 1.
        points: The points gathered.
        previous_threshold: The points that reached the present step.
        next_threshold: The points that reach the next step; None on the last one.
        last_level_up: When a step was last gained; None if never.
        awarded_tiers: The tiers that the change reached, each with its rewards; empty for none.
    """

    id: str
    progression_id: str
    progression_key: str
    progression_name: Soft[str] = soft(default="")
    step: int
    points: int
    previous_threshold: int
    next_threshold: int | None = None
    last_level_up: AwareDatetime | None = None
    awarded_tiers: Seq[ProgressionTier] = soft(default=())

    @property
    def points_to_next(self) -> int | None:
        """The points that are missing for the next step; None on the last one."""
        return _missing(self.points, self.next_threshold)


def _missing(points: int, threshold: int | None) -> int | None:
    return None if threshold is None else max(threshold - points, 0)


@model
class ProgressionPointsRequest:
    """How many points to add or to subtract.

    Attributes:
        amount: The number of points, from 1 to 18,446,744,073,709,551,615.
    """

    amount: Points = attrs.field(validator=uint64)
