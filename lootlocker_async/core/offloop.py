"""Work on files, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

__all__ = ["off_loop"]


async def off_loop(work: Callable[[], T]) -> T:
    """Run something in a thread and see it end, even where the task is cancelled meanwhile.

    What it works on may then be closed or removed: no thread still has its hands on it.
    """
    running = asyncio.get_running_loop().run_in_executor(None, work)
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait((running,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        # Looked at, or asyncio would complain of an error that nobody ever saw.
        _ = running.exception()
        raise cancelled
    return running.result()
