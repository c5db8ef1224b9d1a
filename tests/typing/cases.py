"""Statements about types that mypy and pyright prove; nothing here is run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any, assert_type

from lootlocker_async import Checkpoint, ClientConfig, LootLockerClient, Page, Paginator, SecretStr, from_dict, to_dict
from lootlocker_async.core.observers import CallRecord, Drift
from lootlocker_async.models.inventories import InventoryItem, InventoryPage
from lootlocker_async.models.leaderboards import (
    Leaderboard,
    LeaderboardMemberRank,
    LeaderboardScore,
    LeaderboardScorePage,
)
from lootlocker_async.models.players import PlayerIds
from lootlocker_async.models.session import Session, SessionPing
from lootlocker_async.services.inventories import InventoriesService
from lootlocker_async.services.leaderboards import LeaderboardsService
from lootlocker_async.services.players import PlayersService
from lootlocker_async.services.session import SessionService


class OurClient(LootLockerClient):
    """A client of somebody's own."""


async def clients(ours: OurClient) -> None:
    assert_type(LootLockerClient("key"), LootLockerClient)
    assert_type(LootLockerClient(lambda: "key", timeout=3.0, retries=0), LootLockerClient)
    assert_type(OurClient.from_env(), OurClient)
    assert_type(OurClient.from_env("MY_", domain_key="abc"), OurClient)
    assert_type(ours.with_options(timeout=1.0, attempt_timeout=None), OurClient)
    async with ours as entered:
        assert_type(entered, OurClient)
    with ours.trace() as calls:
        assert_type(calls, list[CallRecord])
    assert_type(ours.drift, Mapping[Drift, int])
    assert_type(ours.config, ClientConfig)
    assert_type(ClientConfig.from_env().key(), SecretStr)


def sections(client: LootLockerClient) -> None:
    assert_type(client.leaderboards, LeaderboardsService)
    assert_type(client.inventories, InventoriesService)
    assert_type(client.players, PlayersService)
    assert_type(client.session, SessionService)


async def calls(client: LootLockerClient) -> None:
    assert_type(await client.leaderboards.get("daily"), Leaderboard)
    assert_type(await client.leaderboards.submit_score("daily", member_id="1", score=2), LeaderboardScore)
    assert_type(await client.leaderboards.delete(4471), None)
    assert_type(await client.players.create(platform="steam", player_identifier="7"), PlayerIds)
    assert_type(await client.session.ping(), SessionPing)
    assert_type((await client.session.start()).token, SecretStr)


async def escape_hatch(client: LootLockerClient) -> None:
    assert_type(await client.request("GET", "/leaderboards/7", into=Leaderboard), Leaderboard)
    assert_type(await client.request("PUT", "/x", json={"a": 1}, idempotent=True, into=Session), Session)
    assert_type(await client.request("GET", "/x", params={"a": [1, 2], "b": None}), Any)


async def lists(client: LootLockerClient, checkpoint: Checkpoint) -> None:
    scores = client.leaderboards.list_scores("daily", page_size=10, concurrency=4, resume=checkpoint)
    assert_type(scores, Paginator[LeaderboardScore])
    async for score in scores:
        assert_type(score, LeaderboardScore)
    async for page in scores.pages():
        assert_type(page, Page[LeaderboardScore])
        assert_type(page.items, tuple[LeaderboardScore, ...])
        assert_type(page[0], LeaderboardScore)
        assert_type(page[:2], tuple[LeaderboardScore, ...])
        assert_type(list(page), list[LeaderboardScore])
    assert_type(scores.pages(), AsyncGenerator[Page[LeaderboardScore], None])
    assert_type(await scores, Page[LeaderboardScore])
    assert_type((await scores).total, int | None)
    assert_type(await scores.collect(limit=3), list[LeaderboardScore])
    assert_type([score.rank async for score in scores], list[int])
    assert_type(scores.checkpoint, Checkpoint)
    assert_type(client.leaderboards.list(), Paginator[Leaderboard])
    assert_type(client.leaderboards.list_member_ranks("1"), Paginator[LeaderboardMemberRank])
    assert_type(client.inventories.list_for_player(7, look_ahead=0), Paginator[InventoryItem])


def models(score: LeaderboardScore, page: LeaderboardScorePage, board: Leaderboard, items: InventoryPage) -> None:
    # What a field can be on the wire (null, missing) is gone once there is a model.
    assert_type(page.items, tuple[LeaderboardScore, ...])
    assert_type(items.items, tuple[InventoryItem, ...])
    assert_type(score.score, int)
    assert_type(score.metadata, str | None)
    assert_type(board.has_metadata, bool)
    assert_type(board.created_at, datetime | None)
    assert_type(to_dict(score), dict[str, Any])
    assert_type(from_dict(LeaderboardScore, {"rank": 1}), LeaderboardScore)
