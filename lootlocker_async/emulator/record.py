"""The record of what the emulator received and what it executed. Keys and tokens never get into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from lootlocker_async.emulator.bodies import UploadedFile
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.validation import media_type, parse_body

_HEADERS = tuple((name, name.lower()) for name in ("LL-Version", "x-request-id", "Content-Type", "User-Agent"))
HIDDEN = "<hidden>"
"""What stands in the record for what does not get into it."""
_SECRETS = ("actor_token", "subject_token")
_JSON_KINDS = frozenset({"", "application/json"})
_SHOWN = (
    "operation", "verb", "path", "query", "body", "headers", "received_at", "status", "executed", "fault",
    "rate_limited",
)  # fmt: skip


class _Unread:
    """A body of JSON that nobody has asked for yet."""

    def __init__(self, body: bytes) -> None:
        self.body = body


@attrs.define(kw_only=True, repr=False)
class RecordedCall:
    """One request and what became of it.

    Attributes:
        operation: The contract's `operationId`, or None where the address belongs to none.
        verb: The HTTP verb.
        path: The path as it came.
        query: The query string as it came.
        headers: Those of its headers that say who asks for what.
        timestamp: When it came, in seconds since the epoch.
        status: What was answered; None where no answer went out.
        executed: Whether it was carried out, whatever became of the answer.
        fault: The name of the fault that it met, if any.
        rate_limited: Whether the emulator's rate limit refused it.
    """

    operation: str | None
    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    timestamp: float
    status: int | None = None
    executed: bool = False
    fault: str | None = None
    rate_limited: bool = False
    _body: Any = None

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in _SHOWN}
        return f"RecordedCall({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @property
    def received_at(self) -> datetime:
        """When it came."""
        return datetime.fromtimestamp(self.timestamp, UTC)

    @property
    def body(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON, or the fields of a form; None where it is empty or neither."""
        if isinstance(self._body, _Unread):
            self._body = _shown("", self._body.body)
        return self._body

    def take_body(self, body: bytes, content_type: str, *, secret: bool) -> None:
        """Takes in the body.

        Args:
            body: The body as it came.
            content_type: What the header says of it.
            secret: Whether it may hold tokens. One that may is read at once, so that they are not kept, and so is one
                that may hold a file; the others are read when somebody asks for them, as hardly anybody does.
        """
        if body:
            at_once = secret or media_type(content_type) not in _JSON_KINDS
            self._body = _shown(content_type, body) if at_once else _Unread(body)


class Record:
    """Everything received, in the order it came.

    Args:
        limit: How many calls it keeps, the latest ones; all of them by default.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._calls: deque[RecordedCall] = deque(maxlen=limit)

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[RecordedCall]:
        return iter(tuple(self._calls))

    def __repr__(self) -> str:
        return f"<Record of {len(self._calls)} calls>"

    def add(self, call: RecordedCall) -> None:
        """Takes in a call."""
        self._calls.append(call)

    def received(self, operation: str | None = None) -> list[RecordedCall]:
        """The calls that came, of one operation or of all."""
        return [call for call in self._calls if operation in {None, call.operation}]

    def executed(self, operation: str | None = None) -> list[RecordedCall]:
        """Those of them that were carried out."""
        return [call for call in self.received(operation) if call.executed]

    def rate_limited(self, operation: str | None = None) -> list[RecordedCall]:
        """Those of them that the emulator's rate limit refused."""
        return [call for call in self.received(operation) if call.rate_limited]

    def clear(self) -> None:
        """Forgets every call."""
        self._calls.clear()


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a record keeps, of those that can be asked for by their names in lower case."""
    return {name: headers[key] for name, key in _HEADERS if key in headers}


def shown_body(body: Any) -> Any:  # noqa: ANN401 - JSON
    """A body without the keys and tokens that it may name; a file is there as its name and size."""
    if not isinstance(body, dict):
        return body
    shown = {name: HIDDEN if name in _SECRETS else _shown_value(value) for name, value in body.items()}
    if isinstance(body.get("tokens"), list):
        shown["tokens"] = [HIDDEN for _ in body["tokens"]]
    return shown


def _shown_value(value: Any) -> Any:  # noqa: ANN401 - JSON
    return {"name": value.name, "size": len(value.content)} if isinstance(value, UploadedFile) else value


def _shown(content_type: str, body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return shown_body(parse_body(content_type, body)) if body else None
    except ServiceError:
        # The call is refused for it when it is carried out; the record just has no body then.
        return None
