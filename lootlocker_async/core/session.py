"""The session manager: one pool for each event loop, the token's life, and the way of a call through them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import warnings
from collections.abc import Awaitable
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lootlocker_async import routes
from lootlocker_async.core import answers, paths, serde
from lootlocker_async.core.call import Call, CallOptions
from lootlocker_async.core.drift import DriftWatch
from lootlocker_async.core.login import LoginFailed, TokenKeeper
from lootlocker_async.core.observers import (
    AttemptEnded,
    AttemptStarted,
    CallRecord,
    Observers,
    OutcomeUnknown,
    RetryPlanned,
    reason,
    traces,
)
from lootlocker_async.core.pool import Pool, open_pool
from lootlocker_async.core.transport import Answer, TooLarge
from lootlocker_async.errors import (
    APIError,
    Attempt,
    CallError,
    ClientClosedError,
    LootLockerError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ResponseDecodeError,
    TransportError,
    WrongEventLoopError,
)
from lootlocker_async.models.base import drift_sink
from lootlocker_async.secret import SecretStr
from lootlocker_async.version import __version__

if TYPE_CHECKING:
    import aiohttp

    from lootlocker_async.config import ClientConfig
    from lootlocker_async.routes import Route

T = TypeVar("T")

USER_AGENT = f"lootlocker-async/{__version__}"


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
        self.observers = Observers(config.observers)
        self.options = CallOptions(config.timeout, config.attempt_timeout, config.retries)
        self.drift = DriftWatch(config.drift, self.observers)
        self._tokens = TokenKeeper(config, self.observers, self._start_session, self._ping)
        self._session = session
        self._made_at = made_at
        self._key = SecretStr("")
        self._pools: dict[asyncio.AbstractEventLoop, Pool] = {}
        self._request_ids = map(f"{secrets.token_hex(4)}-{{:x}}".format, itertools.count(1))
        self._fixed = {"LL-Version": config.api_version, "User-Agent": USER_AGENT}
        self._closed = False

    # ------------------------------------------------------------------------------------------------ a call's way
    async def call(
        self,
        route: Route,
        arguments: tuple[object, ...],
        into: type[T],
        options: CallOptions,
        *,
        query: paths.Query | None = None,
        body: bytes | None = None,
    ) -> T:
        """Make a call and read its answer.

        Args:
            route: The operation.
            arguments: Its path arguments, in order.
            into: What to make of the answer; `NoneType` for nothing.
            options: Its times and repeats.
            query: Its query; None values are left out.
            body: Its JSON body.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            ClientClosedError: The client is closed.
            CallError: The call failed.
        """
        path = paths.compile_path(route, arguments)
        pairs = paths.pairs(query) if query else []
        pool = self._pools.get(asyncio.get_running_loop()) or await self._open_pool()
        if self._closed:
            raise ClientClosedError("the client is closed")
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (coroutines run in tasks)
        pool.last_used = started = pool.loop.time()
        call = Call(route, path=path, query=pairs, body=body, options=options, started=started)
        outcome, answer = "ok", None
        pool.calls.add(task)
        try:
            answer = await self._finish(pool, call)
            return self._read(call, answer, into)
        except LoginFailed as failed:
            outcome = type(failed.error).__name__
            raise failed.error from None
        except LootLockerError as error:
            outcome = type(error).__name__
            raise
        except asyncio.CancelledError as cancelled:
            outcome = "cancelled"
            self._cut_off(pool, call, task, cancelled)
            raise
        finally:
            pool.calls.discard(task)
            if traces.get():
                self._record(pool, call, answer, outcome)

    async def _finish(self, pool: Pool, call: Call) -> Answer:
        """Attempt a call until it's answered or must not be attempted again."""
        try:
            return await self._attempt_renewing(pool, call)
        except CallError as error:
            failure = error
        from lootlocker_async.core import retry  # what the first attempt never needs

        if call.options.retries and retry.judge(call, failure) is retry.Verdict.AGAIN:
            try:
                return await retry.repeat(
                    call,
                    failure,
                    lambda: self._attempt_renewing(pool, call),
                    retries=call.options.retries,
                    base=self.config.backoff_base,
                    cap=self.config.backoff_cap,
                    on_pause=lambda error, wait: self._tell_pause(call, error, wait),
                )
            except CallError as error:
                failure = error
        failure.attempts = tuple(call.attempts)
        verdict = retry.judge(call, failure)
        if verdict is retry.Verdict.DONE:
            return Answer(call.route.status, {}, b"")
        if verdict is retry.Verdict.UNKNOWN:
            raise self._outcome_unknown(call, failure) from failure
        if not call.route.idempotent and isinstance(failure, TransportError) and failure.status is not None:
            msg = f"the service answered {failure.status}, but its answer broke off"
            raise ResponseDecodeError(
                msg, reason="cut", status=failure.status, executed=True, **call.facts()
            ) from failure
        raise failure

    async def _attempt_renewing(self, pool: Pool, call: Call) -> Answer:
        """Attempt a call, and once more with a new token where the old one may have been refused."""
        try:
            return await self._attempt(pool, call)
        except APIError as error:
            if not self._tokens.may_be_meant(call, error):
                raise
        call.renewed = True
        await self._in_time(call, self._tokens.other_than(call.token, pool))
        return await self._attempt(pool, call)

    async def _attempt(self, pool: Pool, call: Call) -> Answer:
        """Send a call once."""
        headers = {**self._fixed, "x-request-id": next(self._request_ids)}
        if call.route is routes.SESSION_START:
            headers["x-server-key"] = self._key = self.config.key()
        else:
            if (token := self._tokens.current) is None:
                token = await self._in_time(call, self._tokens.other_than(None, pool))
            call.token = token
            headers["x-auth-token"] = token.value
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if pool.gate.closed or not pool.limiter.enter_now():
            await self._wait_turn(pool, call)
        status = retry_after = None
        try:
            answer = await self._send(pool, call, headers)
            status = answer.status
            if status < 300:
                return answer
            error = self._refusal(call, answer)
            retry_after = error.retry_after
            if retry_after is not None and status in {429, 503}:
                pool.gate.close(retry_after)
        except TransportError as lost:
            call.maybe_executed |= lost.sent
            raise
        finally:
            pool.limiter.leave(status, retry_after)
        raise error

    async def _send(self, pool: Pool, call: Call, headers: dict[str, str]) -> Answer:
        """Hand an attempt to the transport and keep its history."""
        began = pool.loop.time()
        call.flying = request_id = headers["x-request-id"]
        if self.observers:
            self.observers.tell(
                AttemptStarted(
                    operation=call.route.operation,
                    method=call.route.verb,
                    path=call.path,
                    number=len(call.attempts) + 1,
                    request_id=request_id,
                )
            )
        status, error = None, ""
        try:
            answer = await pool.transport.send(
                call.route.verb, call.target, headers, call.body, _seconds_for(call, began)
            )
            status = answer.status
            call.headers = answer.headers
            call.flying = ""
            return answer
        except TransportError as lost:
            call.flying = ""
            status, error = lost.status, type(lost).__name__
            for name, value in call.facts(request_id).items():
                setattr(lost, name, value)
            if pool.closed and not lost.sent:
                raise ClientClosedError("the client was closed before the call went out") from lost
            raise
        except TooLarge as large:
            call.flying = ""
            status, error = large.status, "TooLarge"
            raise ResponseDecodeError(
                str(large),
                reason="too_large",
                status=large.status,
                body=answers.excerpt(large.start, self._secrets()),
                **call.facts(request_id),
            ) from None
        finally:
            attempt = Attempt(
                len(call.attempts) + 1, request_id, status, error, began - call.started, pool.loop.time() - began
            )
            call.attempts.append(attempt)
            if self.observers:
                self.observers.tell(
                    AttemptEnded(
                        operation=call.route.operation,
                        method=call.route.verb,
                        path=call.path,
                        attempt=attempt,
                        trace_id=call.headers.get("x-trace-id"),
                    )
                )

    async def _wait_turn(self, pool: Pool, call: Call) -> None:
        """Wait for an open gate and a place; the call holds the place afterwards."""
        while True:
            if pool.gate.closed:
                if pool.gate.until >= call.deadline:
                    msg = "the service asked for a pause that ends after this call's deadline; nothing was sent"
                    raise RequestTimeoutError(msg, sent=False, **call.facts())
                await self._in_time(call, pool.gate.wait())
            if not pool.limiter.enter_now():
                await self._in_time(call, pool.limiter.enter())
            if not pool.gate.closed:
                return
            pool.limiter.leave(None, None)

    async def _in_time(self, call: Call, wait: Awaitable[T]) -> T:
        """Wait for something within the call's deadline."""
        limit = asyncio.timeout_at(call.deadline)
        try:
            async with limit:
                return await wait
        except TimeoutError:
            if not limit.expired():
                raise
            msg = f"{call.options.timeout:g} s ran out before the call could go out"
            raise RequestTimeoutError(msg, sent=False, **call.facts()) from None

    # -------------------------------------------------------------------------------------------- what became of it
    def _read(self, call: Call, answer: Answer, into: type[T]) -> T:
        """Make the model of an answer, and count what drifted."""
        if into is NoneType or (into is Any and not answer.body):
            return cast("T", None)
        told = drift_sink.set(self.drift.sink(call.route.operation))
        try:
            model = serde.decode(answer.body, into)
            if self.drift.wants_a_look(call.route.operation, len(answer.body)):
                serde.report_unknown(answer.body, cast("type[Any]", into))
        except serde.Unreadable as error:
            request_id, trace_id = answers.ids(answer.headers, call.attempts[-1].request_id)
            raise ResponseDecodeError(
                error.message,
                reason=error.reason,
                field=error.field,
                status=answer.status,
                body=answers.excerpt(answer.body, self._secrets()),
                **call.facts(request_id, trace_id),
            ) from None
        finally:
            drift_sink.reset(told)
        return model

    def _refusal(self, call: Call, answer: Answer) -> APIError:
        request_id, trace_id = answers.ids(answer.headers, call.attempts[-1].request_id)
        error = answers.api_error(
            answer.status, answer.headers, answer.body, self._secrets(), call.facts(request_id, trace_id)
        )
        call.trace_id = error.trace_id
        call.maybe_executed |= error.status in {500, 502, 504} or (error.status == 503 and error.retry_after is None)
        return error

    def _outcome_unknown(self, call: Call, failure: CallError) -> OutcomeUnknownError:
        self.observers.tell(
            OutcomeUnknown(
                operation=call.route.operation,
                method=call.route.verb,
                path=call.path,
                request_id=call.attempts[-1].request_id,
                reason=reason(failure),
            )
        )
        body = answers.redact(call.body.decode(), self._secrets()) if call.body is not None else None
        return OutcomeUnknownError(
            f"it was sent, and whether it was executed is not known ({failure.message}); "
            "read the state back before sending it again",
            query=tuple(call.query),
            sent_body=body,
            status=getattr(failure, "status", None),
            **call.facts(failure.request_id, failure.trace_id),
        )

    def _cut_off(self, pool: Pool, call: Call, task: asyncio.Task[object], cancelled: asyncio.CancelledError) -> None:
        """A call was cancelled: tell of one that may have been executed, and of a client that was closed."""
        in_doubt = call.flying if not call.route.idempotent and pool.transport.may_have_sent else ""
        if in_doubt:
            self.observers.tell(
                OutcomeUnknown(
                    operation=call.route.operation,
                    method=call.route.verb,
                    path=call.path,
                    request_id=in_doubt,
                    reason="cancelled",
                )
            )
            cancelled.add_note(
                f"{call.route.verb} {call.path} [request id {in_doubt}] had been sent when it was cancelled; "
                "whether it was executed is not known"
            )
        if task in pool.aborted:
            pool.aborted.discard(task)
            if task.uncancel() == 0:
                closed = ClientClosedError("the client was closed while the call was running")
                if in_doubt:
                    closed_call = CallError(str(closed), **call.facts(in_doubt))
                    raise self._outcome_unknown(call, closed_call) from closed
                raise closed from None

    def _record(self, pool: Pool, call: Call, answer: Answer | None, outcome: str) -> None:
        last = call.attempts[-1] if call.attempts else None
        request_id, trace_id = answers.ids(call.headers, last.request_id if last else "")
        record = CallRecord(
            operation=call.route.operation,
            method=call.route.verb,
            path=call.path,
            status=answer.status if answer is not None else (last.status if last else None),
            request_id=request_id or None,
            trace_id=trace_id or call.trace_id,
            headers=dict(call.headers),
            attempts=tuple(call.attempts),
            seconds=pool.loop.time() - call.started,
            outcome=outcome,
        )
        for owner, records in traces.get():
            if owner is self:
                records.append(record)

    def _tell_pause(self, call: Call, error: CallError, wait: float) -> None:
        if self.observers:
            self.observers.tell(
                RetryPlanned(operation=call.route.operation, number=len(call.attempts), reason=reason(error), wait=wait)
            )

    def _secrets(self) -> tuple[str, ...]:
        """The texts that must not be shown."""
        token = self._tokens.current
        return tuple(secret for secret in (self._key, token.value if token else "") if secret)

    async def _start_session(self) -> SecretStr:
        """Trade the server key for a token."""
        from lootlocker_async.models.session import Session, SessionStartRequest

        body = serde.encode({"game_version": self.config.game_version}, SessionStartRequest)
        return (await self.call(routes.SESSION_START, (), Session, self.options, body=body)).token

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
        return pool

    async def preload(self) -> None:
        """Open the running loop's pool and see to a token."""
        pool = self._pools.get(asyncio.get_running_loop()) or await self._open_pool()
        if self._tokens.current is None:
            try:
                await self._tokens.other_than(None, pool)
            except LoginFailed as failed:
                raise failed.error from None

    async def close(self, grace: float) -> None:
        """Refuse new calls, let running ones finish for `grace` seconds, cancel the rest, and close every pool."""
        self._closed = True
        here = asyncio.get_running_loop()
        pools, self._pools = self._pools, {}
        for loop, pool in pools.items():
            if loop is here:
                await pool.close(grace)
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(pool.close(grace), loop))
            else:
                pool.abandon()

    def __del__(self) -> None:
        pools = [pool for pool in getattr(self, "_pools", {}).values() if not pool.closed and not pool.loop.is_closed()]
        if not pools:
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


def _seconds_for(call: Call, now: float) -> float:
    """How long an attempt may take: a call that can't be sent again has all the time that is left."""
    options = call.options
    left = call.deadline - now
    most = options.attempt_timeout if call.route.idempotent else None
    if most is not None and most <= left:
        return most
    # A round number where hardly any time has passed: the transport keeps the limits that recur.
    return options.timeout if options.timeout - left < 0.001 else left
