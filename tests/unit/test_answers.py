"""What an answer that isn't success says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st
from multidict import CIMultiDict

from lootlocker_async.core.answers import api_error, excerpt, ids, redact, retry_after
from lootlocker_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    CallFacts,
    ConflictError,
    NotFoundError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitedError,
    ServerError,
    ServiceUnavailableError,
    UnprocessableEntityError,
)
from lootlocker_async.secret import MASK
from tests.fuzz.profile import looks
from tests.unit.support import KEY, TOKEN

SECRETS = (KEY, TOKEN)
FULL = {
    "code": "validation_failed",
    "message": "The request has invalid fields",
    "param": "score",
    "request_id": "req-1",
    "trace_id": "trace-1",
    "doc_url": "https://docs.example/errors",
}


def error(status: int = 400, body: bytes = b"", headers: dict[str, str] | None = None) -> APIError:
    facts: CallFacts = {"method": "GET", "path": "/x", "request_id": "sent-1", "trace_id": None}
    return api_error(status, CIMultiDict(headers or {}), body, SECRETS, facts)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (300, APIError),
        (302, APIError),
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, APIError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, APIError),
        (409, ConflictError),
        (413, PayloadTooLargeError),
        (418, APIError),
        (422, UnprocessableEntityError),
        (429, RateLimitedError),
        (499, APIError),
        (500, ServerError),
        (501, ServerError),
        (502, ServerError),
        (503, ServiceUnavailableError),
        (504, ServerError),
        (599, ServerError),
    ],
)
def test_every_status_has_its_class(status: int, kind: type[APIError]) -> None:
    found = error(status)
    assert type(found) is kind
    assert found.status == status


def test_an_error_says_all_that_the_answer_says() -> None:
    found = error(400, json.dumps(FULL).encode())
    assert {name: getattr(found, name) for name in FULL} == FULL
    assert str(found) == (
        "GET /x: The request has invalid fields "
        "[status 400, code validation_failed, param score, request id req-1, trace id trace-1]"
    )
    assert json.loads(found.body) == FULL


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no reason was given"),
        (b"   ", "no reason was given"),
        (b"<html>\n <h1>Bad Gateway</h1></html>", "no reason was given; the answer begins '<html> <h1>Bad"),
        (b'{"error": "old style"}', "old style"),
        (b'{"message": "", "error": "old style"}', "old style"),
        (b'{"message": {"a": 1}}', "no reason was given; the answer begins"),
        (b'{"message": true}', "no reason was given; the answer begins"),
        (b'{"message": 42}', "42"),
        (b'["message"]', "no reason was given; the answer begins"),
        (b'{"message": "cut of', "no reason was given; the answer begins"),
        (b"[" * 100_000, "no reason was given; the answer begins"),
        (b'\xff\xfe{"message": "x"}', "no reason was given; the answer begins"),
        (b'{"message": "\xff"}', "no reason was given; the answer begins"),
        (b'{"message": "\\ud800"}', "no reason was given; the answer begins"),
    ],
)
def test_a_body_of_any_kind_gives_a_message(body: bytes, message: str) -> None:
    assert error(502, body).message.startswith(message)


@given(st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.dictionaries(st.sampled_from([*FULL, "error"]), inner, max_size=6) | st.lists(inner, max_size=3),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
@looks(40, 1_000)
def test_no_body_breaks_the_error(body: bytes) -> None:
    found = error(500, body)
    assert "\n" not in str(found)
    assert found.message
    assert str(found).isprintable()


def test_a_stranger_cannot_forge_lines_of_a_log() -> None:
    nasty = "fine\r\n2026-01-01 ERROR forged\x1b[31m\x00\u2028\u202e\x85end"
    found = error(400, json.dumps(dict.fromkeys(FULL, nasty)).encode())
    for name in FULL:
        assert getattr(found, name).isprintable(), name
    assert str(found).isprintable()
    assert ids({"x-request-id": "a\tb", "x-trace-id": "c\x7fd"}, "sent") == ("a b", "c d")


def test_long_answers_are_cut() -> None:
    found = error(500, json.dumps({**dict.fromkeys(FULL, "m" * 9000)}).encode())
    assert len(found.message) == 500
    assert len(found.code) == 100
    assert len(found.request_id or "") == 100
    assert len(found.body) == 2000
    assert len(excerpt(b"x" * 10_000, ())) == 2000


@pytest.mark.parametrize("before", [0, 470, 480, 490, 499])
def test_secrets_are_blanked_wherever_they_stand(before: int) -> None:
    # Also where the text is cut in the middle of one.
    told = {name: "x" * (before if name in {"message", "doc_url"} else before % 100) + KEY + TOKEN for name in FULL}
    found = error(400, json.dumps(told).encode())
    shown = repr((str(found), found.__dict__))
    assert not [part for secret in SECRETS for part in (secret, secret[:8]) if part in shown]
    assert MASK in found.body
    assert KEY not in excerpt(f"{KEY} {TOKEN}".encode(), SECRETS)


def test_redacting_leaves_the_rest() -> None:
    assert redact(f"a{KEY}b{KEY}", SECRETS) == f"a{MASK}b{MASK}"
    assert redact("plain", ()) == "plain"


def test_ids_come_from_the_headers_or_are_ours() -> None:
    assert ids(CIMultiDict({"X-Request-Id": "r", "X-Trace-Id": "t"}), "sent") == ("r", "t")
    assert ids({}, "sent") == ("sent", None)


def test_ids_of_the_body_win() -> None:
    assert error(400, b'{"request_id": "body"}').request_id == "body"
    assert error(400, b"{}").request_id == "sent-1"


# ------------------------------------------------------------------------------------------------------ Retry-After
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
LATER = "Wed, 21 Oct 2026 07:28:30 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": " 3 "}, 3.0),
        ({"Retry-After": "0.25"}, 0.25),
        ({"Retry-After": "-7"}, 0.0),
        ({"Retry-After": "1e3"}, 1000.0),
        *[({"Retry-After": text}, None) for text in ("", "soon", "nan", "inf", "-inf", "1e999", "3 s", "0x10")],
        ({"Retry-After": LATER, "Date": DATE}, 30.0),
        ({"Retry-After": DATE, "Date": LATER}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 09:28:30 +0200", "Date": DATE}, 30.0),
        ({"Retry-After": "Wed, 99 Oct 2026 07:28:30 GMT", "Date": DATE}, None),
        ({"Retry-After": "Wed, 21 Oct 99999999999 07:28:30 GMT", "Date": DATE}, None),
        ({"Retry-After": LATER, "Date": "yesterday"}, None),
    ],
)
def test_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(CIMultiDict(headers)) == seconds


def test_a_date_without_the_answers_own_is_taken_by_our_clock() -> None:
    later = datetime.now(UTC) + timedelta(seconds=60)
    found = retry_after({"Retry-After": format_datetime(later, usegmt=True)})
    assert found is not None
    assert 57 <= found <= 60


@given(st.text(max_size=30), st.none() | st.text(max_size=30))
def test_no_header_breaks_it(text: str, date: str | None) -> None:
    headers: dict[str, Any] = {"Retry-After": text, **({"Date": date} if date is not None else {})}
    found = retry_after(headers)
    assert found is None or 0 <= found < float("inf")
