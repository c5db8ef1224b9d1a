"""How the emulator misbehaves in `lootlocker demo --faults`."""

from __future__ import annotations

from lootlocker_async.emulator import Fault

__all__ = ["WRITES", "misbehaviour"]

WRITES = ("leaderboards_increment_score", "inventories_add_asset")
"""What must not be sent twice on a guess."""
_SUBMIT = "leaderboards_submit_score"
_SCORES = "leaderboards_list_scores"
_RANKS = "leaderboards_list_member_ranks"
_INVENTORY = "inventories_list_for_player"


def misbehaviour(*, pause: int) -> list[Fault]:
    """The faults: some that surely come, and after them more by chance, which the emulator's seed decides.

    Args:
        pause: The seconds that a Retry-After names.
    """
    faults = [Fault.unavailable("session_start", times=1)]
    for operation in WRITES:
        faults += [
            Fault.rate_limited(operation, retry_after=pause, times=2),
            Fault.unavailable(operation, retry_after=pause, times=1),
            Fault.unavailable(operation, times=2),
            Fault.unavailable(operation, after_execute=True, times=2),
            Fault.drop_before_execute(operation, times=3),
            Fault.drop_after_execute(operation, times=3),
            Fault.drop_before_execute(operation, probability=0.02),
            Fault.drop_after_execute(operation, probability=0.02),
            Fault.unavailable(operation, probability=0.01),
        ]
    safe = (_SUBMIT, _SCORES, _RANKS, _INVENTORY)
    faults += [
        Fault.rate_limited(_SCORES, retry_after=pause, times=1),
        Fault.unavailable(_INVENTORY, retry_after=pause, times=1),
        Fault.unavailable(_SUBMIT, times=2),
        Fault.drop_before_execute(_SCORES, times=1),
        Fault.drop_after_execute(_SCORES, times=1),
        Fault.drop_before_execute(safe, probability=0.02),
        Fault.drop_after_execute(safe, probability=0.02),
        Fault.unavailable(safe, probability=0.01),
    ]
    # Far from each other: a second one must not meet a call that still carries the token which the first one ended.
    faults += [Fault.expire_token(operation, times=1) for operation in (_INVENTORY, WRITES[0])]
    return faults
