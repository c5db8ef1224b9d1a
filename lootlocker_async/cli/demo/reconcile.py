"""Calls that must take effect exactly once, over a network that loses answers.

The SDK never sends such a call twice on a guess: where nobody can say whether it was executed, it raises
`OutcomeUnknownError`. Whoever knows what the call changes can look, and that is what happens here.

It only works while nothing else changes what is looked at: two increments of one member under way at a time could not
be told apart in the score. So a member's increments, and a player's grants, belong to one worker. Against a service
that may still be carrying out a call whose connection broke, wait for longer than it takes before looking.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from lootlocker_async import LootLockerClient, LootLockerError, OutcomeUnknownError

__all__ = ["ExactlyOnce", "ReconciliationError"]

_SENDS = 8


class ReconciliationError(LootLockerError):
    """What was read back is neither the state before the call nor the state after it."""


@attrs.define
class ExactlyOnce:
    """Increments and grants that take effect exactly once.

    Attributes:
        client: What they are sent with.
        found_executed: How many unknown outcomes turned out to be executed.
        found_not_executed: How many turned out not to be, and were sent again.
    """

    client: LootLockerClient
    found_executed: int = 0
    found_not_executed: int = 0

    async def increment(self, board: str, member_id: str, amount: int, *, score: int) -> int:
        """Add an amount to a member's score, once.

        Args:
            board: The leaderboard.
            member_id: The member, whose score nothing else changes meanwhile.
            amount: What to add; not 0.
            score: The member's score before.

        Returns:
            The score after.
        """

        async def send() -> object:
            return await self.client.leaderboards.increment_score(board, member_id=member_id, amount=amount)

        async def look() -> int | None:
            async for entry in self.client.leaderboards.list_member_ranks(member_id):
                if entry.leaderboard_key == board and entry.rank is not None:
                    return entry.rank.score
            return None

        await self._once(send, look, before=score, after=score + amount)
        return score + amount

    async def grant(self, player_id: int, asset_id: int, *, held: int) -> int:
        """Grant an asset to a player, once.

        Args:
            player_id: The player, to whom nothing else grants this asset meanwhile.
            asset_id: The asset.
            held: How many instances of it the player has before.

        Returns:
            How many after.
        """

        async def send() -> object:
            return await self.client.inventories.add_asset(player_id, asset_id=asset_id)

        async def look() -> int:
            items = await self.client.inventories.list_for_player(player_id).collect()
            return sum(item.asset is not None and item.asset.id == asset_id for item in items)

        await self._once(send, look, before=held, after=held + 1)
        return held + 1

    async def _once(
        self,
        send: Callable[[], Awaitable[object]],
        look: Callable[[], Awaitable[int | None]],
        *,
        before: int,
        after: int,
    ) -> None:
        for _ in range(_SENDS):
            try:
                await send()
                return
            except OutcomeUnknownError as unknown:
                now = await look()
                if now == after:
                    self.found_executed += 1
                    return
                if now != before:
                    raise ReconciliationError(
                        f"{unknown.method} {unknown.path} [request id {unknown.request_id}]: {before} should have "
                        f"stayed or become {after}, and is {now}"
                    ) from unknown
                self.found_not_executed += 1
        raise ReconciliationError(f"{_SENDS} sendings were lost one after another, none of them executed")
