"""The read-only operations that `doctor --drift` tries, what each needs, and what each teaches the next ones.

A probe calls a service's own method, so its arguments are checked as ever. What a probe needs is an id that an earlier
answer has shown or an option has given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lootlocker_async import routes
from lootlocker_async.routes import Route

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient

__all__ = ["NOT_TRIED", "OPTIONS", "PROBES", "Probe"]

Call = Callable[["LootLockerClient", Mapping[str, Any], int], Awaitable[object]]
"""Makes a call, with a client, the ids that are known, and how many items a page should have."""


class Probe(NamedTuple):
    """An operation to try.

    Attributes:
        route: The operation.
        call: Makes the call.
        needs: The ids that it needs.
        teaches: Ids that its answer shows, each with its path; `*` stands for the items of a list.
        may_lack: Statuses that only say that there is nothing of the kind.
    """

    route: Route
    call: Call
    needs: tuple[str, ...] = ()
    teaches: Mapping[str, str] = {}
    may_lack: frozenset[int] = frozenset()


OPTIONS: Mapping[str, str] = {
    "leaderboard_key": "--leaderboard",
    "progression_key": "--progression",
    "player_id": "--player-id",
    "player_ulid": "--player-ulid",
    "character_id": "--character-id",
    "hero_id": "--hero-id",
    "asset_instance_id": "--asset-instance-id",
    "loot_box_id": "--loot-box-id",
    "catalog_key": "--catalog",
    "purchase_id": "--purchase-id",
}
"""The options that give an id; the others are learned from answers that these lead to."""

NOT_TRIED: Mapping[str, str] = {
    "players_lookup_session_tokens": "it asks about players' session tokens, which are secrets",
    "oauth_exchange_token": "it takes a player's own token, and hands out another",  # nosec B105  (words, no password)
}
"""Operations that read, and are left alone all the same."""

_NONE = frozenset({404})
_P, _C, _H, _I = "player_id", "character_id", "hero_id", "asset_instance_id"
_BOARD, _PROGRESSION = "leaderboard_key", "progression_key"

PROBES: tuple[Probe, ...] = (
    Probe(routes.SESSION_PING, lambda c, k, n: c.session.ping()),
    # -------------------------------------------------------------------------------------------------- leaderboards
    Probe(routes.LEADERBOARDS_LIST, lambda c, k, n: c.leaderboards.list(page_size=n), teaches={_BOARD: "items.*.key"}),
    Probe(routes.LEADERBOARDS_GET, lambda c, k, n: c.leaderboards.get(k[_BOARD]), (_BOARD,)),
    Probe(
        routes.LEADERBOARDS_LIST_SCORES,
        lambda c, k, n: c.leaderboards.list_scores(k[_BOARD], page_size=n),
        (_BOARD,),
        {"member_id": "items.*.member_id", _P: "items.*.player.id", "player_ulid": "items.*.player.ulid"},
    ),
    Probe(
        routes.LEADERBOARDS_LIST_MEMBER_RANKS,
        lambda c, k, n: c.leaderboards.list_member_ranks(k["member_id"], page_size=n),
        ("member_id",),
    ),
    Probe(
        routes.LEADERBOARDS_GET_SCHEDULE,
        lambda c, k, n: c.leaderboards.get_schedule(k[_BOARD]),
        (_BOARD,),
        may_lack=_NONE,
    ),
    Probe(
        routes.LEADERBOARDS_LIST_ARCHIVES,
        lambda c, k, n: c.leaderboards.list_archives(k[_BOARD]),
        (_BOARD,),
        {"archive_key": "archives.*.key"},
    ),
    Probe(
        routes.LEADERBOARDS_LIST_ARCHIVE_SCORES,
        lambda c, k, n: c.leaderboards.list_archive_scores(key=k["archive_key"], page_size=n),
        ("archive_key",),
    ),
    Probe(
        routes.LEADERBOARDS_LIST_RESETS,
        lambda c, k, n: c.leaderboards.list_resets(k[_BOARD]),
        (_BOARD,),
        {"reset_id": "items.*.id"},
    ),
    Probe(
        routes.LEADERBOARDS_GET_RESET,
        lambda c, k, n: c.leaderboards.get_reset(k[_BOARD], k["reset_id"]),
        (_BOARD, "reset_id"),
    ),
    # -------------------------------------------------------------------------------------------------------- players
    Probe(
        routes.PLAYERS_LOOKUP_NAMES,
        lambda c, k, n: c.players.lookup_names(player_id=[int(k[_P])]),
        (_P,),
        {"player_ulid": "players.*.ulid"},
    ),
    Probe(
        routes.CONNECTED_ACCOUNTS_LIST,
        lambda c, k, n: c.connected_accounts.list(player_ids=[k["player_ulid"]]),
        ("player_ulid",),
    ),
    Probe(routes.FRIENDS_LIST, lambda c, k, n: c.friends.list(k["player_ulid"], page_size=n), ("player_ulid",)),
    Probe(routes.PLAYER_STORAGE_LIST, lambda c, k, n: c.player_storage.list(player_ids=[int(k[_P])]), (_P,)),
    Probe(routes.PLAYER_STORAGE_LOOKUP, lambda c, k, n: c.player_storage.lookup(player_ids=[int(k[_P])]), (_P,)),
    Probe(routes.PLAYER_FILES_LIST, lambda c, k, n: c.player_files.list(k[_P]), (_P,), {"file_id": "items.*.id"}),
    Probe(routes.PLAYER_FILES_GET, lambda c, k, n: c.player_files.get(k[_P], k["file_id"]), (_P, "file_id")),
    Probe(routes.CHARACTERS_LIST, lambda c, k, n: c.characters.list(k[_P]), (_P,), {_C: "items.*.id"}),
    Probe(routes.CHARACTERS_LIST_HEROES, lambda c, k, n: c.characters.list_heroes(k[_P]), (_P,), {_H: "items.*.id"}),
    # ---------------------------------------------------------------------------------------------------------- items
    Probe(routes.ASSETS_LIST, lambda c, k, n: c.assets.list(page_size=n)),
    Probe(routes.ASSETS_LIST_SIMPLE, lambda c, k, n: c.assets.list_simple(page_size=n)),
    Probe(routes.ASSETS_LIST_CONTEXTS, lambda c, k, n: c.assets.list_contexts(page_size=n)),
    Probe(
        routes.INVENTORIES_LIST_FOR_PLAYER,
        lambda c, k, n: c.inventories.list_for_player(k[_P], page_size=n),
        (_P,),
        {_I: "items.*.instance_id"},
    ),
    Probe(
        routes.INVENTORIES_LIST_FOR_CHARACTER,
        lambda c, k, n: c.inventories.list_for_character(k[_P], k[_C], page_size=n),
        (_P, _C),
    ),
    Probe(
        routes.INVENTORIES_LIST_FOR_HERO,
        lambda c, k, n: c.inventories.list_for_hero(k[_P], k[_H], page_size=n),
        (_P, _H),
    ),
    Probe(routes.INVENTORIES_LIST_UNIVERSAL_ASSETS, lambda c, k, n: c.inventories.list_universal_assets()),
    Probe(
        routes.ASSET_INSTANCES_LIST_STORAGE_PAIRS,
        lambda c, k, n: c.asset_instances.list_storage_pairs(k[_P], k[_I]),
        (_P, _I),
        {"storage_id": "storage.*.id"},
    ),
    Probe(
        routes.ASSET_INSTANCES_GET_STORAGE_PAIR,
        lambda c, k, n: c.asset_instances.get_storage_pair(k[_P], k[_I], k["storage_id"]),
        (_P, _I, "storage_id"),
    ),
    Probe(
        routes.LOOT_BOXES_INSPECT,
        lambda c, k, n: c.loot_boxes.inspect(k[_P], k["loot_box_id"]),
        (_P, "loot_box_id"),
    ),
    Probe(routes.LOADOUTS_GET_FOR_PLAYER, lambda c, k, n: c.loadouts.get_for_player(k[_P]), (_P,)),
    Probe(routes.LOADOUTS_GET_FOR_CHARACTER, lambda c, k, n: c.loadouts.get_for_character(k[_P], k[_C]), (_P, _C)),
    Probe(routes.LOADOUTS_GET_FOR_HERO, lambda c, k, n: c.loadouts.get_for_hero(k[_P], k[_H]), (_P, _H)),
    # --------------------------------------------------------------------------------------------------- progressions
    Probe(
        routes.PROGRESSIONS_LIST,
        lambda c, k, n: c.progressions.list(page_size=n),
        teaches={_PROGRESSION: "items.*.key"},
    ),
    Probe(routes.PROGRESSIONS_GET, lambda c, k, n: c.progressions.get(k[_PROGRESSION]), (_PROGRESSION,)),
    Probe(
        routes.PROGRESSIONS_LIST_TIERS,
        lambda c, k, n: c.progressions.list_tiers(k[_PROGRESSION], page_size=n),
        (_PROGRESSION,),
        {"step": "items.*.step"},
    ),
    Probe(
        routes.PROGRESSIONS_GET_TIER,
        lambda c, k, n: c.progressions.get_tier(k[_PROGRESSION], k["step"]),
        (_PROGRESSION, "step"),
    ),
    Probe(
        routes.PLAYER_PROGRESSIONS_LIST,
        lambda c, k, n: c.player_progressions.list(k[_P], page_size=n),
        (_P,),
        {"player_progression": "items.*.progression_key"},
    ),
    Probe(
        routes.PLAYER_PROGRESSIONS_GET,
        lambda c, k, n: c.player_progressions.get(k[_P], k["player_progression"]),
        (_P, "player_progression"),
    ),
    Probe(
        routes.CHARACTER_PROGRESSIONS_LIST,
        lambda c, k, n: c.character_progressions.list(k[_P], k[_C], page_size=n),
        (_P, _C),
        {"character_progression": "items.*.progression_key"},
    ),
    Probe(
        routes.CHARACTER_PROGRESSIONS_GET,
        lambda c, k, n: c.character_progressions.get(k[_P], k[_C], k["character_progression"]),
        (_P, _C, "character_progression"),
    ),
    Probe(
        routes.ASSET_INSTANCE_PROGRESSIONS_LIST,
        lambda c, k, n: c.asset_instance_progressions.list(k[_P], k[_I], page_size=n),
        (_P, _I),
        {"instance_progression": "items.*.progression_key"},
    ),
    Probe(
        routes.ASSET_INSTANCE_PROGRESSIONS_GET,
        lambda c, k, n: c.asset_instance_progressions.get(k[_P], k[_I], k["instance_progression"]),
        (_P, _I, "instance_progression"),
    ),
    # -------------------------------------------------------------------------------------------------------- economy
    Probe(routes.CURRENCIES_LIST, lambda c, k, n: c.currencies.list()),
    Probe(
        routes.BALANCES_GET_WALLET_FOR_HOLDER,
        lambda c, k, n: c.balances.get_wallet_for_holder(k["player_ulid"]),
        ("player_ulid",),
        {"wallet_id": "id"},
        _NONE,
    ),
    Probe(routes.BALANCES_GET_WALLET, lambda c, k, n: c.balances.get_wallet(k["wallet_id"]), ("wallet_id",)),
    Probe(routes.BALANCES_LIST, lambda c, k, n: c.balances.list(k["wallet_id"]), ("wallet_id",)),
    Probe(
        routes.CATALOGS_LIST_ITEMS_BY_KEY,
        lambda c, k, n: c.catalogs.list_items_by_key(k["catalog_key"], page_size=n),
        ("catalog_key",),
        {"listing_id": "entries.*.catalog_listing_id"},
    ),
    Probe(
        routes.CATALOGS_LIST_ITEMS_BY_ID,
        lambda c, k, n: c.catalogs.list_items_by_id(ids=[k["listing_id"]]),
        ("listing_id",),
    ),
    Probe(
        routes.PURCHASES_GET_STATUS,
        lambda c, k, n: c.purchases.get_status(k[_P], k["purchase_id"]),
        (_P, "purchase_id"),
    ),
    Probe(
        routes.METADATA_LIST,
        lambda c, k, n: c.metadata.list("player", k["player_ulid"], page_size=n),
        ("player_ulid",),
    ),
    Probe(
        routes.METADATA_LIST_MULTISOURCE,
        lambda c, k, n: c.metadata.list_multisource(
            sources=[{"source": "player", "id": k["player_ulid"], "keys": ["lootlocker-doctor"]}]
        ),
        ("player_ulid",),
    ),
)
