"""The session manager: one pool for each event loop, the token's life, and the way of a call through them."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import warnings
import weakref
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol, TypeVar

from lootlocker_async import routes
from lootlocker_async.core import answers, paths
from lootlocker_async.core.call import Call, CallOptions, UnderWay, goes_on
from lootlocker_async.core.drift import DriftWatch
from lootlocker_async.core.limits import scarce
from lootlocker_async.core.login import LoginFailed, TokenKeeper
from lootlocker_async.core.observers import Observers, calls_log, timings, traces
from lootlocker_async.core.pool import Pool, open_pool
from lootlocker_async.core.reports import Reporter, out_of_time
from lootlocker_async.core.tokens import is_token
from lootlocker_async.core.transport import (
    CONTENT_TYPE,
    X_AUTH_TOKEN,
    X_REQUEST_ID,
    X_SERVER_KEY,
    Answer,
    TooLarge,
    was_connecting,
)
from lootlocker_async.errors import (
    APIError,
    CallError,
    CallFacts,
    ClientClosedError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
    WrongEventLoopError,
)
from lootlocker_async.secret import SecretStr

if TYPE_CHECKING:
    import aiohttp

    from lootlocker_async.config import ClientConfig
    from lootlocker_async.core.bodies import Body
    from lootlocker_async.core.observers import WaitReason
    from lootlocker_async.core.reader import Reader
    from lootlocker_async.routes import Route

T = TypeVar("T")


class Waiting(Protocol):
    """What waits until it may go out: a call, or a download."""

    route: Route
    options: CallOptions
    deadline: float
    number: int

    def facts(self) -> CallFacts:
        """What an error tells of it."""
        ...


class SessionManager:
    """Sends calls: finds the pool of the running loop, sees to a token, and drives attempts through the retry rules."""

    def __init__(self, config: ClientConfig, session: aiohttp.ClientSession | None, made_at: str) -> None:
        """Open nothing yet.

        Args:
            config: The settings, checked.
            session: The user's own aiohttp session, or None.
            made_at: Where the client was made, for the warning about one that was never closed.
        """
        self.config = config
        self.observers: Observers = Observers(config.observers)
        self.options: CallOptions = CallOptions(config.timeout, config.attempt_timeout, config.retries)
        self.drift: DriftWatch = DriftWatch(config.drift, self.observers)
        self._tokens = TokenKeeper(config, self.observers, self._start_session, self._ping)
        self.report: Reporter = Reporter(self.observers, self._secrets, address=config.address, root=config.root)
        self._reader: Reader | None = None
        self._session = session
        self._made_at = made_at
        self._key = SecretStr("")
        self._pools: dict[asyncio.AbstractEventLoop, Pool] = {}
        self.under_way: weakref.WeakSet[UnderWay] = weakref.WeakSet()
        self._request_ids = map(f"{secrets.token_hex(4)}-%x".__mod__, itertools.count(1))
        self._closed = False

    # ------------------------------------------------------------------------------------------------ a call's way
    async def call(  # noqa: C901, PLR0912  (every call comes this way, and pays for each function that it is cut into)
        self,
        route: Route,
        arguments: tuple[object, ...],
        into: type[T],
        options: CallOptions,
        *,
        query: paths.Query | None = None,
        body: bytes | Body | None = None,
        later: bool = False,
    ) -> T:
        """Make a call and read its answer.

        Args:
            route: The operation.
            arguments: Its path arguments, in order.
            into: What to make of the answer; `NoneType` for nothing.
            options: Its times and repeats.
            query: Its query; None values are left out.
            body: Its body; bytes are JSON.
            later: Whether to give an `Unread` instead, for a caller that has no use for the model yet. A call that is
                traced or observed is read at once, as that tells how it went.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            ClientClosedError: The client is closed.
            CallError: The call failed.
        """
        path = paths.compile_path(route, arguments)
        pairs = paths.pairs(query) if query else []
        pool = self._pools.get(asyncio.get_running_loop()) or await self._open_pool()
        if self._closed and (pool.closed or not goes_on.get()):
            raise ClientClosedError("the client is closed")
        task = asyncio.current_task(pool.loop)
        assert task is not None  # noqa: S101  (coroutines run in tasks)  # nosec B101
        pool.last_used = started = pool.time()
        call = Call(route, path, pairs, body, options, started, task)
        outcome = "ok"
        pool.calls[task] = call
        try:
            if self.observers.functions or calls_log.isEnabledFor(logging.DEBUG):
                self.report.began(call)
            try:
                answer = await self._attempt(pool, call)
            except CallError as error:
                answer = await self._go_on(pool, call, error)
            if call.token is not self._tokens.proven:
                self._tokens.worked(call.token)
            reader = self._reader or self._load_reader()
            at_once = not later or call.number or traces.get()
            return reader.read(call, answer, into) if at_once else reader.unread(call, answer, into)
        except LoginFailed as failed:
            outcome = type(failed.error).__name__
            raise failed.error from None
        except Exception as error:
            outcome = type(error).__name__
            raise
        except asyncio.CancelledError as cancelled:
            outcome = "cancelled"
            self._cut_off(pool, call, cancelled)
            raise
        finally:
            pool.calls.pop(task, None)
            if call.number:
                self.report.over(call, pool.time() - started, outcome)
            if pool.closing:
                pool.something_ended()
            for owner, records in traces.get():
                if owner is self:
                    records.append(self.report.record(call, pool.time() - started, outcome))
            for note in timings.get():
                note(pool.time() - started, call.history)

    def _cut_off(self, pool: Pool, call: Call, cancelled: asyncio.CancelledError) -> None:
        """A call was cancelled: tell of one that may have been executed, and of a client that was closed."""
        in_doubt = call.flying and not call.connecting and not call.route.idempotent
        if call.task in pool.aborted:
            pool.aborted.discard(call.task)
            if call.task.uncancel() == 0:
                closed = ClientClosedError("the client was closed while the call was running")
                if in_doubt:
                    raise self.report.outcome_unknown(
                        call, CallError(str(closed), **call.facts(call.flying))
                    ) from closed
                raise closed from None
        if in_doubt:
            self.report.cut_off(call, cancelled)

    async def _go_on(self, pool: Pool, call: Call, failure: CallError) -> Answer:
        """Go on with a call whose first attempt failed, until it's answered or must not be attempted again."""
        from lootlocker_async.core import retry  # what the first attempt never needs

        async def attempt() -> Answer:
            try:
                return await self._attempt(pool, call)
            except APIError as error:
                return await self._with_another_token(pool, call, error)

        try:
            if isinstance(failure, APIError):
                try:
                    return await self._with_another_token(pool, call, failure)
                except CallError as error:
                    failure = error
            if call.options.retries and retry.judge(call, failure) is retry.Verdict.AGAIN:
                return await retry.repeat(
                    call,
                    failure,
                    attempt,
                    retries=call.options.retries,
                    base=self.config.backoff_base,
                    cap=self.config.backoff_cap,
                    on_pause=lambda error, wait: self.report.pause(call, error, wait),
                )
        except CallError as error:
            failure = error
        failure.attempts = call.attempts
        verdict = retry.judge(call, failure)
        if verdict is retry.Verdict.DONE:
            return Answer(call.route.status, {}, b"")
        if verdict is retry.Verdict.UNKNOWN:
            raise self.report.outcome_unknown(call, failure) from failure
        if not call.route.idempotent and isinstance(failure, TransportError) and failure.status is not None:
            msg = f"the service answered {failure.status}, but its answer broke off"
            raise ResponseDecodeError(
                msg, reason="cut", status=failure.status, executed=True, **call.facts()
            ) from failure
        raise failure

    async def _with_another_token(self, pool: Pool, call: Call, error: APIError) -> Answer:
        """Attempt a call once more where the token may have been refused; otherwise raise the error as it is."""
        while not call.spent and self._tokens.may_be_meant(call, error):
            call.renewals += 1
            await self.in_time(call, self._tokens.other_than(call.token, pool), "login")
            self.report.pause(call, error, 0.0)
            try:
                return await self._attempt(pool, call)
            except APIError as again:
                error = again
        raise error

    async def _attempt(self, pool: Pool, call: Call) -> Answer:
        """Send a call once, when its turn has come."""
        if call.route.credential == "token":
            token = self._tokens.current
            if token is None:
                token = await self.in_time(call, self._tokens.other_than(None, pool), "login")
            call.token = token
            headers: dict[str, str] = {X_AUTH_TOKEN: token.value}
        else:
            headers = {X_SERVER_KEY: self.server_key()} if call.route.credential == "key" else {}
        if call.body is not None and call.route.sends:
            headers[CONTENT_TYPE] = call.route.sends
        if pool.gate.closed or not pool.limiter.enter_now():
            await self.wait_turn(pool, call)
        headers[X_REQUEST_ID] = request_id = next(self._request_ids)
        if call.number:
            self.report.started(call, request_id, headers)
        began = pool.time()
        pool.deadlines.watch(call, began)
        call.flying, call.word, retry_after = request_id, "", None
        try:
            answer = await pool.transport.send(call, headers)
            call.flying, call.headers = "", answer.headers
            if answer.status >= 300:
                retry_after = answers.retry_after(answer.headers)
        except (asyncio.CancelledError, TransportError, TooLarge) as failure:
            error = self._failed(pool, call, failure, began)
            raise error from error.__cause__
        finally:
            pool.deadlines.forget(call)
            pool.limiter.leave(call.status, retry_after)
            call.history.append((request_id, call.status, call.word, began - call.started, pool.time() - began))
            if call.number:
                self.report.ended(call)
        if answer.status < 300:
            return answer
        raise self._refused(pool, call, answer, retry_after)

    def _refused(self, pool: Pool, call: Call, answer: Answer, retry_after: float | None) -> APIError:
        """What an attempt raises that the service said no to; where it asked for a pause, everybody keeps it."""
        if retry_after is not None and answer.status in {429, 503}:
            pool.gate.close(retry_after)
        return self.report.refusal(call, answer)

    def _failed(
        self, pool: Pool, call: Call, failure: asyncio.CancelledError | TransportError | TooLarge, began: float
    ) -> BaseException:
        """What an attempt without an answer raises."""
        request_id, alarmed = call.flying, call.was_alarm()
        if isinstance(failure, TooLarge):
            call.word = "TooLarge"
            return self.report.too_large(call, failure, request_id)
        if isinstance(failure, asyncio.CancelledError):
            call.connecting = was_connecting(failure)
            if not alarmed:
                call.word = "cancelled"
                return failure
            failure = out_of_time(call, pool.time() - began)
        call.word = type(failure).__name__
        error = self.report.lost(call, failure, request_id)
        if pool.closed and not failure.sent:
            closed = ClientClosedError("the client was closed before the call went out")
            closed.__cause__ = error
            return closed
        return error

    async def wait_turn(self, pool: Pool, call: Waiting) -> None:
        """Wait for an open gate and a place; the call holds the place afterwards.

        Raises:
            RequestTimeoutError: It will be too late for the call.
        """
        while True:
            if pool.gate.closed:
                if pool.gate.until >= call.deadline:
                    msg = "the service asked for a pause that ends after this call's deadline; nothing was sent"
                    raise RequestTimeoutError(msg, sent=False, **call.facts())
                await self.in_time(call, pool.gate.wait(call.deadline), "gate")
                continue
            if not pool.limiter.enter_now():
                await self.in_time(call, pool.limiter.enter(), scarce(pool.limiter))
            if not pool.gate.closed:
                return
            pool.limiter.leave(None, None)

    async def in_time(self, call: Waiting, wait: Awaitable[T], why: WaitReason) -> T:
        """Wait for something within the call's deadline.

        Raises:
            RequestTimeoutError: It didn't come in time; nothing was sent.
        """
        loop = asyncio.get_running_loop()
        limit, began = asyncio.timeout_at(call.deadline), loop.time()
        try:
            async with limit:
                return await wait
        except TimeoutError:
            if not limit.expired():
                raise
            msg = f"{call.options.timeout:g} s ran out before the call could go out"
            raise RequestTimeoutError(msg, sent=False, **call.facts()) from None
        finally:
            if call.number:
                self.report.waited(call.route.operation, call.number, why, loop.time() - began)

    # -------------------------------------------------------------------------------------------- what became of it
    def _load_reader(self) -> Reader:
        """What reads answers; loaded with the first one, because it brings the decoder with it."""
        from lootlocker_async.core.reader import Reader

        self._reader = Reader(self.drift, self.report)
        return self._reader

    def server_key(self) -> SecretStr:
        """The server key, from wherever it is kept.

        Raises:
            ConfigurationError: It isn't there.
        """
        self._key = self.config.key()
        return self._key

    def _secrets(self) -> tuple[str, ...]:
        """The texts that must not be shown."""
        token = self._tokens.current
        return tuple(secret for secret in (self._key, token.value if token else "") if secret)

    async def _start_session(self) -> SecretStr:
        """Trade the server key for a token."""
        from lootlocker_async.core.serde import encode
        from lootlocker_async.models.session import Session, SessionStartRequest

        body = encode({"game_version": self.config.game_version}, SessionStartRequest)
        goes_on.set(True)  # in the login's own task: whoever waits for it runs already
        token = (await self.call(routes.SESSION_START, (), Session, self.options, body=body)).token
        if not is_token(token):
            route = routes.SESSION_START
            raise ResponseDecodeError(
                "the token is empty, or holds characters that no header can carry",
                reason="shape",
                field="$.token",
                operation=route.operation,
                method=route.verb,
                path=route.path,
            )
        return token

    async def _ping(self) -> None:
        from lootlocker_async.models.session import SessionPing

        await self.call(routes.SESSION_PING, (), SessionPing, self.options)

    # ---------------------------------------------------------------------------------------------- opening, closing
    async def _open_pool(self) -> Pool:
        if self._closed:
            raise ClientClosedError("the client is closed")
        loop = asyncio.get_running_loop()
        for other in [known for known in self._pools if known.is_closed()]:
            del self._pools[other]
        if self._session is not None and (self._pools or getattr(self._session, "_loop", loop) is not loop):
            raise WrongEventLoopError("the aiohttp session that was passed in belongs to another event loop")
        # No await suspends until the pool is in its place, so two tasks can't open two.
        pool = self._pools[loop] = await open_pool(self.config, self.observers, self._session)
        self._tokens.watch(pool)
        return pool

    async def pool(self) -> Pool:
        """The running loop's pool, for what is no call.

        Raises:
            ClientClosedError: The client is closed.
        """
        if self._closed:
            raise ClientClosedError("the client is closed")
        return self._pools.get(asyncio.get_running_loop()) or await self._open_pool()

    async def preload(self) -> None:
        """Open the running loop's pool and see to a token."""
        pool = await self.pool()
        if self._tokens.current is None:
            try:
                await self._tokens.other_than(None, pool)
            except LoginFailed as failed:
                raise failed.error from None

    async def close(self, grace: float) -> None:
        """Refuse new calls, let running ones finish for `grace` seconds, cancel the rest, and close every pool."""
        self._closed = True
        here = asyncio.get_running_loop()
        for loop, pool in [*self._pools.items()]:
            closing = pool.close(grace, [*self.under_way])
            if loop is here:
                await closing
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(closing, loop))
            else:
                closing.close()
                pool.abandon()

    def __del__(self) -> None:
        pools = [pool for pool in getattr(self, "_pools", {}).values() if not pool.closed and not pool.loop.is_closed()]
        # A pool whose loop didn't run when the client was closed closes when it does.
        if not pools or self._closed:
            return
        for pool in pools:
            pool.abandon()
        warnings.warn(
            f"a LootLockerClient was never closed (it was made at {self._made_at}): "
            "use 'async with', or await client.close()",
            ResourceWarning,
            stacklevel=2,
            source=self,
        )
