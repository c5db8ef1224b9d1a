"""`lootlocker inventory`: what players own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lootlocker_async.cli.connection import run
from lootlocker_async.cli.export import Concurrency, Field, Ids, Restart, ToExport, export
from lootlocker_async.cli.output import AsJson, AsJsonl, Column, Output, ToFile

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient
    from lootlocker_async.models.inventories import InventoryItem

__all__ = ["app"]

app: typer.Typer = typer.Typer(no_args_is_help=True)

_ITEMS = (
    Column("instance", lambda _, item: str(item.instance_id), is_number=True),
    Column("asset", lambda _, item: item.asset and str(item.asset.id), is_number=True),
    Column("name", lambda _, item: item.asset and item.asset.name),
    Column("variation", lambda _, item: item.variation_id and str(item.variation_id), is_number=True),
    Column("source", lambda _, item: item.acquisition_source),
    Column("rented", lambda _, item: bool(item.rental and item.rental.is_rental)),
)


@app.command()
def show(
    context: typer.Context,
    player_id: Annotated[int, typer.Argument(metavar="PLAYER", help="The player's numeric id.")],
    *,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
    output: ToFile = None,
) -> None:
    """Show what a player owns."""
    from lootlocker_async.bulk import JOBS

    out = Output(as_json, as_jsonl, output)

    async def work(client: LootLockerClient) -> list[InventoryItem]:
        return await client.inventories.list_for_player(player_id).collect()

    rows = [(player_id, item) for item in run(context, work)]
    title = f"Inventory of player {player_id}"
    out.rows(rows, JOBS["inventories"], _ITEMS, title=title, nothing=f"Player {player_id} owns nothing.")


@app.command("export")
def export_inventories(
    context: typer.Context,
    player_ids: Annotated[list[int] | None, typer.Argument(metavar="[PLAYER]...", help="Numeric ids.")] = None,
    *,
    ids: Ids = None,
    output: ToExport,
    field: Field = None,
    concurrency: Concurrency = 64,
    restart: Restart = False,
) -> None:
    """Write what many players own to a file; an interrupted export goes on where it was."""
    words = ["inventory", "export", *map(str, player_ids or ())]
    export(
        context, "inventories", output, words=words, ids=player_ids or None, file=ids, field=field,
        concurrency=concurrency, restart=restart,
    )  # fmt: skip
