"""How an answer goes out, whole or spoilt by a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import attrs
from aiohttp import web

from lootlocker_async.emulator import exact
from lootlocker_async.emulator.clock import Clock
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.faults import Fault, FaultKind

_JSON = "application/json"
_GARBAGE = b'\x00\xff\xfe{"items": [\xc3\x28' * 40

Sleep = Callable[[float], Awaitable[object]]
"""Waits for some seconds."""
_CODES = {
    400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 429: "rate_limited",
    503: "service_unavailable",
}  # fmt: skip
_HTML = "<html><head><title>{0} Error</title></head><body><h1>{0}</h1><p>The gateway answered.</p></body></html>"


@attrs.frozen(kw_only=True)
class Answer:
    """What goes back for a call."""

    status: int
    body: bytes = b""
    content_type: str = _JSON
    headers: Mapping[str, str] = attrs.Factory(dict)


def json_answer(status: int, document: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Answer:
    """An answer with a document, or without a body."""
    body = b"" if document is None else exact.encode(document)
    return Answer(status=status, body=body, headers=headers)


def error_answer(fault: Fault, clock: Clock, ids: Mapping[str, str]) -> Answer:
    """The error that a fault answers with.

    Args:
        fault: The fault.
        clock: What a date in Retry-After counts from.
        ids: The headers that name the request.
    """
    headers = dict(ids)
    if fault.retry_after is not None:
        headers["Retry-After"] = fault.retry_after
    elif fault.retry_after_date is not None:
        # A client may well count from the answer's own date, so that must be by the same clock.
        now = clock.now()
        headers["Date"] = format_datetime(now, usegmt=True)
        headers["Retry-After"] = format_datetime(now + timedelta(seconds=fault.retry_after_date), usegmt=True)
    if fault.body == "empty":
        return Answer(status=fault.status, headers=headers)
    if fault.body == "html":
        body = _HTML.format(fault.status).encode()
        return Answer(status=fault.status, body=body, content_type="text/html", headers=headers)
    code = _CODES.get(fault.status, "internal_server_error")
    error = ServiceError(fault.status, code, "The emulator was told to answer so")
    return json_answer(fault.status, error.document(ids["x-request-id"], ids["x-trace-id"]), headers)


def drop(request: web.BaseRequest) -> web.Response:
    """Drops a request's connection; the response returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def send(
    request: web.BaseRequest, answer: Answer, fault: Fault | None = None, sleep: Sleep = asyncio.sleep
) -> web.StreamResponse:
    """Sends an answer, as a fault lets it.

    Args:
        request: The request it answers.
        answer: The answer.
        fault: What spoils it, if anything.
        sleep: What the pauses of a slow body wait with.
    """
    kind = None if fault is None else fault.kind
    if fault is not None and kind is FaultKind.SLOW_BODY:
        pieces = _split(answer.body, fault.pieces)
        return await _pieces(request, answer, pieces, pause=lambda: sleep(fault.seconds))
    if kind is FaultKind.HALF_ANSWER:
        return await _pieces(request, answer, [answer.body[: len(answer.body) // 2]], then_drop=True)
    if fault is not None and kind is FaultKind.WRONG_CONTENT_LENGTH:
        length = max(0, len(answer.body) + fault.difference)
        return await _pieces(
            request, answer, [answer.body[:length]], length=length, then_drop=length > len(answer.body)
        )
    if kind is FaultKind.GARBAGE:
        answer = attrs.evolve(answer, status=200, body=_GARBAGE)
    response = web.Response(status=answer.status, body=answer.body or None, headers=dict(answer.headers))
    if answer.body:
        response.content_type = answer.content_type
    return response


async def _pieces(
    request: web.BaseRequest,
    answer: Answer,
    pieces: list[bytes],
    *,
    length: int | None = None,
    pause: Callable[[], Awaitable[object]] | None = None,
    then_drop: bool = False,
) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=dict(answer.headers))
    response.content_type = answer.content_type
    response.content_length = len(answer.body) if length is None else length
    try:
        await response.prepare(request)
        for piece in pieces:
            if pause is not None:
                await pause()
            await response.write(piece)
    except ConnectionError:
        # The client went away, which is what slow and broken answers provoke.
        return drop(request)
    if then_drop:
        drop(request)
    return response


def _split(body: bytes, pieces: int) -> list[bytes]:
    return list(_chunks(body, max(1, -(-len(body) // pieces))))


def _chunks(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
