"""Progressions and triggers through the SDK and over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import attrs
import pytest

from lootlocker_async import BadRequestError, ConflictError, LootLockerClient, NotFoundError
from lootlocker_async.emulator import Emulator, World

MOST = 2**64 - 1


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[LootLockerClient]:
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        yield client


@attrs.frozen
class Scene:
    world: World
    player_id: int
    character_id: int
    instance_id: int
    asset_id: int


@pytest.fixture
def scene(emulator: Emulator) -> Scene:
    world = emulator.world
    player_id = world.add_player("Ann")
    asset_id = world.add_asset("Blade")
    world.add_currency("gld", name="Gold")
    world.add_progression("season", name="Season")
    rewards = {
        "asset_rewards": [{"asset_id": asset_id}],
        "currency_rewards": [{"currency_code": "gld", "amount": "250"}],
        "progression_points_rewards": [{"progression_key": "season", "amount": 25}],
        "progression_reset_rewards": [{"progression_key": "season"}],
    }
    tiers = [{"points_threshold": 100, "rewards": rewards}, {"points_threshold": MOST}]
    world.add_progression("mage", name="Mage", tiers=tiers)
    character_id = world.add_character(player_id)
    return Scene(world, player_id, character_id, world.grant(player_id, asset_id), asset_id)


def bound(client, scene, owner):
    """The service of an owner's progressions, and what names the owner in its calls."""
    return {
        "player": (client.player_progressions, (scene.player_id,)),
        "character": (client.character_progressions, (scene.player_id, scene.character_id)),
        "asset_instance": (client.asset_instance_progressions, (scene.player_id, scene.instance_id)),
    }[owner]


owners = pytest.mark.parametrize("owner", ["player", "character", "asset_instance"])


async def test_progressions_are_listed_and_read(client, scene):
    listed = await client.progressions.list(page_size=1).collect()
    assert sorted(each.key for each in listed) == ["mage", "season"]
    mage = await client.progressions.get("mage")
    assert (mage.name, mage.active) == ("Mage", True)
    with pytest.raises(NotFoundError):
        await client.progressions.get("none")


async def test_tiers_are_listed_and_read(client, scene):
    tiers = await client.progressions.list_tiers("mage", page_size=2).collect()
    assert [(tier.step, tier.points_threshold) for tier in tiers] == [(1, 0), (2, 100), (3, MOST)]
    tier = await client.progressions.get_tier("mage", 2)
    assert tier == tiers[1]
    assert tier.rewards.currency_rewards[0].currency_name == "Gold"
    for step in (4, MOST):
        with pytest.raises(NotFoundError):
            await client.progressions.get_tier("mage", step)


@pytest.mark.parametrize("query", ["count=0", "count=101", "after=-1", "after=18446744073709551616", "after=x"])
async def test_pages_outside_the_contract_are_refused(api, scene, query):
    api.emulator.world.add_progression("long")
    document = await api.refused("GET", f"/progressions/mage/tiers?{query}", 400)
    assert document["param"] == query.partition("=")[0]


async def test_a_page_has_twenty_entries_where_none_are_asked_for(api, emulator):
    player_id = emulator.world.add_player("Ann")
    for number in range(21):
        emulator.world.add_progression(f"p{number}", tiers=[{"points_threshold": n} for n in range(1, 22)])
        emulator.world.add_progression_state(player_id, f"p{number}")
    for path in ("/progressions", "/progressions/p0/tiers", f"/players/{player_id}/progressions"):
        first = await api.ok("GET", path)
        assert len(first["items"]) == 20
        rest = await api.ok("GET", path, params={"after": first["pagination"]["next_cursor"], "count": 100})
        assert len(rest["items"]) == first["pagination"]["total"] - 20


@owners
async def test_points_are_added_and_tiers_awarded(client, scene, owner):
    service, names = bound(client, scene, owner)
    started = await service.add_points(*names, "mage", amount=40)
    assert (started.step, started.points, started.next_threshold, started.awarded_tiers) == (1, 40, 100, ())
    update = await service.add_points(*names, "mage", amount=60)
    assert [tier.step for tier in update.awarded_tiers] == [2]
    items = await client.inventories.list_for_player(scene.player_id).collect()
    assert [item.asset.id for item in items] == [scene.asset_id] * 2
    season = await client.player_progressions.get(scene.player_id, "season")
    assert season.points == 25
    (currency,) = update.awarded_tiers[0].rewards.currency_rewards
    assert str(currency.amount) == "250"


@owners
async def test_every_point_of_64_bits_arrives(client, scene, owner):
    service, names = bound(client, scene, owner)
    update = await service.add_points(*names, "mage", amount=MOST)
    assert (update.points, update.step, update.next_threshold) == (MOST, 3, None)
    assert (await service.get(*names, "mage")).points == MOST
    with pytest.raises(BadRequestError):
        await service.add_points(*names, "mage", amount=1)


@owners
async def test_points_are_subtracted_and_reset(client, scene, owner):
    service, names = bound(client, scene, owner)
    with pytest.raises(NotFoundError):
        await service.subtract_points(*names, "mage", amount=1)
    with pytest.raises(NotFoundError):
        await service.reset(*names, "mage")
    await service.add_points(*names, "mage", amount=120)
    lower = await service.subtract_points(*names, "mage", amount=50)
    assert (lower.step, lower.points) == (1, 70)
    assert lower.last_level_up is not None
    back = await service.reset(*names, "mage")
    assert (back.points, back.last_level_up) == (0, None)


@owners
async def test_states_are_listed_read_and_deleted(client, scene, owner):
    service, names = bound(client, scene, owner)
    for number in range(5):
        scene.world.add_progression(f"p{number}")
        await service.add_points(*names, f"p{number}", amount=number + 1)
    listed = await service.list(*names, page_size=2).collect()
    assert {each.progression_key: each.points for each in listed} == {f"p{n}": n + 1 for n in range(5)}
    assert await service.get(*names, "p3") in listed
    await service.delete(*names, "p3")
    with pytest.raises(NotFoundError):
        await service.get(*names, "p3")
    assert len(await service.list(*names).collect()) == 4


async def test_an_owner_that_is_not_there_is_not_found(client, scene):
    for service, names in (
        (client.player_progressions, (99999,)),
        (client.character_progressions, (scene.player_id, 99999)),
        (client.asset_instance_progressions, (scene.player_id, 99999)),
    ):
        with pytest.raises(NotFoundError):
            await service.list(*names)
        with pytest.raises(NotFoundError):
            await service.add_points(*names, "mage", amount=1)


async def test_answers_fit_the_contract(api, scene):
    paths = (
        f"/players/{scene.player_id}/progressions",
        f"/players/{scene.player_id}/characters/{scene.character_id}/progressions",
        f"/players/{scene.player_id}/assets/instances/{scene.instance_id}/progressions",
    )
    for path in paths:
        await api.ok("POST", f"{path}/mage/points/add", json={"amount": 100})
        await api.ok("GET", path)
        await api.ok("GET", f"{path}/mage")
        await api.ok("POST", f"{path}/mage/points/subtract", json={"amount": 1})
        await api.ok("POST", f"{path}/mage/reset")
        for amount in (0, -1, 2**64, 1.5, "1", None):
            await api.refused("POST", f"{path}/mage/points/add", 400, json={"amount": amount})
        reply = await api("DELETE", f"{path}/mage")
        assert reply.status == 204
    await api.ok("GET", "/progressions/mage")
    await api.ok("GET", "/progressions/mage/tiers/2")


async def test_a_progression_is_named_by_its_key_in_calls_and_not_by_its_ulid(api, scene):
    ulid = (await api.ok("GET", "/progressions/mage"))["id"]
    reply = await api("POST", f"/players/{scene.player_id}/progressions/{ulid}/points/add", json={"amount": 1})
    assert reply.status == 404


async def test_a_trigger_is_invoked(client, api, scene):
    scene.world.add_xp_level(5, 50)
    scene.world.add_trigger("finished", xp=60, asset_rewards=[{"asset_id": scene.asset_id}], once=True)
    result = await client.triggers.invoke(name="finished", player_id=scene.player_id)
    assert (result.xp.previous, result.xp.current) == (0, 60)
    assert [(level.level, level.xp_threshold) for level in result.levels] == [(5, 50)]
    assert [asset.id for asset in result.granted_assets] == [scene.asset_id]
    with pytest.raises(ConflictError):
        await client.triggers.invoke(name="finished", player_id=scene.player_id)
    with pytest.raises(NotFoundError):
        await client.triggers.invoke(name="none", player_id=scene.player_id)
    scene.world.add_trigger("nothing")
    body = {"name": "nothing", "player_id": scene.player_id}
    assert await api.ok("POST", "/trigger", json=body) == {"xp": None, "levels": [], "granted_assets": []}
    await api.refused("POST", "/trigger", 409, json={"name": "finished", "player_id": scene.player_id})
