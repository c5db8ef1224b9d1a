"""The `lootlocker` command.

It needs the extra `cli`, for its own emulator the extra `emulator`, and for Parquet and CSV `arrow`; this module needs
none of them, so that it can say which one is missing.
"""

from __future__ import annotations

import sys

from lootlocker_async.errors import LootLockerError

__all__ = ["EMULATOR_NEEDS", "main"]

EMULATOR_NEEDS = ("cronsim", "jsonschema_rs", "sortedcontainers")
"""The libraries of the extra `emulator`."""

_EXTRAS = {
    "typer": "cli",
    "rich": "cli",
    "pyarrow": "arrow",
    "yaml": "emulator",
    **dict.fromkeys(EMULATOR_NEEDS, "emulator"),
}
_NEEDY = {"cli": "the lootlocker command", "arrow": "a .parquet or .csv file", "emulator": "the lootlocker emulator"}
_FAILED = 1
_UNUSABLE = 2


def main() -> int:
    """Run the command; a failure is one line on stderr.

    Returns:
        The exit code of a failure. A command that did its work leaves by `SystemExit`, as typer does.
    """
    try:
        from lootlocker_async.cli.app import app

        app(prog_name="lootlocker")
    except ImportError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        print(  # noqa: T201 - typer may be what is missing
            f"{_NEEDY[extra]} needs its extra: pip install 'lootlocker-async[{extra}]'", file=sys.stderr
        )
        return _UNUSABLE
    except LootLockerError as error:
        return _report(error)
    except ExceptionGroup as group:
        # A task group hands on what its tasks raised; the first failure made it cancel the others.
        if group.split(LootLockerError)[1] is not None:
            raise
        return _report(_first(group))
    return 0


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _report(error: Exception) -> int:
    print(f"lootlocker: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 - the command's own output
    return _FAILED
