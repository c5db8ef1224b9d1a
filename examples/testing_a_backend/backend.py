"""A small game backend: a win brings points on the week's board, and gold.

LOOTLOCKER_SERVER_KEY=... fastapi run backend.py
"""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from lootlocker_async import LootLockerClient, OutcomeUnknownError, ResponseDecodeError
from lootlocker_async.integrations.fastapi import LootLocker, LootLockerDep, add_exception_handlers

BOARD = "weekly"
LOOK_AFTER = float(os.environ.get("BACKEND_LOOK_AFTER", "10"))  # the service may still be at work on what was lost

lootlocker = LootLocker(make=lambda: LootLockerClient.from_env(backoff_base=0.05))
app = FastAPI(lifespan=lootlocker.lifespan)
add_exception_handlers(app)


class Win(BaseModel):
    """What a game server reports."""

    player_id: int
    player_ulid: str
    points: int
    gold: Decimal


@app.post("/wins", status_code=201)
async def report_win(win: Win, client: LootLockerDep) -> dict[str, Any]:
    """Award a win."""
    gold = next(it for it in (await client.currencies.list()).currencies if it.code == "gold")
    wallet = await client.balances.get_wallet_for_holder(win.player_ulid)
    entry = await client.leaderboards.submit_score(BOARD, member_id=str(win.player_id), score=win.points)
    balance = await credit_once(client, wallet.id, gold.id, win.gold)
    return {"rank": entry.rank, "gold": str(balance)}


@app.get("/board")
async def board(client: LootLockerDep) -> list[dict[str, Any]]:
    """The best ten of the week."""
    best = client.leaderboards.list_scores(BOARD, limit=10)
    return [{"rank": entry.rank, "player_id": int(entry.member_id), "points": entry.score} async for entry in best]


async def held(client: LootLockerClient, wallet_id: str, currency_id: str) -> Decimal:
    """What a wallet holds of a currency."""
    balances = (await client.balances.list(wallet_id)).balances
    return next((it.amount for it in balances if it.currency.id == currency_id), Decimal(0))


async def credit_once(client: LootLockerClient, wallet_id: str, currency_id: str, amount: Decimal) -> Decimal:
    """Credit an amount exactly once, also when the answer is lost, as long as nobody else changes this balance."""
    before = await held(client, wallet_id, currency_id)
    while True:
        try:
            done = await client.balances.credit(amount=amount, currency_id=currency_id, wallet_id=wallet_id)
            return done.balance.amount
        except (OutcomeUnknownError, ResponseDecodeError):
            await asyncio.sleep(LOOK_AFTER)
            now = await held(client, wallet_id, currency_id)
            if now == before + amount:
                return now  # it had been executed
            if now != before:
                raise  # somebody else was at work: a human has to look
