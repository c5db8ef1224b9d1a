"""Answers as they may come: whatever arrives gives the right model or a typed error that names the field."""

from __future__ import annotations

import contextlib
import gc
import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from lootlocker_async import InvalidRequestError, models
from lootlocker_async.core import converter, serde
from lootlocker_async.models.base import collect_drift, model, soft
from lootlocker_async.secret import SecretStr
from tests.unit.wire import ANSWERS, SCORES, fields_of, raw, read, smallest


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


def test_a_long_list_is_looked_through_to_its_end_without_holding_all_of_it() -> None:
    item = SCORES["items"][0]  # type: ignore[index]
    body = raw({**SCORES, "items": [*[item] * 1_999, {**item, "moon": 1}]})
    with collect_drift() as told:
        serde.report_unknown(body, models.LeaderboardScorePage)
        tracemalloc.start()
        try:
            serde.report_unknown(body, models.LeaderboardScorePage)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert told == [("unknown", "LeaderboardScore", "moon")] * 2
    assert peak < 3 * len(body)  # all of it as dicts takes six times


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


# --------------------------------------------------------------------------------------------------------- plain data
def test_data_that_does_not_fit_is_named() -> None:
    with pytest.raises(InvalidRequestError, match=r"LeaderboardScore: a required field is missing at \$\.score"):
        converter.from_dict(models.LeaderboardScore, {"member_id": "a", "rank": 1})
    deep: dict[str, Any] = {"id": 1}
    for _ in range(2000):
        deep = {"id": 1, "package_contents": [{"quantity": 1, "asset": deep}]}
    with pytest.raises(InvalidRequestError, match="Asset: the data is nested too deeply"):
        converter.from_dict(models.Asset, deep)


def test_free_data_keeps_the_digits_of_its_numbers() -> None:
    body = b'{"bone_id": %s, "bone_overrides": {"a": [1.5, {"b": %s}]}}'
    for bone in (b'"1.0"', b"1"):
        for digits in (b"2.50", b"1E+400", b"-0.0", b"12345678901234567890.12345678901234567890", b"1E-400"):
            found = read(body % (bone, digits), models.AssetVariationProperty).bone_overrides
            assert found == {"a": [Decimal("1.5"), {"b": Decimal(digits.decode())}]}
            assert str(found["a"][1]["b"]).encode() == digits
        assert type(read(body % (bone, b"9" * 50), models.AssetVariationProperty).bone_overrides["a"][1]["b"]) is int
        with pytest.raises(serde.Unreadable, match="out of range"):
            read(body % (bone, b"1e9999999999999999999999"), models.AssetVariationProperty)


def test_free_data_without_a_model_keeps_plain_floats() -> None:
    anything: Any = Any
    some: Any = list[Any]
    properties: Any = list[models.AssetVariationProperty]
    assert type(serde.decode(b"0.1", anything)) is float
    assert type(serde.decode(b"[0.1]", some)[0]) is float
    (found,) = serde.decode(b'[{"bone_id": 1, "bone_overrides": {"a": 0.1}}]', properties)
    assert type(found.bone_overrides["a"]) is Decimal


# ------------------------------------------------------------------------------------------------ the garbage collector
_SCORES = [{"member_id": str(n), "rank": n, "score": n, "metadata": ""} for n in range(1, 3001)]
_END = {"total": 3000, "next_cursor": None, "previous_cursor": None}
_LARGE_PAGE = json.dumps({"items": _SCORES, "pagination": _END}).encode()


def test_the_collector_does_not_come_while_a_large_page_is_read() -> None:
    begun: list[int] = []

    def note(phase: str, _info: object) -> None:
        if phase == "start":
            begun.append(1)

    gc.collect()
    gc.callbacks.append(note)
    try:
        page = serde.decode(_LARGE_PAGE, models.LeaderboardScorePage)
        assert len(begun) <= 1  # at the end, perhaps
    finally:
        gc.callbacks.remove(note)
    assert len(page.items) == 3000


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("body", [_LARGE_PAGE, _LARGE_PAGE[:-1]], ids=["good", "cut"])
def test_the_collector_is_left_as_it_was(enabled: bool, body: bytes) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        with contextlib.suppress(serde.Unreadable):
            serde.decode(body, models.LeaderboardScorePage)
        assert gc.isenabled() == enabled
    finally:
        gc.enable()
