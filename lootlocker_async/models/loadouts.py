"""Loadouts: what characters and heroes have equipped."""

from __future__ import annotations

from typing import ClassVar

import attrs

from lootlocker_async.models.assets import Asset
from lootlocker_async.models.base import Seq, model, parsed
from lootlocker_async.models.constraints import Id
from lootlocker_async.models.inventories import InventoryRental


@model
class LoadoutItem:
    """An asset instance that is equipped.

    Attributes:
        variation_id: The variation of the asset that the item is.
        instance_id: Names this one instance of the asset.
        mounted_at: When it was equipped.
        asset: The asset in full.
        rental: Whether the item is rented, and how far the rent has run.
        mounted_at_datetime: `mounted_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    variation_id: int | None = None
    instance_id: int
    mounted_at: str | None = None
    asset: Asset
    rental: InventoryRental | None = None

    mounted_at_datetime: ClassVar[parsed] = parsed("mounted_at")


@model
class Loadout:
    """Everything that a character or hero has equipped.

    Attributes:
        items: The asset instances.
    """

    items: Seq[LoadoutItem]


def _one_way(instance: LoadoutEquipRequest, _attribute: attrs.Attribute[int | None], _value: int | None) -> None:
    """Refuse fields that don't go together; attrs runs a field's validator when all fields are set."""
    if (instance.instance_id is None) == (instance.asset_id is None):
        raise ValueError("one of `instance_id` and `asset_id` has to be given, and not both")
    for name in ("asset_variation_id", "rental_option_id"):
        if instance.asset_id is None and getattr(instance, name) is not None:
            raise ValueError(f"`{name}` goes with `asset_id` and not with `instance_id`")


@model
class LoadoutEquipRequest:
    """What to equip: an instance of the player's, or an asset: alone, with a variation, or with a rental option.

    Attributes:
        instance_id: The id of the asset instance, from the player's inventory.
        asset_id: The asset's numeric id.
        asset_variation_id: The id of the asset's variation.
        rental_option_id: The id of the asset's rental option.
    """

    instance_id: Id | None = None
    asset_id: Id | None = None
    asset_variation_id: Id | None = None
    rental_option_id: Id | None = attrs.field(default=None, validator=_one_way)
