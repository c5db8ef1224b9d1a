"""A small game backend: players sign in, game servers report matches, and everybody sees the season's board.

    export LOOTLOCKER_SERVER_KEY=... BACKEND_SESSION_SECRET=... BACKEND_SERVER_SECRET=...
    uvicorn --factory backend:create_app --workers 4

Its workers share nothing but a SQLite file, the ledger of what was awarded (`BACKEND_LEDGER`).
"""

from __future__ import annotations

import hmac
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import attrs
from awards import Award, Awards, Busy, Doubtful, Ledger, MatchChanged
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from page import board_page
from pydantic import BaseModel, Field
from sessions import Session, Sessions

from lootlocker_async import NotFoundError
from lootlocker_async.integrations.fastapi import (
    LootLocker,
    LootLockerDep,
    add_exception_handlers,
    lifespans,
    readiness_endpoint,
)

BOARD = "season"
CURRENCY = "gold"


# ----------------------------------------------------------------------------------------------------- putting together
@attrs.frozen
class Settings:
    """What the environment says, apart from LootLocker's own settings."""

    server_secret: str = attrs.field(repr=False)
    sessions: Sessions
    ledger: Ledger


@asynccontextmanager
async def own_lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """What this backend needs besides a client of LootLocker."""
    app.state.settings = Settings(
        server_secret=os.environ["BACKEND_SERVER_SECRET"],
        sessions=Sessions(os.environ["BACKEND_SESSION_SECRET"]),
        ledger=Ledger(Path(os.environ.get("BACKEND_LEDGER", "ledger.sqlite3"))),
    )
    yield


router = APIRouter()


def create_app() -> FastAPI:
    """The application: one for each worker, with a client of its own."""
    lootlocker = LootLocker(preload=True)
    app = FastAPI(title="Game backend", lifespan=lifespans(lootlocker.lifespan, own_lifespan))
    add_exception_handlers(app)
    for kind in (Busy, Doubtful, MatchChanged):
        app.add_exception_handler(kind, unsettled)
    app.include_router(router)
    app.add_api_route("/ready", readiness_endpoint(lootlocker), include_in_schema=False)
    return app


async def unsettled(_: Request, error: Exception) -> JSONResponse:
    """An award that isn't settled: the game server asks again, or a human looks."""
    if isinstance(error, Busy):
        return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "5"})
    return JSONResponse({"detail": str(error)}, 409)


def settings_of(request: Request) -> Settings:
    """The running backend's settings."""
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(settings_of)]


# ----------------------------------------------------------------------------------------------------------- signing in
class SignIn(BaseModel):
    """A player's running game session."""

    token: str = Field(min_length=1, repr=False)


async def signed_in(
    settings: SettingsDep, bearer: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> Session:
    """Who asks."""
    session = settings.sessions.read(bearer.credentials)
    if session is None:
        raise HTTPException(401, "sign in again", {"WWW-Authenticate": "Bearer"})
    return session


PlayerDep = Annotated[Session, Depends(signed_in)]


@router.post("/sign-in")
async def sign_in(asked: SignIn, client: LootLockerDep, settings: SettingsDep) -> dict[str, str | int]:
    """Trade a game session token, which the game got from LootLocker, for a session of this backend.

    LootLocker says which player a token belongs to, and not for how much longer: so ours are short.
    """
    found = (await client.players.lookup_session_tokens(tokens=[asked.token])).player_info_list
    if not found:
        raise HTTPException(401, "no running game session has this token")
    (player,) = found
    session = settings.sessions.start(player.legacy_id, player.id)
    return {"session": session, "player_id": player.legacy_id, "expires_in": settings.sessions.lifetime}


@router.get("/me")
async def me(player: PlayerDep, client: LootLockerDep) -> dict[str, str | int | None]:
    """A player's own gold and standing."""
    gold = Decimal(0)
    try:
        wallet = await client.balances.get_wallet_for_holder(player.player_ulid)
        held = (await client.balances.list(wallet.id)).balances
        gold = next((it.amount for it in held if it.currency.code == CURRENCY), gold)
    except NotFoundError:
        pass  # a player who never won anything has no wallet
    ranks = await client.leaderboards.list_member_ranks(str(player.player_id)).collect()
    rank = next((it.rank.rank for it in ranks if it.leaderboard_key == BOARD and it.rank), None)
    return {"player_id": player.player_id, "gold": f"{gold:f}", "rank": rank}


# -------------------------------------------------------------------------------------------------------------- matches
class Result(BaseModel):
    """What one player won in a match."""

    player_id: int
    player_ulid: str
    points: int = Field(ge=0)
    gold: Decimal = Field(ge=0, max_digits=18, decimal_places=2)


class Match(BaseModel):
    """What a game server reports."""

    results: list[Result] = Field(min_length=1, max_length=100)


async def game_server(settings: SettingsDep, x_server_secret: Annotated[str, Header()]) -> None:
    """Only game servers report matches."""
    if not hmac.compare_digest(x_server_secret.encode(), settings.server_secret.encode()):
        raise HTTPException(403, "this is for game servers")


@router.put("/matches/{match_id}", dependencies=[Depends(game_server)])
async def report(match_id: str, match: Match, client: LootLockerDep, settings: SettingsDep) -> dict[str, int]:
    """Award a match. However often it is reported, each player is paid once: after any failure, report it again."""
    won = [Award(match_id, it.player_id, it.player_ulid, it.points, it.gold) for it in match.results]
    awards = Awards(client, settings.ledger, board=BOARD, currency=CURRENCY)
    await awards.write_down(match_id, won)
    return {"settled": sum([await awards.settle(it.player_id, it.player_ulid) for it in won])}


# ------------------------------------------------------------------------------------------------------------ the board
@router.get("/", response_class=HTMLResponse, include_in_schema=False)
async def board(client: LootLockerDep) -> HTMLResponse:
    """The best twenty of the season, for browsers."""
    best = await client.leaderboards.list_scores(BOARD, limit=20).collect()
    return HTMLResponse(board_page(best), headers={"Cache-Control": "max-age=10"})
