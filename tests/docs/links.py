"""Every relative link and every anchor leads somewhere: in the built site, and in the Markdown that GitHub shows.

`python tests/docs/links.py SITE` looks through a built site; `nox -s docs` does. Nothing is fetched.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


class _Page(HTMLParser):
    """What a page of a site refers to, and what can be referred to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            elif name in {"href", "src"}:
                self.links.append(value)


def _local(link: str) -> tuple[str, str] | None:
    """The path and the anchor of a link that stays here."""
    parts = urlsplit(link)
    return None if parts.scheme or parts.netloc else (unquote(parts.path), unquote(parts.fragment))


def dead_links_of_site(site: Path) -> list[str]:
    """What a built site's links don't lead to, each as `page: link`."""
    pages = {file: _Page(file.read_text("utf-8")) for file in sorted(site.rglob("*.html"))}
    return [
        f"{file.relative_to(site).as_posix()}: {link}"
        for file, page in pages.items()
        for link in page.links
        if not _leads_somewhere(site, file, link, pages)
    ]


def _leads_somewhere(site: Path, file: Path, link: str, pages: dict[Path, _Page]) -> bool:
    local = _local(link)
    if local is None:
        return True
    path, anchor = local
    # The page for addresses that aren't there knows no folder of its own: its links begin at the site's root.
    target = site / path.lstrip("/") if path.startswith("/") else file.parent / path if path else file
    target = target.resolve()
    target = target / "index.html" if target.is_dir() else target
    if target not in pages:
        return target.is_file()
    # The theme's own handles begin with two underscores.
    return not anchor or anchor.startswith("__") or anchor in pages[target].anchors


def slugs(markdown: str) -> set[str]:
    """The anchors that GitHub gives to headings."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", markdown)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number = 1
        unique = slug
        while unique in found:
            unique = f"{slug}-{number}"
            number += 1
        found.add(unique)
    return found


def dead_links_of_markdown(files: Iterator[Path] | list[Path]) -> list[str]:
    """What the links of Markdown files don't lead to, as GitHub shows them."""
    dead: list[str] = []
    for file in files:
        text = file.read_text("utf-8")
        for link in LINK.findall(CODE.sub("", FENCE.sub("", text))):
            local = _local(link)
            if local is None:
                continue
            target = (file.parent / local[0]).resolve() if local[0] else file
            known = target.exists()
            if known and local[1] and target.suffix == ".md" and not local[1].startswith("lootlocker_async."):
                known = local[1] in slugs(target.read_text("utf-8"))
            if not known:
                dead.append(f"{file.name}: {link}")
    return dead


def main() -> None:
    """Look through the site that is named."""
    site = Path(sys.argv[1]).resolve()
    dead = dead_links_of_site(site)
    print(f"{len(list(site.rglob('*.html')))} pages, {len(dead)} dead links")
    sys.exit("\n".join(dead) or None)


if __name__ == "__main__":
    main()
