"""Assets in the short form: more ids than one request takes are asked for in parts and walked as one list."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

import pytest
from aioresponses import CallbackResult

from lootlocker_async import InvalidRequestError, LootLockerClient, NotFoundError, ServerError
from lootlocker_async.models.simple_assets import SimpleAssetExcludes, SimpleAssetFilters, SimpleAssetIncludes
from tests.unit.support import BASE, Http, callback_result

pytestmark = pytest.mark.usefixtures("nothing_left")

PATH = "/assets/artful-alpaca/v1"


class ShortForm:
    """Answers for the short form of assets; it knows every id but some, and refuses more than 100 at a time."""

    def __init__(self) -> None:
        self.unknown: Collection[int] = ()
        self.pages = False
        self.fails: dict[int, int] = {}
        self.bodies: list[dict[str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.in_flight = self.most_in_flight = 0
        self.hold: asyncio.Event | None = None

    async def answer(self, url: Any, **kwargs: Any) -> CallbackResult:
        body = json.loads(bytes(kwargs["data"]))
        self.bodies.append(body)
        self.queries.append(dict(url.query))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            for _ in range(5):
                await asyncio.sleep(0)
            if self.hold is not None:
                await self.hold.wait()
        finally:
            self.in_flight -= 1
        return self._answer(body["filters"]["asset_ids"], dict(url.query))

    def _answer(self, ids: list[int], query: dict[str, str]) -> CallbackResult:
        assert 0 < len(ids) <= 100
        if ids[0] in self.fails:
            return callback_result(status=self.fails.pop(ids[0]), payload={"message": "not now"})
        found = [number for number in ids if number not in self.unknown]
        page, size = int(query.get("page", 1)), int(query["per_page"])
        shown = found[(page - 1) * size : page * size] if self.pages else found
        more = page + 1 if self.pages and page * size < len(found) else None
        pagination = {"total": len(found), "current_page": page, "next_page": more} if self.pages else None
        return callback_result(payload={"assets": [{"asset_id": number} for number in shown], "pagination": pagination})

    @property
    def parts(self) -> list[list[int]]:
        return [body["filters"]["asset_ids"] for body in self.bodies]


@pytest.fixture
def short(http: Http) -> Iterator[ShortForm]:
    answers = ShortForm()
    http.add(re.compile(re.escape(BASE + PATH)), "POST", callback=answers.answer, repeat=True)
    yield answers
    assert answers.in_flight == 0


def listed(client: LootLockerClient, ids: Collection[int], **paging: Any) -> Any:
    return client.assets.list_simple(filters={"asset_ids": list(ids)}, **paging)


async def ids_of(paginator: Any) -> list[int]:
    return [asset.asset_id async for asset in paginator]


def numbers(count: int) -> list[int]:
    """Ids in no order."""
    return [1 + (index * 7919) % 100_003 for index in range(count)]


# ------------------------------------------------------------------------------------------------------ what goes out
async def test_a_hundred_ids_are_one_request_as_it_was_given(client: LootLockerClient, short: ShortForm) -> None:
    filters = {"asset_ids": [*numbers(99), 1], "context_ids": [31], "ugc_only": False}
    found = await client.assets.list_simple(
        includes=SimpleAssetIncludes(storage=True), excludes={"authors": False}, filters=filters
    ).collect()
    assert short.bodies == [{"includes": {"storage": True}, "excludes": {"authors": False}, "filters": filters}]
    assert short.queries == [{"per_page": "100"}]
    assert [asset.asset_id for asset in found] == filters["asset_ids"]


async def test_more_ids_go_in_parts_of_a_hundred(client: LootLockerClient, short: ShortForm) -> None:
    ids = numbers(250)
    found = await client.assets.list_simple(
        includes={"files": True},
        excludes=SimpleAssetExcludes(authors=True),
        filters=SimpleAssetFilters(asset_ids=tuple(ids), context_ids=(31, 32)),
    ).collect()
    assert [asset.asset_id for asset in found] == ids
    assert sorted(short.parts) == sorted([ids[:100], ids[100:200], ids[200:]])
    for body in short.bodies:
        assert body["filters"].pop("asset_ids")
        assert body == {
            "includes": {"files": True},
            "excludes": {"authors": True},
            "filters": {"context_ids": [31, 32]},
        }
    assert short.queries == [{"per_page": "100"}] * 3


async def test_an_id_given_twice_counts_once_in_a_list_that_is_cut(client: LootLockerClient, short: ShortForm) -> None:
    ids = numbers(150)
    assert await ids_of(listed(client, ids + ids)) == ids
    short.bodies.clear()
    assert await ids_of(listed(client, [5] * 300)) == [5]
    assert short.parts == [[5]]


@pytest.mark.parametrize("wrong", [2**63, "7", 1.5, None, True])
async def test_a_wrong_id_is_named_by_its_place_in_the_whole(client: LootLockerClient, http: Http, wrong: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"filters\.asset_ids"):
        listed(client, [*range(1, 151), wrong])
    assert http.asked == []


# -------------------------------------------------------------------------------------------------------- side by side
@pytest.mark.parametrize(("options", "most"), [({}, 8), ({"look_ahead": 12}, 12), ({"look_ahead": 0}, 1)])
async def test_parts_are_fetched_side_by_side_within_a_bound(
    client: LootLockerClient, short: ShortForm, options: Any, most: int
) -> None:
    ids = numbers(2450)
    assert await ids_of(listed(client, ids, **options)) == ids
    assert len(short.bodies) == 25
    assert short.most_in_flight == most


async def test_the_parts_of_a_short_list_are_all_on_their_way_at_once(
    client: LootLockerClient, short: ShortForm
) -> None:
    short.hold = asyncio.Event()
    task = asyncio.create_task(listed(client, numbers(250)).collect())
    async with asyncio.timeout(10):
        while short.in_flight < 3:  # noqa: ASYNC110  (nothing else tells)
            await asyncio.sleep(0)
    short.hold.set()
    assert len(await task) == 250


async def test_a_walk_that_is_left_calls_its_parts_back(client: LootLockerClient, short: ShortForm) -> None:
    walk = aiter(listed(client, numbers(2000)))
    await anext(walk)
    sent = len(short.bodies)
    await walk.aclose()
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(short.bodies) == sent
    assert short.in_flight == 0


async def test_awaiting_gives_the_first_part_alone(client: LootLockerClient, short: ShortForm) -> None:
    ids = numbers(250)
    paginator = listed(client, ids)
    page = await paginator
    assert [asset.asset_id for asset in page] == ids[:100]
    assert (page.total, page.next) == (None, "2")
    assert len(short.bodies) == 1
    assert await ids_of(listed(client, ids, resume=paginator.checkpoint)) == ids[100:]


# ------------------------------------------------------------------------------------------------- limits, checkpoints
@pytest.mark.parametrize(("limit", "requests"), [(0, 0), (1, 1), (100, 1), (101, 2), (150, 2), (250, 3), (999, 3)])
async def test_a_limit_sends_for_no_more_parts_than_it_needs(
    client: LootLockerClient, short: ShortForm, limit: int, requests: int
) -> None:
    ids = numbers(250)
    assert await ids_of(listed(client, ids, limit=limit)) == ids[:limit]
    assert len(short.bodies) == requests


async def test_a_limit_goes_on_where_ids_are_unknown(client: LootLockerClient, short: ShortForm) -> None:
    ids = numbers(350)
    short.unknown = ids[10:100]
    paginator = listed(client, ids, limit=120)
    assert await ids_of(paginator) == [*ids[:10], *ids[100:210]]
    assert await ids_of(listed(client, ids, resume=paginator.checkpoint)) == ids[210:]


@pytest.mark.parametrize("paged", [False, True])
@pytest.mark.parametrize("options", [{}, {"look_ahead": 0}, {"page_size": 30}, {"page_size": 30, "look_ahead": 3}])
async def test_a_checkpoint_is_true_after_every_item(
    client: LootLockerClient, short: ShortForm, options: Any, paged: bool
) -> None:
    ids = numbers(230)
    short.unknown, short.pages = ids[100:200:3], paged
    known = [number for number in ids if number not in short.unknown]
    paginator = listed(client, ids, **options)
    seen = 0
    async for asset in paginator:
        assert asset.asset_id == known[seen]
        seen += 1
        if seen not in {1, 30, 99, 100, 101, 150, len(known)}:
            continue
        checkpoint = json.loads(json.dumps(paginator.checkpoint))
        assert checkpoint["seen"] == seen
        assert await ids_of(listed(client, ids, resume=checkpoint)) == known[seen:]
        assert await ids_of(listed(client, ids, resume=checkpoint, limit=40)) == known[seen : seen + 40]
    assert seen == len(known)


async def test_pages_are_the_parts(client: LootLockerClient, short: ShortForm) -> None:
    ids = numbers(250)
    short.unknown = ids[100:200]
    pages = [page async for page in listed(client, ids).pages()]
    assert [[asset.asset_id for asset in page] for page in pages] == [ids[:100], [], ids[200:]]
    assert [page.next for page in pages] == ["2", "3", None]


async def test_parts_that_come_in_pages_after_all_are_walked_page_by_page(
    client: LootLockerClient, short: ShortForm
) -> None:
    ids = numbers(250)
    short.pages = True
    pages = [page async for page in listed(client, ids, page_size=60).pages()]
    assert [asset.asset_id for page in pages for asset in page] == ids
    assert [page.next for page in pages] == ["1.2", "2", "2.2", "3", None]


@pytest.mark.parametrize("cursor", ["4", "0", "1.", "x", 2, "1.0"])
async def test_a_checkpoint_of_no_part_is_refused(client: LootLockerClient, http: Http, cursor: Any) -> None:
    ids = numbers(250)
    checkpoint = {**listed(client, ids).checkpoint, "cursor": cursor}
    with pytest.raises(InvalidRequestError, match="resume"):
        listed(client, ids, resume=checkpoint)
    with pytest.raises(InvalidRequestError, match="another list"):
        listed(client, ids[:-1], resume=listed(client, ids).checkpoint)
    assert http.asked == []


# ------------------------------------------------------------------------------------------------------------ failures
@pytest.mark.parametrize("look_ahead", [0, 1])
async def test_a_part_that_fails_is_raised_in_its_turn_and_the_walk_goes_on(
    client: LootLockerClient, short: ShortForm, look_ahead: int
) -> None:
    ids = numbers(450)
    short.fails = {ids[200]: 500}
    paginator = listed(client, ids, look_ahead=look_ahead)
    walk = aiter(paginator)
    found = [(await anext(walk)).asset_id for _ in range(200)]
    with pytest.raises(ServerError) as caught:
        await anext(walk)
    assert (caught.value.method, caught.value.operation) == ("POST", "assets_list_simple")
    assert caught.value.path == PATH
    assert await ids_of(listed(client, ids, resume=paginator.checkpoint)) == ids[200:]
    assert found + [asset.asset_id async for asset in walk] == ids


async def test_a_failure_of_the_first_part_is_raised_at_once(client: LootLockerClient, short: ShortForm) -> None:
    ids = numbers(450)
    short.fails = {ids[0]: 404}
    with pytest.raises(NotFoundError):
        await listed(client, ids).collect()
