"""Links lead somewhere, and the look for dead ones finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import links
from tests.docs.snippets import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_link_in_the_markdown_leads_somewhere() -> None:
    assert links.dead_links_of_markdown(PAGES) == []


def test_the_changelog_s_page_is_the_changelog() -> None:
    assert (ROOT / "docs" / "changelog.md").read_text("utf-8") == '--8<-- "CHANGELOG.md"\n'


def test_dead_links_in_markdown_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `b` c\n\n## Twice\n\n## Twice\n\n[1](#a-b-c) [2](#twice-1) [3](page.md#twice) [4](https://a.test/#x)\n"
        "[5](#twice-2) [6](other.md) [7](page.md#no) `[8](code.md)`\n\n```\n[9](code.md)\n# No heading\n```\n",
        "utf-8",
    )
    assert links.dead_links_of_markdown([page]) == ["page.md: #twice-2", "page.md: other.md", "page.md: page.md#no"]


def test_dead_links_of_a_site_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "guide").mkdir()
    (tmp_path / "style.css").write_text("", "utf-8")
    (tmp_path / "index.html").write_text('<a href="guide/#there">1</a><a href="guide/#not">2</a>', "utf-8")
    (tmp_path / "guide" / "index.html").write_text(
        '<h2 id="there"><link href="../style.css"><img src="../no.png"><a href=".."><a href="/style.css">'
        '<a href="https://a.test/"><a href="#__code_1"><a href="mailto:a@a.test">',
        "utf-8",
    )
    dead = ["guide/index.html: ../no.png", "index.html: guide/#not"]
    assert links.dead_links_of_site(tmp_path) == dead
    monkeypatch.setattr("sys.argv", ["links.py", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"no\.png"):
        links.main()
    assert "2 pages, 2 dead links" in capsys.readouterr().out
