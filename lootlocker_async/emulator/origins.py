"""Who may speak to the admin API from inside a browser: the emulator's own page, under a name of this machine.

Another site can let a browser send requests here (CSRF), and can even let its own name point here (DNS rebinding). The
first kind tells of itself in `Origin` or `Sec-Fetch-Site`, and the second comes under a name that isn't this machine's.
Programs send neither header, and are held to nothing but the key.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from lootlocker_async.emulator.errors import ServiceError

_LOCAL = "localhost"
_OWN_FETCHES = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` says of what the page itself asks for, or of what somebody typed."""


def is_of_browser(headers: Mapping[str, str]) -> bool:
    """Whether a request says that a browser sends it for a page."""
    return "Origin" in headers or "Sec-Fetch-Site" in headers


def check_host(headers: Mapping[str, str], listens_at: str) -> None:
    """Makes sure that a request was sent to this machine under a name of its own.

    Args:
        headers: The request's headers.
        listens_at: The host that the emulator was told to listen at.

    Raises:
        ServiceError: It was sent to another name.
    """
    host = _host(headers.get("Host", ""))
    if host is None or not _is_own(host, listens_at):
        raise ServiceError(
            421, "host_unknown", "This is the page of an emulator: open it by the machine's address or as localhost"
        )


def check_origin(headers: Mapping[str, str]) -> None:
    """Makes sure that a browser sends a request for the emulator's own page.

    Raises:
        ServiceError: It sends it for another one.
    """
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    if (site is not None and site not in _OWN_FETCHES) or (
        origin is not None and urlsplit(origin).netloc.lower() != headers.get("Host", "").lower()
    ):
        raise ServiceError(403, "origin_unknown", "Another site's page may not ask the emulator for anything")


def _host(text: str) -> str | None:
    """The host of `host:port`; None where it is neither."""
    try:
        return urlsplit(f"//{text}").hostname
    except ValueError:
        return None


def _is_own(host: str, listens_at: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        own = {_LOCAL, listens_at.lower(), socket.gethostname().lower()}
        return host in own or host.endswith(f".{_LOCAL}")
    # Nobody can let an address point elsewhere.
    return True
