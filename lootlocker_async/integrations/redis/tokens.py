"""The token in Redis: one login for all processes of a key."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from lootlocker_async.core.tokens import Token, is_token
from lootlocker_async.integrations.redis import scripts
from lootlocker_async.integrations.redis.connection import Connection, RedisAway
from lootlocker_async.secret import SecretBytes, SecretStr

if TYPE_CHECKING:
    from lootlocker_async.config import ClientConfig
    from lootlocker_async.integrations.redis.state import SharedState

__all__ = ["RedisTokenStore"]

_LEASE = 5.0
"""Seconds after which whoever holds the lock without a sign of life is dead."""
_PATIENCE = 15.0
"""Seconds that another's login is waited for; half of a call's default time."""
_SHORTEST_LOOK = 0.02
_LONGEST_LOOK = 0.25
_log = logging.getLogger("lootlocker_async")


class RedisTokenStore:
    """Keeps the token where all clients of one key and address find it, for its life; made by `SharedState.share`.

    It connects for each use, which is rare, and holds nothing between: any loop, thread or forked process may use it.
    While Redis is away it keeps the token in this process, and everybody logs in alone. Clocks of different machines
    don't matter: a token's age is told by Redis' clock.

    Whoever can read Redis can read the token unless the state has a cipher; whoever can write there can put another one
    in its place either way.
    """

    def __init__(self, state: SharedState, config: ClientConfig) -> None:
        """Connect nothing yet.

        Args:
            state: Where Redis is.
            config: Whose token it is, and how long it lives.
        """
        self._state = state
        self._config = config
        self._life = max(1, round(config.token_lifetime * 1000))
        self._own: Token | None = None

    def __repr__(self) -> str:
        return f"RedisTokenStore({self._state!r})"

    def __reduce__(self) -> tuple[type[RedisTokenStore], tuple[SharedState, ClientConfig]]:
        return RedisTokenStore, (self._state, self._config)

    async def get(self) -> Token | None:
        """The token kept, if any; while Redis is away, the one last seen here."""
        try:
            async with self._state.connection() as redis:
                found = await redis.run(scripts.GET_TOKEN, [self._name("token")], self._life)
        except RedisAway as error:
            self._state.health.away(error)
            return self._own
        self._state.health.there()
        self._own = self._read(SecretBytes(found[0]), found[1]) if found else None
        return self._own

    async def put(self, token: Token) -> None:
        """Keep a token in place of the one before; in this process alone while Redis is away."""
        self._own = token
        age = max(0, round((time.time() - token.obtained_at) * 1e6))
        try:
            sealed = self._sealed(token)
        except Exception as error:  # noqa: BLE001  (whatever the user's cipher raises: the login has been made)
            _log.warning("the token can't be hidden (%s): it stays in this process", type(error).__name__)
            return
        try:
            async with self._state.connection() as redis:
                await redis.run(scripts.PUT_TOKEN, [self._name("token")], self._life, sealed, age)
        except RedisAway as error:
            self._state.health.away(error)
        else:
            self._state.health.there()

    @asynccontextmanager
    async def exclusive(self) -> AsyncGenerator[None]:
        """Log in inside this block: others wait for its end, and then find the token that was got.

        A holder of the lock that dies is replaced after five seconds. Nobody waits longer than fifteen, or for a Redis
        that is away; the block runs then without the lock, and a login too many is made.
        """
        lock = _Lock(self._name("login"), self._name("token"))
        try:
            try:
                await lock.take(self._state.connection())
            except RedisAway as error:
                self._state.health.away(error)
            yield
        finally:
            await lock.let_go()

    def _name(self, what: str) -> str:
        return self._state.name(self._config, what)

    def _sealed(self, token: Token) -> bytes:
        data = SecretBytes(token.value.reveal().encode())
        return data if self._state.cipher is None else self._state.cipher().encrypt(data)

    def _read(self, data: bytes, age: int) -> Token | None:
        """The token that was kept; nothing where it can't be one."""
        if self._state.cipher is not None:
            try:
                data = self._state.cipher().decrypt(data)
            except Exception as error:  # noqa: BLE001  (whatever the user's cipher raises on what it can't open)
                _log.warning("the token in Redis can't be opened (%s): logging in", type(error).__name__)
                return None
        text = SecretStr(data.decode("latin-1"))
        return Token(value=text, obtained_at=time.time() - age / 1e6) if is_token(text) else None


class _Lock:
    """One client's attempt to be the one that logs in."""

    def __init__(self, name: str, token: str) -> None:
        self._redis: Connection | None = None
        self._names = (name, token)
        self._owner = secrets.token_hex(8)
        self._keeping: asyncio.Task[None] | None = None
        self._may_be_ours = False

    async def take(self, redis: Connection) -> None:
        """Wait until the lock is ours, or another has left a token, or it takes too long.

        Raises:
            RedisAway: Redis is away.
        """
        self._redis = redis
        loop = asyncio.get_running_loop()
        patience = loop.time() + _PATIENCE
        pause, before = _SHORTEST_LOOK, None
        while True:
            self._may_be_ours = True  # where this is cancelled before the answer comes
            try:
                taken, token = await redis.run(scripts.LOCK, self._names, self._owner, round(_LEASE * 1000))
            except RedisAway:
                self._may_be_ours = False
                raise
            if taken:
                self._keeping = loop.create_task(self._keep(redis))
                return
            self._may_be_ours = False
            before = token if before is None else before
            if token != before or loop.time() > patience:
                return
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 1.5, _LONGEST_LOOK)

    async def _keep(self, redis: Connection) -> None:
        """Give signs of life."""
        while True:
            await asyncio.sleep(_LEASE / 3)
            try:
                await redis.run(scripts.RENEW, self._names[:1], self._owner, round(_LEASE * 1000))
            except RedisAway:
                # The lock ends by itself, and `put` will say that Redis is away.
                return

    async def let_go(self) -> None:
        """Give the lock back, where it was ours, and the connection."""
        if self._redis is None:
            return
        async with self._redis:
            if self._keeping is not None:
                self._keeping.cancel()
                await asyncio.wait([self._keeping])
            if self._may_be_ours:
                with suppress(RedisAway):  # the lock ends by itself
                    await self._redis.run(scripts.UNLOCK, self._names[:1], self._owner)
