"""Files on their way to a path, under which they appear when they're whole."""

from __future__ import annotations

import os
import secrets
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lootlocker_async.core.downloads import FileStream, outcome_of, persistently, running_in
from lootlocker_async.core.offloop import off_loop
from lootlocker_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from lootlocker_async.core.remote import Download
    from lootlocker_async.core.uploads import Progress

__all__ = ["save"]


async def save(download: Download, to: str | os.PathLike[str], progress: Progress | None) -> int:
    """Fetch a file to a path, under which it appears when it's whole.

    Args:
        download: What to fetch.
        to: The path.
        progress: Told the bytes received so far and their number.

    Raises:
        InvalidRequestError: Nothing can be written there; nothing was sent.
    """
    if not isinstance(to, str | os.PathLike):
        raise InvalidRequestError(f"to should be a path, not {type(to).__name__}")
    part = _Part(os.fspath(to))
    pool = await download.manager.pool()

    async def attempt() -> int:
        await off_loop(part.restart)
        async with FileStream(download, pool) as stream:
            async for piece in stream:
                await off_loop(partial(part.write, piece))
                if progress is not None:
                    progress(stream.received, stream.size)
        return stream.received

    download.begin()
    outcome = "ok"
    try:
        with running_in(pool):
            try:
                await off_loop(part.open)
                received = await persistently(download, attempt)
                await off_loop(part.finish)
            finally:
                await off_loop(part.discard)
    except BaseException as error:
        outcome = outcome_of(error)
        raise
    finally:
        download.end(outcome, pool.time())
    return received


class _Part:
    """A file that isn't whole yet, beside the place where it's due. What it does is for a thread."""

    def __init__(self, path: str) -> None:
        if not isinstance(path, str):
            raise InvalidRequestError("to should be a path of text, not of bytes")
        self._path = Path(path)
        self._own: Path | None = None
        self._file: IO[bytes] | None = None

    def open(self) -> None:
        """Begin beside the place.

        Raises:
            InvalidRequestError: Nothing can be written there.
        """
        try:
            # A link stays one, and what it points to is replaced.
            self._path = self._path.resolve()
            if self._path.is_dir():
                raise IsADirectoryError(f"{str(self._path)!r} is a directory")
            own = self._path.with_name(f".{secrets.token_hex(8)}.part")
            self._file = own.open("xb", buffering=0)
            self._own = own
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
            raise InvalidRequestError(f"to can't be written: {error}") from error

    def _opened(self) -> IO[bytes]:
        assert self._file is not None  # noqa: S101  (`open` was called)  # nosec B101
        return self._file

    def restart(self) -> None:
        """Forget what was written."""
        file = self._opened()
        file.seek(0)
        file.truncate()

    def write(self, piece: bytes) -> None:
        """Write all of a piece; a write to a file without a buffer may take only some."""
        file, left = self._opened(), memoryview(piece)
        while left:
            left = left[file.write(left) :]

    def finish(self) -> None:
        """Put the whole file where it's due."""
        self._opened().close()
        if self._own is not None:
            self._own.replace(self._path)
            self._own = None

    def discard(self) -> None:
        """Leave nothing of what didn't become whole."""
        if self._file is not None:
            self._file.close()
        if self._own is not None:
            self._own.unlink(missing_ok=True)
            self._own = None
