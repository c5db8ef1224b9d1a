"""The commands that take a key, on the emulator: what they print, write, and end with."""

from __future__ import annotations

import csv
import errno
import json
from decimal import Decimal

import pytest

from lootlocker_async import BulkStoppedError, LootLockerError, RateLimitedError, bulk
from lootlocker_async.bulk.arrow import read_parquet
from lootlocker_async.cli.exits import code_of
from lootlocker_async.emulator import Fault


@pytest.fixture
def game(lootlocker_emulator):
    game = lootlocker_emulator.game
    game.load({"players": [{"name": "Ann\u001b[31m", "player_id": 7}, {"name": "[red]Bo", "player_id": 8}]})
    game.board("daily", scores={f"team-{number}": number * 1000 for number in range(1, 31)})
    return game


# -------------------------------------------------------------------------------------------------------- leaderboards
def test_boards_and_their_top_as_tables(lootlocker, game):
    boards = lootlocker("leaderboards", "list")
    top = lootlocker("leaderboards", "top", "daily", "-n", 2)

    assert (boards.code, boards.err, top.code, top.err) == (0, "", 0, "")
    assert [boards.out.split()[boards.out.split().index("daily") + step] for step in (0, 2)] == ["daily", "generic"]
    rows = [line.split() for line in top.out.splitlines() if "team-" in line]
    assert rows == [["1", "30,000", "team-30", "-", "-"], ["2", "29,000", "team-29", "-", "-"]]


def test_the_same_for_programs(lootlocker, game):
    document = json.loads(lootlocker("leaderboards", "top", "daily", "-n", 3, "--json").out)
    lines = lootlocker("leaderboards", "top", "daily", "-n", 3, "--jsonl").out.splitlines()

    assert document == [json.loads(line) for line in lines]
    assert [row["score"] for row in document] == [30000, 29000, 28000]
    assert {row["leaderboard_key"] for row in document} == {"daily"}
    assert json.loads(lootlocker("leaderboards", "list", "--json").out)[0]["key"] == "daily"


def test_nothing_is_told_as_nothing(lootlocker, game):
    game.board("empty")
    assert lootlocker("leaderboards", "top", "empty").out == "Nobody is on empty.\n"
    assert lootlocker("leaderboards", "top", "empty", "--json").out == "[]\n"
    assert lootlocker("leaderboards", "top", "empty", "--jsonl").out == ""


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_rows_into_a_file_by_its_ending(lootlocker, game, tmp_path, ending):
    path = tmp_path / f"top.{ending}"
    told = lootlocker("leaderboards", "top", "daily", "-n", 2, "-o", path)

    assert (told.code, told.out, told.err) == (0, "", f"2 rows were written to {path}.\n")
    if ending == "csv":
        scores = [int(row["score"]) for row in csv.DictReader(path.read_text().splitlines())]
    else:
        read = bulk.read_jsonl if ending == "jsonl" else read_parquet
        scores = [entry.score for _, entry in read(path, "scores")]
    assert scores == [30000, 29000]
    assert list(tmp_path.iterdir()) == [path]


def test_a_long_board_is_read_in_pages_side_by_side(lootlocker, game):
    game.add_scores("daily", [(f"member-{number}", -number) for number in range(5000)])
    lines = lootlocker("leaderboards", "top", "daily", "-n", 5000, "--jsonl").out.splitlines()
    assert [json.loads(line)["rank"] for line in lines] == list(range(1, 5001))


def test_submit(lootlocker, game, lootlocker_emulator):
    told = lootlocker("leaderboards", "submit", "daily", "--member", "team-1", "--score", "31000")
    assert told == (0, "team-1 has 31,000 on daily: rank 1\n", "")
    lootlocker_emulator.faults.add(Fault.drop_after_execute("leaderboards_submit_score", times=1))
    again = lootlocker("leaderboards", "submit", "daily", "--member", "low", "--score", "-5", "--json")
    # The contract says that it may be sent again, so a lost answer is no unknown outcome.
    assert (again.code, json.loads(again.out)["score"]) == (0, -5)
    assert len(lootlocker_emulator.received("leaderboards_submit_score", {"member_id": "low"})) == 2


def test_export_of_boards(lootlocker, game, tmp_path):
    game.board("other", scores={"a": 1})
    path = tmp_path / "scores.jsonl"
    told = lootlocker("leaderboards", "export", "daily", "other", "-o", path)
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith(f"31 rows of 2 ids were written to {path} in ")
    assert [key for key, _ in bulk.read_jsonl(path, "scores")] == ["daily"] * 30 + ["other"]


# ------------------------------------------------------------------------------------------------------------- players
def test_names_and_what_a_terminal_would_obey(lootlocker, game):
    told = lootlocker("players", "names", 7, 8)
    assert (told.code, told.err) == (0, "")
    # Players choose their names: neither an escape nor rich's markup may come through.
    assert "\u001b" not in told.out
    assert "Ann\N{REPLACEMENT CHARACTER}[31m" in told.out
    assert "[red]Bo" in told.out
    assert [row["name"] for row in json.loads(lootlocker("players", "names", 7, 8, "--json").out)][1] == "[red]Bo"


def test_names_by_another_id(lootlocker, game):
    (found,) = json.loads(lootlocker("players", "names", 7, "--json").out)
    assert json.loads(lootlocker("players", "names", found["ulid"], "--by", "ulid", "--json").out) == [found]
    assert lootlocker("players", "names", "nobody", "--by", "name").out == "Nobody was found.\n"
    refused = lootlocker("players", "names", "seven")
    assert refused.code == 2
    assert "a numeric id is due, not 'seven'" in refused.err


def test_a_wallet_by_number_or_ulid(lootlocker, lootlocker_emulator):
    game = lootlocker_emulator.game
    player = game.player(balances={"gold": "1234.50"})
    by_number, by_ulid = lootlocker("wallet", "show", player.id), lootlocker("wallet", "show", player.ulid, "--json")
    assert "1,234.50" in by_number.out
    assert [Decimal(row["amount"]) for row in json.loads(by_ulid.out)] == [Decimal("1234.50")]
    missing = lootlocker("wallet", "show", 99999)
    assert missing.code == 4
    assert "there is no player 99999" in missing.err


def test_an_inventory(lootlocker, lootlocker_emulator, tmp_path):
    game = lootlocker_emulator.game
    owner, poor = game.player(items=["Blade", "Helm"]), game.player()
    assert {"Blade", "Helm"} <= set(lootlocker("inventory", "show", owner.id).out.split())
    assert lootlocker("inventory", "show", poor.id).out == f"Player {poor.id} owns nothing.\n"
    path = tmp_path / "items.jsonl"
    told = lootlocker("inventory", "export", owner.id, poor.id, "-o", path)
    assert (told.code, [player for player, _ in bulk.read_jsonl(path, "inventories")]) == (0, [owner.id] * 2)


def test_progressions(lootlocker, lootlocker_emulator):
    game = lootlocker_emulator.game
    player = game.player()
    assert "has begun no progression" in lootlocker("progressions", "show", player.id).out
    game.progression("xp", tiers=[100, 200])
    game.add_progression_state(player.id, "xp", points=150)
    (row,) = json.loads(lootlocker("progressions", "show", player.id, "--json").out)
    assert (row["progression_key"], row["points"], row["next_threshold"]) == ("xp", 150, 200)
    assert "150" in lootlocker("progressions", "show", player.id).out.split()


def test_storage(lootlocker, lootlocker_emulator):
    player = lootlocker_emulator.game.player()
    assert lootlocker("storage", "get", player.id).out == f"Player {player.id} has stored nothing.\n"
    told = lootlocker("storage", "set", player.id, "motto", "to the caves", "--public")
    assert told == (0, "", f"Player {player.id} now has 12 characters under motto.\n")
    assert lootlocker("storage", "set", player.id, "save", "-", stdin="level=13\n").code == 0
    pairs = json.loads(lootlocker("storage", "get", player.id, "--json").out)
    assert [(pair["key"], pair["value"], pair["is_public"]) for pair in pairs] == [
        ("motto", "to the caves", True),
        ("save", "level=13\n", False),
    ]
    one = lootlocker("storage", "get", player.id, "motto")
    assert "to the caves" in one.out
    assert "level" not in one.out
    missing = lootlocker("storage", "get", player.id, "motto", "nothing")
    assert (missing.code, missing.out) == (4, "")
    assert "has stored nothing under nothing" in missing.err


# ----------------------------------------------------------------------------------------------------------------- call
def test_a_raw_call(lootlocker, game, lootlocker_emulator):
    answer = lootlocker("call", "get", "/leaderboards/daily/list", "-p", "count=1", "-p", "after=1")
    assert json.loads(answer.out)["items"][0]["member_id"] == "team-29"
    line = lootlocker("call", "GET", "/currencies", "--jsonl").out
    assert (line.count("\n"), json.loads(line)) == (1, {"currencies": []})
    body = '{"member_id": "raw", "score": 1}'
    sent = lootlocker("call", "POST", "/leaderboards/daily/submit", "--json-body", "-", stdin=body)
    assert json.loads(sent.out)["member_id"] == "raw"
    lootlocker_emulator.assert_executed("leaderboards.submit_score", times=1, where={"member_id": "raw"})
    assert lootlocker("call", "DELETE", "/leaderboards/daily") == (0, "", "")


def test_an_unknown_outcome_has_a_code_of_its_own(lootlocker, game, lootlocker_emulator):
    lootlocker_emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    words = ["call", "POST", "/leaderboards/daily/increment", "--json-body", '{"member_id": "team-1", "amount": 5}']
    told = lootlocker(*words)
    (call,) = lootlocker_emulator.received("leaderboards_increment_score")
    request_id = {name.lower(): value for name, value in call.headers.items()}["x-request-id"]
    assert (told.code, told.out) == (6, "")
    assert told.err.startswith("lootlocker: OutcomeUnknownError: POST /leaderboards/daily/increment")
    assert f"(request id {request_id})" in told.err
    # With the caller's word for it, it is sent again.
    lootlocker_emulator.faults.add(Fault.drop_after_execute("leaderboards_increment_score", times=1))
    assert lootlocker(*words, "--idempotent").code == 0
    assert len(lootlocker_emulator.received("leaderboards_increment_score")) == 3


# ----------------------------------------------------------------------------------------------------------- exit codes
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.error("leaderboards", status=400), 1),
        (Fault.garbage("leaderboards"), 1),
        (Fault.error("session_start", status=401), 3),
        (Fault.error("leaderboards", status=403, times=None), 3),
        (Fault.error("leaderboards", status=404), 4),
        (Fault.rate_limited("leaderboards", retry_after=3600), 5),
    ],
)
def test_exit_codes(lootlocker, game, lootlocker_emulator, fault, code):
    lootlocker_emulator.faults.add(fault)
    told = lootlocker("leaderboards", "list")
    assert (told.code, told.out, told.err.count("\n")) == (code, "", 1)


def test_settings_that_make_no_sense(lootlocker, monkeypatch):
    for arguments, word in [
        (["--timeout", "0"], "timeout"),
        (["--retries", "-1"], "retries"),
        (["--base-url", "http://example.com/server"], "plain http"),
        (["--base-url", "ftp://localhost/server"], "base_url"),
        (["--domain-key", "a.b"], "domain_key"),
        (["--server-key-env", "NO_SUCH_KEY"], "NO_SUCH_KEY is not set"),
    ]:
        told = lootlocker(*arguments, "leaderboards", "list")
        assert (told.code, told.out) == (2, "")
        assert word in told.err
    monkeypatch.delenv("LOOTLOCKER_SERVER_KEY")
    assert "LOOTLOCKER_SERVER_KEY is not set" in lootlocker("leaderboards", "list").err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["leaderboards", "list", "--json", "--jsonl"], "one of --json, --jsonl and --output"),
        (["leaderboards", "list", "-o", "boards.xml"], "should end in .jsonl, .csv or"),
        (["leaderboards", "top", "daily", "-n", "0"], "--limit"),
        (["call", "GET", "/x", "-p", "count"], "name=value"),
        (["call", "POST", "/x", "--json-body", "{"], "this is no JSON"),
        (["call", "FETCH", "/x"], "FETCH"),
        (["inventory", "export", "-o", "x.jsonl"], "either as arguments or by --ids"),
        (["inventory", "export", "1", "--ids", "x.txt", "-o", "x.jsonl"], "either as arguments or by --ids"),
        (["bulk", "run", "names", "--ids", "x.txt", "-o", "names"], "should end in"),
        (
            ["bulk", "run", "nothing", "--ids", "x.txt", "-o", "x.jsonl"],
            "there is no bulk job 'nothing', only balances",
        ),
        (["bulk", "run", "names", "--ids", "no-such-file.txt", "-o", "/no-such-folder/x.jsonl"], "can't be read"),
        (["bulk", "run", "names", "--ids", "-", "-o", "/no-such-folder/x.jsonl"], "can't be kept in"),
        (["leaderboards", "list", "-o", "/no-such-folder/boards.jsonl"], "nothing can be written to"),
    ],
)
def test_unusable_arguments_end_with_two(lootlocker, arguments, told, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    ended = lootlocker(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_the_options_before_the_command_win(lootlocker, game, lootlocker_emulator, monkeypatch):
    address = lootlocker_emulator.base_url
    monkeypatch.setenv("LOOTLOCKER_BASE_URL", "http://127.0.0.1:1/server")
    monkeypatch.setenv("ELSEWHERE", lootlocker_emulator.server_key)
    monkeypatch.delenv("LOOTLOCKER_SERVER_KEY")
    words = ["--server-key-env", "ELSEWHERE", "--base-url", address, "--timeout", 20, "--retries", 1]
    assert lootlocker(*words, "leaderboards", "list").code == 0


# ---------------------------------------------------------------------------------------------------------------- bulk
def test_the_jobs_are_listed(lootlocker):
    assert set(bulk.JOBS) <= set(lootlocker("bulk", "list").out.split())
    listed = json.loads(lootlocker("bulk", "list", "--json").out)
    assert listed == [json.loads(line) for line in lootlocker("bulk", "list", "--jsonl").out.splitlines()]
    assert {job["job"]: job["id_type"] for job in listed}["names"] == "int"


def test_a_job_over_a_column_and_over_stdin(lootlocker, game, tmp_path):
    ids = tmp_path / "players.csv"
    ids.write_text("name,number\nAnn,7\nBo,8\n")
    for source, stdin, more in [(ids, "", ["--field", "number"]), ("-", "7\n8\n", [])]:
        path = tmp_path / "names.jsonl"
        told = lootlocker("bulk", "run", "names", "--ids", source, "-o", path, *more, stdin=stdin)
        assert (told.code, told.out) == (0, "")
        assert [player for player, _ in bulk.read_jsonl(path, "names")] == [7, 8]
    assert sorted(it.name for it in tmp_path.iterdir()) == ["names.jsonl", "players.csv"]


def test_a_job_over_texts(lootlocker, lootlocker_emulator, tmp_path):
    ulids = [lootlocker_emulator.game.player(balances={"gold": 5}).ulid for _ in range(2)]
    path = tmp_path / "wallets.jsonl"
    told = lootlocker("bulk", "run", "wallets", "--ids", "-", "-o", path, stdin="\n".join(ulids))
    assert (told.code, [id_ for id_, _ in bulk.read_jsonl(path, "wallets")]) == (0, ulids)


def test_ids_that_fail_are_told(lootlocker, lootlocker_emulator, tmp_path):
    game, path = lootlocker_emulator.game, tmp_path / "states.csv"
    player = game.player()
    told = lootlocker("bulk", "run", "progressions", "--ids", "-", "-o", path, stdin=f"{player.id}\n99999\n")
    assert told.code == 1
    assert f"1 ids failed: {path}.errors.jsonl says which and why." in told.err


def test_a_line_that_is_no_id_is_found_before_any_call(lootlocker, lootlocker_emulator, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("7\neight\n")
    told = lootlocker("bulk", "run", "names", "--ids", ids, "-o", tmp_path / "names.jsonl")
    assert told.code == 2
    assert "line 2" in told.err
    assert lootlocker_emulator.received() == []


def test_a_job_that_is_given_up_says_how_to_go_on(lootlocker, game, lootlocker_emulator, tmp_path):
    path = tmp_path / "scores.jsonl"
    lootlocker_emulator.faults.add(Fault.error("session_start", status=401, times=1))
    told = lootlocker("leaderboards", "export", "daily", "-o", path)
    assert told.code == 3
    command = f"    lootlocker leaderboards export daily --output {path}\n"
    assert command in told.err
    assert lootlocker(*command.split()[1:]).code == 0
    assert len(list(bulk.read_jsonl(path, "scores"))) == 30


def test_a_job_that_was_given_up_counts_as_its_last_call():
    for last, code in [(RateLimitedError("no", status=429), 5), (LootLockerError("no"), 1)]:
        assert code_of(BulkStoppedError(100, last)) == code


def test_a_full_disk_says_how_to_go_on(lootlocker, game, tmp_path, monkeypatch):
    path = tmp_path / "scores.jsonl"
    with monkeypatch.context() as patch:

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr("lootlocker_async.bulk.files.AppendFile.write", write)
        told = lootlocker("leaderboards", "export", "daily", "-o", path)
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("lootlocker: OSError: [Errno 28] No space left on device\nWhat has come so far is kept.")
    assert lootlocker(*told.err.splitlines()[-1].split()[1:]).code == 0
    assert len(list(bulk.read_jsonl(path, "scores"))) == 30


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["leaderboards", "list"], "asyncio.run"),
        (["doctor"], "asyncio.run"),
        (["bulk", "run", "names", "--ids", "-", "-o", "names.jsonl"], "pathlib.Path.write_bytes"),
    ],
)
def test_ctrl_c_ends_any_command_quietly(lootlocker, tmp_path, monkeypatch, words, place):
    def interrupt(*arguments):
        for argument in arguments:
            getattr(argument, "close", lambda: None)()  # a coroutine that would never be awaited
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(place, interrupt)
    assert lootlocker(*words) == (130, "", "lootlocker: interrupted\n")
    assert list(tmp_path.iterdir()) == []
