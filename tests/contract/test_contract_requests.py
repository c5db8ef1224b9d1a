"""What goes out: each call of each operation, captured on a socket and held to the contract."""

from __future__ import annotations

from typing import Any

import pytest
from contract_calls import arguments_of, assert_valid, make, sent_by, will_answer, written
from contract_server import LOGIN, CannedServer
from contract_spec import Operation, operations
from contract_values import Call, calls, schemas

from lootlocker_async import LootLockerClient
from lootlocker_async.core.pagination import Paginator

CALLS = [pytest.param(op, call, id=f"{op.id}-{name}") for op in operations() for name, call in calls(op).items()]


@pytest.mark.parametrize(("of", "call"), CALLS)
async def test_requests_are_those_of_the_contract(
    client: LootLockerClient, server: CannedServer, of: Operation, call: Call
) -> None:
    will_answer(server, of)
    paging = {"page_size": of.paging["max_size"] or 25} if of.paging else {}
    await make(client, of, call, **paging)
    received = server.only()
    assert_valid(of, received)
    size = {of.paging["size_param"]: paging["page_size"]} if of.paging else {}
    assert sorted(received.query) == sorted(written(of, {**call.query, **size}))
    if call.body is not None:
        assert received.fields() == sent_by(of, call)


async def test_cursors_go_out_under_their_name(
    client: LootLockerClient, server: CannedServer, operation: Operation
) -> None:
    if operation.paging is None:
        assert "page_size" not in schemas(operation)
        return
    will_answer(server, operation)
    call = next(iter(calls(operation).values()))
    method = getattr(getattr(client, operation.tag), operation.method)
    first: Paginator[Any] = method(**arguments_of(operation, call))
    cursor = next(value for value in (1, "k1") if _takes(operation, value))
    await make(client, operation, call, resume={**first.checkpoint, "cursor": cursor})
    received = server.only()
    assert_valid(operation, received)
    assert (operation.cursor_param, str(cursor)) in received.query


def _takes(operation: Operation, cursor: object) -> bool:
    kind = operation.parameter(operation.cursor_param).schema["type"]
    return type(cursor) is {"integer": int, "string": str}[kind]


async def test_logins_carry_the_key_and_nothing_else_does(client: LootLockerClient, server: CannedServer) -> None:
    server.will_answer(200, {"pong": "2024-06-11T14:05:54Z"})
    await client.session.ping()
    (login,) = server.logins
    (start,) = [operation for operation in operations() if operation.id == "session_start"]
    assert login.raw_path == LOGIN
    assert_valid(start, login)
    assert "x-server-key" not in server.only().headers


FORM = "multipart/form-data"
FORMS = [operation for operation in operations() if FORM in str(operation.raw.get("requestBody"))]


@pytest.mark.parametrize("of", FORMS, ids=lambda operation: operation.id)
async def test_parts_of_forms_are_of_the_types_that_the_contract_tells(
    client: LootLockerClient, server: CannedServer, of: Operation
) -> None:
    will_answer(server, of)
    await make(client, of, calls(of)["all"])
    told = {name: part["contentType"] for name, part in of.raw["requestBody"]["content"][FORM]["encoding"].items()}
    parts = server.only().parts()
    assert {name: part.kind for name, part in parts.items()} == told
    assert {name for name, part in parts.items() if part.filename} == {"file"}
