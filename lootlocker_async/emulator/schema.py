"""The tables of the emulator's store, which `schema.sql` defines."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from zlib import crc32


@cache
def schema() -> str:
    """Every table, as SQL."""
    return Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")


@cache
def schema_version() -> int:
    """A number that is another one whenever the tables are."""
    return crc32(" ".join(schema().split()).encode()) & 0x7FFFFFFF
