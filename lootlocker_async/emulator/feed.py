"""The latest calls with their answers, for those who watch an emulator at work. It is bounded in every direction."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Container
from typing import Any

import attrs

from lootlocker_async.emulator import exact, player_files
from lootlocker_async.emulator.delivery import Answer
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.record import HIDDEN, RecordedCall

KEPT_CALLS = 1000
"""How many of the latest calls are kept."""
KEPT_BYTES = 8 * 1024 * 1024
"""How many bytes of answers are kept in all; the oldest ones go first."""
LONGEST_ANSWER = 64 * 1024
"""How many bytes are kept of one answer."""
MOST_WATCHERS = 32
"""How many can wait for the next call at a time."""
_JSON = "application/json"
# An address of a file opens it to whoever has it.
_SIGNED = re.compile(rf'({re.escape(player_files.PREFIX)}[^"?\s]*\?)[^"\s]*')


@attrs.define(kw_only=True, eq=False)
class Watched:
    """A call as the feed keeps it.

    Attributes:
        number: Which call it is, from 1.
        change: When it last changed, in numbers that only grow.
        call: The call on record.
        began: When it came, by a clock that nobody moves.
        seconds: How long it took; None while it is under way.
        answer: What was answered, or its beginning; None where that was nothing, or was forgotten.
        size: How many bytes the answer has.
        kind: Its media type.
        request_id: The id that it names the request by.
        retry_after: What its Retry-After says.
        is_cut: Whether the answer is longer than what is kept of it.
        is_forgotten: Whether there was an answer that is no longer kept.
    """

    number: int
    change: int
    call: RecordedCall
    began: float
    seconds: float | None = None
    answer: bytes | None = None
    size: int = 0
    kind: str = ""
    request_id: str | None = None
    retry_after: str | None = None
    is_cut: bool = False
    is_forgotten: bool = False


class Feed:
    """Keeps the latest calls, and tells those who wait of each change.

    Args:
        secret: The operations whose answers may hold tokens.
        timer: A clock that nobody moves, in seconds.
    """

    def __init__(self, secret: Container[str | None] = (), timer: Callable[[], float] = time.perf_counter) -> None:
        self._secret = secret
        self._timer = timer
        self._last_number = 0
        self._last_change = 0
        self._bytes = 0
        self._calls: OrderedDict[int, Watched] = OrderedDict()
        self._under_way: dict[int, Watched] = {}
        self._waiting: set[asyncio.Future[None]] = set()
        self.epoch: str = secrets.token_hex(8)
        """Another one whenever numbers begin anew, so that a watcher notices."""

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def last_change(self) -> int:
        """The latest change."""
        return self._last_change

    def clear(self) -> None:
        """Forgets everything, and begins anew."""
        self._calls.clear()
        self._under_way.clear()
        self._last_number = self._last_change = self._bytes = 0
        self.epoch = secrets.token_hex(8)
        self._wake()

    def begin(self, call: RecordedCall) -> None:
        """A call has come."""
        self._last_number += 1
        watched = Watched(number=self._last_number, change=0, call=call, began=self._timer())
        self._calls[watched.number] = self._under_way[id(call)] = watched
        if len(self._calls) > KEPT_CALLS:
            _, oldest = self._calls.popitem(last=False)
            self._bytes -= len(oldest.answer or b"")
        self._changed(watched)

    def answered(self, call: RecordedCall, answer: Answer) -> None:
        """An answer goes out, whatever becomes of it. No token in it is kept.

        Args:
            call: The call, which `begin` was told of.
            answer: The answer.
        """
        watched = self._under_way.get(id(call))
        if watched is None:  # it came before everything was forgotten
            return
        watched.size = len(answer.body)
        watched.kind = answer.content_type if answer.body else ""
        watched.request_id = answer.headers.get("x-request-id")
        watched.retry_after = answer.headers.get("Retry-After")
        if answer.body and answer.content_type != "application/octet-stream":
            secret = call.operation in self._secret
            watched.is_cut = not secret and len(answer.body) > LONGEST_ANSWER
            watched.answer = _without_tokens(answer.body) if secret else answer.body[:LONGEST_ANSWER]
        if watched.number in self._calls:
            self._bytes += len(watched.answer or b"")
            self._forget_oldest()

    def end(self, call: RecordedCall) -> None:
        """All is done for a call: the answer is out, or there is to be none."""
        watched = self._under_way.pop(id(call), None)
        if watched is not None:
            watched.seconds = self._timer() - watched.began
            self._changed(watched)

    def get(self, number: int) -> Watched | None:
        """A call that is still kept."""
        return self._calls.get(number)

    def since(self, change: int, most: int) -> list[Watched]:
        """The calls that came or changed after a change, in the order they came; of too many the latest.

        Args:
            change: The change; one that is still to come means all.
            most: How many at most.
        """
        after = change if change <= self._last_change else 0
        return [watched for watched in self._calls.values() if watched.change > after][-most:]

    async def wait(self, change: int, seconds: float) -> None:
        """Waits until there is something after a change, but no longer than so many seconds.

        Raises:
            ServiceError: Too many are waiting already.
        """
        if change != self._last_change or seconds <= 0:
            return
        if len(self._waiting) >= MOST_WATCHERS:
            raise ServiceError(503, "service_unavailable", f"{MOST_WATCHERS} are watching already")
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await asyncio.wait((waiting,), timeout=seconds)
        finally:
            self._waiting.discard(waiting)

    def _changed(self, watched: Watched) -> None:
        self._last_change += 1
        watched.change = self._last_change
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            waiting = self._waiting.pop()
            if not waiting.done():
                waiting.set_result(None)

    def _forget_oldest(self) -> None:
        for watched in self._calls.values():
            if self._bytes <= KEPT_BYTES:
                return
            if watched.answer is not None:
                self._bytes -= len(watched.answer)
                watched.answer, watched.is_forgotten = None, True


def shown_answer(watched: Watched) -> dict[str, Any]:
    """An answer to look at.

    Returns:
        Its `text`, laid out where it is JSON; `size` and `kind`; and whether it is `cut` or `forgotten`.
    """
    body = watched.answer
    text = None if body is None else laid_out(body) if watched.kind == _JSON and not watched.is_cut else _read(body)
    return {
        "text": None if text is None else _SIGNED.sub(rf"\1{HIDDEN}", text),
        "size": watched.size,
        "kind": watched.kind,
        "cut": watched.is_cut,
        "forgotten": watched.is_forgotten,
    }


def laid_out(body: bytes) -> str:
    """JSON over several lines, each number as it was written; as it is where it is no JSON."""
    try:
        return exact.lay_out(exact.parse(body))
    except (ValueError, RecursionError):
        return _read(body)


def _read(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _without_tokens(body: bytes) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        return json.dumps(HIDDEN).encode()
    return json.dumps(_hidden(document), ensure_ascii=False).encode()


def _hidden(document: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(document, list):
        return [_hidden(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {
        name: (_covered(value) if "token" in name.lower() and not name.endswith("_type") else _hidden(value))
        for name, value in document.items()
    }


def _covered(value: Any) -> Any:  # noqa: ANN401 - JSON
    return [_covered(item) for item in value] if isinstance(value, list) else HIDDEN
