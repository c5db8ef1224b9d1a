from __future__ import annotations

import pytest

from lootlocker_async import LootLockerClient, NotFoundError
from lootlocker_async.cli.demo.reconcile import ExactlyOnce, ReconciliationError
from lootlocker_async.emulator import Emulator, Fault

INCREMENT, GRANT = "leaderboards_increment_score", "inventories_add_asset"
SWORD, SHIELD, PLAYER = 50, 51, 7


@pytest.fixture
async def emulator():
    emulator = Emulator()
    world = emulator.world
    world.add_player("Ada", player_id=PLAYER)
    world.add_asset("Sword", id=SWORD)
    world.add_asset("Shield", id=SHIELD)
    world.grant(PLAYER, SHIELD)
    for key in ("other", "arena"):
        world.add_leaderboard(key)
    world.add_scores("other", [("ada", 1)])
    world.add_scores("arena", [("ada", 100)])
    async with emulator:
        yield emulator


@pytest.fixture
async def exactly_once(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url, backoff_base=0.001) as client:
        yield ExactlyOnce(client)


async def test_without_trouble_nothing_is_read_back(emulator, exactly_once):
    assert await exactly_once.increment("arena", "ada", 5, score=100) == 105
    assert await exactly_once.grant(PLAYER, SWORD, held=0) == 1

    assert [call.operation for call in emulator.record] == ["session_start", INCREMENT, GRANT]


@pytest.mark.parametrize("fault", [Fault.drop_after_execute, Fault.drop_before_execute])
async def test_an_increment_takes_effect_once(emulator, exactly_once, fault):
    emulator.faults.add(fault(INCREMENT, times=1))

    assert await exactly_once.increment("arena", "ada", 5, score=100) == 105
    assert emulator.world.score("arena", "ada") == 105
    assert emulator.world.score("other", "ada") == 1
    assert len(emulator.record.executed(INCREMENT)) == 1
    assert (exactly_once.found_executed, exactly_once.found_not_executed) in {(1, 0), (0, 1)}
    assert exactly_once.found_executed == (fault == Fault.drop_after_execute)


@pytest.mark.parametrize("fault", [Fault.drop_after_execute, Fault.drop_before_execute])
async def test_a_grant_takes_effect_once(emulator, exactly_once, fault):
    emulator.faults.add(fault(GRANT, times=1))

    assert await exactly_once.grant(PLAYER, SWORD, held=0) == 1
    assert emulator.world.inventory_size(PLAYER) == 2
    assert len(emulator.record.executed(GRANT)) == 1
    assert exactly_once.found_executed == (fault == Fault.drop_after_execute)


async def test_what_somebody_else_changed_is_not_guessed_at(emulator, exactly_once):
    emulator.faults.add(Fault.drop_before_execute(INCREMENT, times=1))

    with pytest.raises(ReconciliationError, match=r"60 should have stayed or become 65, and is 100"):
        await exactly_once.increment("arena", "ada", 5, score=60)
    assert len(emulator.record.received(INCREMENT)) == 1


async def test_a_member_whose_entry_is_gone_is_not_guessed_at(emulator, exactly_once):
    emulator.faults.add(Fault.drop_before_execute(INCREMENT, times=1))

    with pytest.raises(ReconciliationError, match="and is None"):
        await exactly_once.increment("arena", "nobody", 5, score=60)


async def test_it_gives_up_in_the_end(emulator, exactly_once):
    emulator.faults.add(Fault.drop_before_execute(GRANT))

    with pytest.raises(ReconciliationError, match="8 sendings were lost"):
        await exactly_once.grant(PLAYER, SWORD, held=0)
    assert len(emulator.record.received(GRANT)) == 8
    assert emulator.world.inventory_size(PLAYER) == 1


async def test_a_refusal_is_no_riddle(emulator, exactly_once):
    with pytest.raises(NotFoundError):
        await exactly_once.grant(PLAYER, 999, held=0)
    assert len(emulator.record.received(GRANT)) == 1
