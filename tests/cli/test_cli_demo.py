from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from lootlocker_async import LootLockerClient, OutcomeUnknownError
from lootlocker_async.cli import demo, main
from lootlocker_async.cli.app import app
from lootlocker_async.cli.demo import Options, executions, plan, worlds
from lootlocker_async.cli.demo.checks import Check
from lootlocker_async.cli.demo.reconcile import ExactlyOnce
from lootlocker_async.cli.demo.report import Report
from lootlocker_async.cli.demo.scene import GEMS, GOLD, RENOWN, Scene, Tier
from lootlocker_async.emulator import DEFAULT_KEY, Emulator, Fault


def options(*, faults=False, scores=500, players=20, seed=1):
    return Options(faults=faults, scores=scores, players=players, seed=seed, pause=0)


def only(pattern, text):
    (found,) = re.findall(pattern, text)
    return found


def fingerprint(text):
    return only(r"fingerprint (\w{16})", text)


def table(title, text):
    """The rows of one of the printed tables, each by its first cell, with numbers as numbers."""
    lines = text.split(f"\n{title}\n\n")[1].split("\n\n")[0].splitlines()
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:])
    return {row[0]: [Decimal(cell.replace(",", "")) for cell in row[1:]] for row in rows}


UNSAFE = (
    "increments", "grants", "point additions", "wallet creations", "credits", "debits", "draws", "picks",
    "box openings", "uploads", "notifications",
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_and_without_faults_it_comes_to_the_same_world(capsys, seed):
    assert demo.run(options(seed=seed))
    smooth = capsys.readouterr().out
    assert demo.run(options(seed=seed, faults=True))
    rough = capsys.readouterr().out

    assert "FAILED" not in smooth + rough
    assert fingerprint(smooth) == fingerprint(rough)
    assert "logins 1, retries 0, " in smooth
    assert "logins 4, " in rough
    found = table("Exactly once, by the emulator's record", rough)
    assert tuple(found) == UNSAFE
    for planned, received, executed, _, twice, missing in found.values():
        assert 0 < planned == executed <= received
        assert twice == missing == 0
    assert all(found[what][3] > 0 for what in ("increments", "grants", "credits", "point additions"))
    for kind in ("rate_limited", "unavailable", "drop_before_execute", "drop_after_execute", "expire_token"):
        assert kind in rough
        assert kind not in smooth


def test_the_account_of_the_economy_adds_up(capsys):
    assert demo.run(options())
    text = capsys.readouterr().out

    for credited, earned, debited, held in table("The economy", text).values():
        assert credited + earned - debited == held
        assert len(str(held).partition(".")[2]) == 15
    for players, points, tiers in table("Progressions", text).values():
        assert points > players > 0
        assert tiers > 0
    assert "catalog entries 34, overdrafts refused 1, " in text


def test_another_seed_is_another_world(capsys):
    demo.run(options(seed=5))
    demo.run(options(seed=6))

    text = capsys.readouterr().out
    assert len(set(re.findall(r"fingerprint (\w{16})", text))) == 2


def test_more_players_than_scores(capsys):
    assert demo.run(options(scores=3, faults=True))
    assert "ranks 1 to 20" in capsys.readouterr().out


def test_the_command_prints_plain_text(run_python):
    done = run_python("-m", "lootlocker_async.cli", "demo", "--scores", "500", "--players", "20")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert all(line == line.rstrip() and len(line) <= 110 for line in done.stdout.splitlines())
    assert "calls " in done.stdout
    assert "Top ten of weekly_arena" in done.stdout
    assert done.stdout.endswith("All 33 checks hold.\n")


def test_the_command_with_faults_obeys_retry_after():
    done = CliRunner().invoke(app, ["demo", "--faults", "--scores", "30", "--players", "5"])

    assert done.exit_code == 0
    assert re.search(r"pauses for a Retry-After [1-9]", done.output)


def test_on_a_terminal_it_says_what_it_does(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert demo.run(options(scores=30, players=3))

    text = capsys.readouterr().out
    assert "... increment scores" in text
    assert "\x1b[" in text


def reconciling(monkeypatch, kinds, otherwise):
    """Lets another way take the place of looking, for some kinds of calls."""
    properly = ExactlyOnce._once

    async def once(self, what, send, look, *, before, after):
        if what in kinds:
            return await otherwise(send)
        return await properly(self, what, send, look, before=before, after=after)

    monkeypatch.setattr(ExactlyOnce, "_once", once)


def test_blind_repeats_are_found_out(monkeypatch, capsys):
    async def blindly(send):
        while True:
            try:
                return await send()
            except OutcomeUnknownError:
                continue

    kinds = {"increments", "grants", "point additions", "credits", "debits"}
    reconciling(monkeypatch, kinds, blindly)

    assert not demo.run(options(faults=True))
    text = capsys.readouterr().out
    for what in (
        "every member has the score expected",
        "every player has the items expected",
        "every player has the points expected",
        "every wallet is right to the last digit",
        "the world is the one worked out beforehand",
        *(f"all {kind} were executed exactly once" for kind in kinds - {"debits"}),
        "every unknown outcome was reconciled",
    ):
        assert re.search(rf"\| FAILED \| {what} ", text), what
    assert "| ok     | all picks were executed exactly once" in text
    assert text.endswith(" checks failed.\n")


def test_giving_up_on_unknown_outcomes_is_found_out(monkeypatch, capsys):
    async def give_up(send):
        try:
            return await send()
        except OutcomeUnknownError:
            return None

    reconciling(monkeypatch, {"increments", "picks", "point additions"}, give_up)

    assert not demo.run(options(faults=True))
    text = capsys.readouterr().out
    assert re.search(r"\| FAILED \| all increments .* 0 twice, [1-9]\d* missing", text)
    assert re.search(r"\| FAILED \| all point additions .* 0 twice, [1-9]\d* missing", text)


async def test_a_call_of_no_planned_kind_is_found_out():
    async with Emulator() as emulator, LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        player_id, blade = emulator.world.add_player(), emulator.world.add_asset("Blade")
        await client.inventories.add_asset(player_id, asset_id=blade)
        await client.metadata.apply_actions(
            source="player", source_id="x", entries=[{"action": "upsert", "key": "a", "type": "bool", "value": True}]
        )
        assert not executions.unplanned(emulator.record)
        await client.inventories.alter(player_id, add=[{"asset_id": blade}])
        assert [call.operation for call in executions.unplanned(emulator.record)] == ["inventories_alter"]


def test_a_failed_check_fails_the_command(monkeypatch, capsys):
    assert not Report().verdict([Check("this", True, "fine"), Check("that", False, "not fine")])
    assert "1 of 2 checks failed." in capsys.readouterr().out

    monkeypatch.setattr(demo, "run", lambda _: False)
    assert CliRunner().invoke(app, ["demo"]).exit_code == 1


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Fault.error("session_start", status=401), "AuthenticationError"),
        (Fault.error("leaderboards_submit_score", status=403, times=None), "PermissionDeniedError"),
        (Fault.garbage("inventories_list_for_player"), "ResponseDecodeError"),
    ],
)
def test_a_service_that_refuses_ends_it_in_one_line(monkeypatch, capsys, fault, name):
    monkeypatch.setattr(demo, "misbehaviour", lambda pause: [fault])
    monkeypatch.setattr("sys.argv", ["lootlocker", "demo", "--faults", "--scores", "30", "--players", "5"])

    assert main() == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"lootlocker: {name}: ")
    assert err.count("\n") == 1
    assert DEFAULT_KEY not in out + err


def test_what_is_expected_is_worked_out_by_hand():
    before = worlds.World(
        board={"1": worlds.Standing(100, "old"), "2": worlds.Standing(500, "kept"), "3": worlds.Standing(7, None)},
        inventories={1: Counter({10: 2}), 2: Counter(), 4: Counter()},
    )
    turns = tuple(
        plan.Turn(player_id=player, score=300, metadata="new", amounts=amounts, assets=assets)
        for player, amounts, assets in [(1, (5, -10), (10, 11)), (2, (1,), ()), (4, (2, 2), (10, 10))]
    )
    made = plan.Plan(board="arena", turns=turns)

    assert worlds.expected(before, made) == worlds.World(
        board={
            "1": worlds.Standing(295, "new"),
            "2": worlds.Standing(501, "kept"),
            "3": worlds.Standing(7, None),
            "4": worlds.Standing(304, "new"),
        },
        inventories={1: Counter({10: 3, 11: 1}), 2: Counter(), 4: Counter({10: 2})},
    )
    assert made.increments == {("1", 5): 1, ("1", -10): 1, ("2", 1): 1, ("4", 2): 2}
    assert made.grants == {(1, 10): 1, (1, 11): 1, (4, 10): 2}
    assert before.board["1"] == worlds.Standing(100, "old")
    assert before.inventories[1] == {10: 2}


def test_what_the_economy_comes_to_is_worked_out_by_hand():
    tiers = {
        RENOWN: (plan_tier(50, GEMS, "1.5"), plan_tier(500, GEMS, "100")),
        "pass": (plan_tier(100, GOLD, "0.1", asset_id=7, renown=50), plan_tier(200, GOLD, "0.2")),
        "skill": (plan_tier(1000, GEMS, "9"),),
    }
    scene = Scene(
        tiers=tiers, prices={5: 30}, listings=1, chest=20, chest_contents=(8, 9), box=21, trophies={22: 1, 23: 1}
    )
    errand = plan.Errand(
        points={"pass": (60, 90), "skill": (999,)},
        trades={GOLD: (Decimal(100), Decimal("-0.25"))},
        buys=5,
        overdraws=True,
        picks=8,
        opens=True,
        loadout=json.dumps([]),
        keeps=b"level=12",
    )
    turn = plan.Turn(player_id=1, score=10, metadata="m", amounts=(), assets=(5,), errand=errand)
    before = worlds.World(board={}, inventories={1: Counter({20: 1, 21: 1})})

    made = plan.Plan(board="arena", turns=(turn,), scene=scene)
    after = worlds.expected(before, made, {1: [23]})

    assert after.points == {1: {"pass": 150, "skill": 999, RENOWN: 50}}
    assert after.balances == {1: {GOLD: Decimal("69.85"), GEMS: Decimal("1.5")}}
    assert after.inventories == {1: Counter({5: 2, 7: 1, 8: 1, 20: 1, 23: 1})}
    assert after.storage == {1: {"loadout": "[]", "bought": "5"}}
    assert after.files == {1: worlds.digest(b"level=12")}
    assert made.debits == {(1, GOLD, Decimal("0.25")): 1, (1, GOLD, Decimal(30)): 1}
    assert made.credits == {(1, GOLD, Decimal(100)): 1}
    assert made.grants == {(1, 5): 2}
    with pytest.raises(ValueError, match="no economy"):
        _ = plan.Plan(board="arena", turns=()).economy


def plan_tier(points, code, amount, **more):
    return Tier(points=points, currency=(code, Decimal(amount)), **more)
