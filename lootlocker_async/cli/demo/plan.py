"""What is to be done to the game, and, worked out apart from SDK and emulator, what must come of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from random import Random

import attrs

from lootlocker_async.emulator import GeneratedGame

__all__ = ["Plan", "Standing", "Turn", "World", "expected", "make_plan"]

_BEST = 30_000
_AMOUNTS = (-25, 10, 40, 125, 300)
"""None of them is 0: an increment must show in the score, or nobody could tell whether it was executed."""


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
    """

    board: Mapping[str, Standing]
    inventories: Mapping[int, Counter[int]]

    @property
    def fingerprint(self) -> str:
        """A digest: equal worlds have equal ones, in this run and in any other."""
        board = {member: [standing.score, standing.metadata] for member, standing in self.board.items()}
        inventories = {str(player): sorted(items.items()) for player, items in self.inventories.items()}
        text = json.dumps([board, inventories], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@attrs.frozen(kw_only=True)
class Turn:
    """What one player does.

    Attributes:
        player_id: Who.
        score: The score to submit.
        metadata: What to keep with it.
        amounts: What to add to the score after that, one by one.
        assets: The assets to grant, one by one.
    """

    player_id: int
    score: int
    metadata: str
    amounts: tuple[int, ...]
    assets: tuple[int, ...]

    @property
    def member_id(self) -> str:
        """The player as a member of the board."""
        return str(self.player_id)


@attrs.frozen(kw_only=True)
class Plan:
    """What everybody does.

    Attributes:
        board: The key of the board that is played for.
        turns: What each player does.
    """

    board: str
    turns: tuple[Turn, ...]

    @property
    def increments(self) -> Counter[tuple[str, int]]:
        """How often each amount is to be added to each member's score."""
        return Counter((turn.member_id, amount) for turn in self.turns for amount in turn.amounts)

    @property
    def grants(self) -> Counter[tuple[int, int]]:
        """How often each asset is to be granted to each player."""
        return Counter((turn.player_id, asset) for turn in self.turns for asset in turn.assets)


def make_plan(game: GeneratedGame, *, seed: int) -> Plan:
    """Give every player who has an inventory something to do, the same for the same seed.

    Args:
        game: The game.
        seed: What the plan depends on.
    """
    random = Random(f"{seed}/plan")
    turns = tuple(
        Turn(
            player_id=player_id,
            score=random.randrange(_BEST),
            metadata=json.dumps({"round": random.randrange(1, 10)}),
            amounts=tuple(random.choices(_AMOUNTS, k=2)),
            assets=tuple(random.choices(game.asset_ids, k=random.randrange(1, 3))),
        )
        for player_id in game.inventory_players
    )
    return Plan(board=game.board_key, turns=turns)


def expected(before: World, plan: Plan) -> World:
    """What the plan makes of a world when each of its calls takes effect exactly once.

    Args:
        before: The world before.
        plan: What is done.
    """
    board = dict(before.board)
    inventories = {player: Counter(items) for player, items in before.inventories.items()}
    for turn in plan.turns:
        had = board.get(turn.member_id)
        # The board keeps the better score: a submission that isn't better changes nothing, its metadata included.
        best = Standing(turn.score, turn.metadata) if had is None or turn.score > had.score else had
        board[turn.member_id] = Standing(best.score + sum(turn.amounts), best.metadata)
        inventories[turn.player_id].update(turn.assets)
    return World(board=board, inventories=inventories)
