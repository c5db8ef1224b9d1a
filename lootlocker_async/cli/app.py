"""The command `lootlocker`: its groups of commands, and the options before them.

Each group is a file of its own that imports no more than typer until one of its commands runs, so that `--help` and
completion stay quick.
"""

from __future__ import annotations

from typing import Annotated

import typer

from lootlocker_async import __version__
from lootlocker_async.cli import (
    bulk as bulk_commands,
    call as call_command,
    doctor as doctor_command,
    exits,
    inventory,
    leaderboards,
    local,
    players,
)
from lootlocker_async.cli.connection import Connection

__all__ = ["app"]

_ACCOUNT = "With your server key"
_LOCAL = "On your own machine: no account, no key, no network"
_HELP = """\
Work with the LootLocker Server API, or try the SDK on your own machine.

The server key comes from the environment (LOOTLOCKER_SERVER_KEY) or from a profile, and never stands on the command
line. The options below come before the command: `lootlocker --profile live leaderboards list`.
"""

app: typer.Typer = typer.Typer(
    name="lootlocker",
    help=_HELP,
    epilog=exits.HELP,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    # Its tracebacks would show local variables.
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if wanted:
        typer.echo(f"lootlocker-async {__version__}")
        raise typer.Exit


def _profiles(incomplete: str) -> list[str]:
    from lootlocker_async.cli.profiles import profile_names

    return [name for name in profile_names() if name.startswith(incomplete)]


@app.callback()
def lootlocker(
    context: typer.Context,
    *,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="LOOTLOCKER_PROFILE",
            help="Take the settings from this profile of the configuration file, and none from LOOTLOCKER_*.",
            autocompletion=_profiles,
        ),
    ] = None,
    server_key_env: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The environment variable with the server key: LOOTLOCKER_SERVER_KEY."),
    ] = None,
    domain_key: Annotated[
        str | None, typer.Option(metavar="LABEL", help="The game's domain key, which is part of its address.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The whole base address instead, such as an emulator's.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="How long a call may take in all: 30.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="How often a call may be sent again where that is safe: 4.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """The options before the command; `_HELP` is what is shown."""
    del version  # its callback has done the work
    context.obj = Connection(
        profile=profile,
        server_key_env=server_key_env,
        domain_key=domain_key,
        base_url=base_url,
        timeout=timeout,
        retries=retries,
    )


app.command("doctor", rich_help_panel=_ACCOUNT)(doctor_command.doctor)
for _name, _group, _about in (
    ("leaderboards", leaderboards.app, "List boards, show their top, export and submit scores."),
    ("inventory", inventory.app, "Show what a player owns, export what many own."),
    ("players", players.players, "Look up players' names and ids."),
    ("wallet", players.wallet, "Show what a wallet holds."),
    ("progressions", players.progressions, "Show how far a player has come."),
    ("storage", players.storage, "Show and set what a player has stored."),
    ("bulk", bulk_commands.app, "Export the rows of many ids, resumably."),
):
    app.add_typer(_group, name=_name, help=_about, rich_help_panel=_ACCOUNT)
app.command("call", rich_help_panel=_ACCOUNT)(call_command.call)
app.command("demo", rich_help_panel=_LOCAL)(local.demo)
app.command("emulator", rich_help_panel=_LOCAL)(local.emulator)
