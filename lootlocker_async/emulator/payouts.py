"""What progressions, rewards and triggers give a player at once: assets and amounts of currencies."""

from __future__ import annotations

from decimal import Decimal

from lootlocker_async.emulator import assets, currencies, inventories, wallets
from lootlocker_async.emulator.errors import bad_request, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant, Granted

UINT64 = 2**64 - 1
"""The most points that anything can have."""


def check_amount(amount: str | int | Decimal) -> str:
    """An amount of a currency as it is kept and shown: its plain decimal digits.

    Raises:
        ServiceError: It is not a number above zero.
    """
    value = wallets.amount(f"{amount:f}" if isinstance(amount, Decimal) else str(amount))
    if value <= 0:
        raise bad_request("An amount must be above zero", "amount")
    return wallets.written(value)


def check_points(amount: int) -> int:
    """A number of points that can be given.

    Raises:
        ServiceError: It is negative, or too much to count.
    """
    if not 0 <= amount <= UINT64:
        raise bad_request(f"Points are from 0 to {UINT64}", "amount")
    return amount


def check_asset(game: Game, asset_id: int, variation_id: int | None, rental_option_id: int | None) -> None:
    """Makes sure that what is to be given is there, in use or not.

    Raises:
        ServiceError: There is no such asset, variation or rental option.
    """
    asset = assets.get(game, asset_id)
    for field, wanted in (("variations", variation_id), ("rental_options", rental_option_id)):
        if wanted is not None and all(choice["id"] != wanted for choice in asset[field] or ()):
            raise not_found(f"{field[:-1].replace('_', ' ')} of the asset", f"asset_{field[:-1]}_id")


def give_currency(game: Game, player_id: int, code: str, amount: str) -> None:
    """Credits the wallet of a player that is there.

    Raises:
        ServiceError: There is no such currency.
    """
    holder = game.store.one("SELECT ulid FROM players WHERE id = ?", player_id)
    wallet_id = wallets.wallet_of(game, holder["ulid"], "player")
    wallets.credit(game, wallet_id, currencies.by_code(game, code)["id"], Decimal(amount))


def give_asset(game: Game, player_id: int, grant: Grant, source: str) -> Granted | None:
    """Puts an asset into the inventory of a player.

    A guess: what a player cannot get, because it has the only instance that it can have or because the asset is out of
    use, it goes without, and the rest of what is given stays given.

    Returns:
        What was granted, if it was.

    Raises:
        ServiceError: There is no such player, asset, variation or rental option.
    """
    asset = assets.get(game, grant.asset_id)
    if not asset["active"]:
        return None
    if asset["unique_instance"] and game.store.row(
        "SELECT 1 FROM inventory WHERE player_id = ? AND asset_id = ?", player_id, grant.asset_id
    ):
        return None
    return inventories.give(game, player_id, grant, source=source)
