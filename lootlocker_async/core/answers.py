"""What an answer that isn't success says: its error, its ids, and how long it asks to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lootlocker_async.errors import APIError, CallFacts, api_error_class
from lootlocker_async.secret import MASK

_EXCERPT = 2000
_MESSAGE = 500
_ID = 100
_TORN = 4
"""The least of a secret's beginning that counts as a piece of it."""
_START = slice(_TORN)


def ids(headers: Mapping[str, str], sent: str, secrets: tuple[str, ...] = ()) -> tuple[str, str | None]:
    """The request id (the one we sent where the answer names none) and the trace id that headers tell."""
    request_id = _tidy(headers.get("x-request-id"), _ID, secrets) or sent
    return request_id, _tidy(headers.get("x-trace-id"), _ID, secrets) or None


def api_error(
    status: int, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], facts: CallFacts
) -> APIError:
    """The typed error that an answer tells."""
    text = excerpt(body, secrets)
    told = _told(body)
    message = _tidy(told.get("message"), _MESSAGE, secrets) or _tidy(told.get("error"), _MESSAGE, secrets)
    if not message:
        start = " ".join(text.split())[:80]
        message = f"no reason was given; the answer begins {start!r}" if start else "no reason was given"
    facts["request_id"] = _tidy(told.get("request_id"), _ID, secrets) or facts.get("request_id")
    facts["trace_id"] = _tidy(told.get("trace_id"), _ID, secrets) or facts.get("trace_id")
    return api_error_class(status)(
        message,
        status=status,
        code=_tidy(told.get("code"), _ID, secrets),
        param=_tidy(told.get("param"), _ID, secrets),
        doc_url=_tidy(told.get("doc_url"), _MESSAGE, secrets),
        retry_after=retry_after(headers),
        body=text,
        **facts,
    )


def excerpt(body: bytes, secrets: tuple[str, ...]) -> str:
    """The beginning of a body as text that may be shown."""
    return redact(body[: 4 * _EXCERPT].decode("utf-8", "replace"), secrets)[:_EXCERPT]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a Retry-After asks to wait, from now; None without one that makes sense."""
    text = headers.get("Retry-After")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, headers.get("Date"))
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _until(text: str, now: str | None) -> float | None:
    """From the answer's own Date (the service's clock, not ours) to a date."""
    try:
        then = parsedate_to_datetime(text)
        start = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return max((then - start).total_seconds(), 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """A text without the secrets that it may repeat, whole or, where it was cut off, torn."""
    for secret in secrets:
        if str.__getitem__(secret, _START) not in text:
            continue  # as in nearly every text, and what follows takes its time
        text = text.replace(secret, MASK)
        torn = next((size for size in range(len(secret) - 1, _TORN - 1, -1) if text.endswith(secret[:size])), 0)
        if torn:
            text = text[:-torn] + MASK
    return text


def _told(body: bytes) -> dict[str, Any]:
    import msgspec  # where answers are read it is loaded already

    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _tidy(value: object, most: int, secrets: tuple[str, ...] = ()) -> str:
    """A text from an answer as one short line: what a stranger sent must not forge lines of a log."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return ""
    # Secrets first: one that is cut in two would no longer be found.
    return "".join(char if char.isprintable() else " " for char in redact(str(value), secrets)[:most])
