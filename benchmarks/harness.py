"""How rows are measured: every side in turns, medians with their spread, and a figure held to a goal.

An experiment measures several sides (ours, the baseline, a floor, peers) in one process, round by round, so that what
else the machine does hits all of them. Some experiments are repeated in several fresh processes, because where a
process happens to lie in memory moves a figure by more than the rounds within it do. A row compares two sides of an
experiment: its figure is the median of the processes' figures, and each of those the median of the rounds' ratios. A
goal that is a time by itself has no other side that a busy machine would slow as well, so there the quickest round
counts: what else goes on can only add to it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import attrs

ROOT = Path(__file__).resolve().parent.parent
OURS: Final = "lootlocker-async"

Measure = Callable[[], float]
"""One round: the seconds (or the bytes) of one unit of work (a page, a call, an import)."""

Unit = Literal["x", "ms", "MiB"]
_SCALES: Final[Mapping[Unit, float]] = {"x": 1, "ms": 1e3, "MiB": 2**-20}


@attrs.frozen
class Sample:
    """What several rounds took, in seconds or bytes."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and the third quartile."""
        return _quartiles(self.rounds)


Found = Mapping[str, Sample]
"""What came of an experiment in one process: the rounds of each side."""


@attrs.frozen
class Goal:
    """What a figure should keep to: a ratio of two sides (x), a time (ms) or an amount of memory (MiB) by itself."""

    bound: Literal["at most", "at least"]
    value: float
    unit: Unit = "x"

    def is_met(self, figure: float) -> bool:
        """Whether a figure keeps to it."""
        return figure <= self.value if self.bound == "at most" else figure >= self.value

    def __str__(self) -> str:
        return f"{'<=' if self.bound == 'at most' else '>='} {self.value:g} {self.unit}"


@attrs.frozen
class Row:
    """A comparison.

    Attributes:
        name: What the command line calls it.
        title: What is compared, in words.
        goal: What the figure should keep to.
        against: The side that ours is held against.
        ours: Our side.
        beside: Further sides that are shown: the floor first, then the peers.
        unit: What the sides count: seconds or bytes.
    """

    name: str
    title: str
    goal: Goal
    against: str
    ours: str = OURS
    beside: tuple[str, ...] = ()
    unit: Literal["s", "B"] = "s"

    def figure(self, runs: Sequence[Found]) -> float:
        """The median of what the processes found; the least where the goal is a time by itself."""
        return self._counts(self._figures(runs))

    def spread(self, runs: Sequence[Found]) -> tuple[float, float]:
        """How far the processes are apart; the quartiles of the rounds where there was only one."""
        figures = self._figures(runs)
        return (min(figures), max(figures)) if len(figures) > 1 else _quartiles(self._by_round(runs[0]))

    def _figures(self, runs: Sequence[Found]) -> list[float]:
        return [self._counts(self._by_round(found)) for found in runs]

    def _counts(self, figures: Sequence[float]) -> float:
        return min(figures) if self.goal.unit == "ms" else statistics.median(figures)

    def _by_round(self, found: Found) -> list[float]:
        ours, against = found[self.ours].rounds, found[self.against].rounds
        if self.goal.unit != "x":
            return [one * _SCALES[self.goal.unit] for one in ours]
        if len(ours) != len(against):
            against = (statistics.median(against),) * len(ours)
        pairs = zip(ours, against, strict=True)
        return [one / other if self.goal.bound == "at most" else other / one for one, other in pairs]

    def sides(self) -> tuple[str, ...]:
        """Every side that is shown, ours first."""
        return (self.ours, self.against, *self.beside)


@attrs.frozen
class Experiment:
    """A measurement, and the rows that come of it.

    Attributes:
        measure: Does the work; told whether a short run will do.
        rows: What is made of what it finds.
        processes: In how many fresh processes a full run repeats it.
    """

    measure: Callable[[bool], Found]
    rows: tuple[Row, ...]
    processes: int = 1


def _quartiles(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third


def pooled(runs: Sequence[Found], side: str) -> Sample:
    """The rounds of a side in every process."""
    return Sample(tuple(one for found in runs for one in found[side].rounds))


def as_json(found: Found) -> dict[str, Any]:
    """Plain data for another process."""
    return {side: list(sample.rounds) for side, sample in found.items()}


def from_json(data: Mapping[str, Any]) -> Found:
    """What `as_json` gave."""
    return {side: Sample(tuple(rounds)) for side, rounds in data.items()}


def in_turns(
    sides: Mapping[str, Measure], rounds: int, *, seldom: Mapping[str, Measure] | None = None, every: int = 1
) -> Found:
    """Measure all sides by turns after a round that doesn't count; who begins changes from round to round.

    Args:
        sides: What is measured in every round.
        rounds: How many rounds there are.
        seldom: What is measured in some of the rounds only, after the others: slow peers that only stand beside.
        every: Which rounds those are.
    """
    seldom = seldom or {}
    for warm_up in (*sides.values(), *seldom.values()):
        warm_up()
    gc.collect()
    gc.freeze()
    found: dict[str, list[float]] = {side: [] for side in (*sides, *seldom)}
    try:
        for number in range(rounds):
            turn = list(sides)[:: 1 if number % 2 else -1]
            if number % every == 0:
                turn += seldom
            for side in turn:
                gc.collect()
                found[side].append((sides.get(side) or seldom[side])())
    finally:
        gc.unfreeze()
    return {side: Sample(tuple(taken)) for side, taken in found.items()}


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


def allow_many_sockets() -> None:
    """Let this process, and those it starts, have as many open files as the system lets it ask for."""
    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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
def canned_server(delay: float = 0.0) -> Generator[str]:
    """The server of canned bytes in a process of its own; gives its base address. Call it before `pin`.

    Args:
        delay: Seconds between a request and its answer.
    """
    # It leaves when its input ends, so it doesn't outlive this process however that ends.
    with subprocess.Popen(
        python("-m", "benchmarks.server", str(delay)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/server"
        finally:
            server.terminate()
