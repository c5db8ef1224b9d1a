"""Archives: what resets keep of leaderboards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from lootlocker_async.emulator import boards
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game

DEFAULT_COUNT = 100
"""How many entries a page has where a call doesn't say."""
_CONTENT_TYPE = "application/json"
# A board without metadata shows an empty text.
_ENTRIES = (
    "SELECT s.member_id, s.score,"
    " CASE WHEN b.has_metadata THEN s.metadata ELSE coalesce(s.metadata, '') END AS metadata,"
    " coalesce(p.id, a.id) AS id, coalesce(p.public_uid, a.public_uid) AS public_uid, coalesce(p.name, a.name) AS name,"
    " coalesce(p.ulid, a.ulid) AS ulid"
    " FROM leaderboard_seasons n JOIN leaderboards b ON b.id = n.board_id JOIN scores s ON s.season_id = n.id"
    " LEFT JOIN players p ON p.id = s.player_id"
    " LEFT JOIN archived_players a ON a.season_id = s.season_id AND a.member_id = s.member_id"
    " WHERE n.id = ?"
)
_IN_ORDER = "ORDER BY s.sort_key, s.sequence"
# How long the entries are as JSON without blanks, each with a rank of one digit: to number them would take longer.
_LENGTH = (
    "SELECT coalesce(sum(length(CAST(json_object('member_id', member_id, 'rank', 0, 'score', score, 'player',"
    " CASE WHEN id IS NULL THEN NULL ELSE json_object('id', id, 'public_uid', public_uid, 'name', name, 'player_ulid',"
    f" ulid) END, 'metadata', metadata) AS BLOB))), 0) FROM ({_ENTRIES})"  # nosec B608  # the module's own names; values are bound
)


def write(game: Game, board: boards.Board, due: int) -> int | None:
    """Makes an archive of a board's season, and begins the next one.

    Args:
        game: The board's game.
        board: The board.
        due: When the reset was due, which names the archive.

    Returns:
        The archive's id. A board without entries leaves no archive, which is a guess.
    """
    entries = game.store.count("SELECT count(*) FROM scores WHERE season_id = ?", board.season)
    if not entries:
        return None
    game.store.execute(
        "UPDATE leaderboard_seasons SET archive_key = ?, archived_at = ?, entries = ? WHERE id = ?",
        _free_key(game, board.id, due), due, entries, board.season,
    )  # fmt: skip
    boards.begin_season(game, board.id)
    # Whoever reads archives has it made anew; until then its memory is free.
    game.forget_ranking(board.season)
    return board.season


def add(
    game: Game, leaderboard_key: str, key: str, *, last_modified: datetime, scores: Iterable[Mapping[str, Any]]
) -> None:
    """Puts an archive there.

    Args:
        game: The board's game.
        leaderboard_key: The board.
        key: The archive's key.
        last_modified: When it was written.
        scores: Its entries as the contract's `LeaderboardArchiveScore`, the first rank first.

    Raises:
        ServiceError: There is no such board, the key is taken, or a member is there twice.
    """
    board = boards.find(game, leaderboard_key)
    with game.transaction():
        if _is_taken(game, key):
            raise conflict("An archive with this key exists already", "key")
        entries = list(scores)
        season = game.store.insert(
            "INSERT INTO leaderboard_seasons (board_id, archive_key, archived_at, entries) VALUES (?, ?, ?, ?)",
            board.id, key, int(last_modified.timestamp()), len(entries),
        )  # fmt: skip
        if len({entry["member_id"] for entry in entries}) < len(entries):
            raise conflict("A member is there more than once", "scores")
        # What ranked them is not known, so their ranks have to do.
        rows = [
            (season, one["member_id"], _known_player(game, season, one), one["score"], rank, rank, one.get("metadata"))
            for rank, one in enumerate(entries, 1)
        ]
        game.store.insert_many(
            "INSERT INTO scores (season_id, member_id, player_id, score, sort_key, sequence, metadata)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def list_archives(game: Game, leaderboard_key: str) -> dict[str, Any]:
    """The archives of a board, the oldest first.

    Raises:
        ServiceError: There is no such board.
    """
    return {"archives": of_board(game, boards.find(game, leaderboard_key).id)}


def of_board(game: Game, board_id: int) -> list[dict[str, Any]]:
    """The archives of a board, the oldest first: the contract's `LeaderboardArchive` of each."""
    return [
        {**archive, "content_type": _CONTENT_TYPE, "content_length": _content_length(game, archive["key"])}
        for archive in kept(game, board_id)
    ]


def kept(game: Game, board_id: int) -> list[dict[str, Any]]:
    """The keys and the dates of a board's archives, the oldest first."""
    rows = game.store.rows(
        "SELECT archive_key, archived_at FROM leaderboard_seasons WHERE board_id = ? AND archive_key IS NOT NULL"
        " ORDER BY archived_at, id",
        board_id,
    )
    return [{"key": key, "last_modified": rfc3339(datetime.fromtimestamp(at, UTC))} for key, at in rows]


def all_scores(game: Game, key: str) -> list[dict[str, Any]]:
    """Every entry of an archive, from the top rank down.

    Raises:
        ServiceError: There is no such archive.
    """
    rows = game.store.rows(f"{_ENTRIES} {_IN_ORDER}", _archive(game, key)["id"])
    return [_item(row, rank) for rank, row in enumerate(rows, 1)]


def list_scores(game: Game, key: str, *, count: int = DEFAULT_COUNT, after: str | None = None) -> dict[str, Any]:
    """One page of an archive, from the top rank down; its cursors are the last ranks of the pages before.

    Args:
        game: The archive's game.
        key: The archive's key.
        count: How many entries to return.
        after: The cursor of the page before.

    Raises:
        ServiceError: There is no such archive, or the cursor is none of its own.
    """
    archive = _archive(game, key)
    start, total = _position(after), archive["entries"]
    rows: list[sqlite3.Row] = []
    if start < total:
        rows = game.store.rows(
            f"{_ENTRIES} AND (s.sort_key, s.sequence) >= (?, ?) {_IN_ORDER} LIMIT ?",
            archive["id"], *game.ranking(archive["id"]).at(start), min(count, total),
        )  # fmt: skip
    end = start + len(rows)
    return {
        "pagination": {
            "total": total,
            "next_cursor": str(end) if rows and end < total else None,
            "previous_cursor": str(max(0, start - count)) if start else None,
        },
        "items": [_item(row, rank) for rank, row in enumerate(rows, start + 1)],
    }


def winners(game: Game, archive_id: int, first: int, last: int) -> list[int]:
    """The players with the ranks from the first to the last one, both included, from the top down."""
    rows = game.store.rows(
        "SELECT player_id FROM scores WHERE season_id = ? ORDER BY sort_key, sequence LIMIT ? OFFSET ?",
        archive_id, max(0, last - first + 1), first - 1,
    )  # fmt: skip
    return [row[0] for row in rows if row[0] is not None]


def _archive(game: Game, key: str) -> sqlite3.Row:
    row = game.store.row("SELECT id, entries, content_length FROM leaderboard_seasons WHERE archive_key = ?", key)
    if row is None:
        raise not_found("archive", "key")
    return row


def _content_length(game: Game, key: str) -> int:
    """How long an archive is as JSON, which is measured once."""
    archive = _archive(game, key)
    length: int | None = archive["content_length"]
    if length is None:
        entries = archive["entries"]
        # The brackets, the commas, and the further digits of ranks from 10, 100 and so on.
        around = 2 + max(0, entries - 1) + sum(max(0, entries - 10**more + 1) for more in range(1, 19))
        length = around + game.store.count(_LENGTH, archive["id"])
        game.store.execute("UPDATE leaderboard_seasons SET content_length = ? WHERE id = ?", length, archive["id"])
    return length


def _is_taken(game: Game, key: str) -> bool:
    return game.store.row("SELECT 1 FROM leaderboard_seasons WHERE archive_key = ?", key) is not None


def _free_key(game: Game, board_id: int, due: int) -> str:
    stem = f"leaderboards/{game.settings.game_id}/{board_id}/{due}"
    key, number = f"{stem}.json", 1
    # A clock that stands still lets a board be filled and reset twice at one moment.
    while _is_taken(game, key):
        number += 1
        key = f"{stem}-{number}.json"
    return key


def _position(after: str | None) -> int:
    if not after or after == "0":
        return 0
    if not boards.NUMERIC_ID.fullmatch(after) or int(after) not in boards.INT64:
        raise bad_request("The cursor is none of this list", "after")
    return int(after)


def _known_player(game: Game, season: int, score: Mapping[str, Any]) -> int | None:
    """The id of an entry's player where the game has the like; otherwise what is told of it is kept beside."""
    player = score.get("player") or {}
    number: int | None = player.get("id")
    if number is None:
        return None
    told = (player.get("public_uid"), player.get("name"), player.get("player_ulid"))
    row = game.store.row("SELECT public_uid, name, ulid FROM players WHERE id = ?", number)
    if row is not None and tuple(row) == told:
        return number
    game.store.execute(
        "INSERT INTO archived_players VALUES (?, ?, ?, ?, ?, ?)", season, score["member_id"], number, *told
    )
    return None


def _item(row: sqlite3.Row, rank: int) -> dict[str, Any]:
    player = None
    if row["id"] is not None:
        player = {
            "id": row["id"],
            "public_uid": row["public_uid"],
            "name": row["name"],
            "player_ulid": row["ulid"],
        }
    return {
        "member_id": row["member_id"],
        "rank": rank,
        "score": row["score"],
        "player": player,
        "metadata": row["metadata"],
    }
