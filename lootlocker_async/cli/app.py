"""The commands of `lootlocker` and their options."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from lootlocker_async import __version__
from lootlocker_async.cli import EMULATOR_NEEDS

__all__ = ["app"]

app: typer.Typer = typer.Typer(
    name="lootlocker",
    help="Try the LootLocker SDK on your own machine: no account, no key, no network.",
    no_args_is_help=True,
    add_completion=False,
    # Its tracebacks would show local variables.
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if wanted:
        typer.echo(f"lootlocker-async {__version__}")
        raise typer.Exit


def _need_emulator() -> None:
    """Fail now rather than in the middle: the emulator loads each of its libraries when it first needs it."""
    for module in EMULATOR_NEEDS:
        import_module(module)


@app.callback()
def lootlocker(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Try the LootLocker SDK on your own machine: no account, no key, no network."""
    del version  # its callback has done the work


@app.command()
def demo(
    *,
    faults: Annotated[
        bool, typer.Option("--faults", help="Let the emulator misbehave, and come to the same end.")
    ] = False,
    scores: Annotated[int, typer.Option(min=1, help="How many scores the long board has.")] = 20_000,
    players: Annotated[int, typer.Option(min=1, help="How many players have inventories, and play.")] = 500,
    seed: Annotated[int, typer.Option(help="What the game, the plan and the faults depend on.")] = 1,
) -> None:
    """Play a generated game on an emulator of its own, and check every outcome.

    Submits and increments scores, grants items, pages through the whole board, reads ranks and inventories. Ends with
    0 only when the game has come out as planned.
    """
    _need_emulator()
    from lootlocker_async.cli.demo import Options, run

    if not run(Options(faults=faults, scores=scores, players=players, seed=seed)):
        raise typer.Exit(1)


@app.command()
def emulator(
    *,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for a free one.")] = 8787,
    state: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The file to keep the game in; in memory without it.")
    ] = None,
    server_key_env: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The environment variable with the server key to take; a fixed one without."),
    ] = None,
    players: Annotated[int, typer.Option(min=0, help="Generate a game: so many players with inventories.")] = 0,
    scores: Annotated[int, typer.Option(min=0, help="Generate a game: so many scores on its long board.")] = 0,
    seed: Annotated[int, typer.Option(help="What a generated game depends on.")] = 1,
) -> None:
    """Run an emulator of the Server API until Ctrl-C or SIGTERM."""
    _need_emulator()
    from lootlocker_async.cli.emulator import Setup, serve

    serve(
        Setup(
            host=host,
            port=port,
            state=state,
            server_key_env=server_key_env,
            players=players,
            scores=scores,
            seed=seed,
        )
    )
