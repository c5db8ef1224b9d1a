"""One call on its way: what is to be sent, and what became of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from lootlocker_async.core import paths
from lootlocker_async.errors import Attempt, CallFacts

if TYPE_CHECKING:
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

    __slots__ = (
        "attempts",
        "body",
        "deadline",
        "flying",
        "headers",
        "maybe_executed",
        "options",
        "path",
        "query",
        "renewed",
        "route",
        "started",
        "target",
        "token",
        "trace_id",
    )

    def __init__(
        self,
        route: Route,
        *,
        path: str,
        query: list[tuple[str, str]],
        body: bytes | None,
        options: CallOptions,
        started: float,
    ) -> None:
        self.route = route
        self.path = path
        self.query = query
        self.target = f"{path}?{paths.quote_query(query)}" if query else path
        self.body = body
        self.options = options
        self.started = started
        self.deadline = started + options.timeout
        self.attempts: list[Attempt] = []
        self.maybe_executed = False
        self.renewed = False
        self.flying = ""
        self.token: Token | None = None
        self.headers: Mapping[str, str] = {}
        self.trace_id: str | None = None

    def facts(self, request_id: str | None = None, trace_id: str | None = None) -> CallFacts:
        """What an error tells of the call."""
        return {
            "operation": self.route.operation,
            "method": self.route.verb,
            "path": self.path,
            "request_id": request_id or (self.attempts[-1].request_id if self.attempts else None),
            "trace_id": trace_id or self.trace_id,
            "attempts": tuple(self.attempts),
        }
