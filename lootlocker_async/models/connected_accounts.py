"""Connected accounts: the sign-in providers that players have connected."""

from __future__ import annotations

from typing import Annotated

import msgspec

from lootlocker_async.models.base import Seq, Soft, model, soft
from lootlocker_async.models.constraints import Int64, NonEmpty


@model
class ConnectedAccount:
    """One sign-in provider that a player has connected.

    Attributes:
        provider: The provider's short name, such as `steam` or `discord`.
        provider_name: The provider's name for display.
        player_identifier: The player's id with that provider.
    """

    provider: str
    provider_name: Soft[str] = soft(default="")
    player_identifier: str


@model
class PlayerConnectedAccounts:
    """A player with the accounts connected to it.

    Attributes:
        player_id: The player's ULID.
        legacy_player_id: The player's integer id.
        connected_accounts: The connected accounts, in no set order.
    """

    player_id: str
    legacy_player_id: int
    connected_accounts: Seq[ConnectedAccount] = soft(default=())


@model
class PlayerConnectedAccountsList:
    """Connected accounts, player by player.

    Attributes:
        player_platforms: One entry for each player.
    """

    player_platforms: Seq[PlayerConnectedAccounts]


@model
class ConnectedAccountListRequest:
    """The players to list accounts of, at most 25 in all; use either list or both.

    Attributes:
        player_ids: Player ULIDs; can be empty.
        legacy_player_ids: Integer player ids; can be empty.
    """

    player_ids: Annotated[tuple[NonEmpty, ...], msgspec.Meta(max_length=25)] | None = None
    legacy_player_ids: Annotated[tuple[Int64, ...], msgspec.Meta(max_length=25)] | None = None
