"""Starting the server's own session and keeping it alive."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.models.session import Session, SessionPing, SessionStartRequest

__all__ = ["SessionService"]


class SessionService(Service):
    """The server's own session. The client starts and prolongs it by itself; these calls are for the rest."""

    async def start(self, *, game_version: str | None = None, is_development: bool | None = None) -> Session:
        """Trade the server key for a session token, beside the one that the client uses.

        Args:
            game_version: The game's version, two to four numbers joined by dots; the client's by default.
            is_development: Deprecated: older clients send it.

        Returns:
            The session; its token shows itself to nobody but `token.reveal()`.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            AuthenticationError: The key is wrong.
            CallError: The call failed otherwise.

        Retried: yes. Each call only hands out another working token; one whose answer was lost lapses unused.

        POST /session
        """
        version = self._caller.manager.config.game_version if game_version is None else game_version
        return await self._caller.call(
            routes.SESSION_START,
            (),
            Session,
            fields={"game_version": version, "is_development": is_development},
            request=SessionStartRequest,
        )

    async def ping(self) -> SessionPing:
        """Keep the session alive and read the server's clock.

        Returns:
            The server's present time.

        Raises:
            CallError: The call failed.

        Retried: yes. It only prolongs the session.

        GET /ping
        """
        return await self._caller.call(routes.SESSION_PING, (), SessionPing)
