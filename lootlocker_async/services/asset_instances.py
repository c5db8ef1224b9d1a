"""What is stored on the asset instances of players."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.asset_instances import (
    AssetInstanceStorageInput,
    AssetInstanceStorageItem,
    AssetInstanceStorageList,
    AssetInstanceStoragePair,
    AssetInstanceStorageUpdateRequest,
)

__all__ = ["AssetInstancesService"]


class AssetInstancesService(Service):
    """Asset instances: keys and values stored on what players own.

    How far instances have come on progressions is told by `client.asset_instance_progressions`.
    """

    async def list_storage_pairs(self, player_id: int | str, asset_instance_id: int | str) -> AssetInstanceStorageList:
        """List every key-value pair stored on a player's asset instance.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the inventory gives, from 1.

        Returns:
            All pairs of the instance.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or instance.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/assets/instances/{asset_instance_id}/storage
        """
        return await self._caller.call(
            routes.ASSET_INSTANCES_LIST_STORAGE_PAIRS, (player_id, asset_instance_id), AssetInstanceStorageList
        )

    async def create_storage_pair(
        self, player_id: int | str, asset_instance_id: int | str, *, key: str, value: str
    ) -> AssetInstanceStorageList:
        """Store a new key-value pair on a player's asset instance.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the inventory gives, from 1.
            key: The key to store it under, not empty.
            value: The text to store.

        Returns:
            All pairs of the instance, the new one among them.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or instance.
            ConflictError: The key is taken.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat makes a second pair, or meets the key that the
        first call took.

        POST /player/{player_id}/assets/instances/{asset_instance_id}/storage
        """
        return await self._caller.call(
            routes.ASSET_INSTANCES_CREATE_STORAGE_PAIR,
            (player_id, asset_instance_id),
            AssetInstanceStorageList,
            fields={"key": key, "value": value},
            request=AssetInstanceStorageInput,
        )

    async def update_storage_pairs(
        self,
        player_id: int | str,
        asset_instance_id: int | str,
        *,
        storage: Sequence[AssetInstanceStorageInput | Mapping[str, Any]],
    ) -> AssetInstanceStorageList:
        """Set several pairs of a player's asset instance by key; those that are not there are made.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the inventory gives, from 1.
            storage: The pairs, each a `key` that is not empty and the text to store as its `value`.

        Returns:
            All pairs of the instance after the change.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or instance.
            CallError: The call failed otherwise.

        Retried: yes. It sets whole values by key; a repeat sets the same ones.

        PUT /player/{player_id}/assets/instances/{asset_instance_id}/storage
        """
        return await self._caller.call(
            routes.ASSET_INSTANCES_UPDATE_STORAGE_PAIRS,
            (player_id, asset_instance_id),
            AssetInstanceStorageList,
            fields={"storage": storage},
            request=AssetInstanceStorageUpdateRequest,
        )

    async def get_storage_pair(
        self, player_id: int | str, asset_instance_id: int | str, storage_id: int | str
    ) -> AssetInstanceStoragePair:
        """Get one key-value pair of a player's asset instance.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the inventory gives, from 1.
            storage_id: The pair, by its `id`, from 1.

        Returns:
            The pair, taken out of the envelope that the service puts around it.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player, instance or pair.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/assets/instances/{asset_instance_id}/storage/{storage_id}
        """
        answer = await self._caller.call(
            routes.ASSET_INSTANCES_GET_STORAGE_PAIR,
            (player_id, asset_instance_id, storage_id),
            AssetInstanceStorageItem,
        )
        return answer.storage

    async def update_storage_pair(
        self, player_id: int | str, asset_instance_id: int | str, storage_id: int | str, *, key: str, value: str
    ) -> AssetInstanceStoragePair:
        """Set key and value of one pair of a player's asset instance.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the inventory gives, from 1.
            storage_id: The pair, by its `id`, from 1.
            key: The key to have from now on, not empty; the present one to keep it.
            value: The text to store.

        Returns:
            The pair after the change, taken out of the envelope that the service puts around it.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player, instance or pair.
            ConflictError: Another pair has the key.
            CallError: The call failed otherwise.

        Retried: yes. It sets key and value of one pair; a repeat sets the same ones.

        PUT /player/{player_id}/assets/instances/{asset_instance_id}/storage/{storage_id}
        """
        answer = await self._caller.call(
            routes.ASSET_INSTANCES_UPDATE_STORAGE_PAIR,
            (player_id, asset_instance_id, storage_id),
            AssetInstanceStorageItem,
            fields={"key": key, "value": value},
            request=AssetInstanceStorageInput,
        )
        return answer.storage

    async def delete_storage_pair(
        self, player_id: int | str, asset_instance_id: int | str, storage_id: int | str
    ) -> AssetInstanceStorageList:
        """Delete one key-value pair of a player's asset instance.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the inventory gives, from 1.
            storage_id: The pair, by its `id`, from 1.

        Returns:
            The pairs that are left.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player, instance or pair.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. The pair stays deleted, but a repeat finds nothing and
        can't answer with the pairs that are left.

        DELETE /player/{player_id}/assets/instances/{asset_instance_id}/storage/{storage_id}
        """
        return await self._caller.call(
            routes.ASSET_INSTANCES_DELETE_STORAGE_PAIR,
            (player_id, asset_instance_id, storage_id),
            AssetInstanceStorageList,
        )
