"""The tables of the emulator's store: one file of SQL for each section or two."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zlib import crc32

_FILES = (
    "meta",
    "players",
    "currencies",
    "wallets",
    "inventories",
    "leaderboards",
    "progressions",
    "triggers",
    "catalogs",
    "purchases",
    "notifications",
    "metadata",
    "player_storage",
    "player_files",
    "friends",
)
"""In the order in which they are read: what refers to a table comes after it."""


@cache
def schema() -> str:
    """Every table, as SQL."""
    return "\n".join((files(__name__) / f"{name}.sql").read_text(encoding="utf-8") for name in _FILES)


@cache
def schema_version() -> int:
    """A number that is another one whenever the tables are."""
    return crc32(" ".join(schema().split()).encode()) & 0x7FFFFFFF
