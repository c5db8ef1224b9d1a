"""The settings of a client."""

from __future__ import annotations

import ipaddress
import math
import os
import re
import ssl as ssl_module
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypedDict
from urllib.parse import urlsplit

import attrs

from lootlocker_async.errors import ConfigurationError
from lootlocker_async.secret import MASK, SecretStr

if TYPE_CHECKING:
    from lootlocker_async.core.limits import Limiter
    from lootlocker_async.core.observers import Observer
    from lootlocker_async.core.tokens import TokenStore

__all__ = ["ClientConfig", "ClientSettings"]

ENV_PREFIX: Final = "LOOTLOCKER_"
_DOMAIN_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_API_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FROM_ENV: Mapping[str, type[str | float | int]] = {
    "domain_key": str,
    "base_url": str,
    "game_version": str,
    "api_version": str,
    "timeout": float,
    "attempt_timeout": float,
    "connect_timeout": float,
    "retries": int,
    "max_connections": int,
    "max_in_flight": int,
    "calls_per_second": float,
    "adaptive_pacing": bool,
}


class ClientSettings(TypedDict, total=False):
    """The keyword arguments that `LootLockerClient` takes beside its key; `ClientConfig` says what each means."""

    server_key_env: str | None
    domain_key: str | None
    base_url: str | None
    game_version: str
    api_version: str
    timeout: float
    attempt_timeout: float | None
    connect_timeout: float
    retries: int
    backoff_base: float
    backoff_cap: float
    max_connections: int
    max_in_flight: int
    calls_per_second: float | None
    adaptive_pacing: bool
    keep_alive: bool
    token_lifetime: float
    max_response_bytes: int
    drift: Literal["sampled", "always", "never"]
    observers: tuple[Observer, ...]
    token_store: TokenStore | None
    limiter: Callable[[], Limiter] | None
    allow_http: bool
    proxy: str | None
    trust_env: bool
    ssl: ssl_module.SSLContext | None


def _secret_key(value: str | Callable[[], str] | None) -> SecretStr | Callable[[], str] | None:
    return SecretStr(value) if isinstance(value, str) else value


def _hidden(text: str | None) -> SecretStr | None:
    return SecretStr(text) if isinstance(text, str) else text


def _hidden_password(proxy: str | None) -> str | None:
    """A proxy's address; one with a password shows nothing and does not travel."""
    return SecretStr(proxy) if isinstance(proxy, str) and "@" in proxy else proxy


@attrs.frozen(kw_only=True)
class ClientConfig:
    """How a client reaches the service, how long it tries and how much it does at once.

    Nothing is checked until a client is made of it (`check()` does so earlier). A pickled config never carries a key
    or a proxy's password: give `server_key_env` or a callable, and have the environment name the proxy, where it has to
    travel to another process.

    Attributes:
        server_key: The game's server key, or a callable that gives it (asked at each login).
        server_key_env: The name of the environment variable that holds the key, where `server_key` is None.
        domain_key: The game's domain key, the first label of its own host name; None for the common host.
        base_url: The whole base address instead, such as an emulator's; it ends in `/server`.
        game_version: The game's version that the session is started with: two to four numbers joined by dots.
        api_version: The dated version of the API, sent as `LL-Version`.
        timeout: Seconds that a call may take in all: every wait, every attempt, every pause.
        attempt_timeout: Seconds after which an idempotent call's attempt is given up and sent again; None for
            none but `timeout`. A call that must not be sent twice has its whole `timeout` for its answer.
        connect_timeout: Seconds for making a connection.
        retries: How many times a call may be sent again after a failed attempt.
        backoff_base: Seconds that the first pause lasts at most (full jitter); it doubles with each further one.
        backoff_cap: Seconds that any such pause lasts at most. A Retry-After is never shortened by it.
        max_connections: Connections open at a time, for each event loop.
        max_in_flight: Calls on their way at a time, for each event loop; further ones wait in order. It is never more
            than `max_connections`.
        calls_per_second: Pace of sending, or None for as fast as it goes.
        adaptive_pacing: Whether to learn a pace from answers of status 429, so that few calls are refused;
            `calls_per_second` stays its upper bound.
        keep_alive: Whether to ping when the client has been idle for most of the token's life.
        token_lifetime: Seconds that a token lives past its last use.
        max_response_bytes: The largest answer taken, counted after decompression.
        drift: How often answers are looked through for fields that the SDK doesn't know: the first of each kind
            and then about one byte in a hundred (`sampled`), every one (`always`) or none (`never`).
        observers: Functions that are told what happens (see `lootlocker_async.core.observers`).
        token_store: Where tokens are kept, to share them with other processes; in memory by default.
        limiter: Makes the limiter of an event loop's pool; the default obeys the four settings above.
        allow_http: Whether plain http may be used to hosts other than this machine.
        proxy: The proxy's URL, `http://host:port` or `http://user:password@host:port`; None for the environment's.
        trust_env: Whether the proxy variables of the environment count; they are read once for each pool,
            downloads included.
        ssl: The TLS context, or None for the system's trusted authorities.
    """

    server_key: SecretStr | Callable[[], str] | None = attrs.field(default=None, converter=_secret_key, repr=False)
    server_key_env: str | None = None
    domain_key: str | None = None
    base_url: str | None = None
    game_version: str = "1.0.0.0"
    api_version: str = "2021-03-01"
    timeout: float = 30.0
    attempt_timeout: float | None = 10.0
    connect_timeout: float = 5.0
    retries: int = 4
    backoff_base: float = 0.25
    backoff_cap: float = 8.0
    max_connections: int = 64
    max_in_flight: int = 64
    calls_per_second: float | None = None
    adaptive_pacing: bool = True
    keep_alive: bool = True
    token_lifetime: float = 3600.0
    max_response_bytes: int = 16 * 1024 * 1024
    drift: Literal["sampled", "always", "never"] = "sampled"
    observers: tuple[Observer, ...] = ()
    token_store: TokenStore | None = None
    limiter: Callable[[], Limiter] | None = None
    allow_http: bool = False
    proxy: str | None = attrs.field(default=None, converter=_hidden_password, repr=False)
    trust_env: bool = True
    ssl: ssl_module.SSLContext | None = None

    @classmethod
    def from_env(cls, prefix: str = ENV_PREFIX, **settings: Any) -> Self:  # noqa: ANN401  (any of the fields)
        """Read the settings from environment variables named `prefix` and the setting in capitals.

        Args:
            prefix: What the variables' names begin with.
            **settings: Settings that win over the environment's.

        Raises:
            ConfigurationError: A variable holds no number, or no switch, where one is due.
        """
        found: dict[str, Any] = {"server_key_env": f"{prefix}SERVER_KEY"}
        for name, kind in _FROM_ENV.items():
            text = os.environ.get(f"{prefix}{name.upper()}")
            if text:
                try:
                    found[name] = _switch(text) if kind is bool else kind(text)
                except ValueError:
                    due = "1 or 0, true or false, yes or no, on or off" if kind is bool else "a number"
                    msg = f"{prefix}{name.upper()} should be {due}, not {text!r}"
                    raise ConfigurationError(msg) from None
        return cls(**{**found, **settings})

    @property
    def address(self) -> str:
        """The base address that paths are added to, without a slash at its end."""
        if self.base_url is not None:
            return self.base_url.rstrip("/")
        return f"https://{self.domain_key + '.' if self.domain_key else ''}api.lootlocker.com/server"

    @property
    def root(self) -> str:
        """The address that `/server` stands below; what acts as a player lives beside it."""
        return self.address.removesuffix("/server")

    def key(self) -> SecretStr:
        """The server key, from wherever it is kept.

        Raises:
            ConfigurationError: It isn't there.
        """
        # A secret at once: this frame may be captured when the key is refused.
        if callable(self.server_key):
            key = _hidden(self.server_key())
        elif self.server_key is not None:
            key = self.server_key
        else:
            key = _hidden(os.environ.get(self.server_key_env)) if self.server_key_env else None
        if not key:
            where = (
                f"the environment variable {self.server_key_env} is not set" if self.server_key_env else "none given"
            )
            msg = f"a server key is needed: {where}"
            raise ConfigurationError(msg)
        if not isinstance(key, str):
            msg = f"the server key should be text, not {type(key).__name__}"
            raise ConfigurationError(msg)
        if key == MASK:
            msg = "a server key does not travel in a pickle: give server_key_env or a callable instead"
            raise ConfigurationError(msg)
        if not key.isascii() or not key.isprintable() or " " in key:
            msg = "the server key holds characters that no header can carry (a line break, perhaps?)"
            raise ConfigurationError(msg)
        return key

    def check(self) -> None:
        """See that the settings make sense.

        Raises:
            ConfigurationError: One of them doesn't; the text names it.
        """
        self._check_texts()
        self._check_address()
        for name in ("timeout", "connect_timeout", "backoff_base", "backoff_cap", "token_lifetime"):
            _positive(name, getattr(self, name))
        for name in ("attempt_timeout", "calls_per_second"):
            if getattr(self, name) is not None:
                _positive(name, getattr(self, name))
        for name, least in (("retries", 0), ("max_connections", 1), ("max_in_flight", 1), ("max_response_bytes", 1)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                msg = f"{name} should be a whole number of at least {least}, not {value!r}"
                raise ConfigurationError(msg)
        if type(self.adaptive_pacing) is not bool:
            msg = f"adaptive_pacing should be True or False, not {self.adaptive_pacing!r}"
            raise ConfigurationError(msg)
        if self.drift not in {"sampled", "always", "never"}:
            msg = f"drift should be 'sampled', 'always' or 'never', not {self.drift!r}"
            raise ConfigurationError(msg)
        if self.proxy == MASK:
            msg = "a proxy's password does not travel in a pickle: set the environment's proxy variables instead"
            raise ConfigurationError(msg)
        if not callable(self.server_key):
            self.key()

    def _check_texts(self) -> None:
        for name in ("domain_key", "base_url", "server_key_env"):
            if not isinstance(getattr(self, name), str | None):
                msg = f"{name} should be text, not {type(getattr(self, name)).__name__}"
                raise ConfigurationError(msg)
        if not isinstance(self.api_version, str) or not _API_VERSION.fullmatch(self.api_version):
            msg = f"api_version should be a date such as 2021-03-01, not {self.api_version!r}"
            raise ConfigurationError(msg)
        if not isinstance(self.game_version, str) or not self.game_version:
            msg = "game_version should be a text such as 1.4.0.0"
            raise ConfigurationError(msg)

    def _check_address(self) -> None:
        if self.base_url is not None and self.domain_key is not None:
            msg = "give domain_key or base_url, not both"
            raise ConfigurationError(msg)
        if self.domain_key is not None and not _DOMAIN_KEY.fullmatch(self.domain_key):
            msg = f"domain_key should be one label of a host name, not {self.domain_key!r}"
            raise ConfigurationError(msg)
        try:
            parts = urlsplit(self.address)
            _ = parts.port
        except ValueError:
            # Whose text may repeat a password.
            msg = "base_url can't be read: it should look like https://host/server"
            raise ConfigurationError(msg) from None
        if parts.username is not None or parts.password is not None:
            msg = "base_url must not hold a user name or a password"
            raise ConfigurationError(msg)
        whole = self.address.isprintable() and " " not in self.address and not parts.query and not parts.fragment
        if parts.scheme not in {"https", "http"} or not parts.hostname or not whole:
            msg = f"base_url should look like https://host/server, not {self.base_url!r}"
            raise ConfigurationError(msg)
        if parts.scheme == "http" and not self.allow_http and not is_loopback(parts.hostname):
            msg = f"plain http to {parts.hostname} would show the key on the way: use https, or say allow_http=True"
            raise ConfigurationError(msg)


def _switch(text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError(text)


def _positive(name: str, value: object) -> None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    if not fits:
        msg = f"{name} should be a number above 0, not {value!r}"
        raise ConfigurationError(msg)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
