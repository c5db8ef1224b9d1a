"""Cancels a task at its N-th await, in the ways in which a cancellation can meet one."""

from __future__ import annotations

import asyncio
import enum
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any


class Moment(enum.Enum):
    """When, after the N-th await has begun, the task is cancelled."""

    AT_ONCE = "as soon as it waits"
    WHEN_READY = "when what it waits for is there, and it has not yet run on"
    NEXT_TURN = "a turn of the loop later"


@types.coroutine
def _stepped(work: Coroutine[Any, Any, Any], at: int, moment: Moment) -> Generator[Any, Any, Any]:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    steps = 0
    resume: Callable[[Any], Any] = work.send
    value: Any = None
    while True:
        try:
            awaited = resume(value)
        except StopIteration as end:
            return end.value
        steps += 1
        if steps == at:
            if moment is Moment.AT_ONCE or not asyncio.isfuture(awaited):
                task.cancel()
            elif moment is Moment.WHEN_READY:
                # Before the task's own callback, which is added when the future has been handed out.
                awaited.add_done_callback(lambda _: task.cancel())
            else:
                loop.call_soon(task.cancel)
        try:
            value = yield awaited
            resume = work.send
        except BaseException as error:  # noqa: BLE001  (handed on, whatever it is)
            value, resume = error, work.throw


async def cancel_at(work: Coroutine[Any, Any, Any], at: int, moment: Moment) -> asyncio.Task[Any]:
    """Drive some work and cancel it at its N-th await; gives the task when it's done."""

    async def main() -> Any:
        return await _stepped(work, at, moment)

    task = asyncio.create_task(main())
    await asyncio.wait({task})
    return task


async def cancel_after(work: Coroutine[Any, Any, Any], turns: int) -> asyncio.Task[Any]:
    """Drive some work and cancel it after so many turns of the loop; gives the task when it's done."""
    task = asyncio.create_task(work)
    for _ in range(turns):
        if task.done():
            break
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    return task
