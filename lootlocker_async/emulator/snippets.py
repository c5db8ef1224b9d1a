"""Received calls as the lines of Python that make them again with the SDK. No key or token is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from lootlocker_async.emulator.bodies import MULTIPART
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.record import HIDDEN, RecordedCall
from lootlocker_async.emulator.routing import PREFIX, Router
from lootlocker_async.emulator.validation import Contract, media_type
from lootlocker_async.routes import NUMERIC, Route

_WIDTH = 88
_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
# What the client sends by itself: its key, what a form is, and where a walk through a list stands.
_CLIENTS_OWN = frozenset({"actor_token", "actor_token_type", "grant_type"})
# What the SDK sends only where it is true.
_ONLY_IF_TRUE = frozenset({"asset_details", "ignore_files"})
_HIDDEN_NOTE = "# The emulator keeps no token: put yours in place of what is hidden.\n"
_FILE_NOTE = "# The emulator keeps no file on record: here are as many bytes.\n"
_FORM_NOTE = "# The SDK makes no request like this one."


class Snippets:
    """Writes calls.

    Args:
        contract: What calls take.
        router: Finds their routes.
    """

    def __init__(self, contract: Contract, router: Router) -> None:
        self._contract = contract
        self._router = router

    def of(self, call: RecordedCall) -> str:
        """The lines that make a call again, with a `client` and inside a coroutine.

        It is the section's method where that can make just this call, or else `client.request`.
        """
        written = self._by_method(call)
        if written is None:
            written = _by_request(call)
        return _HIDDEN_NOTE + written if HIDDEN in written else written

    def _by_method(self, call: RecordedCall) -> str | None:
        try:
            route, path = self._router.match(call.verb, call.path)
            query = self._query(route, call.query)
        except ServiceError:
            return None
        body, has_file = call.body, _is_multipart(call)
        if query is None or not (body is None or isinstance(body, dict)):
            return None
        shown = {**body, "file": ""} if has_file and body is not None and "file" in body else body
        if not self._contract.takes_fields(route.operation, shown):
            return None
        section = self._contract.section(route.operation)
        method = f"client.{section}.{route.operation.removeprefix(f'{section}_')}"
        fields, note = _fields({**query, **(body or {})}, has_file=has_file)
        return note + _call(method, [_argument(name, path[name]) for name in route.parameters], fields)

    def _query(self, route: Route, text: str) -> dict[str, Any] | None:
        """The query's arguments with their types; None where the method can't ask so."""
        given = {name for name, _ in parse_qsl(text, keep_blank_values=True)}
        found = self._contract.query(route.operation, text)
        kept = {name: value for name, value in found.items() if name in given}
        paging = route.paging
        if paging is not None:
            start = kept.pop(paging.cursor_param, None)
            if start not in {None, "", 0} and not (paging.style == "page" and start == 1):
                return None  # a walk gets there, but it would begin at the beginning
            size = kept.pop(paging.size_param, None)
            if size is not None:
                kept["page_size"] = size
        return kept


def _is_multipart(call: RecordedCall) -> bool:
    return media_type(call.headers.get("Content-Type", "")) == MULTIPART


def _fields(keywords: Mapping[str, Any], *, has_file: bool) -> tuple[dict[str, str], str]:
    """The keyword arguments, written, and what has to be said of them."""
    fields: dict[str, str] = {}
    note = ""
    for name, value in keywords.items():
        if name in _CLIENTS_OWN or (name in _ONLY_IF_TRUE and value is False):
            continue
        if has_file and name == "file":
            fields["file"] = f"bytes({value['size']})"
            fields["name"] = _text(value["name"])
            note = _FILE_NOTE
        elif has_file and name == "public":
            fields[name] = str(value == "true")
        else:
            fields[name] = _value(value)
    return fields, note


def _by_request(call: RecordedCall) -> str:
    path = unquote(call.path.removeprefix(PREFIX)) if call.path.startswith(f"{PREFIX}/") else None
    if path is None or _is_multipart(call):
        return f"{_FORM_NOTE}\n# {call.verb} {_line(call.path)}"
    fields: dict[str, str] = {}
    if call.query:
        params: dict[str, Any] = {}
        for name, value in parse_qsl(call.query, keep_blank_values=True):
            params[name] = [*params[name], value] if name in params else [value]
        fields["params"] = _value({name: (many if len(many) > 1 else many[0]) for name, many in params.items()})
    if call.body is not None:
        fields["json"] = _value(call.body)
    return _call("client.request", [_text(call.verb), _text(path)], fields)


def _call(method: str, positional: list[str], keywords: Mapping[str, str]) -> str:
    return f"await {method}" + _enclosed("()", [*positional, *(f"{name}={text}" for name, text in keywords.items())])


def _argument(name: str, text: str) -> str:
    return text if name in NUMERIC and _NUMBER.fullmatch(text) else _text(text)


def _value(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value of JSON as Python has it; over several lines where it is long."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return _enclosed("{}", [f"{_value(key)}: {_value(item)}" for key, item in value.items()])
    if isinstance(value, list):
        return _enclosed("[]", [_value(item) for item in value])
    return repr(value)


def _enclosed(brackets: str, parts: list[str]) -> str:
    line = brackets[0] + ", ".join(parts) + brackets[1]
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    return brackets[0] + "\n" + "".join(_indented(part) for part in parts) + brackets[1]


def _indented(part: str) -> str:
    return f"    {part.replace(chr(10), chr(10) + '    ')},\n"


def _text(text: str) -> str:
    written = repr(text)
    return f'"{written[1:-1]}"' if written[0] == "'" and '"' not in written else written


def _line(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode().replace("\n", " ").replace("\r", " ")
