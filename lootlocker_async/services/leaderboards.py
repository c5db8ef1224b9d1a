"""Leaderboards and their scores."""

from __future__ import annotations

from types import NoneType
from typing import Unpack

from lootlocker_async import routes
from lootlocker_async.core.pagination import Paginator, PositionalPageOptions
from lootlocker_async.models.leaderboards import (
    Leaderboard,
    LeaderboardCreateRequest,
    LeaderboardDetail,
    LeaderboardDirection,
    LeaderboardIncrementScoreRequest,
    LeaderboardMemberRank,
    LeaderboardMemberRankPage,
    LeaderboardPage,
    LeaderboardScore,
    LeaderboardScorePage,
    LeaderboardSubmitScoreRequest,
    LeaderboardType,
    LeaderboardUpdateRequest,
)
from lootlocker_async.services.leaderboard_upkeep import LeaderboardUpkeep

__all__ = ["LeaderboardsService"]


class LeaderboardsService(LeaderboardUpkeep):
    """Leaderboards: make and change them, submit scores, read scores and ranks, and keep them going.

    A `leaderboard_key` is the board's key; its numeric id is taken too. The key `member` can't be told from another
    route's address and is refused where that matters, and so are the member ids `list`, `schedule` and `reset`.
    """

    def list(self, **paging: Unpack[PositionalPageOptions]) -> Paginator[Leaderboard]:
        """List the game's leaderboards with their schedules and rewards.

        Args:
            **paging: `page_size` (1 to 200, 200 by default), `limit`, `resume`, `look_ahead` and `concurrency`; see
                `PositionalPageOptions`.

        Returns:
            A paginator of leaderboards.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /leaderboards
        """
        return self._caller.pages(routes.LEADERBOARDS_LIST, (), LeaderboardPage, Leaderboard, paging=paging)

    async def create(
        self,
        *,
        key: str,
        name: str,
        type: LeaderboardType | str,
        direction_method: LeaderboardDirection | str,
        enable_game_api_writes: bool | None = None,
        overwrite_score_on_submit: bool | None = None,
        has_metadata: bool | None = None,
    ) -> Leaderboard:
        """Create a leaderboard.

        Args:
            key: The unique key to give it, not empty.
            name: Its display name.
            type: Whether entries belong to players (`player`) or to any text the game chooses (`generic`).
            direction_method: Whether the lowest (`ascending`) or the highest (`descending`) score ranks first.
            enable_game_api_writes: Let game clients submit scores themselves; no by default.
            overwrite_score_on_submit: Let a new score always replace the old one, even a better one; no by default.
            has_metadata: Keep metadata with the entries; no by default.

        Returns:
            The new leaderboard, without schedule and rewards.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            ConflictError: The key is taken.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. A repeat meets the key that the first call took.

        POST /leaderboards
        """
        return await self._caller.call(
            routes.LEADERBOARDS_CREATE,
            (),
            Leaderboard,
            fields={
                "key": key,
                "name": name,
                "type": type,
                "direction_method": direction_method,
                "enable_game_api_writes": enable_game_api_writes,
                "overwrite_score_on_submit": overwrite_score_on_submit,
                "has_metadata": has_metadata,
            },
            request=LeaderboardCreateRequest,
        )

    async def get(self, leaderboard_key: str | int) -> Leaderboard:
        """Get one leaderboard with its schedule and rewards.

        Args:
            leaderboard_key: The leaderboard.

        Returns:
            The leaderboard, taken out of the envelope that the service puts around it.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /leaderboards/{leaderboard_key}
        """
        answer = await self._caller.call(routes.LEADERBOARDS_GET, (leaderboard_key,), LeaderboardDetail)
        return answer.leaderboard

    async def update(
        self,
        leaderboard_key: str | int,
        *,
        key: str,
        name: str,
        direction_method: LeaderboardDirection | str,
        enable_game_api_writes: bool,
        overwrite_score_on_submit: bool,
    ) -> Leaderboard:
        """Replace a leaderboard's settings; type and metadata support are fixed at creation.

        Args:
            leaderboard_key: The leaderboard.
            key: The key to have from now on, not empty; the present one to keep it.
            name: Its display name.
            direction_method: Whether the lowest (`ascending`) or the highest (`descending`) score ranks first.
            enable_game_api_writes: Let game clients submit scores themselves.
            overwrite_score_on_submit: Let a new score always replace the old one, even a better one.

        Returns:
            The leaderboard as it now is, without schedule and rewards.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard.
            ConflictError: The key is taken.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Where it changed the key, a repeat would find nothing.

        PUT /leaderboards/{leaderboard_key}
        """
        return await self._caller.call(
            routes.LEADERBOARDS_UPDATE,
            (leaderboard_key,),
            Leaderboard,
            fields={
                "key": key,
                "name": name,
                "direction_method": direction_method,
                "enable_game_api_writes": enable_game_api_writes,
                "overwrite_score_on_submit": overwrite_score_on_submit,
            },
            request=LeaderboardUpdateRequest,
        )

    async def delete(self, leaderboard_key: str | int) -> None:
        """Delete a leaderboard and its scores.

        Args:
            leaderboard_key: The leaderboard.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There was no such leaderboard before the first attempt.
            CallError: The call failed otherwise.

        Retried: yes. A repeat finds nothing left to delete, so its 404 means that it is done.

        DELETE /leaderboards/{leaderboard_key}
        """
        await self._caller.call(routes.LEADERBOARDS_DELETE, (leaderboard_key,), NoneType)

    async def submit_score(
        self, leaderboard_key: str | int, *, member_id: str, score: int, metadata: str | None = None
    ) -> LeaderboardScore:
        """Submit a member's score; where the board does not overwrite, a worse one and its metadata are discarded.

        Args:
            leaderboard_key: The leaderboard.
            member_id: The player's numeric id as text on a player board, any text on a generic one.
            score: The score, a signed number of 64 bits.
            metadata: Text to keep with the score, ignored where the board keeps none; none by default.

        Returns:
            The member's entry after the submission, without `player`.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard.
            CallError: The call failed otherwise.

        Retried: yes. A member has one entry, and the same score again leaves it as it stands; a late repeat can still
        undo a newer score or land on the round after a reset.

        POST /leaderboards/{leaderboard_key}/submit
        """
        return await self._caller.call(
            routes.LEADERBOARDS_SUBMIT_SCORE,
            (leaderboard_key,),
            LeaderboardScore,
            fields={"member_id": member_id, "score": score, "metadata": metadata},
            request=LeaderboardSubmitScoreRequest,
        )

    async def increment_score(self, leaderboard_key: str | int, *, member_id: str, amount: int) -> LeaderboardScore:
        """Add an amount to a member's score; a member without an entry starts from 0.

        Args:
            leaderboard_key: The leaderboard.
            member_id: The player's numeric id as text on a player board, any text on a generic one.
            amount: What to add, a signed number of 64 bits; negative to take away.

        Returns:
            The member's entry after the addition, without `player`.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed. Each call adds the amount again.

        POST /leaderboards/{leaderboard_key}/increment
        """
        return await self._caller.call(
            routes.LEADERBOARDS_INCREMENT_SCORE,
            (leaderboard_key,),
            LeaderboardScore,
            fields={"member_id": member_id, "amount": amount},
            request=LeaderboardIncrementScoreRequest,
        )

    def list_member_ranks(
        self, member_id: str, **paging: Unpack[PositionalPageOptions]
    ) -> Paginator[LeaderboardMemberRank]:
        """List a member's entries on every leaderboard that has one.

        Args:
            member_id: The player's numeric id as text on player boards, any text on generic ones; not empty.
            **paging: `page_size` (1 to 200, 200 by default), `limit`, `resume`, `look_ahead` and `concurrency`; see
                `PositionalPageOptions`.

        Returns:
            A paginator of entries, each with its leaderboard.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /leaderboards/member/{member_id}
        """
        return self._caller.pages(
            routes.LEADERBOARDS_LIST_MEMBER_RANKS,
            (member_id,),
            LeaderboardMemberRankPage,
            LeaderboardMemberRank,
            paging=paging,
        )

    def list_scores(
        self, leaderboard_key: str | int, **paging: Unpack[PositionalPageOptions]
    ) -> Paginator[LeaderboardScore]:
        """List a leaderboard's entries from the top rank down.

        Args:
            leaderboard_key: The leaderboard.
            **paging: `page_size` (1 to 2,000, 2,000 by default), `limit`, `resume`, `look_ahead` and `concurrency`;
                see `PositionalPageOptions`.

        Returns:
            A paginator of entries.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such leaderboard (raised by the walk).
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /leaderboards/{leaderboard_key}/list
        """
        return self._caller.pages(
            routes.LEADERBOARDS_LIST_SCORES, (leaderboard_key,), LeaderboardScorePage, LeaderboardScore, paging=paging
        )
