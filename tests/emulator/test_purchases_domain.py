"""The domain logic of orders, without sockets."""

from __future__ import annotations

import pytest

from lootlocker_async.emulator import Clock, ServiceError, World, inventories, purchases
from lootlocker_async.emulator.game import Game, Settings


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


@pytest.fixture
def shield(world):
    return world.add_asset("Oak Shield", variations=[{"id": 2}], default_variation_id=2)


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


def instances(game, player):
    items = inventories.list_items(game, player)["items"]
    return [(item["instance_id"], item["acquisition_source"]) for item in items]


def test_an_order_that_succeeded_brought_its_products(game, world, player, shield, check_answer):
    order = world.add_order(player, products=[{"asset_id": shield}], status="succeeded", transaction_id="steam-1")
    answer = purchases.get_status(game, player, str(order))
    check_answer("purchases_get_status", 200, answer)
    (product,) = answer["products"]
    assert (answer["order_status"], product["variation_id"], product["asset"]["id"]) == ("succeeded", 2, shield)
    assert instances(game, player) == [(product["instance_id"], "purchase")]
    assert purchases.get_status(game, player, "steam-1") == answer
    assert purchases.get_status(game, player, "steam-1", products=False) == {"order_status": "succeeded"}


def test_an_open_order_brings_its_products_when_it_succeeds(game, world, player, shield):
    order = world.add_order(player, products=[{"asset_id": shield, "source": "steam"}])
    assert purchases.get_status(game, player, str(order)) == {"order_status": "open", "products": []}
    assert instances(game, player) == []
    for _ in range(2):
        world.set_order_status(order, "succeeded")
    ((instance, source),) = instances(game, player)
    assert source == "steam"
    world.set_order_status(order, "refunded")
    answer = purchases.get_status(game, player, str(order))
    assert (answer["order_status"], answer["products"][0]["instance_id"]) == ("refunded", instance)


def test_what_is_refused(game, world, player, shield):
    order = world.add_order(player, transaction_id="steam-1")
    other = world.add_player("Brand")
    assert refusal(purchases.get_status, game, 424242, str(order)) == (404, "player_id")
    assert refusal(purchases.get_status, game, other, str(order)) == (404, "purchase_id")
    assert refusal(purchases.get_status, game, player, "nonsense") == (404, "purchase_id")
    assert refusal(world.add_order, 424242) == (404, "player_id")
    assert refusal(world.add_order, player, status="lost") == (400, "status")
    assert refusal(world.add_order, player, order_id=order) == (409, "order_id")
    assert refusal(world.add_order, player, transaction_id="steam-1") == (409, "order_id")
    assert refusal(world.add_order, player, products=[{"asset_id": 424242}]) == (404, "asset_id")
    assert refusal(world.set_order_status, 424242, "failed") == (404, "order_id")
    assert refusal(world.set_order_status, order, "lost") == (400, "status")
    assert [exported["order_id"] for exported in world.export_orders()] == [order]


def test_an_order_that_cannot_be_delivered_does_not_succeed(game, world, player):
    crown = world.add_asset("Crown", unique_instance=True)
    world.grant(player, crown)
    order = world.add_order(player, products=[{"asset_id": crown}])
    assert refusal(world.set_order_status, order, "succeeded") == (409, "asset_id")
    assert purchases.get_status(game, player, str(order))["order_status"] == "open"


def test_an_exported_world_loads_to_the_same(world, game, player, shield):
    world.add_order(player, products=[{"asset_id": shield}], status="succeeded", transaction_id="steam-1")
    world.add_order(player, products=[{"asset_id": shield}], order_id=7)
    copied_game = Game(Settings(server_key="key"), clock=Clock(frozen=True), seed=9)
    copy = World(copied_game)
    copy.add_player("Aurelia", player_id=player)
    copy.add_asset("Oak Shield", id=shield, variations=[{"id": 2}], default_variation_id=2)
    exported = world.export_orders()
    for arguments in exported:
        copy.add_order(**arguments)
    assert copy.export_orders() == exported
    # The products that were brought already are in the exported inventory.
    assert instances(copied_game, player) == []
    copied_game.close()
