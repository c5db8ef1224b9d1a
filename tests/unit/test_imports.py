"""What importing costs, who may import whom, and that the public names are true."""

from __future__ import annotations

import ast
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import lootlocker_async
from lootlocker_async.client import SECTIONS

PACKAGE = Path(lootlocker_async.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    *("cattrs", "backoff", "typer", "rich", "jsonschema_rs", "sqlite3", "openapi_core", "yaml"),
    *("lootlocker_async.core.converter", "lootlocker_async.core.retry", "lootlocker_async.emulator"),
    *("lootlocker_async.cli", "lootlocker_async.testing", "lootlocker_async.core.logs"),
    *("lootlocker_async.integrations", "lootlocker_async.tuning", "fastapi", "opentelemetry", "starlette"),
)


# ------------------------------------------------------------------------------------------------ what importing costs
def fresh(code: str) -> str:
    """What some code prints in a fresh interpreter."""
    # Where this run is measured, the measuring would load modules of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
        env=environment,
    )
    return done.stdout


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after some code."""
    return set(json.loads(fresh(f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))")))


@cache
def loaded_by_sections() -> dict[str, list[str]]:
    """The modules that an interpreter with a fresh client has loaded after each section, in a fork for each one."""
    code = f"""
import json, os, sys
from lootlocker_async import LootLockerClient
client = LootLockerClient('key')
for section in {list(SECTIONS)!r}:
    sys.stdout.flush()
    if not os.fork():
        getattr(client, section)
        print(json.dumps([section, sorted(sys.modules)]), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0"""
    return dict(json.loads(line) for line in fresh(code).splitlines())


SHARED = {"assets", "currencies", "inventories", "leaderboards", "metadata", "progressions"}
"""Sections whose things are in the answers of others."""


LATER = ("msgspec", "lootlocker_async.core.serde", "lootlocker_async.core.reader", "lootlocker_async.models")
"""What the first section brings with it."""


def heavy(modules: set[str], kinds: tuple[str, ...] = HEAVY) -> list[str]:
    return [name for name in modules for it in kinds if name == it or name.startswith(f"{it}.")]


def sections_of(modules: set[str]) -> set[str]:
    return {name for name in modules if re.match(r"lootlocker_async\.(models|services)\.", name)}


def test_importing_the_package_is_cheap() -> None:
    loaded = loaded_by("import lootlocker_async; lootlocker_async.LootLockerClient('key')")
    assert not heavy(loaded, HEAVY + LATER)
    assert not sections_of(loaded)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_loads_what_it_needs(section: str) -> None:
    loaded = set(loaded_by_sections()[section])
    assert not heavy(loaded)
    others = {other for other in SECTIONS if other != section}
    assert f"lootlocker_async.services.{section}" in loaded
    assert not {f"lootlocker_async.services.{other}" for other in others} & loaded
    assert {name for name in others if f"lootlocker_async.models.{name}" in loaded} <= SHARED


def test_a_star_import_gives_the_public_names() -> None:
    names: dict[str, Any] = {}
    exec("from lootlocker_async import *", names)  # what this is about
    assert set(lootlocker_async.__all__) <= set(names)
    assert set(lootlocker_async.__all__) <= set(dir(lootlocker_async))
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = lootlocker_async.nothing_like_it  # type: ignore[attr-defined]


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages([str(PACKAGE)], "lootlocker_async."):
        if not found.name.endswith("__main__"):
            yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_every_name_in_all_is_there(name: str) -> None:
    module = importlib.import_module(name)
    public = getattr(module, "__all__", ())
    assert len(set(public)) == len(public)
    assert not [it for it in public if not hasattr(module, it)]


# ---------------------------------------------------------------------------------------------------------- the layers
def imports_of(path: Path) -> set[str]:
    """What a file imports at run time, anywhere in it."""
    found: set[str] = set()
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending += node.orelse if "not " not in ast.unparse(node.test) else node.body
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        pending += ast.iter_child_nodes(node)
    return found


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


LOW = {"errors", "extras", "secret", "version"}
GROUND = LOW | {"config", "routes", "models"}
CORE = GROUND | {"core"}
SDK = CORE | {"services"}
MAY_IMPORT: dict[str, set[str]] = {
    "secret": set(),
    "version": set(),
    "extras": set(),
    "tuning": set(),
    "errors": LOW,
    "routes": LOW,
    "config": LOW,
    "models": LOW,
    "core": CORE,
    "services": SDK,
    "client": SDK,
    "__init__": SDK | {"client", "tuning"},
    "bulk": SDK | {"client"},
    "integrations": SDK | {"client", "bulk"},
    "emulator": {"routes", "version"},
    "testing": SDK | {"client", "bulk", "emulator"},
    "cli": SDK | {"client", "bulk", "emulator"},
}


def area_of(imported: str) -> str:
    name = imported.removeprefix("lootlocker_async").removeprefix(".").split(".")[0]
    return name if name in MAY_IMPORT else "__init__"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    imported = imports_of(path)
    here = layer(path)
    areas = {area_of(name) for name in imported if name.split(".")[0] == "lootlocker_async"}
    allowed = MAY_IMPORT[here] | {here}
    if here in {"testing", "cli", "bulk", "integrations"}:
        allowed |= {"__init__"}
    assert areas <= allowed


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_knows_no_other_one(section: str) -> None:
    imported = imports_of(PACKAGE / "services" / f"{section}.py")
    others = [f"lootlocker_async.services.{other}." for other in SECTIONS if other != section]
    assert not [name for name in imported if name.startswith(tuple(others))]


def test_models_of_sections_that_share_nothing_stay_apart() -> None:
    """Whatever is shared is shared indeed; a name that nobody else uses any more doesn't stay declared."""
    used = {
        name.split(".")[2]
        for path in [*PACKAGE.glob("models/*.py"), *PACKAGE.glob("services/*.py")]
        for name in imports_of(path)
        if re.match(r"lootlocker_async\.models\.\w+\.", name) and name.split(".")[2] != path.stem
    }
    assert used >= SHARED


@pytest.mark.parametrize(
    ("library", "owners"),
    [
        ("backoff", {"core/retry.py"}),
        ("cattrs", {"core/converter.py"}),
        ("aiohttp", {"core/downloads.py", "core/transport.py", "core/uploads.py"}),
        ("yarl", {"core/downloads.py", "core/remote.py", "core/transport.py"}),
    ],
)
def test_a_library_has_its_owner(library: str, owners: set[str]) -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        if layer(path) not in {"emulator", "testing", "cli"}
        and any(name.split(".")[0] == library for name in imports_of(path))
    }
    assert users == owners
