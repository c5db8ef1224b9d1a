"""Metadata through the SDK, over a real socket."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.errors import InvalidRequestError

BOARD = {"source": "leaderboard", "source_id": "01JY5NP2WPNHA8MCHVC83R8CYN"}
ICON = {"content_type": "image/png", "content": "aWNvbi1ieXRlcw=="}
LARGE = Decimal("123456789012345678901234567890.10")


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        yield client


async def test_actions_and_what_comes_of_them(client):
    entries = [
        {"action": "create", "key": "map_name", "type": "string", "value": "Frozen Canyon", "tags": ["map", "new"]},
        {"action": "upsert", "key": "worth", "type": "number", "value": LARGE, "tags": ["map"]},
        {"action": "upsert", "key": "many", "type": "number", "value": 10**40},
        {"action": "create", "key": "layout", "type": "json", "value": {"gravity": Decimal("9.80"), "laps": 3}},
        {"action": "create", "key": "icon", "type": "base64", "value": ICON, "access": ["game_api.read"]},
        {"action": "create", "key": "icon", "type": "base64", "value": ICON},
        {"action": "delete", "key": "old_layout"},
    ]
    result = await client.metadata.apply_actions(**BOARD, entries=entries)
    assert [(error.action, error.entry.key) for error in result.errors] == [
        ("create", "icon"),
        ("delete", "old_layout"),
    ]
    found = {entry.key: entry async for entry in client.metadata.list(**BOARD)}
    assert list(found) == ["map_name", "worth", "many", "layout", "icon"]
    assert str(found["worth"].as_number()) == str(LARGE)
    assert found["many"].as_number() == 10**40
    assert str(found["layout"].value["gravity"]) == "9.80"
    assert found["icon"].value == ICON
    assert tuple(found["icon"].access) == ("game_api.read",)
    tagged = [entry.key async for entry in client.metadata.list(**BOARD, tags=["new", "map"])]
    assert tagged == ["map_name"]
    (icon,) = [entry async for entry in client.metadata.list(**BOARD, key="icon", ignore_files=True)]
    assert icon.value == {"content_type": "application/x-redacted", "content": ""}
    pages = [page async for page in client.metadata.list(**BOARD, page_size=2).pages()]
    assert [len(page.items) for page in pages] == [2, 2, 1]


async def test_several_sources(client):
    player = {"source": "player", "source_id": "01JKTE8JVA5M5HJVKEF9APCAA7"}
    entry = {"action": "create", "key": "clan", "type": "string", "value": "Night Owls"}
    await client.metadata.apply_actions(**player, entries=[entry])
    found = await client.metadata.list_multisource(
        sources=[
            {"source": "leaderboard", "id": BOARD["source_id"], "keys": ["map_name"]},
            {"source": "player", "id": player["source_id"], "keys": ["clan", "other"]},
        ]
    )
    board, owls = found.metadata
    assert (board.source, list(board.entries)) == ("leaderboard", [])
    assert [(entry.key, entry.value) for entry in owls.entries] == [("clan", "Night Owls")]


async def test_what_the_contract_refuses(api):
    for entry, param in (
        ({"action": "create", "key": "a"}, "entries.0.type"),
        ({"action": "make", "key": "a"}, "entries.0.action"),
        ({"action": "delete", "key": ""}, "entries.0.key"),
        ({"action": "create", "key": "a", "type": "base64", "value": "text"}, "entries.0.value"),
    ):
        refused = await api.refused("POST", "/metadata/", 400, json={**BOARD, "entries": [entry]})
        assert refused["param"] == param
    body = '{"source":"asset","source_id":"1","entries":[{"action":"create","key":"a","type":"json","value":%s}]}'
    for address in ("/metadata/", "/metadata"):
        await api.ok("POST", address, data=body % "0.10", headers={"Content-Type": "application/json"})
    beyond = body % "1e9999999999999999999"
    refused = await api.refused("POST", "/metadata/", 400, data=beyond, headers={"Content-Type": "application/json"})
    assert refused["code"] == "body_invalid"


async def test_the_sdk_refuses_a_batch_of_nothing(client):
    with pytest.raises(InvalidRequestError):
        await client.metadata.apply_actions(**BOARD, entries=[])
