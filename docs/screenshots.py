"""Draws the pictures of the command line: `python docs/screenshots.py`, in a checkout with every extra.

What they show is what the command prints, on an emulator with a made-up game.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from rich.console import Console
from rich.text import Text

from lootlocker_async.bulk import Progress
from lootlocker_async.cli import main, output, progress
from lootlocker_async.emulator import Fault
from lootlocker_async.testing import EmulatorThread

IMAGES = Path(__file__).parent / "img"
TICK = 24


def recorder(*words: str, width: int) -> Console:
    """A screen that keeps what is drawn on it, with the command on its first line."""
    made = Console(record=True, file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")
    made.print(Text.assemble(("$ ", "dim"), ("lootlocker ", "bold"), " ".join(words)))
    return made


def run(*words: str) -> None:
    """Run the command."""
    with mock.patch.object(sys, "argv", ["lootlocker", *words]):
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise


def save(made: Console, name: str) -> None:
    """Write a picture."""
    IMAGES.mkdir(exist_ok=True)
    # Without the fonts of another host: the reader's own do.
    text = re.sub(r"@font-face \{.*?\}\s*", "", made.export_svg(title="lootlocker"), flags=re.DOTALL)
    (IMAGES / name).write_text(text, encoding="utf-8")


def draw_top() -> None:
    """The first ten of a board."""
    words = ("leaderboards", "top", "weekly_arena")
    made = recorder(*words, width=76)
    with mock.patch.object(output, "console", return_value=made):
        run(*words)
    save(made, "leaderboards-top.svg")


def draw_run(ids: Path, file: Path) -> None:
    """An export, a few seconds after it began."""
    made = recorder("bulk", "run", "inventories", "--ids", "players.txt", "-o", "items.jsonl", width=96)
    watch: Callable[..., None] = progress.Bar.watch
    ticks = 0

    def watch_and_draw(self: progress.Bar, told: Progress) -> None:
        nonlocal ticks
        ticks += 1
        self._console = hidden
        watch(self, told)
        if ticks == TICK:
            assert self._bar is not None
            made.print(self._bar.get_renderable())

    hidden = Console(file=io.StringIO(), width=96, force_terminal=True)
    with mock.patch.object(progress.Bar, "watch", watch_and_draw):
        run("bulk", "run", "inventories", "--ids", str(ids), "-o", str(file))
    save(made, "bulk-run.svg")


if __name__ == "__main__":
    with EmulatorThread() as thread, thread.emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        game = emulator.game.generate(players=3000, scores=20_000, seed=1)
        os.environ.update(emulator.environment())
        draw_top()
        players = Path(folder) / "players.txt"
        players.write_text("".join(f"{player}\n" for player in game.inventory_players), encoding="utf-8")
        emulator.faults.add(Fault.latency("inventories", seconds=0.1))
        draw_run(players, Path(folder) / "items.jsonl")
