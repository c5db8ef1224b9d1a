"""Metadata: values that lose nothing on their way in and out, actions that are checked, answers that tell failures."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async import (
    InvalidRequestError,
    LootLockerClient,
    LootLockerError,
    OutcomeUnknownError,
    from_dict,
    to_dict,
)
from lootlocker_async.core import serde
from lootlocker_async.models.metadata import (
    MetadataAccess,
    MetadataAction,
    MetadataActionName,
    MetadataActionsError,
    MetadataActionsRequest,
    MetadataActionsResult,
    MetadataBase64Value,
    MetadataEntry,
    MetadataSourceKeys,
    MetadataType,
    MetadataValueError,
)
from tests.support.clock import run
from tests.unit.support import BASE, KEY, Http

quick = settings(max_examples=80, deadline=None, database=None)
BOTH_WAYS = pytest.mark.parametrize("key", ['"k"', "5"], ids=["fast", "tolerant"])
"""A number where a text is due is what the fast decoder leaves to the tolerant reader."""


def entry(value: str, kind: str = "json", key: str = '"k"') -> MetadataEntry:
    return serde.decode(f'{{"key": {key}, "type": "{kind}", "value": {value}}}'.encode(), MetadataEntry)


def sent(*actions: Any) -> Any:
    """The actions as they go over the wire."""
    body = serde.encode({"source": "player", "source_id": "1", "entries": actions}, MetadataActionsRequest)
    return json.loads(body, parse_float=Decimal)["entries"]


def upsert(kind: str, value: Any) -> dict[str, Any]:
    return {"action": "upsert", "key": "k", "type": kind, "value": value}


# ------------------------------------------------------------------------------------------------------- values coming
NUMBERS = ["93.5", "0.1", "-0.0", "1E+400", "1E-400", "12345678901234567890.12345678901234567890", "1.50"]


@BOTH_WAYS
@pytest.mark.parametrize("digits", NUMBERS)
def test_a_fraction_keeps_every_digit(digits: str, key: str) -> None:
    found = entry(digits, "number", key)
    assert type(found.value) is Decimal
    assert str(found.value) == str(found.as_number()) == digits
    assert str(entry(f'[{{"a": {digits}}}]', key=key).as_json()[0]["a"]) == digits


@BOTH_WAYS
@pytest.mark.parametrize("digits", ["0", "-7", "9" * 60])
def test_a_whole_number_is_an_int_of_any_size(digits: str, key: str) -> None:
    found = entry(digits, "number", key)
    assert type(found.value) is int
    assert str(found.as_number()) == digits


@BOTH_WAYS
def test_an_exponent_beyond_all_measure_is_a_typed_error(key: str) -> None:
    for digits in ("1e99999999999999999999", "-1e-99999999999999999999"):
        with pytest.raises(serde.Unreadable, match="out of range"):
            entry(digits, "number", key)


@BOTH_WAYS
def test_each_type_has_its_reader(key: str) -> None:
    assert entry('"1.0"', "string", key).as_string() == "1.0"
    assert entry("true", "bool", key).as_bool() is True
    assert entry("null", "json", key).as_json() is None
    assert entry('{"a": [1, "b", null]}', "json", key).as_json() == {"a": [1, "b", None]}
    file = entry('{"content_type": "image/png", "content": "aWNvbg=="}', "base64", key)
    assert file.as_file() == MetadataBase64Value.of(b"icon", "image/png")
    assert file.as_bytes() == b"icon"


@pytest.mark.parametrize(
    ("kind", "value", "read", "words"),
    [
        ("number", "1", "as_string", "'k' is of type 'number', not 'string'"),
        ("string", "1", "as_string", "'k' is of type 'string', but its value is not a text"),
        ("number", '"1"', "as_number", "not a finite number"),
        ("number", "true", "as_number", "not a finite number"),
        ("bool", "1", "as_bool", "not true or false"),
        ("base64", '{"content": ""}', "as_file", "not a MetadataBase64Value"),
        ("base64", '"aWNvbg=="', "as_bytes", "not a MetadataBase64Value"),
        ("base64", '{"content_type": "a", "content": "*"}', "as_bytes", "'k': the content isn't base64"),
        ("base64", '{"content_type": "application/x-redacted", "content": ""}', "as_bytes", "'k': the file was left"),
        ("brand_new", "1", "as_json", "'k' is of type 'brand_new', not 'json'"),
    ],
)
def test_a_value_is_not_taken_for_what_it_is_not(kind: str, value: str, read: str, words: str) -> None:
    with pytest.raises(MetadataValueError, match=words) as caught:
        getattr(entry(value, kind), read)()
    assert isinstance(caught.value, LootLockerError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_file_that_was_left_out_says_so() -> None:
    file = entry('{"content_type": "application/x-redacted", "content": ""}', "base64").as_file()
    assert file.is_redacted
    assert not MetadataBase64Value.of(b"", "image/png").is_redacted
    assert MetadataBase64Value.of(b"", "image/png").as_bytes() == b""


def test_entries_can_be_compared_and_kept_in_sets() -> None:
    assert len({entry('{"a": 1}'), entry('{"a": 1}'), entry('{"a": 2}')}) == 2


# ---------------------------------------------------------------------------------------------------------- plain data
numbers = (
    st.integers(-(10**40), 10**40)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: Decimal(repr(number)))
)
anything = st.recursive(
    numbers | st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@quick
@given(anything)
def test_plain_data_makes_an_equal_entry(value: Any) -> None:
    found = MetadataEntry(key="k", type=MetadataType.JSON, value=value)
    data = to_dict(found)
    json.dumps(data)
    assert from_dict(MetadataEntry, data) == found
    assert from_dict(MetadataEntry, pickle.loads(pickle.dumps(data))) == found


@quick
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_plain_data_can_pass_through_json_where_floats_have_all_digits(number: float) -> None:
    found = entry(repr(number), "number")
    assert from_dict(MetadataEntry, json.loads(json.dumps(to_dict(found)))) == found


def test_plain_data_of_numbers() -> None:
    plain = [to_dict(entry(digits, "number"))["value"] for digits in NUMBERS]
    assert plain[:2] == [93.5, 0.1]
    assert {type(number) for number in plain} == {float, int, serde.Number}
    assert json.dumps(plain[5]) == "1.2345678901234567e+19"
    assert plain[3] == 10**400
    assert to_dict(entry("1e5000", "number"))["value"] == "1E+5000"
    # What remembered its digits writes them again.
    assert sent(upsert("number", plain[5]))[0]["value"] == Decimal(NUMBERS[5])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_plain_data_holds_no_nan(value: float) -> None:
    with pytest.raises(InvalidRequestError, match="out of range"):
        from_dict(MetadataEntry, {"key": "k", "type": "number", "value": value})


def test_an_action_makes_plain_data_and_back() -> None:
    for action in (
        MetadataAction(action=MetadataActionName.DELETE, key="k"),
        MetadataAction(action=MetadataActionName.CREATE, key="k", type=MetadataType.JSON, value=None),
        MetadataAction(
            action=MetadataActionName.UPSERT,
            key="k",
            type=MetadataType.BASE64,
            value=MetadataBase64Value.of(b"icon", "image/png"),
            access=(MetadataAccess.PLAYER_READ,),
        ),
    ):
        assert from_dict(MetadataAction, json.loads(json.dumps(to_dict(action)))) == action


# --------------------------------------------------------------------------------------------------------- values going
@quick
@given(anything)
def test_what_goes_out_has_every_digit(value: Any) -> None:
    (action,) = sent(upsert("json", value))
    assert action["value"] == value
    assert entry(json.dumps({"a": 1})).value == {"a": 1}


def test_numbers_are_written_as_numbers() -> None:
    for number in (Decimal("1.50"), Decimal("1E+400"), 2**200, 0.1, Decimal("12345678901234567890.123")):
        for kind, value in (("number", number), ("json", [{"a": number}]), ("json", MappingProxyType({"b": number}))):
            body = serde.encode(
                {"source": "player", "source_id": "1", "entries": [upsert(kind, value)]}, MetadataActionsRequest
            )
            assert str(number) in body.decode()
            assert f'"{number}"' not in body.decode()


WRONG = [
    (upsert("string", 5), "has to be a text"),
    (upsert("number", "5"), "has to be a finite number"),
    (upsert("number", True), "has to be a finite number"),
    (upsert("number", float("nan")), "has to be a finite number"),
    (upsert("number", Decimal("Infinity")), "has to be a finite number"),
    (upsert("bool", 1), "has to be true or false"),
    (upsert("base64", "aWNvbg=="), "has to be a MetadataBase64Value"),
    (upsert("base64", {"content_type": "a"}), "has to be a MetadataBase64Value"),
    (upsert("base64", {"content_type": "a", "content": "*"}), "isn't base64"),
    (upsert("base64", {"content_type": "a", "content": "", "more": 1}), "MetadataBase64Value hasn't"),
    (upsert("brand_new", 1), "type has to be one of"),
    ({"action": "delete", "key": "k", "type": "number", "value": "5"}, "has to be a finite number"),
    ({"action": "create", "key": "k", "type": "json"}, "create of 'k' needs both a `type` and a `value`"),
    ({"action": "update", "key": "k", "value": 1}, "update of 'k' needs both a `type` and a `value`"),
    ({"action": "drop", "key": "k"}, "action has to be one of"),
    ({"action": "delete", "key": ""}, "length >= 1"),
    ({"action": "delete", "key": "k", "colour": 1}, "has no such field"),
    (upsert("json", [float("inf")]), "JSON holds no inf"),
    (upsert("json", [{"a": Decimal("NaN")}]), "JSON holds no NaN"),
    (upsert("json", {1: 2}), "keys of an object have to be texts"),
    (upsert("json", [b"a"]), "JSON holds no bytes"),
    (upsert("json", {"a": object()}), "JSON holds no object"),
    (upsert("json", "\ud800"), "half a character"),
]


@pytest.mark.parametrize(("action", "words"), WRONG)
async def test_what_does_not_fit_stays_here(
    client: LootLockerClient, http: Http, action: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        await client.metadata.apply_actions(source="player", source_id="1", entries=[action])
    assert http.asked == []


def test_json_that_goes_too_deep_is_a_typed_error() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(InvalidRequestError):
        sent(upsert("json", deep))


def test_null_is_a_value_and_nothing_is_none() -> None:
    assert sent(upsert("json", None)) == [upsert("json", None)]
    assert sent({"action": "delete", "key": "k"}) == [{"action": "delete", "key": "k"}]
    assert sent(MetadataAction(action=MetadataActionName.DELETE, key="k")) == [{"action": "delete", "key": "k"}]
    action = MetadataAction(action=MetadataActionName.UPSERT, key="k", type=MetadataType.JSON, value=None)
    assert sent(action) == [upsert("json", None)]


def test_a_file_goes_out_as_its_fields() -> None:
    file = MetadataBase64Value.of(b"icon", "image/png")
    plain = {"content_type": "image/png", "content": "aWNvbg=="}
    assert sent(upsert("base64", file)) == sent(upsert("base64", plain)) == [upsert("base64", plain)]


def test_actions_that_a_caller_made_are_checked_too() -> None:
    key: Any = 5
    with pytest.raises(InvalidRequestError, match=r"entries\[0\].key"):
        sent(MetadataAction(action=MetadataActionName.DELETE, key=key))


# ------------------------------------------------------------------------------------------------------ what came of it
RESULT = {"source": "player", "source_id": "1"}
FAILED = {"action": "create", "entry": {"key": "map", "type": None}, "error": "An entry with this key exists already"}


def test_failures_are_data_and_can_be_raised() -> None:
    found = serde.decode(json.dumps({**RESULT, "errors": [FAILED, FAILED]}).encode(), MetadataActionsResult)
    assert [error.entry.key for error in found.errors] == ["map", "map"]
    with pytest.raises(MetadataActionsError) as caught:
        found.raise_for_errors()
    twin = pickle.loads(pickle.dumps(caught.value))
    assert twin.result == caught.value.result == found
    assert str(twin) == (
        "2 of the metadata actions on player '1' failed, the first of them create 'map': "
        "An entry with this key exists already"
    )
    for none in ("", ', "errors": null', ', "errors": []'):
        serde.decode(json.dumps(RESULT).replace("}", none + "}").encode(), MetadataActionsResult).raise_for_errors()


UPSERT = upsert("number", 1)
DELETE = MetadataAction(action=MetadataActionName.DELETE, key="k")
UPDATE = {**UPSERT, "action": "update"}
CREATE = MetadataAction(action=MetadataActionName.CREATE, key="k", type=MetadataType.BOOL, value=True)


@pytest.mark.parametrize(
    ("actions", "repeated"),
    [
        ((UPSERT, DELETE), True),
        ((DELETE,), True),
        ((UPSERT, CREATE), False),
        (({**UPSERT, "action": "update"},), False),
    ],
)
def test_only_upserts_and_deletes_are_repeated(http: Http, actions: tuple[Any, ...], repeated: bool) -> None:
    http.answer("POST", "/metadata/", status=502)
    http.answer("POST", "/metadata/", status=202, payload=RESULT)

    async def main() -> object:
        async with LootLockerClient(KEY, base_url=BASE, retries=2) as client:
            return await client.metadata.apply_actions(source="player", source_id="1", entries=actions)

    if repeated:
        assert isinstance(run(main), MetadataActionsResult)
    else:
        with pytest.raises(OutcomeUnknownError) as caught:
            run(main)
        assert caught.value.operation == "metadata_apply_actions"
    assert len(http.sent("/metadata/")) == 1 + repeated


async def test_queries_of_lists(client: LootLockerClient, http: Http) -> None:
    page = {"entries": None, "pagination": {"total": 0}}
    http.answer("GET", "/metadata/source/player/id/1?key=a&tags=x&tags=y&ignore_files=true&per_page=5", payload=page)
    http.answer("GET", "/metadata/source/player/id/1?per_page=5", payload=page)
    http.answer("POST", "/metadata/multisource?ignore_files=true", payload={"metadata": []})
    first = await client.metadata.list("player", "1", key="a", tags=("x", "y"), ignore_files=True, page_size=5)
    assert first.items == ()
    await client.metadata.list("player", "1", ignore_files=False, page_size=5)
    keys = MetadataSourceKeys(source="player", id="1", keys=("a",))  # type: ignore[arg-type]
    await client.metadata.list_multisource(sources=[keys], ignore_files=True)
    misfits: list[dict[str, Any]] = [{"key": ""}, {"key": 1}, {"tags": "x"}, {"tags": [1]}, {"ignore_files": "x"}]
    for misfit in misfits:
        with pytest.raises(InvalidRequestError, match=next(iter(misfit))):
            client.metadata.list("player", "1", **misfit)
    assert len(http.sent()) == 3
