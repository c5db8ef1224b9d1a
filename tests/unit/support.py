"""Names and helpers that the unit tests share."""

from __future__ import annotations

from types import TracebackType
from typing import Any

BASE = "http://127.0.0.1:9/server"
KEY = "dev_0f3c51f7b0a94c7d8d6f"
TOKEN = "b1946ac92492d2347c6235b4d2611184"
SESSION = {"token": TOKEN}


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
    except Exception as error:  # a half-made object may not know its own attributes
        return f"<{type(error).__name__}>"
