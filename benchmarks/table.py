"""The table of results."""

from __future__ import annotations

from benchmarks.harness import Result, Row, Sample

_HEAD = ("row", "ours (quartiles)", "baseline (quartiles)", "figure", "goal", "verdict")


def line(row: Row, result: Result) -> tuple[str, ...]:
    """A row's cells."""
    figure = result.figure(row.goal)
    return (
        row.name,
        _shown(result.ours),
        _shown(result.baseline),
        f"{figure:.3f} {row.goal.unit}",
        str(row.goal),
        "PASS" if row.goal.is_met(figure) else "FAIL",
    )


def _shown(sample: Sample) -> str:
    unit, factor = ("ms", 1e3) if sample.median >= 1e-3 else ("us", 1e6)
    first, third = sample.spread
    return f"{sample.median * factor:.3g} {unit} ({first * factor:.3g}..{third * factor:.3g})"


def show(lines: list[tuple[str, ...]]) -> str:
    """The lines under their heads, in columns."""
    widths = [max(map(len, column)) for column in zip(_HEAD, *lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in (_HEAD, tuple("-" * width for width in widths), *lines)
    )
