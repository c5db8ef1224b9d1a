"""The SDK against the emulator: each of the contract's operations, through its public method and over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import world
from contract_calls import arguments_of, make
from contract_spec import Operation, operations
from known import call_of

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Clock, Emulator

OPERATIONS = operations()
PAGED = [operation for operation in OPERATIONS if operation.paging is not None]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    emulator = Emulator(clock=Clock(world.NOW, frozen=True))
    world.build(emulator.world)
    async with emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[LootLockerClient]:
    async with LootLockerClient(
        emulator.server_key, base_url=emulator.base_url, retries=0, drift="always", trust_env=False
    ) as client:
        yield client


def test_there_is_a_call_for_each_operation() -> None:
    assert len(OPERATIONS) == 105
    assert len({operation.id for operation in OPERATIONS if call_of(operation).path.keys() == _path(operation)}) == 105


def _path(operation: Operation) -> set[str]:
    return {parameter.name for parameter in operation.path_parameters()}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
async def test_a_call_succeeds_once(emulator: Emulator, client: LootLockerClient, operation: Operation) -> None:
    answer = await make(client, operation, call_of(operation))
    _, body = operation.success()
    if body is None:
        assert answer is None
    elif operation.paging is not None:
        assert answer.items
        assert attrs.has(type(answer.answer))
    else:
        assert attrs.has(type(answer))
    assert not client.drift
    (call,) = emulator.record.received(operation.id)
    assert call.executed
    assert call.status == operation.success()[0]
    # Beside it there was a login at most.
    assert {call.operation for call in emulator.record} <= {operation.id, "session_start"}


@pytest.mark.parametrize("operation", PAGED, ids=lambda operation: operation.id)
async def test_lists_are_walked_over_pages(emulator: Emulator, client: LootLockerClient, operation: Operation) -> None:
    assert operation.paging is not None
    whole = await make(client, operation, call_of(operation), page_size=operation.paging["max_size"] or 100)
    assert len(whole.items) > 1, "the world has no more than a page of it"
    emulator.record.clear()
    method = getattr(getattr(client, operation.tag), operation.method)
    walked: list[Any] = [item async for item in method(**arguments_of(operation, call_of(operation)), page_size=1)]
    assert walked == [*whole.items]
    assert len(emulator.record.executed(operation.id)) >= len(walked)
    assert not client.drift
