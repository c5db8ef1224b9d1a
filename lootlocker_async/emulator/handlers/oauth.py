"""Carries out the calls of the section `oauth`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import oauth
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.validation import Arguments


def _exchange_token(game: Game, call: Arguments) -> Mapping[str, Any]:
    form = call.body
    return oauth.exchange(game, form["actor_token"], form["subject_token"], form["subject_token_type"])


HANDLERS: Mapping[str, Handler] = {routes.OAUTH_EXCHANGE_TOKEN.operation: _exchange_token}
