"""Schedules, resets, archives and rewards of leaderboards, through the SDK and over a socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lootlocker_async import BadRequestError, ConflictError, LootLockerClient, NotFoundError
from lootlocker_async.emulator import Clock, Emulator

MONDAY = datetime(2026, 7, 13, 8, tzinfo=UTC)
PREDICATE = {"type": "between", "args": {"min": 1, "max": 2, "method": "by_rank", "direction": "asc"}}


@pytest.fixture
def clock():
    return Clock(MONDAY, frozen=True)


@pytest.fixture
async def client(emulator: Emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        yield client


@pytest.fixture
def members(emulator: Emulator):
    """The members of the player board `arena`, from the top rank down."""
    emulator.world.add_leaderboard("arena", type="player")
    ids = list(emulator.world.add_players(["Aurelia", "Ravenna", "Corvin"]))
    emulator.world.add_scores("arena", [(str(player), 300 - place) for place, player in enumerate(ids)])
    return ids


async def test_a_week_of_an_arena(client, emulator, members):
    emulator.world.add_currency("gold")
    reward_id = emulator.world.add_reward("currency", currency_code="gold", amount="250")
    attached = await client.leaderboards.create_reward(
        "arena", reward_id=reward_id, reward_kind="currency", predicates=[PREDICATE]
    )
    assert attached.currency is not None
    assert attached.currency.amount == Decimal(250)
    made = await client.leaderboards.create_schedule("arena", cron_expression="@weekly")
    assert (made.next_run, made.last_run) == ("2026-07-19T00:00:00Z", None)

    emulator.clock.advance(timedelta(days=6))
    # The call that follows need not be one about leaderboards.
    await client.session.ping()
    gold = [emulator.world.balances(player_id=player).get("gold") for player in members]
    assert gold == [Decimal(250), Decimal(250), None]
    assert [score async for score in client.leaderboards.list_scores("arena")] == []
    schedule = await client.leaderboards.get_schedule("arena")
    assert schedule.last_run == "2026-07-19T00:00:00Z"
    assert schedule.schedule == (schedule.last_run,)

    (archive,) = (await client.leaderboards.list_archives("arena")).archives
    assert archive.content_type == "application/json"
    scores = [score async for score in client.leaderboards.list_archive_scores(key=archive.key, page_size=2)]
    assert [(score.member_id, score.rank, score.score) for score in scores] == [
        (str(player), place + 1, 300 - place) for place, player in enumerate(members)
    ]

    await client.leaderboards.delete_reward("arena", reward_id)
    await client.leaderboards.delete_schedule("arena")
    board = await client.leaderboards.get("arena")
    assert (board.schedule, board.rewards) == (None, ())
    with pytest.raises(NotFoundError):
        await client.leaderboards.get_schedule("arena")
    with pytest.raises(NotFoundError):
        await client.leaderboards.delete_schedule("arena")


async def test_manual_resets(client, emulator, members):
    later = await client.leaderboards.request_reset("arena", name="Later", scheduled_for=MONDAY + timedelta(hours=2))
    board = await client.leaderboards.get("arena")
    assert [reset.id for reset in board.upcoming_resets or ()] == [later.id]
    await client.leaderboards.cancel_reset("arena", later.id)
    with pytest.raises(ConflictError):
        await client.leaderboards.cancel_reset("arena", later.id)

    at_once = await client.leaderboards.request_reset("arena")
    assert (at_once.status, at_once.processed_at) == ("pending", None)
    done = await client.leaderboards.get_reset("arena", at_once.id)
    assert (done.status, done.processed_at) == ("completed", MONDAY)
    listed = (await client.leaderboards.list_resets("arena")).items
    assert [(reset.id, reset.status) for reset in listed] == [(at_once.id, "completed"), (later.id, "cancelled")]
    assert (await client.leaderboards.submit_score("arena", member_id=str(members[2]), score=1)).rank == 1


async def test_answers_fit_the_contract(api, emulator, members):
    """`Api` holds every answer to the contract."""
    emulator.world.add_progression("season")
    parts = [emulator.world.add_reward("progression_points", progression_key="season", amount=5)]
    group = emulator.world.add_reward("group", name="Podium", reward_ids=parts)
    body = {"reward_id": group, "reward_kind": "group", "predicates": [PREDICATE]}
    await api.ok("POST", "/leaderboards/arena/reward", json=body)
    await api.refused("POST", "/leaderboards/arena/reward", 409, json=body)
    await api.refused(
        "POST", "/leaderboards/arena/reward", 404, json={**body, "reward_id": "01JZ4A6D8G0J2M4P6R8T1V3X5Z"}
    )
    await api.ok("POST", "/leaderboards/arena/schedule", json={"cron_expression": "*/5 * * * *"})
    emulator.clock.advance(timedelta(minutes=55))
    assert len((await api.ok("GET", "/leaderboards/arena/schedule"))["schedule"]) == 11
    await api.ok("GET", "/leaderboards")
    archive = (await api.ok("GET", "/leaderboards/arena/archive/list"))["archives"][0]["key"]
    page = await api.ok("GET", "/leaderboards/archive/read", params={"key": archive, "count": "1", "after": "1"})
    assert page["pagination"] == {"total": 3, "next_cursor": "2", "previous_cursor": "0"}
    await api.refused("GET", "/leaderboards/archive/read", 400, params={"key": archive, "after": "x"})
    await api.refused("GET", "/leaderboards/archive/read", 404, params={"key": "nothing"})
    reset = await api.ok("POST", "/leaderboards/arena/reset", json={"scheduled_for": "2099-01-01T00:00:00Z"})
    await api.ok("GET", "/leaderboards/arena/reset")
    await api.ok("GET", f"/leaderboards/arena/reset/{reset['id']}")
    await api.ok("DELETE", f"/leaderboards/arena/reset/{reset['id']}")
    await api.refused("GET", "/leaderboards/arena/reset/1", 404)
    await api.refused("POST", "/leaderboards/arena/reset", 400, json={"scheduled_for": "soon"})
    await api.ok("DELETE", "/leaderboards/arena/schedule")
    await api.ok("DELETE", f"/leaderboards/arena/reward/{group}")
    await api.refused("DELETE", f"/leaderboards/arena/reward/{group}", 404)


async def test_a_cron_expression_is_checked(client, members):
    with pytest.raises(BadRequestError) as refused:
        await client.leaderboards.create_schedule("arena", cron_expression="every monday")
    assert refused.value.param == "cron_expression"
