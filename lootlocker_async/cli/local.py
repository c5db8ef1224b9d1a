"""`lootlocker demo` and `lootlocker emulator`: what needs no account, and the extra `emulator`."""

from __future__ import annotations

from importlib import import_module
from math import inf
from pathlib import Path
from typing import Annotated

import typer

from lootlocker_async.cli import EMULATOR_NEEDS

__all__ = ["demo", "emulator"]


def _need_emulator() -> None:
    """Fail now rather than in the middle: the emulator loads each of its libraries when it first needs it."""
    for module in EMULATOR_NEEDS:
        import_module(module)


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

    Submits and increments scores, grants, sells and opens items, credits and debits wallets, adds points to
    progressions, keeps files and metadata, pages through the whole board, reads ranks and inventories. Ends with 0 only
    when the game has come out as planned.
    """
    _need_emulator()
    from lootlocker_async.cli.demo import Options, run

    if not run(Options(faults=faults, scores=scores, players=players, seed=seed)):
        raise typer.Exit(1)


def emulator(
    *,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for a free one.")] = 8787,
    state: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The file to keep the game in; in memory without it.")
    ] = None,
    seed: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The world to begin a new game with: JSON, or YAML.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Where to write the game when the emulator stops, for another --seed."),
    ] = None,
    is_served: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Listen; or only make the game, and export it.")
    ] = True,
    server_key_env: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The environment variable with the server key to take; a fixed one without."),
    ] = None,
    admin_key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", envvar="LOOTLOCKER_EMULATOR_ADMIN_KEY", help="The admin API's key; a new one without."
        ),
    ] = None,
    clock: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="The time to begin at, as RFC 3339 has it, or `now`; as the state without."),
    ] = None,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Let time stand still until the admin API moves it.")
    ] = False,
    rate_limit: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="Let through so many calls a second, and answer 429 beyond.")
    ] = None,
    burst: Annotated[int, typer.Option(min=1, help="How many calls a rate limit lets through at once.")] = 1,
    players: Annotated[int, typer.Option(min=0, help="Generate a game: so many players with inventories.")] = 0,
    scores: Annotated[int, typer.Option(min=0, help="Generate a game: so many scores on its long board.")] = 0,
    number: Annotated[int, typer.Option("--random-seed", help="What a generated game depends on.")] = 1,
) -> None:
    """Run an emulator of the Server API until Ctrl-C or SIGTERM."""
    _need_emulator()
    if seed is not None and (players or scores):
        raise typer.BadParameter("a game is either loaded or generated", param_hint="'--seed'")
    if rate_limit is not None and not 0 < rate_limit < inf:
        raise typer.BadParameter("it is a number of calls above 0", param_hint="'--rate-limit'")
    from lootlocker_async.cli.emulator import Setup, serve

    serve(
        Setup(
            host=host,
            port=port,
            is_served=is_served,
            state=state,
            seed=seed,
            export=export,
            server_key_env=server_key_env,
            admin_key=admin_key,
            clock=clock,
            frozen=frozen,
            rate_limit=rate_limit,
            burst=burst,
            players=players,
            scores=scores,
            number=number,
        )
    )
