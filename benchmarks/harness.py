"""How a row is measured: ours and the baseline in turns, medians with their spread, and a ratio held to a goal."""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Literal, Self

import attrs

ROOT = Path(__file__).resolve().parent.parent

Measure = Callable[[], float]
"""One round: the seconds of one unit of work (a page, a call, an import)."""


@attrs.frozen
class Sample:
    """The seconds of several rounds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and the third quartile."""
        if len(self.seconds) < 2:
            return self.median, self.median
        first, _, third = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return first, third


@attrs.frozen
class Goal:
    """What a figure should keep to: a ratio to the baseline (x), or a time by itself (ms)."""

    bound: Literal["at most", "at least"]
    value: float
    unit: Literal["x", "ms"] = "x"

    def is_met(self, figure: float) -> bool:
        """Whether a figure keeps to it."""
        return figure <= self.value if self.bound == "at most" else figure >= self.value

    def __str__(self) -> str:
        return f"{'<=' if self.bound == 'at most' else '>='} {self.value:g} {self.unit}"


@attrs.frozen
class Result:
    """What came of a row, round by round."""

    ours: Sample
    baseline: Sample

    def figure(self, goal: Goal) -> float:
        """The median of the rounds' ratios (ours to the baseline, or how many times faster ours is) or of our times."""
        if goal.unit == "ms":
            return self.ours.median * 1e3
        pairs = zip(self.ours.seconds, self.baseline.seconds, strict=True)
        if goal.bound == "at most":
            return statistics.median(ours / baseline for ours, baseline in pairs)
        return statistics.median(baseline / ours for ours, baseline in pairs)

    def as_json(self) -> dict[str, Any]:
        """Plain data for another process."""
        return {"ours": list(self.ours.seconds), "baseline": list(self.baseline.seconds)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What `as_json` gave."""
        return cls(Sample(tuple(data["ours"])), Sample(tuple(data["baseline"])))


@attrs.frozen
class Row:
    """A comparison: what it's called, what is compared, its goal, and how it's measured.

    Attributes:
        name: What the command line calls it.
        title: Ours and the baseline, in words.
        goal: What the figure should keep to.
        measure: Does the work; told whether a short run will do.
    """

    name: str
    title: str
    goal: Goal
    measure: Callable[[bool], Result]


def in_turns(ours: Measure, baseline: Measure, rounds: int) -> Result:
    """Measure both by turns after a round that doesn't count; who begins changes from round to round."""
    for warm_up in (ours, baseline):
        warm_up()
    gc.collect()
    gc.freeze()
    found: dict[Measure, list[float]] = {ours: [], baseline: []}
    try:
        for number in range(rounds):
            for work in (ours, baseline) if number % 2 else (baseline, ours):
                gc.collect()
                found[work].append(work())
    finally:
        gc.unfreeze()
    return Result(Sample(tuple(found[ours])), Sample(tuple(found[baseline])))


# ------------------------------------------------------------------------------------------------- processes and cores
def pin(place: int) -> None:
    """Keep this process to one core (0 the client's, 1 the server's), where the system can and there are two."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[place]})


def all_cores() -> set[int]:
    """The cores this process may run on; empty where the system doesn't say."""
    return set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set()


def python(*arguments: str) -> list[str]:
    """The command that runs this interpreter."""
    return [sys.executable, *arguments]


@contextlib.contextmanager
def compiled() -> Generator[dict[str, str]]:
    """An environment in which interpreters find what they import compiled, as it is once it has been installed.

    A checkout whose bytecode may not be written would be compiled anew by each of them, and its libraries never.
    """
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield {**environment, "PYTHONPYCACHEPREFIX": bytecode}


@contextlib.contextmanager
def canned_server() -> Generator[str]:
    """The server of canned bytes in a process of its own; gives its base address. Call it before `pin`."""
    # It leaves when its input ends, so it doesn't outlive this process however that ends.
    with subprocess.Popen(
        python("-m", "benchmarks.server"), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/server"
        finally:
            server.terminate()
