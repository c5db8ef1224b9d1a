"""What a backend answers to its own caller when a call to LootLocker failed; for any web framework."""

from __future__ import annotations

import logging
import math

import attrs

from lootlocker_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BatchError,
    BulkStoppedError,
    CallError,
    ClientClosedError,
    ConflictError,
    InvalidRequestError,
    LootLockerError,
    NotFoundError,
    OutcomeUnknownError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitedError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServiceUnavailableError,
    UnprocessableEntityError,
)

__all__ = ["HANDLED", "ErrorAnswer", "error_answer"]

HANDLED: tuple[type[LootLockerError], ...] = (CallError, BulkStoppedError, InvalidRequestError, ClientClosedError)
"""The errors that become answers. The others (`ConfigurationError`, `WrongEventLoopError`) are the program's own."""


@attrs.frozen
class ErrorAnswer:
    """An answer to a backend's caller. Nothing in it is of the service's or the SDK's own words.

    Attributes:
        status: The HTTP status.
        error: What kind of failure it was, in a word or two that never change.
        detail: The same for people.
        retry_after: Whole seconds after which another try makes sense, where that is known.
        request_id: The id that names the request to LootLocker's support, where there is one.
        level: How much the failure matters to who runs the backend, as a level of `logging`.
    """

    status: int
    error: str
    detail: str
    retry_after: int | None = None
    request_id: str | None = None
    level: int = logging.WARNING

    @property
    def body(self) -> dict[str, str]:
        """The answer's body, to be written as JSON."""
        told = {"detail": self.detail, "error": self.error}
        return told if self.request_id is None else {**told, "request_id": self.request_id}

    @property
    def headers(self) -> dict[str, str]:
        """The answer's own headers."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


_INVALID = ErrorAnswer(422, "invalid", "A value of the request doesn't fit.")
_FAILED = ErrorAnswer(502, "upstream_failed", "The game service failed.")
# Who asks can't do anything about the backend's own key, and needn't know of it; who runs the backend must.
_REFUSED = attrs.evolve(_FAILED, level=logging.ERROR)
_UNAVAILABLE = ErrorAnswer(503, "unavailable", "The game service is not available at the moment.")

# The first that fits.
_ANSWERS: tuple[tuple[type[LootLockerError], ErrorAnswer], ...] = (
    (NotFoundError, ErrorAnswer(404, "not_found", "There is no such thing.", level=logging.INFO)),
    (ConflictError, ErrorAnswer(409, "conflict", "It is there already, or can't be done now.", level=logging.INFO)),
    (PayloadTooLargeError, ErrorAnswer(413, "too_large", "The request is too large.", level=logging.INFO)),
    (BadRequestError, _INVALID),
    (UnprocessableEntityError, _INVALID),
    (InvalidRequestError, _INVALID),
    (AuthenticationError, _REFUSED),
    (PermissionDeniedError, _REFUSED),
    (RateLimitedError, _UNAVAILABLE),
    (ServiceUnavailableError, _UNAVAILABLE),
    (ClientClosedError, _UNAVAILABLE),
    (RequestTimeoutError, ErrorAnswer(504, "timeout", "The game service did not answer in time.")),
    (
        OutcomeUnknownError,
        ErrorAnswer(
            502,
            "outcome_unknown",
            "Nobody can say whether the change was made, as no answer came. Look before trying again.",
        ),
    ),
    (ResponseDecodeError, ErrorAnswer(502, "unreadable_answer", "The game service's answer can't be read.")),
)


def error_answer(error: LootLockerError) -> ErrorAnswer:
    """What to answer to the caller of a backend when a call to LootLocker failed.

    Args:
        error: One of the errors of `HANDLED`. A batch's error is answered as the first of its failures,
            and a bulk job's as the last.

    Returns:
        The answer. It holds the service's request id, and no other text of the service or of the error.
    """
    if isinstance(error, BatchError):
        return error_answer(error.failures[0].error)
    if isinstance(error, BulkStoppedError):
        return error_answer(error.last)
    answer = next((answer for kind, answer in _ANSWERS if isinstance(error, kind)), _FAILED)
    request_id = error.request_id if isinstance(error, CallError) else None
    return attrs.evolve(answer, retry_after=_retry_after(error), request_id=request_id or None)


def _retry_after(error: LootLockerError) -> int | None:
    """Whole seconds, rounded up; a rate limit that doesn't say how long it lasts is worth a second."""
    if not isinstance(error, (RateLimitedError, ServiceUnavailableError)):
        return None
    asked = error.retry_after if isinstance(error, APIError) else None
    if asked is None:
        return 1 if isinstance(error, RateLimitedError) else None
    return max(1, math.ceil(asked))
