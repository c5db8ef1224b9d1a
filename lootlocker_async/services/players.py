"""Creating players and looking them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lootlocker_async import routes
from lootlocker_async.core import batches
from lootlocker_async.core.caller import Service
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.players import (
    PlayerCreateRequest,
    PlayerIds,
    PlayerNameList,
    PlayerPlatform,
    PlayerSessionInfoList,
    PlayerSessionTokensRequest,
)

__all__ = ["PlayersService"]


class PlayersService(Service):
    """Players: make them, find them by any kind of id, and tell whose game session a token is."""

    async def create(self, *, platform: PlayerPlatform | str, player_identifier: str) -> PlayerIds:
        """Make the player for a platform account, or find it where it exists already.

        Args:
            platform: The platform that the identifier comes from; one that is not enabled for the game is refused.
            player_identifier: The account's own id on that platform, not empty; taken as given and not verified.

        Returns:
            The two ids of the player.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: The call failed.

        Retried: yes. Platform and identifier name the player; a repeat finds the same one.

        POST /player
        """
        return await self._caller.call(
            routes.PLAYERS_CREATE,
            (),
            PlayerIds,
            fields={"platform": platform, "player_identifier": player_identifier},
            request=PlayerCreateRequest,
        )

    async def lookup_names(
        self,
        *,
        player_id: Sequence[int] = (),
        player_ulid: Sequence[str] = (),
        player_public_uid: Sequence[str] = (),
        player_name: Sequence[str] = (),
        player_guest_login_id: Sequence[str] = (),
        steam_id: Sequence[str] = (),
        psn_id: Sequence[str] = (),
        xbox_id: Sequence[str] = (),
    ) -> PlayerNameList:
        """Look up names and ids of players from ids of any kind; kinds can be mixed, and one id is needed.

        Any number of ids can be given: what has no room in one request goes out in several, a few at a time.

        Args:
            player_id: Integer player ids.
            player_ulid: Player ULIDs.
            player_public_uid: Public player uids.
            player_name: Player names.
            player_guest_login_id: Identifiers of guest logins.
            steam_id: Steam ids, 64-bit numbers in decimal digits.
            psn_id: PlayStation Network account ids, in decimal digits.
            xbox_id: Xbox user ids.

        Returns:
            The players that the ids name.

        Raises:
            InvalidRequestError: An argument doesn't fit, or there is no id at all; nothing was sent.
            BatchError: One of several requests failed. `arrived` holds the players of the others, and `missing` the
                ids without an answer, as pairs of the argument's name and the id.
            CallError: The call failed.

        Retried: yes, it only reads.

        GET /players/lookup/name
        """
        texts: Mapping[str, Sequence[str]] = {
            "player_ulid": player_ulid,
            "player_public_uid": player_public_uid,
            "player_name": player_name,
            "player_guest_login_id": player_guest_login_id,
            "steam_id": steam_id,
            "psn_id": psn_id,
            "xbox_id": xbox_id,
        }
        pairs: list[tuple[str, int | str]] = [("player_id", value) for value in batches.numbers("player_id", player_id)]
        pairs += [(name, value) for name, values in texts.items() for value in batches.texts(name, values)]
        if not pairs:
            msg = "lookup_names needs at least one id"
            raise InvalidRequestError(msg)
        parts = batches.by_length(pairs, lambda pair: len(pair[0]) + batches.quoted_length(pair[1]))
        return await batches.in_parts(parts, self._lookup_some, _in_one)

    async def _lookup_some(self, pairs: Sequence[tuple[str, int | str]]) -> PlayerNameList:
        query: dict[str, list[int | str]] = {}
        for name, value in pairs:
            query.setdefault(name, []).append(value)
        return await self._caller.call(routes.PLAYERS_LOOKUP_NAMES, (), PlayerNameList, query=query)

    async def lookup_session_tokens(self, *, tokens: Sequence[str]) -> PlayerSessionInfoList:
        """Find out which players a list of game session tokens belongs to.

        Args:
            tokens: Tokens that game clients got for their own sessions: at least one, none of them empty.

        Returns:
            The players found, and the tokens that name nobody.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: The call failed.

        Retried: yes. It only reads; the body is the question.

        POST /player/info/token
        """
        return await self._caller.call(
            routes.PLAYERS_LOOKUP_SESSION_TOKENS,
            (),
            PlayerSessionInfoList,
            fields={"tokens": tokens},
            request=PlayerSessionTokensRequest,
        )


def _in_one(lists: Sequence[PlayerNameList]) -> PlayerNameList:
    return PlayerNameList(players=tuple(player for found in lists for player in found.players))
