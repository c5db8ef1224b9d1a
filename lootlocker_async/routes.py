"""Every operation of the Server API as one `Route`: verb, path, retry safety, paging and success status.

The contract (tests/contract/) is the source of each value; a test compares them one by one. The SDK and the emulator
share this file and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
PagingStyle = Literal["index", "key", "page", "last_id"]

# What a path argument of each name is, wherever it stands; the others are texts.
NUMERIC = frozenset(
    {"asset_instance_id", "character_id", "file_id", "hero_id", "player_id", "reset_id", "step", "storage_id"}
)
ULIDS = frozenset({"player_ulid", "wallet_id"})


class Paging(NamedTuple):
    """How a list is cut into pages (the contract's `x-pagination`)."""

    style: PagingStyle
    items: str
    cursor_param: str
    size_param: str
    max_size: int | None = None
    default_size: int | None = None
    positional: bool = False
    cursor_field: str | None = None


class Route(NamedTuple):
    """One operation of the Server API.

    Attributes:
        operation: The contract's `operationId`.
        verb: The HTTP verb.
        path: The path template below the base address; `{name}` marks a path argument.
        idempotent: Whether the same request may be sent a second time without a second effect.
        why: Why it may or may not, where it isn't a plain read.
        repeat_done: Statuses that, on a repeat and never on a first send, mean that an earlier send did the work.
        status: The status of success.
        paging: How its list is cut into pages, or None.
        reserved: Values of path arguments that would make the address match another route.
        sends: The media type of its body, where it has one; empty where the body tells its own.
        credential: What it is authorised by: the session's token, the server key, or nothing but its body.
        secret: Whether its body or its answer holds tokens.
        below_root: Whether its path stands beside the base address's `/server` and not below it.
    """

    operation: str
    verb: Verb
    path: str
    idempotent: bool
    why: str = ""
    repeat_done: frozenset[int] = frozenset()
    status: int = 200
    paging: Paging | None = None
    reserved: Mapping[str, frozenset[str]] = {}
    sends: str = "application/json"
    credential: Literal["token", "key", "none"] = "token"
    secret: bool = False
    below_root: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path arguments, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


_READS = "It only reads; the body is the question."
_ADDS = "Each call adds the points again."
_SUBTRACTS = "Each call subtracts the points again."
_RESET = "A progression at its start stays there, and the answer is where it stands."
_EQUIPS = "What a second equip of the same thing answers (the same loadout, or a refusal) is not known."
_UNEQUIPS = "The instance stays unequipped, but a repeat may find nothing and not answer with the loadout."
_NOT_MEMBER = {"leaderboard_key": frozenset({"member"})}
_PROGRESSIONS_PAGING = Paging("key", "items", "after", "count", max_size=100, default_size=20)


def _get(operation: str, path: str, **more: Any) -> Route:  # noqa: ANN401  (Route's own fields)
    return Route(operation, "GET", path, True, **more)


def _delete(operation: str, path: str) -> Route:
    """A deletion that may be repeated."""
    why = "A repeat finds nothing left to delete, so its 404 means that it is done."
    return Route(operation, "DELETE", path, True, why, frozenset({404}), 204)


def _last_id_paging(cursor_field: str) -> Paging:
    return Paging("last_id", "items", "after", "count", max_size=200, default_size=50, cursor_field=cursor_field)


def _index_paging(items: str, max_size: int) -> Paging:
    return Paging("index", items, "after", "count", max_size=max_size, default_size=50, positional=True)


def _page_paging(items: str) -> Paging:
    return Paging("page", items, "page", "per_page")


# -------------------------------------------------------------------------------------------------------------- session
SESSION_START = Route(
    "session_start",
    "POST",
    "/session",
    True,
    "Each call only hands out another working token; one whose answer was lost lapses unused.",
    credential="key",
    secret=True,
)
SESSION_PING = _get("session_ping", "/ping", why="It only prolongs the session.")
# ---------------------------------------------------------------------------------------------------------------- oauth
OAUTH_EXCHANGE_TOKEN = Route(
    "oauth_exchange_token",
    "POST",
    "/client/v3/oauth/token",
    False,
    "Each call starts another player session, and no source says whether that ends the one before it.",
    below_root=True,
    credential="none",
    secret=True,
    sends="application/x-www-form-urlencoded",
)
# --------------------------------------------------------------------------------------------------------- leaderboards
LEADERBOARDS_LIST = _get("leaderboards_list", "/leaderboards", paging=_index_paging("items", 200))
LEADERBOARDS_CREATE = Route(
    "leaderboards_create",
    "POST",
    "/leaderboards",
    False,
    "A repeat meets the key that the first call took and is refused.",
)
LEADERBOARDS_GET = _get("leaderboards_get", "/leaderboards/{leaderboard_key}")
LEADERBOARDS_UPDATE = Route(
    "leaderboards_update",
    "PUT",
    "/leaderboards/{leaderboard_key}",
    False,
    "Where it changed the key, a repeat answers 404 under the old one.",
)
LEADERBOARDS_DELETE = _delete("leaderboards_delete", "/leaderboards/{leaderboard_key}")
LEADERBOARDS_SUBMIT_SCORE = Route(
    "leaderboards_submit_score",
    "POST",
    "/leaderboards/{leaderboard_key}/submit",
    True,
    "A member has one entry, and the same score again leaves it as it stands; a late repeat can still undo a newer "
    "score or land on the round after a reset.",
)
LEADERBOARDS_INCREMENT_SCORE = Route(
    "leaderboards_increment_score",
    "POST",
    "/leaderboards/{leaderboard_key}/increment",
    False,
    "Each call adds the amount again.",
)
LEADERBOARDS_LIST_MEMBER_RANKS = _get(
    "leaderboards_list_member_ranks",
    "/leaderboards/member/{member_id}",
    paging=_index_paging("leaderboards", 200),
    reserved={"member_id": frozenset({"list", "schedule", "reset"})},
)
LEADERBOARDS_LIST_SCORES = _get(
    "leaderboards_list_scores",
    "/leaderboards/{leaderboard_key}/list",
    paging=_index_paging("items", 2000),
    reserved=_NOT_MEMBER,
)
LEADERBOARDS_GET_SCHEDULE = _get(
    "leaderboards_get_schedule", "/leaderboards/{leaderboard_key}/schedule", reserved=_NOT_MEMBER
)
LEADERBOARDS_CREATE_SCHEDULE = Route(
    "leaderboards_create_schedule",
    "POST",
    "/leaderboards/{leaderboard_key}/schedule",
    False,
    "Whether a repeat replaces the schedule or is refused because there is one is not known.",
)
LEADERBOARDS_DELETE_SCHEDULE = _delete("leaderboards_delete_schedule", "/leaderboards/{leaderboard_key}/schedule")
LEADERBOARDS_CREATE_REWARD = Route(
    "leaderboards_create_reward",
    "POST",
    "/leaderboards/{leaderboard_key}/reward",
    False,
    "A repeat may attach the reward once more.",
)
LEADERBOARDS_DELETE_REWARD = _delete("leaderboards_delete_reward", "/leaderboards/{leaderboard_key}/reward/{reward_id}")
LEADERBOARDS_LIST_ARCHIVES = _get("leaderboards_list_archives", "/leaderboards/{leaderboard_key}/archive/list")
LEADERBOARDS_LIST_ARCHIVE_SCORES = _get(
    "leaderboards_list_archive_scores", "/leaderboards/archive/read", paging=Paging("key", "items", "after", "count")
)
LEADERBOARDS_LIST_RESETS = _get(
    "leaderboards_list_resets", "/leaderboards/{leaderboard_key}/reset", reserved=_NOT_MEMBER
)
LEADERBOARDS_REQUEST_RESET = Route(
    "leaderboards_request_reset",
    "POST",
    "/leaderboards/{leaderboard_key}/reset",
    False,
    "Each call asks for one more reset.",
)
LEADERBOARDS_GET_RESET = _get("leaderboards_get_reset", "/leaderboards/{leaderboard_key}/reset/{reset_id}")
LEADERBOARDS_CANCEL_RESET = Route(
    "leaderboards_cancel_reset",
    "DELETE",
    "/leaderboards/{leaderboard_key}/reset/{reset_id}",
    False,
    "The reset stays cancelled, but the error that a repeat meets cannot be told from that of a reset already carried "
    "out; get the reset to know.",
    status=204,
)
# --------------------------------------------------------------------------------------------------------------- assets
ASSETS_LIST = _get("assets_list", "/assets", paging=_last_id_paging("id"))
ASSETS_LIST_SIMPLE = Route(
    "assets_list_simple", "POST", "/assets/artful-alpaca/v1", True, _READS, paging=_page_paging("assets")
)
ASSETS_LIST_CONTEXTS = _get("assets_list_contexts", "/contexts/v1", paging=_page_paging("contexts"))
# ------------------------------------------------------------------------------------------------------ asset_instances
ASSET_INSTANCES_LIST_STORAGE_PAIRS = _get(
    "asset_instances_list_storage_pairs", "/player/{player_id}/assets/instances/{asset_instance_id}/storage"
)
ASSET_INSTANCES_CREATE_STORAGE_PAIR = Route(
    "asset_instances_create_storage_pair",
    "POST",
    "/player/{player_id}/assets/instances/{asset_instance_id}/storage",
    False,
    "A repeat makes a second pair or is refused because of the key that the first one took.",
)
ASSET_INSTANCES_UPDATE_STORAGE_PAIRS = Route(
    "asset_instances_update_storage_pairs",
    "PUT",
    "/player/{player_id}/assets/instances/{asset_instance_id}/storage",
    True,
    "It sets whole values by key; a repeat sets the same ones and answers with the same pairs.",
)
ASSET_INSTANCES_GET_STORAGE_PAIR = _get(
    "asset_instances_get_storage_pair", "/player/{player_id}/assets/instances/{asset_instance_id}/storage/{storage_id}"
)
ASSET_INSTANCES_UPDATE_STORAGE_PAIR = Route(
    "asset_instances_update_storage_pair",
    "PUT",
    "/player/{player_id}/assets/instances/{asset_instance_id}/storage/{storage_id}",
    True,
    "It sets key and value of one pair; a repeat sets the same ones.",
)
ASSET_INSTANCES_DELETE_STORAGE_PAIR = Route(
    "asset_instances_delete_storage_pair",
    "DELETE",
    "/player/{player_id}/assets/instances/{asset_instance_id}/storage/{storage_id}",
    False,
    "The pair stays deleted, but a repeat finds nothing and cannot answer with the pairs that are left.",
)
# ----------------------------------------------------------------------------------------------------------- loot_boxes
LOOT_BOXES_INSPECT = _get("loot_boxes_inspect", "/player/{player_id}/assets/instances/{asset_instance_id}/inspect")
LOOT_BOXES_OPEN = Route(
    "loot_boxes_open",
    "PUT",
    "/player/{player_id}/assets/instances/{asset_instance_id}/open",
    False,
    "The first call uses the box up, so a repeat is refused although the player got the contents.",
)
# ---------------------------------------------------------------------------------------------------------- drop_tables
DROP_TABLES_COMPUTE_AND_LOCK = Route(
    "drop_tables_compute_and_lock",
    "POST",
    "/player/{player_id}/droptables/{asset_instance_id}/compute",
    False,
    "A repeat may draw anew and lock other items, or be refused because a draw is locked; no source says which.",
)
DROP_TABLES_PICK = Route(
    "drop_tables_pick",
    "POST",
    "/player/{player_id}/droptables/{asset_instance_id}/pick",
    False,
    "It grants the picked items and uses the locked draw up.",
)
# ---------------------------------------------------------------------------------------------------------- inventories
INVENTORIES_LIST_FOR_PLAYER = _get(
    "inventories_list_for_player", "/player/{player_id}/inventory", paging=_last_id_paging("instance_id")
)
INVENTORIES_ADD_ASSET = Route(
    "inventories_add_asset", "POST", "/player/{player_id}/inventory", False, "Each call grants the asset once more."
)
INVENTORIES_ALTER = Route(
    "inventories_alter",
    "PATCH",
    "/player/{player_id}/inventory",
    False,
    "Each call grants the assets under `add` once more.",
)
INVENTORIES_LIST_FOR_CHARACTER = _get(
    "inventories_list_for_character",
    "/player/{player_id}/characters/{character_id}/inventory",
    paging=_last_id_paging("instance_id"),
)
INVENTORIES_LIST_FOR_HERO = _get(
    "inventories_list_for_hero", "/player/{player_id}/heroes/{hero_id}/inventory", paging=_last_id_paging("instance_id")
)
INVENTORIES_LIST_UNIVERSAL_ASSETS = _get("inventories_list_universal_assets", "/inventory/universal")
# ------------------------------------------------------------------------------------------------------------- loadouts
LOADOUTS_GET_FOR_PLAYER = _get("loadouts_get_for_player", "/player/{player_id}/loadout")
LOADOUTS_EQUIP_FOR_PLAYER = Route("loadouts_equip_for_player", "POST", "/player/{player_id}/loadout", False, _EQUIPS)
LOADOUTS_UNEQUIP_FOR_PLAYER = Route(
    "loadouts_unequip_for_player", "DELETE", "/player/{player_id}/loadout/{asset_instance_id}", False, _UNEQUIPS
)
LOADOUTS_GET_FOR_CHARACTER = _get("loadouts_get_for_character", "/player/{player_id}/characters/{character_id}/loadout")
LOADOUTS_EQUIP_FOR_CHARACTER = Route(
    "loadouts_equip_for_character", "POST", "/player/{player_id}/characters/{character_id}/loadout", False, _EQUIPS
)
LOADOUTS_UNEQUIP_FOR_CHARACTER = Route(
    "loadouts_unequip_for_character",
    "DELETE",
    "/player/{player_id}/characters/{character_id}/loadout/{asset_instance_id}",
    False,
    _UNEQUIPS,
)
LOADOUTS_GET_FOR_HERO = _get("loadouts_get_for_hero", "/player/{player_id}/heroes/{hero_id}/loadout")
LOADOUTS_EQUIP_FOR_HERO = Route(
    "loadouts_equip_for_hero", "POST", "/player/{player_id}/heroes/{hero_id}/loadout", False, _EQUIPS
)
LOADOUTS_UNEQUIP_FOR_HERO = Route(
    "loadouts_unequip_for_hero",
    "DELETE",
    "/player/{player_id}/heroes/{hero_id}/loadout/{asset_instance_id}",
    False,
    _UNEQUIPS,
)
# ----------------------------------------------------------------------------------------------------------- characters
CHARACTERS_LIST = _get("characters_list", "/player/{player_id}/characters")
CHARACTERS_LIST_HEROES = _get("characters_list_heroes", "/player/{player_id}/heroes")
# ------------------------------------------------------------------------------------------------------------- triggers
TRIGGERS_INVOKE = Route(
    "triggers_invoke", "POST", "/trigger", False, "A trigger may grant XP and assets each time it is invoked."
)
# -------------------------------------------------------------------------------------------------------------- players
PLAYERS_LOOKUP_SESSION_TOKENS = Route(
    "players_lookup_session_tokens", "POST", "/player/info/token", True, _READS, secret=True
)
PLAYERS_CREATE = Route(
    "players_create", "POST", "/player", True, "Platform and identifier name the player; a repeat finds the same one."
)
PLAYERS_LOOKUP_NAMES = _get("players_lookup_names", "/players/lookup/name")
# --------------------------------------------------------------------------------------------------- connected_accounts
CONNECTED_ACCOUNTS_LIST = Route("connected_accounts_list", "POST", "/connected-accounts/v1/list", True, _READS)
# ------------------------------------------------------------------------------------------------------- player_storage
PLAYER_STORAGE_LIST = _get("player_storage_list", "/players/storage")
PLAYER_STORAGE_SET = Route(
    "player_storage_set",
    "PATCH",
    "/players/storage",
    True,
    "It sets whole values by key; a repeat sets the same ones and answers with the same items.",
)
PLAYER_STORAGE_DELETE = _delete("player_storage_delete", "/players/storage")
PLAYER_STORAGE_LOOKUP = Route("player_storage_lookup", "POST", "/players/storage/lookup", True, _READS)
# --------------------------------------------------------------------------------------------------------- player_files
PLAYER_FILES_LIST = _get("player_files_list", "/players/{player_id}/files")
PLAYER_FILES_UPLOAD = Route(
    "player_files_upload",
    "POST",
    "/players/{player_id}/files",
    False,
    "Each call makes another file.",
    sends="",
)
PLAYER_FILES_GET = _get("player_files_get", "/players/{player_id}/files/{file_id}")
PLAYER_FILES_UPDATE = Route(
    "player_files_update",
    "PUT",
    "/players/{player_id}/files/{file_id}",
    False,
    "The contents end up the same, but each call uses one more of the five kept revisions and so drops the oldest.",
    sends="",
)
PLAYER_FILES_DELETE = _delete("player_files_delete", "/players/{player_id}/files/{file_id}")
# -------------------------------------------------------------------------------------------------------------- friends
FRIENDS_LIST = _get("friends_list", "/player/friends/{player_ulid}", paging=_page_paging("friends"))
# --------------------------------------------------------------------------------------------------------- progressions
PROGRESSIONS_LIST = _get("progressions_list", "/progressions", paging=_PROGRESSIONS_PAGING)
PROGRESSIONS_GET = _get("progressions_get", "/progressions/{progression_key}")
PROGRESSIONS_LIST_TIERS = _get(
    "progressions_list_tiers",
    "/progressions/{progression_key}/tiers",
    paging=Paging("index", "items", "after", "count", max_size=100, default_size=20),
)
PROGRESSIONS_GET_TIER = _get("progressions_get_tier", "/progressions/{progression_key}/tiers/{step}")
# -------------------------------------------------------------------------------------------------- player_progressions
PLAYER_PROGRESSIONS_LIST = _get(
    "player_progressions_list", "/players/{player_id}/progressions", paging=_PROGRESSIONS_PAGING
)
PLAYER_PROGRESSIONS_GET = _get("player_progressions_get", "/players/{player_id}/progressions/{progression_key}")
PLAYER_PROGRESSIONS_DELETE = _delete(
    "player_progressions_delete", "/players/{player_id}/progressions/{progression_key}"
)
PLAYER_PROGRESSIONS_ADD_POINTS = Route(
    "player_progressions_add_points",
    "POST",
    "/players/{player_id}/progressions/{progression_key}/points/add",
    False,
    _ADDS,
)
PLAYER_PROGRESSIONS_SUBTRACT_POINTS = Route(
    "player_progressions_subtract_points",
    "POST",
    "/players/{player_id}/progressions/{progression_key}/points/subtract",
    False,
    _SUBTRACTS,
)
PLAYER_PROGRESSIONS_RESET = Route(
    "player_progressions_reset", "POST", "/players/{player_id}/progressions/{progression_key}/reset", True, _RESET
)
# ----------------------------------------------------------------------------------------------- character_progressions
CHARACTER_PROGRESSIONS_LIST = _get(
    "character_progressions_list",
    "/players/{player_id}/characters/{character_id}/progressions",
    paging=_PROGRESSIONS_PAGING,
)
CHARACTER_PROGRESSIONS_GET = _get(
    "character_progressions_get", "/players/{player_id}/characters/{character_id}/progressions/{progression_key}"
)
CHARACTER_PROGRESSIONS_DELETE = _delete(
    "character_progressions_delete", "/players/{player_id}/characters/{character_id}/progressions/{progression_key}"
)
CHARACTER_PROGRESSIONS_ADD_POINTS = Route(
    "character_progressions_add_points",
    "POST",
    "/players/{player_id}/characters/{character_id}/progressions/{progression_key}/points/add",
    False,
    _ADDS,
)
CHARACTER_PROGRESSIONS_SUBTRACT_POINTS = Route(
    "character_progressions_subtract_points",
    "POST",
    "/players/{player_id}/characters/{character_id}/progressions/{progression_key}/points/subtract",
    False,
    _SUBTRACTS,
)
CHARACTER_PROGRESSIONS_RESET = Route(
    "character_progressions_reset",
    "POST",
    "/players/{player_id}/characters/{character_id}/progressions/{progression_key}/reset",
    True,
    _RESET,
)
# ------------------------------------------------------------------------------------------ asset_instance_progressions
ASSET_INSTANCE_PROGRESSIONS_LIST = _get(
    "asset_instance_progressions_list",
    "/players/{player_id}/assets/instances/{asset_instance_id}/progressions",
    paging=_PROGRESSIONS_PAGING,
)
ASSET_INSTANCE_PROGRESSIONS_GET = _get(
    "asset_instance_progressions_get",
    "/players/{player_id}/assets/instances/{asset_instance_id}/progressions/{progression_key}",
)
ASSET_INSTANCE_PROGRESSIONS_DELETE = _delete(
    "asset_instance_progressions_delete",
    "/players/{player_id}/assets/instances/{asset_instance_id}/progressions/{progression_key}",
)
ASSET_INSTANCE_PROGRESSIONS_ADD_POINTS = Route(
    "asset_instance_progressions_add_points",
    "POST",
    "/players/{player_id}/assets/instances/{asset_instance_id}/progressions/{progression_key}/points/add",
    False,
    _ADDS,
)
ASSET_INSTANCE_PROGRESSIONS_SUBTRACT_POINTS = Route(
    "asset_instance_progressions_subtract_points",
    "POST",
    "/players/{player_id}/assets/instances/{asset_instance_id}/progressions/{progression_key}/points/subtract",
    False,
    _SUBTRACTS,
)
ASSET_INSTANCE_PROGRESSIONS_RESET = Route(
    "asset_instance_progressions_reset",
    "POST",
    "/players/{player_id}/assets/instances/{asset_instance_id}/progressions/{progression_key}/reset",
    True,
    _RESET,
)
# ------------------------------------------------------------------------------------------------------------- balances
BALANCES_LIST = _get("balances_list", "/balances/wallet/{wallet_id}")
BALANCES_CREDIT = Route(
    "balances_credit",
    "POST",
    "/balances/credit",
    False,
    "A repeat credits the amount a second time; the API has no idempotency key.",
)
BALANCES_DEBIT = Route(
    "balances_debit",
    "POST",
    "/balances/debit",
    False,
    "A repeat takes the amount a second time; the API has no idempotency key.",
)
BALANCES_CREATE_WALLET = Route(
    "balances_create_wallet",
    "POST",
    "/wallet",
    False,
    "A repeat may be refused because the holder has a wallet by then; look it up by holder instead.",
)
BALANCES_GET_WALLET = _get("balances_get_wallet", "/wallet/{wallet_id}")
BALANCES_GET_WALLET_FOR_HOLDER = _get("balances_get_wallet_for_holder", "/wallet/holder/{holder_id}")
BALANCES_CREATE_WALLET_MODIFIERS = Route(
    "balances_create_wallet_modifiers",
    "POST",
    "/wallet/{wallet_id}/modifiers",
    False,
    "Whether a second modifier of the same currency replaces the first or is added to it is not known.",
)
# ----------------------------------------------------------------------------------------------------------- currencies
CURRENCIES_LIST = _get("currencies_list", "/currencies")
# ------------------------------------------------------------------------------------------------------------- metadata
METADATA_APPLY_ACTIONS = Route(
    "metadata_apply_actions",
    "POST",
    "/metadata/",
    False,
    "A repeated create is refused inside the answer as a duplicate key; a batch of only upserts and deletes is safe to "
    "repeat.",
    status=202,
)
METADATA_LIST = _get("metadata_list", "/metadata/source/{source}/id/{source_id}", paging=_page_paging("entries"))
METADATA_LIST_MULTISOURCE = Route("metadata_list_multisource", "POST", "/metadata/multisource", True, _READS)
# ------------------------------------------------------------------------------------------------------------- catalogs
CATALOGS_LIST_ITEMS_BY_KEY = _get(
    "catalogs_list_items_by_key",
    "/catalogs/inspired-ibex/v1/key/{catalog_key}/prices",
    paging=Paging("key", "entries", "cursor", "per_page", default_size=50),
)
CATALOGS_LIST_ITEMS_BY_ID = Route(
    "catalogs_list_items_by_id", "POST", "/catalogs/inspired-ibex/v1/catalog/items", True, _READS
)
# -------------------------------------------------------------------------------------------------------- notifications
NOTIFICATIONS_SEND = Route(
    "notifications_send", "POST", "/notifications/v1", False, "A repeat notifies the player a second time."
)
# ------------------------------------------------------------------------------------------------------------ purchases
PURCHASES_GET_STATUS = _get("purchases_get_status", "/player/{player_id}/purhcase/{purchase_id}")


def all_routes() -> tuple[Route, ...]:
    """Every route of this file, in its order."""
    return tuple(value for value in globals().values() if isinstance(value, Route))
