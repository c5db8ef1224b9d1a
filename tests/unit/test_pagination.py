"""Walks through lists of every paging style, served from memory."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from contextlib import aclosing
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async.core.pagination import Page, Paginator
from lootlocker_async.errors import InvalidRequestError, ResponseDecodeError, WrongEventLoopError
from tests.support.lists import ADDRESS, STYLES, Item, Service, Style, route

styles = st.sampled_from(STYLES)
lengths = st.integers(0, 40)
sizes = st.integers(1, 12)
limits = st.none() | st.integers(0, 50)
aheads = st.integers(0, 3)
widths = st.integers(1, 5)
caps = st.just(1000) | st.integers(1, 9)


def travelled(checkpoint: Any) -> Any:
    """A checkpoint that has been to another process."""
    return json.loads(json.dumps(checkpoint))


def pages_of(style: Style, length: int, size: int) -> int:
    """How many fetches a whole walk needs."""
    pages = -(-length // size)
    return pages + 1 if style == "last_id without total" else max(1, pages)


async def settle() -> None:
    for _ in range(12):
        await asyncio.sleep(0)


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


@given(styles, lengths, sizes, limits, aheads, widths, caps, st.booleans())
@settings(max_examples=250)
def test_a_walk_gives_every_item_once_and_in_order(
    style: Style, length: int, size: int, limit: int | None, ahead: int, width: int, cap: int, at_once: bool
) -> None:
    async def main() -> None:
        service = Service(style, length, cap, at_once=at_once)
        options = {"page_size": size, "limit": limit, "look_ahead": ahead, "concurrency": width}
        paginator = service.paginator(**options)
        expected = list(service.items[:limit])
        assert [item async for item in paginator] == expected
        assert service.most_in_flight <= (max(width, ahead) if style == "index" and width > 1 else 1)
        walked, service.calls = service.calls, []
        assert [item async for page in paginator.pages() for item in page] == expected
        # Whether somebody takes items or pages, the same goes out.
        assert sorted(map(str, service.calls)) == sorted(map(str, walked))
        assert await paginator.collect() == expected
        await settle()
        assert not others()

    asyncio.run(main())


@given(styles, lengths, sizes, aheads, widths, caps)
def test_a_whole_walk_fetches_no_page_twice_and_none_beyond_the_end(
    style: Style, length: int, size: int, ahead: int, width: int, cap: int
) -> None:
    async def main() -> None:
        service = Service(style, length, cap)
        await service.paginator(page_size=size, look_ahead=ahead, concurrency=width).collect()
        needed = pages_of(style, length, min(size, cap))
        if cap >= size or width == 1 or style != "index":
            assert len(service.calls) == needed
        else:
            # Pages had been sent for on the guess that the service gives as much as it's asked for, and only once.
            assert len(service.calls) <= needed + width
        assert len({str(call) for call in service.calls}) == len(service.calls)

    asyncio.run(main())


@given(styles, st.integers(0, 18), sizes, sizes, limits, aheads, widths, caps)
@settings(max_examples=60)
def test_a_walk_can_be_taken_up_again_after_every_item(
    style: Style, length: int, size: int, other_size: int, limit: int | None, ahead: int, width: int, cap: int
) -> None:
    async def main() -> None:
        service = Service(style, length, cap)
        paginator = service.paginator(page_size=size, limit=limit, look_ahead=ahead, concurrency=width)
        checkpoints = [travelled(paginator.checkpoint)]
        async for item in paginator:
            checkpoints.append(travelled(paginator.checkpoint))
            assert checkpoints[-1]["seen"] == len(checkpoints) - 1
            assert item == service.items[len(checkpoints) - 2]
        assert len(checkpoints) == min(length, length if limit is None else limit) + 1
        checkpoints.append(travelled(paginator.checkpoint))
        for index, checkpoint in enumerate(checkpoints[:-1]):
            for resumed in (
                service.paginator(resume=checkpoint, look_ahead=ahead, concurrency=width),
                service.paginator(resume=checkpoint, page_size=other_size),
            ):
                assert await resumed.collect() == list(service.items[index:])
        after_the_end = await service.paginator(resume=checkpoints[-1], limit=limit).collect()
        delivered = len(checkpoints) - 2
        assert after_the_end == list(service.items[delivered:][:limit])

    asyncio.run(main())


@given(styles, st.integers(1, 40), sizes, aheads, widths, st.integers(1, 40), st.integers(0, 4))
def test_a_walk_that_is_left_sends_nothing_more(
    style: Style, length: int, size: int, ahead: int, width: int, leave_after: int, turns: int
) -> None:
    async def main() -> None:
        service = Service(style, length, turns=turns)
        paginator = service.paginator(page_size=size, look_ahead=ahead, concurrency=width)
        taken = []
        async for item in paginator:
            taken.append(item)
            if len(taken) == leave_after:
                break
        sent = len(service.calls)
        needed = -(-leave_after // size) if len(taken) == leave_after else pages_of(style, length, size)
        assert sent <= needed + max(ahead, width if width > 1 else 0)
        await settle()
        assert len(service.calls) == sent
        assert not others()
        rest = await service.paginator(resume=travelled(paginator.checkpoint)).collect()
        assert [*taken, *rest] == list(service.items)

    asyncio.run(main())


@given(styles, lengths, sizes, aheads, widths, st.frozensets(st.integers(1, 12), max_size=4))
def test_an_error_is_raised_once_and_the_walk_goes_on(
    style: Style, length: int, size: int, ahead: int, width: int, fail_at: frozenset[int]
) -> None:
    async def main() -> None:
        service = Service(style, length, fail_at=fail_at)
        iterator = aiter(service.paginator(page_size=size, look_ahead=ahead, concurrency=width))
        taken, errors = [], []
        while True:
            try:
                taken.append(await anext(iterator))
            except OSError as error:
                errors.append(str(error))
            except StopAsyncIteration:
                break
        assert taken == list(service.items)
        assert len(errors) == len(set(errors)) <= len(fail_at)
        await settle()
        assert not others()

    asyncio.run(main())


@given(styles, st.integers(1, 30), sizes, st.integers(0, 30), st.integers(1, 6))
def test_no_more_than_the_limit_comes_from_a_service_that_sends_more_than_asked(
    style: Style, length: int, size: int, limit: int, factor: int
) -> None:
    async def main() -> None:
        service = Service(style, length)

        async def generous(query: dict[str, Any]) -> Any:
            name = "per_page" if style == "page" else "count"
            return await service.fetch({**query, name: query[name] * factor})

        paginator: Paginator[Item] = Paginator(route(style), ADDRESS, generous, page_size=size, limit=limit)
        assert await paginator.collect() == list(service.items[:limit])
        assert paginator.checkpoint["seen"] == min(limit, length)

    asyncio.run(main())


# --------------------------------------------------------------------------------------------------------- one page
async def test_awaiting_gives_one_page() -> None:
    service = Service("index", 25)
    paginator = service.paginator(page_size=10, look_ahead=3, concurrency=4)
    page = await paginator
    assert isinstance(page, Page)
    assert (tuple(page), len(page), page[0], page[1:3]) == (
        service.items[:10],
        10,
        service.items[0],
        service.items[1:3],
    )
    assert (page.total, page.next) == (25, 10)
    assert service.calls == [{"count": 10}]
    assert await service.paginator(resume=travelled(paginator.checkpoint)).collect() == list(service.items[10:])
    assert "SimpleNamespace" not in repr(page)


async def test_awaiting_an_empty_walk_sends_nothing() -> None:
    service = Service("key", 25)
    page = await service.paginator(limit=0)
    assert (page.items, page.total, page.next) == ((), None, None)
    assert service.calls == []


async def test_collect_takes_the_smaller_limit() -> None:
    service = Service("last_id", 25)
    paginator = service.paginator(page_size=4, limit=9)
    assert await paginator.collect(5) == list(service.items[:5])
    assert await paginator.collect(20) == list(service.items[:9])
    with pytest.raises(InvalidRequestError, match="limit"):
        await paginator.collect(-1)


async def test_a_list_without_pagination_object_is_one_page() -> None:
    async def fetch(query: dict[str, Any]) -> Any:
        return SimpleNamespace(items=(Item(1), Item(2)), pagination=None)

    paginator: Paginator[Item] = Paginator(route("index"), ADDRESS, fetch)
    assert await paginator.collect() == [Item(1), Item(2)]


@pytest.mark.parametrize(("at_once", "with_the_first"), [(True, 1), (False, 4)])
async def test_what_follows_is_asked_for_before_a_page_is_read_and_handed_out(
    at_once: bool, with_the_first: int
) -> None:
    service = Service("index", 100, at_once=at_once)
    paginator = service.paginator(page_size=10, concurrency=3)
    asked = [len(service.calls) async for _ in paginator.pages()]
    assert asked == [with_the_first, 5, 6, 7, 8, 9, 10, 10, 10, 10]
    assert service.most_in_flight == 3


# ------------------------------------------------------------------------------------------------------ odd services
@pytest.mark.parametrize("resumes", [False, True])
async def test_items_that_are_taken_away_behind_the_walk_do_not_end_it(resumes: bool) -> None:
    left = [Item(n) for n in range(1, 31)]

    async def fetch(query: dict[str, Any]) -> Any:
        page = [item for item in left if item.id > query.get("after", 0)][: query["count"]]
        return SimpleNamespace(items=tuple(page), total=len(left))

    def walk(resume: Any = None) -> Paginator[Item]:
        return Paginator(route("last_id"), ADDRESS, fetch, page_size=4, look_ahead=0, resume=resume)

    paginator = walk()
    taken = []
    async for item in paginator:
        taken.append(item)
        if item.id == 16:
            del left[:14]
            if resumes:
                break
    if resumes:
        taken += await walk(paginator.checkpoint).collect()
    assert taken == [Item(n) for n in range(1, 31)]


@pytest.mark.parametrize("style", ["index", "step", "key", "page"])
@pytest.mark.parametrize("ahead", [0, 1])
async def test_a_cursor_that_does_not_advance_is_refused(style: Style, ahead: int) -> None:
    cursor = "k" if style == "key" else 4
    name = "next_page" if style == "page" else "next_cursor"

    async def fetch(query: dict[str, Any]) -> Any:
        return SimpleNamespace(items=(Item(1),), pagination=SimpleNamespace(total=9, **{name: cursor}))

    paginator: Paginator[Item] = Paginator(route(style), ADDRESS, fetch, look_ahead=ahead)
    iterator = aiter(paginator)
    assert await anext(iterator) == Item(1)
    with pytest.raises(ResponseDecodeError, match="does not advance") as caught:
        await anext(iterator)
    assert (caught.value.reason, caught.value.operation, caught.value.path) == ("shape", "things_list", ADDRESS)


@pytest.mark.parametrize("ids", [(5,), (3, 2), (4, 5)])
async def test_an_id_that_does_not_advance_is_refused(ids: tuple[int, ...]) -> None:
    pages = [(Item(5), Item(4)), tuple(Item(n) for n in ids)]

    async def fetch(query: dict[str, Any]) -> Any:
        return SimpleNamespace(items=pages.pop(0))

    paginator: Paginator[Item] = Paginator(route("last_id"), ADDRESS, fetch, look_ahead=0)
    with pytest.raises(ResponseDecodeError, match="does not advance"):
        await paginator.collect()


async def test_a_cursor_that_goes_back_is_refused() -> None:
    cursors = [10, 5]

    async def fetch(query: dict[str, Any]) -> Any:
        return SimpleNamespace(items=(Item(1),), pagination=SimpleNamespace(total=9, next_cursor=cursors.pop(0)))

    paginator: Paginator[Item] = Paginator(route("step"), ADDRESS, fetch)
    with pytest.raises(ResponseDecodeError, match="does not advance"):
        await paginator.collect()


async def test_a_page_of_ids_out_of_order_is_resumed_by_counting() -> None:
    async def fetch(query: dict[str, Any]) -> Any:
        after = query.get("after", 0)
        return SimpleNamespace(items=tuple(Item(n) for n in (4, 2, 3) if n > after), total=3)

    paginator: Paginator[Item] = Paginator(route("last_id"), ADDRESS, fetch)
    async for _ in paginator:
        break
    assert (paginator.checkpoint["cursor"], paginator.checkpoint["skip"]) == (None, 1)
    resumed: Paginator[Item] = Paginator(route("last_id"), ADDRESS, fetch, resume=paginator.checkpoint)
    assert await resumed.collect() == [Item(2), Item(3)]


# -------------------------------------------------------------------------------------------------------- iterators
async def test_two_tasks_cannot_advance_one_iterator() -> None:
    service = Service("index", 9, turns=5)
    iterator = aiter(service.paginator(page_size=2))
    first = asyncio.create_task(anext(iterator))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="two tasks"):
        await anext(iterator)
    with pytest.raises(RuntimeError, match="while a task advances it"):
        await iterator.aclose()  # type: ignore[attr-defined]
    assert await first == service.items[0]
    assert [item async for item in iterator] == list(service.items[1:])


async def test_a_closed_iterator_is_at_its_end() -> None:
    service = Service("index", 9)
    async with aclosing(service.paginator(page_size=2, look_ahead=2).__aiter__()) as items:
        assert await items.asend(None) == service.items[0]
        assert others()
    assert not others()
    sent = len(service.calls)
    with pytest.raises(StopAsyncIteration):
        await anext(items)
    await items.aclose()
    assert len(service.calls) == sent


@pytest.mark.parametrize(
    "how", [(KeyError("left"),), (KeyError, KeyError("left")), (KeyError, "left"), (KeyError,)], ids=str
)
async def test_throwing_into_an_iterator_ends_it(how: tuple[Any, ...]) -> None:
    service = Service("index", 9)
    pages = service.paginator(page_size=2).pages()
    assert len(await anext(pages)) == 2
    with pytest.raises(KeyError):
        await pages.athrow(*how)
    assert not others()
    with pytest.raises(StopAsyncIteration):
        await anext(pages)


async def test_a_cancelled_consumer_can_go_on() -> None:
    service = Service("index", 9, turns=50)
    iterator = aiter(service.paginator(page_size=2))
    first = asyncio.create_task(anext(iterator))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await anext(iterator) == service.items[0]
    assert await anext(iterator) == service.items[1]
    third = asyncio.create_task(anext(iterator))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    third.cancel()
    with pytest.raises(asyncio.CancelledError):
        await third
    service.turns = 0
    assert [item async for item in iterator] == list(service.items[2:])


def test_an_iterator_belongs_to_its_loop() -> None:
    service = Service("index", 9)
    iterator = aiter(service.paginator(page_size=2, look_ahead=0))
    with asyncio.Runner() as one, asyncio.Runner() as two:
        step = iterator.__anext__
        assert one.run(_once(step)) == service.items[0]
        assert two.run(_once(step)) == service.items[1]  # it was on the page already
        with pytest.raises(WrongEventLoopError):
            two.run(_once(step))
        assert one.run(_once(step)) == service.items[2]


def test_an_iterator_forgotten_after_its_loop_is_silent() -> None:
    service = Service("index", 9)
    kept = []

    async def main() -> None:
        kept.append(aiter(service.paginator(page_size=2)))
        await anext(kept[0])

    asyncio.run(main())
    kept.clear()
    gc.collect()


async def test_an_iterator_forgotten_in_another_thread_calls_its_pages_back() -> None:
    service = Service("index", 9, turns=1000)
    service.turns = 0
    holder = [aiter(service.paginator(page_size=2, look_ahead=2))]
    await anext(holder[0])
    service.turns = 1000
    assert others()
    await asyncio.to_thread(holder.clear)
    await settle()
    assert not others()


@pytest.mark.parametrize("ahead", [0, 1])
async def test_a_page_is_let_go_before_the_next_is_made(ahead: int) -> None:
    kept: list[weakref.ref[Any]] = []
    left_at_fetch: list[int] = []

    class Answer(SimpleNamespace):
        """An answer that can be watched."""

    async def fetch(query: dict[str, Any]) -> Any:
        left_at_fetch.append(sum(answer() is not None for answer in kept))
        start = query.get("after", 0)
        answer = Answer(items=(Item(start + 1), Item(start + 2)), total=8)
        kept.append(weakref.ref(answer))
        return answer

    paginator: Paginator[Item] = Paginator(route("last_id"), ADDRESS, fetch, look_ahead=ahead)
    assert [item.id async for item in paginator] == list(range(1, 9))
    assert left_at_fetch == [0, 0, 0, 0]


async def _once(step: Any) -> Any:
    return await step()


async def test_each_loop_over_a_paginator_is_a_walk_of_its_own() -> None:
    service = Service("page", 7)
    paginator = service.paginator(page_size=3)
    assert [item async for item in paginator] == [item async for item in paginator] == list(service.items)
    pairs = [(a, b) async for a in paginator if a == service.items[0] async for b in paginator]
    assert pairs == [(service.items[0], item) for item in service.items]


# -------------------------------------------------------------------------------------------------------- arguments
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("page_size", value) for value in (0, -1, 101, True, 1.5, "10")],
        *[("limit", value) for value in (-1, False, 2.0, "3")],
        *[("look_ahead", value) for value in (-1, 65, None, True)],
        *[("concurrency", value) for value in (0, 65, None, True)],
    ],
)
def test_counts_are_checked(name: str, value: object) -> None:
    with pytest.raises(InvalidRequestError, match=name):
        Service("index", 9).paginator(**{name: value})


GOOD = {"v": 1, "list": ADDRESS, "cursor": 10, "skip": 2, "seen": 12, "size": 10}


@pytest.mark.parametrize(
    "resume",
    [
        {},
        [],
        "text",
        7,
        *[{name: value for name, value in GOOD.items() if name != left_out} for left_out in GOOD],
        *[GOOD | change for change in ({"v": 2}, {"skip": -1}, {"seen": None}, {"size": 0}, {"size": "10"})],
        *[GOOD | {"cursor": cursor} for cursor in (1.5, [], True)],
    ],
    ids=str,
)
def test_a_checkpoint_is_checked(resume: Any) -> None:
    with pytest.raises(InvalidRequestError, match="checkpoint"):
        Service("index", 9).paginator(resume=resume)


def test_a_checkpoint_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="another list"):
        Service("index", 9).paginator(resume=GOOD | {"list": "/other"})


def test_a_route_without_paging_is_no_list() -> None:
    service = Service("index", 9)
    with pytest.raises(TypeError, match="not paged"):
        Paginator(route("index")._replace(paging=None), ADDRESS, service.fetch)
