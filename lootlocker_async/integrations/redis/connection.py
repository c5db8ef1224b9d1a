"""A connection to Redis that fails in one way only: `RedisAway`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Self
from urllib.parse import unquote, urlsplit

from lootlocker_async.errors import ConfigurationError
from lootlocker_async.extras import missing
from lootlocker_async.secret import MASK, SecretStr

if TYPE_CHECKING:
    from types import TracebackType

_LONGEST_REASON = 200


class RedisAway(Exception):  # noqa: N818  (never raised to the user)
    """Redis can't be reached, is too slow, or refuses."""


def need_library() -> None:
    """See that the library is there.

    Raises:
        ImportError: It isn't; the text says what to install.
    """
    try:
        import redis.asyncio  # noqa: F401
    except ImportError as error:
        raise missing(error, "state shared through Redis", "redis", "redis") from error


class Connection:
    """A client of Redis for the running loop; nothing is connected before its first command.

    Every command has the same time, after which Redis counts as away: a server that hangs must not hold calls up.
    """

    def __init__(self, url: SecretStr, timeout: float) -> None:
        """Connect nothing yet.

        Args:
            url: Where Redis is.
            timeout: Seconds for each command, making a connection included.

        Raises:
            ConfigurationError: The URL makes no sense.
        """
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        self._secrets = _secrets_of(url)
        self._timeout = timeout
        try:
            # What is to be tried again, and when, is decided by those who use the connection.
            self._redis: Any = Redis.from_url(
                url.reveal(), retry=Retry(NoBackoff(), 0), socket_timeout=None, socket_connect_timeout=timeout
            )
        except ValueError:
            # Whose text may repeat a password.
            raise ConfigurationError("the Redis URL can't be read: it should look like redis://host:6379/0") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._redis.aclose()

    async def run(self, script: str, keys: Sequence[str], *arguments: str | bytes | int) -> list[Any]:
        """Run a script that answers with a list.

        Args:
            script: Its text.
            keys: The keys it touches.
            *arguments: What it takes besides.

        Raises:
            RedisAway: It couldn't be run, or nobody knows whether it was.
        """
        async with self._failing():
            answer: list[Any] = await self._redis.register_script(script)(keys=list(keys), args=list(arguments))
            return answer

    async def listen(self, channel: str, begun: Callable[[], None], hear: Callable[[bytes], None]) -> NoReturn:
        """Hear what is published in a channel, for as long as the connection holds.

        Args:
            channel: Its name.
            begun: Called once nothing will be missed any more.
            hear: Called with each message.

        Raises:
            RedisAway: The connection can't be made, or is lost.
        """
        subscription = self._redis.pubsub(ignore_subscribe_messages=True)
        try:
            async with self._failing():
                await subscription.subscribe(channel)
            begun()
            while True:
                async with self._failing(timed=False):
                    message = await subscription.get_message(timeout=None)
                if message is not None:
                    hear(message["data"])
        finally:
            await subscription.aclose()

    @asynccontextmanager
    async def _failing(self, *, timed: bool = True) -> AsyncGenerator[None]:
        """Turn whatever goes wrong with Redis into one error."""
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(self._timeout if timed else None):
                yield
        except TimeoutError:
            raise RedisAway(f"no answer in {self._timeout:g} s") from None
        except (RedisError, OSError) as error:
            raise RedisAway(self._told(error)) from None

    def _told(self, error: Exception) -> str:
        """An error in one line that shows no password."""
        text = f"{type(error).__name__}: {error}"
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST_REASON]


def _secrets_of(url: SecretStr) -> tuple[str, ...]:
    """What must not be shown of an address: its password, as it is and as it's written there."""
    try:
        password = urlsplit(url.reveal()).password
    except ValueError:
        return ()
    return tuple({password, unquote(password)}) if password else ()
