"""What keeps leaderboards going: schedules, rewards, archives and resets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import NoneType
from typing import Any, Unpack

from lootlocker_async import routes
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.leaderboard_upkeep import (
    LeaderboardArchiveList,
    LeaderboardArchiveScore,
    LeaderboardArchiveScorePage,
    LeaderboardReset,
    LeaderboardResetList,
    LeaderboardResetRequest,
    LeaderboardRewardCreateRequest,
    LeaderboardRewardPredicateRequest,
    LeaderboardScheduleCreateRequest,
)
from lootlocker_async.models.leaderboards import LeaderboardReward, LeaderboardSchedule
from lootlocker_async.models.rewards import EntityKind

__all__ = ["LeaderboardUpkeep"]


class LeaderboardUpkeep(Service):
    """The operations on leaderboards that players see nothing of."""

    async def get_schedule(self, leaderboard_key: str | int) -> LeaderboardSchedule:
        """Get a leaderboard's reset schedule.

        Args:
            leaderboard_key: The leaderboard.

        Returns:
            The schedule; what comes for a board without one is not documented: an error or empty fields.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard, or it has no schedule.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /leaderboards/{leaderboard_key}/schedule
        """
        return await self._caller.call(routes.LEADERBOARDS_GET_SCHEDULE, (leaderboard_key,), LeaderboardSchedule)

    async def create_schedule(self, leaderboard_key: str | int, *, cron_expression: str) -> LeaderboardSchedule:
        """Set a leaderboard's reset schedule; only player leaderboards can have one.

        Args:
            leaderboard_key: The leaderboard.
            cron_expression: Five cron fields, in UTC, or one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`;
                not empty, and otherwise checked by the service alone.

        Returns:
            The schedule as set.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Whether a repeat replaces the schedule or is refused because
        there is one is not known.

        POST /leaderboards/{leaderboard_key}/schedule
        """
        return await self._caller.call(
            routes.LEADERBOARDS_CREATE_SCHEDULE,
            (leaderboard_key,),
            LeaderboardSchedule,
            fields={"cron_expression": cron_expression},
            request=LeaderboardScheduleCreateRequest,
        )

    async def delete_schedule(self, leaderboard_key: str | int) -> None:
        """Remove a leaderboard's reset schedule.

        Args:
            leaderboard_key: The leaderboard.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There was no such leaderboard or no schedule before the first attempt.
            CallError: The call failed otherwise.

        Retried: yes. A repeat finds nothing left to delete, so its 404 means that it is done.

        DELETE /leaderboards/{leaderboard_key}/schedule
        """
        await self._caller.call(routes.LEADERBOARDS_DELETE_SCHEDULE, (leaderboard_key,), NoneType)

    async def create_reward(
        self,
        leaderboard_key: str | int,
        *,
        reward_id: str,
        reward_kind: EntityKind | str,
        predicates: Sequence[LeaderboardRewardPredicateRequest | Mapping[str, Any]],
    ) -> LeaderboardReward:
        """Attach an existing reward to a leaderboard for the members that its predicates match.

        The reward itself is made beforehand in the web console.

        Args:
            leaderboard_key: The leaderboard.
            reward_id: The reward's ULID.
            reward_kind: What it gives, such as `asset`, `currency` or `group`; a kind that this version doesn't know is
                sent as it is, because the set grows.
            predicates: Who gets it, such as everyone `between` the first and the tenth rank.

        Returns:
            The reward as attached. No source shows this answer; what is needed of it is better read with `get`.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard or no such reward.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            ResponseDecodeError: It was executed, and the answer is not what was expected.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat may attach the reward once more.

        POST /leaderboards/{leaderboard_key}/reward
        """
        return await self._caller.call(
            routes.LEADERBOARDS_CREATE_REWARD,
            (leaderboard_key,),
            LeaderboardReward,
            fields={"reward_id": reward_id, "reward_kind": reward_kind, "predicates": predicates},
            request=LeaderboardRewardCreateRequest,
        )

    async def delete_reward(self, leaderboard_key: str | int, reward_id: str) -> None:
        """Detach a reward from a leaderboard.

        Args:
            leaderboard_key: The leaderboard.
            reward_id: The ULID of the attached reward.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There was no such leaderboard or no such reward on it before the first attempt.
            CallError: The call failed otherwise.

        Retried: yes. A repeat finds nothing left to delete, so its 404 means that it is done.

        DELETE /leaderboards/{leaderboard_key}/reward/{reward_id}
        """
        await self._caller.call(routes.LEADERBOARDS_DELETE_REWARD, (leaderboard_key, reward_id), NoneType)

    async def list_archives(self, leaderboard_key: str | int) -> LeaderboardArchiveList:
        """List the archives that resets left of a leaderboard.

        Args:
            leaderboard_key: The leaderboard.

        Returns:
            The archives, all at once.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /leaderboards/{leaderboard_key}/archive/list
        """
        return await self._caller.call(routes.LEADERBOARDS_LIST_ARCHIVES, (leaderboard_key,), LeaderboardArchiveList)

    def list_archive_scores(self, *, key: str, **paging: Unpack[PageOptions]) -> Paginator[LeaderboardArchiveScore]:
        """Read the entries of one archive.

        Args:
            key: The `key` of an archive from `list_archives`, as it came; it names the leaderboard too.
            **paging: `page_size` (from 1, 100 by default; the service's own bounds are not documented), `limit`,
                `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of entries.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such archive (raised by the walk).
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /leaderboards/archive/read
        """
        if not isinstance(key, str) or not key:
            msg = "key should be the key of an archive: a text that is not empty"
            raise InvalidRequestError(msg)
        return self._caller.pages(
            routes.LEADERBOARDS_LIST_ARCHIVE_SCORES,
            (),
            LeaderboardArchiveScorePage,
            LeaderboardArchiveScore,
            paging=paging,
            query={"key": key},
        )

    async def list_resets(self, leaderboard_key: str | int) -> LeaderboardResetList:
        """List the manual resets requested for a leaderboard, whatever their status.

        Args:
            leaderboard_key: The leaderboard.

        Returns:
            The resets, all at once.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /leaderboards/{leaderboard_key}/reset
        """
        return await self._caller.call(routes.LEADERBOARDS_LIST_RESETS, (leaderboard_key,), LeaderboardResetList)

    async def request_reset(
        self, leaderboard_key: str | int, *, name: str | None = None, scheduled_for: datetime | str | None = None
    ) -> LeaderboardReset:
        """Request a reset of a leaderboard, now or at a given time.

        Args:
            leaderboard_key: The leaderboard.
            name: A name to know the reset by; none by default.
            scheduled_for: When to reset: a `datetime` with a zone, sent in UTC, or a text in RFC 3339 form with its
                offset, sent as it is; as soon as possible by default.

        Returns:
            The reset as queued.

        Raises:
            InvalidRequestError: An argument doesn't fit, or the time has no zone; nothing was sent.
            NotFoundError: There is no such leaderboard.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Each call asks for one more reset.

        POST /leaderboards/{leaderboard_key}/reset
        """
        return await self._caller.call(
            routes.LEADERBOARDS_REQUEST_RESET,
            (leaderboard_key,),
            LeaderboardReset,
            fields={"name": name, "scheduled_for": _in_utc(scheduled_for)},
            request=LeaderboardResetRequest,
        )

    async def get_reset(self, leaderboard_key: str | int, reset_id: int | str) -> LeaderboardReset:
        """Get one manual reset request.

        Args:
            leaderboard_key: The leaderboard.
            reset_id: The reset's numeric id, from 1.

        Returns:
            The reset and how far it is.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard or no such reset.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /leaderboards/{leaderboard_key}/reset/{reset_id}
        """
        return await self._caller.call(routes.LEADERBOARDS_GET_RESET, (leaderboard_key, reset_id), LeaderboardReset)

    async def cancel_reset(self, leaderboard_key: str | int, reset_id: int | str) -> None:
        """Cancel a manual reset that is still pending.

        Args:
            leaderboard_key: The leaderboard.
            reset_id: The reset's numeric id, from 1.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard or no such reset.
            ConflictError: It is not pending any more.
            OutcomeUnknownError: It was sent, and whether it was executed is not known; get the reset to know.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. The reset stays cancelled, but the error that a repeat meets
        cannot be told from that of a reset already carried out.

        DELETE /leaderboards/{leaderboard_key}/reset/{reset_id}
        """
        await self._caller.call(routes.LEADERBOARDS_CANCEL_RESET, (leaderboard_key, reset_id), NoneType)


def _in_utc(moment: datetime | str | None) -> datetime | str | None:
    """A moment with a zone in UTC, as the service wants it; all else is left to the check of the body."""
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        msg = f"scheduled_for: {moment} is beyond what UTC can tell"
        raise InvalidRequestError(msg) from None
