"""The tables about the economy: their rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from lootlocker_async.cli.demo.plan import Plan
from lootlocker_async.cli.demo.scenario import Outcome
from lootlocker_async.cli.demo.scene import CURRENCIES, Scene
from lootlocker_async.cli.demo.worlds import tiers_reached
from lootlocker_async.emulator import Record

__all__ = ["currencies", "drops", "progressions", "the_rest"]

Row = tuple[str, ...]


def currencies(outcome: Outcome, plan: Plan, record: Record) -> Iterator[Row]:
    """Each currency: what was credited, what tiers gave, what was debited, and what is in the wallets now.

    Args:
        outcome: What was done and seen.
        plan: What was to be done.
        record: What was executed.
    """
    credited, debited = (_moved(outcome, record, f"balances_{what}") for what in ("credit", "debit"))
    earned: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (key, place), times in _reached(outcome, plan.economy).items():
        code, amount = plan.economy.tiers[key][place].currency
        earned[code] += amount * times
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for balances in outcome.ledger.balances.values():
        for code, amount in balances.items():
            held[code] += amount
    for code, name in CURRENCIES.items():
        yield name, *(f"{amounts[code]:,f}" for amounts in (credited, earned, debited, held))


def progressions(outcome: Outcome, plan: Plan) -> Iterator[Row]:
    """Each progression: who is on it, with how many points, and how many tiers they have reached.

    Args:
        outcome: What was done and seen.
        plan: What was to be done.
    """
    reached = _reached(outcome, plan.economy)
    for key in plan.economy.tiers:
        has = [points[key] for points in outcome.ledger.points.values() if key in points]
        tiers = sum(times for (of, _), times in reached.items() if of == key)
        yield key, f"{len(has):,}", f"{sum(has):,}", f"{tiers:,}"


def drops(outcome: Outcome, plan: Plan) -> Iterator[Row]:
    """What was picked out of chests and what came out of boxes: where from, what, with which odds, how often.

    Args:
        outcome: What was done and seen.
        plan: What was to be done.
    """
    for asset_id, times in sorted(Counter(plan.picks.values()).items()):
        yield "chest", outcome.ledger.names[asset_id], "picked", f"{times:,}"
    drawn = outcome.drawn(plan.economy)
    times_drawn = Counter(asset_id for trophies in drawn.values() for asset_id in trophies)
    for asset_id, chance in outcome.ledger.odds.items():
        yield "box", outcome.ledger.names[asset_id], f"{float(chance):.0%}", f"{times_drawn[asset_id]:,}"


def the_rest(outcome: Outcome) -> str:
    """What fits into a sentence."""
    kept, ledger = outcome.kept, outcome.ledger
    keys, more_keys = (sum(map(len, of.values())) for of in (kept.storage, kept.metadata))
    return (
        f"catalog entries {len(ledger.catalog)}, overdrafts refused {ledger.refused:,}, keys stored {keys:,}, "
        f"keys of metadata {more_keys:,},\nfiles there and back {len(kept.files):,} with {kept.file_bytes:,} bytes"
    )


def _reached(outcome: Outcome, scene: Scene) -> Counter[tuple[str, int]]:
    reached: Counter[tuple[str, int]] = Counter()
    for points in outcome.ledger.points.values():
        reached += tiers_reached(points, scene)
    return reached


def _moved(outcome: Outcome, record: Record, operation: str) -> defaultdict[str, Decimal]:
    moved: defaultdict[str, Decimal] = defaultdict(Decimal)
    for call in record.executed(operation):
        moved[outcome.ledger.currencies[call.body["currency_id"]]] += Decimal(call.body["amount"])
    return moved
