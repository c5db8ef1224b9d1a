"""Players: made for platform accounts, and looked up by any of their ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict

from lootlocker_async.emulator.errors import bad_request, not_found
from lootlocker_async.emulator.game import Game

_COLUMNS = {
    "player_id": "id", "player_ulid": "ulid", "player_public_uid": "public_uid", "player_name": "name",
}  # fmt: skip
_PLATFORMS = {"player_guest_login_id": "guest", "steam_id": "steam", "psn_id": "psn", "xbox_id": "xbox_one"}


class PlayerIds(TypedDict):
    """The two ids of a player."""

    player_id: int
    player_ulid: str


class PlayerName(TypedDict):
    """A player's name and ids."""

    player_id: int
    ulid: str
    player_public_uid: str
    name: str | None
    last_active_platform: str
    platform_player_id: str | None


def create(game: Game, platform: str, identifier: str) -> PlayerIds:
    """Makes the player of a platform account, or finds it."""
    row = game.store.row(
        "SELECT p.id, p.ulid FROM accounts a JOIN players p ON p.id = a.player_id"
        " WHERE a.platform = ? AND a.identifier = ?",
        platform, identifier,
    )  # fmt: skip
    if row is not None:
        return {"player_id": row["id"], "player_ulid": row["ulid"]}
    return insert(game, platform, identifier)


def insert(
    game: Game,
    platform: str,
    identifier: str,
    *,
    name: str | None = None,
    player_id: int | None = None,
    ulid: str | None = None,
    public_uid: str | None = None,
) -> PlayerIds:
    """Makes a player with one platform account; ids that aren't given are made."""
    ulid = ulid or game.ids.ulid(game.clock.now())
    with game.transaction():
        player_id = game.store.insert(
            "INSERT INTO players (id, ulid, public_uid, name, platform, platform_player_id) VALUES (?, ?, ?, ?, ?, ?)",
            player_id, ulid, public_uid or game.ids.public_uid(), name, platform, _shown(platform, identifier),
        )  # fmt: skip
        game.store.execute("INSERT INTO accounts VALUES (?, ?, ?)", platform, identifier, player_id)
    return {"player_id": player_id, "player_ulid": ulid}


# What identifies a player's first account: the one that its record shows, and for guests the first of them.
_FIRST_ACCOUNT = (
    "a.platform = p.platform AND a.identifier = coalesce(p.platform_player_id, (SELECT min(identifier) FROM accounts"
    " WHERE player_id = p.id AND platform = p.platform))"
)


def export(game: Game) -> list[dict[str, Any]]:
    """Every player with its first account, as the arguments that make it again."""
    rows = game.store.rows(
        "SELECT p.name, p.platform, a.identifier, p.id player_id, p.ulid, p.public_uid FROM players p"  # nosec B608  # the module's own names; values are bound
        f" JOIN accounts a ON a.player_id = p.id AND {_FIRST_ACCOUNT} ORDER BY p.id"
    )
    return [dict(row) for row in rows]


def export_accounts(game: Game) -> list[dict[str, Any]]:
    """Every account beyond a player's first."""
    rows = game.store.rows(
        "SELECT a.player_id, a.platform, a.identifier FROM players p JOIN accounts a ON a.player_id = p.id"  # nosec B608  # the module's own names; values are bound
        f" WHERE NOT ({_FIRST_ACCOUNT}) ORDER BY p.id, a.platform, a.identifier"
    )
    return [dict(row) for row in rows]


def insert_guests(game: Game, names: Iterable[str]) -> range:
    """Makes many players at once.

    Returns:
        Their numeric ids.
    """
    ids, moment = game.ids, game.clock.now()
    with game.transaction():
        last = game.store.count("SELECT seq FROM sqlite_sequence WHERE name = 'players'")
        # Among a million players two of the short ids are often alike.
        taken = {row["public_uid"] for row in game.store.rows("SELECT public_uid FROM players")}
        rows = [
            (number, ids.ulid(moment), _unlike(taken, ids.public_uid), name, "guest", None)
            for number, name in enumerate(names, last + 1)
        ]
        game.store.insert_many("INSERT INTO players VALUES (?, ?, ?, ?, ?, ?)", rows)
        game.store.insert_many(
            "INSERT INTO accounts VALUES ('guest', ?, ?)", ((f"guest-{row[2]}", row[0]) for row in rows)
        )
    return range(last + 1, last + 1 + len(rows))


def _unlike(taken: set[str], make: Callable[[], str]) -> str:
    """A new text that is not among those that are taken, and is from now on."""
    while (text := make()) in taken:
        pass
    taken.add(text)
    return text


def _shown(platform: str, identifier: str) -> str | None:
    return None if platform == "guest" else identifier


def require(game: Game, player_id: int, param: str = "player_id") -> None:
    """Makes sure that a player is there.

    Raises:
        ServiceError: It is not.
    """
    if game.store.row("SELECT 1 FROM players WHERE id = ?", player_id) is None:
        raise not_found("player", param)


def lookup_names(game: Game, wanted: Mapping[str, Sequence[str | int]]) -> dict[str, list[PlayerName]]:
    """Finds players by ids of any kind.

    Args:
        game: Their game.
        wanted: The ids, by the name of their query key.

    Returns:
        Each player that was found, once.

    Raises:
        ServiceError: No id was given.
    """
    if not any(wanted.values()):
        raise bad_request("At least one id of a player is needed", code="parameter_missing")
    found: dict[int, PlayerName] = {}
    for kind, values in wanted.items():
        many = json.dumps(list(values))
        if kind in _COLUMNS:
            condition = f"{_COLUMNS[kind]} IN (SELECT value FROM json_each(?))"  # nosec B608  # the module's own names; values are bound
            rows = game.store.rows(f"SELECT * FROM players WHERE {condition} ORDER BY id", many)  # nosec B608  # the module's own names; values are bound
        else:
            condition = "a.platform = ? AND a.identifier IN (SELECT value FROM json_each(?))"
            rows = game.store.rows(
                f"SELECT p.* FROM accounts a JOIN players p ON p.id = a.player_id WHERE {condition} ORDER BY p.id",  # nosec B608  # the module's own names; values are bound
                _PLATFORMS[kind], many,
            )  # fmt: skip
        for row in rows:
            found[row["id"]] = {
                "player_id": row["id"],
                "ulid": row["ulid"],
                "player_public_uid": row["public_uid"],
                "name": row["name"],
                "last_active_platform": row["platform"],
                "platform_player_id": row["platform_player_id"],
            }
    return {"players": list(found.values())}


def lookup_session_tokens(game: Game, tokens: Sequence[str]) -> dict[str, list[object]]:
    """Finds the players behind game session tokens, each token once."""
    rows = game.store.rows(
        "SELECT s.token, p.id, p.ulid FROM game_sessions s JOIN players p ON p.id = s.player_id"
        " WHERE s.expires_at > ? AND s.token IN (SELECT value FROM json_each(?))",
        game.clock.timestamp(), json.dumps(list(tokens)),
    )  # fmt: skip
    known = {row["token"]: row for row in rows}
    asked = list(dict.fromkeys(tokens))
    return {
        "failed_tokens": [token for token in asked if token not in known],
        "player_info_list": [
            {"id": known[token]["ulid"], "legacy_id": known[token]["id"], "token": token}
            for token in asked
            if token in known
        ],
    }
