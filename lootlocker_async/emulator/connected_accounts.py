"""The sign-in providers that players have connected: their platform accounts, without those of guests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lootlocker_async.emulator.errors import bad_request
from lootlocker_async.emulator.game import Game

_MOST = 25
_PROVIDERS = {"xbox_one": "xbox", "playstation_network": "psn"}
"""Platforms that are called something else here."""
_NAMES = {
    "amazon_luna": "Amazon Luna", "apple": "Apple", "discord": "Discord", "epic_games": "Epic Games",
    "google": "Google", "google_play_games": "Google Play Games", "meta": "Meta", "nintendo_switch": "Nintendo Switch",
    "psn": "PlayStation Network", "steam": "Steam", "twitch": "Twitch", "white_label": "White Label", "xbox": "Xbox",
}  # fmt: skip


def of_players(game: Game, ulids: Sequence[str] = (), player_ids: Sequence[int] = ()) -> dict[str, Any]:
    """The accounts of players, each player once: first those by ULID, then those by number.

    A player that isn't there is left out (a guess: the contract has no 404 here).

    Args:
        game: The players' game.
        ulids: Players by ULID.
        player_ids: Players by numeric id.

    Raises:
        ServiceError: They are more than 25 in all.
    """
    if len(ulids) + len(player_ids) > _MOST:
        raise bad_request(f"At most {_MOST} players can be asked for at once", "player_ids")
    found = [
        *(game.store.row("SELECT id, ulid FROM players WHERE ulid = ?", ulid) for ulid in ulids),
        *(game.store.row("SELECT id, ulid FROM players WHERE id = ?", player_id) for player_id in player_ids),
    ]
    known = {row["id"]: row["ulid"] for row in found if row is not None}
    accounts: dict[int, list[dict[str, str]]] = {player_id: [] for player_id in known}
    for row in game.store.rows(
        "SELECT * FROM accounts WHERE platform <> 'guest' AND player_id IN (SELECT value FROM json_each(?))"
        " ORDER BY platform, identifier",
        json.dumps(list(known)),
    ):
        accounts[row["player_id"]].append(_account(row["platform"], row["identifier"]))
    return {
        "player_platforms": [
            {"player_id": ulid, "legacy_player_id": player_id, "connected_accounts": accounts[player_id]}
            for player_id, ulid in known.items()
        ]
    }


def _account(platform: str, identifier: str) -> dict[str, str]:
    provider = _PROVIDERS.get(platform, platform)
    name = _NAMES.get(provider, provider.replace("_", " ").title())
    return {"provider": provider, "provider_name": name, "player_identifier": identifier}
