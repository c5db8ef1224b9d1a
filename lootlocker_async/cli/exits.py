"""The command's exit codes, and which error ends with which."""

from __future__ import annotations

from enum import IntEnum

from lootlocker_async.errors import (
    AuthenticationError,
    BulkStoppedError,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
)

__all__ = ["HELP", "ExitCode", "code_of"]


class ExitCode(IntEnum):
    """What the command ends with."""

    OK = 0
    FAILED = 1
    UNUSABLE = 2
    REFUSED = 3
    NOT_FOUND = 4
    RATE_LIMITED = 5
    UNKNOWN = 6
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "fine",
    ExitCode.FAILED: "failed",
    ExitCode.UNUSABLE: "unusable arguments or settings, or a missing extra",
    ExitCode.REFUSED: "the key was refused, or may not do this",
    ExitCode.NOT_FOUND: "not found",
    ExitCode.RATE_LIMITED: "rate limited",
    ExitCode.UNKNOWN: "outcome unknown: it may have been executed",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C or SIGTERM",
}

HELP: str = "Exit codes:\n\n" + "\n".join(f"- **{code.value}** {meaning}" for code, meaning in MEANINGS.items())
"""The same as Markdown, for `--help`."""

_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (ConfigurationError, ExitCode.UNUSABLE),
    (InvalidRequestError, ExitCode.UNUSABLE),
    (AuthenticationError, ExitCode.REFUSED),
    (PermissionDeniedError, ExitCode.REFUSED),
    (NotFoundError, ExitCode.NOT_FOUND),
    (RateLimitedError, ExitCode.RATE_LIMITED),
    (OutcomeUnknownError, ExitCode.UNKNOWN),
)


def code_of(error: BaseException) -> ExitCode:
    """The exit code for an error.

    Args:
        error: What ended the command; a bulk job that was given up counts as its last call.
    """
    if isinstance(error, BulkStoppedError):
        error = error.last
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)
