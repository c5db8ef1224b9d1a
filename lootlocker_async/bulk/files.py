"""Files that a crash leaves neither half under their name nor with more in them than was committed.

All of it blocks, and is meant to be run off the event loop.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import msgspec

from lootlocker_async.errors import ConfigurationError

__all__ = ["PART", "AppendFile", "beside", "claim", "load_state", "replace", "save_state", "sync"]

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not on Windows, where nothing keeps two exports from the same file
    fcntl = None

PART = ".part"


def beside(path: Path, ending: str) -> Path:
    """The file of the same name with another ending after its own."""
    return path.with_name(path.name + ending)


class AppendFile:
    """A file that is written under another name (`.part`) and gets its own in the end.

    What was written after the last commit is cut off by whoever goes on after a crash.
    """

    def __init__(self, path: Path, committed: int) -> None:
        """Open it.

        Args:
            path: Its name in the end.
            committed: How many bytes of an earlier run count; 0 begins anew.
        """
        self._path = path
        self._part = beside(path, PART)
        if committed and not self._part.exists() and path.exists():
            replace(path, self._part)  # a crash came between the last names: they are given once more
        # Opening for reading and writing neither cuts off what is there nor makes a file that is missing.
        self._file: IO[bytes] = self._part.open("r+b" if committed else "wb")
        size = self._file.seek(0, os.SEEK_END)
        if size < committed:
            self._file.close()
            raise ConfigurationError(f"{self._part} holds {size} bytes, but its checkpoint speaks of {committed}")
        self._file.truncate(committed)
        self._file.seek(committed)

    def write(self, data: bytes) -> None:
        """Add to it."""
        self._file.write(data)

    def commit(self) -> int:
        """Make all that was written durable, and tell how many bytes there are."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def finish(self) -> int:
        """Give it its name, in place of what had it before, and tell how many bytes it has."""
        size = self.commit()
        self._file.close()
        replace(self._part, self._path)
        return size

    def discard(self) -> None:
        """Remove it, and what has its name in the end."""
        self._file.close()
        self._part.unlink()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it, and leave it for whoever goes on."""
        self._file.close()


def sync(path: Path) -> None:
    """Make what was written to a file durable."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def replace(source: Path, target: Path) -> None:
    """Give a file another's name, in place of that, durably."""
    source.replace(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write what a resumed job needs to know: the whole of it, or nothing."""
    new = beside(path, ".new")
    with new.open("wb") as file:
        file.write(msgspec.json.encode(state))
        file.flush()
        os.fsync(file.fileno())
    replace(new, path)


def load_state(path: Path) -> dict[str, Any] | None:
    """What was saved, or None where nothing was.

    Raises:
        ConfigurationError: It can't be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"the checkpoint {path} can't be read: {error}") from error


@contextlib.contextmanager
def claim(path: Path) -> Iterator[None]:
    """Keep other processes from the same export, for as long as this one lives.

    Raises:
        ConfigurationError: Another process is at it, or the folder isn't there.
    """
    lock = beside(path, ".lock")
    try:
        file = lock.open("wb")
    except OSError as error:
        raise ConfigurationError(f"nothing can be written to {path}: {error}") from error
    with file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_ours = os.path.samestat(os.fstat(file.fileno()), lock.stat())
            except OSError:
                is_ours = False
            if not is_ours:
                raise ConfigurationError(f"another process is exporting to {path}")
        try:
            yield
        finally:
            # While it is held: whoever has opened the old one meanwhile sees that it isn't the one of that name.
            lock.unlink(missing_ok=True)
