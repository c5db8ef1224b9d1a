"""Connected accounts and friends: the domain logic, and through the SDK."""

from __future__ import annotations

import json

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import ServiceError, World, connected_accounts, friends
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.ids import moment_of
from lootlocker_async.emulator.paging import PageRequest
from lootlocker_async.errors import NotFoundError

NOBODY = "01JZ6RHPGMB3EEVDPKH2BKJRVR"


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


def ulid_of(game, player):
    return game.store.one("SELECT ulid FROM players WHERE id = ?", player)["ulid"]


# ---------------------------------------------------------------------------------------------------------- accounts
def test_accounts_of_players(game, world):
    guest = world.add_player("Aurelia")
    player = world.add_player("Brand", platform="steam", identifier="76561198041672305")
    world.add_account(player, "discord", "318846027711512576")
    world.add_account(player, "xbox_one", "x1")
    world.add_account(player, "own_login", "o1")
    ulid = ulid_of(game, player)
    found = connected_accounts.of_players(game, [ulid, NOBODY, ulid], [guest, player, 424242])["player_platforms"]
    assert [(entry["player_id"], entry["legacy_player_id"]) for entry in found] == [
        (ulid, player), (ulid_of(game, guest), guest),
    ]  # fmt: skip
    accounts = {account["provider"]: account for account in found[0]["connected_accounts"]}
    assert {name: account["provider_name"] for name, account in accounts.items()} == {
        "discord": "Discord", "own_login": "Own Login", "steam": "Steam", "xbox": "Xbox",
    }  # fmt: skip
    assert accounts["steam"]["player_identifier"] == "76561198041672305"
    assert found[1]["connected_accounts"] == []
    assert connected_accounts.of_players(game) == {"player_platforms": []}


def test_at_most_25_players(game):
    assert connected_accounts.of_players(game, [NOBODY] * 20, [424242] * 5) == {"player_platforms": []}
    assert refusal(connected_accounts.of_players, game, [NOBODY] * 20, [424242] * 6) == (400, "player_ids")


async def test_accounts_through_the_sdk(emulator, api):
    player = emulator.world.add_player("Aurelia", platform="psn", identifier="p1")
    ulid = ulid_of(emulator.game, player)
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        (by_ulid,) = (await client.connected_accounts.list(player_ids=[ulid])).player_platforms
        (by_number,) = (await client.connected_accounts.list(legacy_player_ids=[player])).player_platforms
    assert by_ulid == by_number
    (account,) = by_ulid.connected_accounts
    assert (account.provider, account.provider_name, account.player_identifier) == ("psn", "PlayStation Network", "p1")
    many = {"player_ids": [NOBODY] * 25, "legacy_player_ids": [1]}
    await api.refused("POST", "/connected-accounts/v1/list", 400, json=many)
    assert await api.ok("POST", "/connected-accounts/v1/list", json={}) == {"player_platforms": []}


# ----------------------------------------------------------------------------------------------------------- friends
def test_friends_are_so_both_ways(game, world):
    first, second, third = (world.add_player(name) for name in ("Aurelia", None, "Cyra"))
    world.add_friendship(second, first, accepted_at="2026-04-19T11:06:55Z")
    world.add_friendship(first, third, accepted_at="2026-03-02T20:41:09Z")
    page = friends.page(game, ulid_of(game, first), PageRequest())
    assert [(friend["name"], friend["accepted_at"]) for friend in page["friends"]] == [
        ("Cyra", "2026-03-02T20:41:09Z"), (None, "2026-04-19T11:06:55Z"),
    ]  # fmt: skip
    assert page["pagination"]["total"] == 2
    (friend,) = friends.page(game, ulid_of(game, third), PageRequest())["friends"]
    assert friend["player_id"] == ulid_of(game, first)
    for other, answer in ((first, (400, "friend_id")), (third, (409, "friend_id")), (424242, (404, "friend_id"))):
        assert refusal(world.add_friendship, first, other) == answer
    assert refusal(world.add_friendship, third, first) == (409, "friend_id")
    assert refusal(friends.page, game, NOBODY, PageRequest()) == (404, "player_ulid")


def test_when_a_friend_was_made(game, world, clock):
    first, second = world.add_player("Aurelia"), world.add_player("Brand")
    odd = world.add_player("Cyra", ulid="not-a-ulid")
    made = clock.now()
    clock.advance(86400)
    for friend in (second, odd):
        world.add_friendship(first, friend)
    brand, cyra = friends.page(game, ulid_of(game, first), PageRequest())["friends"]
    assert brand["created_at"] == f"{made:%Y-%m-%dT%H:%M:%SZ}"
    assert brand["accepted_at"] == f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert "created_at" not in cyra


def test_the_moment_of_a_ulid(game, clock):
    moment = moment_of(game.ids.ulid(clock.now()))
    assert moment is not None
    assert abs((moment - clock.now()).total_seconds()) < 0.002
    for text in ("", "short", "U" * 26, "Z" * 26):
        assert moment_of(text) is None


def test_a_world_has_its_friendships_again(game, world):
    players = [world.add_player(name) for name in ("Aurelia", "Brand", "Cyra")]
    world.add_friendship(players[1], players[0])
    world.add_friendship(players[1], players[2], accepted_at="2026-03-02T20:41:09Z")
    exported = world.export_friendships()
    copy = Game(Settings(server_key="key"))
    again = World(copy)
    for arguments in world.export_players():
        again.add_player(**arguments)
    for arguments in json.loads(json.dumps(exported)):
        again.add_friendship(**arguments)
    assert again.export_friendships() == exported
    brand = ulid_of(game, players[1])
    assert friends.page(copy, brand, PageRequest()) == friends.page(game, brand, PageRequest())
    copy.close()


async def test_friends_through_the_sdk(emulator, api):
    player = emulator.world.add_player("Aurelia")
    for name in ("Brand", "Cyra", "Dara"):
        emulator.world.add_friendship(player, emulator.world.add_player(name))
    ulid = ulid_of(emulator.game, player)
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        assert [friend.name async for friend in client.friends.list(ulid, page_size=2)] == ["Brand", "Cyra", "Dara"]
        with pytest.raises(NotFoundError):
            _ = [friend async for friend in client.friends.list(NOBODY)]
    document = await api.ok("GET", f"/player/friends/{ulid}?per_page=2&page=2")
    assert [friend["name"] for friend in document["friends"]] == ["Dara"]
