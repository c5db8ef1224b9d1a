"""Making the contract's calls through the client, and holding what goes out to the contract."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import unquote

from contract_deviations import deviates, given
from contract_server import KEY, TOKEN, CannedServer, Received
from contract_spec import Operation, contract
from contract_values import Call, answers
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest

from lootlocker_async import LootLockerClient

HEADERS = {"key": "x-server-key", "token": "x-auth-token"}


@cache
def openapi() -> OpenAPI:
    return OpenAPI.from_dict(contract())


def arguments_of(operation: Operation, call: Call) -> dict[str, Any]:
    """The arguments of a call as the method takes them, those of the path first."""
    named = {**call.path, **call.keywords}
    return {
        name: given(operation.id, name, value)
        for name, value in named.items()
        if not deviates("ours", operation.id, name)
    }


def sent_by(operation: Operation, call: Call) -> dict[str, Any]:
    """The fields of the body that a call has to send: those that were given, and what the client has itself."""
    return {name: KEY if deviates("ours", operation.id, name) else value for name, value in (call.body or {}).items()}


async def make(client: LootLockerClient, operation: Operation, call: Call, **paging: Any) -> Any:
    """Make a call, its path's arguments without their names: one page of what comes in pages."""
    method = getattr(getattr(client, operation.tag), operation.method)
    arguments = arguments_of(operation, call)
    path = [arguments.pop(name) for name in call.path]
    return await method(*path, **arguments, **paging)


def will_answer(server: CannedServer, operation: Operation) -> None:
    server.answer_login = operation.id != "session_start"
    server.will_answer(operation.success()[0], next(iter(answers(operation).values())))


def written(operation: Operation, query: dict[str, Any]) -> list[tuple[str, str]]:
    """A query as the contract writes it."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        texts = [text_of(item) for item in value] if isinstance(value, list) else [text_of(value)]
        pairs += [(name, text) for text in (texts if operation.parameter(name).explode else [",".join(texts)])]
    return pairs


def text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def assert_valid(operation: Operation, received: Received) -> None:
    """The contract takes the request, all of its query names too, and it carries what it must and no more."""
    declared = {found.name for found in operation.parameters() if found.place == "query"}
    assert {name for name, _ in received.query} <= declared
    headers, body = received.headers, operation.body()
    assert headers["LL-Version"] == "2021-03-01"
    assert headers["x-request-id"]
    assert "Cookie" not in headers
    assert {name for name, header in HEADERS.items() if header in headers} == {operation.credential} - {"none"}
    assert headers.get("x-server-key", KEY) == KEY
    assert headers.get("x-auth-token", TOKEN) == TOKEN
    assert ("Content-Type" in headers) is (body is not None) is bool(received.body)
    assert body is None or received.kind == body.kind
    assert received.raw_path.startswith("/server/") is not operation.below_root
    openapi().validate_request(
        MockRequest(
            "https://api.lootlocker.com",
            received.verb.lower(),
            received.raw_path,
            args={name: [text for key, text in received.query if key == name] for name in declared},
            headers=dict(headers),
            data=received.body or None,
            content_type=headers.get("Content-Type", ""),
        )
    )


def carried(operation: Operation, received: Received, name: str) -> Any:
    """What a request carries of an argument: in its path, its query (as texts) or its body."""
    if name in operation.body_fields():
        return received.fields()[name]
    if name in operation.route.parameters:
        steps = zip(operation.path.split("/"), received.raw_path.removeprefix("/server").split("/"), strict=True)
        return next(unquote(text) for step, text in steps if step == f"{{{name}}}")
    return [pair for pair in received.query if pair[0] == name]
