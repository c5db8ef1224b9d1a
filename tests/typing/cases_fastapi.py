"""Statements about types of the web integrations that mypy and pyright prove; nothing here is run."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, assert_type

from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from lootlocker_async import LootLockerClient, NotFoundError, freeze_heap
from lootlocker_async.integrations.fastapi import (
    ErrorAnswer,
    LootLocker,
    LootLockerDep,
    add_exception_handlers,
    error_answer,
    exception_handlers,
    lifespans,
    readiness_endpoint,
)

lootlocker = LootLocker()
stage = LootLocker("stage", make=lambda: LootLockerClient.from_env("STAGE_", retries=0), preload=True, grace=1)
StageDep = Annotated[LootLockerClient, Depends(stage.client)]


@asynccontextmanager
async def own(app: FastAPI) -> AsyncGenerator[None]:
    async with lootlocker.lifespan(app) as state:
        assert_type(state, dict[str, LootLockerClient])
        yield


@asynccontextmanager
async def with_state(app: FastAPI) -> AsyncGenerator[dict[str, int]]:
    assert_type(app, FastAPI)
    yield {"database": 7}


app = FastAPI(lifespan=lootlocker.lifespan)
app = FastAPI(lifespan=own)
app = FastAPI(
    lifespan=lifespans(lootlocker.lifespan, stage.lifespan, with_state), exception_handlers=exception_handlers()
)
add_exception_handlers(app)
app.add_api_route("/ready", readiness_endpoint(lootlocker, stage))
plain = Starlette(
    routes=[Route("/ready", readiness_endpoint(stage))],
    lifespan=lootlocker.lifespan,
    exception_handlers=exception_handlers(),
)
add_exception_handlers(plain)


@app.get("/")
async def endpoint(request: Request, client: LootLockerDep, other: StageDep) -> int:
    assert_type(client, LootLockerClient)
    assert_type(other, LootLockerClient)
    assert_type(lootlocker.of(request), LootLockerClient)
    assert_type(await stage.is_ready(request), bool)
    return freeze_heap()


assert_type(error_answer(NotFoundError("no", status=404)), ErrorAnswer)
LootLocker("live", make="key")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
