"""FastAPI: a client for the life of an application, as a dependency; answers for its errors; a readiness check.

    lootlocker = LootLocker()
    app = FastAPI(lifespan=lootlocker.lifespan)
    add_exception_handlers(app)

    @app.get("/board")
    async def board(client: LootLockerDep) -> ...:

It needs the extra `fastapi`: `pip install 'lootlocker-async[fastapi]'`.
"""

from __future__ import annotations

from typing import Annotated

from lootlocker_async.client import LootLockerClient
from lootlocker_async.extras import missing
from lootlocker_async.integrations.starlette import (
    DEFAULT_NAME,
    ErrorAnswer,
    LootLocker,
    add_exception_handlers,
    error_answer,
    exception_handlers,
    lifespans,
    readiness_endpoint,
)

try:
    from fastapi import Depends
    from starlette.requests import HTTPConnection
except ImportError as _error:
    raise missing(_error, "The integration with FastAPI", "fastapi", "fastapi", "starlette") from _error

__all__ = [
    "DEFAULT_NAME",
    "ErrorAnswer",
    "LootLocker",
    "LootLockerDep",
    "add_exception_handlers",
    "error_answer",
    "exception_handlers",
    "lifespans",
    "lootlocker_client",
    "readiness_endpoint",
]

_DEFAULT = LootLocker()


async def lootlocker_client(connection: HTTPConnection) -> LootLockerClient:
    """The application's client, where it has one alone: what `LootLockerDep` depends on, and what tests override.

    Args:
        connection: The request or the WebSocket.

    Raises:
        ConfigurationError: The application's lifespan hasn't opened it.
    """
    return _DEFAULT.of(connection)


LootLockerDep = Annotated[LootLockerClient, Depends(lootlocker_client)]
"""The application's client, as the type of an endpoint's parameter."""
