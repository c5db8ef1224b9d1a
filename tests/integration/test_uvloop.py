"""The client in a loop of uvloop's: calls, walks, deadlines and its end are as in asyncio's own."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from lootlocker_async import ConnectError, LootLockerClient, OutcomeUnknownError
from lootlocker_async.emulator import Emulator, Fault


async def _work() -> None:
    async with Emulator() as emulator:
        emulator.world.add_leaderboard("daily", type="generic")
        async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
            for number in range(30):
                await client.leaderboards.submit_score("daily", member_id=f"m{number}", score=number)
            scores = client.leaderboards.list_scores("daily", page_size=7, concurrency=3)
            assert [entry.score async for entry in scores] == list(reversed(range(30)))
            emulator.faults.add(Fault.latency("leaderboards_increment_score", seconds=60))
            hasty = client.with_options(timeout=0.2)
            with pytest.raises(OutcomeUnknownError):
                await hasty.leaderboards.increment_score("daily", member_id="m1", amount=1)
        base_url = emulator.base_url
    async with LootLockerClient("key", base_url=base_url, retries=0) as client:
        with pytest.raises(ConnectError) as failed:
            await client.session.ping()
        assert not failed.value.sent


def test_uvloop_runs_the_client() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work())
