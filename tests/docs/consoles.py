"""Console blocks in Markdown, run as a reader would type them.

A line that begins with `$ ` is a command, and what stands below it until the next one is what it prints: exactly so but
for the width of columns. A line `...` stands for any number of lines, and `…` for anything within one. Nothing below a
command says nothing of what it prints. `lootlocker` runs in this process, what is piped into it and everything else in
a shell.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from lootlocker_async.cli import main

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
RULE = re.compile(r"─+")


class Step(NamedTuple):
    """A command, and the lines that it prints according to the page."""

    command: str
    printed: list[str]


def steps(page: Path) -> Iterator[Step]:
    for block in BLOCK.findall(page.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = re.sub(r"\\\n *", "", part).partition("\n")
            yield Step(command, [line for line in map(plain, printed.splitlines()) if line])


def plain(line: str) -> str:
    return " ".join(RULE.sub("─", line).split())


def run(step: Step, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a command; give what it prints on either stream."""
    if step.command.startswith("export "):
        name, _, value = shlex.split(step.command)[1].partition("=")
        monkeypatch.setenv(name, value)
        return ""
    source, _, last = step.command.rpartition(" | ")
    if not last.startswith("lootlocker "):
        done = subprocess.run(
            step.command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        )
        return done.stdout
    stdin = subprocess.run(source, shell=True, stdout=subprocess.PIPE, check=True).stdout if source else b""
    told = io.StringIO()
    with monkeypatch.context() as patch, redirect_stdout(told), redirect_stderr(told):
        patch.setattr(sys, "argv", shlex.split(os.path.expandvars(last)))
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        try:
            code: object = main()
        except SystemExit as end:
            code = end.code or 0
    return told.getvalue() + (f"(exit code {int(str(code))})\n" if code else "")


def fits(printed: str, expected: list[str]) -> bool:
    """Whether a command has printed what the page says."""
    got = "\n".join(line for line in map(plain, printed.splitlines()) if line)
    pattern = "".join("(?:.*\n)*?" if line == "..." else _pattern(line) + "\n" for line in expected)
    return not expected or re.fullmatch(pattern, f"{got}\n") is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…")))
