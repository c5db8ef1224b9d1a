"""The parts of the world's builder that make catalogs, and the orders of the purchases before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from lootlocker_async.emulator import catalogs, purchases
from lootlocker_async.emulator.catalogs import Listing, Price
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.purchases import Product


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


class PurchasesWorld:
    """Makes orders of the old purchase system, which calls can only look up."""

    _game: Game

    def add_order(
        self,
        player_id: int,
        *,
        products: Iterable[Mapping[str, Any]] = (),
        status: str = "open",
        order_id: int | None = None,
        transaction_id: str | None = None,
    ) -> int:
        """Adds an order; one that has succeeded puts its products into the player's inventory.

        Args:
            player_id: Whose order it is.
            products: What is ordered: `asset_id` and perhaps `variation_id`, `rental_option_id`, `source`, and
                `instance_id` where the player has got it already.
            status: `open`, `succeeded`, `refunded`, `canceled` or `failed`.
            order_id: Its id; the next one by default.
            transaction_id: What the store platform calls it, if it came from one.

        Returns:
            Its id.
        """
        ordered = [Product(**product) for product in products]
        return purchases.create(
            self._game, player_id, ordered, status=status, order_id=order_id, transaction_id=transaction_id
        )

    def set_order_status(self, order_id: int, status: str) -> None:
        """Lets an order come to a status; success puts what is still due into the inventory.

        Args:
            order_id: The order.
            status: `open`, `succeeded`, `refunded`, `canceled` or `failed`.
        """
        purchases.settle(self._game, order_id, status)

    def export_orders(self) -> list[dict[str, Any]]:
        """Every order, as the arguments of `add_order`."""
        return purchases.export(self._game)
