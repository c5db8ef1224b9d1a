"""The checks of `lootlocker doctor`."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from time import time
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from lootlocker_async import __version__
from lootlocker_async.errors import (
    AuthenticationError,
    CallError,
    ConfigurationError,
    ConnectError,
    LootLockerError,
    PermissionDeniedError,
    RateLimitedError,
    ResponseDecodeError,
    TransportError,
)

if TYPE_CHECKING:
    from lootlocker_async.cli.connection import Connection
    from lootlocker_async.config import ClientConfig
    from lootlocker_async.core.observers import CallRecord

__all__ = ["Check", "check", "clock_check"]

_PINGS = 5
_SKEW = 30.0
"""Seconds that a clock may be off: a Date header has whole seconds, and half a round trip is not known."""
_SLOW = 0.5
_LIBRARIES = ("aiohttp", "attrs", "cattrs", "backoff", "msgspec")


class Check(NamedTuple):
    """What came of a check.

    Attributes:
        name: What was checked.
        state: How it is.
        told: What was seen.
        advice: What to do about it.
    """

    name: str
    state: Literal["ok", "warning", "failed", "info"]
    told: str
    advice: str = ""


def check(connection: Connection) -> tuple[list[Check], LootLockerError | None]:
    """Check everything that can be checked, in an order in which each needs the ones before.

    Args:
        connection: How to reach the service.

    Returns:
        What came of it, and what went wrong, if anything did.
    """
    found = [_versions()]
    try:
        config = connection.config()
    except ConfigurationError as error:
        advice = "set LOOTLOCKER_SERVER_KEY, or give --profile NAME" if "server key" in str(error) else ""
        return [*found, Check("settings", "failed", str(error), advice)], error
    found += [_settings(config, connection), _proxy(config)]
    records, failure = asyncio.run(_pings(config))
    found += _reached(config, failure)
    if records and (headers := records[-1].headers):
        found.append(clock_check(headers, time()))
    if failure is None:
        found.append(_latency(records))
    return found, failure


def _versions() -> Check:
    told = [f"lootlocker-async {__version__}", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:  # it is there, but put there by other means than a package
            told.append(f"{name} (unknown)")
    return Check("versions", "info", ", ".join(told))


def _settings(config: ClientConfig, connection: Connection) -> Check:
    if connection.profile is not None:
        source = f"profile {connection.profile}"
    else:
        source = f"environment, key from {config.server_key_env}"
    return Check("settings", "ok", f"{config.address}, API version {config.api_version} ({source})")


def _proxy(config: ClientConfig) -> Check:
    """The proxy that calls go through, without its password."""
    parts = urlsplit(config.address)
    named = config.proxy
    if named is None and config.trust_env and not proxy_bypass(parts.netloc):
        named = getproxies().get(parts.scheme)
    if not named:
        return Check("proxy", "info", "none")
    whole = urlsplit(named if "://" in named else f"http://{named}")
    return Check("proxy", "info", f"{whole.scheme}://{whole.hostname}" + (f":{whole.port}" if whole.port else ""))


async def _pings(config: ClientConfig) -> tuple[list[CallRecord], LootLockerError | None]:
    """Log in and ping a few times: the calls, and what ended them."""
    from lootlocker_async.client import LootLockerClient

    async with LootLockerClient(config=config) as client:
        with client.trace() as records:
            try:
                for _ in range(_PINGS):
                    await client.session.ping()
            except LootLockerError as error:
                return records, error
        return records, None


def _reached(config: ClientConfig, error: LootLockerError | None) -> list[Check]:
    host = urlsplit(config.address).hostname
    if isinstance(error, ConnectError):
        advice = f"see that {host} can be reached from here: name look-up, firewall, proxy, TLS authorities"
        return [Check("reachability", "failed", str(error), advice)]
    if isinstance(error, TransportError):
        advice = "the connection was made and no answer came: try again, or give a longer --timeout"
        return [Check("reachability", "failed", str(error), advice)]
    answered = Check("reachability", "ok", f"{host} answers")
    if error is None:
        return [answered, Check("key", "ok", "the service took it and started a session")]
    if isinstance(error, (AuthenticationError, PermissionDeniedError)):
        advice = (
            "take the server key from the game's API keys in the console; a key is for one game and one environment"
        )
        return [answered, Check("key", "failed", str(error), advice)]
    if isinstance(error, RateLimitedError):
        return [answered, Check("key", "failed", str(error), "wait as long as it says, and call less often")]
    if isinstance(error, ResponseDecodeError):
        return [answered, Check("answers", "failed", str(error), "see where they differ: lootlocker doctor --drift")]
    advice = "the service has trouble of its own: try again later, and name the request id to its support"
    return [answered, Check("key", "failed", str(error), advice if isinstance(error, CallError) else "")]


def clock_check(headers: Mapping[str, str], now: float) -> Check:
    """Compare this machine's clock with the service's.

    Args:
        headers: The headers of an answer.
        now: Seconds since 1970 by this machine's clock, when it came.
    """
    try:
        theirs = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return Check("clock", "info", "the service doesn't tell its time")
    skew = now - theirs
    if abs(skew) <= _SKEW:
        return Check("clock", "ok", f"within {max(1, round(abs(skew)))} s of the service's")
    way = "ahead of" if skew > 0 else "behind"
    told = f"{abs(skew):,.0f} s {way} the service's"
    return Check(
        "clock", "warning", told, "set this machine's clock by NTP: schedules and dates will be off by as much"
    )


def _latency(records: list[CallRecord]) -> Check:
    # The first one waited for the login and the connection.
    times = [record.attempts[-1].seconds for record in records[1:]]
    told = f"{median(times) * 1000:,.0f} ms for an answer, {max(times) * 1000:,.0f} ms at most, of {len(times)}"
    if median(times) > _SLOW:
        return Check("latency", "warning", told, "choose a region nearer to the service, or look at the proxy")
    return Check("latency", "ok", told)
