"""The session token and where it is kept."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

import attrs

from lootlocker_async.secret import SecretStr

__all__ = ["ExclusiveTokenStore", "MemoryTokenStore", "Token", "TokenStore", "is_token"]


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


@runtime_checkable
class ExclusiveTokenStore(TokenStore, Protocol):
    """A store that can also see to it that of many clients without a token only one logs in."""

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Log in inside this block: others wait for its end, and then find the token that was got.

        It raises nothing of its own, and a wait for it has an end: a second login does no harm. The store is looked
        into once more inside the block.
        """
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


def is_token(text: str) -> bool:
    """Whether a text may be a token: something that a header can carry."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
