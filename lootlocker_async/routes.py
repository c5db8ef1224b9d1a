"""Every operation of the Server API as one `Route`: verb, path, retry safety, paging and success status.

The contract (tests/contract/) is the source of each value; a test compares them one by one. The SDK and the emulator
share this file and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
PagingStyle = Literal["index", "key", "page", "last_id"]


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
        numeric: The path arguments that are numbers.
        reserved: Values of path arguments that would make the address match another route.
    """

    operation: str
    verb: Verb
    path: str
    idempotent: bool
    why: str = ""
    repeat_done: frozenset[int] = frozenset()
    status: int = 200
    paging: Paging | None = None
    numeric: frozenset[str] = frozenset()
    reserved: Mapping[str, frozenset[str]] = {}

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path arguments, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


_GONE = frozenset({404})
_DELETED = "A repeat finds nothing left to delete, so its 404 means that it is done."
_PLAYER = frozenset({"player_id"})


def _inventory_paging() -> Paging:
    return Paging("last_id", "items", "after", "count", max_size=200, default_size=50, cursor_field="instance_id")


def _index_paging(items: str, max_size: int) -> Paging:
    return Paging("index", items, "after", "count", max_size=max_size, default_size=50, positional=True)


# ---------------------------------------------------------------------------------------------------------- session
SESSION_START = Route(
    "session_start",
    "POST",
    "/session",
    True,
    "Each call only hands out another working token; one whose answer was lost lapses unused.",
)
SESSION_PING = Route("session_ping", "GET", "/ping", True, "It only prolongs the session.")

# ----------------------------------------------------------------------------------------------------- leaderboards
LEADERBOARDS_LIST = Route("leaderboards_list", "GET", "/leaderboards", True, paging=_index_paging("items", 200))
LEADERBOARDS_CREATE = Route(
    "leaderboards_create",
    "POST",
    "/leaderboards",
    False,
    "A repeat meets the key that the first call took and is refused.",
)
LEADERBOARDS_GET = Route("leaderboards_get", "GET", "/leaderboards/{leaderboard_key}", True)
LEADERBOARDS_UPDATE = Route(
    "leaderboards_update",
    "PUT",
    "/leaderboards/{leaderboard_key}",
    False,
    "Where it changed the key, a repeat answers 404 under the old one.",
)
LEADERBOARDS_DELETE = Route(
    "leaderboards_delete", "DELETE", "/leaderboards/{leaderboard_key}", True, _DELETED, _GONE, 204
)
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
LEADERBOARDS_LIST_MEMBER_RANKS = Route(
    "leaderboards_list_member_ranks",
    "GET",
    "/leaderboards/member/{member_id}",
    True,
    paging=_index_paging("leaderboards", 200),
    reserved={"member_id": frozenset({"list", "schedule", "reset"})},
)
LEADERBOARDS_LIST_SCORES = Route(
    "leaderboards_list_scores",
    "GET",
    "/leaderboards/{leaderboard_key}/list",
    True,
    paging=_index_paging("items", 2000),
    reserved={"leaderboard_key": frozenset({"member"})},
)

# ------------------------------------------------------------------------------------------------------ inventories
INVENTORIES_LIST_FOR_PLAYER = Route(
    "inventories_list_for_player",
    "GET",
    "/player/{player_id}/inventory",
    True,
    paging=_inventory_paging(),
    numeric=_PLAYER,
)
INVENTORIES_ADD_ASSET = Route(
    "inventories_add_asset",
    "POST",
    "/player/{player_id}/inventory",
    False,
    "Each call grants the asset once more.",
    numeric=_PLAYER,
)
INVENTORIES_ALTER = Route(
    "inventories_alter",
    "PATCH",
    "/player/{player_id}/inventory",
    False,
    "Each call grants the assets under `add` once more.",
    numeric=_PLAYER,
)
INVENTORIES_LIST_FOR_CHARACTER = Route(
    "inventories_list_for_character",
    "GET",
    "/player/{player_id}/characters/{character_id}/inventory",
    True,
    paging=_inventory_paging(),
    numeric=frozenset({"player_id", "character_id"}),
)
INVENTORIES_LIST_FOR_HERO = Route(
    "inventories_list_for_hero",
    "GET",
    "/player/{player_id}/heroes/{hero_id}/inventory",
    True,
    paging=_inventory_paging(),
    numeric=frozenset({"player_id", "hero_id"}),
)
INVENTORIES_LIST_UNIVERSAL_ASSETS = Route("inventories_list_universal_assets", "GET", "/inventory/universal", True)

# ---------------------------------------------------------------------------------------------------------- players
PLAYERS_LOOKUP_SESSION_TOKENS = Route(
    "players_lookup_session_tokens", "POST", "/player/info/token", True, "It only reads; the body is the question."
)
PLAYERS_CREATE = Route(
    "players_create", "POST", "/player", True, "Platform and identifier name the player; a repeat finds the same one."
)
PLAYERS_LOOKUP_NAMES = Route("players_lookup_names", "GET", "/players/lookup/name", True)


def all_routes() -> tuple[Route, ...]:
    """Every route of this file, in its order."""
    return tuple(value for value in globals().values() if isinstance(value, Route))
