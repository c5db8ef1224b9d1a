"""The part of the world's builder that makes catalogs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from lootlocker_async.emulator import catalogs
from lootlocker_async.emulator.catalogs import Listing, Price
from lootlocker_async.emulator.game import Game


class CatalogsWorld:
    """Makes catalogs and what they sell."""

    _game: Game

    def add_catalog(
        self, key: str, *, name: str | None = None, catalog_id: str | None = None, created_at: str | None = None
    ) -> str:
        """Adds a catalog.

        Args:
            key: Its key.
            name: Its name; the key by default.
            catalog_id: Its ULID; a new one by default.
            created_at: When it was made; now by default.

        Returns:
            Its ULID.
        """
        return catalogs.create(self._game, key, name=name, catalog_id=catalog_id, created_at=created_at)

    def export_catalogs(self) -> list[dict[str, Any]]:
        """Every catalog, as the arguments of `add_catalog`."""
        return catalogs.export_catalogs(self._game)

    def add_catalog_listing(
        self,
        catalog_key: str,
        reward_id: str,
        *,
        prices: Mapping[str, int] | Iterable[Mapping[str, Any]] = (),
        name: str | None = None,
        purchasable: bool = True,
        non_refundable: bool = False,
        stores: Mapping[str, Any] | None = None,
        listing_id: str | None = None,
        created_at: str | None = None,
    ) -> str:
        """Puts a reward of the game (see `add_reward`) up for sale.

        Args:
            catalog_key: The catalog.
            reward_id: The ULID of the reward that a buyer gets.
            prices: What it costs: amounts by the codes of their currencies, or a mapping for each currency with
                `currency_code`, `amount` and perhaps `display_amount` and `price_id`.
            name: What it is called; as the thing itself by default.
            purchasable: Whether it can be bought now.
            non_refundable: Whether a purchase is final.
            stores: Its listings in stores outside of the game, as the contract's `CatalogEntryListings`.
            listing_id: Its ULID; a new one by default.
            created_at: When it was made; now by default.

        Returns:
            Its ULID.
        """
        if isinstance(prices, Mapping):
            amounts = cast("Mapping[str, int]", prices)
            costs = [Price(currency_code=code, amount=amount) for code, amount in amounts.items()]
        else:
            costs = [Price(**price) for price in prices]
        listing = Listing(
            reward_id=reward_id,
            prices=costs,
            name=name,
            purchasable=purchasable,
            non_refundable=non_refundable,
            stores=stores or {},
            listing_id=listing_id,
            created_at=created_at,
        )
        return catalogs.add_listing(self._game, catalog_key, listing)

    def export_catalog_listings(self) -> list[dict[str, Any]]:
        """Every listing, as the arguments of `add_catalog_listing`."""
        return catalogs.export_listings(self._game)
