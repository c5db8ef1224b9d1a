"""The domain logic of rewards, without sockets."""

from __future__ import annotations

from decimal import Decimal

import jsonschema_rs
import pytest

from lootlocker_async.emulator import ServiceError, World, progressions, rewards, wallets
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.game import Game, Settings


@pytest.fixture
def player_id(world):
    return world.add_player("Ann")


@pytest.fixture
def blade(world):
    return world.add_asset(
        "Blade", ulid="01J8Q2W5Z7M3T4R6Y8N0B1C2D3", default_variation_id=7,
        variations=[{"id": 7, "name": "Plain"}, {"id": 8, "name": "Red"}],
        rental_options=[{"id": 3, "name": "A week", "duration": 604800}],
    )  # fmt: skip


@pytest.fixture
def bundle(world, blade):
    world.add_currency("gld", name="Gold")
    world.add_progression("season", name="Season")
    world.add_progression("streak", name="Streak")
    members = [
        world.add_reward("asset", asset_id=blade, asset_variation_id=8, asset_rental_option_id=3),
        world.add_reward("currency", currency_code="gld", amount="250.50"),
        world.add_reward("progression_points", progression_key="season", amount=2**64 - 1),
        world.add_reward("progression_reset", progression_key="streak"),
    ]
    pairs = [{"key": "tier", "value": "silver"}, {"key": "bare"}]
    return world.add_reward("group", name="Podium", description="Spoils", metadata=pairs, reward_ids=members)


def refused(status, call, *args, **kwargs):
    with pytest.raises(ServiceError) as caught:
        call(*args, **kwargs)
    assert caught.value.status == status
    return caught.value


def balance(game, player_id):
    ulid = game.store.one("SELECT ulid FROM players WHERE id = ?", player_id)[0]
    balances = wallets.list_balances(game, wallets.wallet_of(game, ulid, "player"))["balances"]
    return sum(Decimal(each["amount"]) for each in balances)


def test_a_group_gives_all_that_is_in_it(game, world, player_id, bundle, blade):
    owner = progressions.player(game, player_id)
    world.add_progression_state(player_id, "streak", points=9)
    (granted,) = rewards.pay(game, player_id, bundle, source="prize")
    assert (granted.asset["id"], granted.variation_id) == (blade, 8)
    row = game.store.one("SELECT * FROM inventory WHERE instance_id = ?", granted.instance_id)
    assert (row["rental_option_id"], row["source"]) == (3, "prize")
    assert balance(game, player_id) == Decimal("250.50")
    assert progressions.get_state(game, owner, "season")["points"] == 2**64 - 1
    assert progressions.get_state(game, owner, "streak")["points"] == 0


def test_a_reset_leaves_alone_who_is_not_on_it_and_what_is_switched_off(game, world, player_id):
    world.add_progression("season")
    world.add_progression("off", active=False)
    world.add_progression_state(player_id, "off", points=3)
    for arguments in ({"progression_key": "season"}, {"progression_key": "off"}):
        assert rewards.pay(game, player_id, world.add_reward("progression_reset", **arguments)) == []
    assert rewards.pay(game, player_id, world.add_reward("progression_points", progression_key="off", amount=3)) == []
    assert [(state["progression_key"], state["points"]) for state in world.export_progression_states()] == [("off", 3)]


def test_an_asset_that_a_player_cannot_have_is_not_given(game, world, player_id):
    crown = world.add_asset("Crown", unique_instance=True)
    reward_id = world.add_reward("asset", asset_id=crown)
    assert len(rewards.pay(game, player_id, reward_id)) == 1
    assert rewards.pay(game, player_id, reward_id) == []


def test_rewards_are_shown_as_the_contract_has_them(game, world, bundle, contract, clock):
    fields = rewards.document(game, bundle)
    shown = {"reward_id": bundle, "reward_kind": rewards.kind_of(game, bundle), "predicates": [], **fields}
    schemas = {"components": {"schemas": contract["components"]["schemas"]}}
    validator = jsonschema_rs.Draft202012Validator({"$ref": "#/components/schemas/LeaderboardReward", **schemas})
    assert list(validator.iter_errors(shown)) == []
    group = fields.pop("group")
    assert set(fields.values()) == {None}
    assert group["metadata"] == [{"key": "tier", "value": "silver"}, {"key": "bare", "value": None}]
    assert group["created_at"] == rfc3339(clock.now())
    asset, currency, points, reset = group["associations"]
    assert asset["kind"] == "asset"
    assert asset["asset"]["details"] == {
        "id": "01J8Q2W5Z7M3T4R6Y8N0B1C2D3", "legacy_id": asset["asset"]["asset_id"], "name": "Blade",
        "thumbnail": asset["asset"]["details"]["thumbnail"], "variation_id": 8, "variation_name": "Red",
        "rental_option_id": 3, "rental_option_name": "A week",
    }  # fmt: skip
    assert (currency["currency"]["amount"], currency["currency"]["details"]["code"]) == ("250.50", "gld")
    assert points["progression_points"]["amount"] == 2**64 - 1
    assert reset["progression_reset"]["details"]["key"] == "streak"
    assert "group" not in asset


def test_a_reward_that_is_no_group_has_details(game, world, bundle):
    member = rewards.document(game, bundle)["group"]["associations"][1]["currency"]
    assert rewards.details(game, member["reward_id"]) == member["details"]
    refused(400, rewards.details, game, bundle)


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (400, {"kind": "gift"}),
        (400, {"kind": "asset"}),
        (404, {"kind": "asset", "asset_id": 99999}),
        (400, {"kind": "currency", "currency_code": "gld"}),
        (400, {"kind": "currency", "amount": "1"}),
        (400, {"kind": "currency", "currency_code": "gld", "amount": "-1"}),
        (400, {"kind": "currency", "currency_code": "gld", "amount": Decimal("NaN")}),
        (404, {"kind": "currency", "currency_code": "none", "amount": "1"}),
        (400, {"kind": "progression_points", "progression_key": "season"}),
        (400, {"kind": "progression_points", "progression_key": "season", "amount": "1"}),
        (400, {"kind": "progression_points", "progression_key": "season", "amount": 2**64}),
        (404, {"kind": "progression_points", "progression_key": "none", "amount": 1}),
        (404, {"kind": "progression_reset", "progression_key": "none"}),
        (404, {"kind": "group", "reward_ids": ["none"]}),
    ],
)
def test_a_reward_must_say_what_it_gives(world, bundle, status, arguments):
    refused(status, world.add_reward, **arguments)


def test_an_asset_reward_names_a_variation_and_an_option_that_are_there(world, blade):
    refused(404, world.add_reward, "asset", asset_id=blade, asset_variation_id=1)
    refused(404, world.add_reward, "asset", asset_id=blade, asset_rental_option_id=1)


def test_groups_are_not_nested_and_ulids_not_taken_twice(game, world, bundle):
    refused(400, world.add_reward, "group", reward_ids=[bundle])
    refused(409, world.add_reward, "group", reward_id=bundle)
    refused(404, rewards.pay, game, 1, "none")
    assert refused(404, rewards.pay, game, 99999, bundle).param == "player_id"
    assert rewards.exists(game, bundle)
    assert not rewards.exists(game, "none")


def test_exported_rewards_load_again(game, world, bundle, blade, clock):
    other = Game(Settings(server_key="key"), clock=clock, seed=3)
    copy = World(other)
    copy.add_currency("gld")
    copy.add_asset("Blade", id=blade, variations=[{"id": 8}], rental_options=[{"id": 3, "duration": 9}])
    for arguments in world.export_progressions():
        copy.add_progression(**arguments)
    clock.advance(50)
    for arguments in world.export_rewards():
        copy.add_reward(**arguments)
    assert len(copy.export_rewards()) == 5
    assert copy.export_rewards() == world.export_rewards()
    other.close()
