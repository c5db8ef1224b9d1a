"""Plays a cell of the matrix: a call meets a fault, and what became of it is read from the emulator's record."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter

import attrs

from lootlocker_async import CallError, LootLockerClient, ResponseDecodeError
from lootlocker_async.emulator import Emulator
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.faults import FaultKind
from tests.faults.calls import AMOUNT, KINDS, TALLY, Kind, build, member, player
from tests.faults.matrix import ANSWERED, Expected, Row
from tests.support.clock import run

BYSTANDERS = 12
CALLS_OF_EACH = 3
CONNECTIONS = 4
SLOW = {FaultKind.LATENCY, FaultKind.SLOW_BODY, FaultKind.REFUSE_CONNECTIONS}
LONGER_THAN_ANYTHING = 100.0
"""Seconds after which the emulator is done even with what the client has given up."""


@attrs.frozen
class Seen:
    """What became of a cell's call.

    Attributes:
        call: The call's outcome, and how often it was received and executed.
        bystanders: The outcomes of the other calls.
        faults: How many calls met the fault.
    """

    call: Expected
    bystanders: Counter[str]
    faults: int


def outcome_of(error: CallError | None) -> str:
    """The outcome as the table names it."""
    if error is None:
        return ANSWERED
    executed = isinstance(error, ResponseDecodeError) and error.executed
    return type(error).__name__ + (", executed" if executed else "")


async def _bystand(client: LootLockerClient, outcomes: Counter[str]) -> None:
    for _ in range(CALLS_OF_EACH):
        try:
            await client.session.ping()
        except CallError as error:
            outcomes[outcome_of(error)] += 1
        else:
            outcomes[ANSWERED] += 1


def score_of(emulator: Emulator) -> int:
    """What the tally holds for the caller."""
    try:
        return emulator.world.score(TALLY, member(0))
    except ServiceError:  # there is no such entry
        return 0


def check_record(emulator: Emulator, kind: Kind, error: CallError | None) -> None:
    """Fail where anything was sent that the client doesn't know of."""
    sent = [call.headers["x-request-id"] for call in emulator.record.received(kind.operation)]
    assert len(set(sent)) == len(sent), "aiohttp sent a request again by itself"
    if error is not None:
        known = {attempt.request_id for attempt in error.attempts}
        assert set(sent[1:] if kind.name == "paged read" else sent) <= known


async def _play(row: Row, kind: Kind, *, loaded: bool) -> Seen:
    bystanders: Counter[str] = Counter()
    failure: CallError | None = None
    async with (
        Emulator() as emulator,
        LootLockerClient(
            emulator.server_key, base_url=emulator.base_url, max_connections=CONNECTIONS, max_in_flight=CONNECTIONS
        ) as client,
    ):
        build(emulator)
        await client.session.ping()
        tasks = [asyncio.create_task(_bystand(client, bystanders)) for _ in range(BYSTANDERS if loaded else 0)]
        await asyncio.sleep(0)  # they are in the queue before the call
        try:
            await kind.call(client, 0, lambda: emulator.faults.add(row.fault(kind.operation)))
        except CallError as error:
            failure = error
        await asyncio.gather(*tasks)
        if row.kind in SLOW or kind.name == "upload":  # whose files are asked for below, whatever closed the gate
            await asyncio.sleep(LONGER_THAN_ANYTHING)
        check_record(emulator, kind, failure)
        record = emulator.record
        executed = len(record.executed(kind.operation))
        if kind.name == "unsafe write":
            assert score_of(emulator) == executed * AMOUNT
        elif kind.name == "upload":
            assert len((await client.player_files.list(player(0))).items) == executed
        return Seen(
            Expected(outcome_of(failure), len(record.received(kind.operation)), executed),
            bystanders,
            sum(call.fault is not None for call in record),
        )


@functools.cache
def _play_calls(row: Row, load: str) -> dict[str, Seen | BaseException]:
    """Play the cells of all calls side by side, each with an emulator and a client of its own: they wait together."""

    async def whole() -> list[Seen | BaseException]:
        playing = (_play(row, kind, loaded=load == "loaded") for kind in KINDS.values())
        seen = await asyncio.gather(*playing, return_exceptions=True)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return seen

    return dict(zip(KINDS, run(whole), strict=True))


def play(row: Row, call: str, load: str) -> Seen:
    """Play a cell in a loop whose clock jumps, and see that nothing is left of it."""
    seen = _play_calls(row, load)[call]
    if isinstance(seen, BaseException):
        raise seen
    return seen
