"""One attempt: a request out, a whole answer or a typed error back. Nothing of aiohttp gets past this file."""

from __future__ import annotations

import asyncio
import functools
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from multidict import istr
from yarl import URL

from lootlocker_async.errors import ConnectError, ConnectionLostError, RequestTimeoutError, TransportError
from lootlocker_async.secret import SecretStr
from lootlocker_async.version import __version__

if TYPE_CHECKING:
    from lootlocker_async.config import ClientConfig
    from lootlocker_async.core.call import Call

_ERROR_BODY_LIMIT = 64 * 1024

# Names that multidict needn't fold again for each request.
X_SERVER_KEY = istr("x-server-key")
X_AUTH_TOKEN = istr("x-auth-token")
X_REQUEST_ID = istr("x-request-id")
CONTENT_TYPE = istr("Content-Type")

_NEVER_RESENT = frozenset({"POST", "PATCH"})

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        # It stands in frames that a crash reporter may capture, and the body may be a token or say one back.
        return f"<Answer {self.status}, {len(self.body)} bytes>"


class TooLarge(Exception):  # noqa: N818  (told to callers as ResponseDecodeError)
    """An answer of success went over the limit."""

    def __init__(self, limit: int, status: int, start: bytes) -> None:
        super().__init__(f"the answer is larger than {limit} bytes")
        self.status = status
        self.start = start


class _Lost(Exception):  # noqa: N818  (never leaves this file)
    """Stands in for the errors on which aiohttp would silently send GET, PUT and DELETE again."""


async def _no_silent_resend(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except _NEVER_SENT:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise _Lost(type(error).__name__) from error


class _Connector(aiohttp.TCPConnector):
    """Tells whether a request was still waiting for its connection when it was given up."""

    calls: Mapping[asyncio.Task[Any], Call]

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[aiohttp.tracing.Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.connector.Connection:
        call = self.calls[cast("asyncio.Task[Any]", asyncio.current_task())]
        call.connecting = True
        connection = await super().connect(req, traces, timeout)
        call.connecting = False
        return connection


class Transport:
    """The connections of one event loop."""

    def __init__(
        self,
        config: ClientConfig,
        calls: Mapping[asyncio.Task[Any], Call],
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        """Open nothing yet; must be called in the loop that will use it.

        Args:
            config: The client's settings.
            calls: The calls on their way, by the task that makes each.
            session: The user's own session, which is used as it is and never closed; None for one of ours.
        """
        # An address that is kept knows its host, port and the rest, which cost more to find out than to keep.
        self._url = functools.lru_cache(maxsize=512)(functools.partial(_join, URL(config.address)))
        self._limit = config.max_response_bytes
        # The call keeps its own time: aiohttp's total timeout costs four times as much.
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=config.connect_timeout)
        self._owned = session is None
        self._session = session if session is not None else _open_session(config, calls)
        self._headers: Mapping[str, str] = {}
        self._extra: dict[str, Any] = _proxy(config)
        own: tuple[aiohttp.ClientMiddlewareType, ...] = ()
        if session is not None:
            self._headers = _fixed_headers(config)
            self._extra["raise_for_status"] = False
            own = _middlewares(session)
        # aiohttp never sends POST and PATCH again by itself, and the guard is not free.
        self._unguarded: dict[str, Any] = {**self._extra, "middlewares": own}
        self._extra["middlewares"] = (*own, _no_silent_resend)

    async def send(self, call: Call, headers: Mapping[str, str]) -> Answer:
        """Send a call's request once and read the whole answer, however long it takes.

        Args:
            call: The call; it's told whether it's still connecting, and the status once it's here.
            headers: The request's own headers.

        Raises:
            TransportError: No whole answer came.
            TooLarge: An answer of success went over the limit.
        """
        call.connecting, call.status = False, None
        try:
            response = await self._session.request(
                call.route.verb,
                self._url(call.target),
                headers={**self._headers, **headers} if self._headers else headers,
                data=call.body,
                timeout=self._timeout,
                allow_redirects=False,
                **(self._unguarded if call.route.verb in _NEVER_RESENT else self._extra),
            )
            call.status = response.status
            length = response.content_length
            try:
                if length is not None and length <= self._limit and "Content-Encoding" not in response.headers:
                    body = await response.read()
                else:
                    body = await self._read_bounded(response)
            except BaseException:  # cancelled or not, a half-read connection is of no use
                response.close()
                raise
        except (aiohttp.ClientError, _Lost, OSError, RuntimeError) as error:
            raise _typed(error, call) from _without_frames(error)
        return Answer(response.status, response.headers, body)

    async def _read_bounded(self, response: aiohttp.ClientResponse) -> bytes:
        """Read an answer that doesn't say how large it will be, and no more of it than is wanted."""
        success = response.status < 300
        limit = self._limit if success else min(self._limit, _ERROR_BODY_LIMIT)
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                response.close()
                if success:
                    raise TooLarge(limit, response.status, bytes(body[:4096]))
                return bytes(body[:limit])
        response.release()
        return bytes(body)

    async def close(self) -> None:
        """Close our connections; a session that was passed in stays open."""
        if self._owned:
            await self._session.close()


def _join(base: URL, target: str) -> URL:
    """A path and query below the base address, quoted as they are."""
    path, mark, query = target.partition("?")
    url = base.with_path(base.raw_path.rstrip("/") + path, encoded=True)
    return URL(f"{url}?{query}", encoded=True) if mark else url


def _fixed_headers(config: ClientConfig) -> dict[str, str]:
    """What goes with every request; the token does not belong here, as a session's headers reach every host."""
    return {"LL-Version": config.api_version, "User-Agent": f"lootlocker-async/{__version__}"}


def _open_session(config: ClientConfig, calls: Mapping[asyncio.Task[Any], Call]) -> aiohttp.ClientSession:
    connector = _Connector(limit=config.max_connections, ssl=config.ssl if config.ssl is not None else True)
    connector.calls = calls
    return aiohttp.ClientSession(
        headers=_fixed_headers(config),
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        raise_for_status=False,
        auto_decompress=True,
    )


def _middlewares(session: aiohttp.ClientSession) -> tuple[aiohttp.ClientMiddlewareType, ...]:
    """The middlewares of a session that was passed in, which the request's own would replace."""
    return tuple(getattr(session, "_middlewares", ()))


def _proxy(config: ClientConfig) -> dict[str, Any]:
    """The proxy for the base address, found once: asking the environment on each call costs more than the call."""
    parts = urlsplit(config.address)
    proxy = config.proxy
    if proxy is None and config.trust_env and not proxy_bypass(parts.hostname or ""):
        proxy = getproxies().get(parts.scheme)
    if not proxy:
        return {}
    url = URL(proxy)
    if url.user is None:
        return {"proxy": url}
    credentials = b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
    # Where there is no tunnel, aiohttp takes what goes to the proxy from here under its plain name and renames it.
    name = "Proxy-Authorization" if parts.scheme == "https" else "Authorization"
    headers = {name: SecretStr(f"Basic {credentials}")}
    return {"proxy": url.with_user(None), "proxy_headers": headers}


def _without_frames(error: Exception) -> Exception:
    """An error of aiohttp without its frames, which hold what was sent and received as bytes."""
    inner: BaseException | None = error
    while inner is not None:
        inner.__traceback__ = None
        inner = inner.__cause__ or inner.__context__
    return error


def _typed(error: Exception, call: Call) -> TransportError:
    """What aiohttp raised, as one of ours."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectError("no connection could be made in time", sent=False)
    if isinstance(error, TimeoutError) and not call.connecting:
        return RequestTimeoutError("no whole answer came in time", sent=True, status=call.status)
    if isinstance(error, _NEVER_SENT):
        return ConnectError(f"no connection could be made ({_brief(error)})", sent=False)
    if call.connecting or isinstance(error, RuntimeError):  # RuntimeError: the session was closed before
        return ConnectError(f"no connection could be made ({type(error).__name__})", sent=False)
    name = str(error) if isinstance(error, _Lost) else type(error).__name__
    message = f"the connection broke before the whole answer was here ({name})"
    return ConnectionLostError(message, sent=True, status=call.status)


def _brief(error: Exception) -> str:
    inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    return str(inner or type(error).__name__)
