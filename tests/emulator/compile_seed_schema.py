"""Writes the JSON Schema of seeds, `seed.schema.json`, and the list of kinds in the documentation.

Run it as `python -m tests.emulator.compile_seed_schema` whenever a method of `World` has changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lootlocker_async.emulator import seeds
from lootlocker_async.emulator.world import KINDS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "emulator-seeds.md"
TARGET = DOCS / "seed.schema.json"
_BEGIN, _END = "<!-- kinds: written by compile_seed_schema -->\n", "<!-- end of kinds -->"


def files() -> dict[Path, str]:
    """What the files must hold."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return {
        TARGET: json.dumps(seeds.schema(), indent=1, ensure_ascii=False) + "\n",
        PAGE: f"{before}{begin}\n{''.join(_kinds())}{end}{after}",
    }


def _kinds() -> Iterator[str]:
    definitions = seeds.schema()["$defs"]
    for kind in KINDS:
        schema = definitions[kind.add]
        yield f"### `{kind.name}`\n\n{schema.get('description', '')}\n\n| key | type | |\n|---|---|---|\n"
        for name, argument in schema["properties"].items():
            mark = "**" if name in schema["required"] else ""
            yield f"| {mark}`{name}`{mark} | {_type(argument)} | {_cell(argument.get('description', ''))} |\n"
        yield "\n"


def _type(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    names = schema.get("type", "any JSON")
    plain = [names] if isinstance(names, str) else [name for name in names if name != "null"]
    items = schema.get("items")
    if plain == ["array"] and isinstance(items, Mapping) and items:
        return f"array of {_type(items)}"
    return " or ".join(plain)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Writes the files."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
