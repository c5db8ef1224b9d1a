"""`python -m benchmarks [--quick] [--rows NAME,...]`: measure, and hold what was measured to the goals."""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Collection, Mapping

from benchmarks import harness, report, table

_ALONE = "--in-this-process"
_SUBJECTS = (
    "decode",
    "call",
    "throughput",
    "in_flight",
    "paging",
    "growth",
    "stall",
    "ticks",
    "memory",
    "fan_out",
    "upload",
    "imports",
    "first_use",
    "emulator",
)


def _experiments(subject: str) -> tuple[harness.Experiment, ...]:
    found: tuple[harness.Experiment, ...] = importlib.import_module(f"benchmarks.{subject}").EXPERIMENTS
    return found


def main() -> int:
    experiments = {f"{it}:{number}": one for it in _SUBJECTS for number, one in enumerate(_experiments(it))}
    known = [row.name for experiment in experiments.values() for row in experiment.rows]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What the SDK costs, against others.")
    parser.add_argument("--quick", action="store_true", help="only see that everything runs; verdicts mean nothing")
    parser.add_argument("--rows", metavar="NAME,...", help=f"the rows to run, all by default: {', '.join(known)}")
    parser.add_argument("--show", action="store_true", help="make the table and plots of the last results anew")
    options = parser.parse_args()
    if options.show:
        report.show()
        return 0
    names = options.rows.split(",") if options.rows else known
    if unknown := set(names) - set(known):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return _run(experiments, names, quick=options.quick, write=not options.rows and not options.quick)


def _run(experiments: Mapping[str, harness.Experiment], names: Collection[str], *, quick: bool, write: bool) -> int:
    began = time.monotonic()
    rows = {place: [row for row in one.rows if row.name in names] for place, one in experiments.items()}
    wanted = {place: one for place, one in experiments.items() if rows[place]}
    runs: dict[str, list[harness.Found]] = {place: [] for place in wanted}
    # The processes of an experiment lie minutes apart, so that what is wrong with one minute counts in one of them.
    for turn in range(1 if quick else max(one.processes for one in wanted.values())):
        for place, experiment in wanted.items():
            if turn < experiment.processes:
                _tell(f"[{time.monotonic() - began:3.0f} s] {', '.join(row.name for row in rows[place])}")
                runs[place].append(_in_its_own_process(place, quick=quick))
    outcomes = [(row, runs[place]) for place in wanted for row in rows[place]]
    print(table.show(outcomes), flush=True)
    seconds = time.monotonic() - began
    _tell(f"{seconds:.0f} s in all")
    if write:
        report.write(report.data(outcomes, seconds))
    missed = any(not row.goal.is_met(row.figure(runs)) for row, runs in outcomes)
    return int(missed and not quick)


def _in_its_own_process(place: str, *, quick: bool) -> harness.Found:
    """Every experiment starts in an interpreter of its own, so that none inherits another's heap."""
    flags = ["--quick"] if quick else []
    done = subprocess.run(
        harness.python("-m", "benchmarks", _ALONE, place, *flags),
        cwd=harness.ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return harness.from_json(json.loads(done.stdout))


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _measure_alone(place: str, *flags: str) -> int:
    """What such a process does; it loads no other experiment."""
    subject, _, number = place.partition(":")
    found = _experiments(subject)[int(number)].measure("--quick" in flags)
    print(json.dumps(harness.as_json(found)))
    return 0


if __name__ == "__main__":
    sys.exit(_measure_alone(*sys.argv[2:]) if sys.argv[1:2] == [_ALONE] else main())
