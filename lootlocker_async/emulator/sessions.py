"""Sessions: tokens for the server key, and how long they live."""

from __future__ import annotations

import hmac
import secrets

from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import ServiceError, unauthorized
from lootlocker_async.emulator.game import Game


def check_key(game: Game, server_key: str | None) -> None:
    """Makes sure that a server key is the game's.

    Raises:
        ServiceError: The key is missing or wrong.
    """
    if server_key is None:
        raise unauthorized("The header x-server-key is missing")
    if not hmac.compare_digest(server_key.encode(), game.settings.server_key.encode()):
        raise unauthorized("The server key is not known")


def start(game: Game) -> dict[str, str]:
    """Hands a token out."""
    token = secrets.token_hex(20)
    now = game.clock.timestamp()
    game.store.execute("INSERT INTO sessions VALUES (?, ?)", token, now)
    game.token_uses[token] = now
    return {"token": token}


def authenticate(game: Game, token: str | None) -> None:
    """Makes sure that a token is alive, and prolongs its life.

    Raises:
        ServiceError: The token is missing, unknown or expired.
    """
    if token is None:
        raise unauthorized("The header x-auth-token is missing")
    now = game.clock.timestamp()
    used = game.token_uses.get(token)
    if used is None:
        row = game.store.row("SELECT last_used FROM sessions WHERE token = ?", token)
        used = None if row is None else float(row["last_used"])
    if used is None or used <= now - game.settings.token_lifetime:
        status = game.settings.expired_token_status
        code = "unauthorized" if status == 401 else "forbidden"
        raise ServiceError(status, code, "The session token is not known, or it has expired")
    game.token_uses[token] = now
    # The store is told once a second: a token that is used again and again would cost a write each time.
    if int(now) != int(used):
        game.store.execute("UPDATE sessions SET last_used = ? WHERE token = ?", now, token)


def ping(game: Game) -> dict[str, str]:
    """The server's present time."""
    return {"pong": rfc3339(game.clock.now())}


def expire(game: Game, token: str | None = None) -> int:
    """Ends one session, or all of them.

    Returns:
        How many it ended.
    """
    if token is None:
        game.token_uses.clear()
        return game.store.execute("DELETE FROM sessions")
    game.token_uses.pop(token, None)
    return game.store.execute("DELETE FROM sessions WHERE token = ?", token)
