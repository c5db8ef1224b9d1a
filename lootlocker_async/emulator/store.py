"""Where the emulated game is kept: SQLite, in memory or in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Value = str | int | float | None
"""What a column can hold."""

_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('openings', 0);

CREATE TABLE sessions (token TEXT PRIMARY KEY, last_used REAL NOT NULL) WITHOUT ROWID;

CREATE TABLE players (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ulid TEXT NOT NULL UNIQUE,
    public_uid TEXT NOT NULL UNIQUE,
    name TEXT,
    platform TEXT NOT NULL,
    platform_player_id TEXT
);
CREATE INDEX players_name ON players (name);
CREATE TABLE accounts (
    platform TEXT NOT NULL,
    identifier TEXT NOT NULL,
    player_id INTEGER NOT NULL REFERENCES players (id),
    PRIMARY KEY (platform, identifier)
) WITHOUT ROWID;
CREATE TABLE game_sessions (
    token TEXT PRIMARY KEY,
    player_id INTEGER NOT NULL REFERENCES players (id),
    expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE characters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    name TEXT NOT NULL,
    is_default INTEGER NOT NULL
);
CREATE TABLE heroes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    name TEXT NOT NULL
);

CREATE TABLE assets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL,
    created_at REAL NOT NULL
);
CREATE TABLE inventory (
    instance_id INTEGER PRIMARY KEY AUTOINCREMENT,
    player_id INTEGER NOT NULL REFERENCES players (id),
    holder TEXT NOT NULL,
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    variation_id INTEGER,
    rental_option_id INTEGER,
    source TEXT NOT NULL,
    acquired_at REAL NOT NULL
);
CREATE INDEX inventory_holder ON inventory (player_id, holder, instance_id);
CREATE TABLE universal_assets (
    universal_id INTEGER PRIMARY KEY AUTOINCREMENT,
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    variation_id INTEGER,
    rental_option_id INTEGER,
    source TEXT NOT NULL,
    acquired_at REAL NOT NULL
);

CREATE TABLE leaderboards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ulid TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    direction_method TEXT NOT NULL,
    enable_game_api_writes INTEGER NOT NULL,
    overwrite_score_on_submit INTEGER NOT NULL,
    has_metadata INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    schedule TEXT NOT NULL,
    rewards TEXT NOT NULL,
    upcoming_resets TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE scores (
    board_id INTEGER NOT NULL REFERENCES leaderboards (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    player_id INTEGER REFERENCES players (id),
    score INTEGER NOT NULL,
    sort_key INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    metadata TEXT,
    PRIMARY KEY (board_id, member_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX scores_order ON scores (board_id, sort_key, sequence);
"""
# Ids of different kinds that look alike hide mistakes, so each kind begins elsewhere.
_FIRST_IDS = {
    "players": 1000, "characters": 6000, "heroes": 900, "assets": 1200, "inventory": 77000, "universal_assets": 13,
    "leaderboards": 4470,
}  # fmt: skip


class Store:
    """One SQLite database with the emulator's schema.

    Args:
        state: `:memory:`, or the file to keep the state in.

    Raises:
        ValueError: The file is the state of another version of the emulator.
    """

    def __init__(self, state: str | Path = ":memory:") -> None:
        self._connection = sqlite3.connect(state, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare()
        except BaseException:  # whatever went wrong, the file must not stay open
            self._connection.close()
            raise

    def _prepare(self) -> None:
        # The state need not survive a crash of the machine, only a restart of the emulator.
        for pragma in ("journal_mode = WAL", "synchronous = OFF", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
            self.insert_many("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", list(_FIRST_IDS.items()))
        elif version != _VERSION:
            raise ValueError(f"the state file has version {version} and this emulator reads version {_VERSION}")
        self.execute("UPDATE meta SET value = value + 1 WHERE key = 'openings'")

    def close(self) -> None:
        """Closes the database."""
        self._connection.close()

    @property
    def openings(self) -> int:
        """How often this state was opened, this time included."""
        return self.count("SELECT value FROM meta WHERE key = 'openings'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing; an inner transaction is part of the outer one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:  # whatever went wrong, half of it must not stay
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, statement: str, *values: Value) -> int:
        """Executes a statement.

        Returns:
            How many rows it changed.
        """
        return self._connection.execute(statement, values).rowcount

    def insert(self, statement: str, *values: Value) -> int:
        """Inserts a row.

        Returns:
            Its id.
        """
        row_id = self._connection.execute(statement, values).lastrowid
        if row_id is None:
            raise ValueError("the statement inserted no row")
        return row_id

    def insert_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Executes a statement for many rows, in one transaction."""
        with self.transaction():
            self._connection.executemany(statement, rows)

    def row(self, query: str, *values: Value) -> sqlite3.Row | None:
        """The first row of a query."""
        row: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
        return row

    def one(self, query: str, *values: Value) -> sqlite3.Row:
        """The row of a query that cannot but find one."""
        row: sqlite3.Row = self._connection.execute(query, values).fetchone()
        return row

    def rows(self, query: str, *values: Value) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def count(self, query: str, *values: Value) -> int:
        """The one number that a query gives."""
        return int(self.one(query, *values)[0])
