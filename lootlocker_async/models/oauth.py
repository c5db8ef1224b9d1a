"""Tokens to act as a player."""

from __future__ import annotations

from typing import Literal

import attrs

from lootlocker_async.models.base import OpenEnum, Secret, hidden, model
from lootlocker_async.models.constraints import known


class SubjectTokenType(OpenEnum):
    """What names the player in a token exchange."""

    ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  (the name of a kind)  # nosec B105
    PLAYER = "lootlocker.v1.player"


@model
class OAuthTokenExchangeRequest:
    """The form of an OAuth 2.0 token exchange.

    Attributes:
        grant_type: Always that of a token exchange.
        actor_token_type: Always that of an access token.
        actor_token: The server key.
        subject_token_type: What `subject_token` is.
        subject_token: The player's session token in the Game API, or the player's ULID.
    """

    grant_type: Literal["urn:ietf:params:oauth:grant-type:token-exchange"] = (
        "urn:ietf:params:oauth:grant-type:token-exchange"
    )
    actor_token_type: Literal["urn:ietf:params:oauth:token-type:access_token"] = (
        "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  (the name of a kind)
    )
    actor_token: Secret = hidden()
    subject_token_type: SubjectTokenType = attrs.field(validator=known)
    subject_token: Secret = hidden()


@model
class OAuthPlayerToken:
    """A session in the Game API that acts for one player.

    Attributes:
        token_type: The kind of token, such as `Bearer`.
        access_token: The player's session token for the Game API.
        refresh_token: Renews the access token once it has expired.
        subject_ulid: The player's ULID.
        expires_in: Seconds until the access token expires.
    """

    token_type: str | None = None
    access_token: Secret = hidden()
    refresh_token: Secret | None = hidden(default=None)
    subject_ulid: str | None = None
    expires_in: int | None = None
