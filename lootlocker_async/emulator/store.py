"""Where the emulated game is kept: SQLite, in memory or in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from zlib import crc32

Value = str | int | float | bytes | None
"""What a column can hold."""

_APPLICATION = 0x4C4C656D
"""What marks a database as an emulator's: "LLem"."""
_KEPT_TABLES = frozenset({"meta", "sessions"})
"""What a game that is begun anew keeps."""
# Ids of different kinds that look alike hide mistakes, so each kind begins elsewhere.
_FIRST_IDS = {
    "character_classes": 70, "contexts": 40, "game_heroes": 10, "instance_storage": 5000, "locked_drops": 300,
    "loadouts": 20, "player_files": 318000,
    "players": 1000, "characters": 6000, "heroes": 900, "assets": 1200, "inventory": 77000, "universal_assets": 13,
    "orders": 90800, "leaderboards": 4470, "leaderboard_resets": 117,
}  # fmt: skip


@cache
def schema() -> str:
    """Every table, as SQL."""
    return Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")


@cache
def schema_version() -> int:
    """A number that is another one whenever the tables are."""
    return crc32(" ".join(schema().split()).encode()) & 0x7FFFFFFF


class Transaction:
    """What happens inside happens as a whole or not at all.

    Args:
        store: Where it happens.
        undone: What is called where something that was written is undone.
    """

    def __init__(self, store: Store, undone: Callable[[], None] | None = None) -> None:
        self._store = store
        self._undone = undone
        self._is_outer = False

    def __enter__(self) -> None:
        self._is_outer = self._store.begin()

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        store = self._store
        undone = store.undone
        try:
            if self._is_outer:
                store.end(keep=kind is None)
        finally:
            if self._undone is not None and (store.undone != undone or (kind is not None and store.is_writing)):
                self._undone()


class Store:
    """One SQLite database with the emulator's schema.

    Args:
        state: `:memory:`, or the file to keep the state in.

    Raises:
        ValueError: The file is another emulator's, by its version or because that one is running, or no state at all.
    """

    def __init__(self, state: str | Path = ":memory:") -> None:
        # There is nobody to wait for: whoever has the file keeps it for good.
        self._connection = sqlite3.connect(state, isolation_level=None, timeout=0)
        self._connection.row_factory = sqlite3.Row
        self._is_open = False
        self.undone: int = 0
        """How many transactions were undone after they had written something."""
        try:
            self._prepare()
        except BaseException:  # whatever went wrong, the file must not stay open
            self._connection.close()
            raise

    def _prepare(self) -> None:
        try:
            self._check()
            # A write that was acknowledged is in the hands of the operating system: it survives a kill of this process.
            # The file stays whole over a loss of power too, but the latest writes may be gone then.
            # One process has the file, as what it keeps beside it (such as rankings) would not see another's writes.
            # In memory, SQLite looks through all its pages whenever one was split: fewer of them, and fewer splits.
            for pragma in (
                "page_size = 8192",
                "locking_mode = EXCLUSIVE",
                "journal_mode = WAL",
                "synchronous = NORMAL",
                "foreign_keys = ON",
            ):
                self._connection.execute(f"PRAGMA {pragma}").fetchall()
            if not self._pragma("application_id"):
                self._create()
            self.execute("UPDATE meta SET value = value + 1 WHERE key = 'openings'")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise ValueError("another emulator is running on it") from error
            raise

    def _check(self) -> None:
        application, version = self._pragma("application_id"), self._pragma("user_version")
        if application not in {0, _APPLICATION} or (
            not application and self.count("SELECT count(*) FROM sqlite_master")
        ):
            raise ValueError("it is a database of something else")
        if application and version != schema_version():
            raise ValueError(
                f"it has the tables of another version of the emulator ({version:08x}, while this one has "
                f"{schema_version():08x}); that version can --export the game, and this one --seed it"
            )

    def _create(self) -> None:
        firsts = ", ".join(f"('{table}', {first})" for table, first in _FIRST_IDS.items())
        self._connection.executescript(
            f"BEGIN; {schema()} INSERT INTO sqlite_sequence (name, seq) VALUES {firsts};"  # nosec B608  # the module's own names; values are bound
            f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {schema_version()}; COMMIT;"
        )

    def _pragma(self, name: str) -> int:
        return self.count(f"PRAGMA {name}")

    def close(self) -> None:
        """Closes the database."""
        self._connection.close()

    @property
    def changes(self) -> int:
        """How many rows were changed since it was opened; whoever keeps this number sees whether it grew."""
        return self._connection.total_changes

    @property
    def openings(self) -> int:
        """How often this state was opened, this time included."""
        return self.count("SELECT value FROM meta WHERE key = 'openings'")

    def kept(self, key: str) -> Value:
        """Something that is kept beside the game, or None."""
        row = self.row("SELECT value FROM meta WHERE key = ?", key)
        return None if row is None else row[0]

    def keep(self, key: str, value: Value) -> None:
        """Keeps something beside the game."""
        self.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def clear(self) -> None:
        """Empties every table of the game; ids begin anew."""
        with self.transaction():
            self.execute("PRAGMA defer_foreign_keys = ON")
            tables = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            for (table,) in tables:
                if table not in _KEPT_TABLES:
                    self.execute(f"DELETE FROM {table}")  # nosec B608  # the module's own names; values are bound
            self.execute("DELETE FROM sqlite_sequence")
            self.insert_many("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", list(_FIRST_IDS.items()))

    def transaction(self) -> Transaction:
        """Everything inside happens, or nothing; an inner transaction is part of the outer one."""
        return Transaction(self)

    def begin(self) -> bool:
        """Begins a transaction.

        Returns:
            Whether it is the outer one, which has to be ended.
        """
        if self._is_open:
            return False
        self._is_open = True
        return True

    def end(self, *, keep: bool) -> None:
        """Ends the outer transaction.

        Args:
            keep: Whether what was written stays.
        """
        self._is_open = False
        if not self._connection.in_transaction:
            return
        try:
            if keep:
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:  # half of it must not stay, nor what could not be committed
                self.undone += 1
                self._connection.execute("ROLLBACK")

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is under way that has written something."""
        return self._connection.in_transaction

    def _writing(self) -> sqlite3.Connection:
        # A transaction begins with its first write, so that calls which only read cost none.
        if self._is_open and not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def execute(self, statement: str, *values: Value) -> int:
        """Executes a statement.

        Returns:
            How many rows it changed.
        """
        return self._writing().execute(statement, values).rowcount

    def insert(self, statement: str, *values: Value) -> int:
        """Inserts a row.

        Returns:
            Its id.
        """
        row_id = self._writing().execute(statement, values).lastrowid
        if row_id is None:
            raise ValueError("the statement inserted no row")
        return row_id

    def insert_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Executes a statement for many rows, in one transaction."""
        with self.transaction():
            self._writing().executemany(statement, rows)

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
