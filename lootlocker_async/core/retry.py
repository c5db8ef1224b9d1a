"""What may be sent again, when, and how often.

The verdicts are plain functions over a call and its failure; only the pauses between attempts are backoff's.
"""

from __future__ import annotations

import asyncio
import enum
import random
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Protocol, TypeVar, cast

import backoff

from lootlocker_async.errors import APIError, CallError, RequestTimeoutError, TransportError
from lootlocker_async.routes import Route

T = TypeVar("T")

_OVERLOADED = 503
_RATE_LIMITED = 429
_BROKEN = frozenset({500, 502, 503, 504})


class Verdict(enum.Enum):
    """What a failed attempt means for its call."""

    STOP = "the error is the answer"
    AGAIN = "send it again"
    UNKNOWN = "nobody can say whether it was executed"
    DONE = "an earlier attempt did it"


class Retried(Protocol):
    """What a verdict needs to know of a call."""

    route: Route
    deadline: float
    maybe_executed: bool

    @property
    def spent(self) -> bool:
        """Whether its body can't be sent again."""
        ...


def certainly_not_executed(error: CallError) -> bool:
    """Whether the service can't have executed the attempt that failed so."""
    if isinstance(error, TransportError):
        return not error.sent
    if isinstance(error, APIError):
        if error.status == _OVERLOADED:
            return error.retry_after is not None
        return error.status not in _BROKEN
    return False


def judge(call: Retried, error: CallError) -> Verdict:
    """Decide what a failed attempt means."""
    route = call.route
    if isinstance(error, APIError):
        if error.status in route.repeat_done and call.maybe_executed:
            return Verdict.DONE
        if error.status != _RATE_LIMITED and error.status not in _BROKEN:
            return Verdict.STOP
    elif not isinstance(error, TransportError) or (isinstance(error, RequestTimeoutError) and not error.sent):
        # The latter's time was up, or would be, before its turn came.
        return Verdict.STOP
    if certainly_not_executed(error) or route.idempotent:
        return Verdict.STOP if call.spent else Verdict.AGAIN
    if isinstance(error, TransportError) and error.status is not None and error.status < 300:
        return Verdict.STOP
    return Verdict.UNKNOWN


async def repeat(
    call: Retried,
    failure: CallError,
    attempt: Callable[[], Awaitable[T]],
    *,
    retries: int,
    base: float,
    cap: float,
    on_pause: Callable[[CallError, float], None],
) -> T:
    """Go on with a call whose first attempt failed.

    Args:
        call: The call.
        failure: What the first attempt raised.
        attempt: Sends the call once more.
        retries: How many more attempts there may be.
        base: Seconds that the first pause lasts at most.
        cap: Seconds that any pause lasts at most, where the service named none.
        on_pause: Told the failure and the pause before each further attempt.

    Raises:
        CallError: The last attempt's error, when the call can't or mustn't be sent again.
    """
    first: CallError | None = failure

    async def once_more() -> T:
        # backoff pauses after a failure, and the first failure was had before backoff was entered.
        nonlocal first
        if first is not None:
            error, first = first, None
            raise error
        return await attempt()

    def tell(details: Any) -> None:  # noqa: ANN401  (backoff's own dict, which its types don't know whole)
        on_pause(details["exception"], details["wait"])

    # max_time and jitter stay out: backoff would measure by the wall clock and would jitter a Retry-After.
    persistent = backoff.on_exception(
        _pauses,
        CallError,
        max_tries=retries + 1,
        jitter=None,
        giveup=lambda error: judge(call, cast("CallError", error)) is not Verdict.AGAIN,
        on_backoff=tell,
        logger=None,
        deadline=call.deadline,
        base=base,
        cap=cap,
    )(once_more)
    return await persistent()


def _pauses(deadline: float, base: float, cap: float) -> Generator[float, Any, None]:
    """The pause after each failure; it ends where the next attempt would come after the deadline."""
    loop = asyncio.get_running_loop()
    error = yield 0.0
    most = base
    while True:
        asked = error.retry_after if isinstance(error, APIError) else None
        pause = asked if asked is not None else random.uniform(0, min(most, cap))
        if loop.time() + pause >= deadline:
            return
        most *= 2
        error = yield pause
