"""What the demo reads of the game, and what a plan must make of it: worked out apart from SDK and emulator."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from lootlocker_async.cli.demo.plan import Errand, Plan
from lootlocker_async.cli.demo.scene import GOLD, RENOWN, Scene

__all__ = ["Standing", "World", "digest", "expected", "tiers_reached"]


@attrs.frozen
class Standing:
    """A member's score on the board, and the metadata kept with it."""

    score: int
    metadata: str | None


@attrs.frozen(kw_only=True)
class World:
    """What the demo reads of the game, before and after.

    Attributes:
        board: Each member's standing on the long board.
        inventories: How many instances of each asset each player has.
        points: The points that each player has on each progression.
        balances: What each player has of each currency.
        storage: What is stored for each player, by key.
        files: The digest of each player's file.
    """

    board: Mapping[str, Standing]
    inventories: Mapping[int, Counter[int]]
    points: Mapping[int, Mapping[str, int]] = {}
    balances: Mapping[int, Mapping[str, Decimal]] = {}
    storage: Mapping[int, Mapping[str, str]] = {}
    files: Mapping[int, str] = {}

    @property
    def fingerprint(self) -> str:
        """A digest: equal worlds have equal ones, in this run and in any other."""
        board = {member: [standing.score, standing.metadata] for member, standing in self.board.items()}
        inventories = {player: sorted(items.items()) for player, items in self.inventories.items()}
        balances = {
            player: {code: f"{amount.normalize():f}" for code, amount in held.items()}
            for player, held in self.balances.items()
        }
        points = {player: dict(at) for player, at in self.points.items()}
        storage = {player: dict(kept) for player, kept in self.storage.items()}
        text = json.dumps([board, inventories, points, balances, storage, dict(self.files)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(contents: bytes) -> str:
    """What tells a file's contents from others."""
    return hashlib.sha256(contents).hexdigest()


def expected(before: World, plan: Plan, drawn: Mapping[int, Iterable[int]] | None = None) -> World:
    """What the plan makes of a world when each of its calls takes effect exactly once.

    Args:
        before: The world before, in which nobody has points or a wallet.
        plan: What is done.
        drawn: What came out of boxes, which only the service decides.
    """
    board = dict(before.board)
    inventories = {player: Counter(items) for player, items in before.inventories.items()}
    for turn in plan.turns:
        had = board.get(turn.member_id)
        # The board keeps the better score: a submission that isn't better changes nothing, its metadata included.
        best = Standing(turn.score, turn.metadata) if had is None or turn.score > had.score else had
        board[turn.member_id] = Standing(best.score + sum(turn.amounts), best.metadata)
        inventories[turn.player_id].update(turn.assets)
    for player_id, items in (drawn or {}).items():
        inventories[player_id].update(items)
    due = World(board=board, inventories=inventories, points={}, balances={}, storage={}, files={})
    if plan.scene is None:
        return due
    return attrs.evolve(
        due,
        points={player: _points(errand, plan.scene) for player, errand in plan.errands},
        balances={player: _balances(errand, plan.scene) for player, errand in plan.errands},
        inventories=_with_errands(inventories, plan, plan.scene),
        storage={player: storage_of(errand) for player, errand in plan.errands},
        files={player: digest(contents) for player, contents in plan.keepers.items()},
    )


def storage_of(errand: Errand) -> dict[str, str]:
    """What is stored for a player."""
    return {"loadout": errand.loadout, "bought": str(errand.buys)}


def tiers_reached(points: Mapping[str, int], scene: Scene) -> Counter[tuple[str, int]]:
    """The tiers that somebody has reached, each as its progression and its place among the scene's tiers."""
    return Counter(
        (key, place) for key, has in points.items() for place, tier in enumerate(scene.tiers[key]) if tier.points <= has
    )


def _points(errand: Errand, scene: Scene) -> dict[str, int]:
    points = {key: sum(amounts) for key, amounts in errand.points.items()}
    renown = sum(scene.tiers[key][place].renown for key, place in tiers_reached(points, scene))
    return {**points, RENOWN: renown} if renown else points


def _balances(errand: Errand, scene: Scene) -> dict[str, Decimal]:
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for code, amounts in errand.trades.items():
        held[code] += sum(amounts)
    held[GOLD] -= scene.prices[errand.buys]
    for key, place in tiers_reached(_points(errand, scene), scene):
        code, amount = scene.tiers[key][place].currency
        held[code] += amount
    return dict(held)


def _with_errands(inventories: Mapping[int, Counter[int]], plan: Plan, scene: Scene) -> dict[int, Counter[int]]:
    after = {player: Counter(items) for player, items in inventories.items()}
    for player_id, errand in plan.errands:
        items = after[player_id]
        items[errand.buys] += 1
        for key, place in tiers_reached(_points(errand, scene), scene):
            asset_id = scene.tiers[key][place].asset_id
            if asset_id is not None:
                items[asset_id] += 1
        if errand.picks is not None:
            items[errand.picks] += 1
        if errand.opens:
            items[scene.box] -= 1
        after[player_id] = +items
    return after
