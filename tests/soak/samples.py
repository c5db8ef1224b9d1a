"""What a process holds while it runs: memory, tasks, descriptors and connections; and whether that stays flat."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVERY = 0.5
"""Seconds between two samples."""
WARM_UP = 0.25
"""The part of the time that doesn't count: imports, caches and connections are made then."""
_MIB = 1024 * 1024
_OURS = Path("/proc/self")
"""Where Linux tells of a process; elsewhere its memory and its descriptors count as 0."""

TOLERANCE: dict[str, tuple[float, float]] = {
    "memory": (4.0, 0.05),
    "tasks": (10.0, 0.0),
    "descriptors": (16.0, 0.0),
    "connections": (16.0, 0.0),
}
"""How much more the median of the last fifth may be than that of the first one: so much, and such a part of it.

The load comes in waves, and with it a pool is filled now and empty then: so many connections are no leak.
"""


def measured(connections: Callable[[], int]) -> dict[str, float]:
    """What this process holds right now; memory is in MiB."""
    resident, descriptors = 0.0, 0
    if _OURS.exists():
        resident = int((_OURS / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB
        descriptors = sum(1 for _ in (_OURS / "fd").iterdir()) - 1  # one of them looks
    return {
        "memory": resident,
        "tasks": len(asyncio.all_tasks()),
        "descriptors": descriptors,
        "connections": connections(),
    }


class Sampler:
    """Takes samples until it is told to stop."""

    def __init__(self, connections: Callable[[], int]) -> None:
        self._connections = connections
        self._began = time.monotonic()
        self._start = measured(connections)
        self._series: list[tuple[float, dict[str, float]]] = []

    async def run(self, until: asyncio.Event) -> None:
        while not until.is_set():
            self._series.append((time.monotonic() - self._began, measured(self._connections)))
            await asyncio.sleep(EVERY)

    def figures(self) -> dict[str, dict[str, float]]:
        """For each quantity: at the start, at the end (now), at most, and the medians of both fifths."""
        end = measured(self._connections)
        last = self._series[-1][0]
        counted = [sample for moment, sample in self._series if moment >= last * WARM_UP]
        fifth = max(1, len(counted) // 5)

        def median(samples: list[dict[str, float]], name: str) -> float:
            return statistics.median(sample[name] for sample in samples)

        return {
            name: {
                "start": self._start[name],
                "end": end[name],
                "max": max(sample[name] for _, sample in self._series),
                "early": median(counted[:fifth], name),
                "late": median(counted[-fifth:], name),
            }
            for name in end
        }


def not_flat(who: str, figures: dict[str, Any], held: tuple[str, ...] = tuple(TOLERANCE)) -> list[str]:
    """What of a process grew by more than is tolerated, or was not given back in the end."""
    found: list[str] = []
    for name in held:
        of = figures[name]
        fixed, part = TOLERANCE[name]
        if of["late"] > of["early"] + fixed + part * of["early"]:
            found.append(f"{who}: {name} grew from {of['early']:.1f} to {of['late']:.1f}")
        if name != "memory" and of["end"] > of["start"]:
            found.append(f"{who}: {name} were {of['start']:.0f} at the start and are {of['end']:.0f} at the end")
    return found
