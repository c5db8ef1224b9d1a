"""A call for each operation that succeeds in the world: the contract's own example, where nothing else is said here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import world
from contract_spec import Operation
from contract_values import Call, calls

from lootlocker_async.emulator import DEFAULT_KEY

IDS: Mapping[str, Any] = {
    "player_id": world.PLAYER, "player_ulid": world.OTHER_ULID, "leaderboard_key": world.BOARD,
    "member_id": str(world.PLAYER), "reward_id": world.REWARD, "reset_id": world.RESET,
    "asset_instance_id": world.WORN, "storage_id": world.STORAGE_PAIR, "character_id": world.CHARACTER,
    "hero_id": world.HERO, "progression_key": "mage", "step": 2, "wallet_id": world.WALLET,
    "holder_id": world.PLAYER_ULID, "purchase_id": "90812", "catalog_key": "main_store",
    "source": "leaderboard", "source_id": world.BOARD_ULID, "file_id": world.FILE,
}  # fmt: skip
"""What arguments of paths are, unless an operation needs something else."""

PATHS: Mapping[str, Mapping[str, Any]] = {
    "loot_boxes_inspect": {"asset_instance_id": world.BOX},
    "loot_boxes_open": {"asset_instance_id": world.BOX},
    "drop_tables_compute_and_lock": {"asset_instance_id": world.DRAWS},
    "drop_tables_pick": {"asset_instance_id": world.DRAWN},
    "loadouts_unequip_for_character": {"asset_instance_id": world.WORN_BY_CHARACTER},
    "loadouts_unequip_for_hero": {"asset_instance_id": world.WORN_BY_HERO},
    "player_files_list": {"player_id": world.FILE_OWNER},
    "player_files_upload": {"player_id": world.FILE_OWNER},
    "player_files_get": {"player_id": world.FILE_OWNER},
    "player_files_update": {"player_id": world.FILE_OWNER},
    "player_files_delete": {"player_id": world.FILE_OWNER},
}

QUERIES: Mapping[str, Mapping[str, Any]] = {
    "assets_list": {"context_id": 31, "include_ugc": True},
    "drop_tables_compute_and_lock": {"asset_details": True, "tag": "rare"},
    # The example's key and tags leave no second page.
    "metadata_list": {"ignore_files": True},
}
"""What a query has in place of the example's."""

BODIES: Mapping[str, Mapping[str, Any]] = {
    # The example's ids alone would make it one page.
    "assets_list_simple": {"filters": {"context_ids": [31, 32]}},
    # The form has the server key in place of a header.
    "oauth_exchange_token": {"actor_token": DEFAULT_KEY},
    # The example's board is there already.
    "leaderboards_create": {"key": "daily_arena", "name": "Daily Arena"},
    # And so is its reward.
    "leaderboards_create_reward": {"reward_id": world.SPARE_REWARD},
    "leaderboards_request_reset": {"scheduled_for": "2026-07-16T18:00:00Z"},
    "drop_tables_pick": {"picks": [*world.DROPS]},
    # The example's player has a wallet.
    "balances_create_wallet": {"holder_id": world.OTHER_ULID},
    "balances_create_wallet_modifiers": {
        "modifiers": [{"currency_id": world.CURRENCY, "factor": "1.5", "expires_at": "2026-08-08T00:00:00Z"}]
    },
}
"""Fields that a body has in place of the example's."""


def call_of(operation: Operation) -> Call:
    """A call that succeeds, as the contract writes it."""
    made = calls(operation)
    call = made.get("example 1", made["all"])
    path = {name: PATHS.get(operation.id, {}).get(name, IDS[name]) for name in call.path}
    body = None if call.body is None else {**call.body, **BODIES.get(operation.id, {})}
    return attrs.evolve(call, path=path, query=dict(QUERIES.get(operation.id, call.query)), body=body)
