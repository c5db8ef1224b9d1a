"""`lootlocker emulator`: an emulator that runs until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from pathlib import Path

import attrs
import typer

from lootlocker_async.emulator import DEFAULT_KEY, Emulator
from lootlocker_async.errors import ConfigurationError

__all__ = ["Setup", "serve"]


@attrs.frozen(kw_only=True)
class Setup:
    """How the emulator is to run.

    Attributes:
        host: Where to listen.
        port: The port; 0 for a free one.
        state: The file to keep the game in, or None.
        server_key_env: The environment variable with the server key to take, or None for the fixed one.
        players: How many players of a generated game have inventories.
        scores: How many scores its long board has.
        seed: What it depends on.
    """

    host: str
    port: int
    state: Path | None
    server_key_env: str | None
    players: int
    scores: int
    seed: int


def serve(setup: Setup) -> None:
    """Run an emulator until Ctrl-C or SIGTERM.

    Args:
        setup: How.

    Raises:
        ConfigurationError: It can't be run so.
    """
    emulator = Emulator(
        host=setup.host, port=setup.port, state=setup.state or ":memory:", server_key=_server_key(setup)
    )
    try:
        game = _game(emulator, setup)
    except (ValueError, sqlite3.Error) as error:
        raise ConfigurationError(f"{setup.state} can't be used as the emulator's state: {error}") from error
    asyncio.run(_run(emulator, setup, game))


def _game(emulator: Emulator, setup: Setup) -> str:
    """Make the game up, if asked to; tell what there is."""
    # A restart goes on with the game that is there; its boards can't be made a second time.
    is_resumed = setup.state is not None and setup.state.exists() and setup.state.stat().st_size > 0
    world = emulator.world
    if is_resumed:
        return f"The game is the one in {setup.state}."
    if not setup.players and not setup.scores:
        return "The game is empty; --players and --scores generate one."
    made = world.generate(players=setup.players, scores=setup.scores, seed=setup.seed)
    return (
        f"The game has {len(made.board_keys)} leaderboards ({', '.join(made.board_keys)}) with {made.scores:,} scores, "
        f"and {len(made.inventory_players):,} players with {made.items:,} items."
    )


def _server_key(setup: Setup) -> str:
    if setup.server_key_env is None:
        return DEFAULT_KEY
    key = os.environ.get(setup.server_key_env)
    if not key:
        raise ConfigurationError(f"the environment variable {setup.server_key_env} is not set")
    return key


async def _run(emulator: Emulator, setup: Setup, game: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Where a loop can't take signals (Windows), Ctrl-C ends asyncio.run, which unwinds this function as well.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    try:
        await emulator.start()
    except OSError as error:
        raise ConfigurationError(f"the emulator can't listen: {error}") from error
    try:
        typer.echo(_greeting(emulator.base_url, setup, game))
        await stop.wait()
    finally:
        await emulator.stop()
    typer.echo(f"The emulator has stopped after {len(emulator.record):,} requests.")


def _greeting(base_url: str, setup: Setup, game: str) -> str:
    if setup.server_key_env is None:
        key = f'"{DEFAULT_KEY}"'
        remark = "The key is a fixed one for development and protects nothing."
    else:
        key = f'server_key_env="{setup.server_key_env}"'
        remark = f"The key is the one in {setup.server_key_env}."
    return f"""\
The LootLocker emulator listens at {base_url}
{game}

    from lootlocker_async import LootLockerClient
    async with LootLockerClient({key}, base_url="{base_url}") as client:
        print(await client.leaderboards.list())

{remark} Ctrl-C stops the emulator."""
