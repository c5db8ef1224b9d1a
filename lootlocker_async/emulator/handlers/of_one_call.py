"""Carries out the calls of the sections that have but one each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import connected_accounts, friends, notifications, oauth, purchases, triggers
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.notifications import Notification
from lootlocker_async.emulator.paging import PageRequest
from lootlocker_async.emulator.validation import Arguments


def _list_accounts(game: Game, call: Arguments) -> Mapping[str, Any]:
    asked = call.body
    return connected_accounts.of_players(game, asked.get("player_ids", ()), asked.get("legacy_player_ids", ()))


def _list_friends(game: Game, call: Arguments) -> Mapping[str, Any]:
    request = PageRequest(call.query.get("page", 1), call.query.get("per_page", 20))
    return friends.page(game, call.path["player_ulid"], request)


def _send_notification(game: Game, call: Arguments) -> Mapping[str, Any]:
    notification = {name: value for name, value in call.body.items() if name != "recipient"}
    notifications.send(game, call.body["recipient"], Notification(**notification))
    return {}


def _exchange_token(game: Game, call: Arguments) -> Mapping[str, Any]:
    form = call.body
    return oauth.exchange(game, form["actor_token"], form["subject_token"], form["subject_token_type"])


def _get_purchase_status(game: Game, call: Arguments) -> Mapping[str, Any]:
    return purchases.get_status(game, **call.path, products=not call.query.get("no_products", False))


def _invoke_trigger(game: Game, call: Arguments) -> Mapping[str, Any]:
    return triggers.invoke(game, **call.body)


HANDLERS: Mapping[str, Handler] = {
    routes.CONNECTED_ACCOUNTS_LIST.operation: _list_accounts,
    routes.FRIENDS_LIST.operation: _list_friends,
    routes.NOTIFICATIONS_SEND.operation: _send_notification,
    routes.OAUTH_EXCHANGE_TOKEN.operation: _exchange_token,
    routes.PURCHASES_GET_STATUS.operation: _get_purchase_status,
    routes.TRIGGERS_INVOKE.operation: _invoke_trigger,
}
