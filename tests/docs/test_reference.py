"""The reference has a page for each section, and a place for every model."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import lootlocker_async.models
from lootlocker_async.client import SECTIONS
from lootlocker_async.emulator import World
from lootlocker_async.emulator.handlers import HANDLERS
from lootlocker_async.routes import all_routes
from tests.docs.snippets import ROOT

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
NOT_MODELS = {"base"}
SERVED = len(HANDLERS) + 1  # the login comes before them all


def pages(nav: Any) -> Iterator[str]:
    """The pages that the site's navigation leads to."""
    if isinstance(nav, str):
        yield nav
    for part in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from pages(part)


NAV = list(pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]))


def documented() -> Counter[str]:
    texts = (page.read_text("utf-8") for page in REFERENCE.glob("*.md"))
    return Counter(name for text in texts for name in re.findall(r"^::: (\S+)$", text, re.MULTILINE))


def test_every_page_has_its_place() -> None:
    assert sorted(NAV) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_has_its_page(section: str) -> None:
    assert f"reference/{section}.md" in NAV
    home = importlib.import_module(f"lootlocker_async.services.{section}")
    (service,) = home.__all__
    text = (REFERENCE / f"{section}.md").read_text("utf-8")
    assert f"\n::: {home.__name__}.{service}\n" in text
    assert f"heading: client.{section}\n" in text


def test_every_model_stands_on_one_page() -> None:
    names = {it.name for it in pkgutil.iter_modules(lootlocker_async.models.__path__) if not it.name.startswith("_")}
    found = {name: documented()[f"lootlocker_async.models.{name}"] for name in names - NOT_MODELS}
    assert found == dict.fromkeys(found, 1)


def test_the_numbers_are_today_s() -> None:
    index = " ".join((DOCS / "index.md").read_text("utf-8").split())
    assert f"{len(SECTIONS)} sections" in index
    assert f"{len(all_routes())} operations in all" in index
    assert f"serves all {SERVED} operations" in " ".join((DOCS / "emulator.md").read_text("utf-8").split())


def test_the_guide_to_the_emulator_names_every_method_of_its_world() -> None:
    guide = (DOCS / "emulator.md").read_text("utf-8")
    table = guide[guide.index("## The world") : guide.index("## The clock")]
    methods = {name for name in dir(World) if not name.startswith(("_", "export_"))}
    assert set(re.findall(r"`([a-z_]+)`", table)) == methods
