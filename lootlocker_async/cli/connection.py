"""The client that a command works with, and what becomes of a command that fails or is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import attrs
import typer

from lootlocker_async.cli.exits import ExitCode, code_of
from lootlocker_async.errors import LootLockerError, OutcomeUnknownError

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient
    from lootlocker_async.config import ClientConfig

__all__ = ["Connection", "connection_of", "fail", "interrupted", "printable", "run"]

T = TypeVar("T")
Work = Callable[["LootLockerClient"], Awaitable[T]]


@attrs.frozen(kw_only=True)
class Connection:
    """The options before the command: how to reach the service.

    Attributes:
        profile: The profile to take the settings from; the environment without.
        server_key_env: The environment variable with the key.
        domain_key: The game's domain key.
        base_url: The whole base address instead.
        timeout: Seconds that a call may take.
        retries: How often a call may be sent again.
    """

    profile: str | None = None
    server_key_env: str | None = None
    domain_key: str | None = None
    base_url: str | None = None
    timeout: float | None = None
    retries: int | None = None

    def words(self) -> list[str]:
        """The same options as words of a command line."""
        given = attrs.asdict(self).items()
        return [
            word for name, value in given if value is not None for word in (f"--{name.replace('_', '-')}", f"{value}")
        ]

    def config(self, **settings: Any) -> ClientConfig:  # noqa: ANN401  (any of the client's settings)
        """The settings, those of the command line first.

        Args:
            **settings: Settings that win over all others.

        Raises:
            ConfigurationError: They make no sense, or the key isn't there.
        """
        from lootlocker_async.cli.profiles import profile_settings
        from lootlocker_async.config import ClientConfig

        config = ClientConfig.from_env() if self.profile is None else profile_settings(self.profile)
        changes: dict[str, Any] = {name: value for name, value in attrs.asdict(self).items() if value is not None}
        changes.pop("profile", None)
        if self.base_url is not None or self.domain_key is not None:
            changes = {"base_url": None, "domain_key": None, **changes}
        if self.server_key_env is not None:
            changes["server_key"] = None
        config = attrs.evolve(config, **changes, **settings)
        config.check()
        return config


def connection_of(context: typer.Context) -> Connection:
    """The options that stood before the command."""
    found = context.obj
    return found if isinstance(found, Connection) else Connection()


def run(
    context: typer.Context,
    work: Work[T],
    *,
    go_on: Callable[[], list[str]] | None = None,
    **settings: Any,  # noqa: ANN401  (any of the client's settings)
) -> T:
    """Do a command's work with a client; a failure or an interruption ends the command.

    Args:
        context: The command's context.
        work: What to do.
        go_on: Gives the words of the command that goes on where this one was interrupted.
        **settings: Settings of the client that win over all others.
    """
    try:
        return asyncio.run(_work(connection_of(context).config(**settings), work))
    except LootLockerError as error:
        tell(error)
        if go_on is not None and code_of(error) is not ExitCode.UNUSABLE:
            _tell_how(go_on())
        raise typer.Exit(code_of(error)) from None
    except OSError as error:
        if go_on is None:
            raise  # no file of the user's is written here: it's a mistake of ours
        typer.echo(f"lootlocker: {type(error).__name__}: {printable(str(error))}", err=True)
        _tell_how(go_on())
        raise typer.Exit(ExitCode.FAILED) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        interrupted(go_on)


async def _work(config: ClientConfig, work: Work[T]) -> T:
    from lootlocker_async.client import LootLockerClient

    task = asyncio.current_task()
    assert task is not None  # noqa: S101  (coroutines run in tasks)  # nosec B101
    # Ctrl-C cancels the task by asyncio's own doing; where a loop takes no signals (on Windows, or beside the main
    # thread), only that is left.
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with LootLockerClient(config=config) as client:
        return await work(client)


def interrupted(go_on: Callable[[], list[str]] | None = None) -> NoReturn:
    """End a command that was interrupted.

    Args:
        go_on: Gives the words of the command that goes on where it was.
    """
    typer.echo("lootlocker: interrupted", err=True)
    if go_on is not None:
        _tell_how(go_on())
    raise typer.Exit(ExitCode.INTERRUPTED)


def _tell_how(words: list[str]) -> None:
    typer.echo(f"What has come so far is kept. To go on:\n    {shlex.join(words)}", err=True)


def fail(error: LootLockerError) -> NoReturn:
    """Tell an error on stderr, and end with its code.

    Args:
        error: What went wrong.
    """
    tell(error)
    raise typer.Exit(code_of(error))


def tell(error: LootLockerError) -> None:
    """Tell an error on stderr, in one line and its notes.

    Args:
        error: What went wrong.
    """
    typer.echo(f"lootlocker: {type(error).__name__}: {printable(str(error))}", err=True)
    if isinstance(error, OutcomeUnknownError):
        typer.echo(
            "Nobody can say whether it was executed: look before you send it again"
            + (f" (request id {error.request_id})." if error.request_id else "."),
            err=True,
        )
    for note in getattr(error, "__notes__", ()):
        typer.echo(printable(note), err=True)


def printable(text: str) -> str:
    """Text of others without what a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
