"""The domain logic of triggers, without sockets."""

from __future__ import annotations

import pytest

from lootlocker_async.emulator import ServiceError, World, progressions, triggers
from lootlocker_async.emulator.game import Game, Settings

MOST = 2**63 - 1


@pytest.fixture
def player_id(world):
    return world.add_player("Ann")


def refused(status, call, *args, **kwargs):
    with pytest.raises(ServiceError) as caught:
        call(*args, **kwargs)
    assert caught.value.status == status
    return caught.value


def test_xp_reaches_levels(game, world, player_id):
    for level, threshold in ((5, 500), (6, 520), (7, 600)):
        world.add_xp_level(level, threshold)
    world.add_xp_level(1, 520, is_prestige=True)
    world.add_player_xp(player_id, 480)
    world.add_trigger("finished", xp=50)
    assert triggers.invoke(game, "finished", player_id) == {
        "xp": {"previous": 480, "current": 530},
        "levels": [
            {"level": 5, "is_prestige": False, "xp_threshold": 500},
            {"level": 1, "is_prestige": True, "xp_threshold": 520},
            {"level": 6, "is_prestige": False, "xp_threshold": 520},
        ],
        "granted_assets": [],
    }
    assert triggers.invoke(game, "finished", player_id)["levels"] == []
    assert triggers.xp_of(game, player_id) == 580


def test_xp_stops_at_the_most_that_can_be_counted(game, world, player_id):
    world.add_player_xp(player_id, MOST - 1)
    world.add_trigger("finished", xp=50)
    assert triggers.invoke(game, "finished", player_id)["xp"]["current"] == MOST


def test_assets_and_rewards_land_with_the_player(game, world, player_id):
    blade = world.add_asset("Blade")
    crown = world.add_asset("Crown", unique_instance=True)
    shield = world.add_asset("Shield", variations=[{"id": 4, "name": "Red"}])
    world.add_progression("season")
    given = [
        world.add_reward("asset", asset_id=shield, asset_variation_id=4),
        world.add_reward("progression_points", progression_key="season", amount=3),
    ]
    world.add_trigger("finished", asset_rewards=[{"asset_id": blade}, {"asset_id": crown}], reward_ids=given)
    first = triggers.invoke(game, "finished", player_id)
    assert first["xp"] is None
    assert [asset["id"] for asset in first["granted_assets"]] == [blade, crown, shield]
    second = triggers.invoke(game, "finished", player_id)
    assert [asset["id"] for asset in second["granted_assets"]] == [blade, shield]
    assert world.inventory_size(player_id) == 5
    assert progressions.get_state(game, progressions.player(game, player_id), "season")["points"] == 6
    sources = {row["source"] for row in game.store.rows("SELECT source FROM inventory")}
    assert sources == {"trigger"}


def test_one_that_a_player_can_have_once_is_refused_after_that(game, world, player_id):
    other = world.add_player("Ben")
    world.add_trigger("welcome", xp=10, once=True)
    triggers.invoke(game, "welcome", player_id)
    error = refused(409, triggers.invoke, game, "welcome", player_id)
    assert (error.code, error.param) == ("conflict", "name")
    assert triggers.xp_of(game, player_id) == 10
    assert triggers.invoke(game, "welcome", other)["xp"] == {"previous": 0, "current": 10}


def test_what_is_not_there_is_not_found(game, world, player_id):
    world.add_trigger("welcome")
    assert refused(404, triggers.invoke, game, "none", player_id).param == "name"
    assert refused(404, triggers.invoke, game, "welcome", 99999).param == "player_id"
    refused(404, world.add_trigger, "other", asset_rewards=[{"asset_id": 99999}])
    refused(404, world.add_trigger, "other", reward_ids=["none"])
    refused(404, world.add_trigger_use, "none", player_id)
    refused(404, world.add_player_xp, 99999, 1)


def test_what_makes_no_sense_is_refused(world, player_id):
    world.add_trigger("welcome")
    world.add_xp_level(1, 100)
    refused(409, world.add_trigger, "welcome")
    refused(409, world.add_xp_level, 1, 200)
    refused(400, world.add_trigger, "")
    refused(400, world.add_trigger, "other", xp=-1)
    refused(400, world.add_trigger, "other", asset_rewards=[{}])
    refused(400, world.add_player_xp, player_id, MOST + 1)


def test_an_exported_world_loads_again(game, world, player_id, clock):
    blade = world.add_asset("Blade")
    world.add_progression("season")
    world.add_reward("progression_reset", progression_key="season")
    world.add_trigger("daily", xp=5, asset_rewards=[{"asset_id": blade}])
    world.add_trigger("welcome", once=True, reward_ids=[each["reward_id"] for each in world.export_rewards()])
    world.add_xp_level(1, 100, is_prestige=True)
    for name in ("daily", "welcome", "daily"):
        triggers.invoke(game, name, player_id)

    other = Game(Settings(server_key="key"), clock=clock, seed=3)
    copy = World(other)
    copy.add_player("Ann", player_id=player_id)
    copy.add_asset("Blade", id=blade)
    kinds = ("progression", "reward", "trigger", "xp_level", "trigger_use", "player_xp")
    for kind in kinds:
        for arguments in getattr(world, f"export_{kind}s")():
            getattr(copy, f"add_{kind}")(**arguments)
    for kind in kinds:
        assert getattr(copy, f"export_{kind}s")() == getattr(world, f"export_{kind}s")() != []
    refused(409, triggers.invoke, other, "welcome", player_id)
    assert copy.export_trigger_uses()[0] == {"name": "daily", "player_id": player_id, "times": 2}
    other.close()
