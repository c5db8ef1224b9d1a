"""Tokens to act as a player in the Game API."""

from __future__ import annotations

from lootlocker_async import routes
from lootlocker_async.core import serde
from lootlocker_async.core.bodies import Form
from lootlocker_async.core.caller import Service
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.oauth import OAuthPlayerToken, OAuthTokenExchangeRequest, SubjectTokenType
from lootlocker_async.secret import SecretStr

__all__ = ["OAuthService"]


class OAuthService(Service):
    """OAuth: trade the server key for a session in the Game API that acts as a player."""

    async def exchange_token(
        self, *, subject_token_type: SubjectTokenType | str, subject_token: str, game_version: str | None = None
    ) -> OAuthPlayerToken:
        """Get a Game API session token to act as a player. The server key goes with it by itself.

        Args:
            subject_token_type: What `subject_token` is, one of `SubjectTokenType`.
            subject_token: The player's running Game API session token, or, to act for a player who is offline, the
                player's ULID.
            game_version: The game's version, two to four numbers joined by dots; the client's by default.

        Returns:
            The player's session; its tokens show themselves to nobody but `reveal()`.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            AuthenticationError: The key is wrong, or the player's token.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Each call starts another player session, and no source says
        whether that ends the one before it.

        POST /client/v3/oauth/token
        """
        if isinstance(subject_token, str):
            # First of all: this frame may be captured when an argument is refused.
            subject_token = SecretStr(subject_token)
        manager = self._caller.manager
        version = manager.config.game_version if game_version is None else game_version
        if not isinstance(version, str) or not version:
            raise InvalidRequestError(f"game_version should be a text such as 1.4.0.0, not {version!r}")
        request = serde.validate(
            {
                "actor_token": manager.server_key(),
                "subject_token_type": subject_token_type,
                "subject_token": subject_token,
            },
            OAuthTokenExchangeRequest,
        )
        return await self._caller.call(
            routes.OAUTH_EXCHANGE_TOKEN,
            (),
            OAuthPlayerToken,
            query={"game_version": version},
            body=Form(
                {
                    "grant_type": request.grant_type,
                    "actor_token_type": request.actor_token_type,
                    "actor_token": request.actor_token,
                    "subject_token_type": str(request.subject_token_type),
                    "subject_token": request.subject_token,
                }
            ),
        )
