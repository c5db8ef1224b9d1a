"""Real processes: an export that is interrupted goes on by the command that it prints."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

from lootlocker_async import bulk
from lootlocker_async.emulator import Fault

COMMAND = [sys.executable, "-W", "error", "-m", "lootlocker_async.cli"]


def start(environ, *words):
    return subprocess.Popen(
        [*COMMAND, *words],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("number", "source"), [(signal.SIGINT, "file"), (signal.SIGTERM, "stdin")])
def test_an_interrupted_export_is_completed_by_the_command_it_prints(lootlocker_emulator, tmp_path, number, source):
    game = lootlocker_emulator.game
    blade = game.asset("Blade")
    players = [game.player(items=[blade]).id for _ in range(400)]
    environ = os.environ | lootlocker_emulator.environment()
    ids, output = tmp_path / "ids.txt", tmp_path / "items.jsonl"
    ids.write_text("".join(f"{player}\n" for player in players))
    # All of it takes ten seconds, so that nobody is too late to interrupt it.
    lootlocker_emulator.faults.add(Fault.latency("inventories", seconds=0.1))

    process = start(
        environ, "--timeout", "900", "bulk", "run", "inventories", "--concurrency", "4", "-o", str(output),
        "--ids", str(ids) if source == "file" else "-",
    )  # fmt: skip
    try:
        assert process.stdin is not None
        process.stdin.write(ids.read_text() if source == "stdin" else "")
        process.stdin.close()
        process.stdin = None
        deadline = time.monotonic() + 60
        while len(lootlocker_emulator.executed("inventories_list_for_player")) < 20 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()

    assert (process.returncode, out) == (130, "")
    first, why, command = err.splitlines()
    assert (first, why) == ("lootlocker: interrupted", "What has come so far is kept. To go on:")
    assert lootlocker_emulator.server_key not in err
    assert not output.exists()
    before = len(lootlocker_emulator.executed("inventories_list_for_player"))
    assert before < len(players)

    lootlocker_emulator.faults.clear()
    words = shlex.split(command)
    assert words[:3] == ["lootlocker", "--timeout", "900.0"]
    done = subprocess.run([*COMMAND, *words[1:]], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert ", going on from an earlier run." in done.stderr
    assert [player for player, _ in bulk.read_jsonl(output, "inventories")] == players
    # What had come was not fetched again, but for the few calls that were under way.
    assert len(lootlocker_emulator.executed("inventories_list_for_player")) < len(players) + 20
    kept = ["items.jsonl.ids"] if source == "stdin" else []
    assert sorted(it.name for it in tmp_path.iterdir()) == ["ids.txt", "items.jsonl", *kept]
