"""What comes back: each example becomes a model that loses nothing, and each documented error its class."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract_calls import make
from contract_deviations import ENVELOPES, assert_keeps
from contract_server import KEY, CannedServer
from contract_spec import Operation, contract, operations
from contract_values import answers, calls

from lootlocker_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    LootLockerClient,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    ServerError,
    ServiceUnavailableError,
)

ERRORS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitedError,
    500: ServerError,
    503: ServiceUnavailableError,
}
NOT_KNOWN_WHETHER_EXECUTED = {500, 503}

ANSWERS = [pytest.param(op, raw, id=f"{op.id}-{name}") for op in operations() for name, raw in answers(op).items()]


def test_every_answer_with_a_body_has_an_example(operation: Operation) -> None:
    _, body = operation.success()
    assert body is None or body.examples


@pytest.mark.parametrize(("of", "raw"), ANSWERS)
async def test_answers_lose_nothing(client: LootLockerClient, server: CannedServer, of: Operation, raw: Any) -> None:
    server.answer_login = of.id != "session_start"
    server.will_answer(of.success()[0], raw)
    found = await make(client, of, calls(of)["all"])
    if raw is None:
        assert found is None
        return
    if of.paging is not None:
        assert found.items == getattr(found.answer, of.paging["items"])
        assert len(found) == len(raw[of.paging["items"]])
        found = found.answer
    assert_keeps(found, raw[ENVELOPES[of.id]] if of.id in ENVELOPES else raw)
    assert [drift for drift in client.drift if drift.kind != "missing"] == []


def statuses(operation: Operation) -> list[tuple[int, int | None]]:
    """Every error that is documented of an operation, with a Retry-After and without where there may be one."""
    return [
        (status, after)
        for status, response in operation.responses().items()
        if status >= 300
        for after in ((None, 7) if "Retry-After" in response.get("headers", {}) else (None,))
    ]


async def test_documented_errors_have_their_class(server: CannedServer, operation: Operation) -> None:
    server.answer_login = operation.id != "session_start"
    assert statuses(operation)
    for status, after in statuses(operation):
        # A client of its own for each: a Retry-After pauses the one that met it.
        async with LootLockerClient(KEY, base_url=server.base_url, retries=0, trust_env=False) as client:
            await assert_class(client, server, operation, status, after)


async def assert_class(
    client: LootLockerClient, server: CannedServer, of: Operation, status: int, after: int | None
) -> None:
    told = contract()["components"]["schemas"]["Error"]["example"]
    server.will_answer(status, told, {"Retry-After": str(after)} if after is not None else {})
    unknown = not of.raw["x-idempotent"] and status in NOT_KNOWN_WHETHER_EXECUTED and after is None
    with pytest.raises(OutcomeUnknownError if unknown else ERRORS[status]) as caught:
        await make(client, of, calls(of)["all"])
    error = caught.value.__cause__ if unknown else caught.value
    assert type(error) is ERRORS[status]
    assert isinstance(error, APIError)
    assert {name: getattr(error, name) for name in told} == told
    assert (error.status, error.retry_after, json.loads(error.body)) == (status, after, told)
    assert (error.operation, error.method) == (of.id, of.verb)
    assert error.path == server.received[0].raw_path.removeprefix("/server")
    # A 401 may be about the token, so that a new one is tried once; all else is sent once.
    assert len(server.received) == (2 if status == 401 and of.credential == "token" else 1)


@pytest.mark.parametrize("body", [b"", b"<html>bad gateway</html>", b"[1]", b'{"message": 5, "code": null}', b"\xff"])
@pytest.mark.parametrize("status", sorted(ERRORS))
async def test_errors_without_their_body(server: CannedServer, status: int, body: bytes) -> None:
    server.will_answer(status, body, {"Content-Type": "text/html"})
    async with LootLockerClient(KEY, base_url=server.base_url, retries=0, trust_env=False) as client:
        with pytest.raises(ERRORS[status]) as caught:
            await client.session.ping()
    assert type(caught.value) is ERRORS[status]
    assert caught.value.code == ""
