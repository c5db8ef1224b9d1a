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
_COPY = (
    "INSERT INTO archived_scores SELECT ?1, row_number() OVER (ORDER BY s.sort_key, s.sequence), s.member_id, s.score,"
    " CASE WHEN ?2 THEN s.metadata ELSE '' END, p.id, p.public_uid, p.name, p.ulid"
    " FROM scores s LEFT JOIN players p ON p.id = s.player_id WHERE s.board_id = ?3"
)
# As JSON without blanks: the entries, the commas between them and the brackets around them.
_LENGTH = (
    "SELECT coalesce(sum(1 + length(CAST(json_object('member_id', member_id, 'rank', rank, 'score', score, 'player',"
    " CASE WHEN player_id IS NULL THEN NULL ELSE json_object('id', player_id, 'public_uid', public_uid, 'name', name,"
    " 'player_ulid', player_ulid) END, 'metadata', metadata) AS BLOB))), 1) + 1"
    " FROM archived_scores WHERE archive_id = ?"
)


def write(game: Game, board: boards.Board, due: int) -> int | None:
    """Archives a board as it stands, which empties nothing.

    Args:
        game: The board's game.
        board: The board.
        due: When the reset was due, which names the archive.

    Returns:
        The archive's id. A board without entries leaves no archive, which is a guess.
    """
    if game.store.row("SELECT 1 FROM scores WHERE board_id = ? LIMIT 1", board.id) is None:
        return None
    archive_id = _insert(game, board.id, _free_key(game, board.id, due), due)
    game.store.execute(_COPY, archive_id, board.has_metadata, board.id)
    _measure(game, archive_id)
    return archive_id


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
        ServiceError: There is no such board, or the key is taken.
    """
    board = boards.find(game, leaderboard_key)
    with game.transaction():
        if game.store.row("SELECT 1 FROM leaderboard_archives WHERE key = ?", key) is not None:
            raise conflict("An archive with this key exists already", "key")
        archive_id = _insert(game, board.id, key, int(last_modified.timestamp()))
        game.store.insert_many(
            "INSERT INTO archived_scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((archive_id, *_columns(score, rank)) for rank, score in enumerate(scores, 1)),
        )
        _measure(game, archive_id)


def list_archives(game: Game, leaderboard_key: str) -> dict[str, Any]:
    """The archives of a board, the oldest first.

    Raises:
        ServiceError: There is no such board.
    """
    return {"archives": of_board(game, boards.find(game, leaderboard_key).id)}


def of_board(game: Game, board_id: int) -> list[dict[str, Any]]:
    """The archives of a board, the oldest first: the contract's `LeaderboardArchive` of each."""
    return [
        {
            "key": row["key"],
            "last_modified": rfc3339(datetime.fromtimestamp(row["last_modified"], UTC)),
            "content_type": _CONTENT_TYPE,
            "content_length": row["content_length"],
        }
        for row in game.store.rows("SELECT * FROM leaderboard_archives WHERE board_id = ? ORDER BY id", board_id)
    ]


def all_scores(game: Game, key: str) -> list[dict[str, Any]]:
    """Every entry of an archive, from the top rank down.

    Raises:
        ServiceError: There is no such archive.
    """
    archive_id = _archive(game, key)["id"]
    rows = game.store.rows("SELECT * FROM archived_scores WHERE archive_id = ? ORDER BY rank", archive_id)
    return [_item(row) for row in rows]


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
    rows = game.store.rows(
        "SELECT * FROM archived_scores WHERE archive_id = ? AND rank > ? ORDER BY rank LIMIT ?",
        archive["id"], start, min(count, total),
    )  # fmt: skip
    end = start + len(rows)
    return {
        "pagination": {
            "total": total,
            "next_cursor": str(end) if rows and end < total else None,
            "previous_cursor": str(max(0, start - count)) if start else None,
        },
        "items": [_item(row) for row in rows],
    }


def _archive(game: Game, key: str) -> sqlite3.Row:
    row = game.store.row("SELECT id, entries FROM leaderboard_archives WHERE key = ?", key)
    if row is None:
        raise not_found("archive", "key")
    return row


def _insert(game: Game, board_id: int, key: str, written_at: int) -> int:
    return game.store.insert(
        "INSERT INTO leaderboard_archives (board_id, key, last_modified, entries, content_length)"
        " VALUES (?, ?, ?, 0, 2)",
        board_id, key, written_at,
    )  # fmt: skip


def _measure(game: Game, archive_id: int) -> None:
    entries = game.store.count("SELECT count(*) FROM archived_scores WHERE archive_id = ?", archive_id)
    game.store.execute(
        "UPDATE leaderboard_archives SET entries = ?, content_length = ? WHERE id = ?",
        entries, game.store.count(_LENGTH, archive_id), archive_id,
    )  # fmt: skip


def _free_key(game: Game, board_id: int, due: int) -> str:
    stem = f"leaderboards/{game.settings.game_id}/{board_id}/{due}"
    key, number = f"{stem}.json", 1
    # A clock that stands still lets a board be filled and reset twice at one moment.
    while game.store.row("SELECT 1 FROM leaderboard_archives WHERE key = ?", key) is not None:
        number += 1
        key = f"{stem}-{number}.json"
    return key


def _position(after: str | None) -> int:
    if not after or after == "0":
        return 0
    if not boards.NUMERIC_ID.fullmatch(after) or int(after) not in boards.INT64:
        raise bad_request("The cursor is none of this list", "after")
    return int(after)


def _columns(score: Mapping[str, Any], rank: int) -> tuple[Any, ...]:
    player = score.get("player") or {}
    return (
        rank, score["member_id"], score["score"], score.get("metadata"), player.get("id"), player.get("public_uid"),
        player.get("name"), player.get("player_ulid"),
    )  # fmt: skip


def _item(row: sqlite3.Row) -> dict[str, Any]:
    player = None
    if row["player_id"] is not None:
        player = {
            "id": row["player_id"],
            "public_uid": row["public_uid"],
            "name": row["name"],
            "player_ulid": row["player_ulid"],
        }
    return {
        "member_id": row["member_id"],
        "rank": row["rank"],
        "score": row["score"],
        "player": player,
        "metadata": row["metadata"],
    }
