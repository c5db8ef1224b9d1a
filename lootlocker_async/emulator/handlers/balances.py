"""Carries out the calls of the sections `balances` and `currencies`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import currencies, wallets
from lootlocker_async.emulator.errors import bad_request
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _list_balances(game: Game, call: Arguments) -> Mapping[str, Any]:
    return wallets.list_balances(game, call.path["wallet_id"])


def _credit(game: Game, call: Arguments) -> Mapping[str, Any]:
    amount = wallets.amount(call.body["amount"])
    return {"balance": wallets.credit(game, call.body["wallet_id"], call.body["currency_id"], amount)}


def _debit(game: Game, call: Arguments) -> Mapping[str, Any]:
    amount = wallets.amount(call.body["amount"])
    return {"balance": wallets.debit(game, call.body["wallet_id"], call.body["currency_id"], amount)}


def _create_wallet(game: Game, call: Arguments) -> Mapping[str, Any]:
    return {"wallet_id": wallets.create(game, call.body["holder_id"], call.body["holder_type"])}


def _get_wallet(game: Game, call: Arguments) -> Mapping[str, Any]:
    return wallets.get(game, call.path["wallet_id"])


def _get_wallet_for_holder(game: Game, call: Arguments) -> Mapping[str, Any]:
    return wallets.get_for_holder(game, call.path["holder_id"])


def _create_wallet_modifiers(game: Game, call: Arguments) -> Mapping[str, Any]:
    modifiers = [_modifier(given, f"modifiers.{index}") for index, given in enumerate(call.body["modifiers"])]
    return wallets.set_modifiers(game, call.path["wallet_id"], modifiers)


def _modifier(given: Mapping[str, Any], param: str) -> wallets.Modifier:
    expires_at = given.get("expires_at")
    return wallets.Modifier(
        given["currency_id"],
        wallets.amount(given["factor"], f"{param}.factor"),
        None if expires_at is None else _date(expires_at, f"{param}.expires_at"),
    )


def _date(text: str, param: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise bad_request("The date has no zone", param)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_request("The date is not one of RFC 3339", param) from error


def _list_currencies(game: Game, _: Arguments) -> Mapping[str, Any]:
    return currencies.list_all(game)


HANDLERS: Mapping[str, Handler] = {
    routes.BALANCES_LIST.operation: _list_balances,
    routes.BALANCES_CREDIT.operation: _credit,
    routes.BALANCES_DEBIT.operation: _debit,
    routes.BALANCES_CREATE_WALLET.operation: _create_wallet,
    routes.BALANCES_GET_WALLET.operation: _get_wallet,
    routes.BALANCES_GET_WALLET_FOR_HOLDER.operation: _get_wallet_for_holder,
    routes.BALANCES_CREATE_WALLET_MODIFIERS.operation: _create_wallet_modifiers,
    routes.CURRENCIES_LIST.operation: _list_currencies,
}
