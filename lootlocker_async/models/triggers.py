"""Triggers: what invoking one gave a player."""

from __future__ import annotations

from lootlocker_async.models.assets import Asset
from lootlocker_async.models.base import Seq, Soft, model, soft
from lootlocker_async.models.constraints import Id, NonEmpty


@model
class TriggerInvokeRequest:
    """A trigger to invoke, and for whom.

    Attributes:
        name: The trigger's name.
        player_id: The player's numeric id.
    """

    name: NonEmpty
    player_id: Id


@model
class TriggerXp:
    """A player's XP around a trigger.

    Attributes:
        previous: The XP before.
        current: The XP after.
    """

    previous: int | None = None
    current: int | None = None


@model
class TriggerLevel:
    """A level that a player reached by a trigger.

    Attributes:
        level: The level's number.
        is_prestige: Whether it is a prestige level.
        xp_threshold: The XP that the level begins at.
    """

    level: int
    is_prestige: Soft[bool] = soft(default=False)
    xp_threshold: int


@model
class TriggerResult:
    """What a trigger granted.

    Attributes:
        xp: The player's XP before and after; None where the trigger grants none.
        levels: The levels that the player reached.
        granted_assets: The assets granted.
    """

    xp: TriggerXp | None = None
    levels: Seq[TriggerLevel] = ()
    granted_assets: Seq[Asset] = ()
