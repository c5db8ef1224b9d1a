"""A server of canned answers that keeps what it was sent."""

from __future__ import annotations

import email
import email.policy
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
class Part:
    """A part of a multipart form."""

    kind: str
    filename: str | None
    content: bytes


@attrs.frozen
class Received:
    """A request as it arrived."""

    verb: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: CIMultiDict[str]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type of the body."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    def fields(self) -> Any:
        """The body's fields, however they are written."""
        if self.kind == "application/json":
            return json.loads(self.body)
        if self.kind == "multipart/form-data":
            return {name: part.content.decode() for name, part in self.parts().items()}
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def parts(self) -> dict[str, Part]:
        """The parts of a multipart form."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        found = {}
        for part in message.iter_parts():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            name = str(part.get_param("name", header="Content-Disposition"))
            found[name] = Part(part.get_content_type(), part.get_filename(), content)
        return found


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
