"""One attempt: a request out, a whole answer or a typed error back. Nothing of aiohttp gets past this file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from lootlocker_async.errors import ConnectError, ConnectionLostError, RequestTimeoutError, TransportError
from lootlocker_async.secret import SecretStr

if TYPE_CHECKING:
    from lootlocker_async.config import ClientConfig

_ERROR_BODY_LIMIT = 64 * 1024

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)


class Flight:
    """What is known of a request on its way."""

    __slots__ = ("connecting", "status")

    def __init__(self) -> None:
        self.connecting = False
        self.status: int | None = None


_flight: ContextVar[Flight] = ContextVar("lootlocker_flight")


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[aiohttp.tracing.Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.connector.Connection:
        flight = _flight.get(None)
        if flight is None:
            return await super().connect(req, traces, timeout)
        flight.connecting = True
        connection = await super().connect(req, traces, timeout)
        flight.connecting = False
        return connection


class Transport:
    """The connections of one event loop."""

    def __init__(self, config: ClientConfig, session: aiohttp.ClientSession | None = None) -> None:
        """Open nothing yet; must be called in the loop that will use it.

        Args:
            config: The client's settings.
            session: The user's own session, which is used as it is and never closed; None for one of ours.
        """
        self._base = URL(config.address)
        self._prefix = self._base.raw_path.rstrip("/")
        self._limit = config.max_response_bytes
        self._connect_timeout = config.connect_timeout
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._owned = session is None
        self._session = session if session is not None else _open_session(config)
        self._extra: dict[str, Any] = _proxy(config)
        if session is not None:
            self._extra["middlewares"] = (*_middlewares(session), _no_silent_resend)

    async def send(
        self, verb: str, target: str, headers: Mapping[str, str], data: bytes | None, seconds: float
    ) -> Answer:
        """Send a request once and read the whole answer.

        Args:
            verb: The HTTP verb.
            target: Path and query below the base address, quoted.
            headers: The request's own headers.
            data: The body.
            seconds: How long it may take in all.

        Raises:
            TransportError: No whole answer came.
            TooLarge: An answer of success went over the limit.
        """
        flight = Flight()
        _flight.set(flight)
        try:
            response = await self._session.request(
                verb,
                self._url(target),
                headers=headers,
                data=data,
                timeout=self._timeout(seconds),
                allow_redirects=False,
                **self._extra,
            )
            flight.status = response.status
            try:
                body = await self._read(response)
            except BaseException:
                response.close()
                raise
        except (aiohttp.ClientError, _Lost, OSError, RuntimeError) as error:
            raise _typed(error, flight, seconds) from error
        return Answer(response.status, response.headers, body)

    @property
    def may_have_sent(self) -> bool:
        """Whether the request of the present task's last attempt may have left this machine."""
        flight = _flight.get(None)
        return flight is not None and not flight.connecting

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        length = response.content_length
        success = response.status < 300
        if length is not None and length <= self._limit and "Content-Encoding" not in response.headers:
            return await response.read()
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

    def _url(self, target: str) -> URL:
        path, mark, query = target.partition("?")
        url = self._base.with_path(self._prefix + path, encoded=True)
        return URL(f"{url}?{query}", encoded=True) if mark else url

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        """Aiohttp's form of a time limit; the few that recur are kept."""
        timeout = self._timeouts.get(seconds)
        if timeout is None:
            # A threshold that is never reached: aiohttp would round waits of over five seconds up to whole ones.
            timeout = aiohttp.ClientTimeout(
                total=max(seconds, 0.001), sock_connect=self._connect_timeout, ceil_threshold=1e9
            )
            if len(self._timeouts) < 16:
                self._timeouts[seconds] = timeout
        return timeout

    async def close(self) -> None:
        """Close our connections; a session that was passed in stays open."""
        if self._owned:
            await self._session.close()


def _open_session(config: ClientConfig) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=_Connector(limit=config.max_connections, ssl=config.ssl if config.ssl is not None else True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        middlewares=(_no_silent_resend,),
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
    headers = {"Proxy-Authorization": SecretStr(f"Basic {credentials}")}
    return {"proxy": url.with_user(None), "proxy_headers": headers}


def _typed(error: Exception, flight: Flight, seconds: float) -> TransportError:
    """What aiohttp raised, as one of ours."""
    if isinstance(error, aiohttp.ConnectionTimeoutError) or (isinstance(error, TimeoutError) and flight.connecting):
        return ConnectError("no connection could be made in time", sent=False)
    if isinstance(error, TimeoutError):
        return RequestTimeoutError(f"no whole answer within {seconds:.3g} s", sent=True, status=flight.status)
    if isinstance(error, _NEVER_SENT):
        return ConnectError(f"no connection could be made ({_brief(error)})", sent=False)
    if flight.connecting or isinstance(error, RuntimeError):  # RuntimeError: the session was closed before
        return ConnectError(f"no connection could be made ({type(error).__name__})", sent=False)
    name = str(error) if isinstance(error, _Lost) else type(error).__name__
    return ConnectionLostError(
        f"the connection broke before the whole answer was here ({name})", sent=True, status=flight.status
    )


def _brief(error: Exception) -> str:
    inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    return str(inner or type(error).__name__)
