"""What the client tells about its calls: typed events for observers, and records for `client.trace()`.

Events are named tuples: they are made for every attempt, and defining them costs every import of the package. Those of
one call share a number, `call`, that no other call of the process has; it is 0 where nobody observed when the call
began. They come in the call's own task and context, one after the other. Whoever wants to know of every call asks
before it begins: a call that began unobserved tells of its retries and of an unknown outcome alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Literal, NamedTuple

from lootlocker_async.errors import Attempt, LootLockerError

__all__ = [
    "AttemptEnded",
    "AttemptStarted",
    "CallEnded",
    "CallRecord",
    "CallStarted",
    "Drift",
    "Event",
    "GateClosed",
    "GateOpened",
    "LoggedIn",
    "Observer",
    "OutcomeUnknown",
    "PaceChanged",
    "PageAhead",
    "RetryPlanned",
    "Waited",
]

log: logging.Logger = logging.getLogger("lootlocker_async")
calls_log: logging.Logger = logging.getLogger("lootlocker_async.calls")


WaitReason = Literal["login", "gate", "in_flight", "pace", "limiter"]


class CallStarted(NamedTuple):
    """A call has begun; it may have to wait before it goes out.

    Attributes:
        operation: The contract's name of the call; `request` for `client.request(...)`.
        method: The HTTP verb.
        path: The path below the address.
        template: The path before its arguments were put in, such as `/leaderboards/{leaderboard_key}`; empty for
            `client.request(...)`, which has no other path than its own.
        address: What the path is added to, such as `https://api.lootlocker.com/server`.
        call: The call's number.
    """

    operation: str
    method: str
    path: str
    template: str
    address: str
    call: int


class CallEnded(NamedTuple):
    """A call has ended, well or not; it is told of every call whose start was told.

    Attributes:
        operation: The contract's name of the call.
        method: The HTTP verb.
        path: The path below the address.
        status: The last answer's status, or None.
        request_id: The id that names the last request, as the service says it or else as we sent it; None where
            nothing was sent.
        trace_id: The service's trace id, where there was one.
        attempts: How many times it was sent.
        seconds: How long it took in all.
        outcome: `ok`, or the name of the error's class, or `cancelled`.
        call: The call's number.
    """

    operation: str
    method: str
    path: str
    status: int | None
    request_id: str | None
    trace_id: str | None
    attempts: int
    seconds: float
    outcome: str
    call: int


class Waited(NamedTuple):
    """A call has waited before it could go out.

    Attributes:
        operation: The contract's name of the call.
        reason: What for: a `login`, the end of a Retry-After (`gate`), a place among the calls in flight
            (`in_flight`), the pace (`pace`), or a limiter of the user's own (`limiter`).
        seconds: For how long.
        call: The call's number.
    """

    operation: str
    reason: WaitReason
    seconds: float
    call: int


class AttemptStarted(NamedTuple):
    """A request is about to go out.

    Attributes:
        operation: The contract's name of the call.
        method: The HTTP verb.
        path: The path below the base address; of a download the whole address, without its query.
        number: Which sending of the call it is, from 1.
        request_id: The id that goes with it; nothing with a download.
        call: The call's number.
        headers: Empty; what an observer puts in goes out with the request, where it is fit for a header and the client
            sends none of that name.
    """

    operation: str
    method: str
    path: str
    number: int
    request_id: str
    call: int
    headers: MutableMapping[str, str]


class AttemptEnded(NamedTuple):
    """A request was answered or failed.

    Attributes:
        operation: The contract's name of the call.
        method: The HTTP verb.
        path: The path below the base address.
        attempt: Its number, id, status, error and times.
        trace_id: The service's trace id, where the answer had one.
        call: The call's number.
    """

    operation: str
    method: str
    path: str
    attempt: Attempt
    trace_id: str | None
    call: int


class RetryPlanned(NamedTuple):
    """A failed attempt will be followed by another.

    Attributes:
        operation: The contract's name of the call.
        number: Which sending of the call failed.
        reason: Why it failed.
        wait: Seconds until the next.
        call: The call's number.
    """

    operation: str
    number: int
    reason: str
    wait: float
    call: int


class LoggedIn(NamedTuple):
    """A login ended.

    Attributes:
        ok: Whether it gave a token.
        error: Why it didn't.
        seconds: How long it took.
    """

    ok: bool
    error: str
    seconds: float


class GateClosed(NamedTuple):
    """A Retry-After holds every call of the client back.

    Attributes:
        seconds: For how long from now.
    """

    seconds: float


class GateOpened(NamedTuple):
    """The time of a Retry-After is over."""


class PaceChanged(NamedTuple):
    """The client has learned from a 429 how fast it may send.

    Attributes:
        calls_per_second: The pace that it goes on with, from which it rises again; None when it's forgotten.
    """

    calls_per_second: float | None


class Drift(NamedTuple):
    """An answer was not quite what the contract says; nothing broke.

    Attributes:
        kind: `missing` or `null` where a value is due, `empty` for an empty text where a date is due, `unknown` for a
            field and `enum` for a value that we don't know.
        where: The model and field, or the enum.
        found: What was found.
        operation: The contract's name of the call.
    """

    kind: str
    where: str
    found: str
    operation: str


class PageAhead(NamedTuple):
    """A page of a list that was sent for ahead has been used or not.

    Attributes:
        operation: The contract's name of the call.
        fate: `used`; `unused`, where it came and nobody took it; or `recalled`, where it was still on its way then.
    """

    operation: str
    fate: Literal["used", "unused", "recalled"]


class OutcomeUnknown(NamedTuple):
    """A call that must not be sent twice was sent, and nobody can say whether it was executed.

    Attributes:
        operation: The contract's name of the call.
        method: The HTTP verb.
        path: The path below the base address.
        request_id: The id that was sent with it.
        reason: What happened: an error's text, or `cancelled`.
        call: The call's number.
    """

    operation: str
    method: str
    path: str
    request_id: str
    reason: str
    call: int


Event = (
    CallStarted
    | CallEnded
    | Waited
    | AttemptStarted
    | AttemptEnded
    | RetryPlanned
    | LoggedIn
    | GateClosed
    | GateOpened
    | PaceChanged
    | PageAhead
    | Drift
    | OutcomeUnknown
)
Observer = Callable[[Event], None]


class CallRecord(NamedTuple):
    """What became of one call, as `client.trace()` collects it.

    Attributes:
        operation: The contract's name of the call.
        method: The HTTP verb.
        path: The path below the base address.
        status: The last answer's status, or None.
        request_id: The id that names the last request.
        trace_id: The service's trace id, where there was one.
        headers: The last answer's headers, by their names in lower case.
        attempts: The history of its sendings.
        seconds: How long the call took in all.
        outcome: `ok`, or the name of the error's class, or `cancelled`, or `left` for a stream that wasn't read to its
            end.
    """

    operation: str
    method: str
    path: str
    status: int | None
    request_id: str | None
    trace_id: str | None
    headers: Mapping[str, str]
    attempts: tuple[Attempt, ...]
    seconds: float
    outcome: str


traces: ContextVar[tuple[tuple[object, list[CallRecord]], ...]] = ContextVar("lootlocker_traces", default=())
"""The collectors of this context, each with the session manager whose calls it wants."""

History = list[tuple[str, int | None, str, float, float]]
"""A call's attempts as they are put down while it runs: an `Attempt` without its number."""

timings: ContextVar[tuple[Callable[[float, History], None], ...]] = ContextVar("lootlocker_timings", default=())
"""Who looks at thousands of calls of this context and shows none: told the seconds of each, and its attempts."""


class Observers:
    """The observers of a client; one that raises is logged and never breaks a call."""

    __slots__ = ("functions",)

    def __init__(self, functions: tuple[Observer, ...]) -> None:
        self.functions: tuple[Observer, ...] = functions

    def add(self, function: Observer) -> None:
        """Tell `function` as well from now on."""
        self.functions = (*self.functions, function)

    def remove(self, function: Observer) -> None:
        """Tell `function` no longer."""
        self.functions = tuple(known for known in self.functions if known != function)

    def tell(self, event: Event) -> None:
        """Hand the event to everyone, the log first."""
        from lootlocker_async.core import logs  # what a client without trouble never needs

        logs.write(event)
        for function in self.functions:
            try:
                function(event)
            except Exception:  # an observer is the user's code: whatever it raises must not break a call
                log.exception("an observer failed on %s", type(event).__name__)


def reason(error: BaseException) -> str:
    """An error in a few words, for events and histories: the name of its class, and what it says of itself."""
    return f"{type(error).__name__}: {error}" if isinstance(error, LootLockerError) else type(error).__name__
