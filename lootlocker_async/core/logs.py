"""What the client writes to the standard `logging`: a line for each event that somebody may want to read.

Whatever the service or a user has said stands in quotes, so that it can't pass for another line or for a part of this
one; a path is quoted as addresses are. The event's fields go with the record as `extra`, under names that begin with
`lootlocker_`: programs and their filters have a `request_id` of their own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from logging import DEBUG, INFO, WARNING
from typing import Any

from lootlocker_async.core.observers import (
    CallEnded,
    Drift,
    Event,
    GateClosed,
    GateOpened,
    LoggedIn,
    OutcomeUnknown,
    PaceChanged,
    RetryPlanned,
    calls_log,
)

__all__ = ["write"]

_retries = logging.getLogger("lootlocker_async.retries")
_session = logging.getLogger("lootlocker_async.session")
_limits = logging.getLogger("lootlocker_async.limits")
_drift = logging.getLogger("lootlocker_async.drift")

for _log in (calls_log, _retries, _session, _limits, _drift):
    # A program that hasn't set its logging up shall not find these lines on its stderr.
    _log.addHandler(logging.NullHandler())


def write(event: Event) -> None:
    """Write a line about an event, if it's one that has a line and its logger wants it."""
    line = _LINES.get(type(event))
    if line is None:
        return
    log, least, words = line
    if not log.isEnabledFor(least):
        return
    level, text, *facts = words(event)
    extra = {f"lootlocker_{name}": _plain(value) for name, value in event._asdict().items()}
    log.log(level, text, *facts, extra={"lootlocker_event": type(event).__name__, **extra})


def _plain(value: object) -> object:
    return ascii(value) if isinstance(value, str) and not value.isprintable() else value


Words = tuple[int, str, *tuple[object, ...]]
"""A level, a text and what it's filled with."""


def _call_ended(it: CallEnded) -> Words:
    sent = "1 attempt" if it.attempts == 1 else f"{it.attempts} attempts"
    text = "%s: %s %s: %s, status %s, %.3f s, %s, request id %r"
    return DEBUG, text, it.operation, it.method, it.path, it.outcome, it.status, it.seconds, sent, it.request_id


def _outcome_unknown(it: OutcomeUnknown) -> Words:
    text = "%s: %s %s was sent, and whether it was executed is not known: %r, request id %r"
    return WARNING, text, it.operation, it.method, it.path, it.reason, it.request_id


def _retry_planned(it: RetryPlanned) -> Words:
    return INFO, "%s: attempt %d failed, the next in %.3f s: %r", it.operation, it.number, it.wait, it.reason


def _logged_in(it: LoggedIn) -> Words:
    if it.ok:
        return INFO, "logged in, in %.3f s", it.seconds
    return WARNING, "the login failed after %.3f s: %r", it.seconds, it.error


def _gate_closed(it: GateClosed) -> Words:
    return WARNING, "the service asked for a pause: every call waits for %.3f s", it.seconds


def _gate_opened(_: GateOpened) -> Words:
    return INFO, "the pause is over: calls go out again"


def _pace_changed(it: PaceChanged) -> Words:
    if it.calls_per_second is None:
        return INFO, "the pace that was learned is forgotten"
    return INFO, "the pace is %.3g calls a second now", it.calls_per_second


def _drifted(it: Drift) -> Words:
    text = "%s: an answer differs from the contract, and nothing broke: %s at %s: %r"
    return INFO, text, it.operation, it.kind, it.where, it.found


_LINES: dict[type[Any], tuple[logging.Logger, int, Callable[[Any], Words]]] = {
    CallEnded: (calls_log, DEBUG, _call_ended),
    OutcomeUnknown: (calls_log, WARNING, _outcome_unknown),
    RetryPlanned: (_retries, INFO, _retry_planned),
    LoggedIn: (_session, INFO, _logged_in),  # or WARNING: whoever wants the lesser wants both
    GateClosed: (_limits, WARNING, _gate_closed),
    GateOpened: (_limits, INFO, _gate_opened),
    PaceChanged: (_limits, INFO, _pace_changed),
    Drift: (_drift, INFO, _drifted),
}
