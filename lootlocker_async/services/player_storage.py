"""What is stored for players."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

from lootlocker_async import routes
from lootlocker_async.core import batches
from lootlocker_async.core.caller import Service
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.player_storage import (
    PlayerPublicStorageList,
    PlayerStorageItemsList,
    PlayerStorageLookupRequest,
    PlayerStorageSetEntry,
    PlayerStorageSetRequest,
)

__all__ = ["PlayerStorageService"]

_ROOM_FOR_KEYS = batches.MAX_QUERY // 2
_Parts = list[Sequence[tuple[int, tuple[str, ...]]]]


class PlayerStorageService(Service):
    """Player storage: keys and texts kept for each player, private to the game or public."""

    async def list(self, *, player_ids: Sequence[int]) -> PlayerStorageItemsList:
        """Read everything that some players have stored, private keys too.

        Any number of players can be given: what has no room in one request goes out in several, a few at a time.

        Args:
            player_ids: Integer player ids: at least one.

        Returns:
            The storage of each player.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            BatchError: One of several requests failed. `arrived` holds the storage that the others told, and `missing`
                the ids of the players without an answer.
            NotFoundError: There is no such player.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /players/storage
        """
        ids = batches.numbers("player_ids", player_ids, least=1)
        return await batches.in_parts(batches.by_length(ids, batches.quoted_length), self._list_some, _in_one)

    async def _list_some(self, ids: Sequence[int]) -> PlayerStorageItemsList:
        query = {"player_ids": ",".join(map(str, ids))}
        return await self._caller.call(routes.PLAYER_STORAGE_LIST, (), PlayerStorageItemsList, query=query)

    async def set(self, *, payload: Sequence[PlayerStorageSetEntry | Mapping[str, Any]]) -> PlayerStorageItemsList:
        """Create or overwrite keys in the storage of one or more players.

        Args:
            payload: What to write for each player: at least one entry. It goes out whole, however long it is.

        Returns:
            The storage of the players written to.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player.
            CallError: The call failed otherwise.

        Retried: yes. It sets whole values by key; a repeat sets the same ones and answers with the same items.

        PATCH /players/storage
        """
        return await self._caller.call(
            routes.PLAYER_STORAGE_SET,
            (),
            PlayerStorageItemsList,
            fields={"payload": payload},
            request=PlayerStorageSetRequest,
        )

    async def delete(self, *, player_ids: Sequence[int], keys: Sequence[str]) -> None:
        """Delete keys from the storage of one or more players; after a failure, read the storage to see what was left.

        Any number of players and keys can be given: what has no room in one request goes out in several, a few at a
        time.

        Args:
            player_ids: Integer player ids: at least one.
            keys: The keys to delete from each of them: at least one, none of them empty or with a comma in it.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            BatchError: One of several requests failed. `missing` holds what may not have been deleted, as pairs of a
                player's id and the keys.
            NotFoundError: There is no such player, or nothing to delete.
            CallError: The call failed otherwise.

        Retried: yes. A repeat finds nothing left to delete, so its 404 means that it is done; what it really answers is
        not known.

        DELETE /players/storage
        """
        ids = batches.numbers("player_ids", player_ids, least=1)
        names = batches.texts("keys", keys, least=1)
        if any("," in name for name in names):
            msg = "keys should hold no key with a comma in it: it would be taken for two"
            raise InvalidRequestError(msg)
        parts: _Parts = []
        for some in batches.by_length(names, batches.quoted_length, _ROOM_FOR_KEYS):
            room = batches.MAX_QUERY - sum(map(batches.quoted_length, some))
            pairs = [(player_id, tuple(some)) for player_id in ids]
            parts += batches.by_length(pairs, lambda pair: batches.quoted_length(pair[0]), room)
        await batches.in_parts(parts, self._delete_some, _nothing)

    async def _delete_some(self, pairs: Sequence[tuple[int, tuple[str, ...]]]) -> None:
        query = {"player_ids": ",".join(str(player_id) for player_id, _ in pairs), "keys": ",".join(pairs[0][1])}
        await self._caller.call(routes.PLAYER_STORAGE_DELETE, (), NoneType, query=query)

    async def lookup(self, *, player_ids: Sequence[int], keys: Sequence[str] | None = None) -> PlayerPublicStorageList:
        """Read public keys from the storage of several players.

        Args:
            player_ids: Integer player ids: at least one. They go out whole, however many they are.
            keys: The keys to read; every public key by default and with an empty list.

        Returns:
            The public values found; the pairs of a player are called `storage` here, not `items`.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player.
            CallError: The call failed otherwise.

        Retried: yes. It only reads; the body is the question.

        POST /players/storage/lookup
        """
        return await self._caller.call(
            routes.PLAYER_STORAGE_LOOKUP,
            (),
            PlayerPublicStorageList,
            fields={"player_ids": player_ids, "keys": keys},
            request=PlayerStorageLookupRequest,
        )


def _in_one(lists: Sequence[PlayerStorageItemsList]) -> PlayerStorageItemsList:
    return PlayerStorageItemsList(items=tuple(player for found in lists for player in found.items))


def _nothing(_parts: Sequence[None]) -> None:
    return None
