"""`lootlocker doctor`: whether everything is in place, and what to do where it isn't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lootlocker_async.cli.connection import connection_of, interrupted, printable, run
from lootlocker_async.cli.exits import ExitCode, code_of
from lootlocker_async.cli.output import AsJson, Output, console
from lootlocker_async.errors import ResponseDecodeError

if TYPE_CHECKING:
    from lootlocker_async.cli.checks import Check
    from lootlocker_async.cli.drift import Looked
    from lootlocker_async.client import LootLockerClient

__all__ = ["doctor"]

_IDS = "Ids for --drift; others are learned from the answers"
_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red", "info": "dim"}
_STATES = {"same": "green", "differs": "bold yellow", "failed": "bold red", "empty": "dim", "not tried": "dim"}
_FAILED_STATES = frozenset({"differs", "failed"})


def doctor(
    context: typer.Context,
    *,
    drift: Annotated[
        bool, typer.Option("--drift", help="Call the read-only operations, and tell where answers differ from ours.")
    ] = False,
    page_size: Annotated[int, typer.Option(min=1, max=100, help="With --drift: how many items of each list.")] = 5,
    leaderboard: Annotated[str | None, typer.Option(metavar="KEY", rich_help_panel=_IDS)] = None,
    progression: Annotated[str | None, typer.Option(metavar="KEY", rich_help_panel=_IDS)] = None,
    catalog: Annotated[str | None, typer.Option(metavar="KEY", rich_help_panel=_IDS)] = None,
    player_id: Annotated[int | None, typer.Option(metavar="ID", rich_help_panel=_IDS)] = None,
    player_ulid: Annotated[str | None, typer.Option(metavar="ULID", rich_help_panel=_IDS)] = None,
    character_id: Annotated[int | None, typer.Option(metavar="ID", rich_help_panel=_IDS)] = None,
    hero_id: Annotated[int | None, typer.Option(metavar="ID", rich_help_panel=_IDS)] = None,
    asset_instance_id: Annotated[int | None, typer.Option(metavar="ID", rich_help_panel=_IDS)] = None,
    loot_box_id: Annotated[
        int | None, typer.Option(metavar="ID", help="An asset instance that is a loot box.", rich_help_panel=_IDS)
    ] = None,
    purchase_id: Annotated[str | None, typer.Option(metavar="ID", rich_help_panel=_IDS)] = None,
    as_json: AsJson = False,
) -> None:
    """Check key, clock, reachability, latency, versions and proxy, and say what to do.

    With --drift, call every read-only operation that an id is known for, and tell section by section where the
    service's answers differ from this SDK's models: unknown, missing and retyped fields, dates, and how lists page.
    Only names and shapes are printed, never what a field holds. It ends with 1 where something differs.
    """
    from lootlocker_async.cli.checks import check

    out = Output(as_json)
    try:
        checks, failure = check(connection_of(context))
    except KeyboardInterrupt:
        interrupted()
    # An answer that can't be read is what --drift is for.
    if not drift or not (failure is None or isinstance(failure, ResponseDecodeError)):
        _print(out, checks, None)
        raise typer.Exit(ExitCode.OK if failure is None else code_of(failure))
    given = {
        "leaderboard_key": leaderboard,
        "progression_key": progression,
        "catalog_key": catalog,
        "player_id": player_id,
        "player_ulid": player_ulid,
        "character_id": character_id,
        "hero_id": hero_id,
        "asset_instance_id": asset_instance_id,
        "loot_box_id": loot_box_id,
        "purchase_id": purchase_id,
    }
    looked = _look(context, {name: value for name, value in given.items() if value is not None}, page_size)
    _print(out, checks, looked)
    raise typer.Exit(ExitCode.FAILED if any(one.state in _FAILED_STATES for one in looked) else ExitCode.OK)


def _look(context: typer.Context, given: dict[str, Any], size: int) -> list[Looked]:
    async def work(client: LootLockerClient) -> list[Looked]:
        from lootlocker_async.cli.drift import look

        return await look(client, given, size=size)

    return run(context, work, drift="always")


def _print(out: Output, checks: list[Check], looked: list[Looked] | None) -> None:
    if out.as_json:
        told: dict[str, Any] = {"checks": [check._asdict() for check in checks]}
        if looked is not None:
            told["drift"] = [
                one._asdict() | {"differences": [it._asdict() for it in one.differences]} for one in looked
            ]
        out.one(told, str)
        return
    from rich.text import Text

    screen = console()
    for check in checks:
        screen.print(Text.assemble(
            (f"{check.state:<8}", _STYLES[check.state]), f" {check.name:<13} ", printable(check.told)
        ))  # fmt: skip
        if check.advice:
            screen.print(Text(f"{'':<23}{printable(check.advice)}", style="bold"))
    section = ""
    for one in looked or ():
        if one.section != section:
            section = one.section
            screen.print(Text(f"\n{section}", style="bold"))
        name = one.operation.removeprefix(f"{section}_")
        why = "; ".join(part for part in (one.paging, printable(one.told)) if part)
        screen.print(Text.assemble((f"  {one.state:<10}", _STATES[one.state]), f" {name:<24} ", (why, "dim")))
        for kind, where, found in one.differences:
            screen.print(Text(f"    {kind:<10} {where}: {printable(found)}"))
    if looked:
        counts = [f"{sum(one.state == state for one in looked)} {state}" for state in _STATES]
        screen.print(f"\n{', '.join(counts)}, of {len(looked)} operations that only read.")
