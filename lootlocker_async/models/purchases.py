"""Orders of the old purchase system."""

from __future__ import annotations

from typing import Self

from lootlocker_async.models.assets import Asset
from lootlocker_async.models.base import OpenEnum, Seq, model


class PurchaseOrderStatus(OpenEnum):
    """How far an order has come; no source tells the letter case on the wire, so that any is taken."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    REFUNDED = "refunded"
    CANCELED = "canceled"
    FAILED = "failed"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if isinstance(value, str):
            member: Self | None = cls._member_map_.get(value.upper())  # type: ignore[assignment]
            if member is not None:
                return member
        return super()._missing_(value)


@model
class PurchaseProduct:
    """Something that an order brought.

    Attributes:
        instance_id: The id of the asset instance.
        variation_id: The variation, if any.
        rental_option_id: The rental option, if any.
        acquisition_source: How it was acquired.
        asset: The asset.
    """

    instance_id: int
    variation_id: int | None = None
    rental_option_id: int | None = None
    acquisition_source: str | None = None
    asset: Asset | None = None


@model
class PurchaseStatus:
    """How far an order has come.

    Attributes:
        order_status: The state.
        products: What was bought, unless left out.
    """

    order_status: PurchaseOrderStatus
    products: Seq[PurchaseProduct] = ()
