"""What is asked of the emulator's record, and how it is told when it turns out otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from lootlocker_async import routes
from lootlocker_async.emulator import RecordedCall
from lootlocker_async.emulator.routing import Router

Where = Mapping[str, Any] | Callable[[RecordedCall], bool]
"""Which calls count: those with such arguments, or those that a function says yes to."""

_SHOWN = 40
_BODY_SHOWN = 200


def operations(name: str) -> frozenset[str]:
    """The operations that a name means.

    Args:
        name: As the client's methods are named (`balances.credit`), as the contract names operations
            (`balances_credit`), or a glob of either (`balances.*`).

    Raises:
        ValueError: There are none; an assertion about them would say nothing.
    """
    pattern = name.replace(".", "_")
    known = [route.operation for route in routes.all_routes()]
    found = frozenset(operation for operation in known if fnmatchcase(operation, pattern))
    if not found:
        close = get_close_matches(pattern, known, n=3)
        hint = f"; there is {', '.join(close)}" if close else ""
        raise ValueError(f"the API has no operation {name!r}{hint}")
    return found


def chosen(calls: Iterable[RecordedCall], name: str, where: Where | None) -> list[RecordedCall]:
    """The calls of some operations that count."""
    wanted = operations(name)
    return [call for call in calls if call.operation in wanted and _counts(call, where)]


def arguments(call: RecordedCall) -> dict[str, Any]:
    """What a call of some operation was about: the fields of its path, its query and its body."""
    found: dict[str, Any] = dict(_router().match(call.verb, call.path).arguments)
    found.update(parse_qsl(call.query, keep_blank_values=True))
    if isinstance(call.body, Mapping):
        found.update(call.body)
    return found


@cache
def _router() -> Router:
    return Router(routes.all_routes())


def _counts(call: RecordedCall, where: Where | None) -> bool:
    if where is None:
        return True
    return _same(where, arguments(call)) if isinstance(where, Mapping) else where(call)


def _same(expected: object, found: object) -> bool:
    """Whether what was sent is what was expected, which leaves out what it doesn't care for and what a text hides."""
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and _same(value, found[key]) for key, value in expected.items()
        )
    if isinstance(expected, list | tuple) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_same, expected, found))
    if isinstance(expected, int | Decimal) and not isinstance(expected, bool) and isinstance(found, str):
        try:
            return Decimal(found) == expected
        except InvalidOperation:
            return False
    return expected == found


def complaint(
    name: str, done: str, *, times: int | None, where: Where | None, calls: Sequence[RecordedCall], found: int
) -> str:
    """What to say when calls were not made as often as was expected.

    Args:
        name: What was looked for.
        done: What was to happen to it: `executed` or `received`.
        times: How often, or None for at least once.
        where: Which calls counted.
        calls: Everything that was received.
        found: How often it was.
    """
    expected = "at least once" if times is None else _times(times)
    condition = "" if where is None else f"\nwhere {_shown(where) if isinstance(where, Mapping) else repr(where)}"
    if not calls:
        return f"{name} was {done} {_times(found)}, expected {expected}{condition}\nThe emulator received nothing."
    numbers = range(1, len(calls) + 1)
    lines = [f"{number:5}. {line(call)}" for number, call in zip(numbers, calls, strict=True)][-_SHOWN:]
    left_out = len(calls) - len(lines)
    head = f"the last {_SHOWN} of {len(calls)} calls" if left_out else "all calls"
    told = "\n".join(lines)
    return f"{name} was {done} {_times(found)}, expected {expected}{condition}\nThe emulator received ({head}):\n{told}"


def line(call: RecordedCall) -> str:
    """A call in one line: what was asked, what was answered, whether it was executed."""
    asked = f"{call.operation or 'no operation'}  {call.verb} {call.path}{f'?{call.query}' if call.query else ''}"
    body = "" if call.body is None else f" {_shown(call.body)}"
    became = [
        "no answer" if call.status is None else f"answered {call.status}",
        "executed" if call.executed else "not executed",
        *([f"fault {call.fault}"] if call.fault else []),
    ]
    return f"{asked}{body} -> {', '.join(became)}"


def _shown(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= _BODY_SHOWN else f"{text[:_BODY_SHOWN]}..."


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
