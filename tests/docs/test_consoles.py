"""The console blocks of the guides run on the emulator, and print what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from lootlocker_async.cli.exits import MEANINGS
from lootlocker_async.testing import LiveEmulator
from tests.docs import consoles
from tests.docs.snippets import ROOT

PAGE = ROOT / "docs" / "cli.md"


def test_the_commands_print_what_the_page_says(
    lootlocker_emulator: LiveEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lootlocker_emulator.game.generate(players=20, scores=3000, seed=1)
    monkeypatch.chdir(tmp_path)
    for name, value in lootlocker_emulator.environment().items():
        monkeypatch.setenv(name, value)
    steps = list(consoles.steps(PAGE))
    assert len(steps) > 20
    for step in steps:
        printed = consoles.run(step, monkeypatch)
        assert consoles.fits(printed, step.printed), f"$ {step.command}\n{printed}"
        assert ("(exit code" in printed) is any("(exit code" in line for line in step.printed), printed


def test_the_exit_codes_are_those_of_the_command() -> None:
    rows = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    assert "\n".join(rows) in PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    ("printed", "expected", "fits"),
    [
        ("a  b\n", ["a b"], True),
        ("a b\nc\n", ["a b"], False),
        ("a\nb\nc\n", ["a", "...", "c"], True),
        ("a\nc\n", ["a", "...", "c"], True),
        ("a\nb\n", ["a", "...", "c"], False),
        ("took 0.5 s\n", ["took … s"], True),
        ("took long\n", ["took … s"], False),
        ("anything\n", [], True),
    ],
)
def test_what_counts_as_the_same(printed: str, expected: list[str], fits: bool) -> None:
    assert consoles.fits(printed, expected) is fits
