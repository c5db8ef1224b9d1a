"""Rewards of the game: what leaderboards and catalogs give, each kept under a ULID of its own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from lootlocker_async.emulator import assets, currencies, payouts, players, progression_definitions, progressions
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.inventories import Grant, Granted

_T = TypeVar("_T")

KINDS = ("asset", "currency", "progression_points", "progression_reset", "group")
"""What a reward can give; each names the field that holds its details."""


def create(
    game: Game,
    kind: str,
    *,
    asset_id: int | None = None,
    asset_variation_id: int | None = None,
    asset_rental_option_id: int | None = None,
    currency_code: str | None = None,
    progression_key: str | None = None,
    amount: str | int | Decimal | None = None,
    name: str | None = None,
    description: str | None = None,
    metadata: Iterable[Mapping[str, str | None]] = (),
    reward_ids: Iterable[str] = (),
    reward_id: str | None = None,
    created_at: str | None = None,
    updated_at: str | None = None,
) -> str:
    """Makes a reward.

    Args:
        game: Its game.
        kind: One of `KINDS`; it says which of the other arguments count.
        asset_id: The asset, for `asset`.
        asset_variation_id: Its variation.
        asset_rental_option_id: How it is rented, if it is.
        currency_code: The currency, for `currency`.
        progression_key: The progression, for `progression_points` and `progression_reset`.
        amount: How much of the currency, or how many points.
        name: The name of a group.
        description: What a group is.
        metadata: Keys and texts on a group, each with `key` and `value`.
        reward_ids: The ULIDs of the rewards in a group.
        reward_id: Its ULID; a new one by default.
        created_at: When it was made; now by default.
        updated_at: When it was last changed; when it was made by default.

    Returns:
        Its ULID.

    Raises:
        ServiceError: There is no such kind, or what it names isn't there, or the ULID is taken.
    """
    spec: dict[str, Any]
    if kind == "asset":
        spec = _asset_spec(game, asset_id, asset_variation_id, asset_rental_option_id)
    elif kind == "currency":
        if amount is None:
            raise bad_request("The parameter amount is missing", "amount", "parameter_missing")
        code = currencies.by_code(game, _needed(currency_code, "currency_code"))["code"]
        spec = {"currency_code": code, "amount": payouts.check_amount(amount)}
    elif kind == "progression_points":
        if not isinstance(amount, int):
            raise bad_request("Points are a whole number", "amount")
        key = _progression_key(game, progression_key)
        spec = {"progression_key": key, "amount": payouts.check_points(amount)}
    elif kind == "progression_reset":
        spec = {"progression_key": _progression_key(game, progression_key)}
    elif kind == "group":
        pairs = [{"key": pair["key"], "value": pair.get("value")} for pair in metadata]
        members = _members(game, reward_ids)
        spec = {"name": name, "description": description, "metadata": pairs, "reward_ids": members}
    else:
        raise bad_request(f"There is no reward of kind {kind}", "kind")
    return _insert(game, kind, spec, reward_id=reward_id, created_at=created_at, updated_at=updated_at)


def _insert(
    game: Game,
    kind: str,
    spec: Mapping[str, Any],
    *,
    reward_id: str | None,
    created_at: str | None,
    updated_at: str | None,
) -> str:
    moment = game.clock.now()
    reward_id = reward_id or game.ids.ulid(moment)
    created_at = created_at or rfc3339(moment)
    if exists(game, reward_id):
        raise conflict("There is such a reward already", "reward_id")
    game.store.execute(
        "INSERT INTO rewards VALUES (?, ?, ?, ?, ?)",
        reward_id, kind, json.dumps(spec), created_at, updated_at or created_at,
    )  # fmt: skip
    return reward_id


def _asset_spec(
    game: Game, asset_id: int | None, variation_id: int | None, rental_option_id: int | None
) -> dict[str, Any]:
    asset_id = _needed(asset_id, "asset_id")
    payouts.check_asset(game, asset_id, variation_id, rental_option_id)
    return {
        "asset_id": asset_id,
        "asset_variation_id": variation_id,
        "asset_rental_option_id": rental_option_id,
    }


def _progression_key(game: Game, key: str | None) -> str:
    found: str = progression_definitions.get(game, _needed(key, "progression_key"))["key"]
    return found


def _members(game: Game, reward_ids: Iterable[str]) -> list[str]:
    members = list(reward_ids)
    for member in members:
        if kind_of(game, member) == "group":
            raise bad_request("A group cannot be in a group", "reward_ids")
    return members


def _needed(value: _T | None, param: str) -> _T:
    if value is None:
        raise bad_request(f"The parameter {param} is missing", param, "parameter_missing")
    return value


def exists(game: Game, reward_id: str) -> bool:
    """Whether there is such a reward."""
    return game.store.row("SELECT 1 FROM rewards WHERE id = ?", reward_id) is not None


def kind_of(game: Game, reward_id: str) -> str:
    """What a reward gives: one of `KINDS`.

    Raises:
        ServiceError: There is no such reward.
    """
    value: str = _row(game, reward_id)["kind"]
    return value


def pay(game: Game, player_id: int, reward_id: str, *, source: str = "reward") -> list[Granted]:
    """Gives a player a reward; a group gives all that is in it.

    Args:
        game: The game.
        player_id: The player.
        reward_id: The reward.
        source: How the inventory says that its assets were acquired.

    Returns:
        What came into the inventory by the reward itself, without what tiers gave that its points reached.

    Raises:
        ServiceError: There is no such player or reward.
    """
    row = _row(game, reward_id)
    players.require(game, player_id)
    given, spec = row["kind"], json.loads(row["spec"])
    with game.transaction():
        if given == "group":
            return [granted for member in spec["reward_ids"] for granted in pay(game, player_id, member, source=source)]
        if given == "asset":
            grant = Grant(spec["asset_id"], spec["asset_variation_id"], spec["asset_rental_option_id"])
            granted = payouts.give_asset(game, player_id, grant, source)
            return [] if granted is None else [granted]
        if given == "currency":
            payouts.give_currency(game, player_id, spec["currency_code"], spec["amount"])
        elif given == "progression_points":
            progressions.award_points(game, player_id, spec["progression_key"], spec["amount"])
        else:
            progressions.award_reset(game, player_id, spec["progression_key"])
    return []


def document(game: Game, reward_id: str) -> dict[str, Any]:
    """The five fields of a reward, one for each kind: the one that is its kind is filled, the others are null.

    Raises:
        ServiceError: There is no such reward.
    """
    row = _row(game, reward_id)
    fields: dict[str, Any] = dict.fromkeys(KINDS)
    fields[row["kind"]] = _group(game, row) if row["kind"] == "group" else _single(game, row)
    return fields


def details(game: Game, reward_id: str) -> dict[str, Any]:
    """What a reward that is no group gives, as it is shown: the contract's `AssetDetails` and the like.

    Raises:
        ServiceError: There is no such reward, or it is a group.
    """
    row = _row(game, reward_id)
    if row["kind"] == "group":
        raise bad_request("A group has no details of its own", "reward_id")
    return _details(game, row["kind"], json.loads(row["spec"]))


def _group(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    spec = json.loads(row["spec"])
    associations: list[dict[str, Any]] = []
    for member in spec["reward_ids"]:
        fields = document(game, member)
        del fields["group"]
        associations.append({"kind": kind_of(game, member), **fields})
    return {
        "reward_id": row["id"],
        "name": spec["name"],
        "description": spec["description"],
        "metadata": spec["metadata"],
        "associations": associations,
        "created_at": row["created_at"],
    }


def _single(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    given, spec = row["kind"], json.loads(row["spec"])
    shown = _details(game, given, spec)
    own: dict[str, Any]
    if given == "asset":
        own = {"asset_ulid": shown["id"], **spec}
    elif given == "currency":
        own = {"currency_id": shown["id"], "amount": spec["amount"]}
    elif given == "progression_points":
        own = {"progression_id": shown["id"], "amount": spec["amount"]}
    else:
        own = {"progression_id": shown["id"]}
    times = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
    return {"reward_id": row["id"], **own, "details": shown, **times}


def _details(game: Game, given: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    if given == "asset":
        return _asset_details(game, spec)
    if given == "currency":
        known = currencies.by_code(game, spec["currency_code"])
        return {"id": known["id"], "name": known["name"], "code": known["code"], "amount": spec["amount"]}
    progression = progression_definitions.get(game, spec["progression_key"])
    shown = {name: progression[name] for name in ("id", "key", "name")}
    return {**shown, "amount": spec["amount"]} if given == "progression_points" else shown


def _asset_details(game: Game, spec: Mapping[str, Any]) -> dict[str, Any]:
    asset = assets.get(game, spec["asset_id"])
    variation_id, rental_option_id = spec["asset_variation_id"], spec["asset_rental_option_id"]
    return {
        "id": asset["ulid"],
        "legacy_id": asset["id"],
        "name": asset["name"],
        "thumbnail": asset["links"].get("thumbnail"),
        "variation_id": variation_id,
        "variation_name": _name(asset["variations"], variation_id),
        "rental_option_id": rental_option_id,
        "rental_option_name": _name(asset["rental_options"], rental_option_id),
    }


def _name(choices: list[dict[str, Any]] | None, chosen: int | None) -> str | None:
    return next((choice.get("name") for choice in choices or () if choice["id"] == chosen), None)


def export(game: Game) -> list[dict[str, Any]]:
    """Every reward, as the keyword arguments of `create`; groups come after what is in them."""
    rows = game.store.rows("SELECT * FROM rewards ORDER BY kind = 'group', id")
    return [
        {
            "kind": row["kind"],
            "reward_id": row["id"],
            **json.loads(row["spec"]),
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
        }
        for row in rows
    ]


def _row(game: Game, reward_id: str) -> sqlite3.Row:
    row = game.store.row("SELECT * FROM rewards WHERE id = ?", reward_id)
    if row is None:
        raise not_found("reward", "reward_id")
    return row
