"""Orders of the old purchase system."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.purchases import PurchaseStatus

__all__ = ["PurchasesService"]


class PurchasesService(Service):
    """Purchases: orders of the old purchase system, which the service has deprecated."""

    async def get_status(
        self, player_id: int | str, purchase_id: str, *, no_products: bool | None = None
    ) -> PurchaseStatus:
        """See how far an order of a player has come.

        The path is spelt as the official SDK spelt it before the call was removed there; where it is not found, the
        service may know it as `/player/{player_id}/purchase/{purchase_id}`, which `client.request` can ask for.

        Args:
            player_id: The player's numeric id, from 1.
            purchase_id: The order's id, or the store platform's transaction id.
            no_products: Leave the products out, going by its name; the service decides by default.

        Returns:
            The state of the order, and what was bought.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such order, or the service has no such path any more.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/purhcase/{purchase_id}
        """
        if no_products is not None and not isinstance(no_products, bool):
            msg = f"no_products should be a bool, not {type(no_products).__name__}"
            raise InvalidRequestError(msg)
        return await self._caller.call(
            routes.PURCHASES_GET_STATUS, (player_id, purchase_id), PurchaseStatus, query={"no_products": no_products}
        )
