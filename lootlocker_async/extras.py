"""What to say where a library is missing that only an extra of this package brings."""

from __future__ import annotations

__all__ = ["missing"]


def missing(error: ImportError, what: str, extra: str, *libraries: str) -> ImportError:
    """The error of a failed import that says what to install.

    Args:
        error: What the import raised.
        what: What needs the library, as the beginning of a sentence.
        extra: The extra that brings it.
        *libraries: The modules that the extra brings, by their first name.

    Returns:
        An error that names the extra; the same error where something else couldn't be imported.
    """
    library = (error.name or "").partition(".")[0]
    if library not in libraries:
        return error
    told = f"{what} needs the library {library}; install it with: pip install 'lootlocker-async[{extra}]'"
    return ImportError(told, name=error.name)
