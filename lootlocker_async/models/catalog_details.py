"""What belongs to a catalog entry: its listings in outside stores, and the details of the thing that is sold."""

from __future__ import annotations

from decimal import Decimal

import attrs

from lootlocker_async.models.base import Seq, model
from lootlocker_async.models.constraints import finite


# ---------------------------------------------------------------------------------------------------- outside stores
@model
class CatalogAppleAppStoreListing:
    """The product in Apple's App Store.

    Attributes:
        product_id: The product's id there.
    """

    product_id: str | None = None


@model
class CatalogGooglePlayStoreListing:
    """The product in Google's Play Store.

    Attributes:
        product_id: The product's id there.
    """

    product_id: str | None = None


@model
class CatalogSteamStorePrice:
    """A price on Steam.

    Attributes:
        currency: The code of a real currency, such as `USD`.
        amount: The price in the currency's base unit.
    """

    currency: str
    amount: int


@model
class CatalogSteamStoreListing:
    """The product on Steam.

    Attributes:
        description: What Steam shows for it.
        prices: One price for each currency.
    """

    description: str | None = None
    prices: Seq[CatalogSteamStorePrice] = ()


@model
class CatalogStripeStoreListing:
    """What Stripe charges.

    Attributes:
        currency: The code of a real currency, such as `usd`.
        amount: The price in the currency's smallest unit, such as cents.
    """

    currency: str | None = None
    amount: int | None = None


@model
class CatalogEpicGamesStoreListing:
    """The product in the Epic Games Store.

    Attributes:
        audience_item_id: The audience item's id there.
    """

    audience_item_id: str | None = None


@model
class CatalogPlaystationStoreListing:
    """The product in the PlayStation Store.

    Attributes:
        entitlement_label: The entitlement's label there.
    """

    entitlement_label: str | None = None


@model
class CatalogEntryListings:
    """Where else an entry is sold for real money; a store without a listing is None.

    Attributes:
        apple_app_store: The product in Apple's App Store.
        google_play_store: The product in Google's Play Store.
        steam_store: The product on Steam.
        stripe_store: What Stripe charges.
        epic_games_store: The product in the Epic Games Store.
        playstation_store: The product in the PlayStation Store.
    """

    apple_app_store: CatalogAppleAppStoreListing | None = None
    google_play_store: CatalogGooglePlayStoreListing | None = None
    steam_store: CatalogSteamStoreListing | None = None
    stripe_store: CatalogStripeStoreListing | None = None
    epic_games_store: CatalogEpicGamesStoreListing | None = None
    playstation_store: CatalogPlaystationStoreListing | None = None


# ------------------------------------------------------------------------------------------------------------ details
@model
class CatalogAssetDetail:
    """An asset that is sold.

    Attributes:
        id: The asset's ULID, not its numeric id.
        legacy_id: The asset's numeric id.
        name: The asset's name.
        thumbnail: The address of its picture.
        variation_id: The variation's id (a retired feature), a number or a text.
        variation_name: The variation's name; not in catalogs.
        rental_option_id: The rental option's id (a retired feature), a number or a text.
        rental_option_name: The rental option's name; not in catalogs.
        catalog_listing_id: The ULID of the entry that this belongs to.
    """

    id: str
    legacy_id: int
    name: str | None = None
    thumbnail: str | None = None
    variation_id: int | str | None = None
    variation_name: str | None = None
    rental_option_id: int | str | None = None
    rental_option_name: str | None = None
    catalog_listing_id: str


@model
class CatalogCurrencyDetail:
    """An amount of a currency that is sold.

    Attributes:
        id: The currency's ULID.
        name: The currency's name.
        code: The currency's short code.
        amount: How much of the currency it is.
        catalog_listing_id: The ULID of the entry that this belongs to.
    """

    id: str
    name: str | None = None
    code: str | None = None
    amount: Decimal = attrs.field(validator=finite)
    catalog_listing_id: str


@model
class CatalogProgressionPointsDetail:
    """Progression points that are sold.

    Attributes:
        id: The progression's ULID.
        key: The progression's key.
        name: The progression's name.
        amount: How many points, a plain number unlike a currency's amount.
        catalog_listing_id: The ULID of the entry that this belongs to.
    """

    id: str
    key: str | None = None
    name: str | None = None
    amount: int
    catalog_listing_id: str


@model
class CatalogProgressionResetDetail:
    """The reset of a progression that is sold.

    Attributes:
        id: The progression's ULID.
        key: The progression's key.
        name: The progression's name.
        catalog_listing_id: The ULID of the entry that this belongs to.
    """

    id: str
    key: str | None = None
    name: str | None = None
    catalog_listing_id: str


ThingDetail = (
    CatalogAssetDetail | CatalogCurrencyDetail | CatalogProgressionPointsDetail | CatalogProgressionResetDetail
)
"""The details of one thing that is sold, alone or in a group."""
