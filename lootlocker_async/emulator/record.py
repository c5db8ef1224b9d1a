"""The record of what the emulator received and what it executed. Keys and tokens never get into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

_HEADERS = ("LL-Version", "x-request-id", "Content-Type", "User-Agent")
_HIDDEN = "<hidden>"


@attrs.define(kw_only=True)
class RecordedCall:
    """One request and what became of it.

    Attributes:
        operation: The contract's `operationId`, or None where the address belongs to none.
        verb: The HTTP verb.
        path: The path as it came.
        query: The query string as it came.
        body: The body as JSON; None where it is empty or no JSON.
        headers: Those of its headers that say who asks for what.
        received_at: When it came.
        status: What was answered; None where no answer went out.
        executed: Whether it was carried out, whatever became of the answer.
        fault: The name of the fault that it met, if any.
    """

    operation: str | None
    verb: str
    path: str
    query: str
    body: Any
    headers: Mapping[str, str]
    received_at: datetime
    status: int | None = None
    executed: bool = False
    fault: str | None = None


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

    def clear(self) -> None:
        """Forgets every call."""
        self._calls.clear()


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a record keeps."""
    return {name: headers[name] for name in _HEADERS if name in headers}


def shown_body(body: Any) -> Any:  # noqa: ANN401 - JSON
    """A body without the session tokens of players that it may name."""
    if isinstance(body, dict) and isinstance(body.get("tokens"), list):
        return {**body, "tokens": [_HIDDEN for _ in body["tokens"]]}
    return body
