"""The friends of players."""

from __future__ import annotations

from lootlocker_async.models.base import AwareDatetime, Seq, Soft, model, soft
from lootlocker_async.models.pagination import PagePagination


@model
class Friend:
    """A friend of a player.

    Attributes:
        player_id: The friend's ULID.
        name: The friend's name; None or empty where none is set.
        public_uid: The friend's short public id.
        accepted_at: When the two became friends.
        created_at: When the friend's player was created.
    """

    player_id: str
    name: str | None = None
    public_uid: Soft[str] = soft(default="")
    accepted_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None


@model
class FriendPage:
    """One page of a player's friends.

    Attributes:
        friends: The friends on the page.
        pagination: Where the page stands.
    """

    friends: Seq[Friend]
    pagination: PagePagination | None = None
