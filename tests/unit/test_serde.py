"""Answers as they may come: whatever arrives gives the right model or a typed error that names the field."""

from __future__ import annotations

import json
import random
import types
import typing
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
import msgspec
import pytest
from aioresponses import CallbackResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lootlocker_async import InvalidRequestError, LootLockerClient, ResponseDecodeError, models
from lootlocker_async.core import converter, serde
from lootlocker_async.models.base import OpenEnum, collect_drift, model, soft
from lootlocker_async.secret import SecretStr
from tests.unit.conftest import Http, callback_result
from tests.unit.support import BASE, KEY

ANSWERS = [
    kind
    for kind in (getattr(models, name) for name in models.__all__)
    if attrs.has(kind) and not kind.__name__.endswith(("Request", "Grant"))
]
EVERY = pytest.mark.parametrize("into", ANSWERS, ids=lambda kind: kind.__name__)

few = settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DEPTH = 3


# ------------------------------------------------------------------------------------- JSON for a model, and odd twins
class Twin(typing.NamedTuple):
    """A value as the contract has it, and another way to send it that means the same."""

    clean: Any
    odd: Any


MISSING = object()
whole = st.integers(-(2**63), 2**64 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
free = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
dates = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
amounts = st.decimals(allow_nan=False, allow_infinity=False).map(str)


def same(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Twin]:
    return values.map(lambda value: Twin(value, value))


def either(values: st.SearchStrategy[Any], *others: Any) -> st.SearchStrategy[Twin]:
    """Twins of a value and of what other ways of writing make of it."""
    ways = st.sampled_from([lambda value: value, *others])
    return st.builds(lambda value, way: Twin(value, way(value)), values, ways)


def twins(hint: Any, depth: int = 0) -> st.SearchStrategy[Twin]:
    """Values for an annotation, each with an odd twin that loses nothing."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return twins(arguments[0], depth)
    if origin in {typing.Union, types.UnionType}:
        kinds = [kind for kind in arguments if kind is not types.NoneType]
        known = twins(kinds[0], depth) if len(kinds) == 1 else st.one_of([same(plainly(kind)) for kind in kinds])
        return known if len(kinds) == len(arguments) else known | st.just(Twin(None, None))
    if origin is tuple:
        items = st.just([]) if depth >= DEPTH else st.lists(twins(arguments[0], depth + 1), max_size=2)
        return items.map(lambda found: Twin([item.clean for item in found], [item.odd for item in found]))
    if origin is dict:
        entries = st.dictionaries(texts, twins(arguments[1], depth + 1), max_size=2)
        return entries.map(lambda found: Twin(*({k: twin[i] for k, twin in found.items()} for i in (0, 1))))
    if isinstance(hint, type) and attrs.has(hint):
        return objects(hint, depth + 1)
    return scalars(hint)


def scalars(hint: Any) -> st.SearchStrategy[Twin]:
    if isinstance(hint, type) and issubclass(hint, OpenEnum):
        return same(st.sampled_from([member.value for member in hint]) | texts)
    if hint is str:
        # A number where text is due keeps its digits.
        return same(texts) | whole.map(lambda number: Twin(str(number), number))
    if hint is int:
        return either(whole, str) | either(st.integers(-(2**53), 2**53), float, lambda number: f"{number}.0")
    if hint is bool:
        return either(st.booleans(), int, lambda flag: str(flag).lower())
    if hint is Decimal:
        return same(amounts) | whole.map(lambda number: Twin(str(number), number))
    return same({datetime: dates, float: st.floats(allow_nan=False, allow_infinity=False)}.get(hint, free))


def plainly(hint: Any) -> st.SearchStrategy[Any]:
    return {int: whole, bool: st.booleans()}.get(hint, texts)


@cache
def fields_of(into: type[Any]) -> dict[str, tuple[Any, bool]]:
    """Each field's annotation, and whether the field must be there."""
    hints = typing.get_type_hints(into, include_extras=True)
    return {field.name: (hints[field.name], field.default is attrs.NOTHING) for field in attrs.fields(into)}


@cache
def objects(into: type[Any], depth: int = 0) -> st.SearchStrategy[Twin]:
    """Objects of a model: fields left out, null containers, unknown fields beside."""
    parts = {}
    for name, (hint, required) in fields_of(into).items():
        if not required and depth >= DEPTH:
            continue
        known = st.deferred(lambda hint=hint: twins(hint, depth))
        parts[name] = known if required else known | st.just(Twin(MISSING, MISSING))
    return st.builds(
        _object, st.fixed_dictionaries(parts), st.dictionaries(st.sampled_from(["_x", "_y"]), free, max_size=1)
    )


def _object(found: dict[str, Twin], unknown: dict[str, Any]) -> Twin:
    clean = {name: twin.clean for name, twin in found.items() if twin.clean is not MISSING}
    return Twin(clean, {**{name: found[name].odd for name in clean}, **unknown})


def raw(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def read(body: bytes, into: type[Any]) -> Any:
    return serde.decode(body, into)


def smallest(into: type[Any]) -> dict[str, Any]:
    """The smallest object that a model can be read from."""
    return {name: least(hint) for name, (hint, required) in fields_of(into).items() if required}


def least(hint: Any) -> Any:
    hint = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return least(typing.get_args(hint)[0])
    if typing.get_origin(hint) is tuple:
        return []
    if attrs.has(hint):
        return smallest(hint)
    return {int: 7, bool: True, Decimal: "1.5", datetime: "2024-06-11T14:05:54Z"}.get(hint, "text")


def some(into: type[Any]) -> dict[str, Any]:
    """An object that has a field, which those without required ones would lack."""
    found = smallest(into)
    return found or dict.fromkeys(list(fields_of(into))[:1])


# ------------------------------------------------------------------------------------------------- what is tolerated
@EVERY
@given(data=st.data())
@few
def test_what_loses_nothing_is_read(into: type[Any], data: st.DataObject) -> None:
    twin = data.draw(objects(into))
    if not twin.clean:
        twin = Twin(some(into), some(into))
    assert read(raw(twin.odd), into) == read(raw(twin.clean), into)


@EVERY
@given(data=st.data())
@few
def test_both_readers_agree(into: type[Any], data: st.DataObject) -> None:
    twin = data.draw(objects(into))
    body = raw(data.draw(mangled(twin.odd)) if data.draw(st.booleans()) else twin.odd)
    fast = attempt(lambda: serde.decoder(into).decode(body))
    slow = attempt(lambda: converter.structure(serde._plain(body), into))
    if fast is not REFUSED and slow is not REFUSED:
        assert fast == slow
    # What the fast one takes the tolerant one takes too: that it is slower is all its difference.
    assert fast is REFUSED or slow is not REFUSED


REFUSED = object()


def attempt(reader: Any) -> Any:
    try:
        return reader()
    except (msgspec.ValidationError, converter.Misfit):
        return REFUSED


@pytest.mark.parametrize(
    ("into", "clean", "odd", "field", "values"),
    [
        # An odd neighbour sends the value to the tolerant reader; it must come out as from the fast one.
        (
            models.AssetDetails,
            '"id": "1"',
            '"id": 1',
            "variation_id",
            ["1.0", "5", '"5"', '"01H"', '"1.0"', "null", "1e2"],
        ),
        (models.Asset, '"uuid": "5"', '"uuid": 5', "unlocks_context", ["0", "1", "5", "true", '"true"', '"1"', "1.5"]),
        (models.Asset, '"uuid": "5"', '"uuid": 5', "active", ["0", "1", "true", '"false"', '"0"', '"TRUE"', "null"]),
        (
            models.LeaderboardUpcomingReset,
            '"name": "5"',
            '"name": 5',
            "scheduled_for",
            [
                '"2024-06-11T14:05:54.123456789Z"',
                '"2024-06-11 14:05:54+02:00"',
                "1718114754",
                "1718114754.5",
                "0",
                "null",
            ],
        ),
        (
            models.CurrencyDetails,
            '"name": "5"',
            '"name": 5',
            "amount",
            ["1.50", "7", '"0.10"', "1e400", '"1E+2"', "1e-7"],
        ),
        (
            models.LeaderboardScore,
            '"metadata": "5"',
            '"metadata": 5',
            "rank",
            ["1", "1.0", '"1"', '"1.0"', '"+7"', "1e22"],
        ),
    ],
)
def test_odd_neighbours_change_nothing(into: type[Any], clean: str, odd: str, field: str, values: list[str]) -> None:
    least_ = {"legacy_id": 1, "id": 1, "amount": 1, "member_id": "a", "rank": 1, "score": 1}
    rest = {name: value for name, value in least_.items() if name in fields_of(into) and f'"{name}"' not in clean}
    for value in values:
        known = ", ".join([*(f'"{name}": {json.dumps(part)}' for name, part in rest.items()), f'"{field}": {value}'])
        found = [read(f"{{{known}, {neighbour}}}".encode(), into) for neighbour in (clean, odd)]
        assert found[0] == found[1], value
        assert type(getattr(found[0], field)) is type(getattr(found[1], field)), value


def refusal(body: bytes, into: type[Any]) -> serde.Unreadable | None:
    try:
        read(body, into)
    except serde.Unreadable as error:
        return error
    return None


def mangled(value: Any) -> st.SearchStrategy[Any]:
    """The same JSON with nonsense somewhere in it."""
    junk = free | st.sampled_from([[], {}, "", 0, 1.0, 1.5, 2, 2**70, -1, "1", "true", "1e400", 1e300, None, True])
    places = list(paths(value))
    return st.builds(lambda place, what: replaced(value, place, what), st.sampled_from(places), junk)


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield so_far
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*so_far, key))


def replaced(value: Any, place: tuple[Any, ...], what: Any) -> Any:
    if not place:
        return what
    head, *rest = place
    twin = dict(value) if isinstance(value, dict) else list(value)
    twin[head] = replaced(value[head], tuple(rest), what)
    return twin


@EVERY
@given(data=st.data())
@few
def test_nonsense_is_a_typed_error_with_its_place(into: type[Any], data: st.DataObject) -> None:
    value = data.draw(objects(into)).odd
    place = data.draw(st.sampled_from(list(paths(value))))
    junk = data.draw(st.sampled_from([[[]], {"a": {}}, 1.5, "no", None]))
    error = refusal(raw(replaced(value, place, junk)), into)
    if error is None:
        return
    assert error.reason == "shape"
    # What is told lies above the nonsense, or is the nonsense or a part of it; keys of maps stand in brackets.
    told = error.field.partition("['")[0]
    here = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    assert told.startswith("$")
    assert here.startswith(told) or told.startswith(here), (told, here)


@EVERY
@given(data=st.data())
@few
def test_plain_data_makes_the_round_trip(into: type[Any], data: st.DataObject) -> None:
    twin = data.draw(objects(into))
    value = converter.structure(serde._plain(raw(twin.clean)), into)
    plain = converter.to_dict(value)
    assert converter.from_dict(into, plain) == value
    assert converter.from_dict(into, json.loads(json.dumps(plain))) == value
    assert converter.to_dict(converter.from_dict(into, plain)) == plain


REQUIRED = [(into, name) for into in ANSWERS for name, (_, required) in fields_of(into).items() if required]


@pytest.mark.parametrize(("into", "name"), REQUIRED, ids=lambda part: getattr(part, "__name__", part))
def test_what_must_be_there_is_named_when_it_is_not(into: type[Any], name: str) -> None:
    whole_ = smallest(into)
    without = {key: value for key, value in whole_.items() if key != name}
    with pytest.raises(serde.Unreadable, match="a required field is missing") as caught:
        read(raw(without), into)
    assert (caught.value.reason, caught.value.field) == ("shape", f"$.{name}")
    null = raw({**whole_, name: None})
    if isinstance(whole_[name], list):
        assert getattr(read(null, into), name) == ()
        return
    with pytest.raises(serde.Unreadable, match="got `null`") as caught:
        read(null, into)
    assert caught.value.field == f"$.{name}"


def test_paths_lead_into_lists() -> None:
    scores: list[dict[str, Any]] = [{"member_id": "a", "rank": 1, "score": 1} for _ in range(40)]
    page = {"pagination": {"total": 40}, "items": scores}
    scores[33] = {**scores[33], "score": "no"}
    with pytest.raises(serde.Unreadable) as caught:
        read(raw(page), models.LeaderboardScorePage)
    assert caught.value.field == "$.items[33].score"
    scores[33] = {"member_id": "a", "rank": 1}
    with pytest.raises(serde.Unreadable, match="a required field is missing") as caught:
        read(raw(page), models.LeaderboardScorePage)
    assert caught.value.field == "$.items[33].score"


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"instance_id": 1, "asset": {"id": 1, "files": [{"url": []}]}}, "$.items[1].asset.files[0].url"),
        (
            {"instance_id": 1, "asset": {"id": 1, "default_loadouts": {"a @ b": 2}}},
            "$.items[1].asset.default_loadouts['a @ b']",
        ),
        ({"instance_id": 1, "asset": []}, "$.items[1].asset"),
        (
            {"instance_id": 1, "asset": {"id": 1, "character_classes": [1, "x"]}},
            "$.items[1].asset.character_classes[1]",
        ),
        (None, "$.items[1]"),
    ],
)
def test_paths_lead_to_the_depth(item: object, field: str) -> None:
    with pytest.raises(serde.Unreadable) as caught:
        read(raw({"total": 2, "items": [{"instance_id": 5}, item]}), models.InventoryPage)
    assert caught.value.field == field


def test_a_path_is_short_whatever_a_map_has_for_keys() -> None:
    body = raw({"id": 1, "default_loadouts": {"k\n" * 5000: []}})
    with pytest.raises(serde.Unreadable) as caught:
        read(body, models.Asset)
    assert len(caught.value.field) < 250
    assert "\n" not in caught.value.field


# -------------------------------------------------------------------------------------------------------- odd bytes
@EVERY
def test_cut_answers_are_typed_errors(into: type[Any]) -> None:
    body = raw(some(into))
    for end in range(len(body)):
        with pytest.raises(serde.Unreadable) as caught:
            read(body[:end], into)
        assert caught.value.reason == ("json" if end else "empty")
        assert caught.value.field == "$"


DEEP = b"[" * 100_000 + b"]" * 100_000
ODD_BYTES: dict[str, tuple[bytes, str]] = {
    "an HTML page": (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "json"),
    "nothing": (b"", "empty"),
    "blanks": (b" \r\n\t ", "json"),
    "no text": (b"\x00\xff\xfe\x00", "json"),
    "UTF-16": ('{"id": 1}'.encode("utf-16"), "json"),
    "a list": (b"[]", "shape"),
    "a text": (b'"no"', "shape"),
    "a number": (b"5", "shape"),
    "null": (b"null", "shape"),
    "true": (b"true", "shape"),
    "NaN": (b"NaN", "json"),
    "two answers": (b"{}{}", "json"),
    "an error": (b'{"code": "internal", "message": "no", "request_id": "5b1e"}', "shape"),
    "deep lists": (DEEP, "shape"),
    "deep objects": (b'{"a":' * 100_000, "too_deep"),
    "a deep stranger": (b'{"stranger":' + DEEP + b"}", "too_deep"),
}


@EVERY
def test_odd_bytes_are_typed_errors(into: type[Any]) -> None:
    found = {what: reason(refusal(body, into)) for what, (body, _) in ODD_BYTES.items()}
    assert found == {what: reason for what, (_, reason) in ODD_BYTES.items()}


def reason(error: serde.Unreadable | None) -> str:
    return "it was read" if error is None else error.reason


@pytest.fixture(scope="module")
def noises() -> list[bytes]:
    noise = random.Random(7).randbytes(10_000_000)
    numbers = b'{"stranger": [' + b"1," * 5_000_000 + b"1]}"
    return [noise, b'{"' + noise, b'"' + noise.hex().encode()[:10_000_000], numbers]


@EVERY
def test_noise_is_a_typed_error(into: type[Any], noises: list[bytes]) -> None:
    for noise in noises:
        with pytest.raises(serde.Unreadable):
            read(noise, into)


def with_stranger(into: type[Any], stranger: bytes) -> bytes:
    return raw(some(into))[:-1] + b', "stranger": ' + stranger + b"}"


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


# ------------------------------------------------------------------------------------------------------------ numbers
@pytest.mark.parametrize(
    ("number", "score"),
    [
        ("9223372036854775808", 2**63),
        ("18446744073709551616", 2**64),
        ("-100000000000000000000000000000", -(10**29)),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("12.5e1", 125),
        ("5.0", 5),
        ("-0", 0),
        ("1e22", 10**22),
        ("1e23", 10**23),
        ('"9223372036854775808"', 2**63),
        ('"99999999999999999999999"', 99999999999999999999999),
        ('"1e3"', 1000),
        ('"-7"', -7),
    ],
)
def test_whole_numbers_are_read_whole(number: str, score: int) -> None:
    body = b'{"member_id": "a", "rank": 1, "score": %s}' % number.encode()
    value = read(body, models.LeaderboardScore).score
    assert (value, type(value)) == (score, int)
    assert read(body.replace(b'"a"', b"5"), models.LeaderboardScore).score == score


NO_WHOLE = (
    '1.5 1e400 -1e400 1e-5 "1e400" "1.5" "" "x" "0x10" "NaN" "Infinity" "1e999999999" true "true" [] {} null "1_0"'
)


@pytest.mark.parametrize("number", [*NO_WHOLE.split(), '"\u0661"', '"1 2"'])
def test_what_is_no_whole_number_is_named(number: str) -> None:
    for member in (b'"a"', b"5"):
        with pytest.raises(serde.Unreadable) as caught:
            read(b'{"member_id": %s, "rank": 1, "score": %s}' % (member, number.encode()), models.LeaderboardScore)
        assert (caught.value.reason, caught.value.field) == ("shape", "$.score")


def test_a_number_of_thousands_of_digits_is_a_typed_error() -> None:
    for digits in (b"9" * 5000, b'"' + b"9" * 5000 + b'"'):
        with pytest.raises(serde.Unreadable, match="out of range"):
            read(b'{"member_id": "a", "rank": 1, "score": %s}' % digits, models.LeaderboardScore)


@pytest.mark.parametrize(
    ("number", "amount"),
    [("1.50", "1.50"), ("1e400", "1E+400"), ("12345678901234567890.123456789", None), ('"0.10"', "0.10"), ("7", "7")],
)
def test_amounts_keep_their_digits(number: str, amount: str | None) -> None:
    for name in (b'"a"', b"5"):
        found = read(b'{"name": %s, "amount": %s}' % (name, number.encode()), models.CurrencyDetails)
        assert str(found.amount) == (amount or number)


@pytest.mark.parametrize("number", ["1.50", "1e400", "-0.0", "12345678901234567890.123456789", "100000000000000000000"])
def test_numbers_where_text_is_due_keep_their_digits(number: str) -> None:
    body = b'{"member_id": %s, "rank": 1, "score": 1}' % number.encode()
    assert read(body, models.LeaderboardScore).member_id == number


def test_words_of_errors_are_those_of_the_wire() -> None:
    for body, words in {
        b'{"id": 1, "files": {}}': "Expected `array`, got `object`",
        b'{"id": 1, "rarity": []}': "Expected `object`, got `array`",
        b'{"id": 1, "links": null, "rarity": 1.5}': "Expected `object`, got `float`",
        b'{"id": null}': "Expected `int`, got `null`",
    }.items():
        with pytest.raises(serde.Unreadable) as caught:
            read(body, models.Asset)
        assert caught.value.message == words


# ----------------------------------------------------------------------------------------------------------- requests
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), [{"a": float("-inf")}], object(), "\ud800", {"a": "\udfff"}]
)
def test_what_json_does_not_hold_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequestError, match="can't be written as JSON"):
        serde.encode_json(value)


def test_secrets_are_written_bare() -> None:
    body = serde.encode({"tokens": [SecretStr("s3cret"), "plain"]}, models.PlayerSessionTokensRequest)
    assert json.loads(body) == {"tokens": ["s3cret", "plain"]}
    assert serde.encode_json({"token": SecretStr("s3cret")}) == b'{"token":"s3cret"}'


def test_fields_of_requests_inside_are_known() -> None:
    with pytest.raises(InvalidRequestError, match=r"add\[1\]\.moon: InventoryAssetGrant has no such field"):
        serde.encode({"add": [{"asset_id": 1}, {"asset_id": 1, "moon": 1}]}, models.InventoryAlterRequest)


# -------------------------------------------------------------------------------------------------------------- drift
def drift_of(body: object, into: type[Any]) -> list[tuple[str, str, str]]:
    with collect_drift() as told:
        serde.decode(raw(body), into)
        serde.report_unknown(raw(body), into)
    return told


SCORES = {"pagination": {"total": 2}, "items": [{"member_id": "a", "rank": 1, "score": 1}]}


@pytest.mark.parametrize(
    ("body", "into", "events"),
    [
        (SCORES, models.LeaderboardScorePage, []),
        ({"global_assets": []}, models.UniversalInventory, []),
        ({"global_assets": None}, models.UniversalInventory, []),
        ({"name": "a", "short_name": "b"}, models.AssetRarity, []),
        ({"name": "a"}, models.AssetRarity, [("missing", "AssetRarity.short_name", "''")]),
        ({"name": None, "short_name": "b"}, models.AssetRarity, [("null", "AssetRarity.name", "''")]),
        (
            {"reward_id": "r", "reward_kind": "mystery"},
            models.LeaderboardReward,
            [("enum", "EntityKind", "mystery")],
        ),
        ({"pong": "a", "moon": {"x": 1}}, models.SessionPing, [("unknown", "SessionPing", "moon")]),
        (
            {**SCORES, "items": [{**SCORES["items"][0], "moon": 1}] * 3, "sun": 1},  # type: ignore[index]
            models.LeaderboardScorePage,
            [("unknown", "LeaderboardScore", "moon"), ("unknown", "LeaderboardScorePage", "sun")],
        ),
        # A page that only the tolerant reader takes tells each thing once as well.
        (
            {
                "total": 2,
                "items": [{"instance_id": 1}, {"instance_id": 1, "acquisition_source": "a", "variation_id": "2.0"}],
            },
            models.InventoryPage,
            [("missing", "InventoryItem.acquisition_source", "''")],
        ),
        ({"id": 1, "name": 5, "scheduled_for": ""}, models.LeaderboardUpcomingReset, [("empty", "date", "''")]),
    ],
)
def test_drift_is_told_once(body: object, into: type[Any], events: list[tuple[str, str, str]]) -> None:
    assert drift_of(body, into) == events


def test_an_odd_item_tells_its_drift_once() -> None:
    body = raw({"total": 1, "items": [{"instance_id": 1}, {"instance_id": "2.0", "rental": {"time_left": 1}}] * 20})
    with collect_drift() as told:
        page = read(body.replace(b'"2.0"', b'{"no": 1}', 0), models.InventoryPage)
    assert [item.instance_id for item in page.items[:2]] == [1, 2]
    assert sorted(told) == sorted(
        [("missing", "InventoryItem.acquisition_source", "''")] * 40
        + [("missing", "InventoryRental.is_rental", "False")] * 20
    )


def test_an_answer_that_is_about_nothing_tells_no_drift_of_its_own() -> None:
    @model
    class Loose:
        name: Any = soft(default="")

    serde._empty.cache_clear()
    with (
        collect_drift() as told,
        pytest.raises(serde.Unreadable, match="none of the fields of Loose"),
    ):
        read(b'{"message": "no"}', Loose)
    assert told == [("missing", "Loose.name", "''")]


# --------------------------------------------------------------------------------------------------------- the client
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


async def test_clients_tell_what_can_not_be_read(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    for kind in ("application/json", "text/html"):
        for into in ANSWERS:
            for body, reason in ODD_BYTES.values():
                if len(body) > 1000:
                    continue
                answer.body, answer.kind = body, kind
                with pytest.raises(ResponseDecodeError) as caught:
                    await client.request("GET", "/thing", into=into)
                error = caught.value
                assert (error.reason, error.status, error.executed) == (reason, 200, True)
                assert (error.request_id, error.path, error.method) == ("r-1", "/thing", "GET")
                assert error.field in str(error)


async def test_clients_read_answers_of_any_content_type(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    for into in ANSWERS:
        answer.body, answer.kind = raw(some(into)), "text/html; charset=latin-1"
        assert await client.request("GET", "/thing", into=into) == read(answer.body, into)


async def test_clients_tell_of_every_drift(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    kinds = set()
    for stranger in (b"1e400", b'"\xff"', b"1"):
        for into in ANSWERS:
            answer.body = with_stranger(into, stranger)
            await client.request("GET", "/thing", into=into)
            kinds |= {(drift.kind, drift.where) for drift in client.drift}
    assert {("unknown", into.__name__) for into in ANSWERS} <= kinds


async def test_the_field_is_told(canned: tuple[Canned, LootLockerClient]) -> None:
    answer, client = canned
    answer.body = raw({**SCORES, "items": [*SCORES["items"], {"member_id": "a", "rank": 1}]})  # type: ignore[misc]
    with pytest.raises(
        ResponseDecodeError, match=r"a required field is missing \[at \$\.items\[1\]\.score, "
    ) as caught:
        await client.leaderboards.list_scores("daily")
    assert caught.value.field == "$.items[1].score"
    assert caught.value.operation == "leaderboards_list_scores"


# --------------------------------------------------------------------------------------------------------- plain data
def test_data_that_does_not_fit_is_named() -> None:
    with pytest.raises(InvalidRequestError, match=r"LeaderboardScore: a required field is missing at \$\.score"):
        converter.from_dict(models.LeaderboardScore, {"member_id": "a", "rank": 1})
    deep: dict[str, Any] = {"id": 1}
    for _ in range(2000):
        deep = {"id": 1, "package_contents": [{"quantity": 1, "asset": deep}]}
    with pytest.raises(InvalidRequestError, match="Asset: the data is nested too deeply"):
        converter.from_dict(models.Asset, deep)


def test_free_data_holds_numbers_alone() -> None:
    body = b'{"bone_id": "1.0", "bone_overrides": {"a": [1.5, {"b": %s}]}}'
    assert read(body % b"2.5", models.AssetVariationProperty).bone_overrides == {"a": [1.5, {"b": 2.5}]}
    with pytest.raises(serde.Unreadable, match="out of range"):
        read(body % b"1e400", models.AssetVariationProperty)
