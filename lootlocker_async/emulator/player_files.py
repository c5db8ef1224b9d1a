"""Player files: kept with their latest revisions, and read from signed addresses."""

from __future__ import annotations

import base64
import hmac
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from lootlocker_async.emulator import players
from lootlocker_async.emulator.bodies import UploadedFile
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import ServiceError, bad_request, not_found
from lootlocker_async.emulator.game import Game

MAX_SIZE = 5 * 1024 * 1024
"""The most bytes that a file has: 5 MB, read generously (a guess)."""
MAX_FILES = 50
"""The most files that a player has."""
REVISIONS = 5
"""How many revisions of a file are kept."""
PREFIX = "/cdn/"
"""What the addresses of contents begin with."""
_LIFETIME = timedelta(hours=1)
_KEY_PAIR = "KEMULATOR"
_LATEST = (
    "SELECT f.*, r.revision_id, r.size, r.secret FROM player_files f JOIN player_file_revisions r"
    " ON r.id = (SELECT max(id) FROM player_file_revisions WHERE file_id = f.id)"
)


@attrs.frozen(kw_only=True)
class FileSpec:
    """What a new file is.

    Attributes:
        purpose: A tag that says what it is for.
        public: Whether other players can read it.
        file_id: Its id; the next one by default.
        created_at: When it was first uploaded; now by default.
    """

    purpose: str
    public: bool = False
    file_id: int | None = None
    created_at: str | None = None


def upload(game: Game, player_id: int, spec: FileSpec, file: UploadedFile) -> int:
    """Takes a new file in; unless it is said to be public it is private (a guess).

    Returns:
        Its id.

    Raises:
        ServiceError: The player isn't there or has the most files already, or the file is too large.
    """
    file_id = make(game, player_id, file.name, spec)
    add_revision(game, file_id, file.content)
    return file_id


def make(game: Game, player_id: int, name: str, spec: FileSpec) -> int:
    """Makes a file, which is to be given a revision then.

    Returns:
        Its id.

    Raises:
        ServiceError: The player isn't there, or has the most files already.
    """
    players.require(game, player_id)
    if game.store.count("SELECT count(*) FROM player_files WHERE player_id = ?", player_id) >= MAX_FILES:
        raise bad_request(f"A player can have {MAX_FILES} files", code="file_limit_reached")
    return game.store.insert(
        "INSERT INTO player_files (id, player_id, name, purpose, public, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        spec.file_id, player_id, name, spec.purpose, spec.public, spec.created_at or rfc3339(game.clock.now()),
    )  # fmt: skip


def update(game: Game, player_id: int, file_id: int, file: UploadedFile) -> None:
    """Replaces the contents of a file, and its name by the one that comes with them (a guess: it could stay).

    Raises:
        ServiceError: There is no such file, or the new one is too large.
    """
    _row(game, player_id, file_id)
    add_revision(game, file_id, file.content)
    game.store.execute("UPDATE player_files SET name = ? WHERE id = ?", file.name, file_id)


def add_revision(game: Game, file_id: int, content: bytes, revision_id: str | None = None) -> None:
    """Gives a file new contents, and drops the oldest ones beyond those that are kept.

    Raises:
        ServiceError: The contents are too large.
    """
    if len(content) > MAX_SIZE:
        raise bad_request(f"A file can have {MAX_SIZE} bytes", "file", "file_too_large")
    revision_id = revision_id or game.ids.ulid(game.clock.now())
    game.store.execute(
        "INSERT INTO player_file_revisions (file_id, revision_id, secret, size, content) VALUES (?, ?, ?, ?, ?)",
        file_id, revision_id, game.ids.trace_id(), len(content), content,
    )  # fmt: skip
    game.store.execute(
        "DELETE FROM player_file_revisions WHERE file_id = ?1 AND id NOT IN"
        " (SELECT id FROM player_file_revisions WHERE file_id = ?1 ORDER BY id DESC LIMIT ?2)",
        file_id, REVISIONS,
    )  # fmt: skip


def delete(game: Game, player_id: int, file_id: int) -> None:
    """Deletes a file with all of its revisions.

    Raises:
        ServiceError: There is no such file.
    """
    _row(game, player_id, file_id)
    game.store.execute("DELETE FROM player_files WHERE id = ?", file_id)


def document(game: Game, player_id: int, file_id: int, host: str) -> dict[str, Any]:
    """A file as the contract has it.

    Args:
        game: The player's game.
        player_id: The player.
        file_id: The file's id.
        host: The host and the port that its contents can be asked from.

    Raises:
        ServiceError: There is no such file.
    """
    return _document(game, _row(game, player_id, file_id), host)


def documents(game: Game, player_id: int, host: str) -> dict[str, Any]:
    """All files of a player, in the order in which they came.

    Raises:
        ServiceError: The player isn't there.
    """
    players.require(game, player_id)
    rows = game.store.rows(f"{_LATEST} WHERE f.player_id = ? ORDER BY f.id", player_id)
    return {"items": [_document(game, row, host) for row in rows]}


def contents(game: Game, path: str, query: str) -> bytes:
    """What lies at a signed address.

    Every revision that is kept can be read at its own one.

    Raises:
        ServiceError: Nothing does, or the signature is wrong, or it has expired.
    """
    revision_id = path.rpartition("/")[2].removesuffix(".bin")
    row = game.store.row(
        "SELECT r.*, f.player_id FROM player_file_revisions r JOIN player_files f ON f.id = r.file_id"
        " WHERE r.revision_id = ?", revision_id,
    )  # fmt: skip
    if row is None or path != _path(game, row):
        raise not_found("file")
    signed = dict(parse_qsl(query))
    expires = signed.get("Expires", "")
    right = _signature(row, path, expires)
    if not hmac.compare_digest(signed.get("Signature", "").encode(errors="replace"), right.encode()):
        raise ServiceError(403, "forbidden", "The signature of the address is wrong")
    if int(expires) <= game.clock.timestamp():
        raise ServiceError(403, "forbidden", "The address has expired")
    return bytes(row["content"])


def export(game: Game) -> list[dict[str, Any]]:
    """Every file with its player and the contents of its revisions, the latest one last, in base64."""
    exported: list[dict[str, Any]] = []
    for row in game.store.rows(f"{_LATEST} ORDER BY f.id"):
        revisions = game.store.rows("SELECT * FROM player_file_revisions WHERE file_id = ? ORDER BY id", row["id"])
        exported.append(
            {
                "player_id": row["player_id"],
                "name": row["name"],
                "purpose": row["purpose"],
                "revisions": [
                    {"revision_id": revision["revision_id"], "content": base64.b64encode(revision["content"]).decode()}
                    for revision in revisions
                ],
                "public": bool(row["public"]),
                "file_id": row["id"],
                "created_at": row["created_at"],
            }
        )
    return exported


def _row(game: Game, player_id: int, file_id: int) -> sqlite3.Row:
    players.require(game, player_id)
    row = game.store.row(f"{_LATEST} WHERE f.player_id = ? AND f.id = ?", player_id, file_id)
    if row is None:
        raise not_found("file", "file_id")
    return row


def _document(game: Game, row: sqlite3.Row, host: str) -> dict[str, Any]:
    expires_at = game.clock.now() + _LIFETIME
    expires = str(int(expires_at.timestamp()))
    path = _path(game, row)
    signed = {"Expires": expires, "Signature": _signature(row, path, expires), "Key-Pair-Id": _KEY_PAIR}
    return {
        "id": row["id"],
        "revision_id": row["revision_id"],
        "name": row["name"],
        "size": row["size"],
        "purpose": row["purpose"],
        "public": bool(row["public"]),
        "url": f"http://{host}{path}?{urlencode(signed)}",
        # The service writes nine digits here, which is more than most libraries read.
        "url_expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%S.%f}000Z",
        "created_at": row["created_at"],
    }


def _path(game: Game, row: sqlite3.Row) -> str:
    return f"{PREFIX}{game.settings.game_id}/{row['player_id']}/{row['revision_id']}.bin"


def _signature(row: Mapping[str, Any] | sqlite3.Row, path: str, expires: str) -> str:
    secret: str = row["secret"]
    return hmac.digest(secret.encode(), f"{path}?{expires}".encode(), "sha256").hex()
