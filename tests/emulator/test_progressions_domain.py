"""The domain logic of progressions, without sockets."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async.emulator import (
    Clock,
    ServiceError,
    World,
    progression_definitions as definitions,
    progressions,
    wallets,
)
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.game import Game, Settings

MOST = 2**64 - 1


@pytest.fixture
def player_id(world):
    return world.add_player("Ann")


@pytest.fixture
def owner(game, player_id):
    return progressions.player(game, player_id)


def rewards(*, points=(), resets=(), assets=(), currencies=()):
    return {
        "progression_points_rewards": [{"progression_key": key, "amount": amount} for key, amount in points],
        "progression_reset_rewards": [{"progression_key": key} for key in resets],
        "asset_rewards": [{"asset_id": asset_id} for asset_id in assets],
        "currency_rewards": [{"currency_code": code, "amount": amount} for code, amount in currencies],
    }


def tiers(*thresholds, **given):
    return [{"points_threshold": threshold, "rewards": given.get(f"at_{threshold}", {})} for threshold in thresholds]


def steps(update):
    return [tier["step"] for tier in update["awarded_tiers"]]


def standing(game, owner, key):
    state = progressions.get_state(game, owner, key)
    return state["step"], state["points"]


def refused(status, call, *args, **kwargs):
    with pytest.raises(ServiceError) as caught:
        call(*args, **kwargs)
    assert caught.value.status == status
    return caught.value


def test_points_reach_tiers_and_thresholds_belong_to_them(game, world, owner, clock):
    world.add_progression("mage", name="Mage", tiers=tiers(100, 250, 500))
    first = progressions.add_points(game, owner, "mage", 90)
    assert {name: first[name] for name in ("step", "points", "previous_threshold", "next_threshold")} == {
        "step": 1, "points": 90, "previous_threshold": 0, "next_threshold": 100,
    }  # fmt: skip
    assert (first["last_level_up"], first["awarded_tiers"]) == (None, [])
    second = progressions.add_points(game, owner, "mage", 200)
    assert (second["step"], second["previous_threshold"], second["next_threshold"]) == (3, 250, 500)
    assert steps(second) == [2, 3]
    assert second["last_level_up"] == rfc3339(clock.now())
    clock.advance(60)
    exactly = progressions.add_points(game, owner, "mage", 210)
    assert (exactly["step"], exactly["next_threshold"], steps(exactly)) == (4, None, [4])
    assert exactly["last_level_up"] == rfc3339(clock.now())
    assert exactly["id"] == first["id"] != exactly["progression_id"]


def test_a_step_that_is_lost_and_reached_again_is_awarded_again(game, world, owner, player_id):
    asset_id = world.add_asset("Blade")
    world.add_progression("mage", tiers=tiers(100, at_100=rewards(assets=[asset_id])))
    reached = progressions.add_points(game, owner, "mage", 120)
    lost = progressions.subtract_points(game, owner, "mage", 50)
    assert (lost["step"], lost["points"], lost["awarded_tiers"]) == (1, 70, [])
    assert lost["last_level_up"] == reached["last_level_up"]
    assert steps(progressions.add_points(game, owner, "mage", 50)) == [2]
    assert world.inventory_size(player_id) == 2


def test_points_never_go_below_none(game, world, owner):
    world.add_progression("mage", tiers=tiers(100))
    progressions.add_points(game, owner, "mage", 40)
    assert progressions.subtract_points(game, owner, "mage", MOST)["points"] == 0


def test_a_reset_goes_back_to_the_start_and_stays_there(game, world, owner):
    world.add_progression("mage", tiers=tiers(100))
    progressions.add_points(game, owner, "mage", 140)
    back = progressions.reset(game, owner, "mage")
    assert (back["step"], back["points"], back["last_level_up"], back["awarded_tiers"]) == (1, 0, None, [])
    assert progressions.reset(game, owner, "mage") == back


def test_all_64_bits_are_exact(game, world, owner):
    world.add_progression("far", tiers=tiers(2**63 - 1, 2**63, MOST))
    assert steps(progressions.add_points(game, owner, "far", 2**63 - 1)) == [2]
    assert steps(progressions.add_points(game, owner, "far", 1)) == [3]
    last = progressions.add_points(game, owner, "far", MOST - 2**63)
    assert (last["points"], last["previous_threshold"], last["step"]) == (MOST, MOST, 4)
    error = refused(400, progressions.add_points, game, owner, "far", 1)
    assert (error.code, error.param) == ("parameter_invalid", "amount")
    assert progressions.subtract_points(game, owner, "far", 1)["points"] == MOST - 1


def test_a_reward_that_is_too_much_to_count_stops_at_the_most(game, world, owner, player_id):
    world.add_progression("far")
    progressions.add_points(game, owner, "far", MOST - 1)
    progressions.award_points(game, player_id, "far", 5)
    assert standing(game, owner, "far") == (1, MOST)


def test_tiers_give_assets_currency_points_and_resets(game, world, owner, player_id):
    asset_id = world.add_asset("Blade")
    world.add_currency("gld", name="Gold")
    world.add_progression("streak", tiers=tiers(5))
    world.add_progression("season", tiers=tiers(20))
    given = rewards(points=[("season", 25)], resets=["streak"], assets=[asset_id], currencies=[("gld", "250.10")])
    world.add_progression("mage", tiers=tiers(100, at_100=given))
    progressions.add_points(game, owner, "streak", 7)
    update = progressions.add_points(game, owner, "mage", 100)
    (tier,) = update["awarded_tiers"]
    assert tier["rewards"] == {
        "progression_points_rewards": [
            {**definition(game, "season"), "amount": 25},
        ],
        "progression_reset_rewards": [definition(game, "streak")],
        "asset_rewards": [{"asset_id": asset_id, "asset_variation_id": None, "asset_rental_option_id": None}],
        "currency_rewards": [{"currency_code": "gld", "currency_name": "Gold", "amount": "250.10"}],
    }
    assert standing(game, owner, "season") == (2, 25)
    assert standing(game, owner, "streak") == (1, 0)
    assert world.inventory_size(player_id) == 1
    assert balance(game, player_id) == Decimal("250.10")


def definition(game, key):
    found = definitions.get(game, key)
    return {"progression_id": found["id"], "progression_key": found["key"], "progression_name": found["name"]}


def balance(game, player_id):
    ulid = game.store.one("SELECT ulid FROM players WHERE id = ?", player_id)[0]
    balances = wallets.list_balances(game, wallets.wallet_of(game, ulid, "player"))["balances"]
    return sum(Decimal(each["amount"]) for each in balances)


def test_a_cascade_runs_through_many_progressions(game, world, owner):
    count = 1500
    for number in range(count):
        world.add_progression(f"p{number}")
    for number in range(count - 1):
        world.add_progression_tier(f"p{number}", 10, rewards=rewards(points=[(f"p{number + 1}", 10)]))
    assert steps(progressions.add_points(game, owner, "p0", 10)) == [2]
    assert standing(game, owner, f"p{count - 1}") == (1, 10)


def test_tiers_that_lead_back_to_themselves_are_awarded_once_by_a_call(game, world, owner, player_id):
    asset_id = world.add_asset("Coin")
    world.add_progression("a")
    world.add_progression("b")
    world.add_progression_tier("a", 10, rewards=rewards(points=[("b", 10)], resets=["a"], assets=[asset_id]))
    world.add_progression_tier("b", 10, rewards=rewards(points=[("a", 10)], resets=["b"]))
    update = progressions.add_points(game, owner, "a", 10)
    assert steps(update) == [2]
    assert world.inventory_size(player_id) == 1
    assert (update["points"], standing(game, owner, "b")) == (10, (1, 0))


def test_a_tier_can_lift_its_own_progression_further(game, world, owner):
    world.add_progression("a")
    world.add_progression_tier("a", 10, rewards=rewards(points=[("a", 10)]))
    world.add_progression_tier("a", 20)
    update = progressions.add_points(game, owner, "a", 10)
    assert (steps(update), update["points"], update["step"]) == ([2, 3], 20, 3)


def test_what_a_player_cannot_get_does_not_hold_up_the_rest(game, world, owner, player_id):
    unique = world.add_asset("Crown", unique_instance=True)
    retired = world.add_asset("Old", active=False)
    blade = world.add_asset("Blade")
    world.grant(player_id, unique)
    world.add_progression("off", active=False)
    given = rewards(assets=[unique, retired, blade], points=[("off", 5)], resets=["off"])
    world.add_progression("mage", tiers=tiers(10, at_10=given))
    assert steps(progressions.add_points(game, owner, "mage", 10)) == [2]
    assert world.inventory_size(player_id) == 2
    refused(404, progressions.get_state, game, owner, "off")


def test_a_failure_in_a_reward_takes_everything_back(game, world, owner, player_id):
    blade = world.add_asset("Blade")
    world.add_progression("mage", tiers=tiers(10, at_10=rewards(assets=[blade])))
    game.store.execute("UPDATE progression_tiers SET rewards = replace(rewards, ?, ?)", str(blade), "999999")
    refused(404, progressions.add_points, game, owner, "mage", 10)
    refused(404, progressions.get_state, game, owner, "mage")


def test_owners_have_points_of_their_own_and_the_player_gets_the_rewards(game, world, owner, player_id):
    blade = world.add_asset("Blade")
    instance_id = world.grant(player_id, blade)
    character_id = world.add_character(player_id, "Warden")
    world.add_progression("season")
    given = rewards(assets=[blade], points=[("season", 3)])
    world.add_progression("mage", tiers=tiers(10, at_10=given))
    character = progressions.character(game, player_id, character_id)
    instance = progressions.asset_instance(game, player_id, instance_id)
    progressions.add_points(game, character, "mage", 10)
    progressions.add_points(game, instance, "mage", 4)
    assert (standing(game, character, "mage"), standing(game, instance, "mage")) == ((2, 10), (1, 4))
    refused(404, progressions.get_state, game, owner, "mage")
    assert standing(game, owner, "season") == (1, 3)
    assert world.inventory_size(player_id) == 2


def test_owners_must_be_there_and_belong_to_the_player(game, world, player_id):
    other = world.add_player("Ben")
    instance_id = world.grant(other, world.add_asset("Blade"))
    character_id = world.add_character(other)
    assert refused(404, progressions.player, game, 99999).param == "player_id"
    assert refused(404, progressions.character, game, player_id, character_id).param == "character_id"
    assert refused(404, progressions.asset_instance, game, player_id, instance_id).param == "asset_instance_id"
    refused(404, progressions.asset_instance, game, 99999, instance_id)


def test_the_points_of_an_instance_go_with_it(game, world, player_id):
    instance_id = world.grant(player_id, world.add_asset("Blade"))
    world.add_progression("mage")
    progressions.add_points(game, progressions.asset_instance(game, player_id, instance_id), "mage", 1)
    game.store.execute("DELETE FROM inventory WHERE instance_id = ?", instance_id)
    assert world.export_progression_states() == []


def test_a_progression_that_is_switched_off_is_read_and_left_but_not_changed(game, world, player_id, owner):
    world.add_progression("off", active=False)
    world.add_progression_state(player_id, "off", points=5)
    for change in (progressions.add_points, progressions.subtract_points):
        assert refused(400, change, game, owner, "off", 1).param == "progression_key"
    refused(400, progressions.reset, game, owner, "off")
    assert standing(game, owner, "off") == (1, 5)
    progressions.delete(game, owner, "off")
    refused(404, progressions.get_state, game, owner, "off")


def test_what_is_not_there_is_not_found(game, world, owner):
    world.add_progression("mage")
    for call, more in (
        (progressions.get_state, ()), (progressions.delete, ()), (progressions.reset, ()),
        (progressions.subtract_points, (1,)),
    ):  # fmt: skip
        refused(404, call, game, owner, "none", *more)
        refused(404, call, game, owner, "mage", *more)
    refused(404, progressions.add_points, game, owner, "none", 1)
    refused(404, definitions.get, game, "none")
    refused(404, definitions.list_tiers, game, "none")
    for step in (0, 2, 2**63, MOST):
        refused(404, definitions.get_tier, game, "mage", step)


def test_a_progression_is_found_by_its_ulid_too_and_deleting_starts_over(game, world, owner):
    ulid = world.add_progression("mage", tiers=tiers(10))
    first = progressions.add_points(game, owner, ulid, 10)
    progressions.delete(game, owner, ulid)
    again = progressions.add_points(game, owner, "mage", 10)
    assert (steps(again), again["points"]) == ([2], 10)
    assert again["id"] != first["id"]


def walk(list_page, count):
    after, seen = "", []
    while True:
        page = list_page(count=count, after=after)
        seen.append(page)
        after = page["pagination"]["next_cursor"]
        if not after:
            return seen


def test_pages_of_keys_lead_on_and_back(game, world, owner):
    for number in range(7):
        world.add_progression(f"p{number}")
        progressions.add_points(game, owner, f"p{number}", 1)
    pages = walk(lambda **place: progressions.list_states(game, owner, **place), 3)
    assert [len(page["items"]) for page in pages] == [3, 3, 1]
    assert {page["pagination"]["total"] for page in pages} == {7}
    assert sorted(item["progression_key"] for page in pages for item in page["items"]) == [f"p{n}" for n in range(7)]
    assert [page["pagination"]["previous_cursor"] for page in pages] == [None, "", pages[0]["items"][-1]["id"]]
    back = pages[2]["pagination"]["previous_cursor"]
    assert progressions.list_states(game, owner, count=3, after=back)["items"] == pages[1]["items"]
    listed = walk(lambda **place: definitions.list_progressions(game, **place), 4)
    assert [len(page["items"]) for page in listed] == [4, 3]


def test_a_cursor_holds_although_its_row_is_deleted(game, world, owner):
    for number in range(4):
        world.add_progression(f"p{number}")
        progressions.add_points(game, owner, f"p{number}", 1)
    whole = progressions.list_states(game, owner)["items"]
    cursor = progressions.list_states(game, owner, count=2)["pagination"]["next_cursor"]
    progressions.delete(game, owner, whole[1]["progression_key"])
    assert progressions.list_states(game, owner, after=cursor)["items"] == whole[2:]


def test_pages_of_tiers_go_on_after_a_step(game, world):
    world.add_progression("mage", tiers=tiers(*range(10, 50, 10)))
    first = definitions.list_tiers(game, "mage", count=2)
    assert first["pagination"] == {"total": 5, "next_cursor": 2, "previous_cursor": None}
    second = definitions.list_tiers(game, "mage", count=2, after=2)
    assert [item["step"] for item in second["items"]] == [3, 4]
    assert second["pagination"] == {"total": 5, "next_cursor": 4, "previous_cursor": 0}
    assert definitions.list_tiers(game, "mage", after=4)["pagination"]["next_cursor"] is None
    beyond = definitions.list_tiers(game, "mage", after=MOST)
    assert (beyond["items"], beyond["pagination"]["next_cursor"]) == ([], None)
    assert definitions.get_tier(game, "mage", 3)["points_threshold"] == 20


def test_tiers_must_rise_and_name_what_is_there(game, world):
    world.add_progression("mage", tiers=tiers(10))
    for threshold in (10, 9):
        refused(409, world.add_progression_tier, "mage", threshold)
    for threshold in (-1, 2**64):
        refused(400, world.add_progression_tier, "mage", threshold)
    for broken in (
        rewards(points=[("none", 1)]), rewards(resets=["none"]), rewards(assets=[99999]), rewards(currencies=[("x", 1)])
    ):  # fmt: skip
        refused(404, world.add_progression_tier, "mage", 20, rewards=broken)
    world.add_currency("gld")
    for broken in (
        {"gifts": []}, {"asset_rewards": [{}]}, rewards(points=[("mage", -1)]), rewards(currencies=[("gld", "0")]),
        rewards(currencies=[("gld", "1e5")]),
    ):  # fmt: skip
        refused(400, world.add_progression_tier, "mage", 20, rewards=broken)
    assert len(definitions.list_tiers(game, "mage")["items"]) == 2


def test_keys_and_ulids_are_each_ones_own(game, world, player_id):
    ulid = world.add_progression("mage")
    refused(409, world.add_progression, "mage")
    refused(409, world.add_progression, "other", progression_id=ulid)
    refused(400, world.add_progression, "")
    state_id = world.add_progression_state(player_id, "mage")
    refused(409, world.add_progression_state, player_id, "mage")
    world.add_progression("other")
    refused(409, world.add_progression_state, player_id, "other", state_id=state_id)
    refused(400, world.add_progression_state, player_id, "other", points=2**64)
    with pytest.raises(ValueError, match=re.escape("either a character's or an asset instance's")):
        world.add_progression_state(player_id, "other", character_id=1, asset_instance_id=1)


def test_a_progression_with_a_bad_tier_is_not_made_by_half(game, world):
    refused(409, world.add_progression, "mage", tiers=tiers(10, 5))
    assert world.export_progressions() == []


def test_the_first_tier_can_be_given_rewards_that_starting_does_not_award(game, world, owner, player_id):
    blade = world.add_asset("Blade")
    world.add_progression("mage", tiers=tiers(0, 10, at_0=rewards(assets=[blade])))
    assert definitions.get_tier(game, "mage", 1)["rewards"]["asset_rewards"][0]["asset_id"] == blade
    assert steps(progressions.add_points(game, owner, "mage", 1)) == []
    assert world.inventory_size(player_id) == 0


def test_a_world_that_was_exported_loads_again(game, world, player_id, clock):
    blade = world.add_asset("Blade")
    instance_id = world.grant(player_id, blade)
    character_id = world.add_character(player_id, "Warden")
    world.add_progression("a", name="A", tiers=tiers(10))
    world.add_progression("b", active=False)
    world.add_progression_tier("a", MOST, rewards=rewards(points=[("b", MOST)], resets=["a"], assets=[blade]))
    world.add_progression_tier("b", 10, rewards=rewards(points=[("a", 1)]))
    world.add_progression_state(player_id, "b", points=5)
    progressions.add_points(game, progressions.player(game, player_id), "a", MOST - 1)
    progressions.add_points(game, progressions.character(game, player_id, character_id), "a", 3)
    progressions.add_points(game, progressions.asset_instance(game, player_id, instance_id), "a", 4)

    other = Game(Settings(server_key="key"), clock=clock, seed=7)
    copy = World(other)
    copy.add_player("Ann", player_id=player_id)
    copy.add_asset("Blade", id=blade)
    assert (copy.grant(player_id, blade), copy.add_character(player_id, "Warden")) == (instance_id, character_id)
    for kind in ("progression", "progression_tier", "progression_state"):
        for arguments in getattr(world, f"export_{kind}s")():
            getattr(copy, f"add_{kind}")(**arguments)
    for kind in ("progressions", "progression_tiers", "progression_states"):
        exported = getattr(copy, f"export_{kind}")()
        assert exported
        assert exported == getattr(world, f"export_{kind}")()
    other.close()


@settings(max_examples=60, deadline=None)
@given(
    thresholds=st.sets(st.integers(1, MOST), max_size=8),
    changes=st.lists(st.tuples(st.sampled_from(["add", "subtract", "reset"]), st.integers(1, MOST)), max_size=8),
)
def test_where_one_stands_follows_from_the_points(thresholds, changes):
    game = Game(Settings(server_key="key"), clock=Clock(frozen=True))
    world = World(game)
    player_id = world.add_player("Ann")
    owner = progressions.player(game, player_id)
    ladder = [0, *sorted(thresholds)]
    world.add_progression("p", tiers=tiers(*ladder))
    world.add_progression_state(player_id, "p")
    points = 0
    for change, amount in changes:
        before = points
        if change == "add":
            if points + amount > MOST:
                refused(400, progressions.add_points, game, owner, "p", amount)
                continue
            points += amount
            update = progressions.add_points(game, owner, "p", amount)
        elif change == "subtract":
            points = max(0, points - amount)
            update = progressions.subtract_points(game, owner, "p", amount)
        else:
            points = 0
            update = progressions.reset(game, owner, "p")
        reached = [threshold for threshold in ladder if threshold <= points]
        assert (update["points"], update["step"], update["previous_threshold"]) == (points, len(reached), reached[-1])
        assert update["next_threshold"] == next((each for each in ladder if each > points), None)
        assert [t["points_threshold"] for t in update["awarded_tiers"]] == [t for t in reached if t > before]
    game.close()
