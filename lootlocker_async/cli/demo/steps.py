"""What the parts of the scenario share: the client, the plan, an account of each step, and a pool of workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar

import attrs

from lootlocker_async import LootLockerClient
from lootlocker_async.cli.demo.plan import Plan
from lootlocker_async.cli.demo.reconcile import ExactlyOnce
from lootlocker_async.core.observers import CallRecord, Event, GateClosed, LoggedIn, OutcomeUnknown
from lootlocker_async.routes import all_routes

__all__ = ["Stage", "Step", "Told", "for_each"]

T = TypeVar("T")

_PAGED = frozenset(route.operation for route in all_routes() if route.paging is not None)


@attrs.define
class Step:
    """One step of the demo and what it took.

    Attributes:
        name: What was done.
        calls: What became of each of its calls, the login among them.
        items: How many items it read or wrote.
        seconds: How long it took.
    """

    name: str
    calls: list[CallRecord]
    items: int = 0
    seconds: float = 0.0

    @property
    def sent(self) -> int:
        """How many requests its calls sent to the API; files are downloaded from addresses outside of it."""
        return sum(len(call.attempts) for call in self.calls if call.operation != "player_files_download")

    @property
    def again(self) -> int:
        """How many requests were sent for calls that had been sent before."""
        return sum(max(0, len(call.attempts) - 1) for call in self.calls)

    @property
    def pages(self) -> int:
        """How many pages of lists it got."""
        return sum(call.operation in _PAGED and call.outcome == "ok" for call in self.calls)


@attrs.define
class Told:
    """An observer of the client that keeps count.

    Attributes:
        logins: Logins that gave a token.
        pauses: How often a Retry-After held the whole client back.
        unknown: Calls whose outcome nobody knew.
    """

    logins: int = 0
    pauses: int = 0
    unknown: int = 0

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case LoggedIn(ok=True):
                self.logins += 1
            case GateClosed():
                self.pauses += 1
            case OutcomeUnknown():
                self.unknown += 1
            case _:
                pass


class Stage:
    """Where the parts of the scenario play.

    Args:
        client: The client, the same for all of them.
        plan: What is to be done.
        doing: Told the name of each step as it begins.
    """

    def __init__(self, client: LootLockerClient, plan: Plan, doing: Callable[[str], None]) -> None:
        self.client = client
        self.plan = plan
        self.steps: list[Step] = []
        self.exactly_once: ExactlyOnce = ExactlyOnce(client)
        self._doing = doing

    @contextmanager
    def step(self, name: str) -> Generator[Step]:
        """Everything inside is one step of the account.

        Args:
            name: What is done.
        """
        self._doing(name)
        began = time.perf_counter()
        with self.client.trace() as calls:
            step = Step(name, calls)
            yield step
        step.seconds = time.perf_counter() - began
        self.steps.append(step)


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
