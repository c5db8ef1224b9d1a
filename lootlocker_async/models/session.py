"""The server session."""

from __future__ import annotations

from typing import ClassVar

from lootlocker_async.models.base import Secret, hidden, model, parsed


@model
class SessionStartRequest:
    """What a server says to start a session.

    Attributes:
        game_version: The game's version, best as two to four numbers joined by dots.
        is_development: Whether the session is for development; deprecated, newer clients leave it out.
    """

    game_version: str
    is_development: bool | None = None


@model
class Session:
    """A started server session.

    Attributes:
        token: The token that goes into `x-auth-token` on every later call.
    """

    token: Secret = hidden()


@model
class SessionPing:
    """The answer to a ping.

    Attributes:
        pong: The server's present time, as text of an undocumented form.
        pong_datetime: `pong` as an aware `datetime`; None where it is missing or cannot be read.
    """

    pong: str | None = None

    pong_datetime: ClassVar[parsed] = parsed("pong")
