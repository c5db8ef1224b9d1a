"""Ready-made jobs: what is fetched for each id, and what a row of it is.

A job is only named and described here; `export` runs it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

import attrs

from lootlocker_async.errors import ConfigurationError

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient
    from lootlocker_async.core.pagination import Paginator, PositionalPageOptions
    from lootlocker_async.models.balances import Wallet, WalletBalance
    from lootlocker_async.models.inventories import InventoryItem
    from lootlocker_async.models.leaderboards import LeaderboardMemberRank, LeaderboardScore
    from lootlocker_async.models.player_storage import PlayerStorageItems
    from lootlocker_async.models.players import PlayerName
    from lootlocker_async.models.progressions import ProgressionState

__all__ = ["JOBS", "Job", "Key", "job", "model_of"]

T = TypeVar("T")
Key = int | str
"""What names a player, a board, a wallet: whichever the job's `id_type` says."""
Rows = Sequence[tuple[Key, T]]
"""Rows, each with the id that it belongs to."""


@attrs.frozen(kw_only=True)
class Job(Generic[T]):
    """What to fetch for each of many ids.

    Attributes:
        name: What it's called.
        about: What its rows are, in words.
        id_type: What an id is.
        id_column: The column of the rows that holds the id.
        model: The model that a row has beside that column, as `module:class` below `lootlocker_async.models`.
        at_once: How many ids one call takes.
        fetch: Fetches the rows of some ids; None where they are walked.
        walk: Walks through the rows of one id that may be too many for memory; None where they are fetched.
    """

    name: str
    about: str
    id_type: type[int | str]
    id_column: str
    model: str
    at_once: int = 1
    fetch: Callable[[LootLockerClient, Sequence[Any]], Awaitable[Rows[T]]] | None = attrs.field(
        default=None, repr=False
    )
    walk: Callable[..., Paginator[T]] | None = attrs.field(default=None, repr=False)


def model_of(job: Job[T]) -> type[T]:
    """The class of a job's rows."""
    module, _, name = job.model.partition(":")
    found: type[T] = getattr(import_module(f"lootlocker_async.models.{module}"), name)
    return found


def job(name: str) -> Job[Any]:
    """A ready-made job by its name.

    Args:
        name: One of the names in `JOBS`.

    Raises:
        ConfigurationError: There is no such job.
    """
    found = JOBS.get(name)
    if found is None:
        raise ConfigurationError(f"there is no bulk job {name!r}, only {', '.join(sorted(JOBS))}")
    return found


async def _inventories(client: LootLockerClient, ids: Sequence[int]) -> Rows[InventoryItem]:
    (player_id,) = ids
    return [(player_id, item) for item in await client.inventories.list_for_player(player_id).collect()]


async def _progressions(client: LootLockerClient, ids: Sequence[int]) -> Rows[ProgressionState]:
    (player_id,) = ids
    return [(player_id, state) for state in await client.player_progressions.list(player_id).collect()]


async def _ranks(client: LootLockerClient, ids: Sequence[str]) -> Rows[LeaderboardMemberRank]:
    (member_id,) = ids
    return [(member_id, rank) for rank in await client.leaderboards.list_member_ranks(member_id).collect()]


async def _storage(client: LootLockerClient, ids: Sequence[int]) -> Rows[PlayerStorageItems]:
    return [(found.player_id, found) for found in (await client.player_storage.list(player_ids=ids)).items]


async def _names(client: LootLockerClient, ids: Sequence[int]) -> Rows[PlayerName]:
    return [(found.player_id, found) for found in (await client.players.lookup_names(player_id=ids)).players]


async def _wallets(client: LootLockerClient, ids: Sequence[str]) -> Rows[Wallet]:
    (holder_id,) = ids
    return [(holder_id, await client.balances.get_wallet_for_holder(holder_id))]


async def _balances(client: LootLockerClient, ids: Sequence[str]) -> Rows[WalletBalance]:
    (wallet_id,) = ids
    return [(wallet_id, balance) for balance in (await client.balances.list(wallet_id)).balances]


def _scores(
    client: LootLockerClient, leaderboard_key: str, **paging: Unpack[PositionalPageOptions]
) -> Paginator[LeaderboardScore]:
    return client.leaderboards.list_scores(leaderboard_key, **paging)


JOBS: Mapping[str, Job[Any]] = {
    known.name: known
    for known in (
        Job[Any](
            name="scores",
            about="Every entry of leaderboards.",
            id_type=str,
            id_column="leaderboard_key",
            model="leaderboards:LeaderboardScore",
            walk=_scores,
        ),
        Job[Any](
            name="ranks",
            about="The entries of members on every leaderboard, with their ranks.",
            id_type=str,
            id_column="member_id",
            model="leaderboards:LeaderboardMemberRank",
            fetch=_ranks,
        ),
        Job[Any](
            name="inventories",
            about="What players own.",
            id_type=int,
            id_column="player_id",
            model="inventories:InventoryItem",
            fetch=_inventories,
        ),
        Job[Any](
            name="names",
            about="Names and ids of players.",
            id_type=int,
            id_column="player_id",
            model="players:PlayerName",
            at_once=100,
            fetch=_names,
        ),
        Job[Any](
            name="storage",
            about="What players have stored, private keys too.",
            id_type=int,
            id_column="player_id",
            model="player_storage:PlayerStorageItems",
            at_once=50,
            fetch=_storage,
        ),
        Job[Any](
            name="progressions",
            about="How far players have come in their progressions.",
            id_type=int,
            id_column="player_id",
            model="progressions:ProgressionState",
            fetch=_progressions,
        ),
        Job[Any](
            name="wallets",
            about="The wallets of players and characters, by the ULIDs of those who hold them.",
            id_type=str,
            id_column="holder_id",
            model="balances:Wallet",
            fetch=_wallets,
        ),
        Job[Any](
            name="balances",
            about="What wallets hold, by the wallets' ULIDs.",
            id_type=str,
            id_column="wallet_id",
            model="balances:WalletBalance",
            fetch=_balances,
        ),
    )
}
"""The ready-made jobs by their names."""
