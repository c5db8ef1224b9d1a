"""The tutorial works as it stands: a reader's files, a reader's commands, in a folder of their own."""

from __future__ import annotations

import os
import re
import shlex
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs import tutorial

PAGE = tutorial.PAGE.read_text("utf-8")


def without_installing(commands: str) -> str:
    """Commands for a machine on which everything is there; `nox -s package` types them all."""
    kept = [line for line in commands.splitlines() if not line.startswith(("python -m venv", ". ", "pip install"))]
    return "\n".join(kept)


def test_the_tutorial_works(tmp_path: Path) -> None:
    folder = Path(sys.executable).parent
    left_out = {
        "PYTEST_ADDOPTS",
        "PYTEST_CURRENT_TEST",
        "PYTEST_XDIST_WORKER",
        "PYTEST_PLUGINS",
        "COVERAGE_PROCESS_START",
    }
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    environment["PYTHONPATH"] = str(tutorial.PAGE.parents[1])
    printed = tutorial.Reader(tmp_path, environment, without_installing).follow(PAGE)
    assert len(printed) == 4
    assert "5 passed" in printed[-1]


def test_what_the_tutorial_installs_is_what_it_needs() -> None:
    (line,) = re.findall(r"^pip install (.+)$", PAGE, re.MULTILINE)
    package, *others = [Requirement(word) for word in shlex.split(line)]
    extras = distribution("lootlocker-async").metadata.get_all("Provides-Extra") or []
    assert canonicalize_name(package.name) == "lootlocker-async"
    assert package.extras <= set(extras)
    assert {it.name for it in others} == {"uvicorn", "httpx2"}


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    reader = tutorial.Reader(tmp_path, dict(os.environ))
    with pytest.raises(AssertionError, match="ended with 3"):
        reader.follow("```console\nexit 3\n```\n")
    with pytest.raises(AssertionError, match="but this came:\nno"):
        reader.follow("```console\necho no\n```\n\n```text\nyes\n```\n")
    with pytest.raises(AssertionError, match="does not listen"):
        reader.follow('```console title="second terminal"\ntrue --port 8787\n```\n')
