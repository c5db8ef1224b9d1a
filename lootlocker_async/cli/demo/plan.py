"""What is to be done to the game, and, worked out apart from SDK and emulator, what must come of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from random import Random

import attrs

from lootlocker_async.cli.demo.scene import GEMS, GOLD, Scene
from lootlocker_async.emulator import GeneratedGame

__all__ = ["Errand", "Plan", "Turn", "make_plan"]

_BEST = 30_000
_AMOUNTS = (-25, 10, 40, 125, 300)
"""None of them is 0: an increment must show in the score, or nobody could tell whether it was executed."""
_POINTS = (60, 90, 140, 220, 350, 500)
_TRADERS_AMONG = 4
"""One player in so many does something in the economy."""
_KEEPERS = 20
"""How many players have a file and metadata."""
_CURRENCIES = (GOLD, GEMS)
_FILE_SIZES = (8_000, 40_000)


@attrs.frozen(kw_only=True)
class Errand:
    """What one player does in the economy.

    Attributes:
        points: What to add to each progression, one by one.
        trades: What to credit (above 0) or debit (below 0) in each currency, one by one.
        buys: The asset to buy.
        overdraws: Whether to try to take more than there is.
        picks: The asset to take out of a chest, where the player has one.
        opens: Whether the player has a box to open.
        loadout: What to store privately.
        keeps: What the player's file holds, where it has one; such a player has metadata too.
    """

    points: Mapping[str, tuple[int, ...]]
    trades: Mapping[str, tuple[Decimal, ...]]
    buys: int
    overdraws: bool
    picks: int | None
    opens: bool
    loadout: str
    keeps: bytes | None


@attrs.frozen(kw_only=True)
class Turn:
    """What one player does.

    Attributes:
        player_id: Who.
        score: The score to submit.
        metadata: What to keep with it.
        amounts: What to add to the score after that, one by one.
        assets: The assets to grant, one by one.
        errand: What it does in the economy, if anything.
    """

    player_id: int
    score: int
    metadata: str
    amounts: tuple[int, ...]
    assets: tuple[int, ...]
    errand: Errand | None = None

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
        scene: The economy that it is done in, if there is one.
    """

    board: str
    turns: tuple[Turn, ...]
    scene: Scene | None = None

    @property
    def economy(self) -> Scene:
        """The economy.

        Raises:
            ValueError: There is none.
        """
        if self.scene is None:
            raise ValueError("the plan has no economy")
        return self.scene

    @property
    def errands(self) -> tuple[tuple[int, Errand], ...]:
        """Who does what in the economy."""
        return tuple((turn.player_id, turn.errand) for turn in self.turns if turn.errand is not None)

    @property
    def increments(self) -> Counter[tuple[str, int]]:
        """How often each amount is to be added to each member's score."""
        return Counter((turn.member_id, amount) for turn in self.turns for amount in turn.amounts)

    @property
    def grants(self) -> Counter[tuple[int, int]]:
        """How often each asset is to be granted to each player, what is bought included."""
        granted = Counter((turn.player_id, asset) for turn in self.turns for asset in turn.assets)
        granted.update((player_id, errand.buys) for player_id, errand in self.errands)
        return granted

    @property
    def points(self) -> Counter[tuple[int, str, int]]:
        """How often each number of points is to be added to each player's progressions."""
        return Counter(
            (player_id, key, amount)
            for player_id, errand in self.errands
            for key, amounts in errand.points.items()
            for amount in amounts
        )

    @property
    def credits(self) -> Counter[tuple[int, str, Decimal]]:
        """How often each amount is to be credited to each player."""
        return Counter((player_id, code, amount) for player_id, code, amount in self._trades() if amount > 0)

    @property
    def debits(self) -> Counter[tuple[int, str, Decimal]]:
        """How often each amount is to be debited from each player, what is paid for things included."""
        taken = Counter((player_id, code, -amount) for player_id, code, amount in self._trades() if amount < 0)
        prices = self.scene.prices if self.scene else {}
        taken.update((player_id, GOLD, Decimal(prices[errand.buys])) for player_id, errand in self.errands)
        return taken

    def _trades(self) -> Iterator[tuple[int, str, Decimal]]:
        for player_id, errand in self.errands:
            for code, amounts in errand.trades.items():
                for amount in amounts:
                    yield player_id, code, amount

    @property
    def picks(self) -> dict[int, int]:
        """What each player takes out of its chest."""
        return {player_id: errand.picks for player_id, errand in self.errands if errand.picks is not None}

    @property
    def boxes(self) -> tuple[int, ...]:
        """The players who open a box."""
        return tuple(player_id for player_id, errand in self.errands if errand.opens)

    @property
    def keepers(self) -> dict[int, bytes]:
        """The files of players."""
        return {player_id: errand.keeps for player_id, errand in self.errands if errand.keeps is not None}


def make_plan(game: GeneratedGame, scene: Scene, *, seed: int) -> Plan:
    """Give every player who has an inventory something to do, the same for the same seed.

    Args:
        game: The game.
        scene: Its economy.
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
            errand=_errand(random, scene, number // _TRADERS_AMONG) if number % _TRADERS_AMONG == 0 else None,
        )
        for number, player_id in enumerate(game.inventory_players)
    )
    return Plan(board=game.board_key, turns=turns, scene=scene)


def _errand(random: Random, scene: Scene, number: int) -> Errand:
    return Errand(
        points={key: tuple(random.choices(_POINTS, k=2)) for key in scene.progressions},
        # What comes in first is always enough for what goes out.
        trades={
            code: (_amount(random, 900, 2_000), -_amount(random, 1, 60), _amount(random, 0, 5)) for code in _CURRENCIES
        },
        buys=random.choice(tuple(scene.prices)),
        overdraws=number % 5 == 0,
        picks=random.choice(scene.chest_contents) if number % 3 == 0 else None,
        opens=number % 3 == 1,
        loadout=json.dumps({"slots": random.sample(range(1, 9), k=3)}),
        keeps=random.randbytes(random.randrange(*_FILE_SIZES)) if number < _KEEPERS else None,
    )


def _amount(random: Random, least: int, below: int) -> Decimal:
    """An amount with more decimals than a float could hold, never 0: it must show in the balance."""
    return Decimal(f"{random.randrange(least, below)}.{random.randrange(1, 10**15):015}")
