"""What the Server API cannot create of leaderboards, and what they look like as a seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lootlocker_async.emulator import (
    boards,
    leaderboard_archives,
    leaderboard_resets,
    leaderboard_rewards,
    leaderboard_schedules,
    leaderboards,
)
from lootlocker_async.emulator.errors import bad_request, not_found
from lootlocker_async.emulator.game import Game

_BATCH = 10_000
"""How many scores one entry of an export has."""
_STATUSES = frozenset({"pending", "completed", "failed", "cancelled"})


class LeaderboardsWorld:
    """Boards with their scores, and with all that resets them."""

    _game: Game

    def add_leaderboard(
        self,
        key: str,
        *,
        name: str | None = None,
        type: str = "generic",
        direction_method: str = "descending",
        enable_game_api_writes: bool = False,
        overwrite_score_on_submit: bool = False,
        has_metadata: bool = False,
        board_id: int | None = None,
        ulid: str | None = None,
        created_at: str | None = None,
        updated_at: str | None = None,
        schedule: Mapping[str, Any] | None = None,
        rewards: Iterable[Mapping[str, Any]] = (),
        upcoming_resets: Iterable[Mapping[str, Any]] = (),
    ) -> int:
        """Adds a leaderboard.

        Args:
            key: Its key.
            name: Its name; the key by default.
            type: `generic` or `player`.
            direction_method: `descending` or `ascending`.
            enable_game_api_writes: Whether game clients may submit scores themselves.
            overwrite_score_on_submit: Whether a new score always replaces the old one.
            has_metadata: Whether entries keep metadata.
            board_id: Its numeric id; the next one by default.
            ulid: Its ULID; a new one by default.
            created_at: When it was made; now by default.
            updated_at: When it was last changed; when it was made by default.
            schedule: When it resets, as the contract's `LeaderboardSchedule`.
            rewards: What a reset gives, as the contract's `LeaderboardReward`. One that the game doesn't have is shown
                as it is given here, and paid to nobody.
            upcoming_resets: Manual resets still to come, as the contract's `LeaderboardUpcomingReset`.

        Returns:
            Its numeric id.

        Raises:
            ValueError: There is no such type or direction.
        """
        if type not in {"generic", "player"} or direction_method not in {"ascending", "descending"}:
            raise ValueError(f"there is no board of type {type} with direction {direction_method}")
        settings = leaderboards.Settings(
            key=key,
            name=name or key,
            type=type,
            direction_method=direction_method,
            enable_game_api_writes=enable_game_api_writes,
            overwrite_score_on_submit=overwrite_score_on_submit,
            has_metadata=has_metadata,
        )
        made = leaderboards.create(
            self._game,
            settings,
            board_id=board_id,
            ulid=ulid,
            created_at=created_at,
            updated_at=updated_at,
            schedule=schedule,
            rewards=rewards,
            upcoming_resets=upcoming_resets,
        )
        number: int = made["id"]
        return number

    def export_leaderboards(self) -> list[dict[str, Any]]:
        """Every board, as arguments of `add_leaderboard`; what resets it is exported apart."""
        return [
            {
                **{name: row[name] for name in ("key", "name", "type", "direction_method")},
                **{
                    name: bool(row[name])
                    for name in ("enable_game_api_writes", "overwrite_score_on_submit", "has_metadata")
                },
                "board_id": row["id"],
                **{name: row[name] for name in ("ulid", "created_at", "updated_at")},
            }
            for row in self._boards()
        ]

    def add_scores(self, key: str, scores: Iterable[tuple[str, int] | tuple[str, int, str]]) -> int:
        """Puts many scores on a board at once, each in place of what its member had.

        Args:
            key: The board.
            scores: Member, score and perhaps metadata; earlier ones win ties.

        Returns:
            How many there were.
        """
        return leaderboards.add_scores(self._game, key, scores)

    def export_scores(self) -> list[dict[str, Any]]:
        """The scores of every board, as arguments of `add_scores`, the earliest first."""
        query = "SELECT member_id, score, metadata FROM scores WHERE season_id = ? ORDER BY sequence"
        exported: list[dict[str, Any]] = []
        for board in self._boards():
            rows = (
                [row["member_id"], row["score"]] + ([] if row["metadata"] is None else [row["metadata"]])
                for row in self._game.store.rows(query, boards.find(self._game, board["key"]).season)
            )
            while batch := list(islice(rows, _BATCH)):
                exported.append({"key": board["key"], "scores": batch})
        return exported

    def score(self, key: str, member_id: str) -> int:
        """What a member has on a board now.

        Raises:
            ServiceError: The member has no entry there.
        """
        leaderboards.run_due(self._game)
        season = boards.find(self._game, key).season
        row = self._game.store.row("SELECT score FROM scores WHERE season_id = ? AND member_id = ?", season, member_id)
        if row is None:
            raise not_found("entry", "member_id")
        value: int = row["score"]
        return value

    def add_leaderboard_schedule(
        self,
        leaderboard_key: str,
        cron_expression: str,
        *,
        next_run: str | None = None,
        last_run: str | None = None,
        schedule: Sequence[str] = (),
    ) -> None:
        """Sets a board's schedule, whatever the type of the board.

        Args:
            leaderboard_key: The board.
            cron_expression: The five fields of cron, or one of its nicknames.
            next_run: When it runs next, RFC 3339; as the expression says by default.
            last_run: When it ran last.
            schedule: When it ran, of which the latest are kept.
        """
        board_id = boards.find(self._game, leaderboard_key).id
        document = {"cron_expression": cron_expression, "next_run": next_run, "last_run": last_run}
        leaderboard_schedules.put(self._game, board_id, {**document, "schedule": schedule})

    def export_leaderboard_schedules(self) -> list[dict[str, Any]]:
        """Every schedule, as arguments of `add_leaderboard_schedule`."""
        found = ((row["key"], leaderboard_schedules.of_board(self._game, row["id"])) for row in self._boards())
        return [{"leaderboard_key": key, **document} for key, document in found if document is not None]

    def add_leaderboard_reward(
        self,
        leaderboard_key: str,
        reward_id: str,
        reward_kind: str,
        predicates: Iterable[Mapping[str, Any]] = (),
        shown: Mapping[str, Any] | None = None,
    ) -> None:
        """Attaches a reward to a board.

        Args:
            leaderboard_key: The board.
            reward_id: The reward's ULID.
            reward_kind: Its kind.
            predicates: Who gets it, as the contract's `LeaderboardRewardPredicate`.
            shown: The contract's whole `LeaderboardReward`, for one that the game doesn't have: it is shown like that,
                and paid to nobody.
        """
        board_id = boards.find(self._game, leaderboard_key).id
        document = {"reward_id": reward_id, "reward_kind": reward_kind, "predicates": predicates}
        leaderboard_rewards.attach_document(self._game, board_id, shown or document)

    def export_leaderboard_rewards(self) -> list[dict[str, Any]]:
        """Every reward of a board, as arguments of `add_leaderboard_reward`."""
        return [
            {"leaderboard_key": board["key"], **attached}
            for board in self._boards()
            for attached in leaderboard_rewards.export(self._game, board["id"])
        ]

    def add_leaderboard_reset(
        self,
        leaderboard_key: str,
        *,
        reset_id: int | None = None,
        name: str | None = None,
        status: str = "pending",
        scheduled_for: str | None = None,
        requested_at: str | None = None,
        processed_at: str | None = None,
        error_message: str | None = None,
    ) -> int:
        """Adds a manual reset of a board.

        Args:
            leaderboard_key: The board.
            reset_id: Its id; the next one by default.
            name: Its name.
            status: `pending`, `completed`, `failed` or `cancelled`.
            scheduled_for: When it is due, RFC 3339; now by default.
            requested_at: When it was asked for; now by default.
            processed_at: When it was carried out, if it was.
            error_message: What went wrong, if it failed.

        Returns:
            Its id.

        Raises:
            ServiceError: There is no such board or status, or the id is taken.
        """
        if status not in _STATUSES:
            raise bad_request(f"There is no status {status} of a reset", "status")
        document = {
            "id": reset_id, "name": name, "status": status, "scheduled_for": scheduled_for,
            "requested_at": requested_at, "processed_at": processed_at, "error_message": error_message,
        }  # fmt: skip
        return leaderboard_resets.put(self._game, boards.find(self._game, leaderboard_key).id, document)

    def export_leaderboard_resets(self) -> list[dict[str, Any]]:
        """Every manual reset, as arguments of `add_leaderboard_reset`."""
        exported: list[dict[str, Any]] = []
        for board in self._boards():
            for reset in reversed(leaderboard_resets.of_board(self._game, board["id"])):
                del reset["leaderboard_id"], reset["game_id"]
                exported.append({"leaderboard_key": board["key"], "reset_id": reset.pop("id"), **reset})
        return exported

    def add_leaderboard_archive(
        self, leaderboard_key: str, key: str, *, last_modified: str, scores: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """Adds an archive of a board.

        Args:
            leaderboard_key: The board.
            key: The archive's key.
            last_modified: When it was written, RFC 3339.
            scores: Its entries as the contract's `LeaderboardArchiveScore`, the first rank first.
        """
        written = leaderboard_schedules.moment(last_modified, "last_modified")
        leaderboard_archives.add(self._game, leaderboard_key, key, last_modified=written, scores=scores)

    def export_leaderboard_archives(self) -> list[dict[str, Any]]:
        """Every archive, as arguments of `add_leaderboard_archive`."""
        return [
            {
                "leaderboard_key": board["key"],
                "key": archive["key"],
                "last_modified": archive["last_modified"],
                "scores": leaderboard_archives.all_scores(self._game, archive["key"]),
            }
            for board in self._boards()
            for archive in leaderboard_archives.kept(self._game, board["id"])
        ]

    def _boards(self) -> Iterator[Mapping[str, Any]]:
        return map(dict, self._game.store.rows("SELECT * FROM leaderboards ORDER BY id"))
