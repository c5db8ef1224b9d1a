"""What every handler has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.validation import Arguments

Handler = Callable[[Game, Arguments], Mapping[str, Any] | None]
"""Carries a valid call out; None is an answer without a body."""


class Position(TypedDict):
    """Where a page begins and how many items it has, for lists that are cut by `count` and `after`."""

    count: int
    after: int


def position(call: Arguments) -> Position:
    """The page that a call asks for."""
    return {"count": call.query["count"], "after": call.query.get("after", 0)}
