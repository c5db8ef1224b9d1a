"""The characters and heroes of players."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.characters import PlayerCharacterList, PlayerHeroList, _PlayerCharacterListAnswer

__all__ = ["CharactersService"]


class CharactersService(Service):
    """Characters: list a player's characters and heroes."""

    async def list(self, player_id: int | str) -> PlayerCharacterList:
        """List a player's characters, those that stand behind heroes among them.

        Args:
            player_id: The player's numeric id, from 1.

        Returns:
            All characters of the player. Their flag `default` is read under that name and under `is_default`, because
            the sources don't agree on it.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/characters
        """
        answer = await self._caller.call(routes.CHARACTERS_LIST, (player_id,), _PlayerCharacterListAnswer)
        return answer.read()

    async def list_heroes(self, player_id: int | str) -> PlayerHeroList:
        """List a player's heroes.

        Args:
            player_id: The player's numeric id, from 1.

        Returns:
            All heroes of the player.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such player.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /player/{player_id}/heroes
        """
        return await self._caller.call(routes.CHARACTERS_LIST_HEROES, (player_id,), PlayerHeroList)
