"""The currencies of the game."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.currencies import CurrencyList

__all__ = ["CurrenciesService"]


class CurrenciesService(Service):
    """Currencies: which ones the game has."""

    async def list(self) -> CurrencyList:
        """List the currencies of the game.

        Returns:
            Every currency, in one answer.

        Raises:
            CallError: The call failed.

        Retried: yes, it only reads.

        GET /currencies
        """
        return await self._caller.call(routes.CURRENCIES_LIST, (), CurrencyList)
