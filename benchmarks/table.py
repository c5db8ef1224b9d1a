"""The table of results."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import harness

_HEAD = ("row", "ours (quartiles)", "against (quartiles)", "figure", "spread", "goal", "verdict")


def show(outcomes: Sequence[tuple[harness.Row, Sequence[harness.Found]]]) -> str:
    """Every row under its heads, in columns; below it the floor and the peers, where it has some."""
    lines = [_line(row, runs) for row, runs in outcomes]
    widths = [max(map(len, column)) for column in zip(_HEAD, *lines, strict=True)]

    def set_out(cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    shown = [set_out(_HEAD), set_out(["-" * width for width in widths])]
    for (row, runs), cells in zip(outcomes, lines, strict=True):
        shown.append(set_out(cells))
        if row.beside:
            sides = (f"{side} {median(harness.pooled(runs, side).median, row.unit)}" for side in row.beside)
            shown.append(f"    beside: {'; '.join(sides)}")
    return "\n".join(shown)


def _line(row: harness.Row, runs: Sequence[harness.Found]) -> tuple[str, ...]:
    figure = row.figure(runs)
    low, high = row.spread(runs)
    return (
        row.name,
        _quartiles(harness.pooled(runs, row.ours), row.unit),
        _quartiles(harness.pooled(runs, row.against), row.unit),
        f"{figure:.3f} {row.goal.unit}",
        f"{low:.3f}..{high:.3f}",
        str(row.goal),
        "PASS" if row.goal.is_met(figure) else "FAIL",
    )


def _quartiles(sample: harness.Sample, unit: str) -> str:
    factor, name = _scale(sample.median, unit)
    first, third = sample.spread
    return f"{sample.median * factor:.3g} {name} ({first * factor:.3g}..{third * factor:.3g})"


def median(value: float, unit: str) -> str:
    """A median with its unit."""
    factor, name = _scale(value, unit)
    return f"{value * factor:.3g} {name}"


def _scale(value: float, unit: str) -> tuple[float, str]:
    if unit == "B":
        return 2**-20, "MiB"
    if value >= 1:
        return 1, "s"
    return (1e3, "ms") if value >= 1e-3 else (1e6, "us")
