"""`lootlocker demo`: a generated game, played through the public API on an emulator, and checked.

`scene` makes the game's economy; `scenario` plays (`arena`, `economy` and `keepsakes` are its parts, `steps` their
stage); `workers` and `reconcile` are how a program would do it; `plan` says what is to be done and `worlds` what must
come out; `checks` compares, `executions` against the emulator's record; `report` prints.
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
from lootlocker_async.cli.demo.scene import make_scene
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
    scene = make_scene(emulator.world, game)
    plan = make_plan(game, scene, seed=options.seed)
    scene.hand_out(emulator.world, chests=plan.picks, boxes=plan.boxes)
    if options.faults:
        emulator.faults.add(*misbehaviour(pause=options.pause))
    async with emulator:
        report.opening(game, emulator.base_url, time.perf_counter() - began)
        outcome = await play(emulator, plan, report.doing)
        checks = check(outcome, plan, emulator, faults=options.faults)
    report.account(outcome, plan, emulator, time.perf_counter() - began)
    return report.verdict(checks)
