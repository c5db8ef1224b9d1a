"""Whether everything came out as planned: each check compares what was read with what was worked out elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from lootlocker_async.cli.demo.faults import WRITES
from lootlocker_async.cli.demo.plan import Plan, expected
from lootlocker_async.cli.demo.scenario import Outcome
from lootlocker_async.emulator import Emulator, FaultKind, Record, RecordedCall
from lootlocker_async.models.leaderboards import LeaderboardScore

__all__ = ["Check", "Execution", "check", "executions"]

T = TypeVar("T")

_KINDS = (
    FaultKind.RATE_LIMITED,
    FaultKind.UNAVAILABLE,
    FaultKind.DROP_BEFORE_EXECUTE,
    FaultKind.DROP_AFTER_EXECUTE,
    FaultKind.EXPIRE_TOKEN,
)


class Check(NamedTuple):
    """Something that must hold, and what was found."""

    what: str
    holds: bool
    found: str


class Execution(NamedTuple):
    """What the emulator's record says of the calls that must take effect exactly once.

    Attributes:
        what: Which calls.
        planned: How many there were to be.
        received: How many requests came.
        executed: How many of them were carried out.
        lost: How many were carried out without the client being told so.
        twice: How many took effect more often than planned.
        missing: How many took effect less often than planned.
    """

    what: str
    planned: int
    received: int
    executed: int
    lost: int
    twice: int
    missing: int


def executions(plan: Plan, record: Record) -> tuple[Execution, Execution]:
    """What the record says of the increments and of the grants, compared one by one with the plan."""
    increments, grants = WRITES
    increased = Counter((call.body["member_id"], call.body["amount"]) for call in record.executed(increments))
    granted = Counter((_player_id(call), call.body["asset_id"]) for call in record.executed(grants))
    return (
        _execution("increments", record, increments, plan.increments, increased),
        _execution("grants", record, grants, plan.grants, granted),
    )


def _player_id(call: RecordedCall) -> int:
    return int(call.path.rstrip("/").split("/")[-2])


def _execution(what: str, record: Record, operation: str, planned: Counter[T], done: Counter[T]) -> Execution:
    executed = record.executed(operation)
    return Execution(
        what,
        planned=planned.total(),
        received=len(record.received(operation)),
        executed=len(executed),
        lost=sum(call.status != 200 for call in executed),
        twice=(done - planned).total(),
        missing=(planned - done).total(),
    )


def check(outcome: Outcome, plan: Plan, emulator: Emulator, *, faults: bool) -> list[Check]:
    """Compare everything that can be compared.

    Args:
        outcome: What was done and seen.
        plan: What was to be done.
        emulator: The service, with its record.
        faults: Whether it was told to misbehave.
    """
    return [
        *_world(outcome, plan),
        *_reading(outcome),
        *_exactly_once(outcome, executions(plan, emulator.record)),
        *_traffic(outcome, emulator),
        *(_with_faults(emulator.record) if faults else _without_faults(outcome)),
    ]


def _world(outcome: Outcome, plan: Plan) -> list[Check]:
    due, after = expected(outcome.before, plan), outcome.after
    wrong = [
        member for member in due.board.keys() | after.board.keys() if due.board.get(member) != after.board.get(member)
    ]
    players = [player for player, items in due.inventories.items() if after.inventories.get(player) != items]
    return [
        Check("every member has the score expected", not wrong, f"{len(after.board):,} members, {len(wrong)} wrong"),
        Check(
            "every player has the items expected",
            not players,
            f"{len(after.inventories):,} players, {len(players)} wrong",
        ),
        Check(
            "the world is the one worked out beforehand",
            due.fingerprint == after.fingerprint,
            f"fingerprint {after.fingerprint}",
        ),
    ]


def _reading(outcome: Outcome) -> list[Check]:
    scores = outcome.scores
    by_member = {entry.member_id: entry for entry in scores}
    differing = sum(by_member.get(member) != entry for member, entry in outcome.ranks.items())
    return [
        Check("the board is in order, without a gap", _is_in_order(scores), f"ranks 1 to {len(scores):,}"),
        Check(
            "both ways to page give the same board",
            scores == outcome.scores_again,
            f"{len(scores):,} and {len(outcome.scores_again):,} entries",
        ),
        Check(
            "ranks read one by one agree with the board",
            not differing and len(outcome.ranks) == len(outcome.after.inventories),
            f"{len(outcome.ranks):,} members, {differing} differ",
        ),
    ]


def _is_in_order(scores: Sequence[LeaderboardScore]) -> bool:
    return [entry.rank for entry in scores] == list(range(1, len(scores) + 1)) and all(
        above.score >= below.score for above, below in pairwise(scores)
    )


def _exactly_once(outcome: Outcome, found: Sequence[Execution]) -> list[Check]:
    lost = sum(execution.lost for execution in found)
    exactly_once = outcome.exactly_once
    reconciled = exactly_once.found_executed + exactly_once.found_not_executed
    return [
        *(
            Check(
                f"all {it.what} were executed exactly once",
                it.planned == it.executed and not it.twice and not it.missing,
                f"{it.planned:,} planned, {it.executed:,} executed, {it.twice} twice, {it.missing} missing",
            )
            for it in found
        ),
        Check(
            "every unknown outcome was reconciled",
            reconciled == outcome.told.unknown and exactly_once.found_executed == lost,
            f"{outcome.told.unknown} unknown: {exactly_once.found_executed} executed, "
            f"{exactly_once.found_not_executed} sent again",
        ),
    ]


def _traffic(outcome: Outcome, emulator: Emulator) -> list[Check]:
    sent = sum(step.sent for step in outcome.steps)
    ended = sum(call.fault == FaultKind.EXPIRE_TOKEN for call in emulator.record)
    return [
        Check(
            "every request sent was received, and no other",
            sent == len(emulator.record),
            f"{sent:,} sent, {len(emulator.record):,} received",
        ),
        Check(
            "one login, and one more for each token ended",
            outcome.told.logins == emulator.logins == 1 + ended,
            f"logins: {outcome.told.logins}, tokens ended: {ended}",
        ),
    ]


def _with_faults(record: Record) -> list[Check]:
    met = Counter(call.fault for call in record if call.fault is not None)
    missing = [kind.value for kind in _KINDS if not met[kind.value]]
    return [
        Check(
            "every kind of misbehaviour was met",
            not missing,
            f"{met.total()} times" + (f", never {', '.join(missing)}" if missing else ""),
        )
    ]


def _without_faults(outcome: Outcome) -> list[Check]:
    again = sum(step.sent - len(step.calls) for step in outcome.steps)
    return [Check("no request was sent a second time", again == 0, f"{again} sent again")]
