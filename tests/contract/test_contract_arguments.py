"""What arguments may be: what just fits goes out as it was given, and all else is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import attrs
import pytest
from contract_calls import arguments_of, assert_valid, carried, make, text_of, will_answer, written
from contract_deviations import SPLIT, deviates
from contract_server import CannedServer
from contract_spec import Operation, operations, resolve
from contract_values import Call, answers, calls, edges, fits, kinds, misfits, schemas, valid

from lootlocker_async import InvalidRequestError, LootLockerClient

ARGUMENTS = [
    pytest.param(op, name, id=f"{op.id}-{name}")
    for op in operations()
    for name in schemas(op)
    if not deviates("ours", op.id, name)
]


def call_with(operation: Operation, name: str, value: Any) -> Call:
    """A call with that value of an argument, and with other fields where it can't stand beside all of them."""
    call = calls(operation)["all"]
    if name in operation.body_fields() and name not in (call.body or {}):
        call = attrs.evolve(call, body=body_around(operation, name))
    return call.changed(name, value)


def body_around(operation: Operation, name: str) -> dict[str, Any]:
    """A body that fits, with a field that the fullest one leaves out."""
    body = operation.body()
    assert body is not None
    good = {field: valid(part, full=False) for field, part in operation.body_fields().items()}
    least = {field: good[field] for field in (*body.schema.get("required", ()), name)}
    candidates = [least, *({**least, other: value} for other, value in good.items())]
    return next(candidate for candidate in candidates if fits(candidate, body.schema))


@pytest.mark.parametrize(("of", "name"), ARGUMENTS)
async def test_what_just_fits_goes_out(
    client: LootLockerClient, server: CannedServer, of: Operation, name: str
) -> None:
    for value in edges(schemas(of)[name]):
        if deviates("range", of.id, name, value):
            continue
        will_answer(server, of)
        await make(client, of, call_with(of, name, value))
        received = server.only()
        assert_valid(of, received)
        if name in of.route.parameters:
            expected: Any = text_of(value)
        elif name in of.body_fields():
            expected = value
        else:
            expected = written(of, {name: value})
        assert carried(of, received, name) == expected


async def refusal(call: Awaitable[object]) -> str:
    try:
        await call
    except InvalidRequestError as error:
        return str(error)
    return "it was taken"


@pytest.mark.parametrize(("of", "name"), ARGUMENTS)
async def test_what_does_not_fit_stays_here(
    client: LootLockerClient, server: CannedServer, of: Operation, name: str
) -> None:
    will_answer(server, of)
    for value in misfits(schemas(of)[name]):
        if deviates("type", of.id, name, value):
            continue
        assert name in await refusal(make(client, of, call_with(of, name, value))), repr(value)
        assert server.received == []


async def test_half_characters_stay_here(client: LootLockerClient, server: CannedServer, operation: Operation) -> None:
    will_answer(server, operation)
    for name, schema in schemas(operation).items():
        if deviates("ours", operation.id, name):
            continue
        half: Any = ["\ud800"] if "array" in kinds(schema) else "\ud800"
        if "string" in kinds(schema.get("items", schema)):
            with pytest.raises(InvalidRequestError):
                await make(client, operation, call_with(operation, name, half))
    assert server.received == []


async def test_missing_and_unknown_arguments_stay_here(
    client: LootLockerClient, server: CannedServer, operation: Operation
) -> None:
    method = getattr(getattr(client, operation.tag), operation.method)
    arguments = arguments_of(operation, calls(operation)["all"])
    with pytest.raises(TypeError, match="brand_new"):
        await method(**arguments, brand_new=1)
    for name in [*operation.route.parameters, *sorted(operation.required_fields())]:
        if deviates("optional", operation.id, name) or deviates("ours", operation.id, name):
            continue
        without = {key: value for key, value in arguments.items() if key != name}
        with pytest.raises(TypeError, match=name):
            await method(**without)
        if "null" not in kinds(schemas(operation)[name]):
            with pytest.raises(InvalidRequestError, match=name):
                await method(**without, **{name: None})
    assert server.received == server.logins == []


@pytest.mark.parametrize(("operation_id", "path"), SPLIT, ids=lambda part: part if isinstance(part, str) else part[-1])
async def test_what_is_too_much_for_one_request_goes_in_several(
    client: LootLockerClient, server: CannedServer, operation_id: str, path: tuple[str, ...]
) -> None:
    (of,) = [found for found in operations() if found.id == operation_id]
    schema = schemas(of)[path[0]]
    for step in path[1:]:
        schema = resolve(schema["properties"][step])
    most, numbers = schema["maxItems"], kinds(schema["items"]) == {"integer"}
    keys: list[Any] = [number if numbers else f"{number:026}" for number in range(1, 2 * most + 2)]
    value: Any = keys
    for step in reversed(path[1:]):
        value = {step: value}
    answer = answers(of)["all"]
    if of.paging is not None:
        answer = {**answer, "pagination": {**answer["pagination"], "next_page": None}}
    server.will_answer(of.success()[0], answer)
    found = getattr(getattr(client, of.tag), of.method)(**{path[0]: value})
    await (found if of.paging is None else found.collect())
    sent: list[Any] = []
    for received in server.received:
        assert_valid(of, received)
        part = received.fields()
        for step in path:
            part = part[step]
        sent.append(part)
    assert sorted(map(len, sent)) == [1, most, most]
    assert sorted(key for part in sent for key in part) == keys
