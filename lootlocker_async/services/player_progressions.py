"""How far players have come on progressions."""

from __future__ import annotations

from typing import Unpack

from lootlocker_async import routes
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.models.progressions import ProgressionState, ProgressionStateUpdate
from lootlocker_async.services._owned_progressions import OwnedProgressions

__all__ = ["PlayerProgressionsService"]


class PlayerProgressionsService(OwnedProgressions):
    """The progressions of players: read them, add and subtract points, reset and delete them."""

    def list(self, player_id: int | str, **paging: Unpack[PageOptions]) -> Paginator[ProgressionState]:
        """List the progressions that a player is on.

        Args:
            player_id: The player's numeric id, from 1.
            **paging: `page_size` (1 to 100, 100 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of how far the player has come on each.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player (raised by the walk).
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /players/{player_id}/progressions
        """
        return self._list(routes.PLAYER_PROGRESSIONS_LIST, (player_id,), paging)

    async def get(self, player_id: int | str, progression_key: str) -> ProgressionState:
        """Get how far a player has come on one progression.

        Args:
            player_id: The player's numeric id, from 1.
            progression_key: The progression's key, not empty.

        Returns:
            Where the player stands.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player, or the player isn't on such a progression.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /players/{player_id}/progressions/{progression_key}
        """
        return await self._get(routes.PLAYER_PROGRESSIONS_GET, (player_id, progression_key))

    async def delete(self, player_id: int | str, progression_key: str) -> None:
        """Take a player off a progression altogether.

        Args:
            player_id: The player's numeric id, from 1.
            progression_key: The progression's key, not empty.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There was nothing to delete before the first attempt.
            CallError: The call failed otherwise.

        Retried: yes. A repeat finds nothing left to delete, so its 404 means that it is done.

        DELETE /players/{player_id}/progressions/{progression_key}
        """
        await self._delete(routes.PLAYER_PROGRESSIONS_DELETE, (player_id, progression_key))

    async def add_points(self, player_id: int | str, progression_key: str, *, amount: int) -> ProgressionStateUpdate:
        """Add points to a progression of a player, starting it where needed.

        Args:
            player_id: The player's numeric id, from 1.
            progression_key: The progression's key, not empty.
            amount: How many points to add, from 1; an unsigned number of 64 bits.

        Returns:
            Where the player stands now, with the tiers reached and their rewards.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or progression.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Each call adds the points again.

        POST /players/{player_id}/progressions/{progression_key}/points/add
        """
        return await self._change(routes.PLAYER_PROGRESSIONS_ADD_POINTS, (player_id, progression_key), amount)

    async def subtract_points(
        self, player_id: int | str, progression_key: str, *, amount: int
    ) -> ProgressionStateUpdate:
        """Subtract points from a progression of a player.

        Args:
            player_id: The player's numeric id, from 1.
            progression_key: The progression's key, not empty.
            amount: How many points to subtract, from 1; an unsigned number of 64 bits.

        Returns:
            Where the player stands now.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player, or the player isn't on such a progression.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Each call subtracts the points again.

        POST /players/{player_id}/progressions/{progression_key}/points/subtract
        """
        return await self._change(routes.PLAYER_PROGRESSIONS_SUBTRACT_POINTS, (player_id, progression_key), amount)

    async def reset(self, player_id: int | str, progression_key: str) -> ProgressionStateUpdate:
        """Put a progression of a player back to no points.

        Args:
            player_id: The player's numeric id, from 1.
            progression_key: The progression's key, not empty.

        Returns:
            Where the player stands now.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player, or the player isn't on such a progression.
            CallError: The call failed otherwise.

        Retried: yes. A progression at its start stays there; a late repeat can still take away points that were added
        meanwhile.

        POST /players/{player_id}/progressions/{progression_key}/reset
        """
        return await self._reset(routes.PLAYER_PROGRESSIONS_RESET, (player_id, progression_key))
