"""What a full run leaves behind: `benchmarks/results.json`, the table in docs/benchmarks.md, and the plots."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from benchmarks import harness, table

RESULTS: Final = harness.ROOT / "benchmarks" / "results.json"
PAGE: Final = harness.ROOT / "docs" / "benchmarks.md"
_BEGIN: Final = "<!-- results: made by python -m benchmarks -->"
_END: Final = "<!-- end of results -->"
_BEFORE: Final = 2
"""How many earlier runs the results remember, to see whether they agree."""
_COMPARED: Final = (
    "aiohttp", "attrs", "cattrs", "httpx", "msgspec", "niquests", "openapi-python-client", "orjson", "pydantic",
    "uvloop",
)  # fmt: skip

_PLOTS: Final = """\
How much of its goal each row uses up (a red bar misses it):

![How much of its goal each row uses](plots/figures.svg)

One call, from the public method to the model of its answer. The red line is the floor: bytes through asyncio's streams
and msgspec's own classes, with no pool, no limits, no deadline and no second try.

![One call, by everybody](plots/calls.svg)

Pages of 2,000 scores:

![Pages of 2,000 scores](plots/pages.svg)

20,000 players, one call for each:

![Many ids](plots/many.svg)"""

Outcome = tuple[harness.Row, Sequence[harness.Found]]


def machine() -> dict[str, Any]:
    """What the figures were had with."""
    return {
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "versions": {name: found for name in _COMPARED if (found := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except FileNotFoundError:
        found = None
    return found[1] if found else platform.processor()


# ---------------------------------------------------------------------------------------------------------- as data
def data(outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """The results as plain data."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "seconds": round(seconds),
        **machine(),
        "rows": [_row(row, runs) for row, runs in outcomes],
    }


def _row(row: harness.Row, runs: Sequence[harness.Found]) -> dict[str, Any]:
    figure = row.figure(runs)
    return {
        "name": row.name,
        "title": row.title,
        "figure": _short(figure),
        "spread": [_short(end) for end in row.spread(runs)],
        "goal": {"bound": row.goal.bound, "value": row.goal.value, "unit": row.goal.unit},
        "met": row.goal.is_met(figure),
        "unit": row.unit,
        "ours": row.ours,
        "against": row.against,
        "beside": list(row.beside),
        "sides": {side: _side(harness.pooled(runs, side)) for side in row.sides()},
    }


def _side(sample: harness.Sample) -> dict[str, Any]:
    first, third = sample.spread
    return {
        "median": _short(sample.median),
        "quartiles": [_short(first), _short(third)],
        "rounds": len(sample.rounds),
    }


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def write(results: Mapping[str, Any]) -> None:
    """Write the results, with the figures of the runs before, and what is made of them."""
    before: list[dict[str, Any]] = []
    if RESULTS.exists():
        last: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
        figures = {row["name"]: row["figure"] for row in last["rows"]}
        before = [{"when": last["when"], "figures": figures}, *last["before"]]
    results = {**results, "before": before[:_BEFORE]}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    show()


def show() -> None:
    """Make the table and the plots anew of the results that are there."""
    from benchmarks import plots

    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    page = PAGE.read_text("utf-8")
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise RuntimeError(f"{PAGE.name} has no place for the results: {_BEGIN} and {_END}")
    PAGE.write_text(f"{before}{_BEGIN}\n\n{_markdown(results)}\n\n{_END}{after}", "utf-8")
    plots.draw(results)


# ---------------------------------------------------------------------------------------------------------- as words
def _markdown(results: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in results["versions"].items())
    lines = [
        (
            f"Measured {results['when'][:10]} in {results['seconds'] / 60:.0f} minutes on {results['cores']} cores "
            f"of a shared {results['processor']}, {results['system']}, Python {results['python']}, {versions}."
            f"{_runs_before(results['before'])}"
        ),
        "",
        "| row | what | ours | against | figure | runs before | goal | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in results["rows"]:
        goal = harness.Goal(**row["goal"])
        low, high = (f"{end:.3g}" for end in row["spread"])
        unit = "" if goal.unit == "x" else f" {goal.unit}"
        before = [run["figures"][row["name"]] for run in results["before"] if row["name"] in run["figures"]]
        lines.append(
            f"| `{row['name']}` | {row['title']} | {_amount(row, row['ours'])} | {_against(row)} "
            f"| **{row['figure']:.3g}{unit}** ({low} to {high}) | {', '.join(f'{one:.3g}' for one in before)} "
            f"| {_goal(goal)} | {_verdict(goal, row['figure'], before)} |"
        )
    return "\n".join([*lines, "", _PLOTS])


def _against(row: Mapping[str, Any]) -> str:
    sides = [f"{row['against']} {_amount(row, row['against'])}"]
    sides += [f"{side} {_amount(row, side)}" for side in row["beside"]]
    return "<br>".join(sides)


def _amount(row: Mapping[str, Any], side: str) -> str:
    return table.median(row["sides"][side]["median"], row["unit"])


def _runs_before(before: Sequence[Mapping[str, Any]]) -> str:
    times = " and ".join(run["when"].replace("T", " ")[:16] for run in before)
    return f" The runs before, the latest first: {times} UTC." if times else ""


def _verdict(goal: harness.Goal, figure: float, before: Sequence[float]) -> str:
    """What this run and those before say of a goal."""
    met = [goal.is_met(one) for one in (figure, *before)]
    if all(met) or not any(met):
        return "met" if met[0] else "missed"
    return f"{'met' if met[0] else 'missed'}, met in {sum(met)} of {len(met)}"


def _goal(goal: harness.Goal) -> str:
    unit = "" if goal.unit == "x" else f" {goal.unit}"
    return f"{goal.bound} {goal.value:g}{unit}"
