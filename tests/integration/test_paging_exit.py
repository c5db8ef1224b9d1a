"""Leaving a walk through a list: nothing is sent after it, and nothing stays behind."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest

from lootlocker_async import LootLockerClient, ServerError, WrongEventLoopError
from lootlocker_async.core.observers import AttemptStarted
from lootlocker_async.core.pagination import Paginator
from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import BOARD, Events, check_idle, client_of, settle
from tests.integration.raw import RawServer, Request, Wire, free_port
from tests.support.clock import run

TOTAL = 20_000
SIZE = 100
Scores = Paginator[Any]
Leave = Callable[[Scores], Awaitable[None]]


def _entry(place: int) -> dict[str, Any]:
    return {"member_id": f"m{place}", "rank": place + 1, "score": TOTAL - place, "metadata": ""}


class Board:
    """A board of 20,000 entries, whose second page never comes where that is wanted."""

    def __init__(self, *, stall_at: int | None = None, fail_at: int | None = None) -> None:
        self.stall_at = stall_at
        self.fail_at = fail_at
        self.asked: list[int] = []
        self.left = 0

    async def __call__(self, request: Request, wire: Wire) -> None:
        if request.path == "/ping":
            await wire.answer({"pong": "now"})
            return
        query = dict(pair.split("=") for pair in request.target.partition("?")[2].split("&"))
        start, count = int(query.get("after", "0")), int(query["count"])
        self.asked.append(start)
        if start == self.fail_at:
            await wire.answer({"message": "no such page"}, status=400)
        elif self.stall_at is not None and start >= self.stall_at:
            await wire.gone()
            self.left += 1
        else:
            end = min(start + count, TOTAL)
            pagination = {"total": TOTAL, "next_cursor": end if end < TOTAL else None, "previous_cursor": None}
            await wire.answer({"items": [_entry(place) for place in range(start, end)], "pagination": pagination})


async def _break(scores: Scores) -> None:
    taken = 0
    async for _ in scores:
        taken += 1
        if taken == 3:
            break


async def _aclosing(scores: Scores) -> None:
    walk = scores.__aiter__()
    assert isinstance(walk, AsyncGenerator)
    async with aclosing(walk) as items:
        for _ in range(3):
            await anext(items)
    with pytest.raises(StopAsyncIteration):
        await anext(walk)


async def _aclose(scores: Scores) -> None:
    walk = scores.__aiter__()
    for _ in range(3):
        await anext(walk)
    await walk.aclose()
    await walk.aclose()


async def _raise(scores: Scores) -> None:
    taken = 0
    with pytest.raises(KeyError, match="third"):  # noqa: PT012
        async for _ in scores:
            taken += 1
            if taken == 3:
                raise KeyError("third")


async def _throw(scores: Scores) -> None:
    walk = scores.__aiter__()
    await anext(walk)
    with pytest.raises(KeyError, match="thrown"):
        await walk.athrow(KeyError("thrown"))


async def _pages(scores: Scores) -> None:
    async for page in scores.pages():
        assert len(page) == SIZE
        break


async def _del(scores: Scores) -> None:
    walk = scores.__aiter__()
    await anext(walk)
    del walk


async def _cancelled(scores: Scores) -> None:
    started = asyncio.Event()

    async def walk() -> None:
        async for _ in scores:
            started.set()
            await asyncio.sleep(0)

    task = asyncio.create_task(walk())
    await started.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


LEAVES = [_break, _aclosing, _aclose, _raise, _throw, _pages, _del, _cancelled]


@pytest.mark.parametrize("leave", LEAVES, ids=lambda leave: leave.__name__.strip("_"))
@pytest.mark.parametrize(
    ("begun", "paging"),
    [
        (False, {}),
        (True, {}),
        (True, {"look_ahead": 4}),
        (True, {"concurrency": 6}),
        (False, {"look_ahead": 0}),
    ],
    ids=["at once", "look-ahead begun", "4 ahead", "6 at a time", "no look-ahead"],
)
async def test_leaving_a_walk_sends_nothing_more_and_leaves_nothing(
    leave: Leave, begun: bool, paging: dict[str, Any]
) -> None:
    board = Board(stall_at=SIZE)
    events = Events()
    async with RawServer(board) as server, client_of(server, observers=(events,)) as client:
        before = asyncio.all_tasks()

        async def use() -> None:
            scores = client.leaderboards.list_scores(BOARD, page_size=SIZE, **paging)
            if begun and leave is not _cancelled:
                # The look-ahead has been sent, and is not answered.
                walk = scores.__aiter__()
                await anext(walk)
                async with asyncio.timeout(5):
                    while len(board.asked) < 2:  # noqa: ASYNC110
                        await asyncio.sleep(0)
                await walk.aclose()
            events.all.clear()
            await leave(scores)

        await use()
        asked = len(events.of(AttemptStarted))
        await settle(50)
        assert len(events.of(AttemptStarted)) == asked, "a request went out after the walk was left"
        if leave is not _cancelled:
            assert asked <= 1 + max(paging.get("look_ahead", 1), paging.get("concurrency", 0)) + (not begun)
        left = {task for task in asyncio.all_tasks() - before if "RawServer" not in repr(task)}
        assert not left
        check_idle(client)
        assert server.open <= 1, "connections of abandoned pages are closed"
        assert (await client.session.ping()).pong


async def test_breaking_out_after_three_items_asks_the_emulator_for_two_pages_at_most(emulator: Emulator) -> None:
    game = emulator.world.generate(players=5, scores=TOTAL, items_per_player=1)
    emulator.faults.add(Fault.latency("leaderboards_list_scores", seconds=0.01))
    async with client_of(emulator) as client:
        ranks = []
        async for entry in client.leaderboards.list_scores(game.board_key):
            ranks.append(entry.rank)
            if len(ranks) == 3:
                break
        received = len(emulator.record)
        await asyncio.sleep(0.03)
        assert len(emulator.record) == received <= 3
        assert ranks == [1, 2, 3]
        check_idle(client)


async def test_a_walk_dropped_in_another_thread_calls_its_pages_back() -> None:
    board = Board(stall_at=SIZE)
    async with RawServer(board) as server, client_of(server) as client:
        holder = [client.leaderboards.list_scores(BOARD, page_size=SIZE).__aiter__()]
        await anext(holder[0])
        async with asyncio.timeout(5):
            while len(board.asked) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0)

        def drop() -> None:
            holder.clear()
            gc.collect()

        thread = threading.Thread(target=drop)
        thread.start()
        async with asyncio.timeout(5):
            while not board.left:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        thread.join()
        await settle()
        check_idle(client)


def test_an_iterator_belongs_to_the_loop_in_which_it_was_started() -> None:
    port = free_port()
    server = RawServer(Board(), port=port)
    client = client_of(server)
    scores = client.leaderboards.list_scores(BOARD, page_size=2)
    walk = scores.__aiter__()

    async def first() -> None:
        async with RawServer(Board(), port=port):
            assert (await anext(walk)).rank == 1
            assert (await anext(walk)).rank == 2

    async def second() -> None:
        async with RawServer(Board(), port=port):
            with pytest.raises(WrongEventLoopError, match="event loop"):
                await anext(walk)
            await walk.aclose()
            # A fresh walk of the same paginator is nobody's yet.
            assert (await anext(scores.__aiter__())).rank == 1

    run(first)
    run(second)


def test_an_iterator_that_outlives_its_loop_is_collected_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    client = client_of(RawServer(Board(), port=port), retries=0)
    walks: list[Any] = []

    async def main() -> None:
        async with RawServer(Board(fail_at=2), port=port):
            walks.append(client.leaderboards.list_scores(BOARD, page_size=2).__aiter__())
            await anext(walks[0])
            await asyncio.sleep(1)  # the look-ahead has failed, and nobody has asked for it

    run(main)
    walks.clear()
    gc.collect()
    assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_a_client_closed_during_a_look_ahead_complains_to_whoever_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    board = Board(stall_at=SIZE)
    async with RawServer(board) as server:
        client = client_of(server)
        walk = client.leaderboards.list_scores(BOARD, page_size=SIZE).__aiter__()
        await anext(walk)
        await settle()
        await client.close(0)
        with pytest.raises(Exception, match=r"client (is|was) closed"):
            async for _ in walk:
                pass
        other = client_of(server)
        kept = other.leaderboards.list_scores(BOARD, page_size=SIZE).__aiter__()
        await anext(kept)
        await settle()
        await other.close(0)
        del kept
        gc.collect()
        await settle()
        assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_an_error_in_the_look_ahead_reaches_the_loop_at_its_page_and_not_before(
    emulator: Emulator, make: Callable[..., LootLockerClient]
) -> None:
    client = make(retries=0)
    emulator.world.add_scores(BOARD, [(f"m{n}", n) for n in range(7)])
    got: list[str] = []
    walk = client.leaderboards.list_scores(BOARD, page_size=4).__aiter__()
    got.append((await anext(walk)).member_id)
    await settle()
    emulator.faults.add(Fault.error("leaderboards_list_scores", status=500, times=1))
    with pytest.raises(ServerError):  # noqa: PT012
        while True:
            got.append((await anext(walk)).member_id)
    assert len(got) in {4, 8}
    # Whoever goes on after the error misses nothing.
    got += [entry.member_id async for entry in walk]
    assert len(got) == len(set(got)) == 10
    check_idle(client)


async def test_two_tasks_cannot_advance_one_iterator() -> None:
    async with RawServer(Board(stall_at=0)) as server, client_of(server) as client:
        walk = client.leaderboards.list_scores(BOARD).__aiter__()
        first = asyncio.create_task(anext(walk))
        await settle()
        with pytest.raises(RuntimeError, match="two tasks"):
            await anext(walk)
        first.cancel()
        await asyncio.wait({first})
