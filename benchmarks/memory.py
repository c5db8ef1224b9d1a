"""How far memory grows while 1,000,000 scores go by, page after page, each in a process of its own."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from typing import Final

from benchmarks import harness, process
from lootlocker_async import LootLockerClient

_SCORES: Final = 1_000_000
_ONE: Final = "one page ahead"
_EIGHT: Final = "8 pages in flight"
_BASE: Final = "the process before"
_WIDTHS: Final = {_ONE: 1, _EIGHT: 8}


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, many = (1, 40_000) if quick else (3, _SCORES)
    found: dict[str, list[float]] = {_ONE: [], _EIGHT: [], _BASE: []}
    with harness.canned_server() as base:
        harness.pin(0)
        for _ in range(rounds):
            for side, width in _WIDTHS.items():
                command = harness.python("-m", "benchmarks.memory", base, str(many), str(width))
                done = subprocess.run(command, cwd=harness.ROOT, check=True, stdout=subprocess.PIPE, text=True)
                growth, before = map(float, done.stdout.split())
                found[side].append(growth)
                found[_BASE].append(before)
    return {side: harness.Sample(tuple(taken)) for side, taken in found.items()}


async def _stream(base: str, many: int, width: int) -> tuple[int, int]:
    """The bytes that memory grew by at most while the scores were read, and those it held before."""
    async with LootLockerClient("key", base_url=base) as client:
        await client.preload()
        gc.collect()
        process.forget_peak()
        before = process.memory()
        seen = 0
        async for entry in client.leaderboards.list_scores(f"board-{many}", concurrency=width):
            seen += entry.rank > 0
        assert seen == many
        return process.peak_memory() - before, before


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "memory",
                "growth of memory while 1,000,000 scores are streamed",
                harness.Goal("at most", 6, "MiB"),
                _BASE,
                ours=_ONE,
                unit="B",
            ),
            harness.Row(
                "memory-8",
                "the same with 8 pages in flight",
                harness.Goal("at most", 8, "MiB"),
                _BASE,
                ours=_EIGHT,
                unit="B",
            ),
        ),
    ),
)


if __name__ == "__main__":
    print(*asyncio.run(_stream(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
