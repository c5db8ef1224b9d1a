"""The accounts that players have connected."""

from __future__ import annotations

from collections.abc import Sequence

from lootlocker_async import routes
from lootlocker_async.core import batches
from lootlocker_async.core.caller import Service
from lootlocker_async.models.connected_accounts import ConnectedAccountListRequest, PlayerConnectedAccountsList

__all__ = ["ConnectedAccountsService"]

_MOST = 25
"""Players in one request, of both kinds of id together."""


class ConnectedAccountsService(Service):
    """Connected accounts: the sign-in providers of players."""

    async def list(
        self, *, player_ids: Sequence[str] | None = None, legacy_player_ids: Sequence[int] | None = None
    ) -> PlayerConnectedAccountsList:
        """List the accounts connected to players; use either kind of id or both.

        Any number of players can be given: the service takes 25 at a time, so that more go out in several requests, a
        few at a time.

        Args:
            player_ids: Player ULIDs; none by default.
            legacy_player_ids: Integer player ids; none by default.

        Returns:
            The players with their accounts.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            BatchError: One of several requests failed. `arrived` holds the players of the others, and `missing` the
                ids without an answer (texts are ULIDs).
            CallError: The call failed.

        Retried: yes. It only reads; the body is the question.

        POST /connected-accounts/v1/list
        """
        ids: tuple[str | int, ...] = ()
        if player_ids is not None:
            ids += (*batches.texts("player_ids", player_ids),)
        if legacy_player_ids is not None:
            ids += (*batches.numbers("legacy_player_ids", legacy_player_ids),)

        async def list_some(some: Sequence[str | int]) -> PlayerConnectedAccountsList:
            fields: dict[str, object] = {}
            if player_ids is not None:
                fields["player_ids"] = [value for value in some if isinstance(value, str)]
            if legacy_player_ids is not None:
                fields["legacy_player_ids"] = [value for value in some if isinstance(value, int)]
            return await self._caller.call(
                routes.CONNECTED_ACCOUNTS_LIST,
                (),
                PlayerConnectedAccountsList,
                fields=fields,
                request=ConnectedAccountListRequest,
            )

        return await batches.in_parts(batches.by_count(ids, _MOST), list_some, _in_one)


def _in_one(lists: Sequence[PlayerConnectedAccountsList]) -> PlayerConnectedAccountsList:
    return PlayerConnectedAccountsList(
        player_platforms=tuple(player for found in lists for player in found.player_platforms)
    )
