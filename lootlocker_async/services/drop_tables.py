"""Drop tables in the inventories of players."""

from __future__ import annotations

from collections.abc import Sequence

from lootlocker_async import routes
from lootlocker_async.core import serde
from lootlocker_async.core.caller import Service
from lootlocker_async.models.base import model
from lootlocker_async.models.constraints import NonEmpty
from lootlocker_async.models.drop_tables import DropTableComputation, DropTablePickRequest, DropTablePickResult

__all__ = ["DropTablesService"]


@model
class _ComputeQuery:
    asset_details: bool | None = None
    tag: NonEmpty | None = None


class DropTablesService(Service):
    """Drop tables: draw from them, then grant what was picked of the draw."""

    async def compute_and_lock(
        self,
        player_id: int | str,
        asset_instance_id: int | str,
        *,
        asset_details: bool | None = None,
        tag: str | None = None,
    ) -> DropTableComputation:
        """Draw from a drop table in a player's inventory and lock the result for the picks to come.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The drop table, by the `instance_id` that the inventory gives, from 1.
            asset_details: Add the whole asset to each item of the answer; no by default.
            tag: Draw only among the table's items with this tag, not empty; among all of them by default.

        Returns:
            The items drawn.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or instance.
            ConflictError: The table can't be drawn from as things stand.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat may draw anew and lock other items, or be refused
        because a draw is locked; no source says which.

        POST /player/{player_id}/droptables/{asset_instance_id}/compute
        """
        serde.validate({"asset_details": asset_details, "tag": tag}, _ComputeQuery)
        return await self._caller.call(
            routes.DROP_TABLES_COMPUTE_AND_LOCK,
            (player_id, asset_instance_id),
            DropTableComputation,
            # The service knows the word `true` alone here.
            query={"asset_details": asset_details or None, "tag": tag},
        )

    async def pick(
        self, player_id: int | str, asset_instance_id: int | str, *, picks: Sequence[int]
    ) -> DropTablePickResult:
        """Grant a player the items picked out of a drop table that was computed before.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The drop table, by the `instance_id` that the inventory gives, from 1.
            picks: The `id`s of the drawn items to grant, each a signed number of 64 bits.

        Returns:
            The items granted.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or instance.
            ConflictError: The items can't be picked as things stand.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. It grants the picked items and uses the locked draw up.

        POST /player/{player_id}/droptables/{asset_instance_id}/pick
        """
        return await self._caller.call(
            routes.DROP_TABLES_PICK,
            (player_id, asset_instance_id),
            DropTablePickResult,
            fields={"picks": picks},
            request=DropTablePickRequest,
        )
