"""What keeps leaderboards going: schedules to set, rewards to attach, archives, manual resets."""

from __future__ import annotations

from typing import ClassVar

from lootlocker_async.models.base import AwareDatetime, Seq, Soft, model, parsed, soft
from lootlocker_async.models.constraints import Int64, NonEmpty, Ulid
from lootlocker_async.models.pagination import KeyPagination
from lootlocker_async.models.rewards import EntityKind


@model
class LeaderboardScheduleCreateRequest:
    """The schedule to set.

    Attributes:
        cron_expression: Five cron fields, in UTC, or one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
    """

    cron_expression: NonEmpty


@model
class LeaderboardRewardPredicateArgsRequest:
    """The bounds of a predicate to attach, both included; what is None is left to the service.

    Attributes:
        min: The first rank or percent that gets the reward.
        max: The last rank or percent that gets the reward.
        method: Whether the bounds are ranks (`by_rank`) or percents of the entries (`by_percent`).
        direction: Whether the count starts at the top or at the bottom (`asc` or `desc`).
    """

    min: Int64 | None = None
    max: Int64 | None = None
    method: str | None = None
    direction: str | None = None


@model
class LeaderboardRewardPredicateRequest:
    """A condition to attach; the server gives it its id.

    Attributes:
        type: How it compares, such as `between`.
        args: What it compares with.
    """

    type: str
    args: LeaderboardRewardPredicateArgsRequest


@model
class LeaderboardRewardCreateRequest:
    """A reward to attach, and to whom it goes.

    Attributes:
        reward_id: The ULID of an existing reward.
        reward_kind: What it gives; a kind that this version doesn't know is sent as it is, because the set grows.
        predicates: Who gets it.
    """

    reward_id: Ulid
    reward_kind: EntityKind
    predicates: tuple[LeaderboardRewardPredicateRequest, ...]


@model
class LeaderboardArchive:
    """A stored copy of a leaderboard as a reset found it.

    Attributes:
        key: Names the archive when reading it.
        last_modified: When it was written.
        content_type: The archive's media type, such as `application/json`.
        content_length: The archive's size, in bytes it seems.
        last_modified_datetime: `last_modified` as an aware `datetime`; None where it is missing or cannot be read.
    """

    key: str
    last_modified: str | None = None
    content_type: str | None = None
    content_length: int | None = None

    last_modified_datetime: ClassVar[parsed] = parsed("last_modified")


@model
class LeaderboardArchiveList:
    """The archives of a leaderboard.

    Attributes:
        archives: The archives.
    """

    archives: Seq[LeaderboardArchive]


@model
class LeaderboardArchivePlayer:
    """The player behind an archived entry; the ULID's field differs from a live entry's.

    Attributes:
        id: The player's numeric id.
        public_uid: The player's public identifier.
        name: The player's name; empty or None where none was set.
        player_ulid: The player's ULID.
    """

    id: int
    public_uid: str | None = None
    name: str | None = None
    player_ulid: str | None = None


@model
class LeaderboardArchiveScore:
    """One member's entry in an archive.

    Attributes:
        member_id: The player's numeric id as a string on a player board, the submitted string on a generic one.
        rank: The entry's place, from 1.
        score: The entry's score.
        player: The player behind the entry; only on player boards.
        metadata: The text kept with the score; empty or None without any.
    """

    member_id: str
    rank: int
    score: int
    player: LeaderboardArchivePlayer | None = None
    metadata: str | None = None


@model
class LeaderboardArchiveScorePage:
    """One page of an archive's entries.

    Attributes:
        pagination: Where the page stands in the list; None where the service doesn't say, and then it is the last.
        items: The entries.
    """

    pagination: KeyPagination | None = None
    items: Seq[LeaderboardArchiveScore]


@model
class LeaderboardResetRequest:
    """A manual reset to ask for.

    Attributes:
        name: A name to know the reset by.
        scheduled_for: When to reset; None for at once.
    """

    name: str | None = None
    scheduled_for: AwareDatetime | None = None


@model
class LeaderboardReset:
    """A manual reset and how far it is.

    Attributes:
        id: The reset's id.
        leaderboard_id: The leaderboard to reset.
        game_id: The game it belongs to.
        name: The name given to it; empty or None without one.
        status: How far it is, such as `pending`, `processing`, `completed` or `failed`; what a cancelled one shows is
            not documented.
        scheduled_for: When it is due.
        requested_at: When it was asked for.
        processed_at: When it was carried out; None until then.
        error_message: What went wrong; empty or None unless it failed.
    """

    id: int
    leaderboard_id: int
    game_id: Soft[int] = soft(default=0)
    name: str | None = None
    status: str | None = None
    scheduled_for: AwareDatetime | None = None
    requested_at: AwareDatetime | None = None
    processed_at: AwareDatetime | None = None
    error_message: str | None = None


@model
class LeaderboardResetList:
    """The manual resets of a leaderboard.

    Attributes:
        items: The resets.
    """

    items: Seq[LeaderboardReset]
