"""A bounded pool of workers: how to do something for many ids without a task for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

__all__ = ["for_each"]

T = TypeVar("T")


async def for_each(items: Iterable[T], work: Callable[[T], Awaitable[None]], *, workers: int = 32) -> None:
    """Do something for every item, a few at a time.

    One item is in one worker's hands from beginning to end, so what is done for it happens one step after another.

    Args:
        items: What to do it for; taken one by one, so a generator of any length will do.
        work: What to do.
        workers: How many items are worked on at a time.

    Raises:
        ExceptionGroup: The work failed for an item; the others were cancelled.
    """
    queue = iter(items)

    async def worker() -> None:
        for item in queue:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())
