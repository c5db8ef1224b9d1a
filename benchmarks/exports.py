"""`python -m benchmarks.exports`: whole exports of a big game to Parquet, each killed on the way and gone on with.

A million scores of one board and a hundred thousand inventories by default. The emulator serves them from a process of
its own, the export runs in another, and this one watches its memory, kills it once, and looks at what is in the files.
It says whether every row is there, none twice, and how the memory of the exporting process grew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyarrow import dataset

from lootlocker_async import LootLockerClient, bulk
from lootlocker_async.emulator import Emulator

_KILL_AT = 0.4
_COMMIT_EVERY = 1.0
"""Seconds; a million scores are done so soon that the usual five would leave little to go on with."""
_MOST_GROWTH = 1.25
"""How much more memory the last third of an export may take than the second."""
_KEYS = {"scores": ("leaderboard_key", "member_id"), "inventories": ("player_id", "instance_id")}


# --------------------------------------------------------------------------------------------------- in other processes
async def serve(players: int, scores: int, items: int) -> None:
    """Serve a generated game until standard input ends."""
    async with Emulator() as emulator:
        made = emulator.world.generate(players=players, scores=scores, items_per_player=items, seed=1)
        owners = made.inventory_players
        about = {"base_url": emulator.base_url, "key": emulator.server_key, "board": made.board_key,
                 "scores": scores, "inventories": made.items, "first": owners.start, "end": owners.stop}  # fmt: skip
        print(json.dumps(about), flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def export(job: str, path: str) -> None:
    """Export, as told on standard input."""
    game = json.loads(sys.stdin.readline())
    ids: Any = [game["board"]] if job == "scores" else range(game["first"], game["end"])
    async with LootLockerClient(game["key"], base_url=game["base_url"]) as client:
        report = await bulk.export(client, job, ids, path, commit_every=_COMMIT_EVERY)
    print(json.dumps({"rows": report.rows, "failed": report.failed, "seconds": report.seconds}))


# ---------------------------------------------------------------------------------------------------------- in this one
@contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.exports", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _memory(pid: int) -> float:
    """MiB that a process has in memory now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _watch(
    game: dict[str, Any], job: str, path: Path, kill_at: int | None
) -> tuple[dict[str, Any] | None, list[float]]:
    """Run an export to its end, or kill it once so many rows are committed; its report, and its memory as it went."""
    checkpoint = path.with_name(path.name + ".checkpoint")
    memory: list[float] = []
    with _running("export", job, str(path)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(game) + "\n")
        process.stdin.flush()
        while process.poll() is None:
            time.sleep(0.25)
            if checkpoint.exists():
                memory.append(_memory(process.pid))
                if kill_at is not None and json.loads(checkpoint.read_bytes())["rows"] >= kill_at:
                    process.send_signal(signal.SIGKILL)
                    return None, memory
        if process.returncode:
            sys.exit(f"the export of {job} ended with {process.returncode}")
        return json.loads(process.stdout.read()), memory


def _verify(job: str, path: Path, expected: int) -> bool:
    table = dataset.dataset(path).to_table(columns=list(_KEYS[job]))
    distinct = table.group_by(list(_KEYS[job])).aggregate([]).num_rows
    print(
        f"  {table.num_rows:,} rows, {distinct:,} different ones, {expected:,} expected; {path.stat().st_size:,} bytes"
    )
    return bool(table.num_rows == distinct == expected)


def _export(game: dict[str, Any], job: str, folder: Path) -> bool:
    path = folder / f"{job}.parquet"
    expected = game[job]
    _, first = _watch(game, job, path, int(expected * _KILL_AT))
    kept = json.loads(path.with_name(path.name + ".checkpoint").read_bytes())["rows"]
    print(f"{job}: killed with {kept:,} rows committed, after {len(first) / 4:.0f} s")
    report, memory = _watch(game, job, path, None)
    if report is None or len(memory) < 10:
        sys.exit("too short to tell: take more rows")
    third = len(memory) // 3
    middle, last = statistics.median(memory[third : 2 * third]), statistics.median(memory[2 * third :])
    rows = report["rows"] - kept
    print(f"  went on: {rows:,} rows in {report['seconds']:.0f} s, {rows / report['seconds']:,.0f} a second")
    print(f"  memory: {memory[0]:.0f} MiB at first, {middle:.0f} in its middle third, {last:.0f} in its last, "
          f"{max(memory):.0f} at most")  # fmt: skip
    tenths = [max(memory[at * len(memory) // 10 : (at + 1) * len(memory) // 10]) for at in range(10)]
    print(f"  its peaks by tenths of the run: {' '.join(f'{peak:.0f}' for peak in tenths)}")
    whole = _verify(job, path, expected)
    print(
        f"  every row once: {'yes' if whole else 'NO'}; memory flat: {'yes' if last <= middle * _MOST_GROWTH else 'NO'}"
    )
    return whole and last <= middle * _MOST_GROWTH


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--scores", type=int, default=1_000_000)
    parser.add_argument("--players", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=8, help="items of an inventory, on average")
    options = parser.parse_args()
    began = time.monotonic()
    with _running("serve", str(options.players), str(options.scores), str(options.items)) as server:
        assert server.stdout is not None
        game = json.loads(server.stdout.readline())
        seconds = time.monotonic() - began
        print(f"a game of {game['scores']:,} scores and {game['inventories']:,} items, in {seconds:.0f} s")
        with tempfile.TemporaryDirectory() as folder:
            good = [_export(game, job, Path(folder)) for job in ("scores", "inventories")]
    return 0 if all(good) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(*map(int, sys.argv[2:])))
    elif sys.argv[1:2] == ["export"]:
        asyncio.run(export(*sys.argv[2:]))
    else:
        sys.exit(main())
