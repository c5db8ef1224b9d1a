"""Python in Markdown, run block after block as a reader would run it.

A comment before a block marks it: `<!-- no-run -->` shows something, `<!-- script -->` is a program of its own. A block
may have a title; one whose title is a file's name belongs to the tutorial (tutorial.py).
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[a-z-]+) -->\n)?```python(?: title=\x22[^\x22.]+\x22)?\n(?P<code>.*?)```", re.DOTALL
)


def marks(page: Path) -> set[str | None]:
    return {found["mark"] for found in BLOCK.finditer(page.read_text("utf-8"))}


def blocks(page: Path, mark: str | None = None) -> list[str]:
    return [found["code"] for found in BLOCK.finditer(page.read_text("utf-8")) if found["mark"] == mark]


async def run(page: Path, **names: Any) -> dict[str, Any]:
    """Run a page's unmarked blocks in its order, with some names there already; give the names there are after."""
    for number, code in enumerate(blocks(page)):
        where = f"{page.relative_to(ROOT)}, block {number}"
        running = eval(compile(code, where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        if inspect.iscoroutine(running):
            await running
    return names
