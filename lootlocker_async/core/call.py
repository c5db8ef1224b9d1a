"""What is on its way: one call, and what is made of several of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from lootlocker_async.core import paths
from lootlocker_async.errors import Attempt, CallFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lootlocker_async.core.bodies import Body
    from lootlocker_async.core.observers import History
    from lootlocker_async.core.tokens import Token
    from lootlocker_async.routes import Route

__all__ = ["Call", "CallOptions", "CallSettings", "UnderWay", "Unread", "goes_on"]

goes_on: ContextVar[bool] = ContextVar("lootlocker_goes_on", default=False)
"""Whether what is called next belongs to something that had begun before: a client that is closing lets it go on."""


class UnderWay:
    """What takes several calls, or pieces, and a task that asks for them: a walk through pages, a stream.

    A client that is closed waits for it as it does for a call, also while that task is busy between two of them.
    """

    __slots__ = ("__weakref__", "_driver", "_on_end", "loop")

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._driver: asyncio.Task[Any] | None = None
        self._on_end: Callable[[], None] | None = None

    def driven(self) -> None:
        """The present task asks for the next one."""
        self.loop = asyncio.get_running_loop()
        self._driver = asyncio.current_task()

    def ended(self) -> None:
        """There is no next one, or nobody wants it."""
        self._driver = None
        if self._on_end is not None:
            self._on_end()

    def is_awaited(self, closing: asyncio.Task[Any] | None) -> bool:
        """Whether some task goes on with it; the one that is closing the client can't."""
        return self._driver is not None and self._driver is not closing and not self._driver.done()

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Tell when it has ended, or when its task has."""
        self._on_end = tell
        if self._driver is not None:
            self._driver.add_done_callback(lambda _: tell())


class Unread:
    """The answer of a call that has not been read yet."""

    __slots__ = ("_outline", "_read")

    def __init__(self, read: Callable[[], Any], outline: Callable[[], tuple[int | None, int | None]]) -> None:
        self._read: Callable[[], Any] | None = read
        self._outline: Callable[[], tuple[int | None, int | None]] | None = outline

    def outline(self) -> tuple[int | None, int | None]:
        """Where the next page is and how long the list is, as far as the answer tells at a glance."""
        return (None, None) if self._outline is None else self._outline()

    def read(self) -> Any:  # noqa: ANN401  (of any model)
        """Make its model, once.

        Raises:
            ResponseDecodeError: It can't be read.
        """
        # The call knows its task, whose result this is: bytes held in a ring would wait for the garbage collector.
        read, self._read, self._outline = self._read, None, None
        assert read is not None  # noqa: S101  (a page is wanted once)  # nosec B101
        return read()


class CallOptions(NamedTuple):
    """What may differ from call to call: the seconds in all and for an attempt, and the number of repeats."""

    timeout: float
    attempt_timeout: float | None
    retries: int


class CallSettings(TypedDict, total=False):
    """`CallOptions` as keyword arguments."""

    timeout: float
    attempt_timeout: float | None
    retries: int


class Call:
    """One call on its way."""

    number: int = 0
    maybe_executed: bool = False
    renewals: int = 0
    flying: str = ""
    word: str = ""
    connecting: bool = False
    rang: bool = False
    status: int | None = None
    token: Token | None = None
    headers: Mapping[str, str] = {}
    trace_id: str | None = None

    def __init__(  # noqa: PLR0917  (made for every call, and positions are cheaper than names)
        self,
        route: Route,
        path: str,
        query: list[tuple[str, str]],
        body: bytes | Body | None,
        options: CallOptions,
        started: float,
        task: asyncio.Task[Any],
    ) -> None:
        self.route = route
        self.path = path
        self.query = query
        self.target: str = f"{path}?{paths.quote_query(query)}" if query else path
        self.body: bytes | Body | None = body
        self.options = options
        self.started = started
        self.deadline: float = started + options.timeout
        # A call that can't be sent again has all the time that is left for its one attempt.
        self.patience: float | None = options.attempt_timeout if route.idempotent else None
        self.task = task
        self.cancelling: int = task.cancelling()
        self.history: History = []

    @property
    def spent(self) -> bool:
        """Whether its body can't be sent again."""
        return not (self.body is None or isinstance(self.body, bytes)) and self.body.spent

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown of it."""
        token = (self.token.value,) if self.token else ()
        return token if self.body is None or isinstance(self.body, bytes) else (*token, *self.body.secrets)

    @property
    def sent(self) -> int:
        """How many attempts have ended."""
        return len(self.history)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The history of the call's attempts."""
        return tuple(Attempt(number, *noted) for number, noted in enumerate(self.history, 1))

    def alarm(self) -> None:
        """Time is up for the present attempt: wake its task. `asyncio.timeout` does the same at five times the cost."""
        self.rang = True
        self.task.cancel()

    def was_alarm(self) -> bool:
        """Whether what ended the attempt was the alarm alone; asked once, as the alarm's cancellation ends with it."""
        if not self.rang:
            return False
        self.rang = False
        return self.task.uncancel() <= self.cancelling

    def facts(self, request_id: str | None = None, trace_id: str | None = None) -> CallFacts:
        """What an error tells of the call."""
        return {
            "operation": self.route.operation,
            "method": self.route.verb,
            "path": self.path,
            "request_id": request_id or (self.history[-1][0] if self.history else None),
            "trace_id": trace_id or self.trace_id,
            "attempts": self.attempts,
        }
