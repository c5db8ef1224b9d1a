"""What drop tables draw, and what players pick of it."""

from __future__ import annotations

from lootlocker_async.models.assets import Asset
from lootlocker_async.models.base import Seq, model
from lootlocker_async.models.constraints import Int64


@model
class DropTableItem:
    """An item that a drop table drew.

    Attributes:
        id: What a pick names.
        asset_id: The asset's numeric id.
        asset_variation_id: The variation that it comes in.
        asset_rental_option_id: The rental option that it comes with.
        asset: The asset in full; None unless the call asked for details.
    """

    id: int
    asset_id: int
    asset_variation_id: int | None = None
    asset_rental_option_id: int | None = None
    asset: Asset | None = None


@model
class DropTableComputation:
    """What a drop table drew.

    Attributes:
        items: The items drawn.
    """

    items: Seq[DropTableItem]


@model
class DropTablePickRequest:
    """Which of the drawn items to grant.

    Attributes:
        picks: The ids of the drawn items.
    """

    picks: tuple[Int64, ...]


@model
class DropTablePickedItem:
    """An item that the player got out of a drop table.

    Attributes:
        instance_id: Names this one instance of the asset.
        variation_id: The variation of the asset that the item is.
        rental_option_id: The rental option that it came with.
        quantity: How many of them the player got.
        asset: The asset in full.
    """

    instance_id: int
    variation_id: int | None = None
    rental_option_id: int | None = None
    quantity: int | None = None
    asset: Asset


@model
class DropTablePickResult:
    """The answer to a pick.

    Attributes:
        items: The items granted.
    """

    items: Seq[DropTablePickedItem]
