"""One attempt: a request out, a whole answer or a typed error back. Nothing of aiohttp gets past this file."""

from __future__ import annotations

import functools
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import getproxies, getproxies_environment, proxy_bypass

# The stubs of the standard library don't know it.
from urllib.request import (  # type: ignore[attr-defined]  # isort: skip
    proxy_bypass_environment,  # pyright: ignore[reportAttributeAccessIssue]
)

import aiohttp
from multidict import istr
from yarl import URL

from lootlocker_async.core.bodies import UploadBroken
from lootlocker_async.errors import (
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    RequestTimeoutError,
    TransportError,
)
from lootlocker_async.secret import SecretStr
from lootlocker_async.version import __version__

if TYPE_CHECKING:
    from lootlocker_async.config import ClientConfig
    from lootlocker_async.core.bodies import Body
    from lootlocker_async.core.call import Call

_ERROR_BODY_LIMIT = 64 * 1024

# Names that multidict needn't fold again for each request.
X_SERVER_KEY = istr("x-server-key")
X_AUTH_TOKEN = istr("x-auth-token")
X_REQUEST_ID = istr("x-request-id")
CONTENT_TYPE = istr("Content-Type")
CONTENT_LENGTH = istr("Content-Length")
CONTENT_ENCODING = istr("Content-Encoding")

_USER_AGENT = f"lootlocker-async/{__version__}"

_NEVER_RESENT = frozenset({"POST", "PATCH"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NO_CONTENT_TYPE = frozenset({CONTENT_TYPE})
"""aiohttp would give a POST without a body a type of content."""

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


_CONNECT = aiohttp.BaseConnector.connect.__code__


def was_connecting(failure: BaseException | None) -> bool:
    """Whether a request that failed, or was given up, still waited for its connection.

    Its traceback knows, and asking it costs the calls that succeed nothing.
    """
    while failure is not None:
        trace = failure.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code is _CONNECT:
                return True
            trace = trace.tb_next
        failure = failure.__cause__
    return False


class Transport:
    """The connections of one event loop."""

    def __init__(
        self,
        config: ClientConfig,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        """Open nothing yet; must be called in the loop that will use it.

        Args:
            config: The client's settings.
            session: The user's own session, which is used as it is and never closed; None for one of ours.
        """
        # An address that is kept knows its host, port and the rest, which cost more to find out than to keep.
        self._url = functools.lru_cache(maxsize=512)(functools.partial(_join, URL(config.address)))
        self._root = URL(config.root)
        self._limit = config.max_response_bytes
        self._limit_digits = len(str(self._limit))
        # The call keeps its own time: aiohttp's total timeout costs four times as much.
        self.proxies: Proxies = Proxies(config)
        self.origin: URL = URL(config.address).origin()
        # Before the session, as it may be refused.
        self._extra: dict[str, Any] = self.proxies.of(self.origin)
        # A proxy may take the connection and then never make the tunnel, which `sock_connect` doesn't count.
        tunnel = config.connect_timeout if self._extra else None
        self._timeout = aiohttp.ClientTimeout(total=None, connect=tunnel, sock_connect=config.connect_timeout)
        self._owned = session is None
        self._session = session if session is not None else _open_session(config)
        self._headers: Mapping[str, str] = {}
        own: tuple[aiohttp.ClientMiddlewareType, ...] = ()
        if session is not None:
            self._headers = _fixed_headers(config)
            self._extra["raise_for_status"] = False
            own = _middlewares(session)
        # The guard is not free. aiohttp never sends POST and PATCH again by itself, and it would send the other verbs,
        # unless the session was told not to, which it lets its own test client do.
        self._unguarded: dict[str, Any] = {**self._extra, "middlewares": own}
        self._extra["middlewares"] = (*own, _no_silent_resend)
        self._elsewhere: aiohttp.ClientSession | None = None
        self._config = config
        self._told_not_to = self._owned and _forbid_silent_resend(self._session)

    async def send(self, call: Call, headers: Mapping[str, str]) -> Answer:
        """Send a call's request once and read the whole answer, however long it takes.

        Args:
            call: The call; it's told the status once it's here.
            headers: The request's own headers.

        Raises:
            TransportError: No whole answer came.
            TooLarge: An answer of success went over the limit.
            UploadBroken: What was to be sent could not be read.
        """
        call.status, body, route = None, call.body, call.route
        if body is not None and not isinstance(body, bytes):
            return await self._send_streamed(call, headers, body)
        # What must not be sent twice is guarded whatever the session was told.
        unguarded = route.verb in _NEVER_RESENT or (route.idempotent and self._told_not_to)
        extra: dict[str, Any] = self._unguarded if unguarded else self._extra
        if body is None and route.verb in _WITH_BODY:
            extra = {**extra, "skip_auto_headers": _NO_CONTENT_TYPE}
        try:
            response = await self._session.request(
                route.verb,
                self._url(call.target) if not route.below_root else _join(self._root, call.target),
                headers={**self._headers, **headers} if self._headers else headers,
                data=body,
                timeout=self._timeout,
                allow_redirects=False,
                **extra,
            )
            call.status, told = response.status, response.headers
            length = told.get(CONTENT_LENGTH)
            try:
                # A length of fewer digits than the limit needs no closer look.
                if length is not None and len(length) < self._limit_digits and CONTENT_ENCODING not in told:
                    # Mostly it came whole, with its headers. (`read` tells the tracing that a user's session may have.)
                    if self._owned and response.content.is_eof():
                        content = response.content.read_nowait()
                    else:
                        content = await response.read()
                else:
                    content = await self._read_bounded(response)
            except BaseException:  # cancelled or not, a half-read connection is of no use
                response.close()
                raise
        except (aiohttp.ClientError, _Lost, OSError, RuntimeError) as error:
            raise typed(error, call.status) from without_frames(error)
        return Answer(call.status, told, content)

    async def _send_streamed(self, call: Call, headers: Mapping[str, str], body: Body) -> Answer:
        """Send what isn't plain bytes; where the answer comes before all of it was sent, the rest is not sent."""
        call.status = None
        try:
            response = await self._session.request(
                call.route.verb,
                _join(self._root, call.target) if call.route.below_root else self._url(call.target),
                headers={**self._headers, **headers},
                data=body.data(),
                timeout=self._timeout,
                allow_redirects=False,
                **self._extra,
            )
            call.status = response.status
            try:
                # Not `read`, which would wait for the sending to end.
                answer = Answer(response.status, response.headers, await self._read_bounded(response))
            except BaseException:  # cancelled or not, a half-read connection is of no use
                response.close()
                raise
            if not body.whole:
                response.close()
        except (aiohttp.ClientError, _Lost, OSError, RuntimeError) as error:
            if body.failure is not None:
                call.word = type(body.failure).__name__
                raise UploadBroken(body.failure) from None
            raise typed(error, call.status) from without_frames(error)
        finally:
            await body.ended()
        return answer

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

    def elsewhere(self) -> aiohttp.ClientSession:
        """A session for other hosts than the service's: no header, cookie or credential of ours goes there."""
        if self._elsewhere is None:
            if self._session.closed:
                raise RuntimeError("the session is closed")
            connector = _connector(self._config) if self._owned else self._session.connector
            self._elsewhere = aiohttp.ClientSession(
                headers={"User-Agent": _USER_AGENT},
                connector=connector,
                connector_owner=self._owned,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._config.connect_timeout),
            )
        return self._elsewhere

    async def close(self) -> None:
        """Close our connections; a session that was passed in stays open."""
        if self._elsewhere is not None:
            await self._elsewhere.close()
        if self._owned:
            await self._session.close()


def _join(base: URL, target: str) -> URL:
    """A path and query below the base address, quoted as they are."""
    path, mark, query = target.partition("?")
    url = base.with_path(base.raw_path.rstrip("/") + path, encoded=True)
    return URL(f"{url}?{query}", encoded=True) if mark else url


def _fixed_headers(config: ClientConfig) -> dict[str, str]:
    """What goes with every request; the token does not belong here, as a session's headers reach every host."""
    return {"LL-Version": config.api_version, "User-Agent": _USER_AGENT}


def _connector(config: ClientConfig) -> aiohttp.TCPConnector:
    return aiohttp.TCPConnector(limit=config.max_connections, ssl=config.ssl if config.ssl is not None else True)


def _open_session(config: ClientConfig) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers=_fixed_headers(config),
        connector=_connector(config),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        raise_for_status=False,
        auto_decompress=True,
    )


def _forbid_silent_resend(session: aiohttp.ClientSession) -> bool:
    """Have a session never send a request again by itself, and tell whether it can be told so."""
    if not hasattr(session, "_retry_connection"):
        return False
    session._retry_connection = False  # noqa: SLF001  (no public way; where it's gone, the guard does the same)
    return True


def _middlewares(session: aiohttp.ClientSession) -> tuple[aiohttp.ClientMiddlewareType, ...]:
    """The middlewares of a session that was passed in, which the request's own would replace."""
    return tuple(getattr(session, "_middlewares", ()))


class Proxies:
    """The way to hosts, as the settings or the environment say; the environment is read once, when this is made."""

    def __init__(self, config: ClientConfig) -> None:
        self._setting = None if config.proxy is None else SecretStr(config.proxy)
        known = getproxies() if config.proxy is None and config.trust_env else {}
        self._known = {scheme: SecretStr(proxy) for scheme, proxy in known.items()}
        # Without variables, the operating system's own settings count where it has some.
        self._variables = bool(getproxies_environment()) if known else True

    def of(self, url: URL) -> dict[str, Any]:
        """The proxy for an address, as aiohttp takes it.

        Raises:
            ConfigurationError: The setting, or the environment's variable, is no proxy's address.
        """
        proxy = self._known.get(url.scheme) if self._setting is None else self._setting
        if not proxy or (self._setting is None and self._bypassed(url.host or "")):
            return {}
        found = _proxy_url(proxy)
        if found is None:
            raise ConfigurationError("the proxy should look like http://host:port")
        if found.user is None:
            return {"proxy": found}
        credentials = b64encode(f"{found.user}:{found.password or ''}".encode()).decode()
        # Where there is no tunnel, aiohttp takes what goes to the proxy from here under its plain name and renames it.
        name = "Proxy-Authorization" if url.scheme == "https" else "Authorization"
        headers = {name: SecretStr(f"Basic {credentials}")}
        return {"proxy": found.with_user(None), "proxy_headers": headers}

    def _bypassed(self, host: str) -> bool:
        return bool(proxy_bypass_environment(host, self._known) if self._variables else proxy_bypass(host))


def _proxy_url(proxy: SecretStr) -> URL | None:
    """A proxy's address, or None; in the environment it is often a host and a port alone."""
    try:
        url = URL(proxy.reveal() if "://" in proxy else "http://" + proxy.removeprefix("//"))
        fits = url.scheme in {"http", "https"} and url.host and url.port
    except ValueError:  # whose text may repeat a password
        return None
    return url if fits else None


def without_frames(error: Exception) -> Exception:
    """An error of aiohttp without its frames, which hold what was sent and received as bytes."""
    inner: BaseException | None = error
    while inner is not None:
        inner.__traceback__ = None
        inner = inner.__cause__ or inner.__context__
    return error


def typed(error: Exception, status: int | None) -> TransportError:
    """What aiohttp raised, as one of ours."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectError("no connection could be made in time", sent=False)
    connecting = was_connecting(error)
    if isinstance(error, TimeoutError) and not connecting:
        return RequestTimeoutError("no whole answer came in time", sent=True, status=status)
    if isinstance(error, _NEVER_SENT):
        return ConnectError(f"no connection could be made ({_brief(error)})", sent=False)
    if connecting or isinstance(error, RuntimeError):  # RuntimeError: the session was closed before
        return ConnectError(f"no connection could be made ({type(error).__name__})", sent=False)
    name = str(error) if isinstance(error, _Lost) else type(error).__name__
    message = f"the connection broke before the whole answer was here ({name})"
    return ConnectionLostError(message, sent=True, status=status)


def _brief(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status}"
    inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    # A connection that ends in the handshake is an error without a text.
    text = str(inner or "") or type(inner or error).__name__
    return f"to the proxy: {text}" if isinstance(error, aiohttp.ClientProxyConnectionError) else text
