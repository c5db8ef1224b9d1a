"""pytest in an interpreter of its own, where the plugin is found as in an installed package: by its entry point."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"


def install(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ini: str = "asyncio_mode = auto") -> None:
    """Make pytester's folder one where the plugin is installed."""
    entries = "\n".join(
        f"[{group}]\n" + "\n".join(f"{name} = {target}" for name, target in entries.items())
        for group, entries in PYPROJECT["project"]["entry-points"].items()
    )
    installed = pytester.mkdir("as_installed-1.0.dist-info")
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: as-installed\nVersion: 1.0\n", "utf-8")
    (installed / "entry_points.txt").write_text(entries, "utf-8")
    pytester.makeini(f"{INI}{ini}\n")
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)


def run(pytester: pytest.Pytester, *arguments: str, **outcomes: int) -> pytest.RunResult:
    """Run pytest there, and hold it to its outcomes."""
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)
    done.assert_outcomes(**outcomes)
    return done
