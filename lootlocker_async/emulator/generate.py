"""A whole game, made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from random import Random
from typing import Any

import attrs

from lootlocker_async.emulator import assets, inventories, leaderboards, players
from lootlocker_async.emulator.clock import Clock, rfc2822
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.ids import Ids

_MADE_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_FIRST = (
    "Amber", "Brave", "Crimson", "Dusky", "Ember", "Frosty", "Gilded", "Hidden", "Iron", "Jolly", "Keen", "Lunar",
    "Misty", "Noble", "Oaken", "Pale", "Quiet", "Rusty", "Silver", "Tidal", "Umber", "Velvet", "Wild", "Young",
)  # fmt: skip
_SECOND = (
    "Badger", "Comet", "Drake", "Elk", "Falcon", "Golem", "Heron", "Ibex", "Jackal", "Kestrel", "Lynx", "Marten",
    "Newt", "Otter", "Panther", "Quail", "Raven", "Stag", "Tiger", "Urchin", "Viper", "Wolf", "Yak", "Zephyr",
)  # fmt: skip
_RARITIES = (
    {"name": "Common", "short_name": "C", "color": "9D9D9D"},
    {"name": "Uncommon", "short_name": "U", "color": "1EFF00"},
    {"name": "Rare", "short_name": "R", "color": "0070DD"},
    {"name": "Epic", "short_name": "E", "color": "A335EE"},
    {"name": "Legendary", "short_name": "L", "color": "FF8000"},
    None,
)
_KINDS = (("Blade", "Weapon", 31), ("Helm", "Headwear", 32), ("Cloak", "Cape", 33), ("Potion", "Consumable", 34),
          ("Charm", "Trinket", 35))  # fmt: skip
_MATERIALS = ("Bronze", "Emberfang", "Frostbound", "Moonlit", "Stormforged", "Sunken")
_MODES = ("arena", "raid", "quest")
_ARENA = "weekly_arena"


@attrs.frozen(kw_only=True)
class GeneratedGame:
    """What a generated game has.

    Attributes:
        board_key: The long player board.
        board_keys: Every board.
        board_players: The players with an entry on the long board, by their numeric ids.
        inventory_players: Those of them with inventories.
        asset_ids: The assets.
        scores: How many entries the boards have together.
        items: How many items the inventories have together.
    """

    board_key: str
    board_keys: tuple[str, ...]
    board_players: range
    inventory_players: range
    asset_ids: tuple[int, ...]
    scores: int
    items: int


def generate(game: Game, *, owners: int, scores: int, items_per_player: int, seed: int) -> GeneratedGame:
    """Makes a game up, the same one for the same seed.

    Args:
        game: Where.
        owners: How many players have inventories.
        scores: How many entries the board `weekly_arena` has.
        items_per_player: How many items an inventory has on average.
        seed: What it depends on.

    Returns:
        What there is.
    """
    random = Random(seed)
    with game.made_by(Clock(_MADE_AT, frozen=True), Ids(random)), game.transaction():
        names = islice(_names(random), max(owners, scores))
        everyone = players.insert_guests(game, names)
        boards = {
            _ARENA: _arena(game, random, everyone[:scores]),
            "guild_trophies": _guilds(game, random),
            "speedrun_caves": _speedruns(game, random, everyone[:owners]),
            "daily_challenge": _daily(game, random, everyone[:owners]),
        }
        asset_ids = tuple(_asset(game, random, number) for number in range(len(_KINDS) * len(_MATERIALS)))
        for asset_id in asset_ids[:2]:
            inventories.add_universal(game, inventories.Grant(asset_id))
        items = _inventories(game, random, everyone[:owners], asset_ids, items_per_player)
    return GeneratedGame(
        board_key=_ARENA,
        board_keys=tuple(boards),
        board_players=everyone[:scores],
        inventory_players=everyone[:owners],
        asset_ids=asset_ids,
        scores=sum(boards.values()),
        items=items,
    )


def _names(random: Random) -> Iterator[str]:
    pairs = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    random.shuffle(pairs)
    yield from pairs
    for number in count(2):
        yield from (f"{pair} {number}" for pair in pairs)


def _board(game: Game, key: str, **settings: Any) -> None:  # noqa: ANN401 - the settings of a board
    name = key.replace("_", " ").title()
    leaderboards.create(game, leaderboards.Settings(key=key, name=name, **settings))


def _arena(game: Game, random: Random, members: range) -> int:
    _board(game, _ARENA, type="player", direction_method="descending", has_metadata=True)
    # Few enough different scores for ties to be common.
    scores = [int(random.triangular(100, 25_000, 4_000)) for _ in members]
    classes = ("ranger", "warden", "mage")
    rows = [
        (str(member), score, f'{{"hero":"{classes[score % 3]}"}}')
        for member, score in zip(members, scores, strict=True)
    ]
    return leaderboards.add_scores(game, _ARENA, rows)


def _guilds(game: Game, random: Random) -> int:
    _board(game, "guild_trophies", type="generic", direction_method="descending", overwrite_score_on_submit=True)
    guilds = (f"guild_{second.lower()}" for second in _SECOND)
    return leaderboards.add_scores(game, "guild_trophies", [(guild, random.randrange(500)) for guild in guilds])


def _speedruns(game: Game, random: Random, members: range) -> int:
    _board(game, "speedrun_caves", type="player", direction_method="ascending")
    runners = [member for member in members if random.random() < 0.6]
    rows = [(str(member), random.randrange(60_000, 600_000)) for member in runners]
    return leaderboards.add_scores(game, "speedrun_caves", rows)


def _daily(game: Game, random: Random, members: range) -> int:
    _board(game, "daily_challenge", type="generic", direction_method="descending", has_metadata=True)
    rows = [
        (str(member), random.randrange(10_000), f'{{"mode":"{random.choice(_MODES)}"}}')
        for member in members
        if random.random() < 0.4
    ]
    return leaderboards.add_scores(game, "daily_challenge", rows)


def _asset(game: Game, random: Random, number: int) -> int:
    kind, context, context_id = _KINDS[number % len(_KINDS)]
    name = f"{_MATERIALS[number // len(_KINDS)]} {kind}"
    price = random.randrange(0, 1_000, 50)
    variations = _variations(number) if random.random() < 0.4 else []
    fields: dict[str, Any] = {
        "context": context,
        "context_id": context_id,
        "price": price,
        "sales_price": price // 2 if random.random() < 0.2 else None,
        "display_price": f"{price} gold" if price else None,
        "purchasable": bool(price),
        "rarity": random.choice(_RARITIES),
        "popularity_score": random.randrange(100),
        "popular": random.random() < 0.1,
        "description": f"{name}, found in the caves.",
        "storage": [{"key": "power", "value": str(random.randrange(1, 100))}],
        "filters": [{"name": "slot", "value": context.lower()}],
        "variations": variations,
        "default_variation_id": variations[0]["id"] if variations else None,
        "rental_options": _rental_options(number) if random.random() < 0.3 else None,
        "marked_new": rfc2822(_MADE_AT) if random.random() < 0.2 else None,
    }
    asset_id: int = assets.create(game, name, fields)["id"]
    return asset_id


def _variations(number: int) -> list[dict[str, Any]]:
    return [
        {
            "id": 100 * (number + 1) + offset,
            "name": name,
            "primary_color": colour,
            "secondary_color": None,
            "properties": [],
            "links": {},
        }
        for offset, (name, colour) in enumerate((("Plain", "8A8A8A"), ("Ember", "AA2200"), ("Frost", "3366AA")))
    ]


def _rental_options(number: int) -> list[dict[str, Any]]:
    return [
        {"id": 10 * number + 1, "name": "One day", "duration": 86_400, "price": 60, "sales_price": None, "links": {}},
        {"id": 10 * number + 2, "name": "For good", "duration": None, "price": 200, "sales_price": None, "links": {}},
    ]


def _inventories(game: Game, random: Random, members: range, asset_ids: tuple[int, ...], mean: int) -> int:
    moment = game.clock.timestamp()
    variation = {asset_id: assets.get(game, asset_id)["default_variation_id"] for asset_id in asset_ids}
    sources = ("grant_server_api", "grant_default_loadout", "grant_support")
    rows: list[tuple[int, int, int | None, str, float]] = []
    for index, player_id in enumerate(members):
        # One player in fifty is a hoarder, whose inventory takes more than the longest page.
        size = random.randrange(201, 261) if index % 50 == 7 else random.randrange(2 * mean + 1)
        rows.extend(
            (player_id, asset_id, variation[asset_id], random.choice(sources), moment)
            for asset_id in random.choices(asset_ids, k=size)
        )
    game.store.insert_many(
        "INSERT INTO inventory (player_id, holder, asset_id, variation_id, source, acquired_at)"
        " VALUES (?, '', ?, ?, ?, ?)",
        rows,
    )
    return len(rows)
