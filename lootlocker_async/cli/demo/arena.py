"""The part of the scenario that plays for scores and items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import attrs

from lootlocker_async.cli.demo.plan import Turn
from lootlocker_async.cli.demo.steps import Stage, for_each
from lootlocker_async.cli.demo.worlds import Standing
from lootlocker_async.models.inventories import InventoryItem
from lootlocker_async.models.leaderboards import LeaderboardScore

__all__ = ["Arena", "Inventory", "standings"]


@attrs.frozen
class Inventory:
    """What a player has.

    Attributes:
        items: How many instances of each asset.
        instances: One instance of each asset, by the asset.
    """

    items: Counter[int]
    instances: Mapping[int, int]

    @classmethod
    def of(cls, items: Iterable[InventoryItem]) -> Inventory:
        """What a list of items says."""
        found = [(item.asset.id, item.instance_id) for item in items if item.asset is not None]
        return cls(Counter(asset_id for asset_id, _ in found), dict(found))


class Arena:
    """Plays for scores and items.

    Args:
        stage: Where.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._client = stage.client
        self._plan = stage.plan

    async def board(self, *, page_size: int, concurrency: int) -> list[LeaderboardScore]:
        """Page through the whole board: one page after another with a look-ahead, or many pages at a time."""
        way = f"{concurrency} pages at a time" if concurrency > 1 else "looking a page ahead"
        with self._stage.step(f"read the board, {way}") as step:
            scores = self._client.leaderboards.list_scores(
                self._plan.board, page_size=page_size, concurrency=concurrency
            )
            entries = [entry async for entry in scores]
            step.items = len(entries)
        return entries

    async def inventories(self, when: str) -> dict[int, Inventory]:
        """Read every player's inventory, before or after what is done."""
        found: dict[int, Inventory] = {}

        async def read(turn: Turn) -> None:
            items = self._client.inventories.list_for_player(turn.player_id)
            found[turn.player_id] = Inventory.of([item async for item in items])

        with self._stage.step(f"read all inventories, {when}") as step:
            await for_each(self._plan.turns, read)
            step.items = sum(inventory.items.total() for inventory in found.values())
        return found

    async def submit(self) -> dict[str, int]:
        """Submit everybody's score. The answers say what each has then: the better of the old one and the new."""
        scores: dict[str, int] = {}

        async def submit(turn: Turn) -> None:
            entry = await self._client.leaderboards.submit_score(
                self._plan.board, member_id=turn.member_id, score=turn.score, metadata=turn.metadata
            )
            scores[turn.member_id] = entry.score

        with self._stage.step("submit scores") as step:
            await for_each(self._plan.turns, submit)
            step.items = len(scores)
        return scores

    async def increment(self, scores: dict[str, int]) -> None:
        """Make every increment, each exactly once; one worker has all of a member's."""

        async def increment(turn: Turn) -> None:
            score = scores[turn.member_id]
            for amount in turn.amounts:
                score = await self._stage.exactly_once.increment(self._plan.board, turn.member_id, amount, score=score)
                step.items += 1

        with self._stage.step("increment scores") as step:
            await for_each(self._plan.turns, increment)

    async def grant(self, held: Mapping[int, Counter[int]]) -> None:
        """Make every grant, each exactly once; one worker has all of a player's.

        Args:
            held: What each player has, which is kept up to date.
        """

        async def grant(turn: Turn) -> None:
            items = held[turn.player_id]
            for asset_id in turn.assets:
                items[asset_id] = await self._stage.exactly_once.grant(turn.player_id, asset_id, held=items[asset_id])
                step.items += 1

        with self._stage.step("grant items") as step:
            await for_each(self._plan.turns, grant)

    async def ranks(self) -> dict[str, LeaderboardScore]:
        """Read the rank of every player who played."""
        found: dict[str, LeaderboardScore] = {}

        async def read(turn: Turn) -> None:
            for entry in await self._client.leaderboards.list_member_ranks(turn.member_id).collect():
                step.items += 1
                if entry.leaderboard_key == self._plan.board and entry.rank is not None:
                    found[turn.member_id] = entry.rank

        with self._stage.step("read ranks, member by member") as step:
            await for_each(self._plan.turns, read)
        return found

    async def top(self, count: int = 10) -> tuple[LeaderboardScore, ...]:
        """The top of the board: awaiting a list gives its first page."""
        with self._stage.step("read the top of the board") as step:
            page = await self._client.leaderboards.list_scores(self._plan.board, page_size=count)
            step.items = len(page)
        return page.items


def standings(scores: Iterable[LeaderboardScore]) -> dict[str, Standing]:
    """The board by member."""
    return {entry.member_id: Standing(entry.score, entry.metadata) for entry in scores}
