"""Carries out the calls of the section `player_files`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lootlocker_async import routes
from lootlocker_async.emulator import player_files
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.handlers.base import Handler
from lootlocker_async.emulator.player_files import FileSpec
from lootlocker_async.emulator.validation import Arguments


def _list(game: Game, call: Arguments) -> Mapping[str, Any]:
    return player_files.documents(game, call.path["player_id"], call.host)


def _upload(game: Game, call: Arguments) -> Mapping[str, Any]:
    player_id, form = call.path["player_id"], call.body
    spec = FileSpec(purpose=form["purpose"], public=form.get("public") == "true")
    file_id = player_files.upload(game, player_id, spec, form["file"])
    return player_files.document(game, player_id, file_id, call.host)


def _get(game: Game, call: Arguments) -> Mapping[str, Any]:
    return player_files.document(game, call.path["player_id"], call.path["file_id"], call.host)


def _update(game: Game, call: Arguments) -> Mapping[str, Any]:
    player_files.update(game, call.path["player_id"], call.path["file_id"], call.body["file"])
    return _get(game, call)


def _delete(game: Game, call: Arguments) -> None:
    player_files.delete(game, call.path["player_id"], call.path["file_id"])


HANDLERS: Mapping[str, Handler] = {
    routes.PLAYER_FILES_LIST.operation: _list,
    routes.PLAYER_FILES_UPLOAD.operation: _upload,
    routes.PLAYER_FILES_GET.operation: _get,
    routes.PLAYER_FILES_UPDATE.operation: _update,
    routes.PLAYER_FILES_DELETE.operation: _delete,
}
