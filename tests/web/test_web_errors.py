"""What a backend's caller is told when a call failed."""

from __future__ import annotations

import inspect
import json
import logging

import pytest

from lootlocker_async import errors
from lootlocker_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BatchError,
    BatchFailure,
    BulkStoppedError,
    ClientClosedError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    InvalidRequestError,
    LootLockerError,
    NotFoundError,
    OutcomeUnknownError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitedError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    ServiceUnavailableError,
    UnprocessableEntityError,
)
from lootlocker_async.integrations.web_errors import HANDLED, error_answer

TOLD = "the service's words: key dev_0f6c2b19 of player 361"


def api(kind: type[APIError], status: int, retry_after: float | None = None) -> APIError:
    return kind(TOLD, status=status, code="some_code", body=TOLD, retry_after=retry_after, request_id="req-7")


CASES: list[tuple[LootLockerError, int, str, int | None]] = [
    (api(BadRequestError, 400), 422, "invalid", None),
    (api(AuthenticationError, 401), 502, "upstream_failed", None),
    (api(PermissionDeniedError, 403), 502, "upstream_failed", None),
    (api(NotFoundError, 404), 404, "not_found", None),
    (api(ConflictError, 409), 409, "conflict", None),
    (api(PayloadTooLargeError, 413), 413, "too_large", None),
    (api(UnprocessableEntityError, 422), 422, "invalid", None),
    (api(RateLimitedError, 429), 503, "unavailable", 1),
    (api(RateLimitedError, 429, 0.0), 503, "unavailable", 1),
    (api(RateLimitedError, 429, 12.2), 503, "unavailable", 13),
    (api(ServerError, 500), 502, "upstream_failed", None),
    (api(ServiceUnavailableError, 503), 503, "unavailable", None),
    (api(ServiceUnavailableError, 503, 30.0), 503, "unavailable", 30),
    (api(APIError, 302), 502, "upstream_failed", None),
    (ConnectError(TOLD, sent=False, request_id="req-7"), 502, "upstream_failed", None),
    (ConnectionLostError(TOLD, sent=True, request_id="req-7"), 502, "upstream_failed", None),
    (RequestTimeoutError(TOLD, sent=True, request_id="req-7"), 504, "timeout", None),
    (OutcomeUnknownError(TOLD, sent_body=TOLD, request_id="req-7"), 502, "outcome_unknown", None),
    (ResponseDecodeError(TOLD, reason="shape", body=TOLD, request_id="req-7"), 502, "unreadable_answer", None),
    (InvalidRequestError(TOLD), 422, "invalid", None),
    (ClientClosedError(TOLD), 503, "unavailable", None),
]


@pytest.mark.parametrize(("error", "status", "word", "retry_after"), CASES, ids=lambda it: str(type(it).__name__))
def test_an_error_has_its_answer(error: LootLockerError, status: int, word: str, retry_after: int | None) -> None:
    answer = error_answer(error)
    assert (answer.status, answer.error, answer.retry_after) == (status, word, retry_after)
    assert answer.headers == ({} if retry_after is None else {"Retry-After": str(retry_after)})
    assert answer.body.get("request_id") == getattr(error, "request_id", None)
    assert answer.body.keys() - {"request_id"} == {"detail", "error"}
    assert TOLD not in json.dumps(answer.body)


def test_every_error_has_been_thought_of() -> None:
    """What the SDK raises either becomes an answer, or is a fault of the program's own."""
    kinds = {kind for name in errors.__all__ if inspect.isclass(kind := getattr(errors, name))}
    ours = {kind for kind in kinds if issubclass(kind, LootLockerError)}
    unanswered = {kind.__name__ for kind in ours if not issubclass(kind, HANDLED)}
    assert unanswered == {"LootLockerError", "ConfigurationError", "WrongEventLoopError"}


def test_a_batch_is_answered_as_its_first_failure() -> None:
    failures = (
        BatchFailure(0, (1,), RateLimitedError(TOLD, status=429, retry_after=3.0, request_id="req-8")),
        BatchFailure(2, (5,), NotFoundError(TOLD, status=404)),
    )
    answer = error_answer(BatchError(3, failures, missing=(1, 5), arrived=None))
    assert (answer.status, answer.retry_after, answer.request_id) == (503, 3, "req-8")


def test_a_bulk_job_is_answered_as_its_last_failure() -> None:
    answer = error_answer(BulkStoppedError(20, RateLimitedError(TOLD, status=429, retry_after=3.0, request_id="req-8")))
    assert (answer.status, answer.retry_after, answer.request_id) == (503, 3, "req-8")


def test_who_runs_the_backend_is_told_loudly_of_a_refused_key() -> None:
    refused, failed = error_answer(api(AuthenticationError, 401)), error_answer(api(ServerError, 500))
    assert refused.level == logging.ERROR > failed.level
    assert (refused.status, refused.body) == (failed.status, failed.body)
