"""Leaderboards: their settings, the scores on them, and who stands where."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

import attrs

from lootlocker_async.emulator import leaderboard_resets, leaderboard_rewards, leaderboard_schedules, players
from lootlocker_async.emulator.boards import INT64, NUMERIC_ID, Board, begin_season, find, row_by_id, row_of
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.leaderboard_upkeep import run_due
from lootlocker_async.emulator.paging import Pagination, pagination
from lootlocker_async.emulator.ranking import Place, sort_key

__all__ = [
    "ListedScore", "Score", "ScorePage", "Settings", "add_scores", "create", "delete", "get", "increment",
    "list_boards", "list_member_ranks", "list_scores", "run_due", "submit", "update",
]  # fmt: skip

_INSERT = (
    "INSERT INTO scores (season_id, member_id, player_id, score, sort_key, sequence, metadata)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = "UPDATE scores SET score = ?, sort_key = ?, sequence = ?, metadata = ? WHERE season_id = ? AND member_id = ?"
_UPSERT = (
    f"{_INSERT} ON CONFLICT (season_id, member_id) DO UPDATE SET"  # nosec B608  # the module's own names; values are bound
    " score = excluded.score, sort_key = excluded.sort_key, sequence = excluded.sequence, metadata = excluded.metadata"
)
_FIND = "SELECT member_id, score, sort_key, sequence, metadata FROM scores WHERE season_id = ? AND member_id = ?"
_ENTRY = "s.member_id, s.score, s.sort_key, s.sequence, s.metadata, p.id, p.public_uid, p.name, p.ulid"


class Score(TypedDict):
    """An entry as submitting answers it."""

    member_id: str
    rank: int
    score: int
    metadata: str | None


class ListedScore(Score):
    """An entry as a list has it."""

    player: dict[str, str | int | None] | None


class ScorePage(TypedDict):
    """One page of a board."""

    pagination: Pagination
    items: list[ListedScore]


@attrs.frozen(kw_only=True)
class Settings:
    """What a leaderboard is made with."""

    key: str
    name: str
    type: str
    direction_method: str
    enable_game_api_writes: bool = False
    overwrite_score_on_submit: bool = False
    has_metadata: bool = False


@attrs.frozen
class _Member:
    id: str
    player_id: int | None
    entry: sqlite3.Row | None


def create(
    game: Game,
    settings: Settings,
    *,
    board_id: int | None = None,
    ulid: str | None = None,
    created_at: str | None = None,
    updated_at: str | None = None,
    schedule: Mapping[str, Any] | None = None,
    rewards: Iterable[Mapping[str, Any]] = (),
    upcoming_resets: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Makes a leaderboard.

    Args:
        game: Its game.
        settings: Its settings.
        board_id: Its numeric id, where it isn't the next one.
        ulid: Its ULID, where it isn't a new one.
        created_at: When it was made, where that isn't now.
        updated_at: When it was last changed, likewise.
        schedule: When it resets, which the Server API cannot say here.
        rewards: What a reset gives, likewise.
        upcoming_resets: The manual resets still to come, likewise.

    Returns:
        Its settings, without what the Server API cannot say.

    Raises:
        ServiceError: The key is taken.
    """
    now = game.clock.now()
    with game.transaction():
        _free_key(game, settings.key)
        board_id = game.store.insert(
            "INSERT INTO leaderboards (id, ulid, key, name, type, direction_method, enable_game_api_writes,"
            " overwrite_score_on_submit, has_metadata, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            board_id, ulid or game.ids.ulid(now), *attrs.astuple(settings), created_at or rfc3339(now),
            updated_at or created_at or rfc3339(now),
        )  # fmt: skip
        begin_season(game, board_id)
        if schedule is not None:
            leaderboard_schedules.put(game, board_id, schedule)
        for reward in rewards:
            leaderboard_rewards.attach_document(game, board_id, reward)
        for reset in upcoming_resets:
            leaderboard_resets.put(game, board_id, reset)
    return _flat(game, row_by_id(game, board_id))


def update(game: Game, leaderboard_key: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Replaces a leaderboard's settings; its entries are ordered anew where its direction changed.

    Raises:
        ServiceError: There is no such board, or the new key is another board's.
    """
    run_due(game)
    with game.transaction():
        row = row_of(game, leaderboard_key)
        if changes["key"] != row["key"]:
            _free_key(game, changes["key"])
        game.store.execute(
            "UPDATE leaderboards SET key = ?, name = ?, direction_method = ?, enable_game_api_writes = ?,"
            " overwrite_score_on_submit = ?, updated_at = ? WHERE id = ?",
            changes["key"], changes["name"], changes["direction_method"], changes["enable_game_api_writes"],
            changes["overwrite_score_on_submit"], rfc3339(game.clock.now()), row["id"],
        )  # fmt: skip
        if changes["direction_method"] != row["direction_method"]:
            game.store.execute("UPDATE scores SET sort_key = ~sort_key WHERE season_id = ?", row["season_id"])
            game.forget_ranking(row["season_id"])
        game.boards.clear()
    return _flat(game, row_by_id(game, row["id"]))


def delete(game: Game, leaderboard_key: str) -> None:
    """Deletes a leaderboard with its scores and, which is a guess, its archives.

    Raises:
        ServiceError: There is no such board.
    """
    run_due(game)
    board = find(game, leaderboard_key)
    game.store.execute("DELETE FROM leaderboards WHERE id = ?", board.id)
    game.forget_ranking(board.season)
    game.boards.clear()
    game.next_reset = None


def get(game: Game, leaderboard_key: str) -> dict[str, Any]:
    """One leaderboard with its schedule and rewards, in its envelope.

    Raises:
        ServiceError: There is no such board.
    """
    run_due(game)
    row = row_of(game, leaderboard_key)
    upcoming = leaderboard_resets.upcoming(game, row["id"])
    return {"leaderboard": {**_full(game, row), "upcoming_resets": upcoming}}


def list_boards(game: Game, *, count: int, after: int) -> dict[str, Any]:
    """One page of the game's leaderboards, the oldest first."""
    run_due(game)
    total = game.store.count("SELECT count(*) FROM leaderboards")
    rows = game.store.rows("SELECT * FROM leaderboards ORDER BY id LIMIT ? OFFSET ?", count, after)
    return {"pagination": pagination(total, after, count, len(rows)), "items": [_full(game, row) for row in rows]}


def submit(game: Game, leaderboard_key: str, member_id: str, score: int, metadata: str | None = None) -> Score:
    """Records a member's score, unless the board keeps the best one and it isn't better.

    The same score again leaves the entry where it stands, so that a repeat changes nothing.

    Raises:
        ServiceError: There is no such board or player.
    """
    run_due(game)
    with game.transaction():
        board = find(game, leaderboard_key)
        member = _member(game, board, member_id)
        key = sort_key(score, descending=board.descending)
        if member.entry is None or board.overwrite or key < member.entry["sort_key"]:
            return _write(game, board, member, score, metadata if board.has_metadata else None)
        return _score(board, member.entry, game.ranking(board.season).rank(_place(member.entry)))


def increment(game: Game, leaderboard_key: str, member_id: str, amount: int) -> Score:
    """Adds to a member's score, which begins at 0.

    Raises:
        ServiceError: There is no such board or player, or the sum is beyond 64 bits.
    """
    run_due(game)
    with game.transaction():
        board = find(game, leaderboard_key)
        member = _member(game, board, member_id)
        old = member.entry
        score = amount if old is None else old["score"] + amount
        if score not in INT64:
            raise bad_request("The score would be beyond 64 bits", "amount")
        return _write(game, board, member, score, None if old is None else old["metadata"])


def list_scores(game: Game, leaderboard_key: str, *, count: int, after: int) -> ScorePage:
    """One page of a board, from the top rank down.

    Raises:
        ServiceError: There is no such board.
    """
    run_due(game)
    board = find(game, leaderboard_key)
    ranking = game.ranking(board.season)
    rows: list[sqlite3.Row] = []
    if after < len(ranking):
        first = ranking.at(after)
        rows = game.store.rows(
            f"SELECT {_ENTRY} FROM scores s LEFT JOIN players p ON p.id = s.player_id WHERE s.season_id = ?"  # nosec B608  # the module's own names; values are bound
            " AND (s.sort_key, s.sequence) >= (?, ?) ORDER BY s.sort_key, s.sequence LIMIT ?",
            board.season, first.sort_key, first.sequence, count,
        )  # fmt: skip
    return {
        "pagination": pagination(len(ranking), after, count, len(rows)),
        "items": [_listed(board, row, rank) for rank, row in enumerate(rows, after + 1)],
    }


def list_member_ranks(game: Game, member_id: str, *, count: int, after: int) -> dict[str, Any]:
    """One page of a member's entries over all boards, by the boards' age."""
    run_due(game)
    rows = game.store.rows(
        f"SELECT b.key AS board_key, {_ENTRY} FROM leaderboards b"  # nosec B608  # the module's own names; values are bound
        " JOIN leaderboard_seasons n ON n.board_id = b.id AND n.archive_key IS NULL"
        " JOIN scores s ON s.season_id = n.id AND s.member_id = ?"
        " LEFT JOIN players p ON p.id = s.player_id ORDER BY b.id",
        member_id,
    )
    items: list[dict[str, Any]] = []
    for row in rows[after : after + count]:
        board = find(game, row["board_key"])
        rank = game.ranking(board.season).rank(_place(row))
        items.append({
            "leaderboard_id": board.id,
            "leaderboard_key": board.key,
            "ulid": board.ulid,
            "rank": _listed(board, row, rank),
        })  # fmt: skip
    return {"pagination": pagination(len(rows), after, count, len(items)), "leaderboards": items}


def add_scores(game: Game, leaderboard_key: str, scores: Iterable[tuple[str, int] | tuple[str, int, str]]) -> int:
    """Puts many scores on a board at once, each in place of what its member had.

    Args:
        game: The board's game.
        leaderboard_key: The board.
        scores: Member, score and perhaps metadata; earlier ones win ties.

    Returns:
        How many there were.

    Raises:
        ServiceError: There is no such board, or one of its members is no player.
    """
    run_due(game)
    with game.transaction():
        board = find(game, leaderboard_key)
        first = game.next_sequence(board.season)
        rows = [
            (
                board.season, member, int(member) if board.is_player else None, score,
                sort_key(score, descending=board.descending), sequence,
                metadata[0] if metadata and board.has_metadata else None,
            )
            for sequence, (member, score, *metadata) in enumerate(scores, first)
        ]  # fmt: skip
        try:
            game.store.insert_many(_UPSERT, rows)
        except sqlite3.IntegrityError as error:
            raise not_found("player", "member_id") from error
        game.forget_ranking(board.season, next_sequence=first + len(rows))
    return len(rows)


def _free_key(game: Game, key: str) -> None:
    if game.store.row("SELECT 1 FROM leaderboards WHERE key = ?", key) is not None:
        raise conflict("A leaderboard with this key exists already", "key")


def _flat(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "game_id": game.settings.game_id,
        "key": row["key"],
        "name": row["name"],
        "type": row["type"],
        "direction_method": row["direction_method"],
        "enable_game_api_writes": bool(row["enable_game_api_writes"]),
        "overwrite_score_on_submit": bool(row["overwrite_score_on_submit"]),
        "has_metadata": bool(row["has_metadata"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _full(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    more = {
        "schedule": leaderboard_schedules.of_board(game, row["id"]),
        "rewards": leaderboard_rewards.documents(game, row["id"]),
    }
    return {"ulid": row["ulid"], **_flat(game, row), **more}


def _member(game: Game, board: Board, member_id: str) -> _Member:
    if not member_id:
        raise bad_request("The parameter member_id is missing", "member_id", "parameter_missing")
    entry = game.store.row(_FIND, board.season, member_id)
    # A member with an entry was held to be a player when it got it.
    if entry is not None or not board.is_player:
        return _Member(member_id, None, entry)
    if not NUMERIC_ID.fullmatch(member_id) or int(member_id) not in INT64:
        raise bad_request("On a player leaderboard the member is a player's numeric id", "member_id")
    players.require(game, int(member_id), "member_id")
    return _Member(member_id, int(member_id), entry)


def _place(row: sqlite3.Row) -> Place:
    return Place(row["sort_key"], row["sequence"])


def _write(game: Game, board: Board, member: _Member, score: int, metadata: str | None) -> Score:
    old = member.entry
    ranking = game.ranking(board.season)
    if old is not None and old["score"] == score:
        place = _place(old)
    else:
        place = Place(sort_key(score, descending=board.descending), ranking.next_sequence)
        if old is not None:
            ranking.remove(_place(old))
        ranking.add(place)
    if old is None:
        game.store.execute(_INSERT, board.season, member.id, member.player_id, score, *place, metadata)
    else:
        game.store.execute(_UPDATE, score, *place, metadata, board.season, member.id)
    return _score(board, {"member_id": member.id, "score": score, "metadata": metadata}, ranking.rank(place))


def _score(board: Board, row: sqlite3.Row | Mapping[str, Any], rank: int) -> Score:
    # A board without metadata answers with an empty text, and one with it may have null: both occur in the contract.
    metadata = row["metadata"] if board.has_metadata else ""
    return {"member_id": row["member_id"], "rank": rank, "score": row["score"], "metadata": metadata}


def _listed(board: Board, row: sqlite3.Row, rank: int) -> ListedScore:
    player = None
    if board.is_player:
        player = {"id": row["id"], "public_uid": row["public_uid"], "name": row["name"], "ulid": row["ulid"]}
    return {**_score(board, row, rank), "player": player}
