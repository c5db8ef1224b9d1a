"""The long form of the fault matrix: each fault, with a chance for every attempt, against many calls at once.

Each single call is held to the emulator's record by the request ids of its attempts. `FAULT_ROUNDS` says how many
rounds there are, each with another seed.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator

import attrs
import pytest

from lootlocker_async import CallError, LootLockerClient
from lootlocker_async.emulator import Emulator
from lootlocker_async.emulator.faults import FaultKind
from tests.faults.calls import KINDS, Kind, build
from tests.faults.matrix import ANSWERED, ROWS, Row
from tests.faults.playing import LONGER_THAN_ANYTHING, SLOW, outcome_of
from tests.support.clock import run

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
CALLS = 200
CHANCE = 0.2
CHANCE_FOR_ALL = 0.02
"""For a fault that meets every other call as well."""
MEETS_ALL = {FaultKind.EXPIRE_TOKEN, FaultKind.REFUSE_CONNECTIONS}
UNLIMITED = 10_000
"""Repeats, so that only the deadline could lose an idempotent call."""
DEADLINE = 20_000.0
"""Seconds. Refusals that come whatever the pace bring it down to its least, with a pause of a minute for each."""
FINAL = {"BadRequestError", "AuthenticationError", "ResponseDecodeError, executed"}
"""Errors that no repeat helps against."""


@attrs.define
class Figures:
    """What the run came to."""

    played: int = 0
    calls: int = 0
    received: int = 0
    faults: int = 0
    outcomes: Counter[str] = attrs.Factory(Counter)


@attrs.frozen
class Fate:
    """What a call believes of itself."""

    outcome: str
    sent: frozenset[str]


def _distinct() -> list[tuple[Row, set[tuple[str, str]]]]:
    """The faults apart from how often they're met, with the outcomes that the table knows of each kind of call."""
    found: dict[str, tuple[Row, set[tuple[str, str]]]] = {}
    for row in ROWS:
        _, outcomes = found.setdefault(f"{row.kind} {sorted(row.settings.items())}", (row, set()))
        outcomes |= {(call, cell.outcome) for cells in row.cells.values() for call, cell in cells.items()}
    return list(found.values())


@pytest.fixture(scope="module")
def figures() -> Iterator[Figures]:
    figures = Figures()
    yield figures
    print(f"\n{figures}")


async def _one(client: LootLockerClient, kind: Kind, who: int) -> Fate:
    failure: CallError | None = None
    with client.trace() as calls:
        try:
            await kind.call(client, who, lambda: None)
        except CallError as error:
            failure = error
    return Fate(outcome_of(failure), frozenset(attempt.request_id for call in calls for attempt in call.attempts))


async def _many(row: Row, kind: Kind, seed: int) -> tuple[list[Fate], Emulator]:
    async with (
        Emulator(seed=seed) as emulator,
        LootLockerClient(
            emulator.server_key, base_url=emulator.base_url, timeout=DEADLINE, retries=UNLIMITED
        ) as client,
    ):
        build(emulator, CALLS)
        await client.session.ping()
        chance = CHANCE_FOR_ALL if row.kind in MEETS_ALL else CHANCE
        fault = row.fault(kind.operation, probability=chance)
        emulator.faults.add(attrs.evolve(fault, probability=1.0, times=1), fault)  # at least one call meets it
        fates = await asyncio.gather(*(_one(client, kind, who) for who in range(CALLS)))
        if row.kind in SLOW:
            await asyncio.sleep(LONGER_THAN_ANYTHING)
        return fates, emulator


def _check(kind: Kind, fate: Fate, executed: int, allowed: set[str]) -> None:
    assert fate.outcome in allowed, (fate, executed)
    if fate.outcome == ANSWERED or "executed" in fate.outcome:
        assert executed, fate
    if not kind.idempotent:
        assert executed <= 1, fate
        if fate.outcome != "OutcomeUnknownError":
            assert executed == (fate.outcome == ANSWERED or "executed" in fate.outcome), fate


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
@pytest.mark.parametrize(("row", "outcomes"), [pytest.param(*it, id=it[0].name) for it in _distinct()])
def test_what_each_of_many_calls_believes_is_true(
    row: Row, outcomes: set[tuple[str, str]], kind: Kind, seed: int, figures: Figures
) -> None:
    fates, emulator = run(lambda: _many(row, kind, seed))
    received = emulator.record.received(kind.operation)
    sent = [call.headers["x-request-id"] for call in received]
    assert len(set(sent)) == len(sent), "aiohttp sent a request again by itself"
    assert set(sent) <= frozenset[str]().union(*(fate.sent for fate in fates))

    named = {outcome for call, outcome in outcomes if call == kind.name}
    allowed = {ANSWERED} | (named & FINAL if kind.idempotent else named)
    executed = {call.headers["x-request-id"] for call in received if call.executed}
    for fate in fates:
        _check(kind, fate, len(fate.sent & executed), allowed)
    figures.played += 1
    figures.calls += len(fates)
    figures.received += len(received)
    faults = sum(call.fault is not None for call in received)
    assert faults
    figures.faults += faults
    figures.outcomes.update(fate.outcome for fate in fates)
