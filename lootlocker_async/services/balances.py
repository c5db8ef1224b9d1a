"""Wallets and the balances in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.balances import (
    Wallet,
    WalletBalanceChangeRequest,
    WalletBalanceChangeResult,
    WalletBalanceList,
    WalletCreateRequest,
    WalletCreateResult,
    WalletHolderType,
    WalletModifierInput,
    WalletModifierList,
    WalletModifiersCreateRequest,
)
from lootlocker_async.models.constraints import decimal_text
from lootlocker_async.routes import Route

__all__ = ["BalancesService"]


class BalancesService(Service):
    """Wallets and balances: find and make wallets, see what they hold, credit and debit them.

    Amounts are exact: `Decimal` in answers; a `Decimal`, an int or a text of decimal digits in arguments. A float is
    refused, because it has been rounded to a binary fraction before it comes here.
    """

    async def list(self, wallet_id: str) -> WalletBalanceList:
        """List what a wallet holds, one balance for each currency.

        Args:
            wallet_id: The wallet's ULID.

        Returns:
            Every balance of the wallet, in one answer.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such wallet.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /balances/wallet/{wallet_id}
        """
        return await self._caller.call(routes.BALANCES_LIST, (wallet_id,), WalletBalanceList)

    async def credit(
        self, *, amount: Decimal | int | str, currency_id: str, wallet_id: str
    ) -> WalletBalanceChangeResult:
        """Add an amount of one currency to a wallet.

        Args:
            amount: How much to add, from 0, at most 1,000 digits; not a float.
            currency_id: The currency's ULID, not its code.
            wallet_id: The wallet's ULID.

        Returns:
            The balance as it is after the credit.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such wallet or currency.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat would credit the amount a second time.

        POST /balances/credit
        """
        return await self._change(routes.BALANCES_CREDIT, amount, currency_id, wallet_id)

    async def debit(
        self, *, amount: Decimal | int | str, currency_id: str, wallet_id: str
    ) -> WalletBalanceChangeResult:
        """Take an amount of one currency out of a wallet.

        Args:
            amount: How much to take, from 0, at most 1,000 digits; not a float.
            currency_id: The currency's ULID, not its code.
            wallet_id: The wallet's ULID.

        Returns:
            The balance as it is after the debit.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            PermissionDeniedError: The wallet holds too little, as far as is known.
            NotFoundError: There is no such wallet or currency.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat would take the amount a second time.

        POST /balances/debit
        """
        return await self._change(routes.BALANCES_DEBIT, amount, currency_id, wallet_id)

    async def _change(
        self, route: Route, amount: Decimal | int | str, currency_id: str, wallet_id: str
    ) -> WalletBalanceChangeResult:
        return await self._caller.call(
            route,
            (),
            WalletBalanceChangeResult,
            fields={"amount": decimal_text("amount", amount), "currency_id": currency_id, "wallet_id": wallet_id},
            request=WalletBalanceChangeRequest,
        )

    async def create_wallet(self, *, holder_id: str, holder_type: WalletHolderType | str) -> WalletCreateResult:
        """Create the wallet of a player or a character that has none yet.

        Args:
            holder_id: The ULID of the player or the character.
            holder_type: Whether it is a `player` or a `character`.

        Returns:
            The id of the new wallet.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such holder.
            ConflictError: The holder has a wallet already.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat may be refused because the holder has a wallet by
        then; look it up with `get_wallet_for_holder` instead.

        POST /wallet
        """
        return await self._caller.call(
            routes.BALANCES_CREATE_WALLET,
            (),
            WalletCreateResult,
            fields={"holder_id": holder_id, "holder_type": holder_type},
            request=WalletCreateRequest,
        )

    async def get_wallet(self, wallet_id: str) -> Wallet:
        """Get a wallet by its own id.

        Args:
            wallet_id: The wallet's ULID.

        Returns:
            The wallet, without what it holds.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such wallet.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /wallet/{wallet_id}
        """
        return await self._caller.call(routes.BALANCES_GET_WALLET, (wallet_id,), Wallet)

    async def get_wallet_for_holder(self, holder_id: str) -> Wallet:
        """Get the wallet that a player or a character holds.

        Args:
            holder_id: The ULID of the player or the character.

        Returns:
            The wallet, without what it holds.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: The holder has no wallet, an ordinary case: `create_wallet` makes it.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /wallet/holder/{holder_id}
        """
        return await self._caller.call(routes.BALANCES_GET_WALLET_FOR_HOLDER, (holder_id,), Wallet)

    async def create_wallet_modifiers(
        self, wallet_id: str, *, modifiers: Sequence[WalletModifierInput | Mapping[str, Any]]
    ) -> WalletModifierList:
        """Give a wallet multipliers for some of its currencies.

        LootLocker documents the name of this operation alone; what is sent and read is inferred from its neighbours.

        Args:
            wallet_id: The wallet's ULID.
            modifiers: The multipliers, at least one and one for each currency. A `factor` is a `Decimal`, an int or a
                text of decimal digits, from 0, not a float.

        Returns:
            The wallet's multipliers.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such wallet.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Whether a second modifier of the same currency replaces the
        first or is added to it is not known.

        POST /wallet/{wallet_id}/modifiers
        """
        return await self._caller.call(
            routes.BALANCES_CREATE_WALLET_MODIFIERS,
            (wallet_id,),
            WalletModifierList,
            fields={"modifiers": modifiers},
            request=WalletModifiersCreateRequest,
        )
