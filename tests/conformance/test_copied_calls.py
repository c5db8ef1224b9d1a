"""What the emulator's page gives to copy: Python that makes the very request again."""

from __future__ import annotations

import ast
import contextlib
from typing import Any

import world
from contract_calls import make
from contract_spec import operations
from known import call_of

from lootlocker_async import LootLockerClient, LootLockerError
from lootlocker_async.emulator import Clock, Emulator
from lootlocker_async.emulator.record import HIDDEN, RecordedCall
from lootlocker_async.emulator.routing import Router
from lootlocker_async.emulator.snippets import Snippets
from lootlocker_async.emulator.validation import shipped_contract
from lootlocker_async.routes import all_routes

SNIPPETS = Snippets(shipped_contract(), Router(all_routes()))


async def run(source: str, client: LootLockerClient) -> Any:
    """Runs a copied call; what the emulator answers doesn't matter, as the first call may have changed the game."""
    code = compile(source, "copied", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with contextlib.suppress(LootLockerError):
        await eval(code, {"client": client})


def said(call: RecordedCall) -> tuple[Any, ...]:
    return call.operation, call.verb, call.path, call.query, call.body


async def test_every_operation_can_be_copied() -> None:
    emulator = Emulator(clock=Clock(world.NOW, frozen=True))
    world.build(emulator.world)
    others: dict[str, Any] = {}
    async with (
        emulator,
        LootLockerClient(emulator.server_key, base_url=emulator.base_url, retries=0, trust_env=False) as client,
    ):
        for operation in operations():
            paging = {} if operation.paging is None else {"page_size": 2}
            with contextlib.suppress(LootLockerError):
                await make(client, operation, call_of(operation), **paging)
            (first,) = emulator.record.received(operation.id)[-1:]
            source = SNIPPETS.of(first)
            assert f"client.{operation.tag}.{operation.method}(" in source
            await run(source, client)
            second = emulator.record.received(operation.id)[-1]
            assert second is not first
            if said(second) != said(first):
                others[operation.id] = (said(first), said(second))
            assert emulator.server_key not in source
    # What the record doesn't hold can't be copied: tokens, and what is in a file.
    assert HIDDEN in SNIPPETS.of(emulator.record.received("players_lookup_session_tokens")[0])
    assert others == {}
