"""What players, characters and heroes own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.models.inventories import (
    InventoryAlterRequest,
    InventoryAlterResult,
    InventoryAssetGrant,
    InventoryGrantResult,
    InventoryItem,
    InventoryPage,
    UniversalInventory,
)

__all__ = ["InventoriesService"]


class InventoriesService(Service):
    """Inventories: list them, grant assets into them, take instances away."""

    def list_for_player(self, player_id: int | str, **paging: Unpack[PageOptions]) -> Paginator[InventoryItem]:
        """List what a player's default character has in the inventory, in the order of `instance_id`.

        Args:
            player_id: The player's numeric id, from 1.
            **paging: `page_size` (1 to 200, 200 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of items.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /player/{player_id}/inventory
        """
        return self._caller.pages(
            routes.INVENTORIES_LIST_FOR_PLAYER, (player_id,), InventoryPage, InventoryItem, paging=paging
        )

    def list_for_character(
        self, player_id: int | str, character_id: int | str, **paging: Unpack[PageOptions]
    ) -> Paginator[InventoryItem]:
        """List what one of a player's characters has in the inventory, in the order of `instance_id`.

        Args:
            player_id: The player's numeric id, from 1.
            character_id: The character, by the `id` that the player's character list gives, from 1.
            **paging: `page_size` (1 to 200, 200 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of items.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /player/{player_id}/characters/{character_id}/inventory
        """
        return self._caller.pages(
            routes.INVENTORIES_LIST_FOR_CHARACTER,
            (player_id, character_id),
            InventoryPage,
            InventoryItem,
            paging=paging,
        )

    def list_for_hero(
        self, player_id: int | str, hero_id: int | str, **paging: Unpack[PageOptions]
    ) -> Paginator[InventoryItem]:
        """List what one of a player's heroes has in the inventory, in the order of `instance_id`.

        Args:
            player_id: The player's numeric id, from 1.
            hero_id: The player's own hero, by the `id` (not the `hero_id`) that the player's hero list gives, from 1.
            **paging: `page_size` (1 to 200, 200 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of items.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /player/{player_id}/heroes/{hero_id}/inventory
        """
        return self._caller.pages(
            routes.INVENTORIES_LIST_FOR_HERO, (player_id, hero_id), InventoryPage, InventoryItem, paging=paging
        )

    async def add_asset(
        self,
        player_id: int | str,
        *,
        asset_id: int,
        asset_variation_id: int | None = None,
        rental_option_id: int | None = None,
    ) -> InventoryGrantResult:
        """Grant one asset to a player.

        Args:
            player_id: The player's numeric id, from 1.
            asset_id: The asset's numeric id, from 1.
            asset_variation_id: The variation to grant, from 1; the asset's default one by default.
            rental_option_id: The rental option to grant it with, from 1; none by default.

        Returns:
            The items that came in.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Each call grants the asset once more.

        POST /player/{player_id}/inventory
        """
        return await self._caller.call(
            routes.INVENTORIES_ADD_ASSET,
            (player_id,),
            InventoryGrantResult,
            fields={
                "asset_id": asset_id,
                "asset_variation_id": asset_variation_id,
                "rental_option_id": rental_option_id,
            },
            request=InventoryAssetGrant,
        )

    async def alter(
        self,
        player_id: int | str,
        *,
        add: Sequence[InventoryAssetGrant | Mapping[str, Any]] | None = None,
        remove: Sequence[int] | None = None,
    ) -> InventoryAlterResult:
        """Grant several assets to a player and take several instances away, in one call.

        Args:
            player_id: The player's numeric id, from 1.
            add: The assets to grant; None for none. One of the two lists is needed.
            remove: The asset instance ids to take away, each from 1; None for none.

        Returns:
            What came in and what went.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Each call grants the assets under `add` once more.

        PATCH /player/{player_id}/inventory
        """
        return await self._caller.call(
            routes.INVENTORIES_ALTER,
            (player_id,),
            InventoryAlterResult,
            fields={"add": add, "remove": remove},
            request=InventoryAlterRequest,
        )

    async def list_universal_assets(self) -> UniversalInventory:
        """List the assets that every player of the game has.

        Returns:
            The universal inventory, all of it.

        Raises:
            CallError: The call failed.

        Retried: yes, it only reads.

        GET /inventory/universal
        """
        return await self._caller.call(routes.INVENTORIES_LIST_UNIVERSAL_ASSETS, (), UniversalInventory)
