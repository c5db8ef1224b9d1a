"""The plots in docs/: bars for ours, what it is held against, the floor and the peers.

They are SVG with the text as text, which keeps them small, and made the same from the same results, byte for byte.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import harness, table

FOLDER: Final = harness.ROOT / "docs" / "plots"

_OURS: Final = "#3949ab"
_AGAINST: Final = "#90a4ae"
_BESIDE: Final = "#cfd8dc"
_FLOOR: Final = "#c0392b"
_INK: Final = "#263238"
_GRID: Final = "#eceff1"

_PLOTS: Final = {
    "calls": (
        ("call-submit", "CPU of one submit_score"),
        ("call-get", "CPU of one leaderboards.get"),
        ("throughput-httpx", "One call with 32 in flight"),
    ),
    "pages": (
        ("decode-clean", "A page of 2,000 scores decoded"),
        ("stall", "Longest stall of the loop for a page"),
        ("pages-8", "50 pages at 20 ms"),
        ("pages-16", "The same, 16 in flight"),
        ("look-ahead", "With a consumer as slow as a page"),
    ),
    "many": (
        ("fan-out", "20,000 ids at 20 ms: time of a call"),
        ("fan-out-gap", "20,000 ids: longest gap in the loop"),
        ("fan-out-memory", "20,000 ids: growth of memory"),
    ),
    "figures": (),
}


def draw(results: Mapping[str, Any], folder: Path = FOLDER, kind: str = "svg") -> None:
    """Draw every plot whose rows are there."""
    # Matplotlib keeps what it knows of the machine's fonts, which nobody needs to find afterwards.
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.setdefault("MPLCONFIGDIR", scratch)
        import matplotlib as mpl

        mpl.use("agg")
        settings: Any = {
            "svg.fonttype": "none",
            "svg.hashsalt": "lootlocker-async",
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans", "Helvetica", "Arial", "sans-serif"],
            "font.size": 9.0,
            "text.color": _INK,
            "axes.labelcolor": _INK,
            "xtick.color": _INK,
            "ytick.color": _INK,
        }
        rows = {row["name"]: row for row in results["rows"]}
        folder.mkdir(exist_ok=True)
        with mpl.rc_context(settings):
            for name, parts in _PLOTS.items():
                found = [(rows[part], title) for part, title in parts if part in rows]
                if found:
                    _save(_bars(found), folder / f"{name}.{kind}")
            _save(_figures(results["rows"]), folder / f"figures.{kind}")


def _save(figure: Any, path: Path) -> None:
    metadata = {"Date": None} if path.suffix == ".svg" else None
    figure.savefig(path, bbox_inches="tight", facecolor="white", metadata=metadata, dpi=110)


def _bars(rows: Sequence[tuple[Mapping[str, Any], str]]) -> Any:
    """Each row in a panel of its own: a bar for each side, the shortest on top, and the floor as a line."""
    from matplotlib.figure import Figure

    heights = [len(row["sides"]) + 1.2 for row, _ in rows]
    figure: Any = Figure(figsize=(7.6, 0.3 * sum(heights)))
    panels = figure.subplots(len(rows), 1, gridspec_kw={"height_ratios": heights, "hspace": 0.4}, squeeze=False)
    for (row, title), panel in zip(rows, panels[:, 0], strict=True):
        _panel(panel, row, title)
    return figure


def _panel(panel: Any, row: Mapping[str, Any], title: str) -> None:
    sides = sorted(row["sides"], key=lambda side: -row["sides"][side]["median"])
    medians = [row["sides"][side]["median"] for side in sides]
    quartiles = [row["sides"][side]["quartiles"] for side in sides]
    # Quartiles are of the rounds, a median of few rounds may lie outside by a rounding.
    errors = [
        [max(0.0, middle - ends[0]) for middle, ends in zip(medians, quartiles, strict=True)],
        [max(0.0, ends[1] - middle) for middle, ends in zip(medians, quartiles, strict=True)],
    ]
    panel.barh(
        sides,
        medians,
        height=0.72,
        color=[_colour(row, side) for side in sides],
        xerr=errors,
        error_kw={"ecolor": _INK, "elinewidth": 0.7, "capsize": 1.5, "alpha": 0.5},
    )
    room = max(medians) * 0.012
    for place, (middle, ends) in enumerate(zip(medians, quartiles, strict=True)):
        label = table.median(middle, row["unit"])
        panel.text(max(middle, ends[1]) + room, place, label, va="center", fontsize=8)
    for side in sides:
        if "(floor)" in side:
            panel.axvline(row["sides"][side]["median"], color=_FLOOR, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    panel.set_title(title, loc="left", fontsize=9.5, fontweight="bold")
    panel.set_xlim(0, max(*medians, *(ends[1] for ends in quartiles)) * 1.12)
    panel.set_xticks([])
    for edge in ("top", "right", "bottom"):
        panel.spines[edge].set_visible(False)
    panel.spines["left"].set_color(_AGAINST)
    panel.tick_params(axis="y", length=0)


def _colour(row: Mapping[str, Any], side: str) -> str:
    if side == row["ours"]:
        return _OURS
    if "(floor)" in side:
        return _FLOOR
    return _AGAINST if side == row["against"] else _BESIDE


def _figures(rows: Sequence[Mapping[str, Any]]) -> Any:
    """How much of its goal each row uses up: whatever ends before the line keeps to it."""
    from matplotlib.figure import Figure

    used = [(row["name"], _used(row)) for row in reversed(rows)]
    figure: Any = Figure(figsize=(7.6, 0.21 * len(used) + 0.5))
    panel = figure.subplots()
    panel.barh(
        [name for name, _ in used],
        [share for _, share in used],
        height=0.7,
        color=[_OURS if share <= 1 else _FLOOR for _, share in used],
    )
    for place, (_, share) in enumerate(used):
        # A label beside the line that it would run into.
        at = 1.0 if 0.85 < share <= 1 else share
        panel.text(at + 0.01, place, f"{share:.0%}", va="center", fontsize=7.5)
    panel.axvline(1, color=_INK, linewidth=1)
    panel.set_title("How much of its goal each row uses", loc="left", fontsize=9.5, fontweight="bold")
    panel.set_xlim(0, max(1.15, *(share * 1.08 for _, share in used)))
    panel.set_ylim(-0.6, len(used) - 0.4)
    panel.set_xticks([0, 0.5, 1], ["0", "half", "goal"])
    panel.grid(axis="x", color=_GRID)
    panel.set_axisbelow(True)
    for edge in ("top", "right", "bottom"):
        panel.spines[edge].set_visible(False)
    panel.tick_params(length=0)
    return figure


def _used(row: Mapping[str, Any]) -> float:
    goal = row["goal"]["value"]
    share: float = row["figure"] / goal if row["goal"]["bound"] == "at most" else goal / row["figure"]
    return share
