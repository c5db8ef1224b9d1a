"""A world with something of every kind."""

from __future__ import annotations

from typing import Any

AURELIA, BO = 1001, 1002
AT, LATER = "2026-07-14T09:00:00Z", "2096-07-14T09:00:00Z"
ULIDS = [f"01HZ8Q2V6M4T9KDX3B7WNYRC{number:02d}" for number in range(20)]

RICH: dict[str, list[dict[str, Any]]] = {
    "notifications": [{"player_id": BO, "notification_type": "game.event.gift", "content": {"gold": [1, None]}}],
    "players": [{"name": "Aurelia", "player_id": AURELIA, "ulid": ULIDS[0]}, {"platform": "steam", "player_id": BO}],
    "accounts": [{"player_id": AURELIA, "platform": "psn", "identifier": "48"}],
    "game_sessions": [{"player_id": BO, "token": "token-of-bo"}],
    "contexts": [{"name": "Weapon", "context_id": 31}],
    "assets": [
        {"name": "Blade", "id": 1201, "context": "Weapon", "variations": [{"id": 88}], "rental_options": [{"id": 9}]},
        {"name": "Chest", "id": 1202, "context": "Loot Box"},
        {"name": "Hoard", "id": 1203, "context": "Drop Table"},
    ],
    "loot_boxes": [{"asset_id": 1202, "contents": [{"asset_id": 1201, "weight": 3}]}],
    "drop_tables": [{"asset_id": 1203, "groups": [{"draws": 2, "items": [{"asset_id": 1201, "weight": 1}]}]}],
    "universal_assets": [{"asset_id": 1201, "variation_id": 88}],
    "character_classes": [{"name": "Warden", "context_ids": [31]}],
    "characters": [{"player_id": AURELIA, "name": "Hallveig", "default": True, "type": "Warden", "character_id": 6001}],
    "game_heroes": [{"name": "Brynja"}],
    "heroes": [{"player_id": AURELIA, "name": "Brynja", "player_hero_id": 901}],
    "items": [
        {"player_id": AURELIA, "asset_id": 1201, "instance_id": 77001, "storage": [{"key": "kills", "value": "12"}]},
        {"player_id": AURELIA, "asset_id": 1202, "instance_id": 77002},
    ],
    "equipment": [{"player_id": AURELIA, "instance_id": 77001}],
    "currencies": [{"code": "gld", "name": "Gold"}, {"code": "gem", "published": False}],
    "wallets": [{"character_id": 6001}],
    "balances": [{"player_id": AURELIA, "currency_code": "gld", "amount": "1500.10"}],
    "wallet_modifiers": [{"player_id": BO, "currency_code": "gld", "factor": "1.5", "expires_at": LATER}],
    "progressions": [{"key": "level"}, {"key": "season"}],
    "progression_tiers": [
        {"progression_key": "level", "points_threshold": 100, "rewards": {"asset_rewards": [{"asset_id": 1201}]}}
    ],
    "progression_states": [
        {"player_id": BO, "progression_key": "level", "points": 120, "last_level_up": AT},
        {"player_id": AURELIA, "asset_instance_id": 77001, "progression_key": "season", "points": 3},
    ],
    "rewards": [
        {"kind": "currency", "currency_code": "gld", "amount": "10", "reward_id": ULIDS[1]},
        {"kind": "group", "name": "Bundle", "reward_ids": [ULIDS[1]], "reward_id": ULIDS[2]},
    ],
    "catalogs": [{"key": "shop"}],
    "catalog_listings": [{"catalog_key": "shop", "reward_id": ULIDS[2], "prices": {"gld": 250}}],
    "orders": [{"player_id": AURELIA, "products": [{"asset_id": 1201}], "status": "succeeded"}],
    "triggers": [{"name": "won", "xp": 10, "reward_ids": [ULIDS[1]], "once": True}],
    "trigger_uses": [{"name": "won", "player_id": BO}],
    "xp_levels": [{"level": 2, "xp_threshold": 50}],
    "player_xps": [{"player_id": BO, "xp": 60}],
    "leaderboards": [{"key": "weekly", "type": "player", "has_metadata": True}, {"key": "guilds"}],
    "leaderboard_schedules": [{"leaderboard_key": "weekly", "cron_expression": "0 0 * * 1"}],
    "leaderboard_rewards": [
        {
            "leaderboard_key": "weekly",
            "reward_id": ULIDS[1],
            "reward_kind": "currency",
            "predicates": [{"type": "between", "args": {"min": 1, "max": 3, "direction": "asc", "method": "by_rank"}}],
        }
    ],
    "leaderboard_resets": [{"leaderboard_key": "guilds", "scheduled_for": LATER, "name": "End"}],
    "scores": [{"key": "weekly", "scores": [[str(AURELIA), 9000, "hero"], [str(BO), 9000]]}],
    "leaderboard_archives": [
        {"leaderboard_key": "guilds", "key": "old", "last_modified": AT, "scores": []},
    ],
    "friendships": [{"player_id": AURELIA, "friend_id": BO}],
    "player_storage_pairs": [{"player_id": AURELIA, "key": "slot", "value": "1", "is_public": True}],
    "player_files": [{"player_id": AURELIA, "name": "a.sav", "purpose": "save", "content": "aGVsbG8="}],
    "metadata_entries": [
        {"source": "player", "source_id": ULIDS[0], "key": "odds", "type": "number", "value_json": "0.25"}
    ],
}  # fmt: skip
