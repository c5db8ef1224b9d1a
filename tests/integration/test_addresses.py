"""Path arguments and queries: refused or quoted, and never another route. What the server received is what counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lootlocker_async import CallError, ConfigurationError, InvalidRequestError, LootLockerClient
from tests.integration.helpers import PAGE, client_of
from tests.integration.raw import RawServer, Request, Wire

TEXTS = [
    "../x", "..", ".", "", "/", "//", "a/b", "a/../b", "./a", "a/.", "a\\..\\b", "..\\", "a\\b", "ä %", "%2e%2e",
    "%2F", "..%2f", "\x00", "a\x00b", "\n", "\r\nx-admin: 1", " ", "?", "a?b=c", "#", "a#b", ";", "a;b", "&", "+", ":",
    "http://x", "@", "\ud800", "😀", "...", "\u202e", "\uff0e\uff0e", "a" * 3000, "{leaderboard_key}", "~", "é",
    "member", "list", "schedule", "reset", "a.b", "-", "*",
]  # fmt: skip

SEGMENTS = {
    "get": ("/leaderboards/{}", lambda client, text: client.leaderboards.get(text)),
    "delete": ("/leaderboards/{}", lambda client, text: client.leaderboards.delete(text)),
    "submit": (
        "/leaderboards/{}/submit",
        lambda client, text: client.leaderboards.submit_score(text, member_id="m", score=1),
    ),
    "scores": ("/leaderboards/{}/list", lambda client, text: client.leaderboards.list_scores(text).collect()),
    "ranks": ("/leaderboards/member/{}", lambda client, text: client.leaderboards.list_member_ranks(text).collect()),
    "request": ("/things/{}/end", lambda client, text: client.request("GET", f"/things/{text}/end")),
}
RESERVED = {"scores": {"member"}, "ranks": {"list", "schedule", "reset"}}


async def _respond(request: Request, wire: Wire) -> None:
    await wire.answer({**PAGE, "leaderboards": [], "total": 0}, status=404 if request.verb == "DELETE" else 200)


def _decoded(segment: str) -> str:
    from urllib.parse import unquote

    return unquote(segment, errors="strict")


@pytest.mark.parametrize("method", SEGMENTS)
async def test_no_text_leads_to_another_route(method: str) -> None:
    template, call = SEGMENTS[method]
    before, after = template.split("{}")
    refused = set()
    async with RawServer(_respond) as server, client_of(server, retries=0) as client:
        for text in TEXTS:
            received = len(server.seen())
            try:
                await call(client, text)
            except InvalidRequestError:
                refused.add(text)
                assert len(server.seen()) == received, f"{text!r} was refused and sent"
                continue
            except CallError:
                pass  # The answer is no leaderboard; what matters is where the request went.
            request = server.seen()[received]
            assert request.target.startswith(f"/server{before}"), request.target
            path = request.path
            assert path.startswith(before)
            assert path.endswith(after)
            segment = path.removeprefix(before).removesuffix(after)
            if method == "request":
                assert _decoded(segment) == text
                assert segment.count("/") == text.count("/"), "the escape hatch takes a path as it is"
            else:
                assert "/" not in segment
                assert _decoded(segment) == text
            assert segment.isascii()
            assert segment.isprintable()
            assert not {" ", "?", "#", "\\"} & set(segment)
            assert segment not in {"", ".", ".."}
        assert {"../x", "..", ".", "", "a/../b", "./a", "a/.", "a\\..\\b", "..\\", "\ud800"} <= refused
        assert RESERVED.get(method, set()) <= refused
        assert not {"ä %", "%2e%2e", "\x00", "...", "~", "é", "a" * 3000, "a\\b"} & refused
        if method != "request":
            assert "a/b" not in refused, "a slash is quoted"


@pytest.mark.parametrize(
    "path",
    [
        "leaderboards",
        "//evil.example/x",
        "http://evil.example/",
        "/a?b=c",
        "/a#b",
        "/a/../b",
        "/..",
        "",
        "/",
        "/a//b",
        5,
        None,
    ],
)
async def test_the_escape_hatch_takes_no_path_that_leads_elsewhere(path: Any) -> None:
    async with RawServer(_respond) as server, client_of(server) as client:
        with pytest.raises(InvalidRequestError):
            await client.request("GET", path)
        assert not server.requests


async def test_the_escape_hatch_knows_five_verbs() -> None:
    async with RawServer(_respond) as server, client_of(server) as client:
        wrong: Any
        for wrong in ("get", "HEAD", "CONNECT", "GET /x HTTP/1.1\r\nHost: y\r\n", None):
            with pytest.raises(InvalidRequestError, match="verb"):
                await client.request(wrong, "/x")
        assert not server.requests


@pytest.mark.parametrize(
    "number", [0, -1, "0", "-1", "1/2", "..", "", "\uff11", "1e3", 1.0, True, None, 2**63, "9" * 30, "0x1", " 1", "1\n"]
)
async def test_a_number_in_a_path_is_a_number(number: Any) -> None:
    async with RawServer(_respond) as server, client_of(server) as client:
        for call in (
            lambda: client.inventories.list_for_player(number).collect(),
            lambda: client.inventories.list_for_hero(1, number).collect(),
            lambda: client.inventories.add_asset(number, asset_id=1),
        ):
            with pytest.raises(InvalidRequestError):
                await call()
        assert not server.requests


@pytest.mark.parametrize(("number", "sent"), [(1, "1"), ("361", "361"), ("007", "7"), (2**63 - 1, str(2**63 - 1))])
async def test_a_number_in_a_path_may_be_text_of_digits(number: int | str, sent: str) -> None:
    async with RawServer(_respond) as server, client_of(server) as client:
        await client.inventories.list_for_player(number).collect()
        assert server.seen()[0].path == f"/player/{sent}/inventory"


@pytest.mark.parametrize("text", [text for text in TEXTS if text and text != "\ud800"])
async def test_a_query_carries_any_text_to_its_end(text: str) -> None:
    from urllib.parse import parse_qsl

    async def respond(request: Request, wire: Wire) -> None:
        await wire.answer({"players": []})

    async with RawServer(respond) as server, client_of(server) as client:
        await client.players.lookup_names(player_name=[text, "b"], player_id=[1, 2])
        (request,) = server.seen()
        assert request.path == "/players/lookup/name"
        query = request.target.partition("?")[2]
        assert parse_qsl(query, keep_blank_values=True, errors="strict") == [
            ("player_id", "1"), ("player_id", "2"), ("player_name", text), ("player_name", "b"),
        ]  # fmt: skip


HALVES: list[Callable[[LootLockerClient], Awaitable[Any]]] = [
    lambda client: client.players.lookup_names(player_name=["\ud800"]),
    lambda client: client.request("GET", "/x", params={"a": "\ud800"}),
    lambda client: client.leaderboards.submit_score("b", member_id="\ud800", score=1),
    lambda client: client.request("POST", "/x", json={"a": "\ud800"}),
    lambda client: client.request("POST", "/x", json=object()),
]


@pytest.mark.parametrize("call", HALVES)
async def test_what_can_not_be_sent_is_refused_before_anything_is(
    call: Callable[[LootLockerClient], Awaitable[Any]],
) -> None:
    async with RawServer(_respond) as server, client_of(server) as client:
        with pytest.raises(InvalidRequestError):
            await call(client)
        assert not server.requests


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"base_url": "http://api.example.com/server"}, "plain http"),
        ({"base_url": "http://10.0.0.1/server"}, "plain http"),
        ({"base_url": "http://127.0.0.1.example.com/server"}, "plain http"),
        ({"base_url": "http://localhost.example.com/server"}, "plain http"),
        ({"base_url": "https://user:pw@example.com/server"}, "user name"),
        ({"base_url": "https://example.com/server?x=1"}, "should look like"),
        ({"base_url": "https:///server"}, "should look like"),
        ({"base_url": "https://example.com", "domain_key": "x"}, "not both"),
        ({"domain_key": "evil.example/x"}, "domain_key"),
        ({"domain_key": "x.y"}, "domain_key"),
    ],
)
def test_an_address_that_would_show_the_key_is_refused(settings: dict[str, str], match: str) -> None:
    with pytest.raises(ConfigurationError, match=match):
        LootLockerClient("key", **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/server", "http://[::1]:1/server", "http://localhost:1/server/", "http://127.9.9.9/server"],
)
def test_plain_http_to_this_machine_is_taken(url: str) -> None:
    assert LootLockerClient("key", base_url=url).config.address == url.rstrip("/")


def test_the_address_of_a_game() -> None:
    assert LootLockerClient("key", domain_key="abc-1").config.address == "https://abc-1.api.lootlocker.com/server"
    assert LootLockerClient("key").config.address == "https://api.lootlocker.com/server"
    assert LootLockerClient("key", base_url="http://10.0.0.1/server", allow_http=True).config.allow_http
