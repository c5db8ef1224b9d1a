"""The part of the world's builder that makes orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import purchases
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.purchases import Product


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
