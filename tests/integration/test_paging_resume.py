"""Walks through whole lists: every item once and in order, however pages are cut and whatever changes meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lootlocker_async import InvalidRequestError, LootLockerClient, ResponseDecodeError
from lootlocker_async.emulator import Emulator, boards
from tests.integration.helpers import BOARD, check_idle, client_of
from tests.integration.raw import RawServer, Request, Wire

Make = Callable[..., LootLockerClient]
LONG = "long"


def _fill(emulator: Emulator, scores: int) -> list[str]:
    emulator.world.add_leaderboard(LONG)
    emulator.world.add_scores(LONG, [(f"m{number}", scores - number) for number in range(scores)])
    return [f"m{number}" for number in range(scores)]


@pytest.mark.parametrize("stop", [7345, 2000, 1, 1999])
async def test_a_checkpoint_resumed_by_another_client_goes_on_after_its_item(emulator: Emulator, stop: int) -> None:
    members = _fill(emulator, 9000)
    async with client_of(emulator) as client:
        scores = client.leaderboards.list_scores(LONG)
        taken = []
        async for entry in scores:
            taken.append(entry.member_id)
            if len(taken) == stop:
                break
        kept = json.dumps(scores.checkpoint)
    assert taken == members[:stop]
    async with client_of(emulator) as other:
        rest = other.leaderboards.list_scores(LONG, resume=json.loads(kept))
        got = [entry.member_id async for entry in rest]
        assert got == members[stop:]
        assert rest.checkpoint["seen"] == 9000
        assert await other.leaderboards.list_scores(LONG, resume=rest.checkpoint).collect() == []


@pytest.mark.parametrize("paging", [{}, {"concurrency": 8}, {"page_size": 333}, {"look_ahead": 0}, {"look_ahead": 5}])
async def test_a_checkpoint_is_true_after_every_item(emulator: Emulator, client: LootLockerClient, paging: Any) -> None:
    members = _fill(emulator, 1100)
    options: dict[str, Any] = {"page_size": 100, **paging}
    scores = client.leaderboards.list_scores(LONG, **options)
    seen = 0
    async for _ in scores:
        seen += 1
        if seen % 97 and seen not in {100, 101, 1100}:
            continue
        checkpoint = json.loads(json.dumps(scores.checkpoint))
        assert checkpoint["seen"] == seen
        rest = await client.leaderboards.list_scores(LONG, resume=checkpoint).collect()
        assert [entry.member_id for entry in rest] == members[seen:]
    assert seen == 1100


async def test_a_checkpoint_before_the_first_item_and_after_a_page_and_a_list(
    emulator: Emulator, client: LootLockerClient
) -> None:
    members = _fill(emulator, 250)
    scores = client.leaderboards.list_scores(LONG, page_size=100)
    fresh = scores.checkpoint
    assert len(await client.leaderboards.list_scores(LONG, resume=fresh).collect()) == 250
    first = await scores
    assert [entry.member_id for entry in first] == members[:100]
    second = client.leaderboards.list_scores(LONG, resume=scores.checkpoint)
    assert [entry.member_id for entry in await second.collect(70)] == members[100:170]
    third = client.leaderboards.list_scores(LONG, resume=second.checkpoint, page_size=10)
    assert [len(page) async for page in third.pages()] == [10] * 8


async def test_a_checkpoint_of_another_list_is_refused(client: LootLockerClient) -> None:
    checkpoint = client.leaderboards.list_scores(BOARD).checkpoint
    with pytest.raises(InvalidRequestError, match="another list"):
        client.leaderboards.list_scores("other", resume=checkpoint)
    for wrong in (
        {},
        {**checkpoint, "v": 2},
        {**checkpoint, "skip": -1},
        {**checkpoint, "size": 0},
        {**checkpoint, "cursor": []},
    ):
        with pytest.raises(InvalidRequestError, match="checkpoint"):
            client.leaderboards.list_scores(BOARD, resume=wrong)


@pytest.mark.parametrize("paging", [{"concurrency": 8}, {"concurrency": 3, "look_ahead": 5}, {"concurrency": 64}])
async def test_pages_that_are_on_their_way_together_arrive_in_order(
    emulator: Emulator, client: LootLockerClient, paging: Any
) -> None:
    members = _fill(emulator, 3210)
    one_by_one = await client.leaderboards.list_scores(LONG, page_size=100).collect()
    together = await client.leaderboards.list_scores(LONG, page_size=100, **paging).collect()
    assert together == one_by_one
    assert [entry.member_id for entry in together] == members
    limited = await client.leaderboards.list_scores(LONG, page_size=100, limit=555, **paging).collect()
    assert limited == one_by_one[:555]
    check_idle(client)


async def test_a_limit_asks_for_no_more_than_it_needs(emulator: Emulator, client: LootLockerClient) -> None:
    _fill(emulator, 1000)
    assert len(await client.leaderboards.list_scores(LONG, page_size=100, limit=250).collect()) == 250
    asked = [call.query for call in emulator.record.received("leaderboards_list_scores")]
    assert asked == ["count=100", "count=100&after=100", "count=50&after=200"]
    assert await client.leaderboards.list_scores(LONG, limit=0).collect() == []
    assert len(emulator.record.received("leaderboards_list_scores")) == 3


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_list_that_shrinks_and_grows_while_it_is_read_ends(
    emulator: Emulator, client: LootLockerClient, concurrency: int
) -> None:
    members = _fill(emulator, 1000)
    scores = client.leaderboards.list_scores(LONG, page_size=50, concurrency=concurrency)
    got: list[str] = []
    async for entry in scores:
        got.append(entry.member_id)
        if len(got) == 120:
            emulator.world.add_scores(LONG, [(f"late{number}", -number) for number in range(1, 131)])
    assert got == members + [f"late{number}" for number in range(1, 131)]

    got.clear()
    async for entry in scores:
        got.append(entry.member_id)
        if len(got) == 120:
            season = boards.find(emulator.game, LONG).season
            emulator.game.store.execute("DELETE FROM scores WHERE season_id = ? AND score < 500", season)
            emulator.game.forget_ranking(season)
    assert len(got) == len(set(got))
    assert got[:501] == members[:501]
    assert len(got) < 501 + 4 * 50
    check_idle(client)


# --------------------------------------------------------------------------------------------------------- inventories
async def _owner(emulator: Emulator, items: int) -> tuple[int, list[int]]:
    player = emulator.world.add_player("Ann")
    asset = emulator.world.add_asset("Blade")
    return player, [emulator.world.grant(player, asset) for _ in range(items)]


@pytest.mark.parametrize("cap", [None, 200, 60, 1])
async def test_an_inventory_is_read_whole_however_short_its_pages_are(cap: int | None) -> None:
    items = 40 if cap == 1 else 463
    async with Emulator(inventory_page_cap=cap) as emulator, client_of(emulator) as client:
        player, instances = await _owner(emulator, items)
        ways: list[dict[str, Any]] = [{}, {"page_size": 150}, {"look_ahead": 0}, {"look_ahead": 3}]
        for paging in ways:
            inventory = client.inventories.list_for_player(player, **paging)
            assert [item.instance_id async for item in inventory] == instances
        check_idle(client)


@pytest.mark.parametrize("cap", [None, 60])
async def test_a_checkpoint_within_an_inventory_is_true_after_every_item(cap: int | None) -> None:
    async with Emulator(inventory_page_cap=cap) as emulator, client_of(emulator) as client:
        player, instances = await _owner(emulator, 430)
        inventory = client.inventories.list_for_player(player)
        seen = 0
        async for item in inventory:
            seen += 1
            assert item.instance_id == instances[seen - 1]
            if seen % 53 and seen not in {60, 200, 430}:
                continue
            async with client_of(emulator) as other:
                rest = other.inventories.list_for_player(player, resume=json.loads(json.dumps(inventory.checkpoint)))
                assert [item.instance_id async for item in rest] == instances[seen:]


async def test_what_is_taken_away_or_granted_while_an_inventory_is_read_hides_nothing() -> None:
    async with Emulator(inventory_page_cap=100) as emulator, client_of(emulator) as client:
        player, instances = await _owner(emulator, 300)
        inventory = client.inventories.list_for_player(player, look_ahead=0)
        got = []
        async for item in inventory:
            got.append(item.instance_id)
            if len(got) == 100:
                await client.inventories.alter(player, remove=instances[:100])
        assert got == instances

        got.clear()
        asset = emulator.world.add_asset("Helm")
        late = []
        async for item in client.inventories.list_for_player(player, look_ahead=0):
            got.append(item.instance_id)
            if len(got) == 200:
                late = [emulator.world.grant(player, asset) for _ in range(5)]
        assert got in (instances[100:], instances[100:] + late)


async def test_what_is_taken_away_between_two_walks_hides_nothing() -> None:
    async with Emulator(inventory_page_cap=100) as emulator, client_of(emulator) as client:
        player, instances = await _owner(emulator, 300)
        inventory = client.inventories.list_for_player(player)
        assert len(await inventory.collect(100)) == 100
        kept = json.loads(json.dumps(inventory.checkpoint))
        await client.inventories.alter(player, remove=instances[:100])
        rest = client.inventories.list_for_player(player, resume=kept)
        assert [item.instance_id async for item in rest] == instances[100:]


async def test_an_inventory_that_fits_one_page_costs_one_request(emulator: Emulator, client: LootLockerClient) -> None:
    player, instances = await _owner(emulator, 150)
    assert len(await client.inventories.list_for_player(player).collect()) == len(instances)
    assert len(emulator.record.received("inventories_list_for_player")) == 1


async def test_an_inventory_that_holds_nothing_is_an_empty_list(emulator: Emulator, client: LootLockerClient) -> None:
    player, _ = await _owner(emulator, 0)
    assert await client.inventories.list_for_player(player).collect() == []
    assert list(await client.inventories.list_for_player(player)) == []


async def test_a_list_that_does_not_advance_is_an_error_and_not_endless() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        entry = {"member_id": "ann", "rank": 1, "score": 1, "metadata": ""}
        await wire.answer({"items": [entry], "pagination": {"total": 9, "next_cursor": 1, "previous_cursor": None}})

    async with RawServer(respond) as server, client_of(server) as client:
        with pytest.raises(ResponseDecodeError, match="does not advance"):
            await client.leaderboards.list_scores(BOARD).collect()
        assert len(server.seen()) <= 3


@pytest.mark.parametrize("short", [7, 13])
async def test_a_service_that_caps_pages_by_position_is_read_whole(short: int) -> None:
    total = 100

    async def respond(request: Request, wire: Wire) -> None:
        query = dict(pair.split("=") for pair in request.target.partition("?")[2].split("&"))
        start = int(query.get("after", "0"))
        end = min(start + min(int(query["count"]), short), total)
        items = [
            {"member_id": f"m{place}", "rank": place + 1, "score": 1, "metadata": ""} for place in range(start, end)
        ]
        await wire.answer({"items": items, "pagination": {"total": total, "next_cursor": end if end < total else None}})

    async with RawServer(respond) as server, client_of(server) as client:
        ways: list[dict[str, Any]] = [{}, {"concurrency": 8}]
        for paging in ways:
            got = await client.leaderboards.list_scores(BOARD, page_size=50, **paging).collect()
            assert [entry.member_id for entry in got] == [f"m{place}" for place in range(total)]
        check_idle(client)
