"""Progressions of all kinds of owners and loadouts: what goes out, and that large points come back whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from lootlocker_async import (
    InvalidRequestError,
    LootLockerClient,
    NotFoundError,
    OutcomeUnknownError,
    from_dict,
    to_dict,
)
from lootlocker_async.core import serde
from lootlocker_async.models.base import collect_drift
from lootlocker_async.models.loadouts import Loadout
from lootlocker_async.models.progressions import (
    Progression,
    ProgressionState,
    ProgressionStateUpdate,
    ProgressionTier,
    ProgressionTierPage,
)
from lootlocker_async.services._owned_progressions import OwnedProgressions
from tests.unit.support import BASE, KEY, Http

MOST = 2**64 - 1
LARGE = [0, 1, 2**53 + 1, 2**63 - 1, 2**63, MOST]

OWNERS: Mapping[str, tuple[str, tuple[int | str, ...]]] = {
    "player_progressions": ("/players/361/progressions", (361,)),
    "character_progressions": ("/players/361/characters/6101/progressions", (361, "6101")),
    "asset_instance_progressions": ("/players/361/assets/instances/77001/progressions", ("361", 77001)),
}
LOADOUTS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "player": ("/player/361/loadout", (361,)),
    "character": ("/player/361/characters/6101/loadout", (361, 6101)),
    "hero": ("/player/361/heroes/940/loadout", (361, 940)),
}

owners = pytest.mark.parametrize("section", OWNERS)
wearers = pytest.mark.parametrize("kind", LOADOUTS)


def state(**changes: object) -> dict[str, Any]:
    return {
        "id": "01JW8M5K2RZ9XTQ4CVH7NBE3DY",
        "progression_id": "01HX3Y7C9KQ5T2VBNRM8WDE6ZP",
        "progression_key": "mage",
        "progression_name": "Mage",
        "step": 3,
        "points": 290,
        "previous_threshold": 250,
        "next_threshold": 500,
        "last_level_up": "2026-06-09T21:07:18Z",
        **changes,
    }


def update(**changes: object) -> dict[str, Any]:
    return {**state(**changes), "awarded_tiers": [tier(2), tier(3)]}


def tier(step: int, **changes: object) -> dict[str, Any]:
    kinds = ("progression_points", "progression_reset", "asset", "currency")
    return {"step": step, "points_threshold": 0, "rewards": {f"{kind}_rewards": [] for kind in kinds}, **changes}


def page(items: list[dict[str, Any]], cursor: str | int | None = None) -> dict[str, Any]:
    return {"pagination": {"total": 3, "next_cursor": cursor, "previous_cursor": None}, "items": items}


def service(client: LootLockerClient, section: str) -> Any:
    found = getattr(client, section)
    assert isinstance(found, OwnedProgressions)
    return found


def sent(http: Http) -> tuple[str, str, Any]:
    """Verb, address and fields of the one call that was made."""
    ((verb, url, rest),) = http.sent()
    return verb, url.removeprefix(BASE), json.loads(rest["data"]) if rest.get("data") else None


# ------------------------------------------------------------------------------------------------- owners of all kinds
@owners
async def test_each_owner_has_its_addresses(http: Http, client: LootLockerClient, section: str) -> None:
    path, owner = OWNERS[section]
    http.answer("GET", f"{path}/mage", payload=state())
    found = await service(client, section).get(*owner, "mage")
    assert type(found) is ProgressionState
    assert (found.progression_key, found.step, found.points) == ("mage", 3, 290)
    assert sent(http) == ("GET", f"{path}/mage", None)


@owners
@pytest.mark.parametrize("verb", ["add", "subtract"])
@pytest.mark.parametrize("amount", [1, 2**63 - 1, 2**63, MOST])
async def test_points_go_out_whole(http: Http, client: LootLockerClient, section: str, verb: str, amount: int) -> None:
    path, owner = OWNERS[section]
    http.answer("POST", f"{path}/mage/points/{verb}", payload=update(points=amount))
    found = await getattr(service(client, section), f"{verb}_points")(*owner, "mage", amount=amount)
    assert type(found) is ProgressionStateUpdate
    assert found.points == amount
    assert [reached.step for reached in found.awarded_tiers] == [2, 3]
    assert sent(http) == ("POST", f"{path}/mage/points/{verb}", {"amount": amount})


@owners
@pytest.mark.parametrize("amount", [0, -1, 2**64, 10**30, True, "5", 1.0, None])
async def test_amounts_that_do_not_fit_stay_here(
    http: Http, client: LootLockerClient, section: str, amount: object
) -> None:
    _, owner = OWNERS[section]
    for verb in ("add_points", "subtract_points"):
        with pytest.raises(InvalidRequestError, match="amount"):
            await getattr(service(client, section), verb)(*owner, "mage", amount=amount)
    assert http.asked == []


@owners
async def test_points_whose_fate_is_unknown_are_not_sent_again(http: Http, section: str) -> None:
    path, owner = OWNERS[section]
    http.answer("POST", f"{path}/mage/points/add", status=502, repeat=True)
    async with LootLockerClient(KEY, base_url=BASE, retries=3) as client:
        with pytest.raises(OutcomeUnknownError):
            await service(client, section).add_points(*owner, "mage", amount=1)
    assert len(http.sent()) == 1


@owners
async def test_a_reset_sends_no_body(http: Http, client: LootLockerClient, section: str) -> None:
    path, owner = OWNERS[section]
    http.answer("POST", f"{path}/mage/reset", payload={**state(step=1, points=0), "awarded_tiers": None})
    found = await service(client, section).reset(*owner, "mage")
    assert (found.step, found.points, found.awarded_tiers) == (1, 0, ())
    assert sent(http) == ("POST", f"{path}/mage/reset", None)


@owners
async def test_a_deletion_gives_nothing(http: Http, client: LootLockerClient, section: str) -> None:
    path, owner = OWNERS[section]
    http.answer("DELETE", f"{path}/mage", status=204)
    assert await service(client, section).delete(*owner, "mage") is None
    assert sent(http) == ("DELETE", f"{path}/mage", None)
    http.answer("DELETE", f"{path}/mage", status=404, payload={"message": "none", "code": "not_found"})
    with pytest.raises(NotFoundError):
        await service(client, section).delete(*owner, "mage")


@owners
async def test_lists_go_on_after_the_key(http: Http, client: LootLockerClient, section: str) -> None:
    path, owner = OWNERS[section]
    items = [state(id=letter, points=2**63) for letter in "abc"]
    http.answer("GET", f"{path}?count=2", payload=page(items[:2], "b/?&=é"))
    http.answer("GET", f"{path}?after=b%2F%3F%26%3D%C3%A9&count=2", payload=page(items[2:], ""))
    found = await service(client, section).list(*owner, page_size=2).collect()
    assert [(item.id, item.points) for item in found] == [(letter, 2**63) for letter in "abc"]
    with pytest.raises(InvalidRequestError, match="page_size"):
        service(client, section).list(*owner, page_size=101)


@owners
async def test_keys_are_quoted(http: Http, client: LootLockerClient, section: str) -> None:
    _, owner = OWNERS[section]
    for key in ("", "..", "a/..", 5):
        with pytest.raises(InvalidRequestError, match="progression_key"):
            await service(client, section).get(*owner, key)
    assert http.asked == []


# ----------------------------------------------------------------------------------------------------- the game's own
async def test_tiers_go_on_after_the_step(http: Http, client: LootLockerClient) -> None:
    http.answer("GET", "/progressions/mage/tiers?count=1", payload=page([tier(1)], 2**63))
    http.answer("GET", f"/progressions/mage/tiers?after={2**63}&count=1", payload=page([tier(2**63 + 1)], None))
    found = await client.progressions.list_tiers("mage", page_size=1).collect()
    assert [item.step for item in found] == [1, 2**63 + 1]


async def test_tiers_are_not_walked_side_by_side(client: LootLockerClient) -> None:
    options: Any = {"concurrency": 4}
    assert client.progressions.list_tiers("mage", **options)._concurrency == 1


@pytest.mark.parametrize("step", [1, MOST, str(MOST)])
async def test_steps_go_up_to_64_bits(http: Http, client: LootLockerClient, step: int | str) -> None:
    http.answer("GET", f"/progressions/mage/tiers/{step}", payload=tier(int(step), points_threshold=MOST))
    found = await client.progressions.get_tier("mage", step)
    assert (found.step, found.points_threshold) == (int(step), MOST)
    for wrong in (0, 2**64):
        with pytest.raises(InvalidRequestError, match="step"):
            await client.progressions.get_tier("mage", wrong)


async def test_progressions_are_listed(http: Http, client: LootLockerClient) -> None:
    mage: dict[str, Any] = {"id": "01HX3Y7C9KQ5T2VBNRM8WDE6ZP", "key": "mage", "name": "Mage", "active": True}
    http.answer("GET", "/progressions?count=100", payload=page([mage]))
    http.answer("GET", "/progressions/mage", payload=mage)
    (found,) = await client.progressions.list().collect()
    assert found == await client.progressions.get("mage") == Progression(**mage)


# -------------------------------------------------------------------------------------------------------- both readers
@pytest.mark.parametrize("name", ["mage", 12], ids=["fast", "tolerant"])
@pytest.mark.parametrize("into", [ProgressionState, ProgressionStateUpdate])
@pytest.mark.parametrize("points", LARGE)
def test_large_points_survive_both_readers(name: object, into: type[Any], points: int) -> None:
    # A number where text is due is what the fast decoder refuses.
    raw = state(points=points, step=points, previous_threshold=points, next_threshold=points, progression_key=name)
    for told in (raw, {**raw, "points": str(points)}):
        found = serde.decode(json.dumps(told).encode(), into)
        values = (found.points, found.step, found.previous_threshold, found.next_threshold)
        assert values == (points,) * 4
        assert {type(value) for value in values} == {int}
        assert found.progression_key == str(name)
        assert from_dict(into, json.loads(json.dumps(to_dict(found)))) == found


@pytest.mark.parametrize("odd", [False, True], ids=["fast", "tolerant"])
def test_large_rewards_survive_both_readers(odd: bool) -> None:
    points = {"progression_id": 7 if odd else "7", "progression_key": "k", "progression_name": "n", "amount": MOST}
    coins = {"currency_name": "Gold", "currency_code": "gld", "amount": "12345678901234567890.000000001"}
    rewards = {**tier(1)["rewards"], "progression_points_rewards": [points], "currency_rewards": [coins]}
    body = json.dumps(page([tier(1), tier(MOST, points_threshold=MOST, rewards=rewards)], MOST)).encode()
    found = serde.decode(body, ProgressionTierPage)
    assert found.pagination.next_cursor == found.items[1].step == found.items[1].points_threshold == MOST
    (given,) = found.items[1].rewards.progression_points_rewards
    assert (given.progression_id, given.amount) == ("7", MOST)
    assert str(found.items[1].rewards.currency_rewards[0].amount) == coins["amount"]


@pytest.mark.parametrize("name", ["mage", 12], ids=["fast", "tolerant"])
def test_the_last_step_has_no_threshold(name: object) -> None:
    last = state(next_threshold=None, last_level_up=None, progression_key=name)
    gone = {key: value for key, value in last.items() if key not in {"next_threshold", "last_level_up"}}
    for raw in (last, gone):
        with collect_drift() as drift:
            found = serde.decode(json.dumps(raw).encode(), ProgressionState)
        assert found.next_threshold is found.last_level_up is found.points_to_next is None
        assert drift == []


@pytest.mark.parametrize(
    ("points", "threshold", "missing"),
    [(290, 500, 210), (0, MOST, MOST), (MOST - 1, MOST, 1), (500, 500, 0), (501, 500, 0), (290, None, None)],
)
def test_what_is_missing_for_the_next_step(points: int, threshold: int | None, missing: int | None) -> None:
    raw = json.dumps(update(points=points, next_threshold=threshold)).encode()
    for into in (ProgressionState, ProgressionStateUpdate):
        assert serde.decode(raw, into).points_to_next == missing


def test_an_update_is_a_state_and_the_tiers_reached() -> None:
    fields = [[(it.name, it.type) for it in attrs.fields(into)] for into in (ProgressionState, ProgressionStateUpdate)]
    assert fields[1][:-1] == fields[0]
    assert fields[1][-1][0] == "awarded_tiers"


def test_rewards_that_are_not_there_are_empty() -> None:
    found = serde.decode(json.dumps(tier(1, rewards={})).encode(), ProgressionTier)
    assert found.rewards.asset_rewards == found.rewards.currency_rewards == ()


# ------------------------------------------------------------------------------------------------------------ loadouts
EQUIPPED: dict[str, Any] = {
    "items": [
        {"variation_id": None, "instance_id": 77002, "mounted_at": "2025-02-05T17:02:10+00:00", "asset": {"id": 5}}
    ]
}

WHAT: list[dict[str, int]] = [
    {"instance_id": 77001},
    {"asset_id": 1201},
    {"asset_id": 1201, "asset_variation_id": 88},
    {"asset_id": 1201, "rental_option_id": 9},
    {"asset_id": 1201, "asset_variation_id": 88, "rental_option_id": 9},
]


@wearers
@pytest.mark.parametrize("what", WHAT, ids="+".join)
async def test_what_is_named_in_either_way_is_equipped(
    http: Http, client: LootLockerClient, kind: str, what: dict[str, int]
) -> None:
    path, wearer = LOADOUTS[kind]
    http.answer("POST", path, payload=EQUIPPED)
    found = await getattr(client.loadouts, f"equip_for_{kind}")(*wearer, **what)
    assert type(found) is Loadout
    assert sent(http) == ("POST", path, what)


@wearers
@pytest.mark.parametrize(
    ("what", "named"),
    [
        ({}, "instance_id"),
        ({"instance_id": 1, "asset_id": 2}, "not both"),
        ({"instance_id": 1, "asset_variation_id": 2}, "asset_variation_id"),
        ({"instance_id": 1, "rental_option_id": 2}, "rental_option_id"),
        ({"asset_variation_id": 2}, "asset_id"),
        ({"rental_option_id": 2}, "asset_id"),
        ({"instance_id": 0}, "instance_id"),
        ({"asset_id": 2**63}, "asset_id"),
        ({"asset_id": "5"}, "asset_id"),
    ],
)
async def test_what_does_not_go_together_stays_here(
    http: Http, client: LootLockerClient, kind: str, what: dict[str, Any], named: str
) -> None:
    _, wearer = LOADOUTS[kind]
    with pytest.raises(InvalidRequestError, match=named):
        await getattr(client.loadouts, f"equip_for_{kind}")(*wearer, **what)
    assert http.asked == []


@wearers
async def test_loadouts_are_read_and_taken_off(http: Http, client: LootLockerClient, kind: str) -> None:
    path, wearer = LOADOUTS[kind]
    http.answer("GET", path, payload=EQUIPPED)
    http.answer("DELETE", f"{path}/77002", payload={"items": None})
    (item,) = (await getattr(client.loadouts, f"get_for_{kind}")(*wearer)).items
    assert (item.instance_id, item.asset.id, item.rental, item.variation_id) == (77002, 5, None, None)
    assert item.mounted_at_datetime is not None
    assert item.mounted_at_datetime.isoformat() == item.mounted_at
    left = await getattr(client.loadouts, f"unequip_for_{kind}")(*wearer, 77002)
    assert left.items == ()
    assert [verb for verb, _, _ in http.sent()] == ["GET", "DELETE"]
