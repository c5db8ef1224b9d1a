"""What a command prints: tables for people, JSON for programs, files by their ending."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import attrs
import msgspec
import typer

from lootlocker_async.cli.connection import fail, printable
from lootlocker_async.errors import LootLockerError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from lootlocker_async.bulk import Job
    from lootlocker_async.bulk.rows import Row

__all__ = ["AsJson", "AsJsonl", "Column", "Output", "ToFile", "check_ending", "console", "shown", "table"]

_PANEL = "Output"
_WIDE = 200

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.", rich_help_panel=_PANEL)]
AsJsonl = Annotated[bool, typer.Option("--jsonl", help="Print a line of JSON for each row.", rich_help_panel=_PANEL)]
ToFile = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        dir_okay=False,
        help="Write the rows to a file that ends in .jsonl, .csv or .parquet.",
        rich_help_panel=_PANEL,
    ),
]


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: Its heading.
        value: What stands in it, of the id and the model of a row.
        is_number: Whether it's a number, which stands to the right.
    """

    title: str
    value: Callable[[Any, Any], object]
    is_number: bool = False


@attrs.frozen
class Output:
    """How a command was asked to print."""

    as_json: bool = False
    as_jsonl: bool = False
    path: Path | None = None

    def __attrs_post_init__(self) -> None:
        if sum((self.as_json, self.as_jsonl, self.path is not None)) > 1:
            raise typer.BadParameter("give one of --json, --jsonl and --output, not several")
        if self.path is not None:
            check_ending(self.path)

    def rows(
        self, rows: Sequence[Row[Any]], job: Job[Any], columns: Sequence[Column], *, title: str, nothing: str
    ) -> None:
        """Print rows.

        Args:
            rows: Each with the id that it belongs to.
            job: What the rows are.
            columns: The table's columns.
            title: The table's title.
            nothing: What to say to people where there are none.
        """
        from lootlocker_async.bulk.rows import line_writer

        if self.path is not None:
            _write(self.path, job, rows)
            typer.echo(f"{len(rows):,} rows were written to {self.path}.", err=True)
        elif self.as_json or self.as_jsonl:
            line = line_writer(job)
            lines = [line(id_, item).decode() for id_, item in rows]
            typer.echo(
                _indented(f"[{','.join(lines)}]") if self.as_json else "\n".join(lines), nl=bool(lines or self.as_json)
            )
        elif rows:
            made = table(title, columns)
            for id_, item in rows:
                made.add_row(*(shown(column.value(id_, item)) for column in columns))
            console().print(made)
        else:
            typer.echo(nothing)

    def one(self, item: object, told: Callable[[], str]) -> None:
        """Print one thing.

        Args:
            item: A model, or plain data.
            told: Gives it in words, for people.
        """
        from lootlocker_async.core.serde import encode_json

        if self.as_json or self.as_jsonl:
            text = encode_json(item).decode()
            typer.echo(_indented(text) if self.as_json else text)
        else:
            typer.echo(printable(told()))


def check_ending(path: Path) -> None:
    """See before any call that a file can be written by its ending.

    Args:
        path: The file.
    """
    ending = path.suffix.lower()
    if ending not in {".jsonl", ".csv", ".parquet"}:
        raise typer.BadParameter(f"{path.name} should end in .jsonl, .csv or .parquet", param_hint="'--output'")
    if ending != ".jsonl":
        import_module("lootlocker_async.bulk.arrow")  # which says what to install where its library is missing


def _write(path: Path, job: Job[Any], rows: Sequence[Row[Any]]) -> None:
    """Write a file: the whole of it, or nothing."""
    from lootlocker_async.bulk.files import claim
    from lootlocker_async.bulk.sinks import open_sink
    from lootlocker_async.errors import ConfigurationError

    try:
        with claim(path):
            sink = open_sink(path, job, None)
            try:
                sink.write(rows)
                sink.commit()
                sink.finish()
            finally:
                sink.close()
    except OSError as error:
        fail(ConfigurationError(f"{path} can't be written: {error.strerror or error}"))
    except LootLockerError as error:
        fail(error)


def _indented(text: str) -> str:
    return msgspec.json.format(text, indent=2)


def console() -> Console:
    """The console for tables: as wide as the terminal, and wide enough where the output goes elsewhere."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def table(title: str, columns: Sequence[Column]) -> Table:
    """An empty table of the house.

    Args:
        title: What it shows.
        columns: Its columns.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=Text(printable(title), style="bold"), title_justify="left", box=box.SIMPLE_HEAD, header_style="cyan"
    )
    for column in columns:
        made.add_column(column.title, justify="right" if column.is_number else "left", overflow="fold")
    return made


def shown(value: object) -> Any:  # noqa: ANN401  (one of rich's renderables)
    """A value as it stands in a table."""
    from datetime import datetime

    from rich.text import Text

    if value is None or value == "":
        return Text("-", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, int):
        return Text(f"{value:,}")
    if isinstance(value, datetime):
        return Text(f"{value:%Y-%m-%d %H:%M:%S %Z}")
    return Text(printable(str(value)))
