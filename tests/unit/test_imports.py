"""What importing costs, who may import whom, and that the public names and docstrings are true."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lootlocker_async
from lootlocker_async.client import SECTIONS, LootLockerClient
from lootlocker_async.core.pagination import PageOptions, PositionalPageOptions
from lootlocker_async.routes import Route, all_routes

PACKAGE = Path(lootlocker_async.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    *("cattrs", "backoff", "typer", "rich", "jsonschema_rs", "sqlite3", "openapi_core", "yaml"),
    *("lootlocker_async.core.converter", "lootlocker_async.core.retry", "lootlocker_async.emulator"),
    *("lootlocker_async.cli", "lootlocker_async.testing"),
)


# ------------------------------------------------------------------------------------------------ what importing costs
def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after some code."""
    code = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
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
    return set(json.loads(done.stdout))


def heavy(modules: set[str]) -> list[str]:
    return [name for name in modules for it in HEAVY if name == it or name.startswith(f"{it}.")]


def sections_of(modules: set[str]) -> set[str]:
    return {name for name in modules if re.match(r"lootlocker_async\.(models|services)\.", name)}


def test_importing_the_package_is_cheap() -> None:
    loaded = loaded_by("import lootlocker_async; lootlocker_async.LootLockerClient('key')")
    assert not heavy(loaded)
    assert sections_of(loaded) <= {"lootlocker_async.models.base"}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_loads_what_it_needs(section: str) -> None:
    loaded = loaded_by(f"from lootlocker_async import LootLockerClient; LootLockerClient('key').{section}")
    assert not heavy(loaded)
    assert {name for name in sections_of(loaded) if ".services." in name} == {f"lootlocker_async.services.{section}"}
    strangers = {f"lootlocker_async.models.{other}" for other in SECTIONS} - {f"lootlocker_async.models.{section}"}
    assert not strangers & loaded


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


LOW = {"errors", "secret", "version"}
GROUND = LOW | {"config", "routes", "models"}
CORE = GROUND | {"core"}
SDK = CORE | {"services"}
MAY_IMPORT: dict[str, set[str]] = {
    "secret": set(),
    "version": set(),
    "errors": LOW,
    "routes": LOW,
    "config": LOW,
    "models": LOW,
    "core": CORE,
    "services": SDK,
    "client": SDK,
    "__init__": SDK | {"client"},
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


@pytest.mark.parametrize(
    ("library", "owners"),
    [
        ("backoff", {"core/retry.py"}),
        ("cattrs", {"core/converter.py"}),
        ("aiohttp", {"core/transport.py"}),
        ("yarl", {"core/transport.py"}),
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


# ---------------------------------------------------------------------------------------------------------- docstrings
def methods() -> Iterator[tuple[str, Any]]:
    for section in SECTIONS:
        module = importlib.import_module(f"lootlocker_async.services.{section}")
        (name,) = module.__all__
        for method_name, method in inspect.getmembers(getattr(module, name), inspect.isfunction):
            if not method_name.startswith("_"):
                yield f"{section}.{method_name}", method


METHODS = dict(methods())


def parts_of(text: str) -> dict[str, str]:
    """The sections of a docstring in Google's form."""
    parts = re.split(r"^(Args|Returns|Raises):\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_what_it_takes_gives_and_raises(name: str) -> None:
    method = METHODS[name]
    text = inspect.cleandoc(method.__doc__)
    parts = parts_of(text)
    parameters = [it for it in inspect.signature(method).parameters.values() if it.name != "self"]
    documented = re.findall(r"^ {4}(\*{0,2}\w+): \S", parts.get("Args", ""), re.MULTILINE)
    assert documented == [f"**{it.name}" if it.kind is it.VAR_KEYWORD else it.name for it in parameters]
    assert ("Returns" in parts) is (method.__annotations__["return"] != "None")
    raised = re.findall(r"^ {4}(\w+): \S", parts["Raises"], re.MULTILINE)
    assert "CallError" in raised
    assert not [it for it in raised if it not in lootlocker_async.__all__]
    assert ("InvalidRequestError" in raised) is bool(parameters)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_whether_it_is_retried_and_where_it_goes(name: str) -> None:
    text = inspect.cleandoc(METHODS[name].__doc__)
    route = route_of(name)
    assert text.endswith(f"\n\n{route.verb} {route.path}")
    (retried,) = re.findall(r"^Retried: (yes|only where it certainly was not executed)[.,]", text, re.MULTILINE)
    assert (retried == "yes") is route.idempotent
    assert ("OutcomeUnknownError:" in text) is not route.idempotent
    if route.paging:
        options = PositionalPageOptions if route.paging.positional else PageOptions
        assert METHODS[name].__annotations__["paging"] == f"Unpack[{options.__name__}]"
        assert not [option for option in options.__annotations__ if f"`{option}`" not in text]
        assert f"1 to {route.paging.max_size:,}" in text


def route_of(name: str) -> Route:
    (route,) = [it for it in all_routes() if it.operation == name.replace(".", "_")]
    return route


def test_every_route_has_its_method() -> None:
    assert sorted(name.replace(".", "_") for name in METHODS) == sorted(route.operation for route in all_routes())
    client = LootLockerClient("key")
    assert all(callable(getattr(getattr(client, name.split(".")[0]), name.split(".")[1])) for name in METHODS)
