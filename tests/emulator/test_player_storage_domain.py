"""The domain logic of player storage, without sockets."""

from __future__ import annotations

import json

import pytest

from lootlocker_async.emulator import ServiceError, World, player_storage
from lootlocker_async.emulator.game import Game, Settings


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


def pair(key, value, **more):
    return {"key": key, "value": value, **more}


def stored(game, player):
    (found,) = player_storage.read(game, [player])["items"]
    assert found["player_id"] == player
    return {item["key"]: (item["value"], item["is_public"]) for item in found["items"]}


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


def test_writing_and_reading(game, world, player):
    other = world.add_player("Brand")
    payload = [
        {"player_id": player, "sets": [pair("difficulty", "hard"), pair("motto", "Onwards", is_public=True)]},
        {"player_id": other, "sets": [pair("difficulty", "easy", is_public=False)]},
    ]
    written = player_storage.write(game, payload)
    assert written == player_storage.read(game, [player, other, player])
    assert [entry["player_id"] for entry in written["items"]] == [player, other]
    assert stored(game, player) == {"difficulty": ("hard", False), "motto": ("Onwards", True)}
    assert stored(game, world.add_player()) == {}


def test_what_isnt_named_stays(game, player):
    player_storage.write(game, [{"player_id": player, "sets": [pair("a", "1", is_public=True), pair("b", "2")]}])
    written = player_storage.write(game, [{"player_id": player, "sets": [pair("a", ""), pair("c", "3")]}])
    assert stored(game, player) == {"a": ("", True), "b": ("2", False), "c": ("3", False)}
    assert [item["key"] for item in written["items"][0]["items"]] == ["a", "b", "c"]
    player_storage.write(game, [{"player_id": player, "sets": [pair("a", "4", is_public=False)]}])
    assert stored(game, player)["a"] == ("4", False)


def test_the_order_of_pairs_with_the_same_key(game, player):
    sets = [pair("a", "late", order=7), pair("a", "early", order=-3), pair("b", "first"), pair("b", "second")]
    player_storage.write(game, [{"player_id": player, "sets": sets}])
    assert stored(game, player) == {"a": ("late", False), "b": ("second", False)}


def test_only_what_is_public_can_be_looked_up(game, world, player):
    other = world.add_player("Brand")
    sets = [pair("open", "1", is_public=True), pair("also", "2", is_public=True), pair("closed", "3")]
    player_storage.write(game, [{"player_id": player, "sets": sets}])
    every = player_storage.lookup(game, [player, other])["storages"]
    assert [[item["key"] for item in entry["storage"]] for entry in every] == [["open", "also"], []]
    some = player_storage.lookup(game, [player], ["closed", "also", "none"])["storages"]
    assert some == [{"player_id": player, "storage": [{"key": "also", "value": "2", "is_public": True}]}]


def test_deleting(game, world, player):
    other = world.add_player("Brand")
    for each in (player, other):
        player_storage.write(game, [{"player_id": each, "sets": [pair("a", "1"), pair("b", "2")]}])
    player_storage.delete(game, [player, other], ["a", "none"])
    assert stored(game, player) == stored(game, other) == {"b": ("2", False)}
    assert refusal(player_storage.delete, game, [player, other], ["a"]) == (404, "keys")


def test_nobody(game, player):
    assert refusal(player_storage.read, game, [player, 424242]) == (404, "player_ids")
    assert refusal(player_storage.lookup, game, [424242]) == (404, "player_ids")
    assert refusal(player_storage.delete, game, [424242], ["a"]) == (404, "player_ids")
    payload = [{"player_id": each, "sets": [pair("a", "1")]} for each in (player, 424242)]
    with pytest.raises(ServiceError), game.transaction():
        player_storage.write(game, payload)
    assert stored(game, player) == {}


def test_a_world_has_its_storage_again(game, world, player):
    world.add_player_storage_pair(player, "open", "1", is_public=True)
    world.add_player_storage_pair(player, "closed", "2")
    copy = Game(Settings(server_key="key"))
    again = World(copy)
    again.add_player("Aurelia", player_id=player)
    for arguments in json.loads(json.dumps(world.export_player_storage_pairs())):
        again.add_player_storage_pair(**arguments)
    assert player_storage.read(copy, [player]) == player_storage.read(game, [player])
    copy.close()
    assert refusal(world.add_player_storage_pair, 424242, "a", "1") == (404, "player_id")
