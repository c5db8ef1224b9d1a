"""A game in which everything exists that the contract's examples name, and more than one page of every list."""

from __future__ import annotations

from datetime import UTC, datetime

from lootlocker_async.emulator import World

NOW = datetime(2026, 7, 14, 10, tzinfo=UTC)
"""When it is in the game: between the last archive of the board and the next reset of it."""

PLAYER, OTHER, THIRD = 361, 1204311, 1204387
PLAYER_ULID, OTHER_ULID, THIRD_ULID = (
    "01JKTE8JVA5M5HJVKEF9APCAA7", "01HZ8Q2V6M4T9KDX3B7WNYRC5E", "01J9W3T8K5M2XQ7R4YB6ZDHCVN",
)  # fmt: skip
TOKENS = ("5f0c9b7e2d4a4861b3f7e19c8a6d20457be13fd9", "c48a17f3902b4e5d86a1de7043bf95c26d8e0b7a")

BOARD, BOARD_ULID, PLAIN_BOARD = "weekly_arena", "01JY5NP2WPNHA8MCHVC83R8CYN", "plain"
ARCHIVE = "leaderboards/9021/4471/1783900800.json"
RESET = 118

CURRENCY, WALLET = "01JZ6RHPGMB3EEVDPKH2BKJRVR", "01J4NPVS03Q98P7QF3WJA2N3W1"
SPARE_REWARD, REWARD = "01JZ4A6D8G0J2M4P6R8T1V3X5Y", "01JZ4A6D8G0J2M4P6R8T1V3X5Z"
LISTINGS = (
    "01JNCMDGEKTXR3DVGN5RV5YA2H", "01J2RX15VQK2SAY5G7XF7R8CCA", "01JBQ0Y1GXAXWA1WFY52FAZYY0",
    "01JH7F0YZJDEE4NEW8TN4M4AX5", "01JRWT1F1MRH349J3CZYE04AZ8", "01JAGE4N09RGP0BTS0SPK8WX7V",
)  # fmt: skip

CHARACTER, HERO = 6101, 940
HELMET, SWORD, CHEST, TABLE = 1201, 1202, 1301, 1302
WORN, FREE, SPARE, RENTED = 77001, 77002, 77003, 77004
"""Instances: one that the player has equipped, two that nobody has, and one that is rented."""
WORN_BY_CHARACTER, WORN_BY_HERO, BOX, DRAWS, DRAWN = 77005, 77006, 77010, 77011, 77012
STORAGE_PAIR = 5001
FILE, FILE_OWNER = 318402, PLAYER
DROPS = (301, 302)


def build(world: World) -> None:
    """Make the game."""
    _players(world)
    _assets(world)
    _items(world)
    _money(world)
    _progressions(world)
    _catalogs(world)
    _leaderboards(world)
    _own_data(world)
    _metadata(world)
    world.add_trigger("tutorial_finished", xp=50, asset_rewards=[{"asset_id": SWORD}], reward_ids=[REWARD])
    world.add_xp_level(1, 40)
    world.add_xp_level(2, 400)
    world.add_order(PLAYER, order_id=90812, products=[{"asset_id": HELMET}], status="succeeded")


def _players(world: World) -> None:
    world.add_player("Mirabel", platform="steam", identifier="76561198041672305", player_id=PLAYER, ulid=PLAYER_ULID)
    world.add_player("Ravenna", identifier="guest-7c1f0a52", player_id=OTHER, ulid=OTHER_ULID, public_uid="F2M9XRBH")
    world.add_player("Ottoline", platform="psn", identifier="4829317560284417093", player_id=THIRD, ulid=THIRD_ULID)
    world.add_account(THIRD, "xbox_one", "2535416809327714")
    for token, player in zip(TOKENS, (PLAYER, OTHER), strict=True):
        world.add_game_session(player, token=token)


def _own_data(world: World) -> None:
    for player in (OTHER, THIRD):
        world.add_player_storage_pair(player, "settings.difficulty", "hard")
        world.add_player_storage_pair(player, "profile.motto", "Never skip the tutorial", is_public=True)
    world.add_player_file(PLAYER, "slot1.sav", "SAVE_GAME", "bGV2ZWw9MQ==", file_id=FILE)
    world.add_player_file(PLAYER, "portrait.svg", "AVATAR", "PHN2Zy8+", public=True)
    world.add_friendship(OTHER, PLAYER)
    world.add_friendship(OTHER, THIRD)


def _metadata(world: World) -> None:
    for source, source_id in (("leaderboard", BOARD_ULID), ("player", PLAYER_ULID)):
        for key, kind, value in (
            ("map_name", "string", "Frozen Canyon"),
            ("par_time", "number", 95.5),
            ("old_banner", "bool", True),
            ("clan", "json", {"name": "Night Owls"}),
            ("icon", "base64", {"content_type": "image/png", "content": "AA=="}),
        ):  # fmt: skip
            world.add_metadata_entry(source, source_id, key, kind, value, tags=["map"], access=["game_api.read"])


def _assets(world: World) -> None:
    world.add_context("Armour", context_id=31)
    world.add_context("Weapon", context_id=32)
    variations = [{"id": number, "name": name} for number, name in ((88, "Plain"), (89, "Gilded"))]
    rent = {"id": 9, "name": "A day", "duration": 86400, "price": 5, "sales_price": None, "links": None}
    world.add_asset("Helmet", id=HELMET, context_id=31, variations=variations, rental_options=[rent])
    world.add_asset("Sword", id=SWORD, context_id=32)
    world.add_asset("Cap", id=1203, context_id=31)
    world.add_asset("Chest", id=CHEST, context="Box")
    world.add_asset("Table", id=TABLE, context="Box")
    contents = [{"asset_id": HELMET, "weight": 3}, {"asset_id": SWORD, "weight": 1}]
    world.add_loot_box(CHEST, contents)
    world.add_drop_table(TABLE, [{"items": [{**item, "tags": ["rare"]} for item in contents], "draws": 2}])
    world.add_universal_asset(SWORD)
    world.add_universal_asset(HELMET, variation_id=88)


def _items(world: World) -> None:
    world.add_character(PLAYER, "Scout", default=True, character_id=6100)
    world.add_character(PLAYER, "Ranger", character_id=CHARACTER)
    world.add_hero(PLAYER, "Vanguard", player_hero_id=HERO, instance_id=77020)
    world.add_item(
        PLAYER, HELMET, variation_id=88, instance_id=WORN,
        storage=[{"id": STORAGE_PAIR, "key": "durability", "value": "80"}],
    )  # fmt: skip
    world.add_item(PLAYER, SWORD, instance_id=FREE)
    world.add_item(PLAYER, SWORD, instance_id=SPARE)
    world.add_item(PLAYER, HELMET, rental_option_id=9, instance_id=RENTED)
    world.add_item(PLAYER, CHEST, instance_id=BOX)
    world.add_item(PLAYER, TABLE, instance_id=DRAWS)
    drops = [
        {"id": number, "asset_id": asset, "asset_variation_id": None, "asset_rental_option_id": None, "quantity": 1}
        for number, asset in zip(DROPS, (HELMET, SWORD), strict=True)
    ]
    world.add_item(PLAYER, TABLE, instance_id=DRAWN, locked_drops=drops)
    world.add_item(PLAYER, HELMET, instance_id=WORN_BY_CHARACTER, character_id=CHARACTER)
    world.add_item(PLAYER, SWORD, character_id=CHARACTER)
    world.add_item(PLAYER, SWORD, instance_id=WORN_BY_HERO, hero_id=HERO)
    world.add_item(PLAYER, HELMET, hero_id=HERO)
    world.add_equipment(PLAYER, WORN)
    world.add_equipment(PLAYER, WORN_BY_CHARACTER, character_id=CHARACTER)
    world.add_equipment(PLAYER, WORN_BY_HERO, hero_id=HERO)


def _money(world: World) -> None:
    world.add_currency("gld", name="Gold", currency_id=CURRENCY)
    world.add_currency("gem", name="Gems")
    world.add_wallet(player_id=PLAYER, wallet_id=WALLET)
    world.add_balance("gld", "1250.5", player_id=PLAYER)
    world.add_balance("gem", 3, player_id=PLAYER)
    world.add_reward("currency", currency_code="gld", amount=100, reward_id=REWARD)
    world.add_reward("currency", currency_code="gem", amount=1, reward_id=SPARE_REWARD)


def _progressions(world: World) -> None:
    tiers = [{"points_threshold": points, "rewards": {}} for points in (100, 300, 900)]
    for key in ("mage", "smith", "cook"):
        world.add_progression(key, tiers=tiers)
    for key in ("mage", "smith"):
        world.add_progression_state(PLAYER, key, points=200)
        world.add_progression_state(PLAYER, key, character_id=CHARACTER, points=200)
        world.add_progression_state(PLAYER, key, asset_instance_id=WORN, points=200)


def _catalogs(world: World) -> None:
    world.add_catalog("main_store")
    kinds = [
        world.add_reward("asset", asset_id=HELMET),
        world.add_reward("asset", asset_id=SWORD),
        REWARD,
        world.add_reward("progression_points", progression_key="mage", amount=50),
        world.add_reward("progression_reset", progression_key="smith"),
    ]
    kinds.append(world.add_reward("group", name="Bundle", description="All of it", reward_ids=kinds))
    for listing, reward in zip(LISTINGS, kinds, strict=True):
        world.add_catalog_listing("main_store", reward, prices={"gld": 500, "gem": 2}, listing_id=listing)


def _leaderboards(world: World) -> None:
    world.add_leaderboard(BOARD, type="player", has_metadata=True, board_id=4471, ulid=BOARD_ULID)
    world.add_leaderboard(PLAIN_BOARD, direction_method="ascending")
    scores = [(str(PLAYER), 18_000, "{}"), (str(OTHER), 17_500, "{}"), (str(THIRD), 16_000, "{}")]
    world.add_scores(BOARD, scores)
    world.add_scores(PLAIN_BOARD, [(str(PLAYER), 4), ("somebody", 9)])
    world.add_leaderboard_schedule(BOARD, "0 0 * * 1")
    predicate = {"type": "between", "args": {"min": 1, "max": 10, "method": "by_rank", "direction": "asc"}}
    world.add_leaderboard_reward(BOARD, REWARD, "currency", [predicate])
    world.add_leaderboard_reset(BOARD, reset_id=RESET, name="Hotfix", scheduled_for="2026-07-20T18:00:00Z")
    archived = [
        {"rank": rank, "member_id": member, "score": score, "metadata": metadata}
        for rank, (member, score, metadata) in enumerate(scores, 1)
    ]
    world.add_leaderboard_archive(BOARD, ARCHIVE, last_modified="2026-07-13T00:00:00Z", scores=archived)
