"""Answers that are no JSON, or odd JSON: whatever arrives gives a typed error or the right model."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import pytest
from aioresponses import CallbackResult

from lootlocker_async import LootLockerClient, ResponseDecodeError, models
from lootlocker_async.core import serde
from lootlocker_async.models.base import collect_drift
from tests.unit.conftest import Http, callback_result
from tests.unit.support import BASE, KEY
from tests.unit.wire import EVERY, ODD_BYTES, SCORES, fields_of, raw, read, reason, refusal, some, with_stranger


# -------------------------------------------------------------------------------------------------------- odd bytes
@EVERY
def test_cut_answers_are_typed_errors(into: type[Any]) -> None:
    body = raw(some(into))
    for end in range(len(body)):
        with pytest.raises(serde.Unreadable) as caught:
            read(body[:end], into)
        assert caught.value.reason == ("json" if end else "empty")
        assert caught.value.field == "$"


@EVERY
def test_odd_bytes_are_typed_errors(into: type[Any]) -> None:
    found = {what: reason(refusal(body, into)) for what, (body, _) in ODD_BYTES.items()}
    assert found == {what: reason for what, (_, reason) in ODD_BYTES.items()}


@cache
def noises(size: int) -> list[bytes]:
    noise = random.Random(7).randbytes(size)
    numbers = b'{"stranger": [' + b"1," * (size // 2) + b"1]}"
    return [noise, b'{"' + noise, b'"' + noise.hex().encode()[:size], numbers]


@EVERY
def test_noise_is_a_typed_error(into: type[Any]) -> None:
    for noise in noises(100_000):
        with pytest.raises(serde.Unreadable):
            read(noise, into)


NO_JSON = [b"NaN", b"Infinity", b"-Infinity", b"01", b".5", b"1.", b"+1", b"0x1", b"'a'", b'"\\x41"', b'"\n"', b"[1,]"]
NO_JSON += [b"{a: 1}", b'{"a": 1,}', b"// no", b"undefined", b'"\\ud800"', b'"\\ud800\\u0041"']
STRANGE = [
    b"1e400",
    b"-1e400",
    b"1" * 5000,
    b'"\xff\xfe"',
    b'"\\ud83d\\ude00"',
    b"[" * 200 + b"]" * 200,
    b'{"a": 1, "a": 2}',
]


@EVERY
def test_what_is_no_json_is_a_typed_error(into: type[Any]) -> None:
    found = {stranger: reason(refusal(with_stranger(into, stranger), into)) for stranger in NO_JSON}
    assert found == dict.fromkeys(NO_JSON, "json")


@EVERY
def test_strangers_do_not_disturb(into: type[Any]) -> None:
    for stranger in STRANGE:
        body = with_stranger(into, stranger)
        assert read(body, into) == read(raw(some(into)), into)
        with collect_drift() as told:
            serde.report_unknown(body, into)
        assert [(kind, where) for kind, where, _ in told] == [("unknown", into.__name__)]


def test_strangers_do_not_disturb_the_tolerant_reader() -> None:
    for stranger in STRANGE:
        body = b'{"member_id": 5, "rank": 1, "score": 1, "stranger": %s}' % stranger
        assert read(body, models.LeaderboardScore).member_id == "5"


@EVERY
def test_a_byte_order_mark_is_a_typed_error(into: type[Any]) -> None:
    with pytest.raises(serde.Unreadable) as caught:
        read(b"\xef\xbb\xbf" + raw(some(into)), into)
    assert caught.value.reason == "json"


@EVERY
def test_the_last_of_two_equal_keys_counts(into: type[Any]) -> None:
    body = raw(some(into))
    assert read(body[:-1] + b"," + body[1:], into) == read(body, into)


@EVERY
def test_text_that_is_not_utf8_is_a_typed_error(into: type[Any]) -> None:
    names = [name for name, (hint, _) in fields_of(into).items() if "str" in str(hint) and "dict" not in str(hint)]
    for name in names:
        body = raw({**some(into), name: "#"}).replace(b"#", b"\xff\xfe")
        with pytest.raises(serde.Unreadable) as caught:
            read(body, into)
        assert caught.value.reason in {"utf-8", "shape"}


# --------------------------------------------------------------------------------------------------------- the client
SHAPES: list[Any] = [models.SessionPing, models.LeaderboardScorePage, models.InventoryPage, models.Asset]


class Canned:
    """What the server answers next."""

    body = b"{}"
    kind = "application/json"


@pytest.fixture
async def canned(http: Http) -> AsyncIterator[tuple[Canned, LootLockerClient]]:
    answer = Canned()

    def told(_url: object, **_: object) -> CallbackResult:
        return callback_result(body=answer.body, content_type=answer.kind, headers={"x-request-id": "r-1"})

    for path in ("/thing", "/leaderboards/daily/list?count=2000"):
        http.answer("GET", path, callback=told, repeat=True)
    async with LootLockerClient(KEY, base_url=BASE, drift="always", retries=0) as client:
        yield answer, client


def test_much_noise_is_a_typed_error() -> None:
    for into in SHAPES[1:]:
        for noise in noises(10_000_000):
            with pytest.raises(serde.Unreadable):
                read(noise, into)


async def test_clients_tell_what_can_not_be_read(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    for kind in ("application/json", "text/html"):
        for into in SHAPES:
            for body, why in ODD_BYTES.values():
                if len(body) > 1000:
                    continue
                answer.body, answer.kind = body, kind
                with pytest.raises(ResponseDecodeError) as caught:
                    await client.request("GET", "/thing", into=into)
                error = caught.value
                assert (error.reason, error.status, error.executed) == (why, 200, True)
                assert (error.request_id, error.path, error.method) == ("r-1", "/thing", "GET")
                assert error.field in str(error)


async def test_clients_read_answers_of_any_content_type(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    for into in SHAPES:
        answer.body, answer.kind = raw(some(into)), "text/html; charset=latin-1"
        assert await client.request("GET", "/thing", into=into) == read(answer.body, into)


async def test_clients_tell_of_every_drift(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    kinds = set()
    for stranger in (b"1e400", b'"\xff"', b"1"):
        for into in SHAPES:
            answer.body = with_stranger(into, stranger)
            await client.request("GET", "/thing", into=into)
            kinds |= {(drift.kind, drift.where) for drift in client.drift}
    assert {("unknown", into.__name__) for into in SHAPES} <= kinds


async def test_the_field_is_told(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    answer.body = raw({**SCORES, "items": [*SCORES["items"], {"member_id": "a", "rank": 1}]})
    with pytest.raises(
        ResponseDecodeError, match=r"a required field is missing \[at \$\.items\[1\]\.score, "
    ) as caught:
        await client.leaderboards.list_scores("daily")
    assert caught.value.field == "$.items[1].score"
    assert caught.value.operation == "leaderboards_list_scores"
