"""Orders of the old purchase system: made by the world, looked up by calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import attrs

from lootlocker_async.emulator import assets, inventories, players
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant

STATUSES = ("open", "succeeded", "refunded", "canceled", "failed")
"""How far an order can have come; in small letters (a guess)."""


@attrs.frozen(kw_only=True)
class Product:
    """What is ordered.

    Attributes:
        asset_id: The asset.
        variation_id: Its variation; the default one by default.
        rental_option_id: How it is rented, if it is.
        instance_id: The instance that the player has got for this order already, if it has.
        source: How it was acquired.
    """

    asset_id: int
    variation_id: int | None = None
    rental_option_id: int | None = None
    instance_id: int | None = None
    source: str = "purchase"


def create(
    game: Game,
    player_id: int,
    products: Iterable[Product] = (),
    *,
    status: str = "open",
    order_id: int | None = None,
    transaction_id: str | None = None,
) -> int:
    """Makes an order; one that has succeeded puts its products into the player's inventory.

    Args:
        game: The game.
        player_id: Whose order it is.
        products: What is ordered.
        status: One of `STATUSES`.
        order_id: Its id; the next one by default.
        transaction_id: What the store platform calls it, if it came from one.

    Returns:
        Its id.

    Raises:
        ServiceError: There is no such player, status, asset, variation or rental option, or one of the ids is taken.
    """
    _check(status)
    with game.transaction():
        players.require(game, player_id)
        if game.store.row("SELECT 1 FROM orders WHERE id = ? OR transaction_id = ?", order_id, transaction_id):
            raise conflict("There is an order with this id", "order_id")
        order_id = game.store.insert(
            "INSERT INTO orders (id, player_id, transaction_id, status) VALUES (?, ?, ?, ?)",
            order_id, player_id, transaction_id, status,
        )  # fmt: skip
        for product in products:
            variation_id = product.variation_id
            if product.instance_id is None:
                _, variation_id = assets.choose(game, product.asset_id, variation_id, product.rental_option_id)
            game.store.insert(
                "INSERT INTO order_products"
                " (order_id, asset_id, variation_id, rental_option_id, instance_id, source) VALUES (?, ?, ?, ?, ?, ?)",
                order_id, product.asset_id, variation_id, product.rental_option_id, product.instance_id, product.source,
            )  # fmt: skip
        if status == "succeeded":
            _deliver(game, order_id, player_id)
    return order_id


def settle(game: Game, order_id: int, status: str) -> None:
    """Lets an order come to a status; success puts what is still due into the inventory.

    A refund takes nothing out of the inventory (a guess).

    Raises:
        ServiceError: There is no such order or status, or the player can't be given what was ordered.
    """
    _check(status)
    with game.transaction():
        row = game.store.row("SELECT player_id FROM orders WHERE id = ?", order_id)
        if row is None:
            raise not_found("order", "order_id")
        game.store.execute("UPDATE orders SET status = ? WHERE id = ?", status, order_id)
        if status == "succeeded":
            _deliver(game, order_id, row["player_id"])


def get_status(game: Game, player_id: int, purchase_id: str, *, products: bool = True) -> dict[str, Any]:
    """How far an order has come, and what it brought: nothing before it has succeeded (a guess).

    Args:
        game: The game.
        player_id: Whose order it is.
        purchase_id: The order's id, or what the store platform calls it.
        products: Whether the products are wanted.

    Raises:
        ServiceError: There is no such player, or it has no such order.
    """
    players.require(game, player_id)
    row = game.store.row(
        "SELECT id, status FROM orders WHERE player_id = ? AND (CAST(id AS TEXT) = ? OR transaction_id = ?)"
        " ORDER BY transaction_id IS ?",
        player_id, purchase_id, purchase_id, purchase_id,
    )  # fmt: skip
    if row is None:
        raise not_found("purchase of the player", "purchase_id")
    if not products:
        return {"order_status": row["status"]}
    brought = game.store.rows(
        "SELECT * FROM order_products WHERE order_id = ? AND instance_id IS NOT NULL ORDER BY sequence", row["id"]
    )
    return {"order_status": row["status"], "products": [_product(game, product) for product in brought]}


def _deliver(game: Game, order_id: int, player_id: int) -> None:
    due = game.store.rows(
        "SELECT * FROM order_products WHERE order_id = ? AND instance_id IS NULL ORDER BY sequence", order_id
    )
    for row in due:
        grant = Grant(row["asset_id"], row["variation_id"], row["rental_option_id"])
        granted = inventories.give(game, player_id, grant, source=row["source"])
        game.store.execute(
            "UPDATE order_products SET instance_id = ? WHERE sequence = ?", granted.instance_id, row["sequence"]
        )


def _product(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "instance_id": row["instance_id"],
        "variation_id": row["variation_id"],
        "rental_option_id": row["rental_option_id"],
        "acquisition_source": row["source"],
        "asset": assets.get(game, row["asset_id"]),
    }


def _check(status: str) -> None:
    if status not in STATUSES:
        raise bad_request(f"There is no status {status} of orders", "status")


def export(game: Game) -> list[dict[str, Any]]:
    """Every order, as the arguments of `create`."""
    return [
        {
            "player_id": order["player_id"],
            "products": [
                dict(row)
                for row in game.store.rows(
                    "SELECT asset_id, variation_id, rental_option_id, instance_id, source FROM order_products"
                    " WHERE order_id = ? ORDER BY sequence",
                    order["id"],
                )
            ],
            "status": order["status"],
            "order_id": order["id"],
            "transaction_id": order["transaction_id"],
        }
        for order in game.store.rows("SELECT * FROM orders ORDER BY id")
    ]
