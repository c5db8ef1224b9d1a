"""What goes out: each call of each operation, captured on a socket and held to the contract."""

from __future__ import annotations

from typing import Any

import pytest
from contract_deviations import deviates
from contract_server import KEY, LOGIN, TOKEN, CannedServer, Received
from contract_spec import Operation, contract, implemented
from contract_values import Call, answers, calls, edges, kinds, misfits, schemas
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest

from lootlocker_async import InvalidRequestError, LootLockerClient
from lootlocker_async.core.pagination import Paginator


@pytest.fixture(scope="session")
def openapi() -> OpenAPI:
    return OpenAPI.from_dict(contract())


async def make(client: LootLockerClient, operation: Operation, call: Call, **paging: Any) -> Any:
    """Make a call: one page of what comes in pages."""
    method = getattr(getattr(client, operation.tag), operation.method)
    return await method(*call.path.values(), **call.keywords, **paging)


def will_answer(server: CannedServer, operation: Operation) -> None:
    server.answer_login = operation.id != "session_start"
    server.will_answer(operation.success()[0], next(iter(answers(operation).values())))


def written(operation: Operation, query: dict[str, Any]) -> list[tuple[str, str]]:
    """A query as the contract writes it."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        texts = [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
        pairs += [(name, text) for text in (texts if operation.parameter(name).explode else [",".join(texts)])]
    return pairs


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def assert_valid(openapi: OpenAPI, operation: Operation, received: Received) -> None:
    """The contract takes the request, all of its query names too, and it carries what it must and no more."""
    declared = {found.name for found in operation.parameters() if found.place == "query"}
    assert {name for name, _ in received.query} <= declared
    headers = received.headers
    assert headers["LL-Version"] == "2021-03-01"
    assert headers["x-request-id"]
    assert "Cookie" not in headers
    credentials = {"serverKey": "x-server-key", "serverSession": "x-auth-token"}
    assert {name for name, header in credentials.items() if header in headers} == set(operation.security())
    assert headers.get("x-server-key", KEY) == KEY
    assert headers.get("x-auth-token", TOKEN) == TOKEN
    assert ("Content-Type" in headers) is (operation.body() is not None) is bool(received.body)
    openapi.validate_request(
        MockRequest(
            "https://api.lootlocker.com",
            received.verb.lower(),
            received.raw_path,
            args={name: [text for key, text in received.query if key == name] for name in declared},
            headers=dict(headers),
            data=received.body or None,
            content_type=headers.get("Content-Type", ""),
        )
    )


CALLS = [pytest.param(op, call, id=f"{op.id}-{name}") for op in implemented() for name, call in calls(op).items()]


@pytest.mark.parametrize(("of", "call"), CALLS)
async def test_requests_are_those_of_the_contract(
    client: LootLockerClient, server: CannedServer, openapi: OpenAPI, of: Operation, call: Call
) -> None:
    will_answer(server, of)
    paging = {"page_size": of.paging["max_size"] or 25} if of.paging else {}
    await make(client, of, call, **paging)
    received = server.only()
    assert_valid(openapi, of, received)
    size = {of.paging["size_param"]: paging["page_size"]} if of.paging else {}
    assert sorted(received.query) == sorted(written(of, {**call.query, **size}))
    if call.body is not None:
        assert received.fields() == call.body


async def test_cursors_go_out_under_their_name(
    client: LootLockerClient, server: CannedServer, openapi: OpenAPI, operation: Operation
) -> None:
    if operation.paging is None:
        assert "page_size" not in schemas(operation)
        return
    will_answer(server, operation)
    call = next(iter(calls(operation).values()))
    method = getattr(getattr(client, operation.tag), operation.method)
    first: Paginator[Any] = method(*call.path.values(), **call.keywords)
    cursor = next(value for value in (1, "k1") if _takes(operation, value))
    await method(*call.path.values(), **call.keywords, resume={**first.checkpoint, "cursor": cursor})
    received = server.only()
    assert_valid(openapi, operation, received)
    assert (operation.cursor_param, str(cursor)) in received.query


def _takes(operation: Operation, cursor: object) -> bool:
    kind = operation.parameter(operation.cursor_param).schema["type"]
    return type(cursor) is {"integer": int, "string": str}[kind]


async def test_logins_carry_the_key_and_nothing_else_does(
    client: LootLockerClient, server: CannedServer, openapi: OpenAPI
) -> None:
    server.will_answer(200, {"pong": "2024-06-11T14:05:54Z"})
    await client.session.ping()
    (login,) = server.logins
    (start,) = [operation for operation in implemented() if operation.id == "session_start"]
    assert login.raw_path == LOGIN
    assert_valid(openapi, start, login)
    assert "x-server-key" not in server.only().headers


# ---------------------------------------------------------------------------------------------- edges of the arguments
EDGES = [
    pytest.param(op, name, value, id=f"{op.id}-{name}-{number}")
    for op in implemented()
    for name, schema in schemas(op).items()
    for number, value in enumerate(edges(schema))
    if not deviates("range", op.id, name, value)
]


@pytest.mark.parametrize(("of", "name", "value"), EDGES)
async def test_what_just_fits_goes_out(
    client: LootLockerClient, server: CannedServer, openapi: OpenAPI, of: Operation, name: str, value: Any
) -> None:
    will_answer(server, of)
    call = _call_with(of, name, value)
    await make(client, of, call)
    assert_valid(openapi, of, server.only())


def _call_with(operation: Operation, name: str, value: Any) -> Call:
    """A call with that value of an argument, and with few others where it can't stand beside all of them."""
    call = calls(operation)["all"]
    fewer = name in operation.body_fields() and name not in (call.body or {})
    return (calls(operation)["required"] if fewer else call).changed(name, value)


# --------------------------------------------------------------------------------------------------------- what's wrong
WRONG = [
    pytest.param(op, name, value, id=f"{op.id}-{name}-{number}")
    for op in implemented()
    for name, schema in schemas(op).items()
    for number, value in enumerate(misfits(schema))
    if not deviates("type", op.id, name, value)
]


@pytest.mark.parametrize(("of", "name", "value"), WRONG)
async def test_what_does_not_fit_stays_here(
    client: LootLockerClient, server: CannedServer, of: Operation, name: str, value: Any
) -> None:
    will_answer(server, of)
    call = _call_with(of, name, value)
    with pytest.raises(InvalidRequestError) as caught:
        await make(client, of, call)
    assert name in str(caught.value)
    assert server.received == []


async def test_half_characters_stay_here(client: LootLockerClient, server: CannedServer, operation: Operation) -> None:
    will_answer(server, operation)
    for name, schema in schemas(operation).items():
        half: Any = ["\ud800"] if "array" in kinds(schema) else "\ud800"
        if "string" in kinds(schema.get("items", schema)):
            with pytest.raises(InvalidRequestError):
                await make(client, operation, _call_with(operation, name, half))
    assert server.received == []


async def test_missing_and_unknown_arguments_stay_here(
    client: LootLockerClient, server: CannedServer, operation: Operation
) -> None:
    method = getattr(getattr(client, operation.tag), operation.method)
    call = calls(operation)["all"]
    with pytest.raises(TypeError, match="brand_new"):
        await method(*call.path.values(), **call.keywords, brand_new=1)
    for name in [*call.path, *sorted(operation.required_fields())]:
        if deviates("optional", operation.id, name):
            continue
        without = {key: value for key, value in {**call.path, **call.keywords}.items() if key != name}
        with pytest.raises(TypeError, match=name):
            await method(**without)
        with pytest.raises(InvalidRequestError, match=name):
            await method(**without, **{name: None})
    assert server.received == server.logins == []
