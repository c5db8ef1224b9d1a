"""Calls for more than one request can name: checked whole, cut into parts, sent side by side, put together in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence, Set as AbstractSet
from typing import Any, TypeVar
from urllib.parse import quote_plus

from lootlocker_async.core.call import goes_on
from lootlocker_async.errors import BatchError, BatchFailure, CallError, InvalidRequestError

K = TypeVar("K")
T = TypeVar("T")

MAX_QUERY = 4000
"""Characters of a query in one request: half of what common proxies take."""

_SIDE_BY_SIDE = 8
_MAX_INT64 = 2**63 - 1


# ---------------------------------------------------------------------------------------------------- what is asked for
def numbers(name: str, values: Iterable[int], *, least: int = 0) -> list[int]:
    """A list of numeric ids, every one of them checked, since parts of it may be sent before others are looked at.

    Args:
        name: What the argument is called.
        values: What was given.
        least: How many there have to be.

    Raises:
        InvalidRequestError: It is no list, too short, or holds something that is no id.
    """
    found = _listed(name, values, least)
    if not all(type(value) is int and 0 <= value <= _MAX_INT64 for value in found):
        raise InvalidRequestError(f"{name} should be a list of whole numbers from 0 to {_MAX_INT64}")
    return found


def texts(name: str, values: Iterable[str], *, least: int = 0, shortest: int = 1) -> list[str]:
    """A list of ids or keys that are texts, every one of them checked.

    Args:
        name: What the argument is called.
        values: What was given.
        least: How many there have to be.
        shortest: How many characters each has at least: 1, or 0 where an empty text is one.

    Raises:
        InvalidRequestError: It is no list, too short, or holds something that is no text or an empty one.
    """
    found = _listed(name, values, least)
    if not all(isinstance(value, str) and len(value) >= shortest for value in found):
        raise InvalidRequestError(f"{name} should be a list of texts{', none of them empty' if shortest else ''}")
    try:
        "".join(found).encode()
    except UnicodeEncodeError:
        raise InvalidRequestError(f"{name} holds half a character (a lone surrogate)") from None
    return found


def _listed(name: str, values: Iterable[T], least: int) -> list[T]:
    if not isinstance(values, (Sequence, AbstractSet)) or isinstance(values, (str, bytes, bytearray)):
        raise InvalidRequestError(f"{name} should be a list, not {type(values).__name__}")
    if len(values) < least:
        raise InvalidRequestError(f"{name} should hold {least} or more, not {len(values)}")
    return list(values)


# -------------------------------------------------------------------------------------------------------------- cutting
def by_count(keys: Sequence[K], most: int) -> list[Sequence[K]]:
    """Cut keys into parts of at most so many."""
    return [keys[start : start + most] for start in range(0, len(keys), most)] or [keys]


def by_length(keys: Sequence[K], cost: Callable[[K], int], room: int = MAX_QUERY) -> list[Sequence[K]]:
    """Cut keys into parts that have room in a query; one that is larger by itself is a part of its own."""
    return [tuple(part) for part in _filled(keys, cost, room)] or [keys]


def _filled(keys: Iterable[K], cost: Callable[[K], int], room: int) -> Iterator[list[K]]:
    part: list[K] = []
    taken = 0
    for key in keys:
        size = cost(key)
        if part and taken + size > room:
            yield part
            part, taken = [], 0
        part.append(key)
        taken += size
    if part:
        yield part


def quoted_length(value: object) -> int:
    """How many characters a value takes in a query, with a separator of up to three."""
    return len(quote_plus(str(value), errors="replace")) + 3


# -------------------------------------------------------------------------------------------------------------- sending
async def in_parts(
    parts: Sequence[Sequence[K]],
    send: Callable[[Sequence[K]], Coroutine[Any, Any, T]],
    merge: Callable[[Sequence[T]], T],
) -> T:
    """Send each part as a call of its own, a few at a time, and merge the answers in the order of the parts.

    After a failure no further part is begun, and those that are under way come to their end. Each part has the time
    and the repeats of one call.

    Raises:
        BatchError: A part failed; it says which, and holds what arrived. A lone part's own error is raised as it is.
    """
    if len(parts) == 1:
        return await send(parts[0])
    answers: dict[int, T] = {}
    failures: list[BatchFailure] = []
    others: list[Exception] = []
    coming = iter(enumerate(parts))

    async def work() -> None:
        while not failures and not others:
            number, part = next(coming, (-1, parts[0]))
            if number < 0:
                return
            try:
                answers[number] = await send(part)
                goes_on.set(True)  # in this task alone: what has begun may end, though the client is closed meanwhile
            except CallError as error:
                failures.append(BatchFailure(number, tuple(part), error))
            except Exception as error:  # noqa: BLE001  (no failure of one part, such as a closed client; raised below)
                others.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(_SIDE_BY_SIDE, len(parts))):
            group.create_task(work())
    if others:
        raise others[0]
    arrived = [answers[number] for number in sorted(answers)]
    if not failures:
        return merge(arrived)
    missing = tuple(key for number, part in enumerate(parts) if number not in answers for key in part)
    failures.sort(key=lambda failure: failure.part)
    raise BatchError(
        len(parts), tuple(failures), missing=missing, arrived=merge(arrived) if arrived else None
    ) from failures[0].error
