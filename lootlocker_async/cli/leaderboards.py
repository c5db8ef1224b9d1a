"""`lootlocker leaderboards`: boards and their scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lootlocker_async.cli.connection import run
from lootlocker_async.cli.export import Concurrency, Restart, export
from lootlocker_async.cli.output import AsJson, AsJsonl, Column, Output, ToFile

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient
    from lootlocker_async.models.leaderboards import Leaderboard, LeaderboardScore

__all__ = ["app"]

app: typer.Typer = typer.Typer(no_args_is_help=True)

_PAGE = 2000
Key = Annotated[str, typer.Argument(metavar="KEY", help="The leaderboard's key, or its numeric id.")]

_BOARDS = (
    Column("key", lambda _, board: board.key),
    Column("name", lambda _, board: board.name),
    Column("type", lambda _, board: board.type),
    Column("first is", lambda _, board: "the lowest" if board.direction_method == "ascending" else "the highest"),
    Column("next reset", lambda _, board: board.schedule and board.schedule.next_run),
    Column("rewards", lambda _, board: len(board.rewards), is_number=True),
    Column("id", lambda _, board: str(board.id), is_number=True),
)
_SCORES = (
    Column("rank", lambda _, entry: entry.rank, is_number=True),
    Column("score", lambda _, entry: entry.score, is_number=True),
    Column("member", lambda _, entry: entry.member_id),
    Column("player", lambda _, entry: entry.player and entry.player.name),
    Column("metadata", lambda _, entry: entry.metadata),
)


@app.command("list")
def list_boards(
    context: typer.Context,
    *,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
    output: ToFile = None,
) -> None:
    """List the game's leaderboards."""
    from lootlocker_async.bulk import Job

    out = Output(as_json, as_jsonl, output)

    async def work(client: LootLockerClient) -> list[Leaderboard]:
        return await client.leaderboards.list().collect()

    job = Job["Leaderboard"](
        name="leaderboards", about="Leaderboards.", id_type=int, id_column="id", model="leaderboards:Leaderboard"
    )
    rows = [(board.id, board) for board in run(context, work)]
    out.rows(rows, job, _BOARDS, title="Leaderboards", nothing="The game has no leaderboards.")


@app.command()
def top(
    context: typer.Context,
    key: Key,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many entries.")] = 10,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
    output: ToFile = None,
) -> None:
    """Show the entries of a leaderboard, from the first rank on."""
    from lootlocker_async.bulk import JOBS
    from lootlocker_async.cli.progress import Bar

    out = Output(as_json, as_jsonl, output)

    async def work(client: LootLockerClient) -> list[LeaderboardScore]:
        found: list[LeaderboardScore] = []
        paging = client.leaderboards.list_scores(
            key, limit=limit, page_size=min(limit, _PAGE), concurrency=8 if limit > _PAGE else 1
        )
        with Bar(f"Reading {key}", "scores") as bar:
            async for page in paging.pages():
                found.extend(page)
                bar.count(len(found), limit if page.total is None else min(limit, page.total))
        return found

    rows = [(key, entry) for entry in run(context, work)]
    out.rows(rows, JOBS["scores"], _SCORES, title=f"Top of {key}", nothing=f"Nobody is on {key}.")


@app.command("export")
def export_scores(
    context: typer.Context,
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="The leaderboards' keys.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .jsonl, .csv or .parquet file.")],
    concurrency: Concurrency = 64,
    restart: Restart = False,
) -> None:
    """Write every entry of leaderboards to a file; an interrupted export goes on where it was."""
    export(
        context, "scores", output, ids=keys, words=["leaderboards", "export", *keys], concurrency=concurrency,
        restart=restart,
    )  # fmt: skip


@app.command()
def submit(
    context: typer.Context,
    key: Key,
    *,
    member: Annotated[str, typer.Option(metavar="ID", help="Whose score: a player's id, or any text the game chose.")],
    score: Annotated[int, typer.Option(help="The score.")],
    metadata: Annotated[str | None, typer.Option(help="Text to keep with the entry.")] = None,
    as_json: AsJson = False,
) -> None:
    """Submit a score. It is safe to repeat: a member has one entry, and the same score leaves it as it stands."""
    out = Output(as_json)

    async def work(client: LootLockerClient) -> LeaderboardScore:
        return await client.leaderboards.submit_score(key, member_id=member, score=score, metadata=metadata)

    entry = run(context, work)
    out.one(entry, lambda: f"{entry.member_id} has {entry.score:,} on {key}: rank {entry.rank:,}")
