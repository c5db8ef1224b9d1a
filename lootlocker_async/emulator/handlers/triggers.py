"""Carries out the calls of the section `triggers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import triggers
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _invoke(game: Game, call: Arguments) -> Mapping[str, Any]:
    return triggers.invoke(game, **call.body)


HANDLERS: Mapping[str, Handler] = {routes.TRIGGERS_INVOKE.operation: _invoke}
