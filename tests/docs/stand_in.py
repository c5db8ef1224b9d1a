"""A service with as much of wallets, files, metadata and catalogs as the guides need and the emulator has not got."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import attrs
from aiohttp import web

PLAYER, LEADERBOARD, WALLET, GOLD, LISTING, GROUP_LISTING = (f"01HZ8Q2V6M4T9KDX3B7WNYRC5{end}" for end in "ABCDEF")
NOW = "2026-01-02T03:04:05Z"
routes = web.RouteTableDef()


@attrs.define
class StandIn:
    """What it keeps, and what it was asked to get wrong."""

    base_url: str = ""
    balance: Decimal = Decimal("1500.00")
    credits_to_lose: int = 0
    credits: int = 0
    files: dict[int, dict[str, Any]] = attrs.field(factory=dict)
    contents: dict[int, bytes] = attrs.field(factory=dict)
    credentials_at_the_host_of_files: list[str] = attrs.field(factory=list)


def of(request: web.Request) -> StandIn:
    return request.app[KEPT]


KEPT = web.AppKey("kept", StandIn)


@routes.post("/server/session")
async def start(request: web.Request) -> web.Response:
    return web.json_response({"token": "token-of-the-stand-in"})


# --------------------------------------------------------------------------------------------------------------- money
@routes.get("/server/wallet/holder/{holder}")
async def wallet(request: web.Request) -> web.Response:
    return web.json_response({"holder_id": PLAYER, "id": WALLET, "type": "player", "modifiers": []})


@routes.get("/server/currencies")
async def currencies(request: web.Request) -> web.Response:
    return web.json_response({"currencies": [{"id": GOLD, "name": "Gold", "code": "gld"}]})


@routes.get("/server/balances/wallet/{wallet}")
async def balances(request: web.Request) -> web.Response:
    gold = {"id": GOLD, "name": "Gold", "code": "gld"}
    return web.json_response(
        {"balances": [{"amount": f"{of(request).balance}", "currency": gold, "wallet_id": WALLET}]}
    )


@routes.post("/server/balances/credit")
async def credit(request: web.Request) -> web.Response:
    kept = of(request)
    kept.balance += Decimal((await request.json())["amount"])
    kept.credits += 1
    if kept.credits_to_lose:
        kept.credits_to_lose -= 1
        assert request.transport is not None
        request.transport.close()
    balance = {"amount": f"{kept.balance}", "currency_id": GOLD, "wallet_id": WALLET}
    return web.json_response({"balance": balance})


# --------------------------------------------------------------------------------------------------------------- files
@routes.post("/server/players/{player}/files")
async def upload(request: web.Request) -> web.Response:
    return await store(request, len(of(request).files) + 1)


@routes.put("/server/players/{player}/files/{file}")
async def update(request: web.Request) -> web.Response:
    return await store(request, int(request.match_info["file"]))


async def store(request: web.Request, number: int) -> web.Response:
    kept = of(request)
    form = await request.post()
    field = form["file"]
    assert isinstance(field, web.FileField)
    kept.contents[number] = field.file.read()
    purpose = form.get("purpose") or kept.files[number]["purpose"]
    kept.files[number] = {
        "id": number,
        "revision_id": LISTING,
        "name": kept.files[number]["name"] if number in kept.files else field.filename,
        "size": len(kept.contents[number]),
        "purpose": purpose,
        "public": False,
        "url": f"{kept.base_url.removesuffix('/server')}/elsewhere/{number}?signature=abc",
        "url_expires_at": NOW,
        "created_at": NOW,
    }
    return web.json_response(kept.files[number])


@routes.get("/server/players/{player}/files/{file}")
async def file(request: web.Request) -> web.Response:
    return web.json_response(of(request).files[int(request.match_info["file"])])


@routes.get("/elsewhere/{file}")
async def contents(request: web.Request) -> web.Response:
    kept = of(request)
    kept.credentials_at_the_host_of_files += [it for it in request.headers if it.lower().startswith("x-")]
    return web.Response(body=kept.contents[int(request.match_info["file"])])


# ------------------------------------------------------------------------------------------------ metadata and catalogs
@routes.get("/server/metadata/source/{source}/id/{id}")
async def metadata(request: web.Request) -> web.Response:
    entries = [
        {"key": "multiplier", "type": "number", "value": 1.25, "tags": ["ui"], "access": []},
        {"key": "title", "type": "string", "value": "Ember Cup", "tags": ["ui"], "access": []},
    ]
    pages = {"total": 2, "offset": 0, "per_page": 100, "last_page": 1, "current_page": 1, "next_page": None}
    return web.json_response({"entries": entries, "pagination": pages})


@routes.post("/server/metadata/")
async def apply(request: web.Request) -> web.Response:
    asked = await request.json()
    failed = {"action": "delete", "entry": {"key": "retired", "type": ""}, "error": "metadata not found"}
    answer = {"errors": [failed], "source": asked["source"], "source_id": asked["source_id"]}
    return web.json_response(answer, status=202)


def entry(kind: str, name: str, listing: str, thing: str) -> dict[str, Any]:
    price = {"amount": 100, "currency_code": "gld", "price_id": GOLD, "currency_id": GOLD}
    whole = {"entity_kind": kind, "entity_name": name, "prices": [price], "entity_id": thing}
    return {**whole, "catalog_listing_id": listing, "purchasable": True, "created_at": NOW}


BLADE = {"id": PLAYER, "legacy_id": 1201, "name": "Emberfang Blade", "catalog_listing_id": LISTING}


@routes.get("/server/catalogs/inspired-ibex/v1/key/{key}/prices")
async def catalog(request: web.Request) -> web.Response:
    inside = {"kind": "asset", "id": PLAYER, "catalog_listing_id": GROUP_LISTING}
    group = {"id": WALLET, "name": "Bundle", "catalog_listing_id": GROUP_LISTING, "associations": [inside]}
    answer = {
        "catalog": {"id": WALLET, "key": request.match_info["key"], "name": "Summer shop", "created_at": NOW},
        "entries": [entry("asset", "Blade", LISTING, PLAYER), entry("group", "Bundle", GROUP_LISTING, WALLET)],
        "assets_details": [BLADE, {**BLADE, "catalog_listing_id": GROUP_LISTING}],
        "group_details": [group],
        "pagination": {"total": 2, "next_cursor": "", "previous_cursor": ""},
    }
    return web.json_response(answer)


@routes.post("/server/catalogs/inspired-ibex/v1/catalog/items")
async def items(request: web.Request) -> web.Response:
    asked = await request.json()
    found = [{**entry("asset", "Blade", listing, PLAYER), "asset_detail": BLADE} for listing in asked["ids"]]
    return web.json_response({"items": found, "errors": []})


@asynccontextmanager
async def standing_in() -> AsyncGenerator[StandIn]:
    """The service, on a free port of this machine."""
    app = web.Application()
    app[KEPT] = kept = StandIn()
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        kept.base_url = "http://{}:{}/server".format(*runner.addresses[0][:2])
        yield kept
    finally:
        await runner.cleanup()
