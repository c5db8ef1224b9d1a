from __future__ import annotations

import ast
import asyncio
import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.cli import main
from lootlocker_async.emulator import DEFAULT_KEY, Emulator, seeds


@contextmanager
def running(*arguments, **popen):
    command = [sys.executable, "-W", "error", "-m", "lootlocker_async.cli", "emulator", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def greeting(process):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C stops" in line:
            return "".join(lines)
    raise AssertionError(process.stderr.read())


def stopped_by(process, number):
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    return out


def test_it_serves_until_sigterm_and_its_snippet_works(tmp_path, capsys):
    state = tmp_path / "state.db"
    with running("--players", "5", "--scores", "12", "--state", str(state)) as process:
        told = greeting(process)
        snippet = "".join(line[4:] for line in told.splitlines(keepends=True) if line.startswith("    "))
        code = compile(snippet, "snippet", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

        async def try_it() -> None:
            await eval(code, {})

        asyncio.run(try_it())
        out = stopped_by(process, signal.SIGTERM)

    assert len(snippet.splitlines()) == 3
    assert told.count(DEFAULT_KEY) == 1
    assert "fixed one for development and protects nothing" in told
    assert "5 players with" in told
    assert "weekly_arena" in capsys.readouterr().out
    assert out == "The emulator has stopped after 2 requests.\n"

    with running("--players", "5", "--scores", "12", "--state", str(state)) as process:
        assert f"The game is the one in {state}." in greeting(process)
        stopped_by(process, signal.SIGINT)


def test_a_key_of_ones_own_is_taken_and_never_shown(monkeypatch):
    monkeypatch.setenv("MY_SERVER_KEY", "prod_0123456789abcdef")
    with running("--server-key-env", "MY_SERVER_KEY") as process:
        told = greeting(process)
        base_url = re.findall(r"http://\S+/server", told)[0]

        async def boards():
            async with LootLockerClient(server_key_env="MY_SERVER_KEY", base_url=base_url) as client:
                return await client.leaderboards.list().collect()

        assert asyncio.run(boards()) == []
        out = stopped_by(process, signal.SIGTERM)

    assert 'LootLockerClient(server_key_env="MY_SERVER_KEY", ' in told
    assert "The game is empty" in told
    assert "prod_0123456789abcdef" not in told + out
    assert DEFAULT_KEY not in told


def asked(base_url, key, path, document=None):
    url = base_url.removesuffix("/server") + "/_emulator" + path
    data = None if document is None else json.dumps(document).encode()
    with urlopen(Request(url, data, {"x-admin-key": key})) as response:
        return json.load(response)


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.argv", ["lootlocker", "emulator", *map(str, arguments)])
    try:
        code = main()
    except SystemExit as left:
        code = left.code
    return code, *capsys.readouterr()


SEED = """
players:
  - {name: Aurelia, player_id: 1001}
leaderboards:
  - {key: weekly, type: player}
"""


def test_a_world_goes_in_and_comes_out(tmp_path):
    seed, state, export = tmp_path / "world.yaml", tmp_path / "game.db", tmp_path / "after.json"
    seed.write_text(SEED)
    arguments = ["--seed", str(seed), "--state", str(state), "--export", str(export), "--frozen"]
    with running(*arguments, "--clock", "2030-01-01T00:00:00Z") as process:
        told = greeting(process)
        base_url, key = re.findall(r"listens at (\S+)", told)[0], re.findall(r"x-admin-key: ([^)]+)\)", told)[0]
        made = asked(base_url, key, "/world", {"scores": [{"key": "weekly", "scores": [["1001", 7]]}]})
        asked(base_url, key, "/clock", {"advance": 60})
        out = stopped_by(process, signal.SIGTERM)
    # The link to the page has the key where a browser keeps it to itself.
    assert f"in a browser: {base_url.removesuffix('server')}#key={key}\n" in told
    assert f"The game is the one of {seed}: 1 players, 1 leaderboards." in told
    assert "Its clock says 2030-01-01T00:00:00Z and stands still." in told
    assert made == {"made": {"scores": [1]}}
    assert out.endswith(f"The game was exported to {export}: 1 players, 1 leaderboards, 1 scores.\n")
    exported = seeds.read(export)
    assert exported["scores"] == [{"key": "weekly", "scores": [["1001", 7]]}]

    # The state goes on where it was, its clock too, and what was exported makes the same world.
    with running(*arguments) as process:
        told = greeting(process)
        stopped_by(process, signal.SIGINT)
    assert f"The game is the one in {state}. {seed} was loaded when it was made, and is not loaded again." in told
    assert "Its clock says 2030-01-01T00:01:00Z and stands still." in told
    assert seeds.read(export) == exported


def test_a_world_is_made_and_exported_without_serving(tmp_path, monkeypatch, capsys):
    seed, state, export = tmp_path / "world.yaml", tmp_path / "game.db", tmp_path / "after.yaml"
    seed.write_text(SEED)
    code, out, err = run(monkeypatch, capsys, "--seed", seed, "--state", state, "--export", export, "--no-serve")
    assert (code, err) == (0, "")
    assert out.splitlines()[1] == f"The game was exported to {export}: 1 players, 1 leaderboards."
    first = seeds.read(export)
    assert run(monkeypatch, capsys, "--seed", export, "--export", export, "--no-serve")[0] == 0
    assert seeds.read(export) == first
    assert run(monkeypatch, capsys, "--state", state, "--export", tmp_path / "again.json", "--no-serve")[0] == 0
    assert seeds.read(tmp_path / "again.json") == first
    code, out, _ = run(monkeypatch, capsys, "--no-serve", "--players", 3, "--random-seed", 7)
    assert (code, "3 players with" in out) == (0, True)


def test_a_refused_seed_makes_nothing_and_can_be_mended(tmp_path, monkeypatch, capsys):
    seed, state = tmp_path / "world.yaml", tmp_path / "game.db"
    seed.write_text(SEED + "  - {key: weekly}\n")
    code, out, err = run(monkeypatch, capsys, "--seed", seed, "--state", state, "--no-serve")
    assert (code, out) == (1, "")
    assert err == (
        f"lootlocker: ConfigurationError: {seed} can't be loaded: leaderboards[1].key: "
        "A leaderboard with this key exists already\n"
    )
    seed.write_text(SEED)
    code, out, _ = run(monkeypatch, capsys, "--seed", seed, "--state", state, "--no-serve")
    assert (code, out) == (0, f"The game is the one of {seed}: 1 players, 1 leaderboards.\n")


def test_an_export_that_fails_is_told(tmp_path, monkeypatch, capsys):
    def fail(path, document):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lootlocker_async.cli.emulator.write", fail)
    code, _, err = run(monkeypatch, capsys, "--export", tmp_path / "a.json", "--no-serve")
    assert (code, err.count("\n")) == (1, 1)
    assert err.endswith("a.json: No space left on device\n")


def test_an_admin_key_of_ones_own_is_taken_and_never_shown(monkeypatch):
    monkeypatch.setenv("LOOTLOCKER_EMULATOR_ADMIN_KEY", "an-admin-key")
    with running("--rate-limit", "0.001", "--burst", "2", "--host", "0.0.0.0") as process:
        told = greeting(process)
        port = re.findall(r"in a browser: http://localhost:(\d+)/\n", told)[0]
        base_url = f"http://127.0.0.1:{port}/server"
        limit = asked(base_url, "an-admin-key", "/rate-limit")["rate_limit"]
        out = stopped_by(process, signal.SIGTERM)
    assert "an-admin-key" not in told + out
    assert (limit["per_second"], limit["burst"]) == (0.001, 2)


def test_the_clock_of_a_state_goes_back_to_the_present(tmp_path, monkeypatch, capsys):
    state = tmp_path / "game.db"
    for clock in ("2040-01-01T00:00:00Z", "now"):
        assert run(monkeypatch, capsys, "--state", state, "--clock", clock, "--no-serve")[0] == 0
        emulator = Emulator(state=state)
        emulator.game.close()
        assert (emulator.clock.now().year >= 2040) is (clock != "now")


def test_what_cannot_be_run_is_one_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "bad.db").write_text("no database at all")
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    for arguments, told in [
        (["--state", str(tmp_path / "bad.db")], "can't be used as the emulator's state"),
        (["--server-key-env", "NO_SUCH_KEY"], "the environment variable NO_SUCH_KEY is not set"),
        (["--host", "192.0.2.1", "--port", "0"], "the emulator can't listen"),
        (["--seed", str(tmp_path / "missing.json")], "missing.json can't be loaded: it can't be read: No such file"),
        (["--seed", str(tmp_path / "bad.db")], "bad.db can't be loaded: line 1, column 1: this is no JSON"),
        (["--export", str(tmp_path / "missing" / "a.json")], "there is no such directory"),
        (["--clock", "tomorrow"], "the clock can't be set to tomorrow"),
        (["--clock", "1960-01-01"], "a clock shows the years from 1970"),
        (["--admin-key", DEFAULT_KEY], "a key of its own"),
    ]:
        monkeypatch.setattr("sys.argv", ["lootlocker", "emulator", *arguments])
        assert main() == 1
        out, err = capsys.readouterr()
        assert told in err
        assert (out, err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "99999"], "--port"),
        (["--rate-limit", "0"], "--rate-limit"),
        (["--rate-limit", "nan"], "--rate-limit"),
        (["--burst", "0"], "--burst"),
        (["--export", "."], "is a directory"),
        (["--seed", "a.json", "--players", "3"], "either loaded or generated"),
    ],
)
def test_wrong_usage_is_told(monkeypatch, capsys, arguments, told):
    code, _, err = run(monkeypatch, capsys, *arguments)
    assert code == 2
    assert told in err
