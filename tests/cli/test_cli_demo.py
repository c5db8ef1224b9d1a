from __future__ import annotations

import re
from collections import Counter

import pytest
from typer.testing import CliRunner

from lootlocker_async import OutcomeUnknownError
from lootlocker_async.cli import demo, main
from lootlocker_async.cli.app import app
from lootlocker_async.cli.demo import Options, plan
from lootlocker_async.cli.demo.checks import Check
from lootlocker_async.cli.demo.reconcile import ExactlyOnce
from lootlocker_async.cli.demo.report import Report
from lootlocker_async.emulator import DEFAULT_KEY, Fault


def options(*, faults=False, scores=500, players=20, seed=1):
    return Options(faults=faults, scores=scores, players=players, seed=seed, pause=0)


def only(pattern, text):
    (found,) = re.findall(pattern, text)
    return found


def fingerprint(text):
    return only(r"fingerprint (\w{16})", text)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_and_without_faults_it_comes_to_the_same_world(capsys, seed):
    assert demo.run(options(seed=seed))
    smooth = capsys.readouterr().out
    assert demo.run(options(seed=seed, faults=True))
    rough = capsys.readouterr().out

    assert "FAILED" not in smooth + rough
    assert fingerprint(smooth) == fingerprint(rough)
    assert "logins 1, retries 0, " in smooth
    assert "logins 3, " in rough
    increments = only(r"\| increments \|(.*)\|", rough).split("|")
    planned, received, executed, lost, twice, missing = (int(number.replace(",", "")) for number in increments)
    assert planned == executed < received
    assert lost > 0
    assert twice == missing == 0
    for kind in ("rate_limited", "unavailable", "drop_before_execute", "drop_after_execute", "expire_token"):
        assert kind in rough
        assert kind not in smooth


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
    assert done.stdout.endswith("All 12 checks hold.\n")


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


def test_blind_repeats_are_found_out(monkeypatch, capsys):
    async def blindly(self, send, look, *, before, after):
        while True:
            try:
                await send()
            except OutcomeUnknownError:
                continue
            return

    monkeypatch.setattr(ExactlyOnce, "_once", blindly)

    assert not demo.run(options(faults=True))
    text = capsys.readouterr().out
    for what in (
        "every member has the score expected",
        "every player has the items expected",
        "the world is the one worked out beforehand",
        "all increments were executed exactly once",
        "all grants were executed exactly once",
        "every unknown outcome was reconciled",
    ):
        assert re.search(rf"\| FAILED \| {what} ", text)
    assert text.endswith(" checks failed.\n")


def test_giving_up_on_unknown_outcomes_is_found_out(monkeypatch, capsys):
    async def give_up(self, send, look, *, before, after):
        try:
            await send()
        except OutcomeUnknownError:
            return

    monkeypatch.setattr(ExactlyOnce, "_once", give_up)

    assert not demo.run(options(faults=True))
    assert re.search(r"\| FAILED \| all increments .* 0 twice, [1-9]\d* missing", capsys.readouterr().out)


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
    before = plan.World(
        board={"1": plan.Standing(100, "old"), "2": plan.Standing(500, "kept"), "3": plan.Standing(7, None)},
        inventories={1: Counter({10: 2}), 2: Counter(), 4: Counter()},
    )
    turns = tuple(
        plan.Turn(player_id=player, score=300, metadata="new", amounts=amounts, assets=assets)
        for player, amounts, assets in [(1, (5, -10), (10, 11)), (2, (1,), ()), (4, (2, 2), (10, 10))]
    )
    made = plan.Plan(board="arena", turns=turns)

    assert plan.expected(before, made) == plan.World(
        board={
            "1": plan.Standing(295, "new"),
            "2": plan.Standing(501, "kept"),
            "3": plan.Standing(7, None),
            "4": plan.Standing(304, "new"),
        },
        inventories={1: Counter({10: 3, 11: 1}), 2: Counter(), 4: Counter({10: 2})},
    )
    assert made.increments == {("1", 5): 1, ("1", -10): 1, ("2", 1): 1, ("4", 2): 2}
    assert made.grants == {(1, 10): 1, (1, 11): 1, (4, 10): 2}
    assert before.board["1"] == plan.Standing(100, "old")
    assert before.inventories[1] == {10: 2}
