"""The five kinds of call that the fault matrix has a column for, and the game that they are made in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Emulator

BOARD = "daily"
TALLY = "tally"
AMOUNT = 5
MEMBERS = ["ann", "bob", "cid"]
CONTENTS = b"a small file\x00\xff" * 20

Arm = Callable[[], None]
"""Switches the fault on, at the moment from which a call is to meet it."""


def member(who: int) -> str:
    """The entry of a caller in the tally."""
    return f"m{who}"


def player(who: int) -> int:
    """The player that a caller uploads for."""
    return 1000 + who


@attrs.frozen
class Kind:
    """A kind of call.

    Attributes:
        name: Its name in the table.
        operation: The operation that is called.
        idempotent: Whether it may be sent a second time.
        call: Makes the call for somebody, and sees that its answer is right.
    """

    name: str
    operation: str
    idempotent: bool
    call: Callable[[LootLockerClient, int, Arm], Awaitable[None]]


async def _read(client: LootLockerClient, who: int, arm: Arm) -> None:
    arm()
    assert (await client.leaderboards.get(BOARD)).key == BOARD


async def _paged(client: LootLockerClient, who: int, arm: Arm) -> None:
    found: list[str | None] = []
    async for entry in client.leaderboards.list_scores(BOARD, page_size=2):
        if not found:
            arm()  # so that the second page meets it
        found.append(entry.member_id)
    assert found == MEMBERS


async def _write(client: LootLockerClient, who: int, arm: Arm) -> None:
    arm()
    assert (await client.leaderboards.submit_score(TALLY, member_id=member(who), score=AMOUNT)).score == AMOUNT


async def _unsafe(client: LootLockerClient, who: int, arm: Arm) -> None:
    arm()
    assert (await client.leaderboards.increment_score(TALLY, member_id=member(who), amount=AMOUNT)).score == AMOUNT


async def _upload(client: LootLockerClient, who: int, arm: Arm) -> None:
    arm()
    uploaded = await client.player_files.upload(player(who), file=CONTENTS, purpose="SAVE")
    assert uploaded.size == len(CONTENTS)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("read", "leaderboards_get", True, _read),
        Kind("paged read", "leaderboards_list_scores", True, _paged),
        Kind("idempotent write", "leaderboards_submit_score", True, _write),
        Kind("unsafe write", "leaderboards_increment_score", False, _unsafe),
        Kind("upload", "player_files_upload", False, _upload),
    )
}


def build(emulator: Emulator, callers: int = 1) -> None:
    """What so many callers of the five kinds need to be there."""
    for who in range(callers):
        emulator.world.add_player(player_id=player(who))
    emulator.world.add_leaderboard(BOARD)
    emulator.world.add_leaderboard(TALLY)
    emulator.world.add_scores(BOARD, [("ann", 100), ("bob", 90), ("cid", 80)])
