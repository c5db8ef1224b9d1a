"""Schedules, rewards, archives and resets of leaderboards: what their contract can't say."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lootlocker_async import InvalidRequestError, LootLockerClient, OutcomeUnknownError
from lootlocker_async.errors import ResponseDecodeError
from lootlocker_async.models.leaderboard_upkeep import (
    LeaderboardRewardPredicateArgsRequest,
    LeaderboardRewardPredicateRequest,
)
from lootlocker_async.models.leaderboards import LeaderboardRewardPredicateArgs
from lootlocker_async.models.rewards import EntityKind
from tests.unit.support import BASE, KEY, Http

RESET = {"id": 118, "leaderboard_id": 4471, "game_id": 9021, "status": "pending"}
REWARD = {"reward_id": "01JZ4A6D8G0J2M4P6R8T1V3X5Z", "reward_kind": "currency"}
ARCHIVE = "leaderboards/9021/4471/1783900800.json"
READ = re.compile(r".*/leaderboards/archive/read\?.*")


def bodies(http: Http) -> list[Any]:
    return [json.loads(kwargs["data"]) for _, _, kwargs in http.sent()]


# --------------------------------------------------------------------------------------------------------------- resets
@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2026, 7, 16, 18, tzinfo=UTC), "2026-07-16T18:00:00Z"),
        (datetime(2026, 7, 16, 20, 30, tzinfo=timezone(timedelta(hours=2))), "2026-07-16T18:30:00Z"),
        (datetime(2026, 7, 16, 1, tzinfo=timezone(timedelta(hours=-7, seconds=1))), "2026-07-16T07:59:59Z"),
        (datetime(2026, 7, 16, 18, 0, 0, 250_000, tzinfo=UTC), "2026-07-16T18:00:00.250000Z"),
        ("2026-07-16T18:00:00Z", "2026-07-16T18:00:00Z"),
        ("2026-07-16T20:00:00.123456789+02:00", "2026-07-16T20:00:00.123456789+02:00"),
    ],
)
async def test_the_time_of_a_reset_goes_out_in_utc(
    client: LootLockerClient, http: Http, moment: datetime | str, sent: str
) -> None:
    http.answer("POST", "/leaderboards/daily/reset", payload=RESET)
    reset = await client.leaderboards.request_reset("daily", scheduled_for=moment)
    assert bodies(http) == [{"scheduled_for": sent}]
    assert (reset.id, reset.status, reset.scheduled_for) == (118, "pending", None)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 7, 16, 18),  # noqa: DTZ001  (it's the point)
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        "2026-07-16T18:00:00",
        "2026-07-16",
        "tomorrow",
        "",
        1_784_224_800,
    ],
)
async def test_a_time_that_nobody_can_tell_stays_here(client: LootLockerClient, http: Http, moment: Any) -> None:
    with pytest.raises(InvalidRequestError, match="scheduled_for"):
        await client.leaderboards.request_reset("daily", scheduled_for=moment)
    assert http.asked == []


async def test_a_reset_at_once_sends_an_empty_object(client: LootLockerClient, http: Http) -> None:
    http.answer("POST", "/leaderboards/daily/reset", payload=RESET)
    await client.leaderboards.request_reset("daily")
    assert http.sent()[0][2]["data"] == b"{}"


async def test_a_reset_that_was_not_carried_out_has_no_date(client: LootLockerClient, http: Http) -> None:
    http.answer("GET", "/leaderboards/daily/reset/118", payload=RESET | {"processed_at": "", "scheduled_for": None})
    reset = await client.leaderboards.get_reset("daily", "118")
    assert (reset.processed_at, reset.scheduled_for, reset.requested_at) == (None, None, None)
    assert "empty" in {drift.kind for drift in client.drift}


async def test_a_cancellation_that_was_lost_is_not_sent_again(http: Http) -> None:
    http.answer("DELETE", "/leaderboards/daily/reset/118", status=502)
    async with LootLockerClient(KEY, base_url=BASE, retries=3) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.leaderboards.cancel_reset("daily", 118)
    assert len(http.sent()) == 1


# -------------------------------------------------------------------------------------------------------------- rewards
async def test_predicates_are_models_or_mappings(client: LootLockerClient, http: Http) -> None:
    http.answer("POST", "/leaderboards/daily/reward", payload=REWARD)
    wire = {"type": "between", "args": {"min": 1, "max": 10, "method": "by_rank", "direction": "asc"}}
    args = LeaderboardRewardPredicateArgsRequest(min=1, max=10, method="by_rank", direction="asc")
    reward = await client.leaderboards.create_reward(
        "daily",
        reward_id=REWARD["reward_id"],
        reward_kind=EntityKind.CURRENCY,
        predicates=[LeaderboardRewardPredicateRequest(type="between", args=args), wire],
    )
    assert bodies(http) == [REWARD | {"predicates": [wire, wire]}]
    assert (reward.reward_kind, reward.predicates, reward.currency) == (EntityKind.CURRENCY, (), None)


async def test_a_bound_that_was_not_given_is_not_sent(client: LootLockerClient, http: Http) -> None:
    http.answer("POST", "/leaderboards/daily/reward", payload=REWARD)
    await client.leaderboards.create_reward(
        "daily", **REWARD, predicates=[{"type": "between", "args": {"min": 3}}, {"type": "all", "args": {}}]
    )
    assert bodies(http)[0]["predicates"] == [{"type": "between", "args": {"min": 3}}, {"type": "all", "args": {}}]
    assert LeaderboardRewardPredicateArgs(max=10).min == 0


async def test_kinds_of_rewards_may_be_new(client: LootLockerClient, http: Http) -> None:
    http.answer("POST", "/leaderboards/daily/reward", payload=REWARD | {"reward_kind": "title"})
    given = REWARD | {"reward_kind": "title"}
    reward = await client.leaderboards.create_reward("daily", **given, predicates=[])
    assert bodies(http) == [given | {"predicates": []}]
    assert (str(reward.reward_kind), reward.reward_kind.is_known) == ("title", False)


@pytest.mark.parametrize(
    ("predicate", "where"),
    [
        ({"type": "between", "args": {"mim": 1}}, "predicates[0].args.mim"),
        ({"type": "between", "args": {"min": "1"}}, "predicates[0].args.min"),
        ({"type": "between", "args": {"max": 2**63}}, "predicates[0].args.max"),
        ({"type": "between"}, "predicates[0]"),
        ({"type": "between", "args": {}, "id": "01J"}, "predicates[0].id"),
    ],
)
async def test_odd_predicates_stay_here(
    client: LootLockerClient, http: Http, predicate: dict[str, Any], where: str
) -> None:
    with pytest.raises(InvalidRequestError, match=re.escape(where)):
        await client.leaderboards.create_reward("daily", **REWARD, predicates=[predicate])
    assert http.asked == []


async def test_a_reward_whose_answer_is_odd_was_attached(client: LootLockerClient, http: Http) -> None:
    http.answer("POST", "/leaderboards/daily/reward", payload={"reward": REWARD})
    with pytest.raises(ResponseDecodeError) as caught:
        await client.leaderboards.create_reward("daily", **REWARD, predicates=[])
    assert caught.value.executed


# ------------------------------------------------------------------------------------------------------------- archives
def entry(rank: int) -> dict[str, Any]:
    return {"member_id": str(rank), "rank": rank, "score": 1000 - rank, "player": None}


async def test_archives_are_read_to_their_end(client: LootLockerClient, http: Http) -> None:
    for start, cursor in ((1, "2"), (3, "k/4"), (5, "")):
        pagination = {"total": 6, "next_cursor": cursor, "previous_cursor": None}
        http.add(READ, "GET", payload={"pagination": pagination, "items": [entry(start), entry(start + 1)]})
    walk = client.leaderboards.list_archive_scores(key=ARCHIVE, page_size=2)
    assert [score.rank async for score in walk] == [1, 2, 3, 4, 5, 6]
    addresses = [address.partition("?")[2] for _, address, _ in http.sent()]
    key = "key=leaderboards%2F9021%2F4471%2F1783900800.json&count=2"
    assert addresses == [key, f"{key}&after=2", f"{key}&after=k%2F4"]


async def test_an_archive_that_says_nothing_of_pages_has_one(client: LootLockerClient, http: Http) -> None:
    http.add(READ, "GET", payload={"pagination": None, "items": [entry(1)]})
    http.add(READ, "GET", payload={"items": None})
    assert [score.rank async for score in client.leaderboards.list_archive_scores(key=ARCHIVE)] == [1]
    page = await client.leaderboards.list_archive_scores(key=ARCHIVE)
    assert (page.items, page.total, page.next) == ((), None, None)
    assert len(http.sent()) == 2


@pytest.mark.parametrize("key", ["", None, 7, b"leaderboards", ["a"]])
def test_odd_keys_of_archives_stay_here(client: LootLockerClient, http: Http, key: Any) -> None:
    with pytest.raises(InvalidRequestError, match="key"):
        client.leaderboards.list_archive_scores(key=key)
    assert http.asked == []


async def test_a_checkpoint_belongs_to_its_archive(client: LootLockerClient) -> None:
    checkpoint = client.leaderboards.list_archive_scores(key=ARCHIVE).checkpoint
    client.leaderboards.list_archive_scores(key=ARCHIVE, resume=checkpoint)
    with pytest.raises(InvalidRequestError, match="another list"):
        client.leaderboards.list_archive_scores(key="other.json", resume=checkpoint)


async def test_dates_of_archives_are_read_leniently(client: LootLockerClient, http: Http) -> None:
    dates = ["2026-07-06T00:00:04Z", "Mon, 06 Jul 2026 00:00:04 +0000", "2026-07-06 00:00:04", "soon", None]
    archives = [{"key": f"{number}.json", "last_modified": date} for number, date in enumerate(dates)]
    http.answer("GET", "/leaderboards/4471/archive/list", payload={"archives": archives})
    found = (await client.leaderboards.list_archives(4471)).archives
    moment = datetime(2026, 7, 6, 0, 0, 4, tzinfo=UTC)
    assert [archive.last_modified_datetime for archive in found] == [moment, moment, moment, None, None]
    assert [archive.last_modified for archive in found] == dates
