"""Creating players and looking them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from lootlocker_async import routes
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

T = TypeVar("T")

_MAX_INT64 = 2**63 - 1


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
        query: dict[str, Any] = {"player_id": _numbers("player_id", player_id)}
        query |= {name: _texts(name, values) for name, values in texts.items()}
        if not any(query.values()):
            msg = "lookup_names needs at least one id"
            raise InvalidRequestError(msg)
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


def _numbers(name: str, values: Sequence[int]) -> list[int]:
    found = _listed(name, values)
    if not all(type(value) is int and 0 <= value <= _MAX_INT64 for value in found):
        msg = f"{name} should be a list of whole numbers from 0 to {_MAX_INT64}"
        raise InvalidRequestError(msg)
    return found


def _texts(name: str, values: Sequence[str]) -> list[str]:
    found = _listed(name, values)
    if not all(isinstance(value, str) and value for value in found):
        msg = f"{name} should be a list of texts, none of them empty"
        raise InvalidRequestError(msg)
    return found


def _listed(name: str, values: Iterable[T]) -> list[T]:
    if not isinstance(values, (list, tuple, set, frozenset)):
        msg = f"{name} should be a list, not {type(values).__name__}"
        raise InvalidRequestError(msg)
    return list(values)
