"""Names and helpers that the unit tests share."""

from __future__ import annotations

import inspect
from types import TracebackType
from typing import Any, Self
from unittest.mock import Mock

import aiohttp
from aioresponses import CallbackResult, aioresponses

BASE = "http://127.0.0.1:9/server"
KEY = "dev_0f3c51f7b0a94c7d8d6f"
TOKEN = "b1946ac92492d2347c6235b4d2611184"
SESSION = {"token": TOKEN}

_NEEDS_WRITER = "stream_writer" in inspect.signature(aiohttp.ClientResponse.__init__).parameters


class Response(aiohttp.ClientResponse):
    """A ClientResponse that aioresponses can build: it knows nothing of the writer that aiohttp 3.14 asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _NEEDS_WRITER:
            kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


class Http(aioresponses):
    """Answers requests from memory and keeps what was asked, headers and all."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def add(self, url: Any, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("response_class", Response)
        super().add(url, *args, **kwargs)

    def answer(self, verb: str, path: str, **kwargs: Any) -> None:
        """Say what a path below the base address answers."""
        self.add(BASE + path, verb, **kwargs)

    async def _request_mock(self, orig_self: Any, method: str, url: Any, *args: Any, **kwargs: Any) -> Any:
        # aioresponses keeps deep copies, and a copied secret is a masked one.
        self.asked.append((method, str(url), kwargs))
        return await super()._request_mock(orig_self, method, url, *args, **kwargs)

    def sent(self, path: str = "") -> list[tuple[str, str, dict[str, Any]]]:
        """What was asked apart from logins."""
        return [it for it in self.asked if it[1] != f"{BASE}/session" and path in it[1]]


def callback_result(**kwargs: Any) -> CallbackResult:
    """What a callback of aioresponses gives back."""
    return CallbackResult(response_class=Response, **kwargs)


def frames(error: BaseException) -> list[str]:
    """What a tool that captures the locals of a traceback's frames would write down, causes and contexts included.

    The frames of the tests are left out: they have to spell secrets.
    """
    found: list[str] = []
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        error_ = pending.pop()
        if error_ is None or id(error_) in seen:
            continue
        seen.add(id(error_))
        pending += [error_.__cause__, error_.__context__]
        found += _locals(error_.__traceback__)
    return found


def _locals(trace: TracebackType | None) -> list[str]:
    found: list[str] = []
    while trace is not None:
        frame = trace.tb_frame
        if "/tests/" not in frame.f_code.co_filename.replace("\\", "/"):
            found += [f"{frame.f_code.co_name}.{name} = {_repr(value)}" for name, value in frame.f_locals.items()]
        trace = trace.tb_next
    return found


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001  (a half-made object may not know its own attributes)
        return f"<{type(error).__name__}>"
