"""Catalogs: what is sold and at what price, joined to the details of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeVar, cast

import attrs
import msgspec

from lootlocker_async.models.base import AwareDatetime, Seq, Soft, model, parsed, soft
from lootlocker_async.models.catalog_details import (
    CatalogAssetDetail,
    CatalogCurrencyDetail,
    CatalogEntryListings,
    CatalogProgressionPointsDetail,
    CatalogProgressionResetDetail,
    ThingDetail,
)
from lootlocker_async.models.metadata import MetadataEntry
from lootlocker_async.models.pagination import KeyPagination
from lootlocker_async.models.rewards import EntityKind, GroupPair

T = TypeVar("T")


@model
class Catalog:
    """A catalog.

    Attributes:
        created_at: When it was made.
        name: The catalog's name.
        key: The catalog's key, unique in the game.
        id: The catalog's ULID.
        deleted_at: When it was deleted; None or empty as a rule.
        deleted_at_datetime: `deleted_at` as an aware `datetime`; None where it is missing or cannot be read.
    """

    created_at: AwareDatetime | None = None
    name: str | None = None
    key: str
    id: str
    deleted_at: str | None = None

    deleted_at_datetime: ClassVar[parsed] = parsed("deleted_at")


# ------------------------------------------------------------------------------ by key: details come beside the entries
@model
class CatalogGroupAssociation:
    """One thing in a group, with its details, which the page that it came with has put in.

    Attributes:
        kind: What it is; says which details are there.
        id: The id of the thing.
        catalog_listing_id: The ULID of the entry that the group belongs to.
        asset_details: The asset; several that differ in variation or rental option may match. From the page.
        currency_detail: The amount of a currency. From the page.
        progression_point_detail: The progression points. From the page.
        progression_reset_detail: The progression that is reset. From the page.
    """

    kind: EntityKind
    id: str
    catalog_listing_id: Soft[str] = soft(default="")
    asset_details: Seq[CatalogAssetDetail] = ()
    currency_detail: CatalogCurrencyDetail | None = None
    progression_point_detail: CatalogProgressionPointsDetail | None = None
    progression_reset_detail: CatalogProgressionResetDetail | None = None

    @property
    def asset_detail(self) -> CatalogAssetDetail | None:
        """The asset: the first of `asset_details`."""
        return next(iter(self.asset_details), None)

    @property
    def details(self) -> ThingDetail | None:
        """The details, of whichever kind they are; None where the page had none."""
        return (
            self.asset_detail or self.currency_detail or self.progression_point_detail or self.progression_reset_detail
        )


@model
class CatalogGroupDetail:
    """Several things sold as one.

    Attributes:
        name: The group's name.
        description: What the group is.
        metadata: Keys and texts on the group.
        id: The group's id.
        catalog_listing_id: The ULID of the entry that this belongs to.
        associations: What is in the group, each thing with its details.
    """

    name: str | None = None
    description: str | None = None
    metadata: Seq[GroupPair] = ()
    id: str
    catalog_listing_id: str
    associations: Seq[CatalogGroupAssociation] = ()


@model
class CatalogEntryPrice:
    """What an entry costs in one currency.

    Attributes:
        amount: The price, a whole number unlike an amount in a wallet.
        display_amount: The price as a text to show.
        currency_code: The currency's short code.
        currency_name: The currency's name.
        price_id: The price's ULID.
        currency_id: The currency's ULID.
    """

    amount: int
    display_amount: str | None = None
    currency_code: str | None = None
    currency_name: str | None = None
    price_id: str
    currency_id: str


@model
class CatalogEntry:
    """Something that a catalog sells, with its details, which the page that it came with has put in.

    Attributes:
        created_at: When the entry was made.
        entity_kind: What is sold; says which details are there.
        listings: The listings in outside stores.
        entity_name: The name of the thing sold.
        prices: One price for each currency.
        entity_id: The id of the thing sold.
        catalog_listing_id: The entry's ULID.
        purchasable: Whether it can be bought now.
        non_refundable: Whether a purchase is final, going by the name; no source says so plainly.
        asset_details: The asset; several that differ in variation or rental option may match. From the page.
        currency_detail: The amount of a currency. From the page.
        progression_point_detail: The progression points. From the page.
        progression_reset_detail: The progression that is reset. From the page.
        group_detail: The group, each thing in it with its own details. From the page.
    """

    created_at: AwareDatetime | None = None
    entity_kind: EntityKind
    listings: CatalogEntryListings | None = None
    entity_name: str | None = None
    prices: Seq[CatalogEntryPrice] = ()
    entity_id: str
    catalog_listing_id: str
    purchasable: Soft[bool] = soft(default=False)
    non_refundable: Soft[bool] = soft(default=False)
    asset_details: Seq[CatalogAssetDetail] = ()
    currency_detail: CatalogCurrencyDetail | None = None
    progression_point_detail: CatalogProgressionPointsDetail | None = None
    progression_reset_detail: CatalogProgressionResetDetail | None = None
    group_detail: CatalogGroupDetail | None = None

    @property
    def asset_detail(self) -> CatalogAssetDetail | None:
        """The asset: the first of `asset_details`."""
        return next(iter(self.asset_details), None)

    @property
    def details(self) -> ThingDetail | CatalogGroupDetail | None:
        """The details, of whichever kind they are; None where the page had none."""
        return (
            self.asset_detail
            or self.currency_detail
            or self.progression_point_detail
            or self.progression_reset_detail
            or self.group_detail
        )


@model
class CatalogPage:
    """One page of a catalog; each entry has its details inside as well.

    Attributes:
        catalog: The catalog.
        entries: The entries.
        assets_details: Details of kind asset.
        progression_points_details: Details of kind progression_points.
        progression_resets_details: Details of kind progression_reset.
        currency_details: Details of kind currency.
        group_details: Details of kind group.
        pagination: Where the page stands in the catalog.
    """

    catalog: Catalog
    entries: Seq[CatalogEntry]
    assets_details: Seq[CatalogAssetDetail] = ()
    progression_points_details: Seq[CatalogProgressionPointsDetail] = ()
    progression_resets_details: Seq[CatalogProgressionResetDetail] = ()
    currency_details: Seq[CatalogCurrencyDetail] = ()
    group_details: Seq[CatalogGroupDetail] = ()
    pagination: KeyPagination

    def __attrs_post_init__(self) -> None:
        details = _Details(self)
        groups = tuple(details.put_into_group(group) for group in self.group_details)
        details.add(EntityKind.GROUP, "group_detail", groups)
        object.__setattr__(self, "group_details", groups)
        object.__setattr__(self, "entries", tuple(details.put_into(entry) for entry in self.entries))


class _Details:
    """The details on a page, found by kind, entry and thing."""

    def __init__(self, page: CatalogPage) -> None:
        self._lists: dict[str, tuple[str, Mapping[tuple[str, str], Sequence[Any]]]] = {}
        self.add(EntityKind.ASSET, "asset_details", page.assets_details)
        self.add(EntityKind.CURRENCY, "currency_detail", page.currency_details)
        self.add(EntityKind.PROGRESSION_POINTS, "progression_point_detail", page.progression_points_details)
        self.add(EntityKind.PROGRESSION_RESET, "progression_reset_detail", page.progression_resets_details)

    def add(self, kind: EntityKind, field: str, details: Iterable[ThingDetail | CatalogGroupDetail]) -> None:
        """Take in the details of a kind, which go into a field of what they belong to."""
        found: dict[tuple[str, str], list[ThingDetail | CatalogGroupDetail]] = {}
        for detail in details:
            found.setdefault((detail.catalog_listing_id, detail.id), []).append(detail)
        self._lists[kind] = field, found

    def put_into(self, entry: CatalogEntry) -> CatalogEntry:
        """The entry with its details; one that has some keeps them."""
        field, matches = self._find(entry.entity_kind, entry.catalog_listing_id, entry.entity_id)
        return _with(entry, _filled(field, matches)) if matches and entry.details is None else entry

    def put_into_group(self, group: CatalogGroupDetail) -> CatalogGroupDetail:
        """The group with the details of each thing in it."""
        times = Counter((thing.kind, thing.id) for thing in group.associations)
        met: Counter[tuple[str, str]] = Counter()
        things: list[CatalogGroupAssociation] = []
        for thing in group.associations:
            name = (thing.kind, thing.id)
            field, matches = self._find(thing.kind, thing.catalog_listing_id or group.catalog_listing_id, thing.id)
            if matches and thing.details is None:
                # A thing that is in the group more than once has its details in the same order.
                share = matches[met[name] :] if met[name] == times[name] - 1 else matches[met[name] :][:1]
                things.append(_with(thing, _filled(field, share or matches[-1:])))
            else:
                things.append(thing)
            met[name] += 1
        return _with(group, {"associations": tuple(things)})

    def _find(self, kind: str, listing: str, thing: str) -> tuple[str, Sequence[Any]]:
        field, found = self._lists.get(kind, ("", {}))
        return field, found.get((listing, thing), ())


def _with(whole: T, parts: dict[str, Any]) -> T:
    changed: T = attrs.evolve(cast("Any", whole), **parts)  # mypy holds models to be no attrs classes
    return changed


def _filled(field: str, matches: Sequence[Any]) -> dict[str, Any]:
    return {field: tuple(matches) if field == "asset_details" else matches[0]}


# ------------------------------------------------------------------------------------- by id: details come in the items
@model
class CatalogInlinedGroupAssociation:
    """One thing in a group, with its details; only the one of its kind is set.

    Attributes:
        kind: What it is; says which details are there.
        id: The id of the thing.
        catalog_listing_id: The ULID of the entry that the group belongs to.
        asset_detail: The asset.
        currency_detail: The amount of a currency.
        progression_point_detail: The progression points.
        progression_reset_detail: The progression that is reset.
    """

    kind: EntityKind
    id: str
    catalog_listing_id: Soft[str] = soft(default="")
    asset_detail: CatalogAssetDetail | None = None
    currency_detail: CatalogCurrencyDetail | None = None
    progression_point_detail: CatalogProgressionPointsDetail | None = None
    progression_reset_detail: CatalogProgressionResetDetail | None = None

    @property
    def details(self) -> ThingDetail | None:
        """The details, of whichever kind they are; None where there are none."""
        return (
            self.asset_detail or self.currency_detail or self.progression_point_detail or self.progression_reset_detail
        )


@model
class CatalogInlinedGroupDetail:
    """Several things sold as one, each with its details.

    Attributes:
        name: The group's name.
        description: What the group is.
        metadata: Keys and texts on the group.
        id: The group's id.
        catalog_listing_id: The ULID of the entry that this belongs to.
        associations: What is in the group.
    """

    name: str | None = None
    description: str | None = None
    metadata: Seq[GroupPair] = ()
    id: str
    catalog_listing_id: str
    associations: Seq[CatalogInlinedGroupAssociation] = ()


@model
class CatalogItem:
    """A catalog entry with its details inside; only the one of its kind is set.

    Attributes:
        created_at: When the entry was made.
        entity_kind: What is sold; says which details are there.
        listings: The listings in outside stores.
        entity_name: The name of the thing sold.
        prices: One price for each currency.
        entity_id: The id of the thing sold.
        catalog_listing_id: The entry's ULID.
        purchasable: Whether it can be bought now.
        non_refundable: Whether a purchase is final, going by the name; no source says so plainly.
        asset_detail: The asset.
        currency_detail: The amount of a currency.
        progression_point_detail: The progression points.
        progression_reset_detail: The progression that is reset.
        group_detail: The group, each thing in it with its own details.
        metadata: The item's metadata, where it was asked for.
    """

    created_at: AwareDatetime | None = None
    entity_kind: EntityKind
    listings: CatalogEntryListings | None = None
    entity_name: str | None = None
    prices: Seq[CatalogEntryPrice] = ()
    entity_id: str
    catalog_listing_id: str
    purchasable: Soft[bool] = soft(default=False)
    non_refundable: Soft[bool] = soft(default=False)
    asset_detail: CatalogAssetDetail | None = None
    currency_detail: CatalogCurrencyDetail | None = None
    progression_point_detail: CatalogProgressionPointsDetail | None = None
    progression_reset_detail: CatalogProgressionResetDetail | None = None
    group_detail: CatalogInlinedGroupDetail | None = None
    metadata: Seq[MetadataEntry] = ()

    @property
    def details(self) -> ThingDetail | CatalogInlinedGroupDetail | None:
        """The details, of whichever kind they are; None where there are none."""
        return (
            self.asset_detail
            or self.currency_detail
            or self.progression_point_detail
            or self.progression_reset_detail
            or self.group_detail
        )


@model
class CatalogItemError:
    """An id that led to no item.

    Attributes:
        id: The listing's ULID.
        reason: Why, such as `not_found`.
    """

    id: str
    reason: Soft[str] = soft(default="")


@model
class CatalogItemList:
    """The items that were found, and the ids that were not.

    Attributes:
        items: The items.
        errors: The ids that led to no item.
    """

    items: Seq[CatalogItem]
    errors: Seq[CatalogItemError] = ()


@model
class CatalogMetadataInclude:
    """Which metadata to put into the items.

    Attributes:
        all: All of it; left out, it counts as False.
        keys: These keys alone, looked at only without `all`.
    """

    all: bool | None = None
    keys: tuple[str, ...] | None = None


@model
class CatalogItemsIncludes:
    """What to put into the items besides their details.

    Attributes:
        metadata: Which metadata; none by default.
    """

    metadata: CatalogMetadataInclude | None = None


@model
class CatalogItemsByIdRequest:
    """The items wanted.

    Attributes:
        ids: The ULIDs of listings, of any catalogs; at least one, and a request takes 100.
        includes: What to put into the items besides their details.
    """

    ids: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    includes: CatalogItemsIncludes | None = None
