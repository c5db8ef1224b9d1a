"""Files on their way out: a multipart form whose file is read and sent piece by piece."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, TypeAlias

import aiohttp

from lootlocker_async.core.bodies import UploadBroken
from lootlocker_async.core.offloop import off_loop
from lootlocker_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

__all__ = ["MAX_FILE", "FileSource", "Progress", "Upload", "prepare"]

FileSource: TypeAlias = bytes | bytearray | memoryview | str | os.PathLike[str] | AsyncIterable[bytes]
"""Where an upload's contents come from: bytes, a path, or an async iterable of bytes."""

Progress: TypeAlias = Callable[[int, int | None], object]
"""Told the bytes moved so far and how many there will be, or None where nobody knows."""

MAX_FILE = 5 * 1024 * 1024
"""The most bytes in a file: the contract's 5 MB, read generously."""

_PIECE = 512 * 1024
"""Large enough that reading it takes longer than coming to the thread that does."""
_UNTIL_WRITER_ENDS = 1.0


# ------------------------------------------------------------------------------------------------------------ sources
_Piece: TypeAlias = bytes | memoryview


class _Source(Protocol):
    """Contents that can be read, once or again and again."""

    @property
    def size(self) -> int | None:
        """How many bytes there are, where that is known beforehand."""
        ...

    @property
    def spent(self) -> bool:
        """Whether they can't be read (again)."""
        ...

    def pieces(self) -> AsyncGenerator[_Piece]:
        """The contents from their start."""
        ...


class _Bytes:
    spent = False

    def __init__(self, contents: memoryview, *, at_once: bool) -> None:
        self._contents = contents
        self._at_once = at_once and isinstance(contents.obj, bytes) and contents.nbytes > 0
        self.size: int | None = contents.nbytes

    async def pieces(self) -> AsyncGenerator[_Piece]:
        for piece in (self._contents,) if self._at_once else _cut(self._contents):
            yield piece


class _File:
    spent = False

    def __init__(self, path: str, size: int) -> None:
        self._path = path
        self.size: int | None = size
        self._expected = size

    async def pieces(self) -> AsyncGenerator[_Piece]:
        reader = _Reader(self._path, self._expected)
        try:
            await off_loop(reader.open)
            while piece := await off_loop(reader.read):
                yield piece
        finally:
            reader.close()


class _Reader:
    """An open file that has to be exactly as long as it was said to be."""

    def __init__(self, path: str, expected: int) -> None:
        self._path = path
        self._left = expected
        self._file: IO[bytes] | None = None

    def open(self) -> None:
        self._file = Path(self._path).open("rb", buffering=0)  # noqa: SIM115  (`close` closes it)
        self._see(os.fstat(self._file.fileno()).st_size == self._left)

    def read(self) -> bytes:
        """The next piece; the last one only where nothing comes after it, as the service would take it for the end."""
        assert self._file is not None  # noqa: S101  (`open` was called)  # nosec B101
        piece = self._file.read(min(_PIECE, self._left))
        self._left -= len(piece)
        self._see(bool(piece) or not self._left)
        self._see(bool(self._left) or not self._file.read(1))
        return piece

    def _see(self, as_expected: bool) -> None:  # noqa: FBT001  (an assertion that raises to callers)
        if not as_expected:
            raise InvalidRequestError("file changed its size while it was sent; the upload was broken off")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _Stream:
    size = None

    def __init__(self, contents: AsyncIterable[bytes]) -> None:
        self._contents = contents
        self.spent = False

    async def pieces(self) -> AsyncGenerator[_Piece]:
        self.spent = True
        iterator = aiter(self._contents)
        given = 0
        try:
            async for piece in iterator:
                view = _view(piece, "each piece of file should be bytes")
                given += view.nbytes
                if given > MAX_FILE:
                    msg = f"file has more than {MAX_FILE} bytes; the upload was broken off and nothing stored"
                    raise InvalidRequestError(msg)
                for part in _cut(view):
                    yield part
        finally:
            # A generator that was left in its middle would be closed by nobody before the loop ends.
            close = getattr(iterator, "aclose", None)
            if close is not None:
                await close()


def _cut(contents: memoryview) -> Iterator[_Piece]:
    """Pieces of contents; copies, unless nothing can change what the transport has not sent yet."""
    for start in range(0, contents.nbytes, _PIECE):
        piece = contents[start : start + _PIECE]
        yield piece if isinstance(contents.obj, bytes) else bytes(piece)


def _view(contents: object, expected: str) -> memoryview:
    if not isinstance(contents, bytes | bytearray | memoryview):
        raise InvalidRequestError(f"{expected}, not {type(contents).__name__}")
    try:
        return memoryview(contents).cast("B")
    except TypeError as error:
        raise InvalidRequestError(f"{expected} that lie side by side ({error})") from error


async def _source_of(file: object, *, at_once: bool) -> tuple[_Source, str]:
    """What reads a file's contents (in one piece if that saves time), and the name that they have by themselves."""
    if isinstance(file, bytes | bytearray | memoryview):
        source: _Source = _Bytes(_view(file, "file should be bytes"), at_once=at_once)
        _check_size(source.size)
        return source, ""
    if isinstance(file, str | os.PathLike):
        path = os.fspath(file)
        if not isinstance(path, str):
            raise InvalidRequestError("file should be a path of text, not of bytes")
        size = await off_loop(lambda: _size_of(path))
        _check_size(size)
        return _File(path, size), Path(path).name
    if isinstance(file, AsyncIterable):
        return _Stream(file), ""
    msg = f"file should be bytes, a path or an async iterable of bytes, not {type(file).__name__}"
    raise InvalidRequestError(msg)


def _size_of(path: str) -> int:
    """How many bytes a file has that can be read.

    Raises:
        InvalidRequestError: There is none, it may not be read, or it is a directory, a pipe or a device.
    """
    try:
        status = Path(path).stat()  # first of all: opening a pipe would wait for its writer
        if stat.S_ISREG(status.st_mode):
            with Path(path).open("rb"):  # whether it may be read
                return status.st_size
    except (OSError, ValueError) as error:
        raise InvalidRequestError(f"file can't be read: {error}") from error
    kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
    raise InvalidRequestError(f"file can't be read: {path!r} is {kind}")


def _check_size(size: int | None) -> None:
    if size is not None and size > MAX_FILE:
        raise InvalidRequestError(f"file has {size} bytes, and {MAX_FILE} is the most that one can have")


# ------------------------------------------------------------------------------------------------------------ the form
async def prepare(
    file: FileSource, name: str | None, fields: Mapping[str, str], progress: Progress | None = None
) -> Upload:
    """Look at what is to be sent, as far as that goes before it is.

    Args:
        file: The contents.
        name: The file's name; None for the path's own, or `file` where there is none.
        fields: The form's other fields.
        progress: Told the bytes sent so far and their number, or None where that is not known.

    Raises:
        InvalidRequestError: Something doesn't fit; nothing was sent.
    """
    for field, text in fields.items():
        _see_text(field, text)
    source, own = await _source_of(file, at_once=progress is None)
    return Upload(source, _checked_name(name if name is not None else own or "file"), fields, progress)


def _checked_name(name: object) -> str:
    if not isinstance(name, str):
        raise InvalidRequestError(f"name should be text, not {type(name).__name__}")
    if not name or not set("/\\").isdisjoint(name) or any(ord(char) < 32 or ord(char) == 127 for char in name):
        msg = f"a file can't be named {name!r}: a name is not empty and holds no slash and no control character"
        raise InvalidRequestError(msg)
    _see_text("name", name)
    return name


def _see_text(field: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequestError(f"{field} holds half a character (a lone surrogate)") from None


class Upload:
    """A form with one file, made anew for each sending.

    Attributes:
        failure: What the source or the progress function raised in the latest sending.
        whole: Whether all of the latest sending has been handed to the connection.
    """

    secrets: tuple[str, ...] = ()

    def __init__(self, source: _Source, name: str, fields: Mapping[str, str], progress: Progress | None) -> None:
        self._source = source
        self._name = name
        self._fields = fields
        self._progress = progress
        self._writer: asyncio.Task[object] | None = None
        self.failure: BaseException | None = None
        self.whole: bool = False

    @property
    def spent(self) -> bool:
        """Whether the contents can't be read again."""
        return self._source.spent

    def data(self) -> aiohttp.MultipartWriter:
        """The form for one sending."""
        self._writer, self.failure, self.whole = None, None, False
        form = _Form(self)
        for field, text in self._fields.items():
            part = form.append(text.encode(), {"Content-Type": "text/plain"})
            part.set_content_disposition("form-data", quote_fields=False, name=field)
        part = form.append_payload(_FilePart(self, self._source.size))
        # Not percent-encoded, as aiohttp would have it by default: RFC 7578 has the name as it is, in UTF-8.
        part.set_content_disposition("form-data", quote_fields=False, name="file", filename=self._name)
        return form

    def shown(self) -> str:
        """The form in words."""
        size = "a stream" if self._source.size is None else f"{self._source.size} bytes"
        return ", ".join([*(f"{field}={text}" for field, text in self._fields.items()), f"file={self._name} ({size})"])

    def begun(self) -> None:
        """The present task begins to write the form."""
        self._writer = asyncio.current_task()

    async def ended(self) -> None:
        """Wait until nothing of a sending that is over goes on."""
        if self._writer is not None and not self._writer.done():
            await asyncio.wait((self._writer,), timeout=_UNTIL_WRITER_ENDS)

    async def pieces(self) -> AsyncGenerator[_Piece]:
        """The file's contents; what goes wrong with them is kept apart from what goes wrong with the connection."""
        sent = 0
        try:
            async with aclosing(self._source.pieces()) as pieces:
                async for piece in pieces:
                    yield piece
                    sent += len(piece)
                    if self._progress is not None:
                        self._progress(sent, self._source.size)
        except asyncio.CancelledError as cancelled:
            writer = asyncio.current_task()
            if writer is not None and writer.cancelling():
                raise
            # Something within the source was cancelled. To aiohttp it is a failure like others: it takes no
            # cancellation from within for what it is.
            self.failure = cancelled
            raise UploadBroken(cancelled) from None
        except Exception as error:
            self.failure = error
            raise


class _Form(aiohttp.MultipartWriter):
    """Tells its upload how far its writing has come."""

    def __init__(self, upload: Upload) -> None:
        super().__init__("form-data")
        self._upload = upload

    async def write(self, writer: AbstractStreamWriter, close_boundary: bool = True) -> None:  # noqa: FBT001, FBT002
        self._upload.begun()
        await super().write(writer, close_boundary)
        self._upload.whole = True


class _FilePart(aiohttp.Payload):
    """A part that is read while it is sent."""

    _autoclose = True

    def __init__(self, upload: Upload, size: int | None) -> None:
        super().__init__(None, content_type="application/octet-stream")
        self._upload = upload
        self._size = size

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002  (aiohttp's own)
        raise TypeError("an upload is sent piece by piece and never held whole")

    async def write(self, writer: AbstractStreamWriter) -> None:
        async with aclosing(self._upload.pieces()) as pieces:
            async for piece in pieces:
                await writer.write(piece)
