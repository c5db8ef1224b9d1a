"""Whether everything came out as planned: each check compares what was read with what was worked out elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from lootlocker_async.cli.demo.executions import Execution, executions, unplanned
from lootlocker_async.cli.demo.keepsakes import MESSAGE, metadata_of
from lootlocker_async.cli.demo.plan import Plan
from lootlocker_async.cli.demo.scenario import Outcome
from lootlocker_async.cli.demo.worlds import expected, storage_of
from lootlocker_async.emulator import Emulator, FaultKind, Record
from lootlocker_async.models.leaderboards import LeaderboardScore

__all__ = ["Check", "check"]

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
        *_economy(outcome, plan),
        *_kept(outcome, plan, emulator),
        *_exactly_once(outcome, executions(plan, emulator.record, outcome.ledger), emulator.record),
        *_traffic(outcome, emulator),
        *(_with_faults(emulator.record) if faults else _without_faults(outcome)),
    ]


def _world(outcome: Outcome, plan: Plan) -> list[Check]:
    due, after = expected(outcome.before, plan, outcome.drawn(plan.economy)), outcome.after
    compared: tuple[tuple[str, str, Mapping[Any, Any], Mapping[Any, Any]], ...] = (
        ("every member has the score expected", "members", due.board, after.board),
        ("every player has the items expected", "players", due.inventories, after.inventories),
        ("every player has the points expected", "players", due.points, after.points),
        ("every wallet is right to the last digit", "wallets", due.balances, after.balances),
        ("what was stored for players is there", "players", due.storage, after.storage),
        ("files came back as they were sent", "files", due.files, after.files),
    )
    return [
        *(_compare(what, of, right, found) for what, of, right, found in compared),
        Check(
            "the world is the one worked out beforehand",
            due.fingerprint == after.fingerprint,
            f"fingerprint {after.fingerprint}",
        ),
    ]


def _compare(what: str, of: str, due: Mapping[Any, Any], found: Mapping[Any, Any]) -> Check:
    wrong = sum(due.get(key) != found.get(key) for key in due.keys() | found.keys())
    return Check(what, not wrong, f"{len(found):,} {of}, {wrong} wrong")


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


def _economy(outcome: Outcome, plan: Plan) -> list[Check]:
    scene, ledger = plan.economy, outcome.ledger
    details = sum(entry.details is not None for entry in ledger.catalog)
    drawn = outcome.drawn(scene)
    wrong = sum(len(drawn.get(player_id, ())) != 1 for player_id in plan.boxes) + len(drawn.keys() - set(plan.boxes))
    overdrafts = sum(errand.overdraws for _, errand in plan.errands)
    return [
        Check(
            "all that the catalog sells has its details",
            details == len(ledger.catalog) == scene.listings,
            f"{len(ledger.catalog)} entries, {details} with details",
        ),
        Check("every overdraft was refused", ledger.refused == overdrafts, f"{ledger.refused} of {overdrafts}"),
        Check(
            "every box gave one of its contents, and is gone",
            not wrong and sum(ledger.odds.values()) == bool(plan.boxes),
            f"{len(drawn)} of {len(plan.boxes)} boxes",
        ),
    ]


def _kept(outcome: Outcome, plan: Plan, emulator: Emulator) -> list[Check]:
    kept = outcome.kept
    public = {player: {"bought": storage_of(errand)["bought"]} for player, errand in plan.errands}
    metadata = {player: metadata_of(errand) for player, errand in plan.errands if errand.keeps is not None}
    told = [sent["player_id"] for sent in emulator.world.notifications() if sent["notification_type"] == MESSAGE]
    return [
        _compare("public storage shows public keys alone", "players", public, kept.public),
        _compare("metadata came back with every digit", "players", metadata, kept.metadata),
        Check(
            "a failed action on metadata left the others done",
            kept.failed == len(metadata),
            f"{kept.failed} failed, as they should",
        ),
        Check("every player was notified once", sorted(told) == sorted(plan.boxes), f"{len(told)} players"),
    ]


def _exactly_once(outcome: Outcome, found: Sequence[Execution], record: Record) -> list[Check]:
    exactly_once = outcome.exactly_once
    reconciled = exactly_once.found_executed + exactly_once.found_not_executed
    lost = sum(execution.lost for execution in found)
    others = unplanned(record)
    return [
        *(
            Check(
                f"all {it.what} were executed exactly once",
                it.planned == it.executed and not it.twice and not it.missing,
                f"{it.planned:,} planned, {it.executed:,} executed, {it.twice} twice, {it.missing} missing",
            )
            for it in found
        ),
        Check("no other unsafe call was executed", not others, f"{len(others)} calls"),
        Check(
            "every unknown outcome was reconciled",
            reconciled + exactly_once.left_alone == outcome.told.unknown
            and exactly_once.found_executed + exactly_once.left_alone == lost,
            f"{outcome.told.unknown} unknown: {exactly_once.found_executed} executed, "
            f"{exactly_once.found_not_executed} sent again, {exactly_once.left_alone} left",
        ),
    ]


def _traffic(outcome: Outcome, emulator: Emulator) -> list[Check]:
    sent, received = sum(step.sent for step in outcome.steps), [call for call in emulator.record if call.operation]
    ended = sum(call.fault == FaultKind.EXPIRE_TOKEN for call in emulator.record)
    return [
        Check(
            "every request sent was received, and no other",
            sent == len(received),
            f"{sent:,} sent, {len(received):,} received",
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
    again = sum(step.again for step in outcome.steps)
    return [Check("no request was sent a second time", again == 0, f"{again} sent again")]
