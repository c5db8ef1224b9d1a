"""The models against the contract: every schema, field, presence rule, example and constraint."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
import yaml

from lootlocker_async import models
from lootlocker_async.models.base import OpenEnum, collect_drift, parsed
from lootlocker_async.models.constraints import known
from lootlocker_async.routes import all_routes
from lootlocker_async.secret import MASK, SecretStr

CONTRACT = Path(__file__).parents[1] / "contract" / "server-api.openapi.yaml"
MAX = 2**63 - 1
MIN = -(2**63)

# Schemas that aren't attrs classes: the error body becomes an APIError, an amount a Decimal.
NO_CLASS = {"Error", "Amount"}
ENUMS = {"EntityKind", "LeaderboardType", "LeaderboardDirection"}
INLINE = {
    "AssetExternalIdentifiersPsn": ("AssetExternalIdentifiers", "psn"),
    "AssetExternalIdentifiersAppleAppStore": ("AssetExternalIdentifiers", "apple_app_store"),
    "AssetExternalIdentifiersGooglePlay": ("AssetExternalIdentifiers", "google_play"),
}
SECRET_FIELDS = {
    ("Session", "token"),
    ("PlayerSessionInfo", "token"),
    ("PlayerSessionInfoList", "failed_tokens"),
    ("PlayerSessionTokensRequest", "tokens"),
}


# --------------------------------------------------------------------------------------------------- the contract
def contract() -> dict[str, Any]:
    return _load(CONTRACT)


@cache
def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


def schema_of(name: str) -> dict[str, Any]:
    schemas = contract()["components"]["schemas"]
    found: dict[str, Any] = schemas[name] if name in schemas else inline_schema(*INLINE[name])
    return found


def inline_schema(owner: str, field: str) -> dict[str, Any]:
    found: dict[str, Any] = contract()["components"]["schemas"][owner]["properties"][field]
    return found


def operations() -> dict[str, dict[str, Any]]:
    found = {}
    for item in contract()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                found[operation["operationId"]] = operation
    return {route.operation: found[route.operation] for route in all_routes()}


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            elif key not in {"example", "examples"}:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def resolve(pointer: str) -> Any:
    part: Any = contract()
    for step in pointer.removeprefix("#/").split("/"):
        part = part[step]
    return part


def reached() -> set[str]:
    seen: set[str] = set()
    todo = [ref for op in operations().values() for ref in references([op.get("requestBody"), op["responses"]])]
    while todo:
        pointer = todo.pop()
        if pointer not in seen:
            seen.add(pointer)
            todo.extend(references(resolve(pointer)))
    return {pointer.rpartition("/")[2] for pointer in seen if "/schemas/" in pointer}


CLASSES = sorted((reached() - NO_CLASS - ENUMS) | set(INLINE))
REQUESTS = [name for name in CLASSES if name.endswith("Request") or name == "InventoryAssetGrant"]
ANSWERS = [name for name in CLASSES if name not in REQUESTS]


def model_of(name: str) -> type[Any]:
    found: type[Any] = getattr(models, name)
    return found


def types_of(part: Mapping[str, Any]) -> list[str]:
    if "anyOf" in part:
        return [kind for option in part["anyOf"] for kind in types_of(option)]
    if "$ref" in part:
        return types_of(resolve(part["$ref"]))
    kinds = part.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def nullable(part: Mapping[str, Any]) -> bool:
    return "null" in types_of(part)


EMPTY: dict[str, object] = {"string": "", "integer": 0, "boolean": False, "array": (), "object": {}}


def empty_of(part: Mapping[str, Any]) -> object:
    kinds = types_of(part)
    if "array" in kinds:
        return ()
    if "object" in kinds and "additionalProperties" in part:
        return {}
    if nullable(part) or part.get("format") == "date-time":
        return None
    return EMPTY[kinds[0]]


def is_container(part: Mapping[str, Any]) -> bool:
    return "array" in types_of(part) or ("object" in types_of(part) and "additionalProperties" in part)


def needed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The properties without which the object can't be read."""
    required = schema.get("required", ())
    properties = schema["properties"]
    return {k: p for k, p in properties.items() if k in required and ("array" in types_of(p) or not nullable(p))}


# ------------------------------------------------------------------------------------------------ values for a schema
SAMPLES: dict[str, object] = {"string": "text", "integer": 7, "boolean": True}
DATES = {
    "rfc3339": "2024-06-11T14:05:54.25Z",
    "rfc2822": "Tue, 11 Jun 2024 14:05:54 +0000",
    "sql": "2024-06-11 14:05:54",
    "unknown": "2024-06-11T14:05:54Z",
}


def sample(part: Mapping[str, Any], *, full: bool, depth: int = 0) -> Any:
    """A value of the schema: with all its fields, or with those alone that it can't do without."""
    if "anyOf" in part:
        return sample(part["anyOf"][0], full=full, depth=depth)
    if "$ref" in part:
        if part["$ref"].endswith("/Amount"):
            return "12345678901234567890.000000001"
        return sample(resolve(part["$ref"]), full=full, depth=depth + 1)
    kind = next(kind for kind in types_of(part) if kind != "null")
    if kind == "array":
        return [sample(part["items"], full=full, depth=depth)] if depth < 8 else []
    if kind == "object" and "properties" in part:
        fields = part["properties"] if full else needed(part)
        return {name: sample(field, full=full, depth=depth) for name, field in fields.items()}
    if kind == "object":
        values = part["additionalProperties"]
        return {"key": {"free": [1, None]} if values is True else sample(values, full=full, depth=depth)}
    return scalar(part)


def scalar(part: Mapping[str, Any]) -> object:
    values = part.get("enum") or part.get("x-known-values")
    if values:
        return values[-1]
    if "x-date-format" in part:
        return DATES[part["x-date-format"]]
    kinds = types_of(part)
    return 1 if kinds == ["integer", "boolean"] else SAMPLES[kinds[0]]


def sample_bytes(name: str, **changes: object) -> bytes:
    return json.dumps(sample(schema_of(name), full=True) | changes).encode()


def read(name: str, raw: bytes) -> Any:
    return msgspec.json.Decoder(model_of(name), strict=False).decode(raw)


def read_with_drift(name: str, raw: bytes) -> tuple[Any, list[tuple[str, str, str]]]:
    with collect_drift() as drift:
        return read(name, raw), drift


def assert_keeps(value: object, raw: object, path: str = "") -> None:
    """Every value of the raw JSON is in the model."""
    if attrs.has(type(value)):
        assert isinstance(raw, dict), path
        for key, part in raw.items():
            assert_keeps(getattr(value, key), part, f"{path}.{key}")
    elif isinstance(value, tuple):
        assert len(value) == len(raw or ()), path  # type: ignore[arg-type]
        for index, item in enumerate(value):
            assert_keeps(item, raw[index], f"{path}[{index}]")  # type: ignore[index]
    elif isinstance(value, datetime):
        assert value.tzinfo is not None, path
        assert value == datetime.fromisoformat(str(raw)), path
    elif isinstance(value, Decimal):
        assert value == Decimal(str(raw)), path
    elif isinstance(value, dict):
        assert value == (raw or {}), path
    elif isinstance(value, bool):
        assert value is bool(raw), path
    else:
        assert value == raw, path
        assert isinstance(value, OpenEnum | SecretStr) or type(value) is type(raw), path


# ------------------------------------------------------------------------------------------------------------- shapes
def test_the_operations_reach_what_is_expected() -> None:
    assert reached() >= {"Asset", "LeaderboardReward", "PlayerIds", "SessionPing", "Error"}


def test_every_schema_has_its_class() -> None:
    assert reached() - NO_CLASS <= set(models.__all__)
    assert all(attrs.has(model_of(name)) for name in CLASSES)
    assert all(issubclass(model_of(name), OpenEnum) for name in [*ENUMS, "PlayerPlatform"])


@pytest.mark.parametrize("name", CLASSES)
def test_fields_are_those_of_the_contract_in_its_order(name: str) -> None:
    assert [field.name for field in attrs.fields(model_of(name))] == list(schema_of(name)["properties"])


@pytest.mark.parametrize("name", CLASSES)
def test_each_field_is_documented(name: str) -> None:
    described = (inspect.getdoc(model_of(name)) or "").partition("Attributes:")[2]
    assert all(f"\n    {field.name}: " in described for field in attrs.fields(model_of(name)))


@pytest.mark.parametrize("name", CLASSES)
def test_models_are_frozen_slotted_and_keyword_only(name: str) -> None:
    cls = model_of(name)
    value = read(name, sample_bytes(name))
    assert not hasattr(value, "__dict__")
    assert all(field.kw_only for field in attrs.fields(cls))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, attrs.fields(cls)[0].name, None)


@pytest.mark.parametrize("name", sorted([*ENUMS, "PlayerPlatform"]))
def test_enums_know_the_values_of_the_contract(name: str) -> None:
    inline = schema_of("PlayerCreateRequest")["properties"]["platform"]
    schema = inline if name == "PlayerPlatform" else schema_of(name)
    enum: type[OpenEnum] = getattr(models, name)
    members = {member.name: member.value for member in enum}
    assert members == {value.upper(): value for value in schema.get("enum") or schema["x-known-values"]}


# ------------------------------------------------------------------------------------------------------------ answers
def answer_examples() -> list[Any]:
    found = []
    for operation_id, operation in operations().items():
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                continue
            for content in response.get("content", {}).values():
                if "$ref" not in content["schema"]:
                    continue
                name = content["schema"]["$ref"].rpartition("/")[2]
                values = [item["value"] for item in content.get("examples", {}).values()]
                values += [content["example"]] if "example" in content else []
                found += [pytest.param(name, v, id=f"{operation_id}-{status}-{i}") for i, v in enumerate(values)]
    return found


def test_every_answer_with_a_body_has_an_example() -> None:
    with_example = {str(param.id).split("-")[0] for param in answer_examples()}
    assert with_example == {route.operation for route in all_routes() if route.status != 204}


@pytest.mark.parametrize(("name", "example"), answer_examples())
def test_examples_lose_nothing(name: str, example: Any) -> None:
    value, drift = read_with_drift(name, json.dumps(example).encode())
    assert_keeps(value, example)
    assert [event for event in drift if event[0] != "missing"] == []


@pytest.mark.parametrize("name", ANSWERS)
def test_full_answers_lose_nothing(name: str) -> None:
    raw = sample(schema_of(name), full=True)
    value, drift = read_with_drift(name, json.dumps(raw).encode())
    assert_keeps(value, raw)
    assert drift == []


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("how", ["missing", "null"])
def test_what_is_not_there_is_empty(name: str, how: str) -> None:
    schema = schema_of(name)
    optional = {k: p for k, p in schema["properties"].items() if k not in needed(schema)}
    raw = sample(schema, full=False) | (dict.fromkeys(optional) if how == "null" else {})
    value, drift = read_with_drift(name, json.dumps(raw).encode())
    assert {key: getattr(value, key) for key in optional} == {key: empty_of(part) for key, part in optional.items()}

    soft = {k for k, p in optional.items() if not nullable(p) and k not in schema.get("required", ())}
    if how == "null":
        soft -= {key for key in soft if is_container(schema["properties"][key])}
    told = {(kind, where) for kind, where, _ in drift if where.partition(".")[0] == name}
    assert told == {(how, f"{name}.{key}") for key in soft}


NEEDED = [(name, key) for name in ANSWERS for key in needed(schema_of(name))]


@pytest.mark.parametrize(("name", "key"), NEEDED)
def test_what_defines_an_answer_has_to_be_there(name: str, key: str) -> None:
    raw = sample(schema_of(name), full=True)
    without = {k: v for k, v in raw.items() if k != key}
    with pytest.raises(msgspec.ValidationError, match=key):
        read(name, json.dumps(without).encode())
    null = json.dumps(raw | {key: None}).encode()
    if is_container(schema_of(name)["properties"][key]):
        assert getattr(read(name, null), key) == ()
    else:
        with pytest.raises(msgspec.ValidationError, match=key):
            read(name, null)


@pytest.mark.parametrize("name", ANSWERS)
def test_unknown_fields_are_ignored(name: str) -> None:
    assert read(name, sample_bytes(name, brand_new={"a": [1]})) == read(name, sample_bytes(name))


@pytest.mark.parametrize("name", CLASSES)
def test_models_hash_copy_and_pickle(name: str) -> None:
    value = read(name, sample_bytes(name))
    twin = read(name, sample_bytes(name))
    assert value == twin
    assert hash(value) == hash(twin)
    assert copy.copy(value) == value
    assert attrs.evolve(value) == value
    again = pickle.loads(pickle.dumps(value))
    assert type(again) is type(value)
    if name not in {owner for owner, _ in SECRET_FIELDS}:
        assert again == value


def test_maps_are_not_shared() -> None:
    first, second = (read("Asset", b'{"id": 1}') for _ in range(2))
    assert first.links is not second.links


def test_ids_of_either_kind_stay_as_they_came() -> None:
    values = {"variation_id": "01H", "rental_option_id": 5}
    details = read("AssetDetails", sample_bytes("AssetDetails", **values))
    assert (details.variation_id, details.rental_option_id) == ("01H", 5)
    assert read("Asset", sample_bytes("Asset", unlocks_context="true")).unlocks_context == "true"
    assert read("Asset", sample_bytes("Asset", unlocks_context=True)).unlocks_context is True


@pytest.mark.parametrize(("wire", "flag"), [(0, False), (1, True), (False, False), (True, True)])
def test_flags_of_a_record_are_booleans(wire: object, flag: bool) -> None:
    record = read("AssetRecord", sample_bytes("AssetRecord", popular=wire, rentable=wire, has_changes=wire))
    assert record.popular is record.rentable is record.has_changes is flag


def test_numbers_keep_every_digit() -> None:
    assert read("InventoryPage", sample_bytes("InventoryPage", total=2**64 - 1)).total == 2**64 - 1
    points = read("ProgressionPointsReward", sample_bytes("ProgressionPointsReward", amount=10**30))
    assert points.amount == 10**30


def test_ids_as_text_are_read() -> None:
    assert read("PlayerIds", sample_bytes("PlayerIds", player_id="2347")).player_id == 2347


@pytest.mark.parametrize("depth", [1, 2, 20])
def test_packages_hold_assets(depth: int) -> None:
    raw: dict[str, Any] = {"id": 0}
    for number in range(1, depth + 1):
        raw = {"id": number, "package_contents": [{"quantity": number, "asset": raw}]}
    asset = read("Asset", json.dumps(raw).encode())
    for number in range(depth, 0, -1):
        (item,) = asset.package_contents
        assert (asset.id, item.quantity) == (number, number)
        assert type(item.asset) is models.Asset
        asset = item.asset
    assert asset.id == 0


# --------------------------------------------------------------------------------------------- amounts, enums, dates
@pytest.mark.parametrize("name", ["CurrencyReward", "CurrencyDetails"])
@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_amounts_are_finite(name: str, amount: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="finite"):
        read(name, sample_bytes(name, amount=amount))
    with pytest.raises(ValueError, match="amount has to be a finite number"):
        model_of(name)(amount=Decimal(amount))


def test_amounts_are_exact() -> None:
    amount = "123456789012345678901234567890.000000000000000001"
    assert str(read("CurrencyReward", sample_bytes("CurrencyReward", amount=amount)).amount) == amount


@pytest.mark.parametrize(
    ("name", "field"),
    [("Leaderboard", "type"), ("Leaderboard", "direction_method"), ("LeaderboardReward", "reward_kind")],
)
def test_new_enum_values_are_kept(name: str, field: str) -> None:
    value, drift = read_with_drift(name, sample_bytes(name, **{field: "brand_new"}))
    member = getattr(value, field)
    assert member == "brand_new"
    assert isinstance(member, OpenEnum)
    assert not member.is_known
    assert drift == [("enum", type(member).__name__, "brand_new")]
    assert pickle.loads(pickle.dumps(value)) == value
    assert hash(value) == hash(copy.copy(value))


def test_enums_hold_texts_alone() -> None:
    with pytest.raises(msgspec.ValidationError):
        read("Leaderboard", sample_bytes("Leaderboard", type=5))
    with pytest.raises(ValueError, match="5 is not a valid LeaderboardType"):
        models.LeaderboardType(5)


def test_known_enum_values_are_members() -> None:
    board = read("Leaderboard", sample_bytes("Leaderboard", type="player"))
    assert board.type is models.LeaderboardType.PLAYER
    assert board.type.is_known


@pytest.mark.parametrize(
    ("name", "field", "text", "moment"),
    [
        ("Asset", "updated", "Thu, 26 Sep 2024 08:23:17 +0000", datetime(2024, 9, 26, 8, 23, 17, tzinfo=UTC)),
        (
            "Asset",
            "marked_new",
            "Tue, 11 Jun 2024 14:05:54 +0200",
            datetime(2024, 6, 11, 14, 5, 54, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("AssetRecord", "marked_new", "2024-06-11 14:05:54", datetime(2024, 6, 11, 14, 5, 54, tzinfo=UTC)),
        ("AssetRecord", "deleted_at", "2024-06-11 14:05:54", datetime(2024, 6, 11, 14, 5, 54, tzinfo=UTC)),
        ("SessionPing", "pong", "2024-06-11T14:05:54Z", datetime(2024, 6, 11, 14, 5, 54, tzinfo=UTC)),
        ("AssetReward", "created_at", "2024-06-11T14:05:54Z", datetime(2024, 6, 11, 14, 5, 54, tzinfo=UTC)),
        ("GroupReward", "created_at", "the other day", None),
        ("LeaderboardSchedule", "last_run", "", None),
        ("LeaderboardSchedule", "next_run", None, None),
    ],
)
def test_loose_dates_keep_their_text(name: str, field: str, text: str | None, moment: datetime | None) -> None:
    value = read(name, sample_bytes(name, **{field: text}))
    assert getattr(value, field) == text
    assert getattr(value, f"{field}_datetime") == moment


def loose_dates() -> list[tuple[str, str]]:
    return [
        (name, key)
        for name in ANSWERS
        for key, part in schema_of(name)["properties"].items()
        if part.get("x-date-format") in {"rfc2822", "sql", "unknown"}
    ]


@pytest.mark.parametrize(("name", "field"), loose_dates())
def test_every_loose_date_has_its_moment(name: str, field: str) -> None:
    value = read(name, sample_bytes(name))
    assert getattr(value, f"{field}_datetime") == datetime(2024, 6, 11, 14, 5, 54, tzinfo=UTC)
    assert f"{field}_datetime: " in (model_of(name).__doc__ or "")
    assert isinstance(getattr(model_of(name), f"{field}_datetime"), parsed)


def test_a_list_of_loose_dates() -> None:
    times = ["2024-06-11T14:05:54Z", "soon"]
    schedule = read("LeaderboardSchedule", sample_bytes("LeaderboardSchedule", schedule=times))
    assert schedule.schedule == tuple(times)
    assert schedule.schedule_datetimes == (datetime(2024, 6, 11, 14, 5, 54, tzinfo=UTC), None)
    assert models.LeaderboardSchedule().schedule_datetimes == ()


def rfc3339_dates() -> list[tuple[str, str]]:
    parts = [(name, key, part) for name in ANSWERS for key, part in schema_of(name)["properties"].items()]
    return [(name, key) for name, key, part in parts if part.get("format") == "date-time"]


@pytest.mark.parametrize(("name", "field"), rfc3339_dates())
def test_rfc3339_dates_are_moments(name: str, field: str) -> None:
    moment = getattr(read(name, sample_bytes(name)), field)
    assert moment == datetime(2024, 6, 11, 14, 5, 54, 250_000, tzinfo=UTC)
    assert moment.tzinfo is not None


def test_rfc3339_dates_have_a_zone() -> None:
    raw = sample_bytes("Leaderboard", created_at="2024-06-11T14:05:54.123456Z")
    assert read("Leaderboard", raw).created_at == datetime(2024, 6, 11, 14, 5, 54, 123456, tzinfo=UTC)
    with pytest.raises(msgspec.ValidationError):
        read("Leaderboard", sample_bytes("Leaderboard", created_at="2024-06-11T14:05:54"))


# ------------------------------------------------------------------------------------------------------------ secrets
def secrets_of(name: str) -> tuple[Any, str]:
    secret = "t0p-s3cret"
    raw = json.loads(sample_bytes(name))
    for owner, field in SECRET_FIELDS:
        if owner == name:
            raw[field] = [secret] if isinstance(raw[field], list) else secret
    return read(name, json.dumps(raw).encode()), secret


@pytest.mark.parametrize(("name", "field"), sorted(SECRET_FIELDS))
def test_secrets_stay_hidden(name: str, field: str) -> None:
    value, secret = secrets_of(name)
    held = getattr(value, field)
    held = held[0] if isinstance(held, tuple) else held
    assert type(held) is SecretStr
    assert held == secret
    assert held.reveal() == secret
    assert secret not in repr(value)
    assert secret not in f"{value}"
    assert secret.encode() not in pickle.dumps(value)
    again = getattr(pickle.loads(pickle.dumps(value)), field)
    assert (again[0] if isinstance(again, tuple) else again) == MASK


# ----------------------------------------------------------------------------------------------------------- requests
def strict(name: str, value: object) -> Any:
    return msgspec.convert(value, model_of(name), strict=True)


def request_examples() -> list[Any]:
    found = []
    for operation_id, operation in operations().items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            name = content["schema"]["$ref"].rpartition("/")[2]
            values = [item["value"] for item in content.get("examples", {}).values()]
            values += [content["example"]] if "example" in content else []
            found += [pytest.param(name, v, id=f"{operation_id}-{i}") for i, v in enumerate(values)]
    return found


@pytest.mark.parametrize(("name", "example"), request_examples())
def test_request_examples_are_accepted(name: str, example: Any) -> None:
    assert_keeps(strict(name, example), example)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_ask_for_what_the_contract_asks(name: str) -> None:
    schema = schema_of(name)
    for field in attrs.fields(model_of(name)):
        expected = attrs.NOTHING if field.name in schema.get("required", ()) else None
        assert field.default is expected, field.name


# Schema, field, what is just accepted and what is just refused.
BOUNDS: list[tuple[str, str, list[Any], list[Any]]] = [
    ("LeaderboardSubmitScoreRequest", "score", [MIN, 0, MAX], [MIN - 1, MAX + 1, 1.5, "1", True, None]),
    ("LeaderboardSubmitScoreRequest", "member_id", ["", "361"], [361, None]),
    ("LeaderboardSubmitScoreRequest", "metadata", ["", None], [1, {}]),
    ("LeaderboardIncrementScoreRequest", "amount", [MIN, -1, MAX], [MIN - 1, MAX + 1, 1.5, "1", True, None]),
    ("LeaderboardCreateRequest", "key", ["k"], ["", None, 1]),
    ("LeaderboardCreateRequest", "name", ["", "n"], [None, 1]),
    ("LeaderboardCreateRequest", "type", ["player", "generic"], ["team", "", None]),
    ("LeaderboardCreateRequest", "direction_method", ["ascending", "descending"], ["asc", None]),
    ("LeaderboardCreateRequest", "has_metadata", [True, False, None], [1, "true"]),
    ("LeaderboardUpdateRequest", "key", ["k"], ["", None]),
    ("LeaderboardUpdateRequest", "direction_method", ["ascending", "descending"], ["asc", None]),
    ("LeaderboardUpdateRequest", "enable_game_api_writes", [True, False], [None, 1]),
    ("InventoryAssetGrant", "asset_id", [1, MAX], [0, -1, MAX + 1, "1", None]),
    ("InventoryAssetGrant", "asset_variation_id", [1, MAX, None], [0, MAX + 1, "1"]),
    ("InventoryAssetGrant", "rental_option_id", [1, MAX, None], [0, MAX + 1, "1"]),
    ("InventoryAlterRequest", "add", [[], [{"asset_id": 1}]], [[{"asset_id": 0}], [{}], [None], {}]),
    ("InventoryAlterRequest", "remove", [[], [1, MAX]], [[0], ["1"], [MAX + 1], 1]),
    ("PlayerCreateRequest", "platform", ["steam", "discord"], ["amiga", "", None]),
    ("PlayerCreateRequest", "player_identifier", ["x"], ["", None, 5]),
    ("PlayerSessionTokensRequest", "tokens", [["t"], ["t", "u"]], [[], [""], None, "t", [None]]),
    ("SessionStartRequest", "game_version", ["1.4.0.0", ""], [None, 1]),
    ("SessionStartRequest", "is_development", [True, False, None], [1]),
]


def test_every_field_of_a_request_has_its_bounds_here() -> None:
    here = {(name, field) for name, field, _, _ in BOUNDS}
    fields = {(name, field.name) for name in REQUESTS for field in attrs.fields(model_of(name))}
    plain = {
        ("LeaderboardCreateRequest", "enable_game_api_writes"),
        ("LeaderboardCreateRequest", "overwrite_score_on_submit"),
        ("LeaderboardUpdateRequest", "name"),
        ("LeaderboardUpdateRequest", "overwrite_score_on_submit"),
        ("LeaderboardIncrementScoreRequest", "member_id"),
    }
    assert here | plain == fields


@pytest.mark.parametrize(("name", "field", "good"), [(n, f, good) for n, f, all_good, _ in BOUNDS for good in all_good])
def test_what_a_request_accepts(name: str, field: str, good: Any) -> None:
    value = strict(name, sample(schema_of(name), full=True) | {field: good})
    assert_keeps(value, {field: good})


@pytest.mark.parametrize(("name", "field", "bad"), [(n, f, bad) for n, f, _, all_bad in BOUNDS for bad in all_bad])
def test_what_a_request_refuses(name: str, field: str, bad: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        strict(name, sample(schema_of(name), full=True) | {field: bad})


def test_altering_an_inventory_says_what() -> None:
    with pytest.raises(msgspec.ValidationError, match="one of `add` and `remove`"):
        strict("InventoryAlterRequest", {})
    with pytest.raises(ValueError, match="one of `add` and `remove`"):
        models.InventoryAlterRequest()
    grant = models.InventoryAssetGrant(asset_id=1)
    assert strict("InventoryAlterRequest", {"add": [grant]}).add == (grant,)


def test_requests_take_members_and_secrets() -> None:
    request = strict("PlayerCreateRequest", {"platform": models.PlayerPlatform.STEAM, "player_identifier": "7"})
    assert request.platform is models.PlayerPlatform.STEAM
    tokens = strict("PlayerSessionTokensRequest", {"tokens": [SecretStr("t")]}).tokens
    assert [token.reveal() for token in tokens] == ["t"]


def test_requests_made_by_hand_are_held_to_their_enums() -> None:
    with pytest.raises(ValueError, match=r"platform has to be one of steam, psn, .*, discord"):
        models.PlayerCreateRequest(platform=models.PlayerPlatform("amiga"), player_identifier="7")
    with pytest.raises(TypeError, match="platform has to be a member of its enum"):
        models.PlayerCreateRequest(platform="steam", player_identifier="7")  # type: ignore[arg-type]
    field = attrs.fields(model_of("PlayerCreateRequest")).platform
    known(None, field, models.PlayerPlatform.GUEST)


# ------------------------------------------------------------------------------------------------------- the package
def test_the_package_names_every_model() -> None:
    assert list(models.__all__) == sorted(models.__all__)
    assert set(models.__all__) == set(CLASSES) | ENUMS | {"PlayerPlatform"}
    assert set(dir(models)) >= set(models.__all__)
    for name in models.__all__:
        assert getattr(models, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Unheard'"):
        _ = models.Unheard  # type: ignore[attr-defined]


LOADED = "import sys; print(*sorted(m.rpartition('.')[2] for m in sys.modules if m.startswith('{}.')))"


@pytest.mark.parametrize(
    ("statement", "loaded"),
    [
        ("import lootlocker_async.models", set()),
        ("from lootlocker_async.models import Session", {"session"}),
        ("from lootlocker_async.models import InventoryPage", {"assets", "constraints", "inventories"}),
        ("from lootlocker_async.models import PlayerIds", {"constraints", "players"}),
        (
            "from lootlocker_async.models import Leaderboard",
            {"constraints", "leaderboards", "pagination", "rewards"},
        ),
    ],
)
def test_sections_load_when_first_used(statement: str, loaded: set[str]) -> None:
    code = f"{statement}; {LOADED.format('lootlocker_async.models')}"
    root = Path(models.__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) - {"base"} == loaded
