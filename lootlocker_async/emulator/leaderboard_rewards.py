"""What the resets of a leaderboard give, and to whom."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from lootlocker_async.emulator import boards, leaderboard_archives, rewards
from lootlocker_async.emulator.errors import ServiceError, bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game

_METHODS = ("by_rank", "by_percent")
_DIRECTIONS = ("asc", "desc")


@attrs.frozen
class Predicate:
    """A condition on the members that get a reward.

    Attributes:
        type: How it compares: `between`.
        low: The first rank or percent that gets the reward.
        high: The last one.
        method: `by_rank` or `by_percent`.
        direction: `asc`, where the count starts at the top, or `desc`.
        ulid: Its ULID, where it has one already.
    """

    type: str
    low: int
    high: int
    method: str
    direction: str
    ulid: str | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any], place: str) -> Predicate:
        """Reads the contract's `LeaderboardRewardPredicate`; it counts ranks from the top where it doesn't say.

        Raises:
            ServiceError: It is none that the emulator knows.
        """
        args = document.get("args") or {}
        if document["type"] != "between":
            raise bad_request("The only type of predicate is between", f"{place}.type")
        for name in ("min", "max"):
            if name not in args:
                raise bad_request(f"The parameter {name} is missing", f"{place}.args.{name}", "parameter_missing")
        if args["min"] > args["max"]:
            raise bad_request("The first one comes after the last one", f"{place}.args.min")
        method, direction = args.get("method") or _METHODS[0], args.get("direction") or _DIRECTIONS[0]
        for name, text, known in (("method", method, _METHODS), ("direction", direction, _DIRECTIONS)):
            if text not in known:
                raise bad_request(f"The {name} is {' or '.join(known)}", f"{place}.args.{name}")
        return cls("between", args["min"], args["max"], method, direction, document.get("id"))

    def document(self) -> dict[str, Any]:
        """The contract's `LeaderboardRewardPredicate`."""
        args = {"min": self.low, "max": self.high, "method": self.method, "direction": self.direction}
        return {"id": self.ulid, "type": self.type, "args": args}

    def ranks(self, total: int) -> tuple[int, int]:
        """The first and the last rank that it takes in, both included, of a board with so many entries.

        The rank r of n is at r * 100 / n percent, so that 1 to 25 percent of four entries is the first one.
        """
        low, high = self.low, self.high
        if self.method == "by_percent":
            low, high = -(-low * total // 100), high * total // 100
        if self.direction == "desc":
            low, high = total + 1 - high, total + 1 - low
        return low, high


def attach(
    game: Game, leaderboard_key: str, *, reward_id: str, reward_kind: str, predicates: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Attaches a reward of the game to a board; a board takes each reward once, which is a guess.

    Returns:
        The reward as attached.

    Raises:
        ServiceError: There is no such board or reward, the reward is of another kind or attached already, or one of
            the predicates is unknown.
    """
    board = boards.find(game, leaderboard_key)
    if rewards.kind_of(game, reward_id) != reward_kind:
        raise bad_request("The reward is of another kind", "reward_kind")
    with game.transaction():
        _insert(game, board.id, reward_id, reward_kind, predicates)
    return _document(game, _attached(game, board.id, reward_id))


def attach_document(game: Game, board_id: int, document: Mapping[str, Any]) -> None:
    """Attaches what a world says of a reward: the contract's `LeaderboardReward`.

    A reward that the game doesn't have is shown as the document has it and paid to nobody.

    Raises:
        ServiceError: The game has no such reward, and the document doesn't say what it gives.
    """
    reward_id, kind = document["reward_id"], document["reward_kind"]
    if document.get(kind) and game.store.row("SELECT 1 FROM rewards WHERE id = ?", reward_id) is None:
        _insert(game, board_id, reward_id, kind, (), shown=json.dumps(dict(document)))
    else:
        _insert(game, board_id, reward_id, rewards.kind_of(game, reward_id), document.get("predicates") or ())


def detach(game: Game, leaderboard_key: str, reward_id: str) -> None:
    """Lets a board no longer give a reward.

    Raises:
        ServiceError: There is no such board, or the reward isn't attached to it.
    """
    attached = _attached(game, boards.find(game, leaderboard_key).id, reward_id)
    game.store.execute("DELETE FROM leaderboard_rewards WHERE id = ?", attached["id"])


def documents(game: Game, board_id: int) -> list[dict[str, Any]]:
    """What a board gives, by the time of attaching: the contract's `LeaderboardReward` of each."""
    return [_document(game, row) for row in _rows(game, board_id)]


def export(game: Game, board_id: int) -> list[dict[str, Any]]:
    """What a board gives, as a world says it: kind, predicates and, of a reward that isn't the game's, all it shows."""
    return [
        {
            "reward_id": row["reward_id"],
            "reward_kind": row["reward_kind"],
            **(
                {"predicates": [predicate.document() for predicate in _predicates(game, row["id"])]}
                if row["shown"] is None
                else {"shown": json.loads(row["shown"])}
            ),
        }
        for row in _rows(game, board_id)
    ]


def pay(game: Game, board_id: int, archive_id: int) -> None:
    """Pays the rewards of a player board to the members of its archive that match all predicates of each.

    A reward that can't be given to a member, such as a unique asset that it owns, is passed over.
    """
    total = game.store.count("SELECT entries FROM leaderboard_seasons WHERE id = ?", archive_id)
    for attached in _rows(game, board_id):
        if attached["shown"] is not None:
            continue
        ranges = [(1, total), *(predicate.ranks(total) for predicate in _predicates(game, attached["id"]))]
        # Bounds can be beyond what the store counts.
        first, last = min(max(low for low, _ in ranges), total + 1), max(min(high for _, high in ranges), 0)
        for player_id in leaderboard_archives.winners(game, archive_id, first, last):
            _pay_one(game, player_id, attached["reward_id"])


def _pay_one(game: Game, player_id: int, reward_id: str) -> None:
    try:
        with _savepoint(game):
            rewards.pay(game, player_id, reward_id)
    except ServiceError:
        return  # the others get theirs all the same


@contextmanager
def _savepoint(game: Game) -> Iterator[None]:
    game.store.execute("SAVEPOINT payment")
    try:
        yield
    except ServiceError:
        game.store.execute("ROLLBACK TO payment")
        raise
    finally:
        game.store.execute("RELEASE payment")


def _insert(
    game: Game,
    board_id: int,
    reward_id: str,
    kind: str,
    predicates: Iterable[Mapping[str, Any]],
    *,
    shown: str | None = None,
) -> None:
    read = [Predicate.read(predicate, f"predicates.{number}") for number, predicate in enumerate(predicates)]
    taken = "SELECT 1 FROM leaderboard_rewards WHERE board_id = ? AND reward_id = ?"
    if game.store.row(taken, board_id, reward_id) is not None:
        raise conflict("The reward is attached to the leaderboard already", "reward_id")
    attachment_id = game.store.insert(
        "INSERT INTO leaderboard_rewards (board_id, reward_id, reward_kind, shown) VALUES (?, ?, ?, ?)",
        board_id, reward_id, kind, shown,
    )  # fmt: skip
    now = game.clock.now()
    game.store.insert_many(
        "INSERT INTO leaderboard_predicates VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (attachment_id, position, one.ulid or game.ids.ulid(now), one.type, one.low, one.high, one.method,
             one.direction)
            for position, one in enumerate(read)
        ],
    )  # fmt: skip


def _rows(game: Game, board_id: int) -> list[sqlite3.Row]:
    return game.store.rows("SELECT * FROM leaderboard_rewards WHERE board_id = ? ORDER BY id", board_id)


def _attached(game: Game, board_id: int, reward_id: str) -> sqlite3.Row:
    row = game.store.row("SELECT * FROM leaderboard_rewards WHERE board_id = ? AND reward_id = ?", board_id, reward_id)
    if row is None:
        raise not_found("reward of the leaderboard", "reward_id")
    return row


def _predicates(game: Game, attachment_id: int) -> list[Predicate]:
    rows = game.store.rows(
        "SELECT type, low, high, method, direction, ulid FROM leaderboard_predicates WHERE attachment_id = ?"
        " ORDER BY position",
        attachment_id,
    )
    return [Predicate(*row) for row in rows]


def _document(game: Game, attached: sqlite3.Row) -> dict[str, Any]:
    if attached["shown"] is not None:
        shown: dict[str, Any] = json.loads(attached["shown"])
        return shown
    return {
        "reward_id": attached["reward_id"],
        "reward_kind": attached["reward_kind"],
        "predicates": [predicate.document() for predicate in _predicates(game, attached["id"])],
        **rewards.document(game, attached["reward_id"]),
    }
