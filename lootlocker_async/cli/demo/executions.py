"""What the emulator's record says of the calls that must not take effect twice, each compared with the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from lootlocker_async.cli.demo.economy import Ledger
from lootlocker_async.cli.demo.plan import Plan
from lootlocker_async.emulator import Record, RecordedCall
from lootlocker_async.routes import Route, all_routes

__all__ = ["AT_MOST_ONCE", "Execution", "executions", "unplanned"]

AT_MOST_ONCE = "notifications"
"""What nobody can look at, and so isn't sent again when its outcome is unknown."""

_ROUTES: Mapping[str, Route] = {route.operation: route for route in all_routes()}
_SAFE_ACTIONS = {"upsert", "delete"}


class Execution(NamedTuple):
    """What the emulator's record says of one kind of call.

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


class _Kind(NamedTuple):
    """One kind of call: how the plan and the record tell each of them from the others."""

    what: str
    operation: str
    planned: Callable[[Plan], Counter[Any]]
    done: Callable[[RecordedCall, Ledger], Hashable]


def executions(plan: Plan, record: Record, ledger: Ledger) -> list[Execution]:
    """What the record says of all unsafe calls of the plan, compared one by one with it.

    Args:
        plan: What was to be done.
        record: What was received.
        ledger: Who is behind the ids that the service gave out.
    """
    return [_execution(kind, plan, record, ledger) for kind in _KINDS]


def unplanned(record: Record) -> list[RecordedCall]:
    """Executed calls that are not safe to repeat and of no kind that the plan knows."""
    known = {kind.operation for kind in _KINDS}
    return [call for call in record.executed() if _is_unsafe(call) and call.operation not in known]


def _is_unsafe(call: RecordedCall) -> bool:
    if call.operation is None or _ROUTES[call.operation].idempotent:
        return False
    # Actions on metadata are safe where all of them leave the same entries each time.
    return call.operation != "metadata_apply_actions" or any(
        entry["action"] not in _SAFE_ACTIONS for entry in call.body["entries"]
    )


def _execution(kind: _Kind, plan: Plan, record: Record, ledger: Ledger) -> Execution:
    executed = record.executed(kind.operation)
    planned = kind.planned(plan)
    done = Counter(kind.done(call, ledger) for call in executed)
    return Execution(
        kind.what,
        planned=planned.total(),
        received=len(record.received(kind.operation)),
        executed=len(executed),
        lost=sum(call.status is None or call.status >= 300 for call in executed),
        twice=(done - planned).total(),
        missing=(planned - done).total(),
    )


def _in_path(call: RecordedCall) -> Iterator[str]:
    """The arguments in a call's path."""
    template = _ROUTES[call.operation or ""].path.split("/")
    pieces = call.path.split("/")[-len(template) :]
    return (piece for part, piece in zip(template, pieces, strict=True) if part.startswith("{"))


def _player_id(call: RecordedCall) -> int:
    return int(next(_in_path(call)))


def _added_points(call: RecordedCall, _: Ledger) -> Hashable:
    player_id, key = _in_path(call)
    return int(player_id), key, call.body["amount"]


def _moved(call: RecordedCall, ledger: Ledger) -> Hashable:
    body = call.body
    holder = ledger.holders[body["wallet_id"]]
    return holder, ledger.currencies[body["currency_id"]], Decimal(body["amount"])


def _holder(call: RecordedCall, ledger: Ledger) -> Hashable:
    return _by_ulid(ledger)[call.body["holder_id"]]


def _recipient(call: RecordedCall, ledger: Ledger) -> Hashable:
    return _by_ulid(ledger)[call.body["recipient"]]


def _by_ulid(ledger: Ledger) -> dict[str, int]:
    return {ulid: player_id for player_id, ulid in ledger.ulids.items()}


def _player_alone(call: RecordedCall, _: Ledger) -> Hashable:
    return _player_id(call)


_KINDS: tuple[_Kind, ...] = (
    _Kind(
        "increments",
        "leaderboards_increment_score",
        lambda plan: plan.increments,
        lambda call, _: (call.body["member_id"], call.body["amount"]),
    ),
    _Kind(
        "grants",
        "inventories_add_asset",
        lambda plan: plan.grants,
        lambda call, _: (_player_id(call), call.body["asset_id"]),
    ),
    _Kind("point additions", "player_progressions_add_points", lambda plan: plan.points, _added_points),
    _Kind(
        "wallet creations",
        "balances_create_wallet",
        lambda plan: Counter(player_id for player_id, _ in plan.errands),
        _holder,
    ),
    _Kind("credits", "balances_credit", lambda plan: plan.credits, _moved),
    _Kind("debits", "balances_debit", lambda plan: plan.debits, _moved),
    _Kind("draws", "drop_tables_compute_and_lock", lambda plan: Counter(plan.picks.keys()), _player_alone),
    _Kind("picks", "drop_tables_pick", lambda plan: Counter(plan.picks.keys()), _player_alone),
    _Kind("box openings", "loot_boxes_open", lambda plan: Counter(plan.boxes), _player_alone),
    _Kind("uploads", "player_files_upload", lambda plan: Counter(plan.keepers.keys()), _player_alone),
    _Kind(AT_MOST_ONCE, "notifications_send", lambda plan: Counter(plan.boxes), _recipient),
)
