"""`lootlocker demo`: a generated game, played through the public API on an emulator, and checked.

`scenario` plays, `workers` and `reconcile` are how a program would do it, `plan` says what must come out, `checks`
compares, `report` prints.
"""

from __future__ import annotations

import asyncio
import time

import attrs

from lootlocker_async.cli.demo.checks import check
from lootlocker_async.cli.demo.faults import misbehaviour
from lootlocker_async.cli.demo.plan import make_plan
from lootlocker_async.cli.demo.report import Report
from lootlocker_async.cli.demo.scenario import play
from lootlocker_async.emulator import Emulator

__all__ = ["Options", "run"]


@attrs.frozen(kw_only=True)
class Options:
    """What to play.

    Attributes:
        faults: Whether the emulator misbehaves.
        scores: How many scores the long board has.
        players: How many players play.
        seed: What the game, the plan and the faults depend on.
        pause: The seconds that a Retry-After names.
    """

    faults: bool
    scores: int
    players: int
    seed: int
    pause: int = 1


def run(options: Options) -> bool:
    """Play and print the account.

    Args:
        options: What to play.

    Returns:
        Whether every check holds.
    """
    return asyncio.run(_run(options, Report()))


async def _run(options: Options, report: Report) -> bool:
    began = time.perf_counter()
    emulator = Emulator(seed=options.seed)
    game = emulator.world.generate(players=options.players, scores=options.scores, seed=options.seed)
    plan = make_plan(game, seed=options.seed)
    if options.faults:
        emulator.faults.add(*misbehaviour(pause=options.pause))
    async with emulator:
        report.opening(game, emulator.base_url, time.perf_counter() - began)
        outcome = await play(emulator, plan, report.doing)
        checks = check(outcome, plan, emulator, faults=options.faults)
    report.account(outcome, plan, emulator, time.perf_counter() - began)
    return report.verdict(checks)
