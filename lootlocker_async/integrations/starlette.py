"""Starlette: a client for the life of an application, answers for its errors, and a readiness check.

    lootlocker = LootLocker()
    app = Starlette(routes=[...], lifespan=lootlocker.lifespan, exception_handlers=exception_handlers())

    async def board(request: Request) -> Response:
        client = lootlocker.of(request)

For FastAPI there is `lootlocker_async.integrations.fastapi`, which has all of this and a dependency.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import attrs

from lootlocker_async.client import LootLockerClient
from lootlocker_async.errors import (
    AuthenticationError,
    CallError,
    ConfigurationError,
    LootLockerError,
    RateLimitedError,
    RequestTimeoutError,
)
from lootlocker_async.extras import missing
from lootlocker_async.integrations.web_errors import HANDLED, ErrorAnswer, error_answer

try:
    from starlette.applications import Starlette
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import JSONResponse, Response
    from starlette.websockets import WebSocket, WebSocketState
except ImportError as _error:
    raise missing(_error, "The integration with Starlette and FastAPI", "fastapi", "starlette") from _error

__all__ = [
    "DEFAULT_NAME",
    "ErrorAnswer",
    "LootLocker",
    "add_exception_handlers",
    "error_answer",
    "exception_handlers",
    "lifespans",
    "readiness_endpoint",
]

log: Final = logging.getLogger("lootlocker_async.web")

DEFAULT_NAME: Final = "lootlocker"
"""The name of an application's only client."""

_PING_TIMEOUT: Final = 2.0
_UNREADY_FOR: Final = 1.0
_TRY_AGAIN_LATER, _POLICY_VIOLATION, _INTERNAL_ERROR = 1013, 1008, 1011

AppT = TypeVar("AppT", bound=Starlette)
State = Mapping[str, Any]
Lifespan = Callable[[AppT], AbstractAsyncContextManager[State | None]]


# ------------------------------------------------------------------------------------------------------------ readiness
class _Watch:
    """Whether a client gets answers, asked of the service as rarely as will do."""

    def __init__(self, client: LootLockerClient, ready_for: float) -> None:
        self._client = client.with_options(timeout=_PING_TIMEOUT, attempt_timeout=None, retries=0)
        self._ready_for = ready_for
        self._asking = asyncio.Lock()
        self._ready = False
        self._known = False
        self._until = 0.0

    async def ready(self, name: str) -> bool:
        """What was found last, as long as that is fresh; whoever comes while somebody asks waits for that answer."""
        loop = asyncio.get_running_loop()
        came = loop.time()
        if self._known and came < self._until:
            return self._ready
        async with self._asking:
            if not (self._known and came < self._until):
                self._tell(name, await self._failure())
                self._until = loop.time() + (self._ready_for if self._ready else min(self._ready_for, _UNREADY_FOR))
        return self._ready

    async def _failure(self) -> LootLockerError | None:
        try:
            await self._client.session.ping()
        except LootLockerError as error:
            return error
        return None

    def _tell(self, name: str, failure: LootLockerError | None) -> None:
        """Remember what was found, and log what has changed."""
        if isinstance(failure, RequestTimeoutError) and not failure.sent:
            ready = self._ready  # the client's own limits held the ping back, which says nothing of the service
        else:
            ready = failure is None or isinstance(failure, RateLimitedError)
        if (ready, self._known) != (self._ready, True):
            log.log(logging.INFO if ready else logging.WARNING, "%s is %s: %s", name, _WORDS[ready], failure or "ok")
        self._ready, self._known = ready, True


_WORDS: Final = {True: "ready", False: "unavailable"}


# ----------------------------------------------------------------------------------------------------------- the client
@attrs.frozen(eq=False)
class LootLocker:
    """One client of each application that it is given to, from the application's start to its end.

    It holds settings, and no client: each process and each event loop that starts the application gets a client of
    its own. So it may be made when a module is imported, whatever the number of workers.

    Attributes:
        name: The client's name in `app.state` and `request.state`. Applications with several clients name them apart.
        make: Makes the client, when the application starts. By default the environment says how.
        preload: Whether the start waits until everything is loaded and a login was tried. A key that is refused then
            ends the start; a service that fails doesn't.
        grace: Seconds that running calls may still take when the application ends.
        ready_for: Seconds for which a readiness check believes what it has found. One that has failed is repeated
            after a second at the soonest.
    """

    name: str = DEFAULT_NAME
    make: Callable[[], LootLockerClient] = attrs.field(default=LootLockerClient.from_env, kw_only=True)
    preload: bool = attrs.field(default=False, kw_only=True)
    grace: float = attrs.field(default=5.0, kw_only=True)
    ready_for: float = attrs.field(default=10.0, kw_only=True)
    _watches: WeakKeyDictionary[LootLockerClient, _Watch] = attrs.field(
        factory=WeakKeyDictionary[LootLockerClient, _Watch], init=False, repr=False
    )

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncGenerator[dict[str, LootLockerClient]]:
        """Open the application's client, and close it at the end: a lifespan, or a part of yours.

        Args:
            app: The application.

        Yields:
            The client by its name, which Starlette hands on to `request.state`, also in mounted applications.

        Raises:
            ConfigurationError: The environment lacks the key, a setting makes no sense, or the application has a
                client of this name already.
            AuthenticationError: The key was refused (with `preload`).
        """
        if hasattr(app.state, self.name):
            msg = f"this application has a client named {self.name!r} already: give one of them another name"
            raise ConfigurationError(msg)
        client = self.make()
        try:
            if self.preload:
                await self._load(client)
            setattr(app.state, self.name, client)
            try:
                yield {self.name: client}
            finally:
                delattr(app.state, self.name)
        finally:
            await client.close(self.grace)

    async def _load(self, client: LootLockerClient) -> None:
        try:
            await client.preload()
        except AuthenticationError:
            raise
        except CallError as error:
            log.warning("%s: the start goes on without a login: %s", self.name, error)

    def of(self, connection: HTTPConnection) -> LootLockerClient:
        """The client of the application that a request or a WebSocket has come to.

        Args:
            connection: The request or the WebSocket.

        Raises:
            ConfigurationError: The application's lifespan hasn't opened it.
        """
        state: Mapping[str, Any] = connection.scope.get("state") or {}
        client: LootLockerClient | None = state.get(self.name) or getattr(connection.app.state, self.name, None)
        if client is None:
            msg = (
                f"no client named {self.name!r} is open here: give the application LootLocker's lifespan; "
                "tests enter it with 'with TestClient(app)', or override the dependency"
            )
            raise ConfigurationError(msg)
        return client

    async def client(self, connection: HTTPConnection) -> LootLockerClient:
        """The same as a dependency of FastAPI: `Annotated[LootLockerClient, Depends(lootlocker.client)]`.

        Args:
            connection: The request or the WebSocket.

        Raises:
            ConfigurationError: The application's lifespan hasn't opened it.
        """
        return self.of(connection)

    async def is_ready(self, connection: HTTPConnection) -> bool:
        """Whether the service answers this application's client.

        A ping that takes two seconds at most tells. What was found is believed for a while (`ready_for`), and any
        number of askers share one ping. A rate limit doesn't make it unready, nor does a ping that the client's own
        limits have held back: then what was known before stands.

        Args:
            connection: The request or the WebSocket.

        Raises:
            ConfigurationError: The application's lifespan hasn't opened the client.
        """
        client = self.of(connection)
        watch = self._watches.get(client)
        if watch is None:
            watch = self._watches.setdefault(client, _Watch(client, self.ready_for))
        return await watch.ready(self.name)


def readiness_endpoint(*clients: LootLocker) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers 200 if every one of some clients is ready, and 503 otherwise.

    It is for whoever decides where requests are sent, and no sign that the process should be started anew: a
    restart doesn't mend the service.

        app.add_api_route("/ready", readiness_endpoint(lootlocker), include_in_schema=False)

    Args:
        *clients: Whose clients have to be ready.
    """

    async def ready(request: Request) -> Response:
        for it in clients:
            it.of(request)  # no ping is left alone by another client's absence
        found = await asyncio.gather(*(it.is_ready(request) for it in clients))
        checks = {it.name: _WORDS[ready] for it, ready in zip(clients, found, strict=True)}
        headers = {"Cache-Control": "no-store"}
        return JSONResponse({"ready": all(found), "checks": checks}, 200 if all(found) else 503, headers)

    return ready


def lifespans(*parts: Lifespan[AppT]) -> Callable[[AppT], AbstractAsyncContextManager[dict[str, Any]]]:
    """Make one lifespan of several: entered in their order, left in the opposite one.

        app = FastAPI(lifespan=lifespans(live.lifespan, stage.lifespan, the_app_s_own))

    Args:
        *parts: The lifespans. What they yield is put together; where names are the same, the last one counts.
    """

    @asynccontextmanager
    async def together(app: AppT) -> AsyncGenerator[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            state: dict[str, Any] = {}
            for part in parts:
                given: State | None = await stack.enter_async_context(part(app))
                state.update(given or {})
            yield state

    return together


# --------------------------------------------------------------------------------------------------------------- errors
ExceptionHandler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
"""What Starlette and FastAPI alike take; a WebSocket's handler answers nothing, which no type of theirs says."""


def exception_handlers() -> dict[int | type[Exception], ExceptionHandler]:
    """The handlers that make answers of failed calls, for `exception_handlers=` of an application.

    A handler of your own for one of the SDK's more special errors comes before them.
    """
    return {kind: cast("ExceptionHandler", _answer) for kind in HANDLED}


def add_exception_handlers(app: Starlette) -> None:
    """Let an application answer failed calls as `error_answer` says, and log them.

    Args:
        app: The application.
    """
    for kind, handler in exception_handlers().items():
        app.add_exception_handler(kind, handler)


async def _answer(connection: Request | WebSocket, error: Exception) -> Response | None:
    """Answer a failed call's request, or close its WebSocket, and log why."""
    failure = cast("LootLockerError", error)
    answer = error_answer(failure)
    log.log(answer.level, "%r is answered %d: %s", connection.url.path, answer.status, failure)
    if isinstance(connection, WebSocket):
        if connection.application_state is not WebSocketState.DISCONNECTED:
            await connection.close(_close_code(answer.status), answer.error)
        return None
    return JSONResponse(answer.body, answer.status, answer.headers)


def _close_code(status: int) -> int:
    if status == 503:
        return _TRY_AGAIN_LATER
    return _POLICY_VIOLATION if status < 500 else _INTERNAL_ERROR
