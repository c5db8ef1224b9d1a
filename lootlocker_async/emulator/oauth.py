"""The token exchange: the server key for a session in which a player acts."""

from __future__ import annotations

import secrets
from typing import Any

from lootlocker_async.emulator import sessions
from lootlocker_async.emulator.errors import not_found, unauthorized
from lootlocker_async.emulator.game import Game

PLAYER = "lootlocker.v1.player"
"""The kind of a subject that is a player's ULID; the others are session tokens."""
_LIFETIME = 3600


def exchange(game: Game, server_key: str, subject: str, subject_type: str) -> dict[str, Any]:
    """Starts one more session of a player; those before it go on (a guess).

    Args:
        game: The player's game.
        server_key: The game's key.
        subject: The token of a session of the player's that is running, or the player's ULID.
        subject_type: Which of them it is.

    Raises:
        ServiceError: The key or the token is wrong (401), or there is no such player (404; a guess).
    """
    sessions.check_key(game, server_key)
    now = game.clock.timestamp()
    if subject_type == PLAYER:
        row = game.store.row("SELECT id, ulid FROM players WHERE ulid = ?", subject)
        if row is None:
            raise not_found("player", "subject_token")
    else:
        row = game.store.row(
            "SELECT p.id, p.ulid FROM game_sessions s JOIN players p ON p.id = s.player_id"
            " WHERE s.token = ? AND s.expires_at > ?", subject, now,
        )  # fmt: skip
        if row is None:
            raise unauthorized("The subject token is not known, or it has expired")
    token = secrets.token_hex(16)
    game.store.execute("INSERT INTO game_sessions VALUES (?, ?, ?)", token, row["id"], now + _LIFETIME)
    return {
        "token_type": "Bearer",  # nosec B105  # the name of a kind, and no secret
        "access_token": token,
        "refresh_token": secrets.token_hex(16),
        "subject_ulid": row["ulid"],
        "expires_in": _LIFETIME,
    }
