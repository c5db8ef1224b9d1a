"""Fixtures of the emulator's tests. Every answer that goes through `Api` is held to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import jsonschema_rs
import pytest
import yaml

from lootlocker_async.emulator import Clock, Emulator, World
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.routing import Router
from lootlocker_async.routes import all_routes

CONTRACT = Path(__file__).parents[1] / "contract" / "server-api.openapi.yaml"
ROUTER = Router(all_routes())


@cache
def load_contract() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(CONTRACT.read_text(encoding="utf-8"), loader)


@cache
def responses_of(operation: str) -> dict[str, Any]:
    for item in load_contract()["paths"].values():
        for spec in item.values():
            if spec.get("operationId") == operation:
                return spec["responses"]
    raise LookupError(operation)


@cache
def response_validator(operation: str, status: int) -> Any:
    contract = load_contract()
    response = responses_of(operation)[str(status)]
    if "$ref" in response:
        response = contract["components"]["responses"][response["$ref"].rpartition("/")[2]]
    if "content" not in response:
        return None
    schema = response["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": {"schemas": contract["components"]["schemas"]}})


def check_answer(operation: str, status: int, document: Any) -> None:
    """Fails where an answer isn't what the contract says of that operation and status."""
    validator = response_validator(operation, status)
    if validator is None:
        assert document is None
        return
    problems = [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(document)]
    assert not problems, f"{operation} {status}: {problems}"
    if status < 400:
        return
    assert {"code", "message", "doc_url", "request_id", "trace_id"} <= document.keys()


@attrs.frozen
class Reply:
    status: int
    document: Any
    headers: Any


class Api:
    """A plain client of the emulator."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session
        self.headers: dict[str, str] = {"LL-Version": "2021-03-01"}

    async def login(self) -> str:
        headers = {"x-server-key": self.emulator.server_key}
        reply = await self("POST", "/session", json={"game_version": "1.4.0.0"}, headers=headers)
        assert reply.status == 200
        self.headers["x-auth-token"] = reply.document["token"]
        return reply.document["token"]

    async def __call__(self, verb: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> Reply:
        url = self.emulator.base_url + path
        sent = {**self.headers, **(headers or {})}
        async with self.session.request(verb, url, headers=sent, **options) as response:
            document = await response.json() if response.content_type == "application/json" else None
            target = response.url.raw_path
            reply = Reply(response.status, document, response.headers)
        if reply.status not in {404, 405}:
            check_answer(ROUTER.match(verb, target).route.operation, reply.status, document)
        return reply

    async def ok(self, verb: str, path: str, **options: Any) -> Any:
        reply = await self(verb, path, **options)
        assert reply.status < 300, reply
        return reply.document

    async def refused(self, verb: str, path: str, status: int, **options: Any) -> Any:
        reply = await self(verb, path, **options)
        assert reply.status == status, reply
        assert reply.headers["x-request-id"] == reply.document["request_id"]
        assert reply.headers["x-trace-id"] == reply.document["trace_id"]
        return reply.document


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen=True)


@pytest.fixture
def game(clock: Clock) -> Iterator[Game]:
    game = Game(Settings(server_key="key"), clock=clock)
    yield game
    game.close()


@pytest.fixture
def world(game: Game) -> World:
    return World(game)


@pytest.fixture
async def emulator(clock: Clock) -> AsyncIterator[Emulator]:
    async with Emulator(clock=clock) as emulator:
        yield emulator


@pytest.fixture
async def api(emulator: Emulator) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        api = Api(emulator, session)
        await api.login()
        yield api


@pytest.fixture
def contract() -> dict[str, Any]:
    return load_contract()


@pytest.fixture(name="check_answer")
def check_answer_fixture() -> Callable[[str, int, Any], None]:
    return check_answer
