"""The friends of players."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack, cast

import attrs

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.models.friends import Friend, FriendPage
from lootlocker_async.models.pagination import PagePagination

__all__ = ["FriendsService"]


class FriendsService(Service):
    """Friends: list those of a player."""

    def list(self, player_ulid: str, **paging: Unpack[PageOptions]) -> Paginator[Friend]:
        """List the friends of a player.

        Args:
            player_ulid: The player's ULID, unlike elsewhere, where paths take the numeric id.
            **paging: `page_size` (from 1, 100 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of friends.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player (raised by the walk).
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /player/friends/{player_ulid}
        """
        return self._caller.pages(
            routes.FRIENDS_LIST, (player_ulid,), FriendPage, Friend, paging=paging, amend=_name_next_page
        )


def _name_next_page(page: FriendPage, place: Mapping[str, Any]) -> FriendPage:
    """Name the next page where the service doesn't.

    The sources don't agree on the form of `pagination` here. In the one with cursors nothing numbers the pages, and
    the list goes on until a page is empty or as many friends have come as there are in all.
    """
    pagination = page.pagination
    if pagination is None or pagination.next_page or pagination.current_page or not page.friends:
        return page
    number = place.get("page", 1)
    if number * len(page.friends) >= pagination.total:
        return page
    named: PagePagination = attrs.evolve(cast("Any", pagination), next_page=number + 1)
    return FriendPage(friends=page.friends, pagination=named)
