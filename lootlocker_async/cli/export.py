"""Export jobs as commands: ids from a file or stdin, a bar, and how to go on after Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lootlocker_async.cli.connection import connection_of, fail, interrupted, run
from lootlocker_async.cli.exits import ExitCode
from lootlocker_async.cli.output import check_ending
from lootlocker_async.errors import ConfigurationError

if TYPE_CHECKING:
    from lootlocker_async.bulk import ExportReport, Key, Progress
    from lootlocker_async.client import LootLockerClient

__all__ = ["Concurrency", "Field", "Ids", "Restart", "ToExport", "export"]

_PANEL = "Export"
STDIN = "-"
_SPOOLED = ".ids"

Concurrency = Annotated[
    int, typer.Option(min=1, max=10_000, help="Calls under way at a time, at most.", rich_help_panel=_PANEL)
]
Restart = Annotated[
    bool,
    typer.Option("--restart", help="Begin anew where an interrupted export was left.", rich_help_panel=_PANEL),
]
Ids = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="The ids: a .csv with a header, a .jsonl, or any file with one id on each line; - for stdin.",
    ),
]
Field = Annotated[
    str | None, typer.Option(help="The column or field that holds the ids: the first column and `id` without.")
]
ToExport = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .jsonl, .csv or .parquet file.")]


def export(
    context: typer.Context,
    job: str,
    output: Path,
    *,
    words: Sequence[str],
    ids: Sequence[Key] | None = None,
    file: str | None = None,
    field: str | None = None,
    concurrency: int = 64,
    restart: bool = False,
) -> None:
    """Run an export job, and end the command with 1 where ids failed.

    Args:
        context: The command's context.
        job: The job's name.
        output: The file to write.
        words: The command and its arguments, without ids from a file and without the options of this function.
        ids: The ids, or None where they are in a file.
        file: The file with the ids, or `-` for stdin.
        field: The column or field of it.
        concurrency: Calls under way at a time.
        restart: Whether to begin anew.
    """
    from lootlocker_async import bulk
    from lootlocker_async.cli.progress import Bar

    if (ids is None) is (file is None):
        raise typer.BadParameter("give the ids either as arguments or by --ids")
    check_ending(output)
    if job not in bulk.JOBS:
        fail(ConfigurationError(f"there is no bulk job {job!r}, only {', '.join(sorted(bulk.JOBS))}"))
    kind = bulk.JOBS[job].id_type
    spooled = _spool(output) if file == STDIN else None
    source = str(spooled) if spooled is not None else file
    bar = Bar(f"Exporting {job}", "rows" if bulk.JOBS[job].walk else "ids")

    def watch(progress: Progress) -> None:
        bar.watch(progress)

    async def work(client: LootLockerClient) -> ExportReport:
        coming: Any = ids
        total = None
        if source is not None:
            # It is cheap beside the calls, it finds a bad line before any of them, and a bar needs the number.
            total = await _count(_read(source, kind, field))
            coming = _read(source, kind, field)
        with bar:
            return await bulk.export(
                client, job, coming, output, concurrency=concurrency, progress=watch, total=total, restart=restart
            )

    def go_on() -> list[str]:
        told = ["lootlocker", *connection_of(context).words(), *words]
        told += ["--ids", source] if source is not None else []
        told += ["--field", field] if field is not None else []
        told += ["--concurrency", str(concurrency)] if concurrency != 64 else []
        return [*told, "--output", str(output)]

    report = run(context, work, go_on=go_on)
    if spooled is not None:
        spooled.unlink(missing_ok=True)
    _tell(report)


def _read(file: str, kind: type[int | str], field: str | None) -> AsyncIterator[Key]:
    from lootlocker_async.bulk import read_ids

    return read_ids(file, int, field=field) if kind is int else read_ids(file, str, field=field)


async def _count(ids: AsyncIterator[object]) -> int:
    count = 0
    async for _ in ids:
        count += 1
    return count


def _spool(output: Path) -> Path:
    """Keep the ids that come on stdin in a file beside the output: whoever goes on needs them again."""
    path = output.with_name(output.name + _SPOOLED)
    try:
        path.write_bytes(sys.stdin.buffer.read())
    except KeyboardInterrupt:
        path.unlink(missing_ok=True)
        interrupted()
    except OSError as error:
        fail(ConfigurationError(f"the ids of stdin can't be kept in {path}: {error.strerror or error}"))
    return path


def _tell(report: ExportReport) -> None:
    gone_on = ", going on from an earlier run" if report.resumed else ""
    typer.echo(
        f"{report.rows:,} rows of {report.ids:,} ids were written to {report.path} in {report.seconds:.1f} s{gone_on}.",
        err=True,
    )
    if report.failed:
        typer.echo(f"{report.failed:,} ids failed: {report.errors} says which and why.", err=True)
        raise typer.Exit(ExitCode.FAILED)
