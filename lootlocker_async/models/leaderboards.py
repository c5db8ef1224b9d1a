"""Leaderboards, their entries and rewards."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import attrs

from lootlocker_async.models.base import AwareDatetime, OpenEnum, Seq, Soft, model, parse_date, parsed, soft
from lootlocker_async.models.constraints import Int64, NonEmpty, known
from lootlocker_async.models.pagination import IndexPagination
from lootlocker_async.models.rewards import (
    AssetReward,
    CurrencyReward,
    EntityKind,
    GroupReward,
    ProgressionPointsReward,
    ProgressionResetReward,
)


class LeaderboardType(OpenEnum):
    """Whether entries belong to players or to any string the game chooses."""

    PLAYER = "player"
    GENERIC = "generic"


class LeaderboardDirection(OpenEnum):
    """Whether the lowest (ascending) or the highest (descending) score ranks first."""

    ASCENDING = "ascending"
    DESCENDING = "descending"


@model
class LeaderboardSchedule:
    """When a leaderboard resets.

    Attributes:
        cron_expression: The cron expression in force.
        next_run: The next reset.
        last_run: The last reset; None or empty before the first.
        schedule: Times of runs, probably those of the past.
        next_run_datetime: `next_run` as an aware `datetime`; None where it is missing or cannot be read.
        last_run_datetime: `last_run` as an aware `datetime`; None where it is missing or cannot be read.
    """

    cron_expression: str | None = None
    next_run: str | None = None
    last_run: str | None = None
    schedule: Seq[str] = ()

    next_run_datetime: ClassVar[parsed] = parsed("next_run")
    last_run_datetime: ClassVar[parsed] = parsed("last_run")

    @property
    def schedule_datetimes(self) -> tuple[datetime | None, ...]:
        """`schedule` as aware `datetime`s, with None for each text that cannot be read."""
        return tuple(parse_date(text) for text in self.schedule)


@model
class LeaderboardRewardPredicateArgs:
    """The bounds of a predicate, both included.

    Attributes:
        min: The first rank or percent that gets the reward.
        max: The last rank or percent that gets the reward.
        method: Whether the bounds are ranks (`by_rank`) or percents of the entries (`by_percent`).
        direction: Whether the count starts at the top or at the bottom (`asc` or `desc`).
    """

    min: Soft[int] = soft(default=0)
    max: Soft[int] = soft(default=0)
    method: str | None = None
    direction: str | None = None


@model
class LeaderboardRewardPredicate:
    """A condition on the members that get a reward.

    Attributes:
        id: The predicate's ULID.
        type: How it compares, such as `between`.
        args: What it compares with.
    """

    id: str | None = None
    type: str
    args: LeaderboardRewardPredicateArgs | None = None


@model
class LeaderboardReward:
    """A reward attached to a leaderboard.

    Of the five kinds' fields only the one that `reward_kind` names is filled.

    Attributes:
        reward_id: The reward's ULID.
        reward_kind: What it gives; names the field that is filled.
        predicates: Who gets it.
        asset: The asset to give, for kind `asset`.
        currency: The currency to give, for kind `currency`.
        progression_points: The points to give, for kind `progression_points`.
        progression_reset: The progression to reset, for kind `progression_reset`.
        group: The bundle to give, for kind `group`.
    """

    reward_id: str
    reward_kind: EntityKind
    predicates: Seq[LeaderboardRewardPredicate] = ()
    asset: AssetReward | None = None
    currency: CurrencyReward | None = None
    progression_points: ProgressionPointsReward | None = None
    progression_reset: ProgressionResetReward | None = None
    group: GroupReward | None = None


@model
class LeaderboardUpcomingReset:
    """A manual reset still to come.

    Attributes:
        id: The reset's id.
        name: The name given to it.
        scheduled_for: When it is due.
    """

    id: int
    name: str | None = None
    scheduled_for: AwareDatetime | None = None


@model
class Leaderboard:
    """A leaderboard with its settings.

    The answers to create and update come without `schedule`, `rewards` and `upcoming_resets`.

    Attributes:
        id: The leaderboard's numeric id.
        ulid: The leaderboard's ULID.
        game_id: The game it belongs to.
        key: The unique key that names it in paths; None on a board that was never given one.
        name: Its display name.
        type: Whether its entries belong to players or to any string.
        direction_method: Whether the lowest or the highest score ranks first.
        enable_game_api_writes: Whether game clients may submit scores themselves.
        overwrite_score_on_submit: Whether a new score always replaces the old one rather than the better one staying.
        has_metadata: Whether entries keep metadata.
        created_at: When it was created.
        updated_at: When it was last changed.
        schedule: The reset schedule, None without one.
        rewards: What a reset gives and to whom.
        upcoming_resets: Manual resets still to come, soonest first.
    """

    id: int
    ulid: str | None = None
    game_id: Soft[int] = soft(default=0)
    key: str | None = None
    name: str | None = None
    type: LeaderboardType
    direction_method: LeaderboardDirection
    enable_game_api_writes: Soft[bool] = soft(default=False)
    overwrite_score_on_submit: Soft[bool] = soft(default=False)
    has_metadata: Soft[bool] = soft(default=False)
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    schedule: LeaderboardSchedule | None = None
    rewards: Seq[LeaderboardReward] = ()
    upcoming_resets: Seq[LeaderboardUpcomingReset] = ()


@model
class LeaderboardPage:
    """One page of leaderboards.

    Attributes:
        pagination: Where the page stands in the list.
        items: The leaderboards.
    """

    pagination: IndexPagination
    items: Seq[Leaderboard]


@model
class LeaderboardDetail:
    """The envelope around one leaderboard.

    Attributes:
        leaderboard: The leaderboard.
    """

    leaderboard: Leaderboard


@model
class LeaderboardPlayer:
    """The player behind an entry.

    Attributes:
        id: The player's numeric id.
        public_uid: The player's public identifier.
        name: The player's name; empty or None where none was set.
        ulid: The player's ULID.
    """

    id: int
    public_uid: str | None = None
    name: str | None = None
    ulid: str | None = None


@model
class LeaderboardScore:
    """One member's entry on a leaderboard.

    Attributes:
        member_id: The player's numeric id as a string on a player board, the submitted string on a generic one.
        rank: The entry's place, from 1.
        score: The entry's score.
        player: The player behind the entry; only on player boards, and not in the answers to submit and increment.
        metadata: The text kept with the score; empty or None without any.
    """

    member_id: str
    rank: int
    score: int
    player: LeaderboardPlayer | None = None
    metadata: str | None = None


@model
class LeaderboardScorePage:
    """One page of a leaderboard's entries.

    Attributes:
        pagination: Where the page stands in the list.
        items: The entries, by rank.
    """

    pagination: IndexPagination
    items: Seq[LeaderboardScore]


@model
class LeaderboardMemberRank:
    """A member's entry together with the leaderboard it is on.

    Attributes:
        leaderboard_id: The leaderboard's numeric id.
        leaderboard_key: The leaderboard's key.
        ulid: The leaderboard's ULID, not the player's.
        rank: The whole entry, not a number.
    """

    leaderboard_id: int
    leaderboard_key: str | None = None
    ulid: str | None = None
    rank: LeaderboardScore | None = None


@model
class LeaderboardMemberRankPage:
    """One page of a member's entries.

    Attributes:
        pagination: Where the page stands in the list.
        leaderboards: The entries, one for each leaderboard.
    """

    pagination: IndexPagination
    leaderboards: Seq[LeaderboardMemberRank]


@model
class LeaderboardCreateRequest:
    """A new leaderboard's settings.

    Attributes:
        key: The unique key to give it.
        name: Its display name.
        type: Whether its entries belong to players or to any string.
        direction_method: Whether the lowest or the highest score ranks first.
        enable_game_api_writes: Let game clients submit scores themselves; left out, it counts as False.
        overwrite_score_on_submit: Let a new score always replace the old one, even a better one; left out, it counts as
            False.
        has_metadata: Keep metadata with the entries; left out, it counts as False.
    """

    key: NonEmpty
    name: str
    type: LeaderboardType = attrs.field(validator=known)
    direction_method: LeaderboardDirection = attrs.field(validator=known)
    enable_game_api_writes: bool | None = None
    overwrite_score_on_submit: bool | None = None
    has_metadata: bool | None = None


@model
class LeaderboardUpdateRequest:
    """The settings that replace a leaderboard's; all five are sent.

    Attributes:
        key: The key to have from now on.
        name: Its display name.
        direction_method: Whether the lowest or the highest score ranks first.
        enable_game_api_writes: Let game clients submit scores themselves.
        overwrite_score_on_submit: Let a new score always replace the old one, even a better one.
    """

    key: NonEmpty
    name: str
    direction_method: LeaderboardDirection = attrs.field(validator=known)
    enable_game_api_writes: bool
    overwrite_score_on_submit: bool


@model
class LeaderboardSubmitScoreRequest:
    """A score to record for a member.

    Attributes:
        member_id: The player's numeric id as a string on a player board, any string on a generic one.
        score: The score.
        metadata: Text kept with the score, ignored where the board keeps no metadata.
    """

    member_id: str
    score: Int64
    metadata: str | None = None


@model
class LeaderboardIncrementScoreRequest:
    """An amount to add to a member's score.

    Attributes:
        member_id: The player's numeric id as a string on a player board, any string on a generic one.
        amount: What to add; negative to take away.
    """

    member_id: str
    amount: Int64
