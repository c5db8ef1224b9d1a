"""One call on its way: what is to be sent, and what became of it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from lootlocker_async.core import paths
from lootlocker_async.errors import Attempt, CallFacts

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from lootlocker_async.core.bodies import Body
    from lootlocker_async.core.tokens import Token
    from lootlocker_async.routes import Route

__all__ = ["Call", "CallOptions", "CallSettings"]


class CallOptions(NamedTuple):
    """What may differ from call to call: the seconds in all and for an attempt, and the number of repeats."""

    timeout: float
    attempt_timeout: float | None
    retries: int


class CallSettings(TypedDict, total=False):
    """`CallOptions` as keyword arguments."""

    timeout: float
    attempt_timeout: float | None
    retries: int


class Call:
    """One call on its way."""

    number: int = 0
    maybe_executed: bool = False
    renewals: int = 0
    flying: str = ""
    word: str = ""
    connecting: bool = False
    rang: bool = False
    status: int | None = None
    token: Token | None = None
    headers: Mapping[str, str] = {}
    trace_id: str | None = None

    def __init__(  # noqa: PLR0917  (made for every call, and positions are cheaper than names)
        self,
        route: Route,
        path: str,
        query: list[tuple[str, str]],
        body: bytes | Body | None,
        options: CallOptions,
        started: float,
        task: asyncio.Task[Any],
    ) -> None:
        self.route = route
        self.path = path
        self.query = query
        self.target: str = f"{path}?{paths.quote_query(query)}" if query else path
        self.body: bytes | Body | None = body
        self.options = options
        self.started = started
        self.deadline: float = started + options.timeout
        # A call that can't be sent again has all the time that is left for its one attempt.
        self.patience: float | None = options.attempt_timeout if route.idempotent else None
        self.task = task
        self.cancelling: int = task.cancelling()
        self.history: list[tuple[str, int | None, str, float, float]] = []

    @property
    def spent(self) -> bool:
        """Whether its body can't be sent again."""
        return not (self.body is None or isinstance(self.body, bytes)) and self.body.spent

    @property
    def sent(self) -> int:
        """How many attempts have ended."""
        return len(self.history)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The history of the call's attempts."""
        return tuple(Attempt(number, *noted) for number, noted in enumerate(self.history, 1))

    def alarm(self) -> None:
        """Time is up for the present attempt: wake its task. `asyncio.timeout` does the same at five times the cost."""
        self.rang = True
        self.task.cancel()

    def was_alarm(self) -> bool:
        """Whether what ended the attempt was the alarm alone; asked once, as the alarm's cancellation ends with it."""
        if not self.rang:
            return False
        self.rang = False
        return self.task.uncancel() <= self.cancelling

    def facts(self, request_id: str | None = None, trace_id: str | None = None) -> CallFacts:
        """What an error tells of the call."""
        return {
            "operation": self.route.operation,
            "method": self.route.verb,
            "path": self.path,
            "request_id": request_id or (self.history[-1][0] if self.history else None),
            "trace_id": trace_id or self.trace_id,
            "attempts": self.attempts,
        }
