"""The session token and where it is kept."""

from __future__ import annotations

from typing import Protocol

import attrs

from lootlocker_async.secret import SecretStr

__all__ = ["MemoryTokenStore", "Token", "TokenStore"]


@attrs.frozen(kw_only=True)
class Token:
    """A session token.

    Attributes:
        value: What goes into `x-auth-token`.
        obtained_at: When it was handed out, in seconds since the epoch.
    """

    value: SecretStr = attrs.field(converter=SecretStr, repr=False)
    obtained_at: float


class TokenStore(Protocol):
    """Where a client looks for a token before it logs in, and leaves the one that it got."""

    async def get(self) -> Token | None:
        """The token kept, if any."""
        ...

    async def put(self, token: Token) -> None:
        """Keep a token in place of the one before."""
        ...


class MemoryTokenStore:
    """Keeps the token in this process."""

    def __init__(self) -> None:
        self._token: Token | None = None

    async def get(self) -> Token | None:
        """The token kept, if any."""
        return self._token

    async def put(self, token: Token) -> None:
        """Keep a token in place of the one before."""
        self._token = token
