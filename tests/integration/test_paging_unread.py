"""Pages that are in flight side by side: their answers are read when their turn has come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from lootlocker_async import LootLockerClient, ResponseDecodeError
from lootlocker_async.core import serde
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, until

LIST = "leaderboards_list_scores"
MANY = 60


@pytest.fixture(autouse=True)
def _long_board(emulator: Emulator) -> None:
    emulator.world.add_scores(BOARD, [(f"m{number}", 50 - number) for number in range(MANY - 3)])


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    read, decode = list[object](), serde.decode

    def noted(body: bytes, into: type) -> object:
        read.append(into)
        return decode(body, into)

    monkeypatch.setattr(serde, "decode", noted)
    return read


async def test_pages_in_flight_are_bytes_until_their_turn(
    client: LootLockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.session.ping()
    read = count_reads(monkeypatch)
    pages = client.leaderboards.list_scores(BOARD, page_size=10, concurrency=4).pages()
    delivered = 0
    async for page in pages:
        delivered += 1
        assert len(page) == 10
        assert len(read) == delivered
    assert delivered == MANY / 10


async def test_the_loop_turns_between_pages_that_are_there_already(client: LootLockerClient) -> None:
    pages = client.leaderboards.list_scores(BOARD, page_size=10, concurrency=4).pages()
    await anext(pages)
    coming = pages._walk._coming  # type: ignore[attr-defined]
    await until(lambda: all(task.done() for task in coming))
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(turn)

    turn()
    for _ in range(2):
        before = turns
        await anext(pages)
        assert turns > before, "whoever else is in this loop waits for all pages that have come"
    await pages.aclose()


async def test_a_traced_walk_reads_its_pages_at_once(client: LootLockerClient) -> None:
    with client.trace() as calls:
        items = await client.leaderboards.list_scores(BOARD, page_size=10, concurrency=4).collect()
    assert len(items) == MANY
    assert {record.outcome for record in calls} == {"ok"}


async def test_a_page_that_cannot_be_read_fails_in_its_turn_and_is_asked_for_again(
    emulator: Emulator, client: LootLockerClient
) -> None:
    pages = client.leaderboards.list_scores(BOARD, page_size=10, concurrency=4).pages()
    first = await anext(pages)
    emulator.faults.add(Fault.garbage(LIST, times=1))
    seen = [entry.rank for entry in first]
    failures: list[ResponseDecodeError] = []
    while len(seen) < MANY:
        try:
            seen += [entry.rank for entry in await anext(pages)]
        except ResponseDecodeError as error:
            failures.append(error)
    assert [error.operation for error in failures] == [LIST]
    assert seen == list(range(1, MANY + 1))
    await pages.aclose()


async def test_a_first_page_that_cannot_be_read_leaves_nothing_on_its_way(
    emulator: Emulator, client: LootLockerClient
) -> None:
    emulator.faults.add(Fault.garbage(LIST, times=1))
    pages = client.leaderboards.list_scores(BOARD, page_size=10, concurrency=4).pages()
    with pytest.raises(ResponseDecodeError):
        await anext(pages)
    assert len(emulator.record.executed(LIST)) == 1
    assert sum([len(page) async for page in pages]) == MANY


async def test_the_failure_of_a_traced_page_is_on_its_record(emulator: Emulator, client: LootLockerClient) -> None:
    with client.trace() as calls:
        pages = client.leaderboards.list_scores(BOARD, page_size=10, concurrency=4).pages()
        await anext(pages)
        emulator.faults.add(Fault.garbage(LIST, times=1))
        with pytest.raises(ResponseDecodeError):
            await _to_the_end(pages)
    assert [record.outcome for record in calls].count("ResponseDecodeError") == 1


async def _to_the_end(pages: AsyncGenerator[object]) -> None:
    async for _ in pages:
        pass
