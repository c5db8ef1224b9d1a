"""Addresses: no value leads to another route."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given, strategies as st

from lootlocker_async import InvalidRequestError, LootLockerClient, routes as all_of_them
from lootlocker_async.core.paths import check_raw_path, compile_path, pairs, quote_query, quote_segment
from lootlocker_async.routes import NUMERIC, ULIDS, all_routes

SCORES = all_of_them.LEADERBOARDS_LIST_SCORES
RANKS = all_of_them.LEADERBOARDS_LIST_MEMBER_RANKS
INVENTORY = all_of_them.INVENTORIES_LIST_FOR_PLAYER
WITH_ARGUMENTS = [route for route in all_routes() if route.parameters]

ulids = st.from_regex(r"\A[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("daily", "/leaderboards/daily/list"),
        ("a/b", "/leaderboards/a%2Fb/list"),
        ("ä %", "/leaderboards/%C3%A4%20%25/list"),
        ("?a=b#c", "/leaderboards/%3Fa%3Db%23c/list"),
        ("%2e%2e", "/leaderboards/%252e%252e/list"),
        ("a.b", "/leaderboards/a.b/list"),
        ("...", "/leaderboards/.../list"),
        ("\r\nx: y", "/leaderboards/%0D%0Ax%3A%20y/list"),
        (4471, "/leaderboards/4471/list"),
    ],
)
def test_path_arguments_are_quoted(key: object, path: str) -> None:
    assert compile_path(SCORES, (key,)) == path


@pytest.mark.parametrize(
    "key", ["", ".", "..", "../x", "x/..", "a/./b", "a\\..\\b", "\ud800", "member", None, 1.5, True, b"daily", ["a"]]
)
def test_path_arguments_that_are_refused(key: object) -> None:
    with pytest.raises(InvalidRequestError, match="leaderboard_key"):
        compile_path(SCORES, (key,))


@pytest.mark.parametrize("value", ["list", "schedule", "reset"])
def test_values_that_name_another_route_are_refused(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="another route"):
        compile_path(RANKS, (value,))
    assert compile_path(SCORES, (value,)) == f"/leaderboards/{value}/list"


@given(st.sampled_from(WITH_ARGUMENTS), st.data())
def test_whatever_is_given_comes_out_as_it_was_or_is_refused(route: Any, data: st.DataObject) -> None:
    arguments = tuple(
        data.draw(st.integers(1, 2**63 - 1) if name in NUMERIC else ulids if name in ULIDS else texts)
        for name in route.parameters
    )
    try:
        path = compile_path(route, arguments)
    except InvalidRequestError:
        return
    segments, template = path.split("/"), route.path.split("/")
    assert len(segments) == len(template)
    values = iter(arguments)
    for segment, part in zip(segments, template, strict=True):
        assert unquote(segment) == (str(next(values)) if part.startswith("{") else part)
        assert segment not in {".", ".."}
    assert path.isascii()
    assert path.isprintable()


@pytest.mark.parametrize("value", [1, "1", "0042", 2**63 - 1, str(2**63 - 1)])
def test_numbers_in_paths(value: object) -> None:
    assert compile_path(INVENTORY, (value,)) == f"/player/{int(str(value))}/inventory"


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        2**63,
        str(2**63),
        "0",
        "-1",
        "+1",
        " 1",
        "1.0",
        1.0,
        "",
        "abc",
        "\u0661",
        "²",
        True,
        None,
        "9" * 5000,
        10**400,
    ],
    ids=lambda value: repr(value)[:20] if not isinstance(value, int) or value < 10**20 else "huge",
)
def test_numbers_that_are_refused(value: object) -> None:
    with pytest.raises(InvalidRequestError, match="player_id") as caught:
        compile_path(INVENTORY, (value,))
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("/leaderboards", "/leaderboards"),
        ("/a/ä b", "/a/%C3%A4%20b"),
        ("/a/%2e%2e", "/a/%252e%252e"),
        ("/a@b", "/a%40b"),
    ],
)
def test_raw_paths(path: str, quoted: str) -> None:
    assert check_raw_path(path) == quoted


@pytest.mark.parametrize(
    "path",
    [
        *("", "leaderboards", "/", "//host/x", "/a//b", "/a/", "/a/../b", "/.."),
        *("/a?b=c", "/a#b", "/a\\..\\b", "/\ud800", 7, None),
    ],
)
async def test_raw_paths_that_are_refused(path: Any, http: Any, client: LootLockerClient) -> None:
    with pytest.raises(InvalidRequestError):
        await client.request("GET", path)
    assert not http.asked


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, []),
        ({"a": None, "b": 1}, [("b", "1")]),
        ({"a": True, "b": False}, [("a", "true"), ("b", "false")]),
        ({"a": ["x", 2], "b": ()}, [("a", "x"), ("a", "2")]),
        ({"a": (True,)}, [("a", "true")]),
        ({"a": "", "b": 1.5}, [("a", ""), ("b", "1.5")]),
    ],
)
def test_queries(query: Any, found: list[tuple[str, str]]) -> None:
    assert pairs(query) == found


@given(st.lists(st.tuples(texts, texts)))
def test_queries_come_out_as_they_went_in(query: list[tuple[str, str]]) -> None:
    quoted = quote_query(query)
    assert quoted.isascii()
    assert "#" not in quoted
    assert parse_qsl(quoted, keep_blank_values=True) == query


@pytest.mark.parametrize("value", [object(), Decimal(1), b"x", {"a": 1}, [None], [["a"]], [{}], [b"x"]])
async def test_queries_that_make_no_sense(value: Any, http: Any, client: LootLockerClient) -> None:
    with pytest.raises(InvalidRequestError, match="'a' in the query"):
        await client.request("GET", "/x", params={"a": value})
    with pytest.raises(InvalidRequestError, match="surrogate"):
        await client.request("GET", "/x", params={"a": "\ud800"})
    assert not http.asked


def test_half_a_character_is_told_apart() -> None:
    with pytest.raises(InvalidRequestError, match="surrogate"):
        quote_segment("\udfff")
