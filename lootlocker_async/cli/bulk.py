"""`lootlocker bulk`: the ready-made export jobs over many ids."""

from __future__ import annotations

from typing import Annotated

import typer

from lootlocker_async.cli.export import Concurrency, Field, Ids, Restart, ToExport, export
from lootlocker_async.cli.output import AsJson, AsJsonl, Column, Output, console, shown, table

__all__ = ["app"]

app: typer.Typer = typer.Typer(no_args_is_help=True)

_JOBS = (
    Column("job", lambda _, job: job.name),
    Column("an id is", lambda _, job: f"{job.id_column} ({'a number' if job.id_type is int else 'text'})"),
    Column("ids in a call", lambda _, job: "page by page" if job.walk else job.at_once, is_number=True),
    Column("rows", lambda _, job: job.about),
)


def _names(incomplete: str) -> list[str]:
    from lootlocker_async.bulk import JOBS

    return [name for name in JOBS if name.startswith(incomplete)]


@app.command("list")
def list_jobs(*, as_json: AsJson = False, as_jsonl: AsJsonl = False) -> None:
    """List the jobs that `bulk run` knows."""
    from lootlocker_async.bulk import JOBS

    out = Output(as_json, as_jsonl)
    if out.as_json or out.as_jsonl:
        plain = [
            {"job": job.name, "id_column": job.id_column, "id_type": job.id_type.__name__, "about": job.about}
            for job in JOBS.values()
        ]
        for item in plain if out.as_jsonl else [plain]:
            out.one(item, str)
        return
    made = table("Export jobs", _JOBS)
    for job in JOBS.values():
        made.add_row(*(shown(column.value(None, job)) for column in _JOBS))
    console().print(made)


@app.command("run")
def run_job(
    context: typer.Context,
    job: Annotated[str, typer.Argument(metavar="JOB", help="One of `bulk list`.", autocompletion=_names)],
    *,
    ids: Ids = None,
    output: ToExport,
    field: Field = None,
    concurrency: Concurrency = 64,
    restart: Restart = False,
) -> None:
    """Fetch the rows of many ids into a file; an interrupted run goes on where it was.

    Ids that fail for a reason of their own are put down in FILE.errors.jsonl, and the command ends with 1.
    """
    export(
        context,
        job,
        output,
        words=["bulk", "run", job],
        file=ids,
        field=field,
        concurrency=concurrency,
        restart=restart,
    )
