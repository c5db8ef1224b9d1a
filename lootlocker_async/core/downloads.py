"""Files on their way in, from whatever host keeps them: no token, key or header of ours goes there."""

from __future__ import annotations

import asyncio
import math
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self, TypeVar

import aiohttp
from yarl import URL

from lootlocker_async.config import is_loopback
from lootlocker_async.core import answers, retry
from lootlocker_async.core.offloop import off_loop
from lootlocker_async.core.transport import proxy_for, typed, was_connecting, without_frames
from lootlocker_async.errors import (
    APIError,
    CallError,
    CallFacts,
    ClientClosedError,
    ConnectionLostError,
    InvalidRequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
    WrongEventLoopError,
)
from lootlocker_async.models.player_files import PlayerFile
from lootlocker_async.routes import Route
from lootlocker_async.secret import SecretStr

if TYPE_CHECKING:
    from lootlocker_async.core.call import CallOptions
    from lootlocker_async.core.pool import Pool
    from lootlocker_async.core.session import SessionManager
    from lootlocker_async.core.uploads import Progress

T = TypeVar("T")

__all__ = ["Download", "FileStream", "save"]

_PIECE = 256 * 1024
_ERROR_BODY = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_SHORTEST_SECRET = 8
_REFUSALS = frozenset({400, 401, 403, 404, 410})
_CLOSED = "the client was closed during a download"
_ROUTE: Final = Route("player_files_download", "GET", "/", True, "It only reads.")


class Download:
    """What is to be fetched, and how."""

    # What the rules for sending again ask of a call. No try begins after the deadline; one that has begun goes on.
    route = _ROUTE
    deadline: float = math.inf
    maybe_executed = False
    spent = False

    def __init__(
        self, manager: SessionManager, options: CallOptions, file: PlayerFile | str, limit: int | None
    ) -> None:
        """Look at the address.

        Args:
            manager: The client's manager.
            options: The calls' options: a server may be silent for as long as an attempt may take.
            file: The file, or its address.
            limit: The most bytes wanted, or None for any number.

        Raises:
            InvalidRequestError: It's no address that may be asked.
        """
        self.manager = manager
        self.options = options
        self.limit: int | None = _checked_limit(limit)
        self.patience: float = options.attempt_timeout or options.timeout
        self.expires_at: datetime | None = None
        self.expected: int = 0
        if isinstance(file, PlayerFile):
            self.expires_at, self.expected, file = file.url_expires_at, file.size, file.url
            if not file:
                raise InvalidRequestError("the file has no url: get it anew")
        if not isinstance(file, str):
            raise InvalidRequestError(f"file should be a PlayerFile or a url, not {type(file).__name__}")
        self._address = SecretStr(file)
        self._allow_http: bool = manager.config.allow_http
        _checked(_parse(self._address), allow_http=self._allow_http)

    @property
    def address(self) -> URL:
        """Where the file lies. Only ever on its way: the signature in it is worth as much as the file."""
        return _parse(self._address)

    def next_address(self, here: URL, location: str, status: int) -> URL:
        """Where a redirect leads.

        Raises:
            APIError: Nowhere that may be asked.
        """
        try:
            there = here.join(_parse(SecretStr(location)))
            # What began encrypted stays so.
            return _checked(there, allow_http=self._allow_http, downgrade=here.scheme == "http")
        except InvalidRequestError as refusal:
            msg = f"it was redirected, and not followed: {refusal}"
            raise APIError(msg, status=status, **self.facts(here)) from None

    def facts(self, url: URL) -> CallFacts:
        """What an error tells of the download: the address without the query, which is the signature."""
        host = url.raw_authority or url.host or ""
        return {"operation": _ROUTE.operation, "method": "GET", "path": f"{url.scheme}://{host}{url.raw_path}"}

    def refusal(self, url: URL, response: aiohttp.ClientResponse, body: bytes) -> APIError:
        """The error of an answer that isn't the file."""
        texts = [url.raw_query_string, *url.query.values(), *url.raw_query_string.replace("=", "&").split("&")]
        hidden = sorted({text for text in texts if len(text) >= _SHORTEST_SECRET}, key=len, reverse=True)
        facts = self.facts(url)
        error = answers.api_error(response.status, response.headers, body, tuple(hidden), facts)
        if response.status in _REFUSALS:
            error.message += self._hint()
            error.args = (error.message,)
        return error

    def _hint(self) -> str:
        if self.expires_at is None:
            return "; if the url has expired, get the file anew for another one"
        if self.expires_at <= datetime.now(UTC):
            return f"; the url expired at {self.expires_at.isoformat()}: get the file anew for another one"
        return ""


def _parse(address: SecretStr) -> URL:
    """An address as it stands, since a signature holds for one spelling alone; what no request can carry is quoted."""
    as_it_is = address.isascii() and address.isprintable() and " " not in address
    try:
        return URL(address.reveal(), encoded=as_it_is)
    except ValueError:
        raise InvalidRequestError("the url can't be read") from None


def _checked(url: URL, *, allow_http: bool, downgrade: bool = True) -> URL:
    try:
        host, _ = url.host, url.port
    except ValueError:
        raise InvalidRequestError("the url can't be read") from None
    if url.scheme not in {"https", "http"} or not host:
        raise InvalidRequestError("the url should look like https://host/path")
    if url.user is not None or url.password is not None:
        raise InvalidRequestError("the url must not hold a user name or a password")
    if url.scheme == "http" and not (downgrade and (allow_http or is_loopback(host))):
        raise InvalidRequestError(f"plain http to {host} would show the file on the way")
    return url


def _checked_limit(limit: object) -> int | None:
    if limit is not None and (type(limit) is not int or limit < 1):
        raise InvalidRequestError(f"max_bytes should be a whole number of at least 1, not {limit!r}")
    return limit


class FileStream(AsyncIterator[bytes]):
    """A file's contents, piece by piece as they come; it is asked for at the first piece.

    Use it as `async with`, or read it to its end, or call `aclose()`. One that is let go of closes its connection too.

    Attributes:
        size: How many bytes the whole file has, as its host says; None before the first piece, or where it doesn't.
        received: How many bytes have come.
    """

    def __init__(self, download: Download, *, persistent: bool = True) -> None:
        """Made by `PlayerFilesService.stream`.

        Args:
            download: What to fetch.
            persistent: Whether it is asked for again where that fails.
        """
        self._download = download
        self._persistent = persistent
        self._response: aiohttp.ClientResponse | None = None
        self._pool: Pool | None = None
        self._url = URL()
        self._over = False
        self.size: int | None = None
        self.received: int = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next piece.

        Raises:
            APIError: The host didn't give the file.
            TransportError: The file didn't come, or not all of it.
            ResponseDecodeError: It has more bytes than are wanted.
            ClientClosedError: The client is closed.
        """
        if self._over:
            raise StopAsyncIteration
        if self._pool is not None and self._pool.loop is not asyncio.get_running_loop():
            raise WrongEventLoopError("the download was begun in another event loop")
        try:
            if self._response is None:
                self._pool = await self._download.manager.pool()
                with _running_in(self._pool):
                    await (_persistently(self._download, self._open) if self._persistent else self._open())
            piece = await self._read()
        except BaseException:  # cancelled or not, a half-read connection is of no use
            self._close()
            raise
        if piece:
            return piece
        self._close()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Leave the rest."""
        self._close()

    def _close(self) -> None:
        """Close the connection, in its own loop, wherever this is called: by a collector in another thread, perhaps."""
        self._over = True
        response, self._response = self._response, None
        if response is None or self._pool is None or self._pool.loop.is_closed():
            return
        if asyncio._get_running_loop() is self._pool.loop:  # noqa: SLF001  (the public one raises where none runs)
            response.close()
        else:
            self._pool.loop.call_soon_threadsafe(response.close)

    def __del__(self) -> None:
        if getattr(self, "_response", None) is not None:
            self._close()

    # -------------------------------------------------------------------------------------------------- on the wire
    async def _open(self) -> None:
        """Ask for the file, and go where that leads."""
        self._url = self._download.address
        response = await self._wait(self._ask(self._url), None)
        redirects = 0
        while response.status in _REDIRECTS and (location := response.headers.get("Location")):
            response.close()
            redirects += 1
            if redirects > _MOST_REDIRECTS:
                msg = f"it was redirected more than {_MOST_REDIRECTS} times"
                raise APIError(msg, status=response.status, **self._download.facts(self._url))
            self._url = self._download.next_address(self._url, location, response.status)
            response = await self._wait(self._ask(self._url), None)
        self._response = response
        if response.status >= 300:
            raise self._download.refusal(self._url, response, await self._error_body(response))
        encoded = "Content-Encoding" in response.headers
        self.size = None if encoded else response.content_length
        self._see_limit(self.size or 0)

    async def _ask(self, url: URL) -> aiohttp.ClientResponse:
        assert self._pool is not None  # noqa: S101  (it was found when the file was asked for)  # nosec B101
        if self._pool.closed:
            raise ClientClosedError(_CLOSED)
        proxy = proxy_for(str(url.origin()), self._download.manager.config)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        return await self._pool.transport.elsewhere().get(
            url, headers=headers, allow_redirects=False, raise_for_status=False, **proxy
        )

    async def _error_body(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await self._wait(response.content.read(_ERROR_BODY), response.status)
        except TransportError:
            return b""  # the status says enough
        finally:
            self._response = None
            response.close()

    async def _read(self) -> bytes:
        response = self._response
        assert response is not None  # noqa: S101  (it was opened)  # nosec B101
        piece = await self._wait(response.content.read(_PIECE), response.status)
        self.received += len(piece)
        self._see_limit(self.received)
        if not piece:
            self._see_whole()
        return piece

    def _see_limit(self, size: int) -> None:
        limit = self._download.limit
        if limit is not None and size > limit:
            msg = f"the file has more than {limit} bytes"
            raise ResponseDecodeError(msg, reason="too_large", **self._download.facts(self._url))

    def _see_whole(self) -> None:
        """A host that says neither the length nor where the end is leaves only the file's own word."""
        due = self.size if self.size is not None else self._download.expected
        chunked = self._response is not None and "Transfer-Encoding" in self._response.headers
        encoded = self._response is not None and "Content-Encoding" in self._response.headers
        if self.received < due and not chunked and not encoded:
            raise self._lost(ConnectionLostError(_broken(self.received, due), sent=True, status=200))

    async def _wait(self, answer: Awaitable[T], status: int | None) -> T:
        """Wait for the host, not for too long, and not past the client's end."""
        pool = self._pool
        assert pool is not None  # noqa: S101  (it was found when the file was asked for)  # nosec B101
        try:
            with _running_in(pool):
                async with asyncio.timeout(self._download.patience):
                    return await answer
        except ClientClosedError:
            raise
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            raise self._translated(pool, error, status) from _bare(error)

    def _translated(self, pool: Pool, error: Exception, status: int | None) -> Exception:
        if pool.closed:
            return ClientClosedError(_CLOSED)
        if type(error) is TimeoutError and not was_connecting(error):
            msg = f"nothing came for {self._download.patience:g} s"
            return self._lost(RequestTimeoutError(msg, sent=True, status=status))
        found = typed(error, status)
        if isinstance(found, ConnectionLostError) and status is not None:
            found = ConnectionLostError(_broken(self.received, self.size), sent=True, status=status)
        return self._lost(found)

    def _lost(self, error: TransportError) -> TransportError:
        for name, value in self._download.facts(self._url).items():
            setattr(error, name, value)
        return error


@contextmanager
def _running_in(pool: Pool) -> Generator[None]:
    """The present task downloads something: a client that is closed waits for it, and then ends it."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  (coroutines run in tasks)  # nosec B101
    within = task in pool.downloads
    pool.downloads.add(task)
    try:
        yield
    except asyncio.CancelledError:
        if task in pool.aborted:
            pool.aborted.discard(task)
            if task.uncancel() == 0:
                raise ClientClosedError(_CLOSED) from None
        raise
    finally:
        if not within:
            pool.downloads.discard(task)


def _broken(received: int, due: int | None) -> str:
    whole = f" of {due}" if due else ""
    return f"the connection broke after {received}{whole} bytes"


def _bare(error: Exception) -> Exception | None:
    """A cause that shows neither frames nor the address; aiohttp writes it into some."""
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.InvalidURL):
        return None
    return without_frames(error)


async def _persistently(download: Download, attempt: Callable[[], Awaitable[T]]) -> T:
    """Try, and try again where a read may be; the client's options say how often, and until when a try may begin."""
    download.deadline = asyncio.get_running_loop().time() + download.options.timeout
    try:
        return await attempt()
    except CallError as error:
        failure = error
    if not download.options.retries or retry.judge(download, failure) is not retry.Verdict.AGAIN:
        raise failure
    config = download.manager.config
    return await retry.repeat(
        download,
        failure,
        attempt,
        retries=download.options.retries,
        base=config.backoff_base,
        cap=config.backoff_cap,
        on_pause=lambda _error, _wait: None,
    )


# ------------------------------------------------------------------------------------------------------------ to a file
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
        async with FileStream(download, persistent=False) as stream:
            async for piece in stream:
                await off_loop(partial(part.write, piece))
                if progress is not None:
                    progress(stream.received, stream.size)
        return stream.received

    with _running_in(pool):
        try:
            await off_loop(part.open)
            received = await _persistently(download, attempt)
            await off_loop(part.finish)
        finally:
            await off_loop(part.discard)
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
