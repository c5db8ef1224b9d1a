"""A server of canned answers that keeps what it was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs
from aiohttp import web
from multidict import CIMultiDict

KEY = "server-key-of-the-tests"
TOKEN = "token-of-the-tests"
LOGIN = "/server/session"


@attrs.frozen
class Received:
    """A request as it arrived."""

    verb: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: CIMultiDict[str]
    body: bytes

    def fields(self) -> Any:
        """The body's fields, however they are written."""
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        return json.loads(self.body) if kind == "application/json" else dict(parse_qsl(self.body.decode()))


@attrs.define
class CannedServer:
    """Answers every login with a token, and every other request with the answer it was given."""

    base_url: str = ""
    answer: tuple[int, bytes, Mapping[str, str]] = (204, b"", {})
    received: list[Received] = attrs.field(factory=list)
    logins: list[Received] = attrs.field(factory=list)
    answer_login: bool = True

    def will_answer(self, status: int, content: object = None, headers: Mapping[str, str] | None = None) -> None:
        raw = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        self.answer = (status, raw, {"Content-Type": "application/json", **(headers or {})})
        self.received.clear()
        self.logins.clear()

    def only(self) -> Received:
        (found,) = self.received
        return found

    async def handle(self, request: web.Request) -> web.Response:
        path, _, query = request.raw_path.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        received = Received(request.method, path, pairs, CIMultiDict(request.headers), await request.read())
        if self.answer_login and request.path == LOGIN:
            self.logins.append(received)
            return web.json_response({"token": TOKEN})
        self.received.append(received)
        status, body, headers = self.answer
        return web.Response(status=status, body=body, headers=headers)
