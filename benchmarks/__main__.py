"""`python -m benchmarks [--quick] [names...]`: measure, and hold what was measured to the goals."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from importlib.metadata import version

from benchmarks import call, decode, emulator, first_use, harness, imports, table, ticks

ROWS = {row.name: row for subject in (decode, call, imports, first_use, emulator, ticks) for row in subject.ROWS}
_COMPARED = ("aiohttp", "msgspec", "cattrs", "orjson")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What the SDK costs, against baselines.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"rows to run: {', '.join(ROWS)} (all by default)")
    parser.add_argument("--quick", action="store_true", help="a short run, whose verdicts only inform")
    parser.add_argument("--in-this-process", choices=ROWS, metavar="name", help="measure one row and print its JSON")
    options = parser.parse_args()
    if options.in_this_process:
        print(json.dumps(ROWS[options.in_this_process].measure(options.quick).as_json()))
        return 0
    if unknown := set(options.names) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return _run(options.names or list(ROWS), quick=options.quick)


def _run(names: list[str], *, quick: bool) -> int:
    _tell(f"Python {platform.python_version()}, {len(harness.all_cores()) or '?'} cores")
    _tell(", ".join(f"{name} {version(name)}" for name in _COMPARED))
    lines, missed = [], False
    for name in names:
        row = ROWS[name]
        _tell(f"{name}: {row.title} ...")
        result = _in_its_own_process(name, quick=quick)
        missed |= not row.goal.is_met(result.figure(row.goal))
        lines.append(table.line(row, result))
    print(table.show(lines), flush=True)
    return int(missed and not quick)


def _in_its_own_process(name: str, *, quick: bool) -> harness.Result:
    """Every row starts in an interpreter of its own, so that none inherits another's heap."""
    flags = ["--quick"] if quick else []
    done = subprocess.run(
        harness.python("-m", "benchmarks", "--in-this-process", name, *flags),
        cwd=harness.ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return harness.Result.from_json(json.loads(done.stdout))


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
