"""A file on another host: its address, which is worth as much as the file, and what is told of fetching it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from yarl import URL

from lootlocker_async.config import is_loopback
from lootlocker_async.core import answers
from lootlocker_async.core.observers import CallRecord, History, traces
from lootlocker_async.errors import APIError, Attempt, CallFacts, InvalidRequestError
from lootlocker_async.models.player_files import PlayerFile
from lootlocker_async.routes import Route
from lootlocker_async.secret import SecretStr

if TYPE_CHECKING:
    import aiohttp

    from lootlocker_async.core.call import CallOptions
    from lootlocker_async.core.session import SessionManager

__all__ = ["Download"]

_SHORTEST_SECRET = 8
_REFUSALS = frozenset({400, 401, 403, 404, 410})
_ROUTE: Final = Route("player_files_download", "GET", "/", True, "It only reads.")


class Download:
    """What is to be fetched, and how."""

    number = 0  # a stream may be read anywhere, and end in a finalizer: it is no call that begins and ends in one place
    # What the rules for sending again ask of a call. No try begins after the deadline; one that has begun goes on.
    route = _ROUTE
    deadline: float = math.inf
    maybe_executed = False
    spent = False
    trace_id: str | None = None
    headers: Mapping[str, str] = {}

    def __init__(
        self, manager: SessionManager, options: CallOptions, file: PlayerFile | str, limit: int | None
    ) -> None:
        """Look at the address.

        Args:
            manager: The client's manager.
            options: The calls' options: a server may be silent for as long as an attempt may take.
            file: The file, or its address.
            limit: The most bytes wanted, or None for any number.

        Raises:
            InvalidRequestError: It's no address that may be asked.
        """
        self.manager = manager
        self.options = options
        self.limit: int | None = _checked_limit(limit)
        self.patience: float = options.attempt_timeout or options.timeout
        self.expires_at: datetime | None = None
        self.expected: int = 0
        if isinstance(file, PlayerFile):
            self.expires_at, self.expected, file = file.url_expires_at, file.size, file.url
            if not file:
                raise InvalidRequestError("the file has no url: get it anew")
        if not isinstance(file, str):
            raise InvalidRequestError(f"file should be a PlayerFile or a url, not {type(file).__name__}")
        self._address = SecretStr(file)
        self._allow_http: bool = manager.config.allow_http
        self._hidden: set[str] = set()
        self._began = math.nan
        self._collectors: tuple[list[CallRecord], ...] = ()
        self.history: History = []
        _checked(_parse(self._address), allow_http=self._allow_http)
        self.path: str = self.facts().get("path", "")

    @property
    def address(self) -> URL:
        """Where the file lies. Only ever on its way: the signature in it is worth as much as the file."""
        return _parse(self._address)

    def next_address(self, here: URL, location: str, status: int) -> URL:
        """Where a redirect leads.

        Raises:
            APIError: Nowhere that may be asked.
        """
        try:
            there = here.join(_parse(SecretStr(location)))
            # What began encrypted stays so.
            return _checked(there, allow_http=self._allow_http, downgrade=here.scheme == "http")
        except InvalidRequestError as refusal:
            msg = f"it was redirected, and not followed: {refusal}"
            raise APIError(msg, status=status, **self.facts(here)) from None

    def facts(self, url: URL | None = None) -> CallFacts:
        """What an error tells of the download: the address without the query, which is the signature."""
        url = self.address if url is None else url
        host = url.raw_authority or url.host or ""
        return {"operation": _ROUTE.operation, "method": "GET", "path": f"{url.scheme}://{host}{url.raw_path}"}

    def refusal(self, url: URL, response: aiohttp.ClientResponse, body: bytes) -> APIError:
        """The error of an answer that isn't the file."""
        error = answers.api_error(response.status, response.headers, body, self.secrets, self.facts(url))
        if response.status in _REFUSALS:
            error.message += self._hint()
            error.args = (error.message,)
        return error

    # ----------------------------------------------------------------------------------------------- what is told of it
    def asks(self, url: URL) -> None:
        """Note that an address is asked: what it's signed with must not be shown."""
        texts = [url.raw_query_string, *url.query.values(), *url.raw_query_string.replace("=", "&").split("&")]
        self._hidden.update(text for text in texts if len(text) >= _SHORTEST_SECRET)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown, the longest first."""
        return tuple(sorted(self._hidden, key=len, reverse=True))

    @property
    def sent(self) -> int:
        """How many attempts have ended."""
        return len(self.history)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The history of its attempts."""
        return tuple(Attempt(number, *noted) for number, noted in enumerate(self.history, 1))

    @property
    def started(self) -> float:
        """The loop's time at which it began."""
        return self._began

    def begin(self) -> None:
        """It begins, in the context whose traces want to know of it."""
        self._began = asyncio.get_running_loop().time()
        self._collectors = tuple(records for owner, records in traces.get() if owner is self.manager)

    def end(self, outcome: str, now: float) -> None:
        """It has ended, in whatever context."""
        collectors, self._collectors = self._collectors, ()
        for records in collectors:
            records.append(self.manager.report.record(self, now - self._began, outcome))

    def _hint(self) -> str:
        if self.expires_at is None:
            return "; if the url has expired, get the file anew for another one"
        if self.expires_at <= datetime.now(UTC):
            return f"; the url expired at {self.expires_at.isoformat()}: get the file anew for another one"
        return ""


def _parse(address: SecretStr) -> URL:
    """An address as it stands, since a signature holds for one spelling alone; what no request can carry is quoted."""
    as_it_is = address.isascii() and address.isprintable() and " " not in address
    try:
        return URL(address.reveal(), encoded=as_it_is)
    except ValueError:
        raise InvalidRequestError("the url can't be read") from None


def _checked(url: URL, *, allow_http: bool, downgrade: bool = True) -> URL:
    try:
        host, _ = url.host, url.port
    except ValueError:
        raise InvalidRequestError("the url can't be read") from None
    if url.scheme not in {"https", "http"} or not host:
        raise InvalidRequestError("the url should look like https://host/path")
    if url.user is not None or url.password is not None:
        raise InvalidRequestError("the url must not hold a user name or a password")
    if url.scheme == "http" and not (downgrade and (allow_http or is_loopback(host))):
        raise InvalidRequestError(f"plain http to {host} would show the file on the way")
    return url


def _checked_limit(limit: object) -> int | None:
    if limit is not None and (type(limit) is not int or limit < 1):
        raise InvalidRequestError(f"max_bytes should be a whole number of at least 1, not {limit!r}")
    return limit
