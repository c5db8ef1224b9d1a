"""The pins for development are of what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / ".ci" / "requirements-dev.txt"
PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def asked_for() -> set[str]:
    """Every requirement that pyproject.toml states, of whatever extra or group."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = stated["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values(), *stated["dependency-groups"].values()]
    found = {line for lines in lists for line in lines if isinstance(line, str)}
    return {line for line in found if canonicalize_name(Requirement(line).name) != "lootlocker-async"}


def test_the_pins_fit_what_is_asked_for() -> None:
    pins: dict[str, set[str]] = {}
    for name, version in PIN.findall(LOCK.read_text("utf-8")):
        pins.setdefault(canonicalize_name(name), set()).add(version)
    wrong = [
        line
        for line in sorted(asked_for())
        if not any(
            Requirement(line).specifier.contains(version, prereleases=True)
            for version in pins.get(canonicalize_name(Requirement(line).name), ())
        )
    ]
    assert not wrong, f"{LOCK.name} has no fitting version of {wrong}: `nox -s lock` makes it anew"
