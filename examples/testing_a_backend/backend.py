"""A small game backend: a win brings points on the week's board, and gold.

LOOTLOCKER_SERVER_KEY=... fastapi run backend.py
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from lootlocker_async import LootLockerClient, LootLockerError, NotFoundError, OutcomeUnknownError

BOARD = "weekly"
LOOK_AFTER = float(os.environ.get("BACKEND_LOOK_AFTER", "10"))  # the service may still be at work on what was lost


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client for the life of the backend."""
    async with LootLockerClient.from_env(backoff_base=0.05) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


def client_of(request: Request) -> LootLockerClient:
    """The backend's client."""
    client: LootLockerClient = request.app.state.client
    return client


Client = Annotated[LootLockerClient, Depends(client_of)]


class Win(BaseModel):
    """What a game server reports."""

    player_id: int
    player_ulid: str
    points: int
    gold: Decimal


@app.exception_handler(NotFoundError)
async def unknown(_: Request, error: NotFoundError) -> JSONResponse:
    """What isn't there is the caller's mistake."""
    return JSONResponse({"detail": error.message}, 404)


@app.exception_handler(LootLockerError)
async def unavailable(_: Request, error: LootLockerError) -> JSONResponse:
    """Everything else that the service does is none of the caller's business."""
    return JSONResponse({"detail": f"the game service failed: {type(error).__name__}"}, 503)


@app.post("/wins", status_code=201)
async def report_win(win: Win, client: Client) -> dict[str, Any]:
    """Award a win."""
    gold = next(it for it in (await client.currencies.list()).currencies if it.code == "gold")
    wallet = await client.balances.get_wallet_for_holder(win.player_ulid)
    entry = await client.leaderboards.submit_score(BOARD, member_id=str(win.player_id), score=win.points)
    balance = await credit_once(client, wallet.id, gold.id, win.gold)
    return {"rank": entry.rank, "gold": str(balance)}


@app.get("/board")
async def board(client: Client) -> list[dict[str, Any]]:
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
        except OutcomeUnknownError:
            await asyncio.sleep(LOOK_AFTER)
            now = await held(client, wallet_id, currency_id)
            if now == before + amount:
                return now  # it had been executed
            if now != before:
                raise  # somebody else was at work: a human has to look
