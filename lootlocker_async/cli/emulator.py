"""`lootlocker emulator`: an emulator that runs until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import signal
import sqlite3
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import attrs
import typer

from lootlocker_async.emulator import DEFAULT_KEY, Emulator
from lootlocker_async.emulator.clock import ClockState, rfc3339
from lootlocker_async.emulator.errors import require
from lootlocker_async.emulator.rate_limit import RateLimit
from lootlocker_async.emulator.seed_files import SeedError, is_yaml
from lootlocker_async.emulator.seeds import export, load, read, write
from lootlocker_async.errors import ConfigurationError

__all__ = ["Setup", "serve"]

_MADE = "made"
"""What a state keeps when its game was made, so that a restart doesn't make it again."""


@attrs.frozen(kw_only=True)
class Setup:
    """How the emulator is to run.

    Attributes:
        host: Where to listen.
        port: The port; 0 for a free one.
        is_served: Whether to listen at all.
        state: The file to keep the game in, or None.
        seed: The document that a new game is made from, or None.
        export: Where to write the game in the end, or None.
        server_key_env: The environment variable with the server key to take, or None for the fixed one.
        admin_key: The key of the admin API, or None for a new one.
        clock: The time to begin at: RFC 3339, or `now`; None for the state's own, or else the present.
        frozen: Whether time stands still.
        rate_limit: How many calls a second are let through, or None.
        burst: How many of them may come at once.
        players: How many players of a generated game have inventories.
        scores: How many scores its long board has.
        number: What it depends on.
    """

    host: str
    port: int
    is_served: bool
    state: Path | None
    seed: Path | None
    export: Path | None
    server_key_env: str | None
    admin_key: str | None
    clock: str | None
    frozen: bool
    rate_limit: float | None
    burst: int
    players: int
    scores: int
    number: int


def serve(setup: Setup) -> None:
    """Run an emulator until Ctrl-C or SIGTERM.

    Args:
        setup: How.

    Raises:
        ConfigurationError: It can't be run so, or its game can't be exported.
        EmulatorExtraMissingError: A library for it is missing.
    """
    _check_files(setup)
    admin_key = setup.admin_key or secrets.token_urlsafe(24)
    emulator = _emulator(setup, admin_key)
    _open(emulator, setup)
    try:
        _set_clock(emulator, setup)
        game = _game(emulator, setup)
    except BaseException:  # whatever went wrong, the state must not stay open
        emulator.game.close()
        raise
    if setup.is_served:
        asyncio.run(_run(emulator, setup, game, admin_key))
        return
    typer.echo(game)
    try:
        _export(emulator, setup)
    finally:
        emulator.game.close()


def _check_files(setup: Setup) -> None:
    for path in (setup.seed, setup.export):
        if path is not None and is_yaml(path):
            require("yaml")
    # In the end it would be too late: the game may be gone then.
    if setup.export is not None and not setup.export.absolute().parent.is_dir():
        raise ConfigurationError(f"the game can't be exported to {setup.export}: there is no such directory")


def _emulator(setup: Setup, admin_key: str) -> Emulator:
    limit = None if setup.rate_limit is None else RateLimit(per_second=setup.rate_limit, burst=setup.burst)
    try:
        return Emulator(
            host=setup.host,
            port=setup.port,
            state=setup.state or ":memory:",
            server_key=_server_key(setup),
            rate_limit=limit,
            admin_key=admin_key,
        )
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _open(emulator: Emulator, setup: Setup) -> None:
    try:
        _ = emulator.game
    except (ValueError, sqlite3.Error) as error:
        raise ConfigurationError(f"{setup.state} can't be used as the emulator's state: {error}") from error


def _set_clock(emulator: Emulator, setup: Setup) -> None:
    clock = emulator.clock
    if setup.clock == "now":
        clock.take(ClockState(0.0, None))  # which is the wall clock's
    if setup.frozen:
        clock.freeze()
    if setup.clock is not None and setup.clock != "now":
        try:
            clock.set(datetime.fromisoformat(setup.clock))
        except ValueError as error:
            raise ConfigurationError(f"the clock can't be set to {setup.clock}: {error}") from error


def _game(emulator: Emulator, setup: Setup) -> str:
    """Make the game, if it isn't there yet; tell what there is."""
    store = emulator.game.store
    if store.kept(_MADE):
        # A restart goes on with the game that is there; its things can't be made a second time.
        remark = "" if setup.seed is None else f" {setup.seed} was loaded when it was made, and is not loaded again."
        return f"The game is the one in {setup.state}.{remark}"
    # A kill in between must not leave half a game that looks like a whole one.
    with emulator.game.transaction():
        told = _made(emulator, setup)
        store.keep(_MADE, 1)
    return told


def _made(emulator: Emulator, setup: Setup) -> str:
    if setup.seed is not None:
        try:
            made = load(emulator.game, read(setup.seed))
        except SeedError as error:
            raise ConfigurationError(f"{setup.seed} can't be loaded: {error}") from error
        return f"The game is the one of {setup.seed}: {_counted(made)}."
    if not setup.players and not setup.scores:
        return "The game is empty; --seed loads one, --players and --scores generate one."
    generated = emulator.world.generate(players=setup.players, scores=setup.scores, seed=setup.number)
    boards = generated.board_keys
    return (
        f"The game has {len(boards)} leaderboards ({', '.join(boards)}) with {generated.scores:,} scores, "
        f"and {len(generated.inventory_players):,} players with {generated.items:,} items."
    )


def _counted(kinds: dict[str, list[object]]) -> str:
    counts = [f"{len(things):,} {kind.replace('_', ' ')}" for kind, things in kinds.items() if things]
    return ", ".join(counts) or "nothing"


def _server_key(setup: Setup) -> str:
    if setup.server_key_env is None:
        return DEFAULT_KEY
    key = os.environ.get(setup.server_key_env)
    if not key:
        raise ConfigurationError(f"the environment variable {setup.server_key_env} is not set")
    return key


async def _run(emulator: Emulator, setup: Setup, game: str, admin_key: str) -> None:
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
        typer.echo(_greeting(emulator, setup, game, admin_key))
        await stop.wait()
    finally:
        try:
            # What would be answered from here on would not be in the export.
            emulator.refuse_connections()
            typer.echo(f"The emulator has stopped after {len(emulator.record):,} requests.")
            _export(emulator, setup)
        finally:
            await emulator.stop()


def _export(emulator: Emulator, setup: Setup) -> None:
    if setup.export is None:
        return
    document = export(emulator.game)
    try:
        write(setup.export, document)
    except OSError as error:
        raise ConfigurationError(f"the game can't be exported to {setup.export}: {error.strerror or error}") from error
    kinds = {name: things for name, things in document.items() if isinstance(things, list)}
    typer.echo(f"The game was exported to {setup.export}: {_counted(kinds)}.")


def _greeting(emulator: Emulator, setup: Setup, game: str, admin_key: str) -> str:
    base_url = emulator.base_url
    if setup.server_key_env is None:
        key = f'"{DEFAULT_KEY}"'
        remark = "The key is a fixed one for development and protects nothing."
    else:
        key = f'server_key_env="{setup.server_key_env}"'
        remark = f"The key is the one in {setup.server_key_env}."
    clock = emulator.clock
    moved = "" if clock.state == ClockState(0.0, None) else f"\nIts clock says {rfc3339(clock.now())}"
    standing = f"{moved} and stands still." if clock.is_frozen else moved and f"{moved}."
    # A key that somebody chose may be a secret; one that nobody knows is of no use.
    shown = admin_key if setup.admin_key is None else "<the one given>"
    page = _page(emulator, None if setup.admin_key is not None else admin_key)
    return f"""\
The LootLocker emulator listens at {base_url}
{game}{standing}

    from lootlocker_async import LootLockerClient
    async with LootLockerClient({key}, base_url="{base_url}") as client:
        print(await client.leaderboards.list())

Look at it in a browser: {page}
The admin API is at {emulator.admin_url} (header x-admin-key: {shown}).
{remark} Ctrl-C stops the emulator."""


def _page(emulator: Emulator, key: str | None) -> str:
    """The page's address, with the key in a part of it that a browser keeps to itself."""
    # Where it listens at every address, none of them is one that a browser could go to.
    url = re.sub(r"//(0\.0\.0\.0|\[::\]):", "//localhost:", emulator.page_url)
    return url if key is None else f"{url}#key={quote(key, safe='')}"
