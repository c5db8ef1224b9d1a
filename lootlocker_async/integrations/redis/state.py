"""Where Redis is and what is shared there: a description that travels to other processes."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import attrs

from lootlocker_async.config import ClientConfig
from lootlocker_async.errors import ConfigurationError
from lootlocker_async.integrations.redis.connection import Connection, RedisAway, need_library
from lootlocker_async.integrations.redis.limiter import RedisLimiter
from lootlocker_async.integrations.redis.tokens import RedisTokenStore
from lootlocker_async.secret import MASK, SecretStr

__all__ = ["DEFAULT_URL_ENV", "Cipher", "SharedState"]

DEFAULT_URL_ENV: Final = "LOOTLOCKER_REDIS_URL"
_PREFIX = re.compile(r"[A-Za-z0-9_.:-]+")
_log = logging.getLogger("lootlocker_async")


class Cipher(Protocol):
    """What hides the token in Redis. `cryptography.fernet.Fernet` and `MultiFernet` are ciphers."""

    def encrypt(self, data: bytes, /) -> bytes:
        """What is to be kept in place of the data."""
        ...

    def decrypt(self, token: bytes, /) -> bytes:
        """The data again; raises an exception where it isn't the work of the same secret."""
        ...


class Health:
    """Whether Redis is there, as far as this process knows; tells of each change once."""

    def __init__(self) -> None:
        self._away = False

    def __reduce__(self) -> tuple[type[Health], tuple[()]]:
        return Health, ()

    def away(self, reason: object) -> None:
        """Redis couldn't be reached."""
        if not self._away:
            self._away = True
            _log.warning("Redis is away (%s): going on alone, with this process's share of the budget", reason)

    def there(self) -> None:
        """Redis answered."""
        if self._away:
            self._away = False
            _log.info("Redis is back: token and budget are shared again")


def _secret_url(value: str | Callable[[], str] | None) -> SecretStr | Callable[[], str] | None:
    return SecretStr(value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class SharedState:
    """What the processes of one server key share through Redis: the login, the budget and the pauses.

    `share` makes a client's settings of it. It holds no connection, so it may be made anywhere, forked and pickled; a
    pickle never carries the URL: give `url_env` or a callable where it has to travel to another process.

    Attributes:
        url: Where Redis is (`redis://`, `rediss://` or `unix://`, with its user and password), or a callable that gives
            it, asked for each connection.
        url_env: The name of the environment variable that holds the URL, where `url` is None.
        burst: How many calls of all processes together may go out at once after a lull: 1 or more. It should be less
            than the service allows, by a tenth of `calls_per_second`, as calls may leave up to 0.1 s late.
        workers: How many clients there will be, counting one for each event loop: 1 or more. While Redis is away each
            takes an equal share of the budget, by this number or that of the clients last seen, whichever is larger.
        prefix: What the names of all keys in Redis begin with.
        timeout: Seconds after which a Redis that doesn't answer counts as away. A call may have to wait so long once.
        cipher: Gives what hides the token in Redis, asked for each use; None for a token that whoever reads Redis can
            read. It should be a function of a module where it has to travel to another process.
        health: Whether Redis is there, as far as this process knows.

    Raises:
        ImportError: The extra `redis` is not installed.
        ConfigurationError: A setting makes no sense.
    """

    url: SecretStr | Callable[[], str] | None = attrs.field(default=None, converter=_secret_url, repr=False)
    url_env: str | None = DEFAULT_URL_ENV
    burst: int = 1
    workers: int = 1
    prefix: str = "lootlocker"
    timeout: float = 1.0
    cipher: Callable[[], Cipher] | None = attrs.field(default=None, repr=False)
    health: Health = attrs.field(factory=Health, init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        need_library()
        for name in ("burst", "workers"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise ConfigurationError(f"{name} should be a whole number of at least 1, not {value!r}")
        if not isinstance(self.prefix, str) or not _PREFIX.fullmatch(self.prefix):
            raise ConfigurationError(f"prefix should be letters, digits and any of _.:- and not {self.prefix!r}")
        fits = isinstance(self.timeout, int | float) and not isinstance(self.timeout, bool) and 0 < self.timeout <= 60
        if not fits:
            raise ConfigurationError(f"timeout should be a number above 0, up to 60, not {self.timeout!r}")

    def share(self, config: ClientConfig) -> ClientConfig:
        """A client's settings, with the token and the limits shared by all that have the same key and address.

        `calls_per_second` is then the budget of all of them together, and all have to be given the same one. The cap on
        calls in flight stays each loop's own.

        Args:
            config: The settings; its `token_store` and `limiter` are replaced.

        Raises:
            ConfigurationError: There is no URL, or it makes no sense.
        """
        _ = self._connection()
        return attrs.evolve(
            config, token_store=RedisTokenStore(self, config), limiter=partial(RedisLimiter, self, config)
        )

    async def check(self) -> None:
        """See that Redis is there; without this, a client warns in its log and goes on alone.

        Raises:
            ConfigurationError: Redis can't be reached or refuses; the text says why.
        """
        async with self._connection() as redis:
            try:
                await redis.run("return redis.call('TIME')", ())
            except RedisAway as error:
                raise ConfigurationError(f"Redis can't be used: {error}") from None

    def address(self) -> SecretStr:
        """The URL, from wherever it is kept.

        Raises:
            ConfigurationError: It isn't there.
        """
        found = self.url() if callable(self.url) else self.url
        if found is None and self.url_env:
            found = os.environ.get(self.url_env)
        if not isinstance(found, str) or not found:
            where = f"the environment variable {self.url_env} is not set" if self.url_env else "none given"
            raise ConfigurationError(f"a Redis URL is needed: {where}")
        if found == MASK:
            raise ConfigurationError("a Redis URL does not travel in a pickle: give url_env or a callable instead")
        return SecretStr(found)

    def connection(self) -> Connection:
        """A connection of the running loop, made at its first command.

        Raises:
            RedisAway: There is no URL just now.
        """
        try:
            return self._connection()
        except Exception as error:  # noqa: BLE001  (the user's callable may raise anything; no call fails by that)
            raise RedisAway(f"its URL can't be had: {type(error).__name__}") from None

    def _connection(self) -> Connection:
        return Connection(self.address(), self.timeout)

    def name(self, config: ClientConfig, what: str) -> str:
        """The key of something that the clients of one server key and address share; the key can't be read from it.

        Args:
            config: A client's settings.
            what: What it is.

        Raises:
            ConfigurationError: The server key isn't there.
        """
        owner = hashlib.sha256(f"{config.address}\n{config.key().reveal()}".encode()).hexdigest()[:32]
        # In braces: all of one owner live on one node of a cluster.
        return f"{self.prefix}:{{{owner}}}:{what}"
