"""The economy of the demo's game: what the Server API itself cannot create, made by the emulator's `world`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from lootlocker_async.emulator import GeneratedGame, World

__all__ = ["BOX", "CATALOG", "CHEST", "CURRENCIES", "GEMS", "GOLD", "RENOWN", "Scene", "Tier", "make_scene"]

GOLD, GEMS = "GLD", "GEM"
CURRENCIES: Mapping[str, str] = {GOLD: "Gold", GEMS: "Gems"}
CATALOG = "armoury"
RENOWN = "renown"
"""The progression that nobody adds points to: they come from the tiers of the others."""
CHEST, BOX = "Supply Chest", "Mystery Box"
_TROPHIES = {"Tin Cup": 60, "Silver Cup": 30, "Golden Cup": 9, "Crown of Embers": 1}
_IN_A_CHEST = 3


@attrs.frozen(kw_only=True)
class Tier:
    """A tier of a progression, and what reaching it gives.

    Attributes:
        points: The points that reach it.
        currency: The currency it gives, and how much.
        asset_id: The asset that it gives, if it does.
        renown: The points on `RENOWN` that it gives.
    """

    points: int
    currency: tuple[str, Decimal]
    asset_id: int | None = None
    renown: int = 0

    @property
    def rewards(self) -> dict[str, list[dict[str, object]]]:
        """What it gives, as the contract's `TierRewards`."""
        code, amount = self.currency
        rewards: dict[str, list[dict[str, object]]] = {
            "currency_rewards": [{"currency_code": code, "amount": str(amount)}]
        }
        if self.asset_id is not None:
            rewards["asset_rewards"] = [{"asset_id": self.asset_id}]
        if self.renown:
            rewards["progression_points_rewards"] = [{"progression_key": RENOWN, "amount": self.renown}]
        return rewards


@attrs.frozen(kw_only=True)
class Scene:
    """What there is to earn, to buy and to open.

    Attributes:
        tiers: The tiers of each progression.
        prices: What each asset of the catalog costs, in gold.
        listings: How many things the catalog sells, bundles and the like among them.
        chest: The asset that is a drop table: it shows all its contents, of which one may be taken.
        chest_contents: The assets in it.
        box: The asset that is a loot box.
        trophies: The assets that come out of it and from nowhere else, with their weights.
    """

    tiers: Mapping[str, tuple[Tier, ...]]
    prices: Mapping[int, int]
    listings: int
    chest: int
    chest_contents: tuple[int, ...]
    box: int
    trophies: Mapping[int, int]

    @property
    def progressions(self) -> tuple[str, ...]:
        """The progressions that points are added to."""
        return tuple(key for key in self.tiers if key != RENOWN)

    def hand_out(self, world: World, *, chests: Iterable[int], boxes: Iterable[int]) -> None:
        """Give players the chests and the boxes that they are going to open.

        Args:
            world: The builder.
            chests: The players who get a chest.
            boxes: The players who get a box.
        """
        for asset_id, player_ids in ((self.chest, chests), (self.box, boxes)):
            for player_id in player_ids:
                world.grant(player_id, asset_id)


def make_scene(world: World, game: GeneratedGame) -> Scene:
    """Make the economy of a game.

    Args:
        world: The builder.
        game: The game that it is for.

    Returns:
        What there is.
    """
    for code, name in CURRENCIES.items():
        world.add_currency(code, name=name)
    tiers = _tiers(game.asset_ids)
    for key, steps in tiers.items():
        world.add_progression(key, name=key.replace("_", " ").title())
        for tier in steps:
            world.add_progression_tier(key, tier.points, rewards=tier.rewards)
    prices = {asset_id: 15 + 7 * number for number, asset_id in enumerate(game.asset_ids)}
    contents = game.asset_ids[-_IN_A_CHEST:]
    chest = world.add_asset(CHEST)
    items = [{"asset_id": asset_id, "weight": 10 * (place + 1)} for place, asset_id in enumerate(contents)]
    world.add_drop_table(chest, [{"items": items, "draws": len(items)}], max_picks=1)
    trophies = {world.add_asset(name): weight for name, weight in _TROPHIES.items()}
    box = world.add_asset(BOX)
    world.add_loot_box(box, [{"asset_id": asset_id, "weight": weight} for asset_id, weight in trophies.items()])
    return Scene(
        tiers=tiers,
        prices=prices,
        listings=_fill_catalog(world, prices),
        chest=chest,
        chest_contents=contents,
        box=box,
        trophies=trophies,
    )


def _tiers(asset_ids: tuple[int, ...]) -> dict[str, tuple[Tier, ...]]:
    return {
        RENOWN: (
            Tier(points=100, currency=(GEMS, Decimal("2.5"))),
            Tier(points=250, currency=(GEMS, Decimal("7.25")), asset_id=asset_ids[0]),
        ),
        "battle_pass": tuple(
            Tier(points=150 * step, currency=(GOLD, 10 * step + Decimal("0.05")), asset_id=asset_ids[step], renown=50)
            for step in range(1, 6)
        ),
        "mastery": tuple(
            Tier(points=400 * step, currency=(GEMS, step + Decimal("0.001")), renown=25 * step) for step in range(1, 4)
        ),
    }


def _fill_catalog(world: World, prices: Mapping[int, int]) -> int:
    """Put every asset up for sale, and one thing of each other kind."""
    world.add_catalog(CATALOG, name="The Armoury")
    rewards = {asset_id: world.add_reward("asset", asset_id=asset_id) for asset_id in prices}
    for asset_id, reward_id in rewards.items():
        world.add_catalog_listing(CATALOG, reward_id, prices={GOLD: prices[asset_id]})
    gems = world.add_reward("currency", currency_code=GEMS, amount="99.5")
    points = world.add_reward("progression_points", progression_key="mastery", amount=250)
    reset = world.add_reward("progression_reset", progression_key="mastery")
    bundle = world.add_reward("group", name="Starter Bundle", reward_ids=[next(iter(rewards.values())), gems, points])
    more = {gems: 450, points: 300, reset: 50, bundle: 700}
    for reward_id, price in more.items():
        world.add_catalog_listing(CATALOG, reward_id, prices={GOLD: price})
    return len(prices) + len(more)
