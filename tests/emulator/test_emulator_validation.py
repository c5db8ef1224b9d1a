"""Requests that aren't what the contract says, and the parts that find that out."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from lootlocker_async.emulator import ServiceError
from lootlocker_async.emulator.bodies import UploadedFile, read_form, read_multipart
from lootlocker_async.emulator.routing import Router
from lootlocker_async.emulator.validation import Contract, Received, parse_json, shipped_contract
from lootlocker_async.routes import Route, all_routes
from tests.emulator.compile_contract import TARGET, compile_contract, main

HEADERS = {"LL-Version": "2021-03-01", "Content-Type": "application/json"}


def validate(operation, *, path=None, query="", headers=HEADERS, body=b"", contract=None):
    named = {name.lower(): value for name, value in headers.items()}
    received = Received(path=path or {}, query=query, headers=named, body=body)
    return (contract or shipped_contract()).validate(operation, received)


def refused(function, *arguments, **options):
    with pytest.raises(ServiceError) as error:
        function(*arguments, **options)
    return error.value.status, error.value.code, error.value.param


def test_the_shipped_contract_is_up_to_date(contract):
    assert json.loads(gzip.decompress(TARGET.read_bytes())) == compile_contract(contract)


def test_compiling_by_hand(tmp_path):
    target = tmp_path / "contract.json.gz"
    source = tmp_path / "contract.yaml"
    source.write_text("paths: {}\ncomponents: {schemas: {}}\n")
    main([str(source), str(target)])
    assert json.loads(gzip.decompress(target.read_bytes())) == {"operations": {}, "schemas": {}}


def test_the_examples_of_the_contract_are_valid(contract):
    served = {route.operation for route in all_routes()}
    for item in contract["paths"].values():
        for spec in item.values():
            if spec["operationId"] not in served:
                continue
            parameters = [
                parameter
                if "$ref" not in parameter
                else contract["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
                for parameter in spec.get("parameters", ())
            ]
            path = {entry["name"]: str(entry["example"]) for entry in parameters if entry["in"] == "path"}
            query = [
                (entry["name"], value)
                for entry in parameters
                if entry["in"] == "query" and "example" in entry
                for value in texts_of(entry)
            ]
            content = spec.get("requestBody", {}).get("content", {})
            for kind, media in content.items():
                body, sent = sent_as(kind, media["example"])
                headers = {**HEADERS, "Content-Type": sent}
                found = validate(spec["operationId"], path=path, query=urlencode(query), headers=headers, body=body)
                if "file" in media["example"]:
                    expected = {**media["example"], "file": UploadedFile("file", media["example"]["file"].encode())}
                else:
                    expected = media["example"]
                assert found.body == expected
            if not content:
                assert validate(spec["operationId"], path=path, query=urlencode(query)).body is None


def texts_of(parameter):
    value = parameter["example"]
    if not isinstance(value, list):
        return [str(value).lower() if isinstance(value, bool) else value]
    return value if parameter.get("explode", True) else [",".join(map(str, value))]


def sent_as(kind, example):
    """A body of that kind, and the header that says so."""
    if kind == "application/json":
        return json.dumps(example).encode(), kind
    if kind == "application/x-www-form-urlencoded":
        return urlencode(example).encode(), kind
    return multipart(example), f"{kind}; boundary=limit"


def multipart(fields):
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    return "".join([*parts, "--limit--\r\n"]).encode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"count": 50}),
        ("count=7&after=3", {"count": 7, "after": 3}),
        ("count=0", {"count": 50}),
        ("count=201", {"count": 50}),
        ("count=-99999999999999999999999", {"count": 50}),
    ],
)
def test_a_count_out_of_range_counts_as_50(query, expected):
    assert validate("leaderboards_list", query=query).query == expected


@pytest.mark.parametrize(
    ("operation", "query", "param"),
    [
        ("leaderboards_list", "count=x", "count"),
        ("leaderboards_list", "count=", "count"),
        ("leaderboards_list", "count=1.0", "count"),
        ("leaderboards_list", "count=%D9%A3", "count"),
        ("leaderboards_list", "count=1&count=2", "count"),
        ("leaderboards_list", "after=-1", "after"),
        ("leaderboards_list", "after=9223372036854775808", "after"),
        ("leaderboards_list", "limit=5", "limit"),
        ("leaderboards_list_scores", "count=2001", "count"),
        ("leaderboards_list_scores", "count=0", "count"),
        ("players_lookup_names", "player_id=abc", "player_id"),
        ("players_lookup_names", "player_name=", "player_name"),
        ("players_lookup_names", "player_name=%FF", None),
    ],
)
def test_wrong_queries(operation, query, param):
    path = {"leaderboard_key": "board"}
    assert refused(validate, operation, path=path, query=query)[::2] == (400, param)


def test_repeated_query_keys_make_a_list():
    query = "player_id=1&player_id=2&player_name=a+b&player_name=c%26d"
    assert validate("players_lookup_names", query=query).query == {"player_id": [1, 2], "player_name": ["a b", "c&d"]}


@pytest.mark.parametrize("version", [None, "", "2021", "2021-03-01x", "2021-3-1"])
def test_the_version_header(version):
    headers = {} if version is None else {"LL-Version": version}
    code = "parameter_missing" if version is None else "parameter_invalid"
    assert refused(validate, "session_ping", headers=headers) == (400, code, "LL-Version")


@pytest.mark.parametrize("player", ["0", "-1", "x", "1.5", "", "9223372036854775808", "1" * 5000])
def test_wrong_numbers_in_a_path(player):
    assert refused(validate, "inventories_list_for_player", path={"player_id": player})[::2] == (400, "player_id")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"", "body_invalid", None),
        (b"{", "body_invalid", None),
        (b"\xff", "body_invalid", None),
        (b'{"member_id": NaN, "score": 1}', "body_invalid", None),
        (b'{"member_id": "\\ud800", "score": 1}', "body_invalid", None),
        (b"[" * 100_000, "body_invalid", None),
        (b"[]", "parameter_invalid", None),
        (b'{"score": 1}', "parameter_missing", "member_id"),
        (b'{"member_id": 1, "score": 1}', "parameter_invalid", "member_id"),
        (b'{"member_id": "a", "score": "1"}', "parameter_invalid", "score"),
        (b'{"member_id": "a", "score": 1.5}', "parameter_invalid", "score"),
        (b'{"member_id": "a", "score": true}', "parameter_invalid", "score"),
        (b'{"member_id": "a", "score": 9223372036854775808}', "parameter_invalid", "score"),
        (b'{"member_id": "a", "score": 1, "metadata": null}', "parameter_invalid", "metadata"),
        (b'{"member_id": "a", "score": 1, "rank": 1}', "parameter_invalid", "rank"),
    ],
)
def test_wrong_bodies(body, code, param):
    path = {"leaderboard_key": "board"}
    assert refused(validate, "leaderboards_submit_score", path=path, body=body) == (400, code, param)


def test_a_field_deep_in_a_body_is_named():
    body = b'{"add": [{"asset_id": 1}, {"asset_id": 0}]}'
    assert refused(validate, "inventories_alter", path={"player_id": "1"}, body=body)[2] == "add.1.asset_id"


def test_content_types():
    def kind(content_type):
        headers = {**HEADERS, "Content-Type": content_type}
        return validate("session_start", headers=headers, body=b'{"game_version": "1"}')

    assert kind("Application/JSON; charset=utf-8").body == {"game_version": "1"}
    for wrong in ("text/plain", "", "application/x-www-form-urlencoded"):
        assert refused(kind, wrong) == (400, "content_type_invalid", "Content-Type")


def test_a_call_without_a_body_takes_none():
    assert refused(validate, "session_ping", body=b"{}")[1] == "body_unexpected"


def test_a_whole_number_with_a_fraction_is_one():
    assert parse_json(b"[1.0, 1e3, 1.5, 1e300]") == [1, 1000, 1.5, 1e300]
    assert [type(value) for value in parse_json(b"[1.0, 1.5]")] == [int, float]


def test_parameters_of_sections_to_come():
    schema = {"type": "array", "items": {"type": "integer"}}
    contract = Contract({
        "schemas": {},
        "operations": {
            "op": {
                "section": "section", "path": {}, "header": {},
                "query": {
                    "ids": {"required": False, "explode": False, "schema": schema},
                    "flag": {"required": False, "explode": True, "schema": {"type": "boolean"}},
                    "must": {"required": True, "explode": True, "schema": schema},
                },
                "body": {"required": False, "content": {"application/x-www-form-urlencoded": {"type": "object"}}},
            }
        },
    })  # fmt: skip
    assert validate("op", query="ids=1,2&flag=true&must=3", contract=contract).query == {
        "ids": [1, 2], "flag": True, "must": [3],
    }  # fmt: skip
    for query, param in (("ids=1&ids=2&must=3", "ids"), ("flag=1&must=3", "flag"), ("ids=1,&must=3", "ids")):
        assert refused(validate, "op", query=query, contract=contract)[2] == param
    assert validate("op", query="must=3", contract=contract).body is None
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert validate("op", query="must=3", headers=form, body=b"a=1&b=", contract=contract).body == {"a": "1", "b": ""}


ROUTER = Router([*all_routes(), Route("friend", "GET", "/player/friends/{player_ulid}", True)])


@pytest.mark.parametrize(
    ("verb", "path", "operation", "arguments"),
    [
        ("GET", "/server/leaderboards/a%2Fb", "leaderboards_get", {"leaderboard_key": "a/b"}),
        ("GET", "/server/leaderboards/%C3%A4%20%25", "leaderboards_get", {"leaderboard_key": "ä %"}),
        ("GET", "/server/leaderboards/a+b/list", "leaderboards_list_scores", {"leaderboard_key": "a+b"}),
        ("GET", "/server/leaderboards/member/list", "leaderboards_list_member_ranks", {"member_id": "list"}),
        ("GET", "/server/leaderboards/m%65mber/x", "leaderboards_list_member_ranks", {"member_id": "x"}),
        ("GET", "/server/leaderboards/member", "leaderboards_get", {"leaderboard_key": "member"}),
        ("POST", "/server/leaderboards/member/submit", "leaderboards_submit_score", {"leaderboard_key": "member"}),
        ("GET", "/server/player/friends/inventory", "friend", {"player_ulid": "inventory"}),
        ("GET", "/server/player/1/inventory", "inventories_list_for_player", {"player_id": "1"}),
        ("POST", "/server/player/info/token", "players_lookup_session_tokens", {}),
    ],
)
def test_routing(verb, path, operation, arguments):
    match = ROUTER.match(verb, path)
    assert (match.route.operation, match.arguments) == (operation, arguments)


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/server", 404),
        ("GET", "/server/", 404),
        ("GET", "/serverping", 404),
        ("GET", "/server/ping/", 404),
        ("GET", "/server/leaderboards//list", 404),
        ("GET", "/server/leaderboards/../list", 404),
        ("GET", "/server/leaderboards/%2e%2E", 404),
        ("GET", "/server/leaderboards/%ff", 400),
        ("POST", "/server/ping", 405),
        ("get", "/server/ping", 405),
    ],
)
def test_no_route(verb, path, status):
    assert refused(ROUTER.match, verb, path)[0] == status


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), min_size=1))
def test_any_key_can_be_quoted(key):
    from urllib.parse import quote

    if key in {".", "..", "member"}:
        return
    match = ROUTER.match("GET", f"/server/leaderboards/{quote(key, safe='')}/list")
    assert match.arguments == {"leaderboard_key": key}


def test_a_form():
    assert read_form(b"") == {}
    assert read_form("a=%26+b&c=é".encode()) == {"a": "& b", "c": "é"}
    for body in (b"a", b"a=\xff", b"a=%FF"):
        assert refused(read_form, body) == (400, "body_invalid", None)
    assert refused(read_form, b"a=1&a=2") == (400, "parameter_invalid", "a")


CONTENT = b"\r\n--limi\r\n\x00\xff\r\n\r\n--"


@pytest.mark.parametrize("before", [b"", b"to be ignored\r\n"])
def test_a_form_in_parts(before):
    disposition = 'Content-Disposition: form-data; name="file"; filename="slöt 1;\\".sav"'.encode()
    body = b"\r\n".join((
        before + b"--limit  ", disposition, b"Content-Type: application/octet-stream", b"", CONTENT,
        b"--limit", b"content-disposition: form-data; name=purpose", b"", "é".encode(),
        b"--limit--", b"and after",
    ))  # fmt: skip
    fields = read_multipart(body, 'multipart/form-data; boundary="limit"')
    assert fields == {"file": UploadedFile('slöt 1;".sav', CONTENT), "purpose": "é"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing",
        b"--limit",
        b"--limit\r\n\r\n\r\n--limit--",
        b"--limitation\r\n\r\n\r\n--limit--",
        b"--limit\r\nContent-Disposition: form-data\r\n\r\n1\r\n--limit--",
        b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
        b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--limit--',
        b'--limit\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n1\r\n--limit--',
    ],
)
def test_no_form_in_parts(body):
    assert refused(read_multipart, body, "multipart/form-data; boundary=limit") == (400, "body_invalid", None)


def test_a_boundary_is_needed():
    assert refused(read_multipart, b"", "multipart/form-data") == (400, "content_type_invalid", "Content-Type")
    twice = multipart({"a": 1}).removesuffix(b"--limit--\r\n") + multipart({"a": 2})
    assert refused(read_multipart, twice, "multipart/form-data; boundary=limit") == (400, "parameter_invalid", "a")


@given(st.binary(max_size=60), st.text("ab-.é ", min_size=1))
def test_any_file_comes_through(content, name):
    head = f'--limit\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    fields = read_multipart(head + content + b"\r\n--limit--\r\n", "multipart/form-data; boundary=limit")
    file: Any = fields["file"]
    assert file.content == content
