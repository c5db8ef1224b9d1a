"""What one would write for pydantic, after the contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class Submit(BaseModel):
    """The body of a submission."""

    member_id: str
    score: int
    metadata: str | None = None


class Player(BaseModel):
    """A player on a board."""

    id: int
    public_uid: str | None = None
    name: str | None = None
    ulid: str | None = None


class Score(BaseModel):
    """An entry."""

    member_id: str
    rank: int
    score: int
    player: Player | None = None
    metadata: str | None = None


class Pagination(BaseModel):
    """Where the other pages are."""

    total: int
    next_cursor: int | None = None
    previous_cursor: int | None = None


class ScorePage(BaseModel):
    """A page of entries."""

    pagination: Pagination
    items: tuple[Score, ...]


class BoardSettings(BaseModel):
    """A leaderboard."""

    id: int
    key: str
    name: str
    game_id: int
    type: str
    direction_method: str
    enable_game_api_writes: bool
    overwrite_score_on_submit: bool
    has_metadata: bool
    created_at: datetime
    updated_at: datetime
    ulid: str
    schedule: dict[str, Any] | None = None
    rewards: list[dict[str, Any]]
    upcoming_resets: list[datetime]


class Board(BaseModel):
    """The envelope around it."""

    leaderboard: BoardSettings
