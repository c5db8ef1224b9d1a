"""What the demo does with the game, through the SDK's public API alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import attrs

from lootlocker_async import LootLockerClient
from lootlocker_async.cli.demo.arena import Arena, Inventory, standings
from lootlocker_async.cli.demo.economy import Economy, Ledger
from lootlocker_async.cli.demo.keepsakes import Keepsakes, Kept
from lootlocker_async.cli.demo.plan import Plan
from lootlocker_async.cli.demo.reconcile import ExactlyOnce
from lootlocker_async.cli.demo.scene import Scene
from lootlocker_async.cli.demo.steps import Stage, Step, Told
from lootlocker_async.cli.demo.worlds import World
from lootlocker_async.emulator import Emulator
from lootlocker_async.models.leaderboards import LeaderboardScore

__all__ = ["Outcome", "play"]

_PAGES = 40
_LARGEST_PAGE = 2000


@attrs.define(kw_only=True)
class Outcome:
    """What the demo did and saw.

    Attributes:
        before: The world as it was.
        after: The world as it became.
        scores: The board in the end, by rank.
        scores_again: The same, read in another way.
        ranks: The standing of each player who played, as read one by one.
        top: The first page of the board.
        ledger: What the economy came to.
        kept: What was kept for players.
        steps: What each step took.
        told: What the client told its observer.
        exactly_once: What became of unknown outcomes.
    """

    before: World
    after: World
    scores: list[LeaderboardScore]
    scores_again: list[LeaderboardScore]
    ranks: dict[str, LeaderboardScore]
    top: tuple[LeaderboardScore, ...]
    ledger: Ledger
    kept: Kept
    steps: list[Step]
    told: Told
    exactly_once: ExactlyOnce

    def drawn(self, scene: Scene) -> dict[int, list[int]]:
        """What came out of boxes: the trophies, which come from nowhere else.

        Args:
            scene: The economy.
        """
        found = {
            player_id: [asset_id for asset_id in items.elements() if asset_id in scene.trophies]
            for player_id, items in self.after.inventories.items()
        }
        return {player_id: trophies for player_id, trophies in found.items() if trophies}


async def play(emulator: Emulator, plan: Plan, doing: Callable[[str], None]) -> Outcome:
    """Carry the plan out.

    Args:
        emulator: The service.
        plan: What is to be done.
        doing: Told the name of each step as it begins.

    Returns:
        What was done and seen.
    """
    told = Told()
    async with LootLockerClient(
        emulator.server_key,
        base_url=emulator.base_url,
        # The service is near and the faults come in clusters: pauses may be short, and repeats many.
        retries=8,
        backoff_base=0.1,
        # The faults refuse calls at random: there is no limit behind them that a pace could be learned from.
        adaptive_pacing=False,
        observers=(told,),
    ) as client:
        stage = Stage(client, plan, doing)
        with stage.step("log in and get ready"):
            # A first call would pay the costs of first use as well.
            await client.preload()
        return await _play(stage, Arena(stage), told)


async def _play(stage: Stage, arena: Arena, told: Told) -> Outcome:
    scores = await arena.board(page_size=_LARGEST_PAGE, concurrency=4)
    page_size = min(max(len(scores) // _PAGES, 10), _LARGEST_PAGE)
    inventories = await arena.inventories("before")
    before = World(board=standings(scores), inventories=_items(inventories))

    held = _items(inventories)
    await arena.increment(await arena.submit())
    await arena.grant(held)
    economy = Economy(stage, held)
    await _trade(economy, inventories)
    keepsakes = Keepsakes(stage, economy.ledger)
    await _keep(keepsakes)

    scores = await arena.board(page_size=page_size, concurrency=8)
    scores_again = await arena.board(page_size=page_size, concurrency=1)
    ranks = await arena.ranks()
    inventories = await arena.inventories("after")
    return Outcome(
        before=before,
        scores=scores,
        scores_again=scores_again,
        ranks=ranks,
        after=World(
            board=standings(scores),
            inventories=_items(inventories),
            points=economy.ledger.points,
            balances=economy.ledger.balances,
            storage=keepsakes.kept.storage,
            files=keepsakes.kept.files,
        ),
        top=await arena.top(),
        ledger=economy.ledger,
        kept=keepsakes.kept,
        steps=stage.steps,
        told=told,
        exactly_once=stage.exactly_once,
    )


async def _trade(economy: Economy, inventories: Mapping[int, Inventory]) -> None:
    await economy.look_around()
    await economy.open_wallets()
    await economy.trade()
    await economy.open_chests(inventories)
    await economy.open_boxes(inventories)
    # Only now: what tiers give must not come in between somebody's looking at a purse and the next look.
    await economy.add_points()
    await economy.settle()


async def _keep(keepsakes: Keepsakes) -> None:
    await keepsakes.store()
    await keepsakes.describe()
    await keepsakes.save()
    await keepsakes.notify()


def _items(inventories: Mapping[int, Inventory]) -> dict[int, Counter[int]]:
    return {player_id: Counter(inventory.items) for player_id, inventory in inventories.items()}
