"""Files on their way in, from whatever host keeps them: no token, key or header of ours goes there.

They are told to observers and traces as calls are. As many of them as of calls may be on their way, counted apart, and
what is asked of the service's own host keeps its pace and the pauses that it asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import aiohttp
from yarl import URL

from lootlocker_async.core import answers, retry
from lootlocker_async.core.call import UnderWay
from lootlocker_async.core.remote import Download
from lootlocker_async.core.transport import typed, was_connecting, without_frames
from lootlocker_async.errors import (
    APIError,
    CallError,
    ClientClosedError,
    ConnectionLostError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
    WrongEventLoopError,
)

if TYPE_CHECKING:
    from lootlocker_async.core.pool import Pool

T = TypeVar("T")

__all__ = ["FileStream", "outcome_of", "persistently", "running_in"]

_PIECE = 256 * 1024
_ERROR_BODY = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_BUSY = frozenset({429, 503})
_CLOSED = "the client was closed during a download"
_LEFT = StopAsyncIteration()
"""Stands for the end of a stream that was not read to its own."""


class _Fetch:
    """One attempt at a file: its place among the downloads, and its connection."""

    def __init__(self, download: Download, pool: Pool) -> None:
        """Begin it; the place has been taken."""
        self._download = download
        self._pool = pool
        self._began = pool.time()
        self._observed = bool(download.manager.observers.functions)
        self.response: aiohttp.ClientResponse | None = None
        self.status: int | None = None
        if self._observed:
            download.manager.report.started(download, "", {})

    def end(self, word: str) -> None:
        """Give back what it has, in the loop in which it was begun."""
        if self.response is not None:
            self.response.close()
        self._pool.downloading.leave(None, None)
        download, began = self._download, self._began
        download.history.append(("", self.status, word, began - download.started, self._pool.time() - began))
        if self._observed:
            download.manager.report.ended(download)


class FileStream(AsyncIterator[bytes], UnderWay):
    """A file's contents, piece by piece as they come; it is asked for at the first piece.

    Use it as `async with`, or read it to its end, or call `aclose()`. One that is let go of closes its connection too.

    Attributes:
        size: How many bytes the whole file has, as its host says; None before the first piece, or where it doesn't.
        received: How many bytes have come.
    """

    def __init__(self, download: Download, within: Pool | None = None) -> None:
        """Made by `PlayerFilesService.stream`.

        Args:
            download: What to fetch.
            within: The pool in which the download has begun, where this is one attempt of it; None for the whole.
        """
        super().__init__()
        self._download = download
        self._whole = within is None
        self._fetch: _Fetch | None = None
        self._pool = within
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
            if self._fetch is None:
                await self._begin()
            self.driven()
            piece = await self._read()
        except BaseException as error:  # cancelled or not, a half-read connection is of no use
            self._close(error)
            raise
        if piece:
            return piece
        self._close(None)
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Leave the rest."""
        self._close(_LEFT)

    def _close(self, error: BaseException | None) -> None:
        """Close the connection, in its own loop, wherever this is called: by a collector in another thread, perhaps."""
        over, self._over = self._over, True
        pool = self._pool
        if over or pool is None or pool.loop.is_closed():
            return
        if asyncio._get_running_loop() is pool.loop:  # noqa: SLF001  (the public one raises where none runs)
            self._end(pool, error)
        else:
            pool.loop.call_soon_threadsafe(self._end, pool, error)

    def _end(self, pool: Pool, error: BaseException | None) -> None:
        fetch, self._fetch = self._fetch, None
        if fetch is not None:
            fetch.end(_word(error))
        if self._whole:
            self._download.end(outcome_of(error), pool.time())
        self.ended()

    def __del__(self) -> None:
        if getattr(self, "_fetch", None) is not None:
            self._close(_LEFT)

    # -------------------------------------------------------------------------------------------------- on the wire
    async def _begin(self) -> None:
        download = self._download
        if self._pool is None:
            self._pool = await download.manager.pool()
            download.begin()
        self.driven()
        download.manager.under_way.add(self)
        with running_in(self._pool):
            await (persistently(download, self._open) if self._whole else self._open())

    async def _open(self) -> None:
        """Take a place and ask for the file; where that fails, nothing is kept."""
        pool, download = self._pool, self._download
        assert pool is not None  # noqa: S101  (it was found when the file was asked for)  # nosec B101
        if not pool.downloading.enter_now():
            await download.manager.in_time(download, pool.downloading.enter(), "in_flight")
        self._fetch = _Fetch(download, pool)
        try:
            await self._find(self._fetch)
        except BaseException as error:  # cancelled or not, its place and its connection are given back
            self._fetch.end(_word(error))
            self._fetch = None
            raise

    async def _find(self, fetch: _Fetch) -> None:
        """Ask for the file, and go where that leads."""
        self._url = self._download.address
        response = await self._ask(self._url)
        redirects = 0
        while response.status in _REDIRECTS and (location := response.headers.get("Location")):
            response.close()
            redirects += 1
            if redirects > _MOST_REDIRECTS:
                msg = f"it was redirected more than {_MOST_REDIRECTS} times"
                raise APIError(msg, status=response.status, **self._download.facts(self._url))
            self._url = self._download.next_address(self._url, location, response.status)
            response = await self._ask(self._url)
        fetch.response, fetch.status, self._download.headers = response, response.status, response.headers
        if response.status >= 300:
            raise self._download.refusal(self._url, response, await self._error_body(response))
        encoded = "Content-Encoding" in response.headers
        self.size = None if encoded else response.content_length
        self._see_limit(self.size or 0)

    async def _ask(self, url: URL) -> aiohttp.ClientResponse:
        """Ask a host; the service's own learns of it as of a call, in its turn."""
        pool, download = self._pool, self._download
        assert pool is not None  # noqa: S101  (it was found when the file was asked for)  # nosec B101
        download.asks(url)
        if url.origin() != pool.transport.origin:
            return await self._wait(self._get(pool, url), None)
        if pool.gate.closed or not pool.limiter.enter_now():
            await download.manager.wait_turn(pool, download)
        status = pause = None
        try:
            response = await self._wait(self._get(pool, url), None)
            status, pause = response.status, answers.retry_after(response.headers)
        finally:
            pool.limiter.leave(status, pause)
        if status in _BUSY and pause is not None:
            pool.gate.close(pause)
        return response

    async def _get(self, pool: Pool, url: URL) -> aiohttp.ClientResponse:
        if pool.closed:
            raise ClientClosedError(_CLOSED)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        return await pool.transport.elsewhere().get(
            url, headers=headers, allow_redirects=False, raise_for_status=False, **pool.transport.proxies.of(url)
        )

    async def _error_body(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await self._wait(response.content.read(_ERROR_BODY), response.status)
        except TransportError:
            return b""  # the status says enough

    async def _read(self) -> bytes:
        response = self._fetch.response if self._fetch is not None else None
        assert response is not None  # noqa: S101  (it was opened)  # nosec B101
        piece = await self._wait(response.content.read(_PIECE), response.status)
        self.received += len(piece)
        self._see_limit(self.received)
        if not piece:
            self._see_whole(response)
        return piece

    def _see_limit(self, size: int) -> None:
        limit = self._download.limit
        if limit is not None and size > limit:
            msg = f"the file has more than {limit} bytes"
            raise ResponseDecodeError(msg, reason="too_large", **self._download.facts(self._url))

    def _see_whole(self, response: aiohttp.ClientResponse) -> None:
        """A host that says neither the length nor where the end is leaves only the file's own word."""
        due = self.size if self.size is not None else self._download.expected
        bounded = "Transfer-Encoding" in response.headers or "Content-Encoding" in response.headers
        if self.received < due and not bounded:
            raise self._lost(ConnectionLostError(_broken(self.received, due), sent=True, status=200))

    async def _wait(self, answer: Awaitable[T], status: int | None) -> T:
        """Wait for the host, not for too long, and not past the client's end."""
        pool = self._pool
        assert pool is not None  # noqa: S101  (it was found when the file was asked for)  # nosec B101
        try:
            with running_in(pool):
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
def running_in(pool: Pool) -> Generator[None]:
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
            if pool.closing:
                pool.something_ended()


def outcome_of(error: BaseException | None) -> str:
    """How a trace calls an end."""
    if error is None:
        return "ok"
    if error is _LEFT:
        return "left"
    return "cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__name__


def _word(error: BaseException | None) -> str:
    """How an attempt's history calls its end; a status says enough."""
    return "" if error is None or isinstance(error, APIError) else outcome_of(error)


def _broken(received: int, due: int | None) -> str:
    whole = f" of {due}" if due else ""
    return f"the connection broke after {received}{whole} bytes"


def _bare(error: Exception) -> Exception | None:
    """A cause that shows neither frames nor the address; aiohttp writes it into some."""
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.InvalidURL):
        return None
    return without_frames(error)


async def persistently(download: Download, attempt: Callable[[], Awaitable[T]]) -> T:
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
        on_pause=lambda error, wait: download.manager.report.pause(download, error, wait),
    )
