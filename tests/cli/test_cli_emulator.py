from __future__ import annotations

import ast
import asyncio
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import DEFAULT_KEY


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


def test_what_cannot_be_run_is_one_line(tmp_path, monkeypatch, capsys):
    from lootlocker_async.cli import main

    (tmp_path / "bad.db").write_text("no database at all")
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    for arguments, told in [
        (["--state", str(tmp_path / "bad.db")], "can't be used as the emulator's state"),
        (["--server-key-env", "NO_SUCH_KEY"], "the environment variable NO_SUCH_KEY is not set"),
        (["--host", "192.0.2.1", "--port", "0"], "the emulator can't listen"),
    ]:
        monkeypatch.setattr("sys.argv", ["lootlocker", "emulator", *arguments])
        assert main() == 1
        out, err = capsys.readouterr()
        assert told in err
        assert (out, err.count("\n")) == ("", 1)


def test_wrong_usage_is_told(monkeypatch, capsys):
    from lootlocker_async.cli import main

    monkeypatch.setattr("sys.argv", ["lootlocker", "emulator", "--port", "99999"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "--port" in capsys.readouterr().err
