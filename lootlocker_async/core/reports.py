"""What is told of a call: events for observers, records for traces, and the errors that name it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from lootlocker_async.core import answers
from lootlocker_async.core.observers import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallRecord,
    CallStarted,
    Observers,
    OutcomeUnknown,
    RetryPlanned,
    Waited,
    reason,
)
from lootlocker_async.errors import (
    CallError,
    ConnectError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
)

if TYPE_CHECKING:
    import asyncio

    from lootlocker_async.core.call import Call
    from lootlocker_async.core.observers import WaitReason
    from lootlocker_async.core.serde import Unreadable
    from lootlocker_async.core.transport import Answer, TooLarge
    from lootlocker_async.errors import APIError, Attempt
    from lootlocker_async.routes import Route


class Reported(Protocol):
    """What observers and traces are told of: a call, or a download."""

    route: Route
    path: str
    number: int
    headers: Mapping[str, str]
    trace_id: str | None

    @property
    def sent(self) -> int:
        """How many attempts have ended."""
        ...

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The history of its attempts."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown of it."""
        ...


_numbers = itertools.count(1)


class Reporter:
    """Tells what happens to a client's calls, without its secrets."""

    __slots__ = ("_observers", "_places", "_secrets")

    def __init__(
        self, observers: Observers, secrets: Callable[[], tuple[str, ...]], *, address: str, root: str
    ) -> None:
        """Tell nothing yet.

        Args:
            observers: Who is told.
            secrets: Gives the texts that must not be shown.
            address: What the paths of calls are added to.
            root: What those are added to that stand beside it.
        """
        self._observers = observers
        self._secrets = secrets
        self._places = (address, root)

    # --------------------------------------------------------------------------------------------------- secrets
    def _hidden(self, call: Reported) -> tuple[str, ...]:
        """What must not be shown of a call; its own token may have been replaced since."""
        return (*self._secrets(), *call.secrets)

    def _excerpt(self, call: Call, body: bytes) -> str:
        """The beginning of a body; it may hold a token that nobody knows yet."""
        return "" if call.route.secret else answers.excerpt(body, self._hidden(call))

    def _ids(self, call: Reported, headers: Mapping[str, str]) -> tuple[str, str | None]:
        sent = call.attempts[-1].request_id if call.attempts else ""
        return answers.ids(headers, sent, self._hidden(call))

    # ---------------------------------------------------------------------------------------------------- events
    def began(self, call: Call) -> None:
        """A call that is observed begins."""
        route, call.number = call.route, next(_numbers)
        template = "" if route.operation == "request" else route.path
        address = self._places[route.below_root]
        self._observers.tell(CallStarted(route.operation, route.verb, call.path, template, address, call.number))

    def over(self, call: Call, seconds: float, outcome: str) -> None:
        """A call has ended."""
        route = call.route
        request_id, trace_id = self._ids(call, call.headers)
        self._observers.tell(
            CallEnded(
                operation=route.operation,
                method=route.verb,
                path=call.path,
                status=call.history[-1][1] if call.history else None,
                request_id=request_id or None,
                trace_id=trace_id or call.trace_id,
                attempts=call.sent,
                seconds=seconds,
                outcome=outcome,
                call=call.number,
            )
        )

    def waited(self, operation: str, number: int, why: WaitReason, seconds: float) -> None:
        """A call has waited before it could go out."""
        self._observers.tell(Waited(operation, why, seconds, number))

    def started(self, call: Reported, request_id: str, headers: dict[str, str]) -> None:
        """An attempt is about to go out, with its own headers and what observers want to be sent beside them."""
        route, more = call.route, dict[str, str]()
        self._observers.tell(
            AttemptStarted(route.operation, route.verb, call.path, call.sent + 1, request_id, call.number, more)
        )
        if more:
            _add_headers(headers, more)

    def ended(self, call: Reported) -> None:
        """An attempt was answered or failed."""
        route = call.route
        _, trace_id = self._ids(call, call.headers)
        self._observers.tell(
            AttemptEnded(route.operation, route.verb, call.path, call.attempts[-1], trace_id, call.number)
        )

    def pause(self, call: Reported, error: CallError, wait: float) -> None:
        """A failed attempt will be followed by another."""
        self._observers.tell(RetryPlanned(call.route.operation, call.sent, reason(error), wait, call.number))

    def record(self, call: Reported, seconds: float, outcome: str) -> CallRecord:
        """What became of a call."""
        last = call.attempts[-1] if call.attempts else None
        request_id, trace_id = self._ids(call, call.headers)
        hidden = self._hidden(call)
        return CallRecord(
            operation=call.route.operation,
            method=call.route.verb,
            path=call.path,
            status=last.status if last else None,
            request_id=request_id or None,
            trace_id=trace_id or call.trace_id,
            headers={name.lower(): answers.redact(value, hidden) for name, value in call.headers.items()},
            attempts=call.attempts,
            seconds=seconds,
            outcome=outcome,
        )

    # ---------------------------------------------------------------------------------------------------- errors
    def lost(self, call: Call, error: TransportError, request_id: str) -> TransportError:
        """An attempt got no whole answer: its error learns which call it is about."""
        call.maybe_executed |= error.sent
        call.flying = ""
        for name, value in call.facts(request_id).items():
            setattr(error, name, value)
        return error

    def refusal(self, call: Call, answer: Answer) -> APIError:
        """The error that an answer tells."""
        request_id, trace_id = self._ids(call, answer.headers)
        error = answers.api_error(
            answer.status, answer.headers, answer.body, self._hidden(call), call.facts(request_id, trace_id)
        )
        call.trace_id = error.trace_id
        call.maybe_executed |= error.status in {500, 502, 504} or (error.status == 503 and error.retry_after is None)
        return error

    def too_large(self, call: Call, large: TooLarge, request_id: str) -> ResponseDecodeError:
        """The error of an answer that went over the limit."""
        call.flying = ""
        start, large.start = large.start, b""  # it stays in the chain of the error, and isn't redacted
        return ResponseDecodeError(
            str(large),
            reason="too_large",
            status=large.status,
            body=self._excerpt(call, start),
            **call.facts(request_id),
        )

    def unreadable(self, call: Call, answer: Answer, error: Unreadable) -> ResponseDecodeError:
        """The error of an answer that makes no model."""
        request_id, trace_id = self._ids(call, answer.headers)
        return ResponseDecodeError(
            error.message,
            reason=error.reason,
            field=error.field,
            status=answer.status,
            body=self._excerpt(call, answer.body),
            **call.facts(request_id, trace_id),
        )

    def outcome_unknown(self, call: Call, failure: CallError) -> OutcomeUnknownError:
        """The error of a call that may have been executed and can't be sent again; observers are told as well."""
        self._in_doubt(call, failure.request_id or "", reason(failure))
        body = call.body.decode() if isinstance(call.body, bytes) else call.body.shown() if call.body else None
        if body is not None:
            body = answers.redact(body, self._hidden(call))
        return OutcomeUnknownError(
            f"it was sent, and whether it was executed is not known ({failure.message}); "
            "read the state back before sending it again",
            query=tuple(call.query),
            sent_body=body,
            status=getattr(failure, "status", None),
            **call.facts(failure.request_id, failure.trace_id),
        )

    def cut_off(self, call: Call, cancelled: asyncio.CancelledError) -> None:
        """A call that may have been executed was cancelled: observers are told, and the exception is given a note."""
        self._in_doubt(call, call.flying, "cancelled")
        cancelled.add_note(
            f"{call.route.verb} {call.path} [request id {call.flying}] had been sent when it was cancelled; "
            "whether it was executed is not known"
        )

    def _in_doubt(self, call: Call, request_id: str, why: str) -> None:
        route = call.route
        self._observers.tell(OutcomeUnknown(route.operation, route.verb, call.path, request_id, why, call.number))


_OURS = frozenset({"connection", "content-length", "host", "ll-version", "transfer-encoding", "user-agent"})


def _add_headers(headers: dict[str, str], more: Mapping[str, str]) -> None:
    """Add what observers want to be sent; they can neither replace what is ours nor send what breaks a request."""
    ours = _OURS.union(name.lower() for name in headers)
    for name, value in more.items():
        fits = all(isinstance(text, str) and text.isascii() and text.isprintable() for text in (name, value))
        if fits and name.replace("-", "").isalnum() and name.lower() not in ours:
            headers[name] = value


def out_of_time(call: Call, seconds: float) -> TransportError:
    """The error of an attempt that was given up."""
    if call.connecting:
        return ConnectError("no connection could be made in time", sent=False)
    return RequestTimeoutError(f"no whole answer within {seconds:.3g} s", sent=True, status=call.status)
