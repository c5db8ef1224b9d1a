"""Awards that are paid once, whatever gets lost on the way.

Points are set and not added: the ledger knows a player's total, and to submit a total twice changes nothing. Gold can
only be added, and LootLocker takes no idempotency key: so the ledger notes the balance before each credit, and whoever
comes back after a failure looks whether the balance has grown before it credits again. That is safe as long as nobody
but this backend changes the currency, and one worker at a time sees to a player, for which it takes a lease.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
import uuid
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import attrs

from lootlocker_async import (
    CallError,
    ConflictError,
    LootLockerClient,
    NotFoundError,
    OutcomeUnknownError,
    ResponseDecodeError,
)

LOOK_AFTER = float(os.environ.get("BACKEND_LOOK_AFTER", "10"))  # the service may still be at work on what was lost
LEASE = 120.0  # more than one credit takes: two calls with their time-outs, and the pause before the look
SENDINGS = 3

SCHEMA = """
CREATE TABLE IF NOT EXISTS matches (match_id TEXT PRIMARY KEY, report TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS awards (
    number INTEGER PRIMARY KEY, match_id TEXT NOT NULL, player_id INTEGER NOT NULL, player_ulid TEXT NOT NULL,
    points INTEGER NOT NULL, gold TEXT NOT NULL, before TEXT, paid INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS awards_of ON awards (player_id, paid);
CREATE TABLE IF NOT EXISTS leases (player_id INTEGER PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL);
"""


class MatchChanged(Exception):  # noqa: N818 - what has happened, for whoever reads the answer
    """A match was reported before, with other results."""


class Busy(Exception):  # noqa: N818
    """Somebody else sees to this player at the moment."""


class Doubtful(Exception):  # noqa: N818
    """A balance is neither what it was nor what it should be: a human has to look."""


@attrs.frozen
class Award:
    """What a player won in a match; `before` is what the wallet held before the credit was first sent."""

    match_id: str
    player_id: int
    player_ulid: str
    points: int
    gold: Decimal
    number: int = 0
    before: Decimal | None = None


# ----------------------------------------------------------------------------------------------------------- the ledger
class Ledger:
    """What was won and what was paid, in a file that all workers share."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as db:
            db.executescript(SCHEMA)

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as db, db:
            yield db

    def write_down(self, match_id: str, won: Sequence[Award]) -> None:
        """Note a match before anything of it is paid, unless it is there already."""
        report = repr([(it.player_id, it.player_ulid, it.points, str(it.gold)) for it in won])
        rows = [(it.match_id, it.player_id, it.player_ulid, it.points, str(it.gold), it.gold == 0) for it in won]
        with self._open() as db:
            if db.execute("INSERT OR IGNORE INTO matches VALUES (?, ?)", (match_id, report)).rowcount:
                columns = "match_id, player_id, player_ulid, points, gold, paid"
                db.executemany(f"INSERT INTO awards ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608
                return
            (known,) = db.execute("SELECT report FROM matches WHERE match_id = ?", (match_id,)).fetchone()
        if known != report:
            msg = f"match {match_id} was reported with other results"
            raise MatchChanged(msg)

    def total(self, player_id: int) -> int:
        """All points that a player ever won."""
        with self._open() as db:
            (total,) = db.execute("SELECT sum(points) FROM awards WHERE player_id = ?", (player_id,)).fetchone()
        return total or 0

    def unpaid(self, player_id: int) -> list[Award]:
        """What a player has still to get, the oldest first."""
        query = (
            "SELECT match_id, player_id, player_ulid, points, gold, number, before FROM awards"
            " WHERE player_id = ? AND NOT paid ORDER BY number"
        )
        with self._open() as db:
            rows = db.execute(query, (player_id,)).fetchall()
        return [
            Award(match, player, ulid, points, Decimal(gold), number, None if before is None else Decimal(before))
            for match, player, ulid, points, gold, number, before in rows
        ]

    def about_to_send(self, award: Award, before: Decimal | None) -> None:
        """Note the balance that a credit is about to change, or that it was not sent after all."""
        text = None if before is None else str(before)
        with self._open() as db:
            db.execute("UPDATE awards SET before = ? WHERE number = ?", (text, award.number))

    def paid(self, award: Award) -> None:
        """Note that an award was paid."""
        with self._open() as db:
            db.execute("UPDATE awards SET paid = 1 WHERE number = ?", (award.number,))

    def take(self, player_id: int, owner: str) -> bool:
        """Take the lease of a player, or prolong it; False if somebody else has it."""
        now = time.time()
        query = (
            "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (player_id)"
            " DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE until < ? OR owner = excluded.owner"
        )
        with self._open() as db:
            return db.execute(query, (player_id, owner, now + LEASE, now)).rowcount == 1

    def give_back(self, player_id: int, owner: str) -> None:
        """Give the lease of a player back."""
        with self._open() as db:
            db.execute("DELETE FROM leases WHERE player_id = ? AND owner = ?", (player_id, owner))


# --------------------------------------------------------------------------------------------------------------- paying
@attrs.frozen
class Awards:
    """Pays what the ledger says."""

    client: LootLockerClient
    ledger: Ledger
    board: str
    currency: str

    async def write_down(self, match_id: str, won: Sequence[Award]) -> None:
        """Note a match before anything of it is paid.

        Raises:
            MatchChanged: It was reported before, with other results.
        """
        await asyncio.to_thread(self.ledger.write_down, match_id, won)

    async def settle(self, player_id: int, player_ulid: str) -> int:
        """Bring a player's points up to date, and pay what is still to be paid, of this match and of earlier ones.

        Returns:
            How many credits were settled now.

        Raises:
            Busy: Another worker sees to the player, or every answer was lost.
            Doubtful: Somebody else changed the balance meanwhile.
            CallError: The service failed. What is noted in the ledger says how to go on.
        """
        owner = uuid.uuid4().hex
        await self._take(player_id, owner)
        try:
            total = await asyncio.to_thread(self.ledger.total, player_id)
            await self.client.leaderboards.submit_score(self.board, member_id=str(player_id), score=total)
            unpaid = await asyncio.to_thread(self.ledger.unpaid, player_id)
            if unpaid:
                wallet, currency = await self._wallet(player_ulid), await self._currency()
                for award in unpaid:
                    await self._pay(award, wallet, currency, owner)
        finally:
            # Also where this task is cancelled; a worker that dies leaves the lease to run out.
            await asyncio.shield(asyncio.to_thread(self.ledger.give_back, player_id, owner))
        return len(unpaid)

    async def _take(self, player_id: int, owner: str) -> None:
        if not await asyncio.to_thread(self.ledger.take, player_id, owner):
            msg = f"player {player_id} is being paid at the moment"
            raise Busy(msg)

    async def _pay(self, award: Award, wallet_id: str, currency_id: str, owner: str) -> None:
        before = award.before
        for _ in range(SENDINGS):
            await self._take(award.player_id, owner)
            held = await self._held(wallet_id, currency_id)
            if before is None:
                before = held
                await asyncio.to_thread(self.ledger.about_to_send, award, before)
            elif held == before + award.gold:
                break  # it had been executed
            elif held != before:
                msg = f"player {award.player_id} had {before} and now has {held}, after a credit of {award.gold}"
                raise Doubtful(msg)
            if await self._credit(award, wallet_id, currency_id):
                break
            await asyncio.sleep(LOOK_AFTER)
        else:
            msg = f"{SENDINGS} credits of {award.gold} to player {award.player_id} were lost"
            raise Busy(msg)
        await asyncio.to_thread(self.ledger.paid, award)

    async def _credit(self, award: Award, wallet_id: str, currency_id: str) -> bool:
        """Send a credit; False if nobody can say whether it was executed."""
        try:
            await self.client.balances.credit(amount=award.gold, currency_id=currency_id, wallet_id=wallet_id)
        except OutcomeUnknownError:
            return False
        except ResponseDecodeError as error:
            return error.executed
        except CallError:
            # Refused, or never sent: the next one starts from the balance as it is then.
            await asyncio.to_thread(self.ledger.about_to_send, award, None)
            raise
        return True

    async def _held(self, wallet_id: str, currency_id: str) -> Decimal:
        balances = (await self.client.balances.list(wallet_id)).balances
        return next((it.amount for it in balances if it.currency.id == currency_id), Decimal(0))

    async def _wallet(self, player_ulid: str) -> str:
        try:
            return (await self.client.balances.get_wallet_for_holder(player_ulid)).id
        except NotFoundError:
            pass  # a new player has none
        try:
            return (await self.client.balances.create_wallet(holder_id=player_ulid, holder_type="player")).wallet_id
        except (ConflictError, OutcomeUnknownError, ResponseDecodeError):
            return (await self.client.balances.get_wallet_for_holder(player_ulid)).id

    async def _currency(self) -> str:
        found = (await self.client.currencies.list()).currencies
        return next(it.id for it in found if it.code == self.currency)
