"""What models are beyond their fields, which tests/contract holds to the contract: values, enums, dates, secrets."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from lootlocker_async import models
from lootlocker_async.models.base import OpenEnum, collect_drift
from lootlocker_async.models.constraints import known
from lootlocker_async.secret import MASK, SecretStr
from tests.contract.contract_spec import classes
from tests.unit.wire import EVERY, smallest

EXPORTED: tuple[str, ...] = vars(models)["__all__"]
SECRETS = [
    pytest.param(name, field, id=f"{name}-{field}")
    for name, kind in sorted(classes().items())
    if attrs.has(kind)
    for field, annotation in inspect.get_annotations(kind).items()
    if "Secret" in str(annotation)
]


def sample(name: str) -> dict[str, Any]:
    return smallest(getattr(models, name))


def sample_bytes(name: str, **changes: object) -> bytes:
    return json.dumps(sample(name) | changes).encode()


def read(name: str, raw: bytes) -> Any:
    return msgspec.json.Decoder(getattr(models, name), strict=False).decode(raw)


def read_with_drift(name: str, raw: bytes) -> tuple[Any, list[tuple[str, str, str]]]:
    with collect_drift() as drift:
        return read(name, raw), drift


# ------------------------------------------------------------------------------------------------------------- shapes
@EVERY
def test_models_are_frozen_slotted_and_keyword_only(into: type[Any]) -> None:
    value = read(into.__name__, sample_bytes(into.__name__))
    assert not hasattr(value, "__dict__")
    assert all(field.kw_only for field in attrs.fields(into))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, attrs.fields(into)[0].name, None)


@EVERY
def test_models_hash_copy_and_pickle(into: type[Any]) -> None:
    value, twin = (read(into.__name__, sample_bytes(into.__name__)) for _ in range(2))
    assert value == twin
    assert hash(value) == hash(twin)
    assert copy.copy(value) == value
    assert attrs.evolve(value) == value
    again = pickle.loads(pickle.dumps(value))
    assert type(again) is type(value)
    if "Secret" not in str(inspect.get_annotations(into)):
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
        getattr(models, name)(amount=Decimal(amount))


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
    assert [event for event in drift if event[0] == "enum"] == [("enum", type(member).__name__, "brand_new")]
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


def test_a_list_of_loose_dates() -> None:
    times = ["2024-06-11T14:05:54Z", "soon"]
    schedule = read("LeaderboardSchedule", sample_bytes("LeaderboardSchedule", schedule=times))
    assert schedule.schedule == tuple(times)
    assert schedule.schedule_datetimes == (datetime(2024, 6, 11, 14, 5, 54, tzinfo=UTC), None)
    assert models.LeaderboardSchedule().schedule_datetimes == ()


def test_rfc3339_dates_have_a_zone() -> None:
    raw = sample_bytes("Leaderboard", created_at="2024-06-11T14:05:54.123456Z")
    assert read("Leaderboard", raw).created_at == datetime(2024, 6, 11, 14, 5, 54, 123456, tzinfo=UTC)
    with pytest.raises(msgspec.ValidationError):
        read("Leaderboard", sample_bytes("Leaderboard", created_at="2024-06-11T14:05:54"))


# ------------------------------------------------------------------------------------------------------------ secrets
@pytest.mark.parametrize(("name", "field"), SECRETS)
def test_secrets_stay_hidden(name: str, field: str) -> None:
    secret, many = "t0p-s3cret", "Seq" in str(inspect.get_annotations(getattr(models, name))[field])
    many = many or "Tokens" in str(inspect.get_annotations(getattr(models, name))[field])
    value = read(name, sample_bytes(name, **{field: [secret] if many else secret}))
    held = getattr(value, field)[0] if many else getattr(value, field)
    assert type(held) is SecretStr
    assert held == secret
    assert held.reveal() == secret
    assert secret not in repr(value)
    assert secret not in f"{value}"
    assert secret.encode() not in pickle.dumps(value)
    again = getattr(pickle.loads(pickle.dumps(value)), field)
    assert (again[0] if many else again) == MASK


# ----------------------------------------------------------------------------------------------------------- requests
def strict(name: str, value: Mapping[str, object]) -> Any:
    return msgspec.convert(value, getattr(models, name), strict=True)


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
    field = attrs.fields(models.PlayerCreateRequest).platform
    known(None, field, models.PlayerPlatform.GUEST)


# ------------------------------------------------------------------------------------------------------- the package
def test_the_package_names_every_model() -> None:
    assert len(set(EXPORTED)) == len(EXPORTED)
    own = {name for name, kind in classes().items() if attrs.has(kind) or issubclass(kind, OpenEnum)} - {"OpenEnum"}
    assert set(EXPORTED) >= own
    assert set(dir(models)) >= set(EXPORTED)
    for name in EXPORTED:
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
