"""What a reward gives: assets, amounts of currencies, points, resets, and groups of them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import attrs

from lootlocker_async.models.base import OpenEnum, Seq, model, parsed
from lootlocker_async.models.constraints import finite


class EntityKind(OpenEnum):
    """What a reward gives or a catalog entry sells; it names the field that holds the details, and the set grows."""

    ASSET = "asset"
    CURRENCY = "currency"
    PROGRESSION_POINTS = "progression_points"
    PROGRESSION_RESET = "progression_reset"
    GROUP = "group"


@model
class AssetDetails:
    """An asset that is given or sold, as it is shown.

    Attributes:
        id: The asset's ULID, not its numeric id.
        legacy_id: The asset's numeric id.
        name: The asset's name.
        thumbnail: The address of its picture.
        variation_id: The variation's id (a retired feature), a number or a text.
        variation_name: The variation's name; not in catalogs.
        rental_option_id: The rental option's id (a retired feature), a number or a text.
        rental_option_name: The rental option's name; not in catalogs.
    """

    id: str | None = None
    legacy_id: int
    name: str | None = None
    thumbnail: str | None = None
    variation_id: int | str | None = None
    variation_name: str | None = None
    rental_option_id: int | str | None = None
    rental_option_name: str | None = None


@model
class AssetReward:
    """A reward that gives an asset.

    Attributes:
        reward_id: The reward's ULID.
        asset_id: The asset's numeric id; it may be missing in a group.
        asset_ulid: The asset's ULID.
        asset_variation_id: The variation's id, a number or a text.
        asset_rental_option_id: The rental option's id, a number or a text.
        details: The asset as it is shown.
        created_at: When the reward was made.
        updated_at: When the reward was last changed.
        created_at_datetime: `created_at` as an aware `datetime`; None where it is missing or cannot be read.
        updated_at_datetime: `updated_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    reward_id: str | None = None
    asset_id: int | None = None
    asset_ulid: str | None = None
    asset_variation_id: int | str | None = None
    asset_rental_option_id: int | str | None = None
    details: AssetDetails | None = None
    created_at: str | None = None
    updated_at: str | None = None

    created_at_datetime: ClassVar[parsed] = parsed("created_at")
    updated_at_datetime: ClassVar[parsed] = parsed("updated_at")


@model
class CurrencyDetails:
    """An amount of a currency that is given or sold, as it is shown.

    Attributes:
        id: The currency's ULID.
        name: The currency's name.
        code: The currency's short code.
        amount: How much of the currency it is.
    """

    id: str | None = None
    name: str | None = None
    code: str | None = None
    amount: Decimal = attrs.field(validator=finite)


@model
class CurrencyReward:
    """A reward that gives an amount of a currency.

    Attributes:
        reward_id: The reward's ULID.
        currency_id: The currency's ULID.
        amount: How much of the currency to give.
        details: The currency as it is shown.
        created_at: When the reward was made.
        updated_at: When the reward was last changed.
        created_at_datetime: `created_at` as an aware `datetime`; None where it is missing or cannot be read.
        updated_at_datetime: `updated_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    reward_id: str | None = None
    currency_id: str | None = None
    amount: Decimal = attrs.field(validator=finite)
    details: CurrencyDetails | None = None
    created_at: str | None = None
    updated_at: str | None = None

    created_at_datetime: ClassVar[parsed] = parsed("created_at")
    updated_at_datetime: ClassVar[parsed] = parsed("updated_at")


@model
class ProgressionPointsDetails:
    """Points on a progression that are given or sold, as they are shown.

    Attributes:
        id: The progression's ULID.
        key: The progression's key.
        name: The progression's name.
        amount: How many points, a plain number unlike a currency's amount.
    """

    id: str | None = None
    key: str | None = None
    name: str | None = None
    amount: int


@model
class ProgressionPointsReward:
    """A reward that gives points on a progression.

    Attributes:
        reward_id: The reward's ULID.
        progression_id: The progression's ULID.
        amount: How many points, a plain number unlike a currency's amount.
        details: The progression as it is shown.
        created_at: When the reward was made.
        updated_at: When the reward was last changed.
        created_at_datetime: `created_at` as an aware `datetime`; None where it is missing or cannot be read.
        updated_at_datetime: `updated_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    reward_id: str | None = None
    progression_id: str
    amount: int
    details: ProgressionPointsDetails | None = None
    created_at: str | None = None
    updated_at: str | None = None

    created_at_datetime: ClassVar[parsed] = parsed("created_at")
    updated_at_datetime: ClassVar[parsed] = parsed("updated_at")


@model
class ProgressionResetDetails:
    """A progression whose reset is given or sold, as it is shown.

    Attributes:
        id: The progression's ULID.
        key: The progression's key.
        name: The progression's name.
    """

    id: str | None = None
    key: str | None = None
    name: str | None = None


@model
class ProgressionResetReward:
    """A reward that sets a progression back to its start.

    Attributes:
        reward_id: The reward's ULID.
        progression_id: The progression's ULID.
        details: The progression as it is shown.
        created_at: When the reward was made.
        updated_at: When the reward was last changed.
        created_at_datetime: `created_at` as an aware `datetime`; None where it is missing or cannot be read.
        updated_at_datetime: `updated_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    reward_id: str | None = None
    progression_id: str
    details: ProgressionResetDetails | None = None
    created_at: str | None = None
    updated_at: str | None = None

    created_at_datetime: ClassVar[parsed] = parsed("created_at")
    updated_at_datetime: ClassVar[parsed] = parsed("updated_at")


@model
class GroupPair:
    """A key and a text kept with a group.

    Attributes:
        key: The key.
        value: The text.
    """

    key: str
    value: str | None = None


@model
class GroupRewardAssociation:
    """One reward in a group; only the field that `kind` names is filled.

    Attributes:
        kind: What it gives; names the field that is filled.
        asset: The asset to give.
        currency: The currency to give.
        progression_points: The points to give.
        progression_reset: The progression to reset.
    """

    kind: EntityKind
    asset: AssetReward | None = None
    currency: CurrencyReward | None = None
    progression_points: ProgressionPointsReward | None = None
    progression_reset: ProgressionResetReward | None = None


@model
class GroupReward:
    """A reward that bundles several others; it has no `updated_at`.

    Attributes:
        reward_id: The reward's ULID.
        name: The group's name.
        description: What the group is.
        metadata: Keys and texts on the group.
        associations: The rewards in the group.
        created_at: When the group was made.
        created_at_datetime: `created_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    reward_id: str | None = None
    name: str | None = None
    description: str | None = None
    metadata: Seq[GroupPair] = ()
    associations: Seq[GroupRewardAssociation] = ()
    created_at: str | None = None

    created_at_datetime: ClassVar[parsed] = parsed("created_at")
