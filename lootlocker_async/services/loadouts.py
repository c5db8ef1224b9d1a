"""What characters and heroes have equipped."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.loadouts import Loadout, LoadoutEquipRequest
from lootlocker_async.routes import Route

__all__ = ["LoadoutsService"]


class LoadoutsService(Service):
    """Loadouts: see what is equipped, equip and unequip.

    What to equip is named in one of two ways: by `instance_id`, an asset instance that the player owns, or by
    `asset_id`, alone or with a variation or a rental option of the asset.
    """

    async def get_for_player(self, player_id: int | str) -> Loadout:
        """Get what a player's default character has equipped.

        Args:
            player_id: The player's numeric id, from 1.

        Returns:
            The whole loadout.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/loadout
        """
        return await self._caller.call(routes.LOADOUTS_GET_FOR_PLAYER, (player_id,), Loadout)

    async def equip_for_player(
        self,
        player_id: int | str,
        *,
        instance_id: int | None = None,
        asset_id: int | None = None,
        asset_variation_id: int | None = None,
        rental_option_id: int | None = None,
    ) -> Loadout:
        """Equip an asset on a player's default character.

        Args:
            player_id: The player's numeric id, from 1.
            instance_id: The asset instance to equip, from the player's inventory, from 1; it or `asset_id`.
            asset_id: The asset to equip, by its numeric id, from 1; it or `instance_id`.
            asset_variation_id: The variation of `asset_id` to equip, from 1; none by default.
            rental_option_id: The rental option of `asset_id` to equip it with, from 1; none by default.

        Returns:
            The whole loadout after the change.

        Raises:
            InvalidRequestError: An argument doesn't fit, or the arguments don't go together; nothing was sent.
            NotFoundError: There is no such player, or nothing like it to equip.
            ConflictError: The service refuses it as it now stands.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. What a second equip of the same thing answers is not known.

        POST /player/{player_id}/loadout
        """
        return await self._equip(
            routes.LOADOUTS_EQUIP_FOR_PLAYER,
            (player_id,),
            instance_id=instance_id,
            asset_id=asset_id,
            asset_variation_id=asset_variation_id,
            rental_option_id=rental_option_id,
        )

    async def unequip_for_player(self, player_id: int | str, asset_instance_id: int | str) -> Loadout:
        """Unequip an asset instance from a player's default character.

        Args:
            player_id: The player's numeric id, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the loadout gives, from 1.

        Returns:
            The loadout that is left.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player, or the instance isn't equipped.
            ConflictError: The service refuses it as it now stands.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat may find nothing and not answer with the loadout.

        DELETE /player/{player_id}/loadout/{asset_instance_id}
        """
        return await self._caller.call(routes.LOADOUTS_UNEQUIP_FOR_PLAYER, (player_id, asset_instance_id), Loadout)

    async def get_for_character(self, player_id: int | str, character_id: int | str) -> Loadout:
        """Get what one of a player's characters has equipped.

        Args:
            player_id: The player's numeric id, from 1.
            character_id: The character, by the `id` that the player's character list gives, from 1.

        Returns:
            The whole loadout.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or character.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/characters/{character_id}/loadout
        """
        return await self._caller.call(routes.LOADOUTS_GET_FOR_CHARACTER, (player_id, character_id), Loadout)

    async def equip_for_character(
        self,
        player_id: int | str,
        character_id: int | str,
        *,
        instance_id: int | None = None,
        asset_id: int | None = None,
        asset_variation_id: int | None = None,
        rental_option_id: int | None = None,
    ) -> Loadout:
        """Equip an asset on one of a player's characters.

        Name an asset together with a variation or a rental option: whether the service takes one alone here is not
        known.

        Args:
            player_id: The player's numeric id, from 1.
            character_id: The character, by the `id` that the player's character list gives, from 1.
            instance_id: The asset instance to equip, from the player's inventory, from 1; it or `asset_id`.
            asset_id: The asset to equip, by its numeric id, from 1; it or `instance_id`.
            asset_variation_id: The variation of `asset_id` to equip, from 1; none by default.
            rental_option_id: The rental option of `asset_id` to equip it with, from 1; none by default.

        Returns:
            The whole loadout after the change.

        Raises:
            InvalidRequestError: An argument doesn't fit, or the arguments don't go together; nothing was sent.
            NotFoundError: There is no such player or character, or nothing like it to equip.
            ConflictError: The service refuses it as it now stands.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. What a second equip of the same thing answers is not known.

        POST /player/{player_id}/characters/{character_id}/loadout
        """
        return await self._equip(
            routes.LOADOUTS_EQUIP_FOR_CHARACTER,
            (player_id, character_id),
            instance_id=instance_id,
            asset_id=asset_id,
            asset_variation_id=asset_variation_id,
            rental_option_id=rental_option_id,
        )

    async def unequip_for_character(
        self, player_id: int | str, character_id: int | str, asset_instance_id: int | str
    ) -> Loadout:
        """Unequip an asset instance from one of a player's characters.

        Args:
            player_id: The player's numeric id, from 1.
            character_id: The character, by the `id` that the player's character list gives, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the loadout gives, from 1.

        Returns:
            The loadout that is left.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or character, or the instance isn't equipped.
            ConflictError: The service refuses it as it now stands.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat may find nothing and not answer with the loadout.

        DELETE /player/{player_id}/characters/{character_id}/loadout/{asset_instance_id}
        """
        return await self._caller.call(
            routes.LOADOUTS_UNEQUIP_FOR_CHARACTER, (player_id, character_id, asset_instance_id), Loadout
        )

    async def get_for_hero(self, player_id: int | str, hero_id: int | str) -> Loadout:
        """Get what one of a player's heroes has equipped.

        Args:
            player_id: The player's numeric id, from 1.
            hero_id: The player's own hero, by the `id` (not the `hero_id`) that the player's hero list gives, from 1.

        Returns:
            The whole loadout.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or hero.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/heroes/{hero_id}/loadout
        """
        return await self._caller.call(routes.LOADOUTS_GET_FOR_HERO, (player_id, hero_id), Loadout)

    async def equip_for_hero(
        self,
        player_id: int | str,
        hero_id: int | str,
        *,
        instance_id: int | None = None,
        asset_id: int | None = None,
        asset_variation_id: int | None = None,
        rental_option_id: int | None = None,
    ) -> Loadout:
        """Equip an asset on one of a player's heroes.

        Name an asset together with a variation or a rental option: whether the service takes one alone here is not
        known.

        Args:
            player_id: The player's numeric id, from 1.
            hero_id: The player's own hero, by the `id` (not the `hero_id`) that the player's hero list gives, from 1.
            instance_id: The asset instance to equip, from the player's inventory, from 1; it or `asset_id`.
            asset_id: The asset to equip, by its numeric id, from 1; it or `instance_id`.
            asset_variation_id: The variation of `asset_id` to equip, from 1; none by default.
            rental_option_id: The rental option of `asset_id` to equip it with, from 1; none by default.

        Returns:
            The whole loadout after the change.

        Raises:
            InvalidRequestError: An argument doesn't fit, or the arguments don't go together; nothing was sent.
            NotFoundError: There is no such player or hero, or nothing like it to equip.
            ConflictError: The service refuses it as it now stands.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. What a second equip of the same thing answers is not known.

        POST /player/{player_id}/heroes/{hero_id}/loadout
        """
        return await self._equip(
            routes.LOADOUTS_EQUIP_FOR_HERO,
            (player_id, hero_id),
            instance_id=instance_id,
            asset_id=asset_id,
            asset_variation_id=asset_variation_id,
            rental_option_id=rental_option_id,
        )

    async def unequip_for_hero(self, player_id: int | str, hero_id: int | str, asset_instance_id: int | str) -> Loadout:
        """Unequip an asset instance from one of a player's heroes.

        Args:
            player_id: The player's numeric id, from 1.
            hero_id: The player's own hero, by the `id` (not the `hero_id`) that the player's hero list gives, from 1.
            asset_instance_id: The asset instance, by the `instance_id` that the loadout gives, from 1.

        Returns:
            The loadout that is left.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player or hero, or the instance isn't equipped.
            ConflictError: The service refuses it as it now stands.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat may find nothing and not answer with the loadout.

        DELETE /player/{player_id}/heroes/{hero_id}/loadout/{asset_instance_id}
        """
        return await self._caller.call(
            routes.LOADOUTS_UNEQUIP_FOR_HERO, (player_id, hero_id, asset_instance_id), Loadout
        )

    async def _equip(self, route: Route, whose: tuple[int | str, ...], **what: int | None) -> Loadout:
        return await self._caller.call(route, whose, Loadout, fields=what, request=LoadoutEquipRequest)
