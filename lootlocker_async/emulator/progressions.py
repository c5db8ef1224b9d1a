"""How far players, characters and asset instances have come on the game's progressions, and what that gives."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

import attrs

from lootlocker_async.emulator import inventories, paging, payouts, players, progression_definitions as definitions
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant

_SOURCE = "progression_reward"


@attrs.frozen
class Owner:
    """Whose points they are.

    Attributes:
        kind: What it is.
        player_id: The player that it is or belongs to, who gets what its tiers give.
        id: Its numeric id among its kind.
    """

    kind: Literal["player", "character", "asset_instance"]
    player_id: int
    id: int


def player(game: Game, player_id: int) -> Owner:
    """A player as an owner of points.

    Raises:
        ServiceError: There is no such player.
    """
    players.require(game, player_id)
    return Owner("player", player_id, player_id)


def character(game: Game, player_id: int, character_id: int) -> Owner:
    """A character as an owner of points.

    Raises:
        ServiceError: There is no such player, or it has no such character.
    """
    inventories.character(game, player_id, character_id)
    return Owner("character", player_id, character_id)


def asset_instance(game: Game, player_id: int, asset_instance_id: int) -> Owner:
    """An asset instance as an owner of points; they go when it goes.

    Raises:
        ServiceError: There is no such player, or it has no such instance.
    """
    players.require(game, player_id)
    if not game.store.row(
        "SELECT 1 FROM inventory WHERE instance_id = ? AND player_id = ?", asset_instance_id, player_id
    ):
        raise not_found("instance in the player's inventory", "asset_instance_id")
    return Owner("asset_instance", player_id, asset_instance_id)


def list_states(game: Game, owner: Owner, *, count: int = 20, after: str = "") -> dict[str, Any]:
    """One page of the progressions that an owner is on, by the ULIDs of the records: `ProgressionStatePage`."""
    rows, place = paging.key_page(
        game, "SELECT * FROM progression_standings WHERE owner_kind = ? AND owner_id = ?",
        owner.kind, owner.id, count=count, after=after,
    )  # fmt: skip
    return {"pagination": place, "items": [_document(row) for row in rows]}


def get_state(game: Game, owner: Owner, progression: str) -> dict[str, Any]:
    """How far an owner has come: the contract's `ProgressionState`.

    Raises:
        ServiceError: There is no such progression, or the owner is not on it.
    """
    return _document(_required(game, owner, definitions.find(game, progression)))


def delete(game: Game, owner: Owner, progression: str) -> None:
    """Takes an owner off a progression; a guess: also off one that is switched off.

    Raises:
        ServiceError: There is no such progression, or the owner is not on it.
    """
    row = _required(game, owner, definitions.find(game, progression))
    game.store.execute("DELETE FROM progression_states WHERE id = ?", row["id"])


def add_points(game: Game, owner: Owner, progression: str, amount: int) -> dict[str, Any]:
    """Adds points, starting the progression where needed, and gives what the tiers give that this reaches.

    Guesses: the first tier is where one starts, so it is never awarded; a tier that was lost and is reached again gives
    its rewards again; what a tier gives goes to the player, whoever has the points; a tier is awarded once by a call,
    however often its own rewards lead back to it; points beyond what can be counted are refused.

    Args:
        game: The game.
        owner: Whose points they are.
        progression: The progression's key or ULID.
        amount: How many.

    Returns:
        The contract's `ProgressionStateUpdate`, with the tiers of this progression that were reached.

    Raises:
        ServiceError: There is no such progression, or it is switched off, or the points would be too many.
    """
    found = _writable(game, progression)
    row = _row(game, owner, found)
    if payouts.check_points(amount) + (int(row["points"]) if row else 0) > payouts.UINT64:
        raise bad_request("The progression cannot hold so many points", "amount")
    with game.transaction():
        tiers = _award(game, owner, found, amount)
        return {**_document(_required(game, owner, found)), "awarded_tiers": tiers}


def subtract_points(game: Game, owner: Owner, progression: str, amount: int) -> dict[str, Any]:
    """Subtracts points, never below none; steps are lost by it, and what they gave is kept.

    Raises:
        ServiceError: There is no such progression, or it is switched off, or the owner is not on it.
    """
    found = _writable(game, progression)
    row = _required(game, owner, found)
    left = definitions.kept(max(0, int(row["points"]) - amount))
    game.store.execute("UPDATE progression_states SET points = ? WHERE id = ?", left, row["id"])
    return {**_document(_required(game, owner, found)), "awarded_tiers": []}


def reset(game: Game, owner: Owner, progression: str) -> dict[str, Any]:
    """Puts a progression back to no points.

    Raises:
        ServiceError: There is no such progression, or it is switched off, or the owner is not on it.
    """
    found = _writable(game, progression)
    _required(game, owner, found)
    _clear(game, owner, found)
    return {**_document(_required(game, owner, found)), "awarded_tiers": []}


def award_points(game: Game, player_id: int, progression: str, amount: int) -> None:
    """Gives a player points as a reward, with what they lead to: none on a progression that is switched off.

    Raises:
        ServiceError: There is no such player or progression.
    """
    owner, found = player(game, player_id), definitions.find(game, progression)
    if found["active"]:
        with game.transaction():
            _award(game, owner, found, amount)


def award_reset(game: Game, player_id: int, progression: str) -> None:
    """Resets a progression of a player as a reward, if it is on it and the progression is not switched off.

    Raises:
        ServiceError: There is no such player or progression.
    """
    owner, found = player(game, player_id), definitions.find(game, progression)
    if found["active"]:
        _clear(game, owner, found)


_Gain = tuple[Owner, Mapping[str, Any], int]


def _award(game: Game, owner: Owner, progression: Mapping[str, Any], amount: int) -> list[dict[str, Any]]:
    pending: deque[_Gain] = deque([(owner, progression, amount)])
    # Tiers can lead back to themselves by way of resets; each is awarded once, so this comes to an end.
    awarded: set[tuple[Owner, str, int]] = set()
    shown: list[dict[str, Any]] = []
    while pending:
        who, on, points = pending.popleft()
        for tier in _gain(game, who, on, points):
            place = (who, on["id"], tier["step"])
            if place in awarded:
                continue
            awarded.add(place)
            if place[:2] == (owner, progression["id"]):
                shown.append(definitions.tier(game, tier))
            pending.extend(_pay(game, owner.player_id, json.loads(tier["rewards"])))
    return shown


def _gain(game: Game, owner: Owner, progression: Mapping[str, Any], amount: int) -> list[sqlite3.Row]:
    row = _row(game, owner, progression) or _start(game, owner, progression)
    before = int(row["points"])
    now = min(before + amount, payouts.UINT64)
    tiers = definitions.reached(game, progression["id"], before, now)
    game.store.execute(
        "UPDATE progression_states SET points = ?, last_level_up = ? WHERE id = ?",
        definitions.kept(now), rfc3339(game.clock.now()) if tiers else row["last_level_up"], row["id"],
    )  # fmt: skip
    return tiers


def _pay(game: Game, player_id: int, rewards: Mapping[str, Any]) -> list[_Gain]:
    for asset in rewards["asset_rewards"]:
        grant = Grant(asset["asset_id"], asset["asset_variation_id"], asset["asset_rental_option_id"])
        payouts.give_asset(game, player_id, grant, _SOURCE)
    for currency in rewards["currency_rewards"]:
        payouts.give_currency(game, player_id, currency["currency_code"], currency["amount"])
    for given in rewards["progression_reset_rewards"]:
        award_reset(game, player_id, given["progression_key"])
    owner = Owner("player", player_id, player_id)
    gains = [(definitions.get(game, r["progression_key"]), r["amount"]) for r in rewards["progression_points_rewards"]]
    return [(owner, progression, amount) for progression, amount in gains if progression["active"]]


def _start(game: Game, owner: Owner, progression: Mapping[str, Any]) -> sqlite3.Row:
    insert(game, owner, progression, state_id=None, points=0, last_level_up=None)
    return _required(game, owner, progression)


def insert(
    game: Game, owner: Owner, progression: Mapping[str, Any], *,
    state_id: str | None, points: int, last_level_up: str | None,
) -> str:  # fmt: skip
    """Puts an owner on a progression, somewhere, without giving it anything.

    Returns:
        The ULID of the record.

    Raises:
        ServiceError: The owner is on it already, or the points are too many.
    """
    state_id = state_id or game.ids.ulid(game.clock.now())
    taken = game.store.row("SELECT 1 FROM progression_states WHERE id = ?", state_id)
    if taken is not None or _row(game, owner, progression) is not None:
        raise conflict("It is on this progression already, or the ULID is taken", "progression_key")
    game.store.execute(
        "INSERT INTO progression_states VALUES (?, ?, ?, ?, ?, ?, ?)",
        state_id, owner.kind, owner.id, owner.player_id, progression["id"],
        definitions.kept(payouts.check_points(points)), last_level_up,
    )  # fmt: skip
    return state_id


def _clear(game: Game, owner: Owner, progression: Mapping[str, Any]) -> None:
    game.store.execute(
        "UPDATE progression_states SET points = ?, last_level_up = NULL"
        " WHERE owner_kind = ? AND owner_id = ? AND progression_id = ?",
        definitions.kept(0), owner.kind, owner.id, progression["id"],
    )  # fmt: skip


def _writable(game: Game, progression: str) -> dict[str, Any]:
    found = definitions.find(game, progression)
    if not found["active"]:
        raise bad_request("The progression is switched off", "progression_key")
    return found


def _row(game: Game, owner: Owner, progression: Mapping[str, Any]) -> sqlite3.Row | None:
    return game.store.row(
        "SELECT * FROM progression_standings WHERE owner_kind = ? AND owner_id = ? AND progression_id = ?",
        owner.kind, owner.id, progression["id"],
    )  # fmt: skip


def _required(game: Game, owner: Owner, progression: Mapping[str, Any]) -> sqlite3.Row:
    row = _row(game, owner, progression)
    if row is None:
        raise not_found(f"progression of the {owner.kind.replace('_', ' ')}", "progression_key")
    return row


def _document(row: sqlite3.Row) -> dict[str, Any]:
    following = row["next_threshold"]
    return {
        "id": row["id"],
        "progression_id": row["progression_id"],
        "progression_key": row["progression_key"],
        "progression_name": row["progression_name"],
        "step": row["step"],
        "points": int(row["points"]),
        "previous_threshold": int(row["previous_threshold"]),
        "next_threshold": None if following is None else int(following),
        "last_level_up": row["last_level_up"],
    }


def export(game: Game) -> list[dict[str, Any]]:
    """Every record of how far an owner has come, as the keyword arguments of `World.add_progression_state`."""
    return [
        {
            "player_id": row["player_id"],
            **({} if row["owner_kind"] == "player" else {f"{row['owner_kind']}_id": row["owner_id"]}),
            "progression_key": row["progression_key"],
            "points": int(row["points"]),
            "last_level_up": row["last_level_up"],
            "state_id": row["id"],
        }
        for row in game.store.rows("SELECT * FROM progression_standings ORDER BY id")
    ]
