"""The currencies of a game."""

from __future__ import annotations

from lootlocker_async.models.base import AwareDatetime, Seq, Soft, model, soft


@model
class Currency:
    """A virtual currency of the game.

    Attributes:
        id: The currency's ULID.
        name: The currency's name.
        code: The currency's short code, such as `gld`.
        game_api_writes_enabled: Whether game clients may award it.
        created_at: When it was made.
        published_at: When it was published; None while it is not.
    """

    id: str
    name: str | None = None
    code: str
    game_api_writes_enabled: Soft[bool] = soft(default=False)
    created_at: AwareDatetime | None = None
    published_at: AwareDatetime | None = None


@model
class CurrencyList:
    """The currencies of the game.

    Attributes:
        currencies: The currencies.
    """

    currencies: Seq[Currency]
