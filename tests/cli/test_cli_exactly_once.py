from __future__ import annotations

from decimal import Decimal

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.cli.demo.reconcile import ExactlyOnce, Purse, ReconciliationError
from lootlocker_async.emulator import Emulator, Fault

PLAYER, SWORD, CHEST, BOX = 7, 50, 51, 52
BEFORE_OR_AFTER = pytest.mark.parametrize("fault", [Fault.drop_before_execute, Fault.drop_after_execute])


@pytest.fixture
async def emulator():
    emulator = Emulator()
    world = emulator.world
    world.add_player("Ada", player_id=PLAYER)
    for name, asset_id in (("Sword", SWORD), ("Chest", CHEST), ("Box", BOX)):
        world.add_asset(name, id=asset_id)
    world.add_currency("GLD")
    world.add_progression("pass", tiers=[{"points_threshold": 10}])
    world.add_drop_table(CHEST, [{"items": [{"asset_id": SWORD}]}])
    world.add_loot_box(BOX, [{"asset_id": SWORD, "weight": 1}])
    async with emulator:
        yield emulator


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url, backoff_base=0.001) as client:
        yield client


@pytest.fixture
def exactly_once(client):
    return ExactlyOnce(client)


@pytest.fixture
async def purse(emulator, client):
    emulator.world.add_balance("GLD", "12.5", player_id=PLAYER)
    (gold,) = (await client.currencies.list()).currencies
    return Purse(emulator.world.add_balance("GLD", 0, player_id=PLAYER), gold.id, Decimal("12.5"))


async def ulid(client):
    return (await client.players.lookup_names(player_id=[PLAYER])).players[0].ulid


def was_executed_once(emulator, exactly_once, operation, fault):
    assert len(emulator.record.executed(operation)) == 1
    lost = fault == Fault.drop_after_execute
    assert (exactly_once.found_executed, exactly_once.found_not_executed) == ((1, 0) if lost else (0, 1))


@BEFORE_OR_AFTER
@pytest.mark.parametrize(
    ("operation", "amount"), [("balances_credit", Decimal("0.000000000000000001")), ("balances_debit", Decimal(-12))]
)
async def test_a_purse_changes_once(emulator, exactly_once, purse, fault, operation, amount):
    emulator.faults.add(fault(operation, times=1))

    await exactly_once.change(purse, amount)
    assert purse.held == Decimal("12.5") + amount
    assert emulator.world.balances(player_id=PLAYER) == {"GLD": purse.held}
    was_executed_once(emulator, exactly_once, operation, fault)


async def test_an_answer_that_breaks_off_is_looked_up(emulator, exactly_once, purse):
    emulator.faults.add(Fault.half_answer("balances_credit", times=1))

    await exactly_once.change(purse, Decimal("0.5"))
    assert purse.held == 13
    assert emulator.world.balances(player_id=PLAYER) == {"GLD": purse.held}
    assert len(emulator.record.executed("balances_credit")) == exactly_once.found_executed == 1


async def test_an_overdraft_is_refused_whatever_becomes_of_the_first_answer(emulator, exactly_once, purse):
    emulator.faults.add(Fault.drop_after_execute("balances_debit", times=1))

    assert await exactly_once.is_refused(purse, Decimal("12.51"))
    assert not await exactly_once.is_refused(purse, Decimal("12.50"))
    assert purse.held == 0
    assert len(emulator.record.executed("balances_debit")) == 1


@BEFORE_OR_AFTER
async def test_a_purse_that_holds_nothing_yet(emulator, exactly_once, purse, fault):
    emulator.world.add_currency("GEM")
    gems = next(it for it in (await exactly_once.client.currencies.list()).currencies if it.code == "GEM")
    emulator.faults.add(fault("balances_credit", times=1))

    await exactly_once.change(Purse(purse.wallet_id, gems.id), Decimal("0.1"))
    assert emulator.world.balances(player_id=PLAYER)["GEM"] == Decimal("0.1")


@BEFORE_OR_AFTER
async def test_a_wallet_is_made_once(emulator, exactly_once, client, fault):
    emulator.faults.add(fault("balances_create_wallet", times=1))
    holder = await ulid(client)

    wallet_id = await exactly_once.open_wallet(holder)
    assert (await client.balances.get_wallet_for_holder(holder)).id == wallet_id
    was_executed_once(emulator, exactly_once, "balances_create_wallet", fault)


@BEFORE_OR_AFTER
async def test_points_are_added_once(emulator, exactly_once, client, fault):
    emulator.faults.add(fault("player_progressions_add_points", times=1))

    assert await exactly_once.add_points(PLAYER, "pass", 15, points=0) == 15
    state = await client.player_progressions.get(PLAYER, "pass")
    assert (state.points, state.step) == (15, 2)
    was_executed_once(emulator, exactly_once, "player_progressions_add_points", fault)


@BEFORE_OR_AFTER
async def test_a_pick_is_made_once(emulator, exactly_once, fault):
    chest = emulator.world.grant(PLAYER, CHEST)
    emulator.faults.add(Fault.drop_before_execute("drop_tables_compute_and_lock", times=1))
    (item,) = await exactly_once.draw(PLAYER, chest)
    assert exactly_once.found_not_executed == 1
    exactly_once.found_not_executed = 0
    emulator.faults.add(fault("drop_tables_pick", times=1))

    await exactly_once.pick(PLAYER, chest, item, held=0)
    assert emulator.world.inventory_size(PLAYER) == 2
    was_executed_once(emulator, exactly_once, "drop_tables_pick", fault)


async def test_a_draw_whose_answer_is_lost_is_lost(emulator, exactly_once):
    chest = emulator.world.grant(PLAYER, CHEST)
    emulator.faults.add(Fault.drop_after_execute("drop_tables_compute_and_lock", times=1))

    with pytest.raises(ReconciliationError, match="player 7 has a draw locked whose answer was lost"):
        await exactly_once.draw(PLAYER, chest)
    assert len(emulator.record.executed("drop_tables_compute_and_lock")) == 1


async def test_a_draw_is_given_up_in_the_end(emulator, exactly_once):
    chest = emulator.world.grant(PLAYER, CHEST)
    emulator.faults.add(Fault.drop_before_execute("drop_tables_compute_and_lock"))

    with pytest.raises(ReconciliationError, match="8 sendings were lost"):
        await exactly_once.draw(PLAYER, chest)


@BEFORE_OR_AFTER
async def test_a_box_is_opened_once(emulator, exactly_once, client, fault):
    box = emulator.world.grant(PLAYER, BOX)
    emulator.faults.add(fault("loot_boxes_open", times=1))

    await exactly_once.open_box(PLAYER, box)
    (item,) = await client.inventories.list_for_player(PLAYER).collect()
    assert item.asset.id == SWORD
    was_executed_once(emulator, exactly_once, "loot_boxes_open", fault)


@BEFORE_OR_AFTER
async def test_a_file_is_uploaded_once(emulator, exactly_once, client, fault):
    emulator.faults.add(fault("player_files_upload", times=1))

    await exactly_once.upload(PLAYER, b"level=12", name="slot-1.sav")
    (file,) = (await client.player_files.list(PLAYER)).items
    assert (file.name, file.size) == ("slot-1.sav", 8)
    was_executed_once(emulator, exactly_once, "player_files_upload", fault)


@BEFORE_OR_AFTER
async def test_a_notification_is_sent_at_most_once(emulator, exactly_once, client, fault):
    emulator.faults.add(fault("notifications_send", times=1))

    await exactly_once.notify(await ulid(client), "custom.arena.reward", {"opened": "box"})
    assert exactly_once.left_alone == 1
    assert len(emulator.record.received("notifications_send")) == 1
    assert len(emulator.world.notifications(PLAYER)) == (fault == Fault.drop_after_execute)
