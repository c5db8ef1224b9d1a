"""Inventories: what players, characters and heroes own."""

from __future__ import annotations

from lootlocker_async.models.assets import Asset, AssetRecord
from lootlocker_async.models.base import Seq, Soft, model, soft
from lootlocker_async.models.constraints import Id


@model
class InventoryRental:
    """Whether an item is rented and how far the rent has run; where it is not, all but `is_rental` is None.

    Attributes:
        is_rental: Whether the item is rented.
        time_left: Seconds until the rent ends.
        duration: Seconds that the rent lasts in all.
        is_active: Whether the rent is running.
    """

    is_rental: Soft[bool] = soft(default=False)
    time_left: int | None = None
    duration: int | None = None
    is_active: bool | None = None


@model
class InventoryItem:
    """An asset instance in an inventory.

    Attributes:
        instance_id: Names this one instance of the asset.
        variation_id: The variation of the asset that the item is.
        rental_option_id: The rental option that it was rented by.
        acquisition_source: How the player came by the item, such as `grant_server_api`.
        asset: The asset in full.
        rental: Whether the item is rented, and how far the rent has run.
    """

    instance_id: int
    variation_id: int | None = None
    rental_option_id: int | None = None
    acquisition_source: Soft[str] = soft(default="")
    asset: Asset | None = None
    rental: InventoryRental | None = None


@model
class InventoryPage:
    """One page of an inventory.

    Attributes:
        total: How many items there are over all pages.
        items: The items of the page.
    """

    total: int
    items: Seq[InventoryItem]


@model
class InventoryGrantedItem:
    """An asset instance as granting it answers; its asset is a raw record.

    Attributes:
        instance_id: Names this one instance of the asset.
        variation_id: The variation of the asset that the item is.
        rental_option_id: The rental option that it was rented by.
        acquisition_source: How the player came by the item, such as `grant_server_api`.
        asset: The asset, as a raw record.
        rental: Whether the item is rented, and how far the rent has run.
    """

    instance_id: int
    variation_id: int | None = None
    rental_option_id: int | None = None
    acquisition_source: Soft[str] = soft(default="")
    asset: AssetRecord
    rental: InventoryRental | None = None


@model
class InventoryGrantResult:
    """The answer to granting one asset.

    Attributes:
        items: The items granted.
    """

    items: Seq[InventoryGrantedItem]


@model
class InventoryAlterResult:
    """The answer to altering an inventory.

    Attributes:
        added: The assets granted.
        removed: The ids of the asset instances taken away.
    """

    added: Seq[Asset] = ()
    removed: Seq[int] = ()


@model
class UniversalInventoryItem:
    """An asset that every player has.

    Attributes:
        universal_id: Names the universal asset.
        variation_id: The variation of the asset that the item is.
        rental_option_id: The rental option that it was rented by.
        acquisition_source: How players came by the item.
        asset: The asset in full.
        rental: Whether the item is rented, and how far the rent has run.
    """

    universal_id: int
    variation_id: int | None = None
    rental_option_id: int | None = None
    acquisition_source: Soft[str] = soft(default="")
    asset: Asset
    rental: InventoryRental | None = None


@model
class UniversalInventory:
    """The assets that every player of the game has.

    Attributes:
        global_assets: The assets.
    """

    global_assets: Seq[UniversalInventoryItem]


@model
class InventoryAssetGrant:
    """An asset to grant: alone (its default variation), with a variation, or with a rental option.

    Attributes:
        asset_id: The asset's numeric id.
        asset_variation_id: The id of the variation to grant it in.
        rental_option_id: The id of the option to rent it by.
    """

    asset_id: Id
    asset_variation_id: Id | None = None
    rental_option_id: Id | None = None


@model
class InventoryAlterRequest:
    """What to grant and what to take away; either list may be left out, but not both.

    Attributes:
        add: The assets to grant.
        remove: The ids of the asset instances to take away.
    """

    add: tuple[InventoryAssetGrant, ...] | None = None
    remove: tuple[Id, ...] | None = None

    def __attrs_post_init__(self) -> None:
        if self.add is None and self.remove is None:
            raise ValueError("one of `add` and `remove` has to be given")
