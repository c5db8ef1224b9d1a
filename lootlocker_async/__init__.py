"""The asyncio-native SDK for the LootLocker Server API.

    from lootlocker_async import LootLockerClient

    async with LootLockerClient.from_env() as client:
        await client.leaderboards.submit_score("daily", member_id="361", score=9000)

Importing the package is cheap: what a section needs is loaded when the section is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lootlocker_async.client import LootLockerClient
from lootlocker_async.config import ClientConfig
from lootlocker_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    BatchError,
    BatchFailure,
    BulkStoppedError,
    CallError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    InvalidRequestError,
    LootLockerError,
    NotFoundError,
    OutcomeUnknownError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitedError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    ServiceUnavailableError,
    TransportError,
    UnprocessableEntityError,
    WrongEventLoopError,
)
from lootlocker_async.secret import SecretStr
from lootlocker_async.version import __version__

if TYPE_CHECKING:
    from lootlocker_async.core.converter import from_dict, to_dict
    from lootlocker_async.core.pagination import Checkpoint, Page, Paginator
    from lootlocker_async.tuning import freeze_heap

__all__ = [
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "BatchError",
    "BatchFailure",
    "BulkStoppedError",
    "CallError",
    "Checkpoint",
    "ClientClosedError",
    "ClientConfig",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "InvalidRequestError",
    "LootLockerClient",
    "LootLockerError",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "Paginator",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "RateLimitedError",
    "RequestTimeoutError",
    "ResponseDecodeError",
    "SecretStr",
    "ServerError",
    "ServiceUnavailableError",
    "TransportError",
    "UnprocessableEntityError",
    "WrongEventLoopError",
    "__version__",
    "freeze_heap",
    "from_dict",
    "to_dict",
]

if not TYPE_CHECKING:
    _LATER = {
        "Checkpoint": "core.pagination",
        "Page": "core.pagination",
        "Paginator": "core.pagination",
        "freeze_heap": "tuning",
        "from_dict": "core.converter",
        "to_dict": "core.converter",
    }

    def __getattr__(name: str) -> object:
        # Not every program needs the converter, which brings cattrs with it, or lists.
        if name in _LATER:
            from importlib import import_module

            return getattr(import_module(f"lootlocker_async.{_LATER[name]}"), name)
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
