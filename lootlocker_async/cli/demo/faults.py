"""How the emulator misbehaves in `lootlocker demo --faults`."""

from __future__ import annotations

from lootlocker_async.emulator import Fault

__all__ = ["WRITES", "misbehaviour"]

WRITES = ("leaderboards_increment_score", "inventories_add_asset")
"""What must not be sent twice on a guess, and meets everything often."""
_MORE_WRITES = (
    "balances_create_wallet",
    "balances_credit",
    "balances_debit",
    "drop_tables_pick",
    "loot_boxes_open",
    "player_files_upload",
    "player_progressions_add_points",
)
# A draw whose answer is lost stays locked and unread: nothing that happens after it was executed.
_DRAW = "drop_tables_compute_and_lock"
# Nobody can read notifications: one that didn't arrive would be missing, and the world in the end another one.
_NOTIFY = "notifications_send"
_SUBMIT = "leaderboards_submit_score"
_SCORES = "leaderboards_list_scores"
_RANKS = "leaderboards_list_member_ranks"
_INVENTORY = "inventories_list_for_player"
_READS = (
    _SCORES, _RANKS, _INVENTORY, "balances_list", "catalogs_list_items_by_key", "player_progressions_list",
    "player_files_list", "metadata_list_multisource", "player_storage_list",
)  # fmt: skip
_REPEATABLE_WRITES = (_SUBMIT, "player_storage_set", "metadata_apply_actions")


def misbehaviour(*, pause: int) -> list[Fault]:
    """The faults: some that surely come, and after them more by chance, which the emulator's seed decides.

    Args:
        pause: The seconds that a Retry-After names.
    """
    return [
        Fault.unavailable("session_start", times=1),
        *_on_writes(pause),
        *_on_what_nobody_can_look_at(pause),
        Fault.rate_limited(_SCORES, retry_after=pause, times=1),
        Fault.unavailable(_INVENTORY, retry_after=pause, times=1),
        Fault.unavailable(_SUBMIT, times=2),
        Fault.drop_before_execute(_SCORES, times=1),
        Fault.drop_after_execute(_SCORES, times=1),
        Fault.drop_after_execute("player_storage_set", times=1),
        Fault.drop_after_execute("metadata_apply_actions", times=1),
        Fault.drop_before_execute((*_READS, *_REPEATABLE_WRITES), probability=0.02),
        Fault.drop_after_execute((*_READS, *_REPEATABLE_WRITES), probability=0.02),
        Fault.unavailable((*_READS, *_REPEATABLE_WRITES), probability=0.01),
        # Far from each other: a second one must not meet a call that still carries the token which the first one ended.
        *(Fault.expire_token(operation, times=1) for operation in (_INVENTORY, WRITES[0], "balances_list")),
    ]


def _on_writes(pause: int) -> list[Fault]:
    faults: list[Fault] = []
    for operation in WRITES:
        faults += [
            Fault.rate_limited(operation, retry_after=pause, times=2),
            Fault.unavailable(operation, retry_after=pause, times=1),
            Fault.unavailable(operation, times=2),
            Fault.unavailable(operation, after_execute=True, times=2),
            Fault.drop_before_execute(operation, times=3),
            Fault.drop_after_execute(operation, times=3),
        ]
    for operation in _MORE_WRITES:
        faults += [
            Fault.unavailable(operation, times=1),
            Fault.drop_after_execute(operation, times=2),
            Fault.drop_before_execute(operation, times=1),
            Fault.unavailable(operation, after_execute=True, times=1),
        ]
    both = (*WRITES, *_MORE_WRITES)
    return [
        *faults,
        Fault.rate_limited("balances_credit", retry_after=pause, times=1),
        Fault.unavailable("player_progressions_add_points", retry_after=pause, times=1),
        Fault.drop_before_execute(both, probability=0.02),
        Fault.drop_after_execute(both, probability=0.02),
        Fault.unavailable(both, probability=0.01),
    ]


def _on_what_nobody_can_look_at(pause: int) -> list[Fault]:
    return [
        Fault.unavailable(_DRAW, times=1),
        Fault.drop_before_execute(_DRAW, times=2),
        Fault.drop_before_execute(_DRAW, probability=0.05),
        Fault.rate_limited(_NOTIFY, retry_after=pause, times=1),
        Fault.drop_after_execute(_NOTIFY, times=1),
        Fault.drop_after_execute(_NOTIFY, probability=0.05),
    ]
