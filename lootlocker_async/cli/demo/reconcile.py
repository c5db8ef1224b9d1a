"""Calls that must take effect exactly once, over a network that loses answers.

The SDK never sends such a call twice on a guess: where nobody can say whether it was executed, it raises
`OutcomeUnknownError`. Whoever knows what the call changes can look, and that is what happens here.

It only works while nothing else changes what is looked at: two increments of one member under way at a time could not
be told apart in the score. So a member's increments, a player's grants, a progression's points and one currency of a
wallet belong to one worker each. Against a service that may still be carrying out a call whose connection broke, wait
for longer than it takes before looking.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

import attrs

from lootlocker_async import (
    ConflictError,
    LootLockerClient,
    LootLockerError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ResponseDecodeError,
)
from lootlocker_async.models.drop_tables import DropTableItem

__all__ = ["ExactlyOnce", "Purse", "ReconciliationError"]

_SENDS = 8

T = TypeVar("T")
State = TypeVar("State")


class ReconciliationError(LootLockerError):
    """What was read back is neither the state before the call nor the state after it."""


@attrs.define
class Purse:
    """What a wallet holds of one currency; whoever has it is the only one who changes that.

    Attributes:
        wallet_id: The wallet.
        currency_id: The currency.
        held: How much of it there is.
    """

    wallet_id: str
    currency_id: str
    held: Decimal = Decimal(0)


@attrs.define
class ExactlyOnce:
    """Calls that take effect exactly once, or, where nobody can look, at most once.

    Attributes:
        client: What they are sent with.
        found_executed: How many unknown outcomes turned out to be executed.
        found_not_executed: How many turned out not to be, and were sent again.
        left_alone: How many nobody could look at; they were not sent again.
    """

    client: LootLockerClient
    found_executed: int = 0
    found_not_executed: int = 0
    left_alone: int = 0

    # ------------------------------------------------------------------------------------------------- scores and items
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

        await self._once("increments", send, look, before=score, after=score + amount)
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

        await self._once("grants", send, lambda: self._count(player_id, asset_id), before=held, after=held + 1)
        return held + 1

    async def _count(self, player_id: int, asset_id: int) -> int:
        items = await self.client.inventories.list_for_player(player_id).collect()
        return sum(item.asset is not None and item.asset.id == asset_id for item in items)

    # ----------------------------------------------------------------------------------------------------- progressions
    async def add_points(self, player_id: int, key: str, amount: int, *, points: int) -> int:
        """Add points to a progression of a player, once; the tiers that they reach are awarded with them.

        Args:
            player_id: The player.
            key: The progression, on which nothing else gives the player points meanwhile.
            amount: How many points.
            points: How many the player has before.

        Returns:
            How many after.
        """

        async def send() -> object:
            return await self.client.player_progressions.add_points(player_id, key, amount=amount)

        async def look() -> int:
            try:
                return (await self.client.player_progressions.get(player_id, key)).points
            except NotFoundError:
                return 0

        await self._once("point additions", send, look, before=points, after=points + amount)
        return points + amount

    # ---------------------------------------------------------------------------------------------------------- wallets
    async def open_wallet(self, holder_id: str) -> str:
        """Make the wallet of a player who has none, once.

        Args:
            holder_id: The player's ULID.

        Returns:
            The wallet's ULID.
        """

        async def send() -> str:
            made = await self.client.balances.create_wallet(holder_id=holder_id, holder_type="player")
            return made.wallet_id

        async def look() -> bool:
            try:
                await self.client.balances.get_wallet_for_holder(holder_id)
            except NotFoundError:
                return False
            return True

        made = await self._once("wallet creations", send, look, before=False, after=True)
        return made or (await self.client.balances.get_wallet_for_holder(holder_id)).id

    async def change(self, purse: Purse, amount: Decimal) -> None:
        """Credit a purse with an amount above 0, or debit it with one below, once.

        Args:
            purse: The purse.
            amount: The amount; not 0.

        Raises:
            PermissionDeniedError: It would be overdrawn; nothing was taken.
        """
        balances = self.client.balances
        what, call = ("credits", balances.credit) if amount > 0 else ("debits", balances.debit)

        async def send() -> object:
            return await call(amount=abs(amount), currency_id=purse.currency_id, wallet_id=purse.wallet_id)

        async def look() -> Decimal:
            held = (await balances.list(purse.wallet_id)).balances
            return next((it.amount for it in held if it.currency.id == purse.currency_id), Decimal(0))

        await self._once(what, send, look, before=purse.held, after=purse.held + amount)
        purse.held += amount

    async def is_refused(self, purse: Purse, amount: Decimal) -> bool:
        """Whether a debit is refused because there is too little for it.

        Args:
            purse: The purse.
            amount: What to take out of it, above 0.
        """
        try:
            await self.change(purse, -amount)
        except PermissionDeniedError:
            return True
        return False

    # ------------------------------------------------------------------------------------------------- chests and boxes
    async def draw(self, player_id: int, chest: int) -> tuple[DropTableItem, ...]:
        """Compute a drop table and lock the draw, once.

        A locked draw can't be read, but it tells by refusing the next one. What it was is lost then.

        Args:
            player_id: The player.
            chest: The instance in its inventory.

        Returns:
            The items drawn.
        """
        for _ in range(_SENDS):
            try:
                return (await self.client.drop_tables.compute_and_lock(player_id, chest)).items
            except OutcomeUnknownError:
                self.found_not_executed += 1
            except ConflictError as error:
                raise ReconciliationError(f"player {player_id} has a draw locked whose answer was lost") from error
        raise ReconciliationError(f"{_SENDS} sendings were lost one after another, none of them executed")

    async def pick(self, player_id: int, chest: int, item: DropTableItem, *, held: int) -> None:
        """Take an item out of a locked draw, once.

        Args:
            player_id: The player.
            chest: The instance in its inventory.
            item: The item of the draw.
            held: How many instances of its asset the player has before.
        """

        async def send() -> object:
            return await self.client.drop_tables.pick(player_id, chest, picks=[item.id])

        await self._once("picks", send, lambda: self._count(player_id, item.asset_id), before=held, after=held + 1)

    async def open_box(self, player_id: int, box: int) -> None:
        """Open a loot box, once: as long as it is in the inventory, it wasn't opened.

        Args:
            player_id: The player.
            box: The instance in its inventory.
        """

        async def send() -> object:
            return await self.client.loot_boxes.open(player_id, box)

        async def look() -> bool:
            items = self.client.inventories.list_for_player(player_id)
            return box in [item.instance_id async for item in items]

        await self._once("box openings", send, look, before=True, after=False)

    # ----------------------------------------------------------------------------------------------- files and messages
    async def upload(self, player_id: int, contents: bytes, *, name: str) -> None:
        """Upload a file, once.

        Args:
            player_id: The player, who has no file of that name.
            contents: What is in it.
            name: Its name.
        """

        async def send() -> object:
            return await self.client.player_files.upload(player_id, file=contents, purpose="SAVE_GAME", name=name)

        async def look() -> bool:
            files = (await self.client.player_files.list(player_id)).items
            return name in [file.name for file in files]

        await self._once("uploads", send, look, before=False, after=True)

    async def notify(self, recipient: str, notification_type: str, content: object) -> None:
        """Send a notification at most once: nobody can look whether it has arrived.

        Args:
            recipient: The player's ULID.
            notification_type: What it is about.
            content: What it says.
        """
        try:
            await self.client.notifications.send(
                notification_type=notification_type, priority="low", recipient=recipient, content=content
            )
        except OutcomeUnknownError:
            self.left_alone += 1

    async def _once(
        self,
        what: str,
        send: Callable[[], Awaitable[T]],
        look: Callable[[], Awaitable[State | None]],
        *,
        before: State,
        after: State,
    ) -> T | None:
        """Send until it is known to be executed; the answer, or None where it was lost."""
        for _ in range(_SENDS):
            try:
                return await send()
            except (OutcomeUnknownError, ResponseDecodeError) as unknown:
                # An answer that broke off was one all the same, and what it said has to be looked up.
                now = await look()
                if now == after:
                    self.found_executed += 1
                    return None
                if now != before:
                    raise ReconciliationError(
                        f"{what}: {unknown.method} {unknown.path} [request id {unknown.request_id}]: {before} should "
                        f"have stayed or become {after}, and is {now}"
                    ) from unknown
                self.found_not_executed += 1
        raise ReconciliationError(f"{what}: {_SENDS} sendings were lost one after another, none of them executed")
