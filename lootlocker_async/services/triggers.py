"""Triggers."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.triggers import TriggerInvokeRequest, TriggerResult

__all__ = ["TriggersService"]


class TriggersService(Service):
    """Triggers: invoke what the game has set up to happen."""

    async def invoke(self, *, name: str, player_id: int) -> TriggerResult:
        """Invoke a trigger of the game for a player.

        Args:
            name: The trigger's name, not empty.
            player_id: The player's numeric id, from 1.

        Returns:
            What the trigger granted: XP, the levels that were reached by it, and assets.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A trigger may grant XP and assets each time it is invoked.

        POST /trigger
        """
        return await self._caller.call(
            routes.TRIGGERS_INVOKE,
            (),
            TriggerResult,
            fields={"name": name, "player_id": player_id},
            request=TriggerInvokeRequest,
        )
