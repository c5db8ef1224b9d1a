"""The rewards that the resets of leaderboards pay, once and never twice, and leaderboards as worlds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lootlocker_async.emulator import (
    Clock,
    ServiceError,
    World,
    inventories,
    leaderboard_resets,
    leaderboard_rewards,
    leaderboard_schedules,
    leaderboards,
    rewards,
)
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.leaderboard_rewards import Predicate
from tests.emulator.upkeep import (
    TUESDAY,
    WEEKLY,
    archives,
    attach,
    between,
    board_of_ten,
    five_gold,
    gold_of,
    refusal,
    reset,
    size,
)


@pytest.fixture
def clock():
    return Clock(TUESDAY, frozen=True)


@pytest.fixture
def members(world):
    return board_of_ten(world)


@pytest.fixture
def gold(world):
    return five_gold(world)


# -------------------------------------------------------------------------------------------------------------- rewards
@pytest.mark.parametrize(
    ("predicates", "winners"),
    [
        ([between(1, 3)], range(3)),
        ([between(2, 2)], range(1, 2)),
        ([between(1, 3, direction="desc")], range(7, 10)),
        ([between(-5, 100)], range(10)),
        ([between(11, 20)], range(0)),
        ([between(-(2**63), 2**63 - 1, "by_percent", "desc")], range(10)),
        ([between(2**63 - 1, 2**63 - 1, "by_percent")], range(0)),
        ([between(-(2**63), -(2**63), direction="desc")], range(0)),
        ([between(0, 25, "by_percent")], range(2)),
        ([between(21, 50, "by_percent")], range(2, 5)),
        ([between(0, 10, "by_percent", "desc")], range(9, 10)),
        ([between(0, 100, "by_percent")], range(10)),
        ([between(1, 5), between(0, 80, "by_percent", "desc")], range(2, 5)),
        ([between(1, 2), between(4, 5)], range(0)),
        ([{"type": "between", "args": {"min": 1, "max": 1}}], range(1)),
        ([], range(10)),
    ],
)
def test_who_gets_a_reward(game, world, members, gold, predicates, winners):
    attach(game, gold, *predicates)
    reset(game)
    assert gold_of(world, members) == [5 if place in winners else 0 for place in range(10)]


def test_percents_of_few_entries():
    top = Predicate.read(between(0, 25, "by_percent"), "predicates.0")
    assert [top.ranks(total) for total in (3, 4, 8)] == [(0, 0), (0, 1), (0, 2)]


def test_attaching_and_detaching(game, members, gold, check_answer):
    attached = attach(game, gold, between(1, 10))
    check_answer("leaderboards_create_reward", 200, attached)
    assert attached["currency"]["amount"] == "5"
    assert attached["predicates"][0]["args"] == between(1, 10)["args"]
    assert leaderboards.get(game, "board")["leaderboard"]["rewards"] == [attached]
    check_answer("leaderboards_get", 200, leaderboards.get(game, "board"))
    assert refusal(attach, game, gold) == (409, "reward_id")
    leaderboard_rewards.detach(game, "board", gold)
    assert refusal(leaderboard_rewards.detach, game, "board", gold) == (404, "reward_id")
    assert leaderboards.get(game, "board")["leaderboard"]["rewards"] == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"reward_id": "01JZ4A6D8G0J2M4P6R8T1V3X5Z"}, (404, "reward_id")),
        ({"reward_kind": "asset"}, (400, "reward_kind")),
        ({"predicates": [{**between(1, 2), "type": "above"}]}, (400, "predicates.0.type")),
        ({"predicates": [between(1, 2), between(2, 1)]}, (400, "predicates.1.args.min")),
        ({"predicates": [{"type": "between", "args": {"min": 1}}]}, (400, "predicates.0.args.max")),
        ({"predicates": [between(1, 2, "by_luck")]}, (400, "predicates.0.args.method")),
        ({"predicates": [between(1, 2, direction="up")]}, (400, "predicates.0.args.direction")),
    ],
)
def test_a_reward_that_cannot_be_attached(game, members, gold, wrong, expected):
    fields = {"reward_id": gold, "reward_kind": "currency", "predicates": [], **wrong}
    assert refusal(leaderboard_rewards.attach, game, "board", **fields) == expected
    assert leaderboards.get(game, "board")["leaderboard"]["rewards"] == []


def test_rewards_of_every_kind_arrive(game, world, members, check_answer):
    crown = world.add_asset("Crown", unique_instance=True)
    world.add_currency("gold")
    world.add_progression("season")
    parts = [
        world.add_reward("asset", asset_id=crown),
        world.add_reward("currency", currency_code="gold", amount="2.5"),
        world.add_reward("progression_points", progression_key="season", amount=40),
    ]
    attach(game, world.add_reward("group", name="Podium", reward_ids=parts), between(1, 2))
    attach(game, parts[0], between(1, 1))
    check_answer("leaderboards_get", 200, leaderboards.get(game, "board"))
    reset(game)
    assert [len(inventories.list_items(game, player)["items"]) for player in members[:3]] == [1, 1, 0]
    assert world.balances(player_id=members[0]) == {"gold": Decimal("2.5")}


def test_a_reward_that_one_member_cannot_get_is_passed_over(game, world, members, gold, monkeypatch):
    pay = rewards.pay

    def refuse_the_second(game, player_id, reward_id):
        pay(game, player_id, reward_id)
        if player_id == members[1]:
            raise ServiceError(409, "conflict", "It has too much")

    monkeypatch.setattr(rewards, "pay", refuse_the_second)
    attach(game, gold, between(1, 3))
    number = reset(game)
    assert gold_of(world, members[:4]) == [5, 0, 5, 0]
    assert leaderboard_resets.get(game, "board", number)["status"] == "completed"


def test_a_generic_board_pays_nobody(game, world, gold):
    world.add_leaderboard("board")
    world.add_player()
    world.add_scores("board", [("1001", 5)])
    attach(game, gold)
    reset(game)
    assert (len(archives(game)), world.balances(player_id=1001)) == (1, {})


def test_what_a_reset_does_bears_its_time(game, clock, world, members):
    attach(game, world.add_reward("asset", asset_id=world.add_asset("Cape")), between(1, 1))
    leaderboard_resets.request(game, "board", scheduled_for="2026-07-14T12:00:00Z")
    clock.advance(timedelta(days=3))
    leaderboards.run_due(game)
    (row,) = game.store.rows("SELECT acquired_at FROM inventory WHERE player_id = ?", members[0])
    assert datetime.fromtimestamp(row["acquired_at"], UTC) == datetime(2026, 7, 14, 12, tzinfo=UTC)
    assert game.clock is clock


# ------------------------------------------------------------------------------------------------- once and never twice
def test_a_payment_that_breaks_off_leaves_everything_to_do(game, world, members, gold, monkeypatch):
    attach(game, gold)
    pay, calls = rewards.pay, []

    def fail_at_the_third(game, player_id, reward_id):
        calls.append(player_id)
        if len(calls) == 3:
            raise RuntimeError
        return pay(game, player_id, reward_id)

    monkeypatch.setattr(rewards, "pay", fail_at_the_third)
    leaderboard_resets.request(game, "board")
    with pytest.raises(RuntimeError):
        leaderboards.run_due(game)
    monkeypatch.undo()
    assert gold_of(world, members) == [0] * 10
    assert size(game) == 0
    assert gold_of(world, members) == [5] * 10
    leaderboards.run_due(game)
    assert (gold_of(world, members), len(archives(game))) == ([5] * 10, 1)


def test_a_refused_call_around_a_reset_leaves_it_to_do(game, world, members, gold):
    attach(game, gold)
    leaderboard_resets.request(game, "board")

    def fail_after_the_reset():
        with game.transaction():
            assert size(game) == 0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_the_reset()
    assert gold_of(world, members) == [0] * 10
    assert size(game) == 0
    assert gold_of(world, members) == [5] * 10


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from lootlocker_async.emulator import Clock, leaderboards, rewards
from lootlocker_async.emulator.game import Game, Settings

pay, paid = rewards.pay, []

def pay_until_killed(game, player_id, reward_id):
    pay(game, player_id, reward_id)
    paid.append(player_id)
    if len(paid) == 4:
        os.kill(os.getpid(), signal.SIGKILL)

rewards.pay = pay_until_killed
clock = Clock(datetime(2026, 7, 20, 0, 0, 1, tzinfo=UTC), frozen=True)
leaderboards.run_due(Game(Settings(server_key="key"), state=sys.argv[1], clock=clock))
"""


def test_who_is_killed_while_paying_has_paid_nobody(tmp_path):
    state = tmp_path / "state.db"
    game = Game(Settings(server_key="key"), state=state, clock=Clock(TUESDAY, frozen=True))
    world = World(game)
    world.add_currency("gold")
    world.add_leaderboard("board", type="player", schedule={"cron_expression": WEEKLY})
    world.add_leaderboard_reward("board", world.add_reward("currency", currency_code="gold", amount=5), "currency")
    members = list(world.add_players([f"Player {number}" for number in range(10)]))
    world.add_scores("board", [(str(player), player) for player in members])
    game.close()

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(state)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL

    after = Clock(datetime(2026, 7, 21, tzinfo=UTC), frozen=True)
    for _ in range(2):
        game = Game(Settings(server_key="key"), state=state, clock=after)
        world = World(game)
        leaderboards.run_due(game)
        assert gold_of(world, members) == [5] * 10
        assert leaderboard_schedules.get(game, "board")["schedule"] == ["2026-07-20T00:00:00Z"]
        assert size(game) == 0
        game.close()


# --------------------------------------------------------------------------------------------------------------- worlds
KINDS = (
    ("currency", "currencies"),
    ("player", "players"),
    ("reward", "rewards"),
    ("leaderboard", "leaderboards"),
    ("scores", "scores"),
    ("leaderboard_archive", "leaderboard_archives"),
    ("leaderboard_schedule", "leaderboard_schedules"),
    ("leaderboard_reward", "leaderboard_rewards"),
    ("leaderboard_reset", "leaderboard_resets"),
)
STRANGE = {
    "reward_id": "01JZ4A6D8G0J2M4P6R8T1V3X5Z", "reward_kind": "currency", "predicates": [],
    "currency": {"currency_id": "01JXB2C4D6E8F0G2H4J6K8M0NP", "amount": "250"},
}  # fmt: skip


def export(world):
    exported = {kind: getattr(world, f"export_{kinds}")() for kind, kinds in KINDS}
    return json.loads(json.dumps(exported))


def test_an_exported_world_loads_again(game, clock, world, members, gold):
    attach(game, gold, between(1, 3))
    world.add_leaderboard_reward("board", STRANGE["reward_id"], "currency", shown=STRANGE)
    leaderboard_schedules.create(game, "board", "@daily")
    reset(game, name="Cancelled", scheduled_for="2026-07-16T00:00:00Z")
    leaderboard_resets.cancel(game, "board", 118)
    reset(game, name="First")
    reset(game, name="Later", scheduled_for="2026-07-16T00:00:00Z")
    clock.advance(timedelta(days=1))
    world.add_leaderboard("other", direction_method="ascending", name="Other", overwrite_score_on_submit=True)
    world.add_scores("other", [("b", 1), ("a", 1), ("c", 0)])
    leaderboards.submit(game, "board", str(members[4]), 3, "again")
    exported = export(world)
    assert len(exported["leaderboard_archive"]) == 1
    assert len(exported["leaderboard_reset"]) == 3

    copy = Game(Settings(server_key="key"), clock=clock, seed=5)
    for kind, _ in KINDS:
        for arguments in exported[kind]:
            getattr(World(copy), f"add_{kind}")(**arguments)
    assert export(World(copy)) == exported
    for key in ("board", "other"):
        assert leaderboards.get(copy, key) == leaderboards.get(game, key)
        page = leaderboards.list_scores(game, key, count=10, after=0)
        assert leaderboards.list_scores(copy, key, count=10, after=0) == page
    assert archives(copy) == archives(game)
    assert reset(copy) == reset(game)
    copy.close()


def test_what_a_world_says_is_checked(world, members):
    assert refusal(world.add_leaderboard_reset, "board", status="lost") == (400, "status")
    world.add_leaderboard_reset("board", reset_id=7, scheduled_for="2099-01-01T00:00:00Z")
    assert refusal(world.add_leaderboard_reset, "board", reset_id=7) == (409, "id")
    assert refusal(world.add_leaderboard_reward, "board", STRANGE["reward_id"], "currency") == (404, "reward_id")
    world.add_leaderboard_archive("board", "key", last_modified="2026-07-01T00:00:00Z")
    again = {"key": "key", "last_modified": "2026-07-01T00:00:00Z"}
    assert refusal(world.add_leaderboard_archive, "board", **again) == (409, "key")
    assert refusal(world.add_leaderboard_schedule, "board", "") == (400, "cron_expression")
