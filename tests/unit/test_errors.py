"""The errors: who is whose child, what their text says, and that they travel."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from lootlocker_async import errors
from lootlocker_async.errors import (
    APIError,
    Attempt,
    BatchError,
    BatchFailure,
    BulkStoppedError,
    CallError,
    CallFacts,
    LootLockerError,
    OutcomeUnknownError,
    ResponseDecodeError,
    TransportError,
)

HISTORY = (Attempt(1, "r1", 503, "", 0.0, 0.1), Attempt(2, "r2", None, "ConnectionLostError", 0.5, 0.1))
CALL: CallFacts = {
    "operation": "things_get",
    "method": "GET",
    "path": "/things/7",
    "request_id": "r2",
    "trace_id": "t2",
    "attempts": HISTORY,
}
API: dict[str, Any] = {
    "status": 429,
    "code": "too_many",
    "param": "p",
    "doc_url": "https://docs",
    "retry_after": 1.5,
    "body": "{}",
}
# What is built of other errors has a test of its own.
CLASSES = [
    it
    for it in map(vars(errors).get, errors.__all__)
    if isinstance(it, type) and issubclass(it, Exception) and it not in {BatchError, BulkStoppedError}
]


def fields_of(kind: type[Exception]) -> dict[str, Any]:
    """All that an error of a class can hold."""
    if issubclass(kind, APIError):
        return {**CALL, **API}
    if issubclass(kind, TransportError):
        return {**CALL, "sent": True, "status": 200}
    if issubclass(kind, OutcomeUnknownError):
        return {**CALL, "query": (("a", "b"),), "sent_body": "{}", "status": 502}
    if issubclass(kind, ResponseDecodeError):
        return {**CALL, "reason": "shape", "field": "$.a", "status": 201, "executed": False, "body": "[]"}
    return {**CALL} if issubclass(kind, CallError) else {}


def made(kind: type[Exception]) -> Exception:
    return kind("what happened", **fields_of(kind))


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    "through",
    [
        *(lambda error, protocol=n: pickle.loads(pickle.dumps(error, protocol)) for n in range(6)),
        copy.copy,
        copy.deepcopy,
    ],
    ids=[*(f"pickle {n}" for n in range(6)), "copy", "deepcopy"],
)
def test_every_error_travels_with_all_it_holds(kind: type[Exception], through: Any) -> None:
    error = made(kind)
    error.add_note("a note")
    twin = through(error)
    assert type(twin) is kind
    assert twin is not error
    assert str(twin) == str(error)
    assert twin.args == error.args == ("what happened",)
    assert twin.__notes__ == ["a note"]
    for name, value in fields_of(kind).items():
        assert getattr(twin, name) == getattr(error, name) == value


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if issubclass(kind, CallError)])
def test_a_call_error_says_which_call_and_what_happened(kind: type[CallError]) -> None:
    text = str(made(kind))
    assert text.startswith("GET /things/7: what happened [")
    assert "request id r2, trace id t2, 2 attempts]" in text
    facts: dict[str, Any] = {
        name: fields_of(kind)[name] for name in ("status", "sent", "reason") if name in fields_of(kind)
    }
    if not issubclass(kind, (APIError, ResponseDecodeError)):
        assert str(kind("x", **facts)) == "the call: x"


def test_the_facts_of_an_answer_are_in_the_text() -> None:
    text = str(made(errors.RateLimitedError))
    assert "[status 429, code too_many, param p, retry after 1.5 s, request id" in text
    assert "[at $.a, status 201, the call was not executed, " in str(made(ResponseDecodeError))


def test_a_copy_is_raised_elsewhere_with_the_same_cause() -> None:
    try:
        try:
            raise OSError("below")
        except OSError as below:
            raise errors.ConnectError("above", sent=False, **CALL) from below
    except errors.ConnectError as caught:
        error = caught
    twin = error.copy()
    assert type(twin) is errors.ConnectError
    assert twin.__traceback__ is None
    assert twin.__cause__ is error.__cause__
    assert (str(twin), twin.sent, twin.attempts) == (str(error), False, HISTORY)


def test_the_family_is_as_it_is_documented() -> None:
    assert all(issubclass(kind, LootLockerError) for kind in CLASSES)
    parents = {
        "ConfigurationError": (LootLockerError, ValueError),
        "InvalidRequestError": (LootLockerError, ValueError),
        "ClientClosedError": (LootLockerError, RuntimeError),
        "WrongEventLoopError": (LootLockerError, RuntimeError),
        "CallError": (LootLockerError,),
        "APIError": (CallError,),
        "TransportError": (CallError,),
        "OutcomeUnknownError": (CallError,),
        "ResponseDecodeError": (CallError,),
        "ConnectError": (TransportError,),
        "ConnectionLostError": (TransportError,),
        "RequestTimeoutError": (TransportError, TimeoutError),
        "ServerError": (APIError,),
        "ServiceUnavailableError": (errors.ServerError,),
        "LootLockerError": (Exception,),
    }
    statuses = {
        "BadRequestError": 400,
        "AuthenticationError": 401,
        "PermissionDeniedError": 403,
        "NotFoundError": 404,
        "ConflictError": 409,
        "PayloadTooLargeError": 413,
        "UnprocessableEntityError": 422,
        "RateLimitedError": 429,
    }
    parents |= dict.fromkeys(statuses, (APIError,))
    assert {kind.__name__: kind.__bases__ for kind in CLASSES} == parents
    for name, status in statuses.items():
        assert errors.api_error_class(status).__name__ == name


@pytest.mark.parametrize("protocol", range(6))
def test_the_error_of_a_batch_travels_with_what_arrived(protocol: int) -> None:
    answered: Any = {**API, "status": 404}
    first = errors.NotFoundError("gone", **CALL, **answered)
    second = errors.ConnectError("no way", sent=False)
    error = BatchError(
        3, (BatchFailure(0, (1, 2), first), BatchFailure(2, (5,), second)), missing=(1, 2, 5), arrived={"items": [3, 4]}
    )
    twin = pickle.loads(pickle.dumps(error, protocol))
    assert isinstance(twin, BatchError)
    assert str(twin) == str(error)
    assert str(error) == (
        "GET /things/7: 2 of the 3 calls of this batch failed, the first as part 0 (gone); 3 of what it asked for are "
        "missing [request id r2, trace id t2, 2 attempts]"
    )
    assert (twin.parts, twin.missing, twin.arrived) == (3, (1, 2, 5), {"items": [3, 4]})
    assert [(failed.part, failed.keys, type(failed.error)) for failed in twin.failures] == [
        (0, (1, 2), errors.NotFoundError),
        (2, (5,), errors.ConnectError),
    ]
    assert (twin.operation, twin.request_id, twin.attempts) == ("things_get", "r2", HISTORY)


@pytest.mark.parametrize("protocol", range(6))
def test_the_error_of_a_bulk_job_travels_with_the_last_one(protocol: int) -> None:
    error = BulkStoppedError(3, errors.ConnectError("no way", sent=False, **CALL))
    twin = pickle.loads(pickle.dumps(error, protocol))
    assert isinstance(twin, BulkStoppedError)
    assert isinstance(twin, LootLockerError)
    assert str(twin) == str(error)
    assert str(error).startswith("3 calls in a row failed, the last with ConnectError: GET /things/7: no way [")
    assert (twin.failures, type(twin.last), twin.last.args) == (3, errors.ConnectError, ("no way",))


def test_an_error_is_caught_by_the_names_that_python_has() -> None:
    with pytest.raises(TimeoutError):
        raise errors.RequestTimeoutError("x", sent=False)
