"""The progressions that the game defines."""

from __future__ import annotations

from typing import Unpack

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.models.progressions import Progression, ProgressionPage, ProgressionTier, ProgressionTierPage

__all__ = ["ProgressionsService"]


class ProgressionsService(Service):
    """Progressions: the game's own, with their tiers and rewards.

    How far players, characters and asset instances have come on them is told by `client.player_progressions`,
    `client.character_progressions` and `client.asset_instance_progressions`.
    """

    def list(self, **paging: Unpack[PageOptions]) -> Paginator[Progression]:
        """List the progressions that the game defines.

        Args:
            **paging: `page_size` (1 to 100, 100 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of progressions.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /progressions
        """
        return self._caller.pages(routes.PROGRESSIONS_LIST, (), ProgressionPage, Progression, paging=paging)

    async def get(self, progression_key: str) -> Progression:
        """Get one progression.

        Args:
            progression_key: The progression's key, not empty.

        Returns:
            The progression.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such progression.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /progressions/{progression_key}
        """
        return await self._caller.call(routes.PROGRESSIONS_GET, (progression_key,), Progression)

    def list_tiers(self, progression_key: str, **paging: Unpack[PageOptions]) -> Paginator[ProgressionTier]:
        """List the tiers of a progression with their rewards, by step.

        Args:
            progression_key: The progression's key, not empty.
            **paging: `page_size` (1 to 100, 100 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of tiers.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such progression (raised by the walk).
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /progressions/{progression_key}/tiers
        """
        return self._caller.pages(
            routes.PROGRESSIONS_LIST_TIERS, (progression_key,), ProgressionTierPage, ProgressionTier, paging=paging
        )

    async def get_tier(self, progression_key: str, step: int | str) -> ProgressionTier:
        """Get one tier of a progression with its rewards; its address and answer are those of the Game API's twin.

        Args:
            progression_key: The progression's key, not empty.
            step: The tier's place, from 1.

        Returns:
            The tier.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such progression or tier.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /progressions/{progression_key}/tiers/{step}
        """
        return await self._caller.call(routes.PROGRESSIONS_GET_TIER, (progression_key, step), ProgressionTier)
