"""`lootlocker players`, `wallet`, `progressions` and `storage`: what a player is, has and has reached."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from lootlocker_async.cli.connection import run
from lootlocker_async.cli.output import AsJson, AsJsonl, Column, Output, ToFile

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient
    from lootlocker_async.models.balances import WalletBalance
    from lootlocker_async.models.player_storage import PlayerStorageItem
    from lootlocker_async.models.players import PlayerName
    from lootlocker_async.models.progressions import ProgressionState

__all__ = ["players", "progressions", "storage", "wallet"]

players: typer.Typer = typer.Typer(no_args_is_help=True)
wallet: typer.Typer = typer.Typer(no_args_is_help=True)
progressions: typer.Typer = typer.Typer(no_args_is_help=True)
storage: typer.Typer = typer.Typer(no_args_is_help=True)

Player = Annotated[int, typer.Argument(metavar="PLAYER", help="The player's numeric id.")]


class By(StrEnum):
    """What players are looked up by."""

    PLAYER_ID = "player-id"
    ULID = "ulid"
    PUBLIC_UID = "public-uid"
    NAME = "name"
    GUEST = "guest-login-id"
    STEAM = "steam-id"
    PSN = "psn-id"
    XBOX = "xbox-id"


_PARAMETERS = {
    By.ULID: "player_ulid",
    By.PUBLIC_UID: "player_public_uid",
    By.NAME: "player_name",
    By.GUEST: "player_guest_login_id",
    By.STEAM: "steam_id",
    By.PSN: "psn_id",
    By.XBOX: "xbox_id",
}
_NAMES = (
    Column("player", lambda _, found: str(found.player_id), is_number=True),
    Column("name", lambda _, found: found.name),
    Column("ulid", lambda _, found: found.ulid),
    Column("public uid", lambda _, found: found.player_public_uid),
    Column("last platform", lambda _, found: found.last_active_platform),
)
_BALANCES = (
    Column("amount", lambda _, balance: format(balance.amount, ",f"), is_number=True),
    Column("code", lambda _, balance: balance.currency.code),
    Column("currency", lambda _, balance: balance.currency.name),
    Column("wallet", lambda _, balance: balance.wallet_id),
)
_STATES = (
    Column("progression", lambda _, state: state.progression_key),
    Column("name", lambda _, state: state.progression_name),
    Column("step", lambda _, state: state.step, is_number=True),
    Column("points", lambda _, state: state.points, is_number=True),
    Column("next at", lambda _, state: state.next_threshold, is_number=True),
    Column("last level up", lambda _, state: state.last_level_up),
)
_PAIRS = (
    Column("key", lambda _, pair: pair.key),
    Column("value", lambda _, pair: pair.value),
    Column("public", lambda _, pair: pair.is_public),
)


@players.command()
def names(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Whom to look up.")],
    *,
    by: Annotated[By, typer.Option(help="What the ids are.")] = By.PLAYER_ID,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
    output: ToFile = None,
) -> None:
    """Look up players' names and ids; those that nobody knows are left out."""
    from lootlocker_async.bulk import JOBS

    out = Output(as_json, as_jsonl, output)
    asked: dict[str, Any] = {_PARAMETERS[by]: ids} if by in _PARAMETERS else {"player_id": _numbers(ids)}

    async def work(client: LootLockerClient) -> tuple[PlayerName, ...]:
        return (await client.players.lookup_names(**asked)).players

    rows = [(found.player_id, found) for found in run(context, work)]
    out.rows(rows, JOBS["names"], _NAMES, title="Players", nothing="Nobody was found.")


def _numbers(ids: list[str]) -> list[int]:
    for id_ in ids:
        if not (id_.isascii() and id_.isdigit()):
            raise typer.BadParameter(f"a numeric id is due, not {id_!r}; --by says what the ids are")
    return [int(id_) for id_ in ids]


@wallet.command("show")
def show_wallet(
    context: typer.Context,
    holder: Annotated[str, typer.Argument(help="The player's numeric id, or the ULID of a player or character.")],
    *,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
    output: ToFile = None,
) -> None:
    """Show what a wallet holds."""
    from lootlocker_async.bulk import JOBS

    out = Output(as_json, as_jsonl, output)

    async def work(client: LootLockerClient) -> tuple[WalletBalance, ...]:
        ulid = await _ulid(client, holder)
        found = await client.balances.get_wallet_for_holder(ulid)
        return (await client.balances.list(found.id)).balances

    rows = [(balance.wallet_id, balance) for balance in run(context, work)]
    out.rows(
        rows, JOBS["balances"], _BALANCES, title=f"Wallet of {holder}", nothing=f"The wallet of {holder} is empty."
    )


async def _ulid(client: LootLockerClient, holder: str) -> str:
    from lootlocker_async.errors import NotFoundError

    if not (holder.isascii() and holder.isdigit()):
        return holder
    (found,) = (await client.players.lookup_names(player_id=[int(holder)])).players or (None,)
    if found is None or not found.ulid:
        raise NotFoundError(f"there is no player {holder}, or one without a ULID", status=404, method="GET",
                            path="/players/lookup/name")  # fmt: skip
    return found.ulid


@progressions.command("show")
def show_progressions(
    context: typer.Context,
    player_id: Player,
    *,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
    output: ToFile = None,
) -> None:
    """Show how far a player has come."""
    from lootlocker_async.bulk import JOBS

    out = Output(as_json, as_jsonl, output)

    async def work(client: LootLockerClient) -> list[ProgressionState]:
        return await client.player_progressions.list(player_id).collect()

    rows = [(player_id, state) for state in run(context, work)]
    title = f"Progressions of player {player_id}"
    nothing = f"Player {player_id} has begun no progression."
    out.rows(rows, JOBS["progressions"], _STATES, title=title, nothing=nothing)


@storage.command("get")
def get_storage(
    context: typer.Context,
    player_id: Player,
    keys: Annotated[list[str] | None, typer.Argument(metavar="[KEY]...", help="The keys; all without.")] = None,
    *,
    as_json: AsJson = False,
    as_jsonl: AsJsonl = False,
    output: ToFile = None,
) -> None:
    """Show what a player has stored; with keys that are not there, it ends with 4 (not found)."""
    from lootlocker_async.bulk import Job
    from lootlocker_async.errors import NotFoundError

    out = Output(as_json, as_jsonl, output)

    async def work(client: LootLockerClient) -> list[PlayerStorageItem]:
        found = (await client.player_storage.list(player_ids=[player_id])).items
        pairs = [pair for items in found if items.player_id == player_id for pair in items.items]
        missing = sorted(set(keys or ()) - {pair.key for pair in pairs})
        if missing:
            raise NotFoundError(f"player {player_id} has stored nothing under {', '.join(missing)}", status=404,
                                method="GET", path="/players/storage")  # fmt: skip
        return [pair for pair in pairs if not keys or pair.key in keys]

    job = Job["PlayerStorageItem"](
        name="pairs", about="Pairs.", id_type=int, id_column="player_id", model="player_storage:PlayerStorageItem"
    )
    rows = [(player_id, pair) for pair in run(context, work)]
    title = f"Storage of player {player_id}"
    out.rows(rows, job, _PAIRS, title=title, nothing=f"Player {player_id} has stored nothing.")


@storage.command("set")
def set_storage(
    context: typer.Context,
    player_id: Player,
    key: Annotated[str, typer.Argument(help="The key.")],
    value: Annotated[str, typer.Argument(help="The value; - reads it from stdin.")],
    *,
    public: Annotated[
        bool | None, typer.Option("--public/--private", help="Whether other players may read it; as it was without.")
    ] = None,
) -> None:
    """Set one pair of a player's. It is safe to repeat."""
    text = sys.stdin.read() if value == "-" else value
    entry: dict[str, Any] = {"key": key, "value": text} | ({} if public is None else {"is_public": public})

    async def work(client: LootLockerClient) -> None:
        await client.player_storage.set(payload=[cast("Any", {"player_id": player_id, "sets": [entry]})])

    run(context, work)
    typer.echo(f"Player {player_id} now has {len(text):,} characters under {key}.", err=True)
