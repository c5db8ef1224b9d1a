"""The token's life: login, renewal and keep-alive, each shared by everyone who waits for it."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import TYPE_CHECKING

from lootlocker_async.core.observers import LoggedIn, Observers, reason
from lootlocker_async.core.tokens import ExclusiveTokenStore, MemoryTokenStore, Token
from lootlocker_async.errors import APIError, CallError, ClientClosedError, ConfigurationError, LootLockerError

if TYPE_CHECKING:
    from lootlocker_async.config import ClientConfig
    from lootlocker_async.core.call import Call
    from lootlocker_async.core.pool import Pool
    from lootlocker_async.secret import SecretStr

_UNAUTHORIZED = 401
_FORBIDDEN = 403
_YOUNG = 30.0
"""Seconds for which a token is too young for a 403 to mean that it has expired."""
_RENEWALS = 3
"""How often a call may ask for another token."""
_RENEWALS_OF_STORED = 2
"""The same where nothing speaks for the other tokens but that they are old."""
_IDLE_SHARE = 0.8
"""The share of the token's life for which a client must have been idle for a ping."""


class LoginFailed(Exception):  # noqa: N818  (carries another error past the retry rules)
    """A login that a call waited for failed, and had attempts of its own: the call isn't judged by it."""

    def __init__(self, error: LootLockerError) -> None:
        super().__init__()
        self.error = error


class TokenKeeper:
    """Keeps a client's token: gets one when there is none, and another when one is refused."""

    def __init__(
        self,
        config: ClientConfig,
        observers: Observers,
        start_session: Callable[[], Awaitable[SecretStr]],
        ping: Callable[[], Awaitable[object]],
    ) -> None:
        """Get nothing yet.

        Args:
            config: The client's settings.
            observers: Told of each login.
            start_session: Trades the server key for a token.
            ping: Prolongs the token's life.
        """
        self._config = config
        self._observers = observers
        self._start_session = start_session
        self._ping = ping
        self._store = config.token_store or MemoryTokenStore()
        self.current: Token | None = None
        self.proven: Token | None = None

    def worked(self, token: Token | None) -> None:
        """A call was answered well: if it's the present token's, that one is known to be good."""
        if token is self.current:
            self.proven = token

    def may_be_meant(self, call: Call, error: APIError) -> bool:
        """Whether an answer may be about an expired token, so that a new one is worth a try."""
        if call.token is None or error.status not in {_UNAUTHORIZED, _FORBIDDEN}:
            return False
        old = time.time() - call.token.obtained_at > _YOUNG
        if call.renewals >= _RENEWALS:
            return False
        if call.renewals:
            # A login's own token can't have died at once. But it may have died since it worked for another call, or
            # since another client left it in the store.
            was_good = call.token is self.proven or call.token is not self.current
            return (error.status == _UNAUTHORIZED and was_good) or (old and call.renewals < _RENEWALS_OF_STORED)
        # The service has been seen to answer 403 for an expired token; where the token is fresh, the 403 is a true one.
        return old or error.status == _UNAUTHORIZED or call.token is not self.current

    async def other_than(self, stale: Token | None, pool: Pool) -> Token:
        """A token other than `stale`: the present one, or that of a login which all who wait share.

        Raises:
            LoginFailed: The login failed.
        """
        current = self.current
        if current is not None and current is not stale:
            return current
        if pool.login is None:
            pool.login = pool.spawn(self._log_in(pool, stale))
            pool.login.add_done_callback(lambda done: _login_ended(pool, done))
        login = pool.login
        pool.login_waiters += 1
        try:
            return await asyncio.shield(login)
        except CallError as error:
            raise LoginFailed(error.copy()) from None
        except (ConfigurationError, ClientClosedError) as error:
            raise LoginFailed(type(error)(*error.args)) from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if login.cancelled() and task is not None and not task.cancelling():
                raise LoginFailed(ClientClosedError("the client was closed while it logged in")) from None
            raise
        finally:
            pool.login_waiters -= 1
            if not pool.login_waiters and not login.done():
                # Nobody is left to use it. Whoever comes next starts another: this one is no longer to be had.
                pool.login = None
                login.cancel()

    async def _log_in(self, pool: Pool, stale: Token | None) -> Token:
        """Take another client's token from the store, or trade the server key for one."""
        token = await self._kept(stale)
        if token is None:
            if isinstance(self._store, ExclusiveTokenStore):
                async with self._store.exclusive():
                    token = await self._kept(stale) or await self._trade(pool)
            else:
                token = await self._trade(pool)
        self._use(token, pool)
        return token

    async def _kept(self, stale: Token | None) -> Token | None:
        """The store's token, unless it's the one that was refused."""
        kept = await self._store.get()
        return kept if kept is not None and (stale is None or kept.value != stale.value) else None

    async def _trade(self, pool: Pool) -> Token:
        """Trade the server key for a token, and leave it in the store."""
        began = pool.loop.time()
        try:
            token = Token(value=await self._start_session(), obtained_at=time.time())
        except LootLockerError as error:
            self._observers.tell(LoggedIn(ok=False, error=reason(error), seconds=pool.loop.time() - began))
            raise
        await self._store.put(token)
        self._observers.tell(LoggedIn(ok=True, error="", seconds=pool.loop.time() - began))
        return token

    def _use(self, token: Token, pool: Pool) -> None:
        self.current = token
        self.watch(pool)

    def watch(self, pool: Pool) -> None:
        """See to it that a token doesn't die while its pool is open and idle."""
        if self._config.keep_alive and self.current is not None and pool.keep_alive is None and not pool.closing:
            # In a context of its own: whoever needed the login has no part in the pings that follow.
            Context().run(_watch, weakref.ref(self), pool)

    @property
    def patience(self) -> float:
        """Seconds for which a client must have been idle for a ping."""
        return self._config.token_lifetime * _IDLE_SHARE

    async def prolong(self) -> None:
        """Ping for a client that has long been idle."""
        try:
            await self._ping()
        except LootLockerError:
            # The observers have been told of each attempt; the next real call will log in and say what is wrong.
            return


def _login_ended(pool: Pool, login: asyncio.Task[Token]) -> None:
    if pool.login is login:
        pool.login = None
    if not login.cancelled():
        # Every waiter may have been cancelled, and asyncio would complain of an error that nobody looked at.
        _ = login.exception()  # noqa: LOG004  (a task, not a logger)


def _watch(keeper: weakref.ref[TokenKeeper], pool: Pool) -> None:
    """Come back when the client may have been idle for long; a client that is gone is not held by its timer."""
    here = keeper()
    if here is None or pool.closing:
        return
    idle = pool.loop.time() - pool.last_used
    if idle >= here.patience:
        pool.spawn(here.prolong())
        idle = 0.0
    pool.keep_alive = pool.loop.call_later(here.patience - idle, _watch, keeper, pool)
