"""Runs the command: in interpreters of their own, or in this one on an emulator in another thread."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from lootlocker_async.cli import main
from lootlocker_async.testing import LiveEmulator

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_python() -> Run:
    """Runs Python with warnings as errors."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


class Told(NamedTuple):
    """What a command ended with, and what it printed."""

    code: int
    out: str
    err: str


Lootlocker = Callable[..., Told]


@pytest.fixture
def lootlocker(
    lootlocker_emulator: LiveEmulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Lootlocker:
    """Runs the command in this process on the emulator, and sees that no key is printed."""
    for name, value in lootlocker_emulator.environment().items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object, stdin: str = "") -> Told:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["lootlocker", *map(str, arguments)])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        code: object = 0
        try:
            code = main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        assert lootlocker_emulator.server_key not in out + err
        assert isinstance(code, int)
        return Told(int(code), out, err)

    return run
