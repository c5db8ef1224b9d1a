"""Reading the storage of 20,000 players, one call for each, 20 ms away and 64 at a time, as both have it by default.

`bulk.map` has a bounded number of workers and hands results out as they come. Against it stands what is mostly written
instead: a task for each id, a semaphore around the call, and `asyncio.gather` over all of them. Both go through the
same SDK. Each run has a process of its own, whose memory and whose loop are watched.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from typing import Final

from benchmarks import harness, process
from lootlocker_async import LootLockerClient, bulk

_IDS: Final = 20_000
_WIDTH: Final = 64
_DELAY: Final = 0.02
_OURS: Final = "bulk.map"
_GATHER: Final = "gather with a semaphore"
_QUANTITIES: Final = ("time", "gap", "memory")


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, ids = (1, 1_000) if quick else (5, _IDS)
    found: dict[str, list[float]] = {_side(way, what): [] for way in (_OURS, _GATHER) for what in _QUANTITIES}
    with harness.canned_server(_DELAY) as base:
        harness.pin(0)
        for number in range(rounds):
            for way in (_OURS, _GATHER)[:: 1 if number % 2 else -1]:
                command = harness.python("-m", "benchmarks.fan_out", base, way, str(ids))
                done = subprocess.run(command, cwd=harness.ROOT, check=True, stdout=subprocess.PIPE, text=True)
                for what, value in json.loads(done.stdout).items():
                    found[_side(way, what)].append(value)
    return {side: harness.Sample(tuple(taken)) for side, taken in found.items()}


def _side(way: str, what: str) -> str:
    return f"{way}, {what}"


# ---------------------------------------------------------------------------------------------- in a process of its own
async def _fan_out(base: str, way: str, ids: int) -> dict[str, float]:
    async with LootLockerClient("key", base_url=base, max_connections=_WIDTH, max_in_flight=_WIDTH) as client:
        await client.preload()
        gc.collect()
        gc.freeze()
        process.forget_peak()
        before = process.memory()
        stalls = process.Stalls(0.001)
        began = time.perf_counter()
        done = await (_by_bulk if way == _OURS else _by_gather)(client, ids)
        seconds = time.perf_counter() - began
        assert done == ids
        return {"time": seconds / ids, "gap": stalls.stop(), "memory": process.peak_memory() - before}


async def _by_bulk(client: LootLockerClient, ids: int) -> int:
    done = 0
    async for result in bulk.map(client.player_storage.list, range(1, ids + 1), concurrency=_WIDTH):
        done += len(result.value().items)
    return done


async def _by_gather(client: LootLockerClient, ids: int) -> int:
    semaphore = asyncio.Semaphore(_WIDTH)

    async def one(player_id: int) -> int:
        async with semaphore:
            return len((await client.player_storage.list(player_ids=[player_id])).items)

    return sum(await asyncio.gather(*(one(player_id) for player_id in range(1, ids + 1))))


def _row(what: str, name: str, title: str, goal: harness.Goal) -> harness.Row:
    return harness.Row(
        name,
        f"20,000 ids at 20 ms, {title}: `bulk.map` against gather with a semaphore",
        goal,
        _side(_GATHER, what),
        ours=_side(_OURS, what),
        unit="B" if what == "memory" else "s",
    )


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            _row("time", "fan-out", "calls a second", harness.Goal("at least", 1)),
            _row("gap", "fan-out-gap", "the longest gap in the loop", harness.Goal("at most", 0.1)),
            _row("memory", "fan-out-memory", "growth of memory", harness.Goal("at most", 0.6)),
        ),
        processes=3,
    ),
)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_fan_out(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
