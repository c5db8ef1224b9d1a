"""Everything that this package raises on purpose.

Each error says in its text what happened and to which call, pickles, and holds no secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple, Self, TypedDict, Unpack, cast

__all__ = [
    "APIError",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "BatchError",
    "BatchFailure",
    "BulkStoppedError",
    "CallError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "InvalidRequestError",
    "LootLockerError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "RateLimitedError",
    "RequestTimeoutError",
    "ResponseDecodeError",
    "ServerError",
    "ServiceUnavailableError",
    "TransportError",
    "UnprocessableEntityError",
    "WrongEventLoopError",
]


class Attempt(NamedTuple):
    """One sending of a call, as it is told in errors and traces.

    Attributes:
        number: Which sending of the call it was, from 1.
        request_id: The id that was sent with it (`x-request-id`).
        status: The status that was answered, or None without an answer.
        error: What went wrong, in a word or two, or an empty string.
        started: Seconds from the start of the call to the start of this attempt.
        seconds: How long it took.
    """

    number: int
    request_id: str
    status: int | None
    error: str
    started: float
    seconds: float


class CallFacts(TypedDict, total=False):
    """Which call an error is about; the keyword arguments that every `CallError` takes."""

    operation: str
    method: str
    path: str
    request_id: str | None
    trace_id: str | None
    attempts: tuple[Attempt, ...]


class LootLockerError(Exception):
    """The root of everything raised on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(kind: type[LootLockerError], args: tuple[object, ...], state: dict[str, object]) -> LootLockerError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(LootLockerError, ValueError):
    """A setting of the client is missing or makes no sense."""


class InvalidRequestError(LootLockerError, ValueError):
    """The arguments of a call don't fit; nothing was sent."""


class ClientClosedError(LootLockerError, RuntimeError):
    """The client has been closed."""


class WrongEventLoopError(LootLockerError, RuntimeError):
    """Something that is bound to one event loop was used in another."""


class CallError(LootLockerError):
    """A call that failed after it had begun.

    Attributes:
        message: What happened.
        operation: The contract's name of the call, such as `leaderboards_submit_score`.
        method: The HTTP verb.
        path: The path below the base address, without the query.
        request_id: The id that names the request to LootLocker's support, or, without an answer, the one we sent.
        trace_id: The id that traces the request through LootLocker's systems, where the answer had one.
        attempts: The history of the call's sendings.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        method: str = "",
        path: str = "",
        request_id: str | None = None,
        trace_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.method = method
        self.path = path
        self.request_id = request_id
        self.trace_id = trace_id
        self.attempts: tuple[Attempt, ...] = attempts

    def copy(self) -> Self:
        """An equal error without a traceback, for raising in another task."""
        twin = cast("Self", _rebuild(type(self), self.args, self.__dict__.copy()))
        twin.__cause__ = self.__cause__
        return twin

    def _facts(self) -> list[str]:
        facts = [f"request id {self.request_id}"] if self.request_id else []
        if self.trace_id:
            facts.append(f"trace id {self.trace_id}")
        if len(self.attempts) > 1:
            facts.append(f"{len(self.attempts)} attempts")
        return facts

    def __str__(self) -> str:
        call = f"{self.method} {self.path}" if self.method else "the call"
        facts = self._facts()
        return f"{call}: {self.message}" + (f" [{', '.join(facts)}]" if facts else "")


# --------------------------------------------------------------------------------------------- the service said no
class APIError(CallError):
    """The service answered with a status that isn't success.

    Attributes:
        status: The HTTP status.
        code: The service's short code for the kind of error, or an empty string; decide by it, not by the message.
        param: The parameter that is missing or wrong, where the answer names one.
        doc_url: A page about this kind of error.
        retry_after: Seconds that the service asked to wait, or None.
        body: The beginning of the answer's body as text.
    """

    status_code: ClassVar[int | None] = None

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        param: str = "",
        doc_url: str = "",
        retry_after: float | None = None,
        body: str = "",
        **call: Unpack[CallFacts],
    ) -> None:
        super().__init__(message, **call)
        self.status = status
        self.code = code
        self.param = param
        self.doc_url = doc_url
        self.retry_after = retry_after
        self.body = body

    def _facts(self) -> list[str]:
        facts = [f"status {self.status}"]
        if self.code:
            facts.append(f"code {self.code}")
        if self.param:
            facts.append(f"param {self.param}")
        if self.retry_after is not None:
            facts.append(f"retry after {self.retry_after:g} s")
        return facts + super()._facts()


class BadRequestError(APIError):
    """400: the request is malformed or a field fails validation."""

    status_code: ClassVar[int | None] = 400


class AuthenticationError(APIError):
    """401: the key or the token is missing, wrong or expired."""

    status_code: ClassVar[int | None] = 401


class PermissionDeniedError(APIError):
    """403: the key is not allowed to do this, or a wallet holds too little."""

    status_code: ClassVar[int | None] = 403


class NotFoundError(APIError):
    """404: no such player, leaderboard, asset or other resource."""

    status_code: ClassVar[int | None] = 404


class ConflictError(APIError):
    """409: the resource exists already, or its state forbids the change."""

    status_code: ClassVar[int | None] = 409


class PayloadTooLargeError(APIError):
    """413: the request is larger than the service takes."""

    status_code: ClassVar[int | None] = 413


class UnprocessableEntityError(APIError):
    """422: the request is well-formed and makes no sense to the service."""

    status_code: ClassVar[int | None] = 422


class RateLimitedError(APIError):
    """429: the game is rate limited; `retry_after` says for how long."""

    status_code: ClassVar[int | None] = 429


class ServerError(APIError):
    """5xx: something failed inside the service."""


class ServiceUnavailableError(ServerError):
    """503: the service is briefly unavailable."""

    status_code: ClassVar[int | None] = 503


_BY_STATUS: Mapping[int, type[APIError]] = {
    kind.status_code: kind
    for kind in (
        BadRequestError,
        AuthenticationError,
        PermissionDeniedError,
        NotFoundError,
        ConflictError,
        PayloadTooLargeError,
        UnprocessableEntityError,
        RateLimitedError,
        ServiceUnavailableError,
    )
    if kind.status_code is not None
}


def api_error_class(status: int) -> type[APIError]:
    """The class of error for a status."""
    return _BY_STATUS.get(status) or (ServerError if status >= 500 else APIError)


# ------------------------------------------------------------------------------------------ no answer could be had
class TransportError(CallError):
    """No whole answer came.

    Attributes:
        sent: Whether the request may have reached the service. False is certain, True is not.
        status: The status of the answer that had begun, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        sent: bool,
        status: int | None = None,
        **call: Unpack[CallFacts],
    ) -> None:
        super().__init__(message, **call)
        self.sent = sent
        self.status = status


class ConnectError(TransportError):
    """The connection was never made (name look-up, refused, TLS); nothing was sent."""


class RequestTimeoutError(TransportError, TimeoutError):
    """Time ran out; `sent` says whether the request may have reached the service."""


class ConnectionLostError(TransportError):
    """The connection broke after the request was begun."""


class OutcomeUnknownError(CallError):
    """A call that must not be sent twice was sent, and nobody can say whether it was executed.

    Look before sending it again: read the score, the inventory or the wallet back. `__cause__` holds what happened
    to the last attempt.

    Attributes:
        query: The query that was sent.
        sent_body: The JSON body that was sent, with secrets blanked, or None.
        status: The status that was answered, or None without an answer.
    """

    def __init__(
        self,
        message: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        sent_body: str | None = None,
        status: int | None = None,
        **call: Unpack[CallFacts],
    ) -> None:
        super().__init__(message, **call)
        self.query = query
        self.sent_body = sent_body
        self.status = status


class ResponseDecodeError(CallError):
    """The answer could not be made sense of.

    Attributes:
        reason: Why, as a short kind: `json`, `utf-8`, `shape`, `too_deep`, `too_large`, `empty` or `cut`.
        field: The path of the field that doesn't fit, such as `$.items[3].score`; `$` for the whole.
        status: The HTTP status.
        executed: Whether the call was executed (an answer of success that can't be read was).
        body: The beginning of the answer's body as text.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: Literal["json", "utf-8", "shape", "too_deep", "too_large", "empty", "cut"],
        field: str = "$",
        status: int = 200,
        executed: bool = True,
        body: str = "",
        **call: Unpack[CallFacts],
    ) -> None:
        super().__init__(message, **call)
        self.reason = reason
        self.field = field
        self.status = status
        self.executed = executed
        self.body = body

    def _facts(self) -> list[str]:
        told = "the call was executed" if self.executed else "the call was not executed"
        return [f"at {self.field}", f"status {self.status}", told, *super()._facts()]


# ------------------------------------------------------------------------------------------------------- batches
class BatchFailure(NamedTuple):
    """A part of a batch that failed.

    Attributes:
        part: The part's number, from 0.
        keys: What it asked for.
        error: What became of it.
    """

    part: int
    keys: tuple[Any, ...]
    error: CallError


class BatchError(CallError):
    """Some of the calls that a large batch was cut into failed; what the others answered is kept.

    The facts of the call (`operation`, `request_id` and so on) are those of the first part that failed, whose error
    is the `__cause__` too.

    Attributes:
        parts: How many calls the batch was cut into.
        failures: The parts that failed, in order.
        missing: What was asked for and has no answer: of the parts that failed and of those never begun.
        arrived: The answers that came, merged as the whole would have been; None where none came.
    """

    def __init__(
        self, parts: int, failures: tuple[BatchFailure, ...], *, missing: tuple[Any, ...], arrived: object
    ) -> None:
        first = failures[0].error
        message = (
            f"{len(failures)} of the {parts} calls of this batch failed, the first as part {failures[0].part} "
            f"({first.message}); {len(missing)} of what it asked for are missing"
        )
        super().__init__(
            message,
            operation=first.operation,
            method=first.method,
            path=first.path,
            request_id=first.request_id,
            trace_id=first.trace_id,
            attempts=first.attempts,
        )
        self.parts = parts
        self.failures: tuple[BatchFailure, ...] = failures
        self.missing: tuple[Any, ...] = missing
        self.arrived = arrived


class BulkStoppedError(LootLockerError):
    """A bulk job was given up, because one call after the other failed for a reason that wasn't its own.

    What had been delivered or exported before stays, and the job's checkpoint leads on from there.

    Attributes:
        failures: How many calls in a row failed.
        last: The error of the last one, which is the `__cause__` too.
    """

    def __init__(self, failures: int, last: LootLockerError) -> None:
        super().__init__(f"{failures} calls in a row failed, the last with {type(last).__name__}: {last}")
        self.failures = failures
        self.last = last
