"""The public API as text, one fact a line, so that a breaking change is seen: in a review, and by test_api.py.

`python tests/package/api.py` compares the code with api.txt beside this file, `--write` renews it; `nox -s api` does
the same. The code is read and not run: griffe is all this needs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import griffe

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).with_name("api.txt")
PACKAGE = "lootlocker_async"
PLUGIN = "_lootlocker_pytestplugin"
# What these name in `__all__` is public, and so is every module of `integrations`, and what the reference documents.
PACKAGES = (
    PACKAGE,
    *(f"{PACKAGE}.{name}" for name in ("bulk", "bulk.arrow", "bulk.cluster", "emulator", "models", "testing")),
)
INTEGRATIONS = f"{PACKAGE}.integrations"
DOCUMENTED = re.compile(r"^::: (\S+)$", re.MULTILINE)
HEAD = """\
# The public API. A line that goes or changes breaks somebody's code: docs/upgrading.md has the rules.
# Made by `nox -s api -- --write`.
version: {version}
"""
FIELDS = {"field", "attrs.field"}
Found = Any
"""An object of griffe's, or an alias, which has the object's attributes without being one for a type checker."""


class Reader:
    """Writes down what there is, each object under the first public name that it has."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.facts: dict[str, str] = {}
        self._names: dict[str, str] = {}
        loader = griffe.GriffeLoader(search_paths=[root])
        self._package = loader.load(PACKAGE, try_relative_path=False)
        self._plugin = loader.load(PLUGIN, try_relative_path=False)

    def read(self) -> dict[str, str]:
        """Every fact about the public names."""
        for name in [*PACKAGES, *self._integrations()]:
            self._module(self._find(name), name)
        for name in self._documented():
            try:
                found = self._find(name)
            except KeyError:
                continue  # it has gone, so its facts are missing; the building of the docs fails as well
            if found.is_module:
                self._module(found, name, again=False)
            elif found.canonical_path not in self._names:
                self._object(found, name)
        for name, fixture in self._plugin.members.items():
            if name.startswith("lootlocker_"):
                self.facts[f"fixture {name}"] = _text(getattr(fixture, "returns", None))
        return self.facts

    def _find(self, path: str) -> Found:
        within = path.removeprefix(PACKAGE).lstrip(".")
        return self._package[within] if within else self._package

    def _integrations(self) -> list[str]:
        modules = self._find(INTEGRATIONS).modules
        return [f"{INTEGRATIONS}.{name}" for name in sorted(modules) if not name.startswith("_")]

    def _documented(self) -> list[str]:
        pages = (self.root / "docs" / "reference").glob("*.md")
        return sorted({name for page in pages for name in DOCUMENTED.findall(page.read_text("utf-8"))})

    def _module(self, module: Found, path: str, *, again: bool = True) -> None:
        """Its names; those that are public elsewhere as well only where they are said `again`."""
        exported = None if not module.exports else {str(name) for name in module.exports}
        for name, member in module.members.items():
            public = self._is_own(name, member, module) if exported is None else name in exported
            if public and (again or _target(member) not in self._names):
                self._object(member, f"{path}.{name}")

    @staticmethod
    def _is_own(name: str, member: Found, module: Found) -> bool:
        """Whether a module without `__all__` offers it: what it defines, and what a package takes from its modules."""
        if not member.is_alias:
            return not name.startswith("_") and not member.is_module
        return bool(module.is_init_module) and str(member.target_path).startswith(f"{module.path}.")

    def _object(self, found: Found, path: str) -> None:
        known = self._names.setdefault(_target(found), path)
        if known != path:
            self.facts[path] = f"is {known}"
        elif found.is_module:
            self.facts[path] = "module"
        elif found.is_class:
            self._class(found, path)
        elif found.is_function:
            self._function(found, path)
        else:
            self.facts[path] = _attribute(found)

    def _class(self, found: Found, path: str) -> None:
        bases = ", ".join(_text(base) for base in found.bases if not _text(base).startswith("_"))
        self.facts[path] = f"class({bases})" if bases else "class"
        for name, member in found.all_members.items():
            if name.startswith("_") and name not in {"__init__", "__call__"}:
                continue
            if member.is_function:
                self._function(member, f"{path}.{name}")
            elif member.is_attribute:
                self.facts[f"{path}.{name}"] = _attribute(member)

    def _function(self, found: Found, path: str) -> None:
        if found.overloads:
            for number, overload in enumerate(found.overloads, 1):
                self._signature(overload, f"{path}[overload {number}]", found.labels)
        else:
            self._signature(found, path, found.labels)

    def _signature(self, found: Found, path: str, labels: set[str]) -> None:
        kinds = " ".join(sorted(labels & {"async", "classmethod", "property", "staticmethod"}))
        self.facts[path] = f"{kinds} function -> {_text(found.returns)}".lstrip()
        place = 0
        for parameter in found.parameters:
            if parameter.name in {"self", "cls"}:
                continue
            kind = str(parameter.kind.value if parameter.kind else "")
            if kind.startswith("positional"):
                place += 1
                kind = f"{kind} {place}"
            default = "required" if parameter.default is None else f"= {_text(parameter.default)}"
            if kind.startswith("variadic"):
                default = ""
            self.facts[f"{path}({parameter.name})"] = f"{kind}, {_text(parameter.annotation)} {default}".rstrip()


def _target(found: Found) -> str:
    return found.final_target.path if isinstance(found, griffe.Alias) else found.path


def _text(expression: griffe.Expr | str | None) -> str:
    return " ".join(str(expression).split()) if expression is not None else "?"


def _attribute(found: Found) -> str:
    """A field's type, and its default; an enum member's value."""
    kind = "property " if "property" in found.labels else ""
    annotation = "" if found.annotation is None else _text(found.annotation)
    value = found.value
    if isinstance(value, griffe.ExprCall) and _text(value.function) in FIELDS:
        given = {it.name: it.value for it in value.arguments if isinstance(it, griffe.ExprKeyword)}
        value = given.get("default", given.get("factory"))
    within = found.parent is not None and found.parent.is_class
    default = f" = {_text(value)}" if value is not None and within else ""
    return f"{kind}{annotation}{default}".strip() or "value"


# --------------------------------------------------------------------------------------------------------- comparing
@attrs.frozen
class Difference:
    """What has become of the API since a snapshot was written."""

    breaking: list[str]
    new: list[str]


def compare(then: dict[str, str], now: dict[str, str]) -> Difference:
    """What has gone or changed, and what is new. A new argument that must be given breaks calls as well."""
    breaking = [f"removed: {name} (it was: {was})" for name, was in then.items() if name not in now]
    breaking += [
        f"changed: {name}\n    was: {was}\n    is:  {now[name]}"
        for name, was in then.items()
        if name in now and now[name] != was
    ]
    new = [name for name in now if name not in then]
    needed = [name for name in new if now[name].endswith(" required") and name.partition("(")[0] in then]
    breaking += [f"a new argument that must be given: {name}: {now[name]}" for name in needed]
    return Difference(breaking, [name for name in new if name not in needed])


def version(root: Path) -> str:
    """The package's version, as it stands in its source."""
    (found,) = re.findall(r'^__version__ = "(.+)"$', (root / PACKAGE / "version.py").read_text("utf-8"), re.MULTILINE)
    return str(found)


def written(text: str) -> tuple[str, dict[str, str]]:
    """A snapshot's version and facts."""
    lines = [line.partition(": ") for line in text.splitlines() if line and not line.startswith("#")]
    facts = {name: fact for name, _colon, fact in lines}
    return facts.pop("version"), facts


def lines(root: Path, facts: dict[str, str]) -> Iterator[str]:
    """A snapshot's text."""
    yield HEAD.format(version=version(root))
    for name in sorted(facts):
        yield f"{name}: {facts[name]}\n"


def problems(root: Path = ROOT, snapshot: Path = SNAPSHOT) -> str:
    """What must not be, in words; nothing where all is well."""
    release, then = written(snapshot.read_text("utf-8"))
    if release != version(root):
        return (
            f"The snapshot is of version {release}, the package is {version(root)}: `nox -s api -- --write` renews it."
        )
    found = compare(then, Reader(root).read()).breaking
    if not found:
        return ""
    listed = "\n".join(f"- {it}" for it in found)
    return (
        f"The public API has changed since it was written down:\n{listed}\n"
        "Keep the old name or argument alive and deprecate it (docs/upgrading.md). Where the change only allows more,\n"
        "or breaking it is meant, say so in CHANGELOG.md and renew the snapshot: `nox -s api -- --write`."
    )


def main() -> None:
    """Compare, or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the API down as it is now")
    if parser.parse_args().write:
        facts = Reader(ROOT).read()
        SNAPSHOT.write_text("".join(lines(ROOT, facts)), "utf-8")
        print(f"{SNAPSHOT.relative_to(ROOT)}: {len(facts)} facts")
        return
    new = compare(written(SNAPSHOT.read_text("utf-8"))[1], Reader(ROOT).read()).new
    print(f"{len(new)} facts are new since the snapshot was written")
    sys.exit(problems() or None)


if __name__ == "__main__":
    main()
