"""Catalogs: what is for sale, at which prices, and what each thing is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from lootlocker_async.emulator import currencies, rewards
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game

STORES = (
    "apple_app_store", "google_play_store", "steam_store", "stripe_store", "epic_games_store", "playstation_store",
)  # fmt: skip
"""The stores outside of the game that a listing can be in."""
PAGE_SIZE = 50
"""How many entries a page has where a call doesn't say."""

_LARGEST = 2**63 - 1
_FIELDS = {
    "asset": "asset_detail", "currency": "currency_detail", "progression_points": "progression_point_detail",
    "progression_reset": "progression_reset_detail",
}  # fmt: skip
_LISTS = {
    "asset": "assets_details", "currency": "currency_details", "progression_points": "progression_points_details",
    "progression_reset": "progression_resets_details", "group": "group_details",
}  # fmt: skip
_GROUP = "group_detail"


@attrs.frozen(kw_only=True)
class Price:
    """What a listing costs in one currency.

    Attributes:
        currency_code: The currency's short code.
        amount: How much of it.
        display_amount: The price as a text to show; made of the amount and the currency's name by default.
        price_id: The price's ULID; a new one by default.
    """

    currency_code: str
    amount: int
    display_amount: str | None = None
    price_id: str | None = None


@attrs.frozen(kw_only=True)
class Listing:
    """What a catalog sells.

    Attributes:
        reward_id: The ULID of the reward that a buyer gets.
        prices: What it costs, in one currency or several.
        name: What it is called; as the thing itself by default.
        purchasable: Whether it can be bought now.
        non_refundable: Whether a purchase is final.
        stores: Its listings in stores outside of the game, by the store's name (one of `STORES`).
        listing_id: Its ULID; a new one by default.
        created_at: When it was made; now by default.
    """

    reward_id: str
    prices: Sequence[Price] = ()
    name: str | None = None
    purchasable: bool = True
    non_refundable: bool = False
    stores: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    listing_id: str | None = None
    created_at: str | None = None


@attrs.frozen
class _Thing:
    """What an entry or a member of a group is."""

    kind: str
    id: str
    name: str | None
    detail: Mapping[str, Any]


def create(
    game: Game, key: str, *, name: str | None = None, catalog_id: str | None = None, created_at: str | None = None
) -> str:
    """Makes a catalog.

    Returns:
        Its ULID.

    Raises:
        ServiceError: There is one with that key or ULID.
    """
    if game.store.row("SELECT 1 FROM catalogs WHERE key = ? OR id = ?", key, catalog_id):
        raise conflict("There is a catalog with this key or id", "key")
    now = game.clock.now()
    catalog_id = catalog_id or game.ids.ulid(now)
    game.store.insert(
        "INSERT INTO catalogs (id, key, name, created_at) VALUES (?, ?, ?, ?)",
        catalog_id, key, key if name is None else name, created_at or rfc3339(now),
    )  # fmt: skip
    return catalog_id


def add_listing(game: Game, catalog_key: str, listing: Listing) -> str:
    """Puts something into a catalog.

    Returns:
        The ULID of the listing.

    Raises:
        ServiceError: There is no such catalog, reward, currency or store, a price is out of range or the second one in
            its currency, or the ULID is taken.
    """
    unknown = listing.stores.keys() - set(STORES)
    if unknown:
        raise bad_request(f"There is no store {', '.join(sorted(unknown))}", "stores")
    now = game.clock.now()
    with game.transaction():
        catalog = _catalog(game, catalog_key)
        rewards.kind_of(game, listing.reward_id)
        if game.store.row("SELECT 1 FROM catalog_listings WHERE id = ?", listing.listing_id):
            raise conflict("There is a listing with this id", "listing_id")
        listing_id = listing.listing_id or game.ids.ulid(now)
        game.store.insert(
            "INSERT INTO catalog_listings"
            " (id, catalog_id, reward_id, name, purchasable, non_refundable, stores, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            listing_id, catalog["id"], listing.reward_id, listing.name, listing.purchasable, listing.non_refundable,
            json.dumps(dict(listing.stores)), listing.created_at or rfc3339(now),
        )  # fmt: skip
        for price in listing.prices:
            _add_price(game, listing_id, price)
    return listing_id


def _add_price(game: Game, listing_id: str, price: Price) -> None:
    if not 0 <= price.amount <= _LARGEST:
        raise bad_request(f"A price is from 0 to {_LARGEST}", "prices")
    currency_id = currencies.by_code(game, price.currency_code)["id"]
    if game.store.row(
        "SELECT 1 FROM catalog_prices WHERE id = ? OR (listing_id = ? AND currency_id = ?)",
        price.price_id, listing_id, currency_id,
    ):  # fmt: skip
        raise conflict("There is a price with this id or in this currency", "prices")
    game.store.insert(
        "INSERT INTO catalog_prices (id, listing_id, currency_id, amount, display_amount) VALUES (?, ?, ?, ?, ?)",
        price.price_id or game.ids.ulid(game.clock.now()), listing_id, currency_id, price.amount, price.display_amount,
    )  # fmt: skip


def list_by_key(game: Game, key: str, *, per_page: int = PAGE_SIZE, cursor: str | None = None) -> dict[str, Any]:
    """One page of a catalog, by the age of its listings, with the details of what is on it in lists of their own.

    A cursor is the id of the last listing before the page. Where a page has none before it, or only the first one,
    there is no previous cursor (a guess: nothing names the first page).

    Raises:
        ServiceError: There is no such catalog, or the cursor is of none of its listings.
    """
    catalog = _catalog(game, key)
    after = _sequence(game, catalog["id"], cursor) if cursor else 0
    size = min(per_page, _LARGEST - 1)
    rows = game.store.rows(
        "SELECT * FROM catalog_listings WHERE catalog_id = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        catalog["id"], after, size + 1,
    )  # fmt: skip
    shown = rows[:size]
    page: dict[str, Any] = {
        "catalog": {**catalog, "deleted_at": None},
        "entries": [],
        **{name: list[Any]() for name in _LISTS.values()},
        "pagination": {
            "total": game.store.count("SELECT count(*) FROM catalog_listings WHERE catalog_id = ?", catalog["id"]),
            "next_cursor": shown[-1]["id"] if len(rows) > size else None,
            "previous_cursor": _previous(game, catalog["id"], after, size),
        },
    }
    for row in shown:
        thing, members = _things(game, row["reward_id"])
        page["entries"].append(_entry(game, row, thing))
        own = {"id": thing.id, "catalog_listing_id": row["id"]}
        associations = [{"kind": member.kind, "id": member.id, "catalog_listing_id": row["id"]} for member in members]
        group = {"associations": associations} if thing.kind == "group" else {}
        page[_LISTS[thing.kind]].append({**thing.detail, **own, **group})
        for member in members:
            _append_once(page[_LISTS[member.kind]], _detail(member, row["id"]))
    return page


def list_by_id(
    game: Game, ids: Iterable[str], *, metadata: bool = False, metadata_keys: Iterable[str] = ()
) -> dict[str, Any]:
    """Listings of any catalogs with their details inside, each once, in the order of the ids; and the ids of none.

    Args:
        game: The game.
        ids: The ids of the listings.
        metadata: Whether all of their metadata is wanted.
        metadata_keys: The keys of the metadata that are wanted if not all of it is.
    """
    wanted = None if metadata else frozenset(metadata_keys)
    items: list[dict[str, Any]] = []
    errors: list[dict[str, str]] = []
    for listing_id in dict.fromkeys(ids):
        row = game.store.row("SELECT * FROM catalog_listings WHERE id = ?", listing_id)
        if row is None:
            errors.append({"id": listing_id, "reason": "not_found"})
        else:
            items.append({**_item(game, row), "metadata": _metadata(game, listing_id, wanted)})
    return {"items": items, "errors": errors} if errors else {"items": items}


def _item(game: Game, row: sqlite3.Row) -> dict[str, Any]:
    thing, members = _things(game, row["reward_id"])
    item: dict[str, Any] = {**_entry(game, row, thing), **dict.fromkeys((*_FIELDS.values(), _GROUP))}
    if thing.kind != "group":
        item[_FIELDS[thing.kind]] = _detail(thing, row["id"])
        return item
    associations = [
        {
            "kind": member.kind,
            "id": member.id,
            "catalog_listing_id": row["id"],
            **dict.fromkeys(_FIELDS.values()),
            _FIELDS[member.kind]: _detail(member, row["id"]),
        }
        for member in members
    ]
    item[_GROUP] = {**_detail(thing, row["id"]), "associations": associations}
    return item


def _metadata(game: Game, listing_id: str, wanted: frozenset[str] | None) -> list[dict[str, Any]] | None:
    if wanted is not None and not wanted:
        return None
    from lootlocker_async.emulator import metadata

    entries = metadata.entries(game, "catalog_item", listing_id)
    return [entry for entry in entries if wanted is None or entry["key"] in wanted]


def _things(game: Game, reward_id: str) -> tuple[_Thing, list[_Thing]]:
    document = rewards.document(game, reward_id)
    group = document["group"]
    if group is None:
        kind = rewards.kind_of(game, reward_id)
        return _thing(kind, document[kind]), []
    detail = {name: group[name] for name in ("name", "description", "metadata")}
    members = [_thing(member["kind"], member[member["kind"]]) for member in group["associations"]]
    return _Thing("group", group["reward_id"], group["name"], detail), members


def _thing(kind: str, reward: Mapping[str, Any]) -> _Thing:
    detail = dict(reward["details"])
    if kind == "asset":
        # Catalogs have no names of these, and their ids as text.
        for name in ("variation", "rental_option"):
            detail.pop(f"{name}_name", None)
            number = detail[f"{name}_id"]
            detail[f"{name}_id"] = None if number is None else str(number)
    return _Thing(kind, detail["id"], detail["name"], detail)


def _detail(thing: _Thing, listing_id: str) -> dict[str, Any]:
    return {**thing.detail, "id": thing.id, "catalog_listing_id": listing_id}


def _append_once(details: list[dict[str, Any]], detail: dict[str, Any]) -> None:
    if detail not in details:
        details.append(detail)


def _entry(game: Game, row: sqlite3.Row, thing: _Thing) -> dict[str, Any]:
    stores = json.loads(row["stores"])
    return {
        "created_at": row["created_at"],
        "entity_kind": thing.kind,
        "listings": {store: stores.get(store) for store in STORES} if stores else None,
        "entity_name": thing.name if row["name"] is None else row["name"],
        "prices": [_price(price) for price in _prices(game, row["id"])],
        "entity_id": thing.id,
        "catalog_listing_id": row["id"],
        "purchasable": bool(row["purchasable"]),
        "non_refundable": bool(row["non_refundable"]),
    }


def _prices(game: Game, listing_id: str) -> list[sqlite3.Row]:
    return game.store.rows(
        "SELECT p.*, c.code, c.name FROM catalog_prices p JOIN currencies c ON c.id = p.currency_id"
        " WHERE p.listing_id = ? ORDER BY p.sequence",
        listing_id,
    )


def _price(row: sqlite3.Row) -> dict[str, Any]:
    shown = row["display_amount"]
    return {
        "amount": row["amount"],
        "display_amount": f"{row['amount']} {row['name']}" if shown is None else shown,
        "currency_code": row["code"],
        "currency_name": row["name"],
        "price_id": row["id"],
        "currency_id": row["currency_id"],
    }


def _catalog(game: Game, key: str) -> dict[str, Any]:
    row = game.store.row("SELECT created_at, name, key, id FROM catalogs WHERE key = ?", key)
    if row is None:
        raise not_found("catalog", "catalog_key")
    return dict(row)


def _sequence(game: Game, catalog_id: str, cursor: str) -> int:
    row = game.store.row("SELECT sequence FROM catalog_listings WHERE id = ? AND catalog_id = ?", cursor, catalog_id)
    if row is None:
        raise bad_request("The cursor is of no listing of this catalog", "cursor")
    sequence: int = row["sequence"]
    return sequence


def _previous(game: Game, catalog_id: str, after: int, size: int) -> str | None:
    if not after:
        return None
    row = game.store.row(
        "SELECT id FROM catalog_listings WHERE catalog_id = ? AND sequence <= ?"
        " ORDER BY sequence DESC LIMIT 1 OFFSET ?",
        catalog_id, after, size,
    )  # fmt: skip
    return None if row is None else str(row["id"])


def export_catalogs(game: Game) -> list[dict[str, Any]]:
    """Every catalog, as the arguments of `create`."""
    rows = game.store.rows("SELECT key, name, id AS catalog_id, created_at FROM catalogs ORDER BY rowid")
    return [dict(row) for row in rows]


def export_listings(game: Game) -> list[dict[str, Any]]:
    """Every listing, as the fields of a `Listing` and the key of its catalog."""
    rows = game.store.rows(
        "SELECT l.*, c.key FROM catalog_listings l JOIN catalogs c ON c.id = l.catalog_id ORDER BY l.sequence"
    )
    return [
        {
            "catalog_key": row["key"],
            "reward_id": row["reward_id"],
            "prices": [
                {
                    "currency_code": price["code"],
                    "amount": price["amount"],
                    "display_amount": price["display_amount"],
                    "price_id": price["id"],
                }
                for price in _prices(game, row["id"])
            ],
            "name": row["name"],
            "purchasable": bool(row["purchasable"]),
            "non_refundable": bool(row["non_refundable"]),
            "stores": json.loads(row["stores"]),
            "listing_id": row["id"],
            "created_at": row["created_at"],
        }
        for row in rows
    ]
