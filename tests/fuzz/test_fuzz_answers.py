"""Bytes of any kind: every model is read, or `Unreadable` is raised, and an error's text forges no line of a log."""

from __future__ import annotations

import copy
import json
import typing
from typing import Any, get_args

import attrs
from hypothesis import example, given, strategies as st

from lootlocker_async.core import answers, serde
from lootlocker_async.errors import APIError, ResponseDecodeError
from lootlocker_async.models.base import collect_drift, reading
from tests.fuzz.profile import looks
from tests.unit.wire import ANSWERS, fields_of, least, raw

REASONS = frozenset(get_args(typing.get_type_hints(serde.Unreadable.__init__)["reason"]))
MODELS = {kind.__name__: kind for kind in ANSWERS}

names = st.sampled_from(sorted({name for kind in ANSWERS for name in fields_of(kind)}))
odd_texts = st.sampled_from(
    [
        "",
        "\r\n\x1b[2J",
        "\x00",
        "9" * 5000,
        "1e999999",
        "NaN",
        "-0",
        "2024-13-45T99:99:99Z",
        "0001-01-01T00:00:00+23:59",
    ]
)
numbers = st.integers() | st.integers(-(10**40), 10**40) | st.floats() | st.sampled_from([2**63, -(2**63) - 1, 1e308])
leaves = st.none() | st.booleans() | numbers | st.text(max_size=20) | odd_texts
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=8), inner, max_size=5),
    max_leaves=15,
)


def whole(into: type[Any]) -> dict[str, Any]:
    """An object with every field of a model, each list with an item or two."""
    return {name: _filled(hint) for name, (hint, _) in fields_of(into).items()}


def _filled(hint: Any, depth: int = 3) -> Any:
    """A value for an annotation; models nest so deep, and below that have their required fields alone."""
    parts = [part for part in get_args(hint) if part not in {type(None), Ellipsis}]
    if typing.get_origin(hint) is dict:
        return {"any": _filled(parts[1], depth)}
    if hint in {dict, typing.Any}:
        return {"any": [1.5, None]}
    if typing.get_origin(hint) is tuple:
        return [_filled(parts[0], depth)] * 2
    if attrs.has(hint):
        fields = fields_of(hint).items()
        return {name: _filled(inner, depth - 1) for name, (inner, required) in fields if required or depth > 0}
    return _filled(parts[0], depth) if parts else least(hint)


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, bytes]:
    """An answer that was good, with some of its values, fields or bytes changed."""
    name = draw(st.sampled_from(sorted(MODELS)))
    holder: dict[str, Any] = {"$": copy.deepcopy(whole(MODELS[name]))}
    for _ in range(draw(st.integers(0, 3))):
        _change(draw, holder)
    body = json.dumps(holder["$"], ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.booleans()):
        start = draw(st.integers(0, len(body)))
        body = body[:start] + draw(st.binary(max_size=6)) + body[start + draw(st.integers(0, 6)) :]
    return name, body


def _change(draw: st.DrawFn, holder: Any) -> None:
    while True:
        key = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        below = holder[key]
        if not (isinstance(below, (dict, list)) and below and draw(st.integers(0, 3))):
            break
        holder = below
    if isinstance(holder, dict) and key != "$" and draw(st.booleans()):
        del holder[key]
    else:
        holder[key] = draw(values)


def check(name: str, body: bytes) -> None:
    into = MODELS[name]
    refused: serde.Unreadable | None = None
    with collect_drift() as told:
        try:
            model = serde.decode(body, into)
            serde.report_unknown(body, into)
        except serde.Unreadable as error:
            refused, model = error, None
    assert reading.told is None
    if refused is None:
        assert isinstance(model, into)
        assert all(isinstance(text, str) for drift in told for text in drift)
    else:
        assert refused.reason in REASONS
        assert len(refused.message) + len(refused.field) < 1000
        assert (refused.message + refused.field).isprintable(), (refused.message, refused.field)


@given(st.sampled_from(sorted(MODELS)), st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@looks(100, 5_000)
def test_any_bytes(name: str, body: bytes) -> None:
    check(name, body)


@given(st.sampled_from(sorted(MODELS)), values)
@looks(100, 5_000)
def test_any_json(name: str, value: Any) -> None:
    check(name, json.dumps(value).encode())


@given(broken())
# A name that isn't UTF-8, in an answer whose model requires no field, once came out as a bare UnicodeDecodeError.
@example(("CatalogAppleAppStoreListing", b'{"\x80product_id": "text"}'))
@looks(150, 5_000)
def test_answers_that_were_good(case: tuple[str, bytes]) -> None:
    check(*case)


def test_whole_answers_are_read() -> None:
    """The fuzzer begins with answers that are good, or it would look at refusals alone."""
    for name, into in MODELS.items():
        assert isinstance(serde.decode(raw(whole(into)), into), into), name


SECRET = "sEcReT_4711_tOkEn"
pieces = st.text(max_size=30) | st.just(SECRET) | odd_texts
tellings = st.dictionaries(
    st.sampled_from(["message", "error", "code", "param", "doc_url", "request_id", "trace_id"]),
    pieces | values | st.lists(pieces, max_size=3).map("".join),
)
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "x-request-id", "x-trace-id"]),
    pieces
    | st.sampled_from(["1e400", "-1", "nan", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 99999 07:28:00 -9999"]),
)


@given(st.integers(300, 999), headers, tellings.map(lambda told: json.dumps(told).encode()) | st.binary(max_size=200))
@example(500, {}, b'{"message": ' + b"9" * 5000 + b"}")
@looks(120, 5_000)
def test_any_refusal(status: int, told: dict[str, str], body: bytes) -> None:
    error = answers.api_error(status, told, body, (SECRET,), {})
    request_id, trace_id = answers.ids(told, "sent", (SECRET,))
    assert isinstance(error, APIError)
    assert error.retry_after is None or 0 <= error.retry_after < float("inf")
    shown = [str(error), error.code, error.param, error.doc_url, request_id, trace_id or ""]
    assert "".join(shown).isprintable()
    assert len("".join(shown)) < 5000
    assert SECRET not in "".join([*shown, repr(vars(error))])
    assert not isinstance(error, ResponseDecodeError)
