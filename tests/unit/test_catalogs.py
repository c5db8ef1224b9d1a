"""Catalog entries know their details, wherever those came; items by id come in parts of a hundred."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from lootlocker_async import InvalidRequestError, LootLockerClient, NotFoundError, from_dict, to_dict
from lootlocker_async.core import serde
from lootlocker_async.errors import BatchError
from lootlocker_async.models.base import collect_drift
from lootlocker_async.models.catalog_details import (
    CatalogAssetDetail,
    CatalogCurrencyDetail,
    CatalogProgressionPointsDetail,
    CatalogProgressionResetDetail,
)
from lootlocker_async.models.catalogs import (
    CatalogEntry,
    CatalogGroupAssociation,
    CatalogGroupDetail,
    CatalogItem,
    CatalogItemList,
    CatalogItemsIncludes,
    CatalogMetadataInclude,
    CatalogPage,
)
from lootlocker_async.models.rewards import EntityKind
from tests.unit.support import Http, callback_result

CONTRACT = Path(__file__).parents[1] / "contract" / "server-api.openapi.yaml"
BY_KEY = "/catalogs/inspired-ibex/v1/key/{catalog_key}/prices"
BY_ID = "/catalogs/inspired-ibex/v1/catalog/items"
SHOP = "/catalogs/inspired-ibex/v1/key/shop/prices"


class _Loader(yaml.CSafeLoader):
    """Leaves dates as the texts they are."""


_Loader.yaml_implicit_resolvers = {
    first: [it for it in resolvers if it[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(CONTRACT.read_text(encoding="utf-8"), _Loader)
    return found


def example(contract: dict[str, Any], path: str, verb: str) -> Any:
    return copy.deepcopy(contract["paths"][path][verb]["responses"]["200"]["content"]["application/json"]["example"])


@pytest.fixture
def raw_page(contract: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = example(contract, BY_KEY, "get")
    return found


def read(raw: Any) -> CatalogPage:
    return serde.decode(json.dumps(raw).encode(), CatalogPage)


def entry(kind: str, thing: str, listing: str, **more: Any) -> dict[str, Any]:
    known = {"purchasable": True, "non_refundable": False}
    return {"entity_kind": kind, "entity_id": thing, "catalog_listing_id": listing, **known, **more}


def asset(thing: str, listing: str, number: int, **more: Any) -> dict[str, Any]:
    return {"id": thing, "catalog_listing_id": listing, "legacy_id": number, **more}


def coins(thing: str, listing: str, amount: str) -> dict[str, Any]:
    return {"id": thing, "catalog_listing_id": listing, "amount": amount}


def group(thing: str, listing: str, *things: tuple[str, str]) -> dict[str, Any]:
    parts = [{"kind": kind, "id": part, "catalog_listing_id": listing} for kind, part in things]
    return {"id": thing, "catalog_listing_id": listing, "associations": parts}


def page(*entries: dict[str, Any], cursor: str | None = None, **details: Any) -> dict[str, Any]:
    pagination = {"total": len(entries), "next_cursor": cursor}
    return {"catalog": {"key": "shop", "id": "c"}, "entries": entries, "pagination": pagination, **details}


# ------------------------------------------------------------------------------------------------------- the details
def test_each_entry_knows_its_details(raw_page: dict[str, Any]) -> None:
    sword, gold, points, reset, bundle = read(raw_page).entries
    assert isinstance(sword.details, CatalogAssetDetail)
    assert (sword.details, sword.asset_detail) == (sword.asset_details[0], sword.asset_details[0])
    assert sword.details.legacy_id == 482
    assert isinstance(gold.details, CatalogCurrencyDetail)
    assert gold.details is gold.currency_detail
    assert gold.details.amount == Decimal(500)
    assert isinstance(points.details, CatalogProgressionPointsDetail)
    assert (points.details.key, points.details.amount) == ("battle_pass", 1000)
    assert isinstance(reset.details, CatalogProgressionResetDetail)
    assert reset.details.key == "prestige"
    assert isinstance(bundle.details, CatalogGroupDetail)
    shield, more_gold = bundle.details.associations
    assert isinstance(shield.details, CatalogAssetDetail)
    assert shield.details.name == "Oak Shield"
    assert isinstance(more_gold.details, CatalogCurrencyDetail)
    assert more_gold.details.amount == Decimal(100)


def test_an_entry_has_the_details_of_its_kind_alone(raw_page: dict[str, Any]) -> None:
    for found in read(raw_page).entries:
        held = [found.asset_detail, found.currency_detail, found.progression_point_detail]
        held += [found.progression_reset_detail, found.group_detail]
        assert [it for it in held if it is not None] == [found.details]


def test_the_lists_of_the_page_stay(raw_page: dict[str, Any]) -> None:
    found = read(raw_page)
    assert [it.legacy_id for it in found.assets_details] == [482, 511]
    assert [it.amount for it in found.currency_details] == [Decimal(500), Decimal(100)]
    assert found.group_details == (found.entries[4].group_detail,)


def test_details_belong_to_the_entry_and_the_thing() -> None:
    found = read(
        page(
            entry("asset", "sword", "L1"),
            entry("asset", "sword", "L2"),
            entry("currency", "sword", "L1"),
            entry("asset", "shield", "L1"),
            entry("mystery", "sword", "L1"),
            assets_details=[asset("sword", "L2", 2), asset("sword", "L1", 1)],
        )
    )
    assert [it.asset_detail and it.asset_detail.legacy_id for it in found.entries] == [1, 2, None, None, None]
    assert [it.details for it in found.entries[2:]] == [None, None, None]
    assert not found.entries[4].entity_kind.is_known


def test_an_asset_in_several_variations() -> None:
    details = [asset("sword", "L1", 1, variation_id=number) for number in (7, 8)]
    (sword,) = read(page(entry("asset", "sword", "L1"), assets_details=details)).entries
    assert [it.variation_id for it in sword.asset_details] == [7, 8]
    assert sword.details == sword.asset_details[0]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["5", "7"], ["5", "7"]),
        (["5"], ["5", "5"]),  # told once for both
        (["5", "7", "9"], ["5", "7"]),
        ([], [None, None]),
    ],
)
def test_a_thing_twice_in_a_group_has_its_details_in_their_order(
    amounts: list[str], expected: list[str | None]
) -> None:
    found = read(
        page(
            entry("group", "G", "L"),
            group_details=[group("G", "L", ("currency", "gold"), ("asset", "sword"), ("currency", "gold"))],
            currency_details=[coins("gold", "L", amount) for amount in amounts],
            assets_details=[asset("sword", "L", number) for number in (1, 2)],
        )
    )
    assert found.entries[0].group_detail is not None
    first, sword, second = found.entries[0].group_detail.associations
    assert [it.currency_detail and str(it.currency_detail.amount) for it in (first, second)] == expected
    assert [it.legacy_id for it in sword.asset_details] == [1, 2]


def test_an_asset_twice_in_a_group_is_shared_out() -> None:
    bundle = group("G", "L", ("asset", "sword"), ("asset", "sword"))
    swords = [asset("sword", "L", number) for number in (1, 2, 3)]
    (found,) = read(page(entry("group", "G", "L"), group_details=[bundle], assets_details=swords)).entries
    assert found.group_detail is not None
    parts = found.group_detail.associations
    assert [[it.legacy_id for it in part.asset_details] for part in parts] == [[1], [2, 3]]


def test_an_association_without_its_entry_is_of_its_group() -> None:
    bundle = group("G", "L", ("asset", "sword"))
    del bundle["associations"][0]["catalog_listing_id"]
    with collect_drift() as drift:
        (found,) = read(
            page(entry("group", "G", "L"), group_details=[bundle], assets_details=[asset("sword", "L", 1)])
        ).entries
    assert found.group_detail is not None
    assert found.group_detail.associations[0].details == found.group_detail.associations[0].asset_detail
    assert found.group_detail.associations[0].details is not None
    assert drift == [("missing", "CatalogGroupAssociation.catalog_listing_id", "''")]


@pytest.mark.parametrize("nothing", [{}, {"assets_details": None, "group_details": None, "currency_details": []}])
def test_a_page_without_details(nothing: dict[str, Any]) -> None:
    (found,) = read(page(entry("asset", "sword", "L1"), **nothing)).entries
    assert (found.details, found.asset_detail, found.asset_details) == (None, None, ())


def test_drift_is_told_once(raw_page: dict[str, Any]) -> None:
    del raw_page["entries"][0]["purchasable"]
    raw_page["entries"][1]["entity_kind"] = "brand_new"
    with collect_drift() as drift:
        read(raw_page)
    assert drift == [("missing", "CatalogEntry.purchasable", "False"), ("enum", "EntityKind", "brand_new")]


# ----------------------------------------------------------------------------------------------- what they live through
def test_entries_take_their_details_along(raw_page: dict[str, Any]) -> None:
    for found in read(raw_page).entries:
        assert pickle.loads(pickle.dumps(found)) == found
        assert copy.copy(found).details == copy.deepcopy(found).details == found.details
        again = from_dict(CatalogEntry, json.loads(json.dumps(to_dict(found))))
        assert (again, again.details, hash(again)) == (found, found.details, hash(found))
        assert attrs.evolve(found, entity_name="other").details == found.details
        assert not hasattr(found, "__dict__")


def test_pages_stay_what_they_are(raw_page: dict[str, Any]) -> None:
    found = read(raw_page)
    again = from_dict(CatalogPage, json.loads(json.dumps(to_dict(found))))
    assert again == found == pickle.loads(pickle.dumps(found)) == from_dict(CatalogPage, raw_page)
    assert attrs.evolve(found) == found
    assert attrs.evolve(found, assets_details=()).entries == found.entries


def test_a_page_changes_no_entry_that_others_hold() -> None:
    plain = CatalogEntry(
        entity_kind=EntityKind.ASSET, entity_id="sword", catalog_listing_id="L1", purchasable=True, non_refundable=True
    )
    other = read(page(entry("asset", "sword", "L1"), assets_details=[asset("sword", "L1", 1)]))
    again = attrs.evolve(other, entries=(plain,))
    assert plain.details is None
    assert again.entries[0].details is not None


def test_odd_answers_are_joined_too(raw_page: dict[str, Any]) -> None:
    clean = read(raw_page)
    raw_page["entries"][0]["prices"][0]["amount"] = "1.2e3"
    raw_page["assets_details"][0]["name"] = 5
    raw_page["group_details"][0]["associations"][1]["id"] = 7
    raw_page["currency_details"][1]["id"] = 7
    odd = read(raw_page)
    assert odd.entries[0].prices == clean.entries[0].prices
    assert odd.entries[0].asset_detail == attrs.evolve(clean.assets_details[0], name="5")
    assert odd.entries[4].group_detail is not None
    assert odd.entries[4].group_detail.associations[1] == CatalogGroupAssociation(
        kind=EntityKind.CURRENCY,
        id="7",
        catalog_listing_id=odd.entries[4].catalog_listing_id,
        currency_detail=attrs.evolve(clean.currency_details[1], id="7"),
    )


# ----------------------------------------------------------------------------------------------------------- the walk
async def test_a_walk_delivers_entries_with_their_details(client: LootLockerClient, http: Http) -> None:
    def answer(number: int, cursor: str | None) -> dict[str, Any]:
        entries = [entry("asset", f"a{number}{it}", f"L{number}{it}") for it in range(2)]
        details = [asset(f"a{number}{it}", f"L{number}{it}", 10 * number + it) for it in range(2)]
        return page(*entries, cursor=cursor, assets_details=details)

    http.answer("GET", f"{SHOP}?per_page=2", payload=answer(0, "k1"), repeat=True)
    http.answer("GET", f"{SHOP}?per_page=2&cursor=k1", payload=answer(1, ""), repeat=True)
    walk = client.catalogs.list_items_by_key("shop", page_size=2)
    numbers = []
    async for found in walk:
        assert isinstance(found.details, CatalogAssetDetail)
        numbers.append(found.details.legacy_id)
        if len(numbers) == 3:
            break
    rest = client.catalogs.list_items_by_key("shop", resume=json.loads(json.dumps(walk.checkpoint)))
    numbers += [it.asset_detail.legacy_id async for it in rest if it.asset_detail]
    assert numbers == [0, 1, 10, 11]
    first = await client.catalogs.list_items_by_key("shop", page_size=2)
    assert isinstance(first.answer, CatalogPage)
    assert first.items == first.answer.entries
    assert first.answer.catalog.key == "shop"


# -------------------------------------------------------------------------------------------------------- items by id
def test_items_hold_their_details(contract: dict[str, Any]) -> None:
    raw = json.dumps(example(contract, BY_ID, "post")).encode()
    with collect_drift() as drift:
        found = serde.decode(raw, CatalogItemList)
    assert drift == []
    sword, gold, points, reset, bundle = found.items
    kinds = [type(it.details).__name__.removeprefix("Catalog") for it in found.items]
    assert kinds == [
        "AssetDetail",
        "CurrencyDetail",
        "ProgressionPointsDetail",
        "ProgressionResetDetail",
        "InlinedGroupDetail",
    ]
    assert (sword.details, gold.details) == (sword.asset_detail, gold.currency_detail)
    assert (points.details, reset.details) == (points.progression_point_detail, reset.progression_reset_detail)
    assert bundle.group_detail is not None
    assert [it.details and it.details.name for it in bundle.group_detail.associations] == [
        "Oak Shield",
        "Gold",
        "Battle Pass",
        "Prestige",
    ]
    assert [it.key for it in sword.metadata] == ["rarity", "preview"]
    assert [(it.id, it.reason) for it in found.errors] == [("01JAGE4N09RGP0BTS0SPK8WX7V", "not_found")]
    assert from_dict(CatalogItemList, to_dict(found)) == found == pickle.loads(pickle.dumps(found))
    assert CatalogItem(entity_kind=EntityKind.ASSET, entity_id="a", catalog_listing_id="b").details is None


def answer_each(http: Http, *, fails: int | None = None) -> list[dict[str, Any]]:
    """Find the ids that are even, refuse the request that begins with a certain one."""
    asked: list[dict[str, Any]] = []

    def found(_url: object, **sent: Any) -> Any:
        body = json.loads(bytes(sent["data"]))
        asked.append(body)
        if body["ids"][0] == str(fails):
            return callback_result(status=404, payload={"message": "no"})
        items = [entry("asset", it, it) for it in body["ids"] if int(it) % 2 == 0]
        errors = [{"id": it, "reason": "not_found"} for it in body["ids"] if int(it) % 2]
        return callback_result(payload={"items": items, "errors": errors or None})

    http.answer("POST", BY_ID, callback=found, repeat=True)
    return asked


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (100, [100]), (101, [100, 1]), (350, [100, 100, 100, 50])])
async def test_any_number_of_ids(client: LootLockerClient, http: Http, count: int, sizes: list[int]) -> None:
    asked = answer_each(http)
    ids = [str(number) for number in range(count)]
    model = CatalogItemsIncludes(metadata=CatalogMetadataInclude(all=True))
    includes: list[CatalogItemsIncludes | dict[str, Any]] = [model, {"metadata": {"all": True}}]
    for given, included in zip((ids, tuple(ids)), includes, strict=True):
        asked.clear()
        found = await client.catalogs.list_items_by_id(ids=given, includes=included)
        assert sorted((len(it["ids"]) for it in asked), reverse=True) == sizes
        assert all(it["includes"] == {"metadata": {"all": True}} for it in asked)
        assert [it.entity_id for it in found.items] == ids[::2]
        assert [it.id for it in found.errors] == ids[1::2]


async def test_a_part_that_fails_leaves_the_others(client: LootLockerClient, http: Http) -> None:
    answer_each(http, fails=100)
    ids = [str(number) for number in range(250)]
    with pytest.raises(BatchError) as caught:
        await client.catalogs.list_items_by_id(ids=ids)
    error = caught.value
    assert (error.parts, [it.part for it in error.failures]) == (3, [1])
    assert isinstance(error.__cause__, NotFoundError)
    assert set(error.missing) == set(ids[100:200])
    assert isinstance(error.arrived, CatalogItemList)
    assert [it.entity_id for it in error.arrived.items] == [*ids[:100:2], *ids[200::2]]
    with pytest.raises(NotFoundError):
        await client.catalogs.list_items_by_id(ids=["100"])


@pytest.mark.parametrize(
    "ids", [[], None, 7, "text", [None], [1], ["\ud800"], {"a": 1}, ["1"] * 250 + [5], ["1"] * 250 + ["\ud800"]]
)
async def test_wrong_ids_stay_here(client: LootLockerClient, http: Http, ids: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"ids|CatalogItemsByIdRequest"):
        await client.catalogs.list_items_by_id(ids=ids)
    assert http.asked == []


@pytest.mark.parametrize("includes", [7, {"metadata": {"all": 1}}, {"metadata": {"keys": "rarity"}}, {"brand_new": 1}])
async def test_wrong_includes_stay_here(client: LootLockerClient, http: Http, includes: Any) -> None:
    with pytest.raises(InvalidRequestError, match="includes"):
        await client.catalogs.list_items_by_id(ids=["1"] * 250, includes=includes)
    assert http.asked == []
