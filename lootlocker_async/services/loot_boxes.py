"""Loot boxes in the inventories of players."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.loot_boxes import LootBoxInspection, LootBoxOpening

__all__ = ["LootBoxesService"]


class LootBoxesService(Service):
    """Loot boxes: look into them and open them.

    No source spells the paths of these two calls out: they are those of the Game API in the Server API's form.
    """

    async def inspect(self, player_id: int | str, asset_instance_id: int | str) -> LootBoxInspection:
        """Show what may come out of a loot box in a player's inventory, and with what weight.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The loot box, by the `instance_id` that the inventory gives, from 1.

        Returns:
            The possible contents; its `odds` tells how likely each of them is.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or instance.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/assets/instances/{asset_instance_id}/inspect
        """
        return await self._caller.call(routes.LOOT_BOXES_INSPECT, (player_id, asset_instance_id), LootBoxInspection)

    async def open(self, player_id: int | str, asset_instance_id: int | str) -> LootBoxOpening:
        """Open a loot box; it leaves the player's inventory and what was drawn comes in.

        The answer does not name the asset that was drawn: compare the inventory before and after.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The loot box, by the `instance_id` that the inventory gives, from 1.

        Returns:
            Whether there are notifications to look up.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or instance.
            ConflictError: The instance can't be opened as things stand.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. The first call uses the box up, so a repeat is refused
        although the player got the contents.

        PUT /player/{player_id}/assets/instances/{asset_instance_id}/open
        """
        return await self._caller.call(routes.LOOT_BOXES_OPEN, (player_id, asset_instance_id), LootBoxOpening)
