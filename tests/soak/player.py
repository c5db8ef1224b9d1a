"""A client's process: `python -m tests.soak.player NUMBER SECONDS SEED`; the plan comes in as a line of JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from random import Random
from typing import Any

import attrs

from lootlocker_async import LootLockerClient
from lootlocker_async.core.observers import AttemptEnded, AttemptStarted, Event, LoggedIn, OutcomeUnknown, RetryPlanned
from tests.soak.samples import Sampler
from tests.soak.work import Counts, Files, Inventory, Member, Purse, Reader, Shift, Worker, run

_CONNECTIONS = 16
_READERS = 2
_EVENTS: tuple[type, ...] = (AttemptStarted, RetryPlanned, LoggedIn, OutcomeUnknown)


def workers(shift: Shift, players: list[dict[str, Any]], seed: str) -> list[Worker]:
    """Four for each player, and some readers."""
    made: list[Worker] = []
    for player in players:
        number = player["id"]
        made += [
            Purse(shift, Random(f"{seed}/purse/{number}"), number, player["wallet"]),
            Member(shift, Random(f"{seed}/member/{number}"), number),
            Inventory(shift, Random(f"{seed}/inventory/{number}"), number),
            Files(shift, Random(f"{seed}/files/{number}"), number),
        ]
    return made + [Reader(shift, Random(f"{seed}/reader/{number}"), 0) for number in range(_READERS)]


def open_connections(client: LootLockerClient) -> int:
    """How many connections the client's pool holds, busy or not."""
    pools = client._caller.manager._pools
    pool = pools.get(asyncio.get_running_loop())
    connector: Any = None if pool is None else pool.transport._session.connector
    if connector is None:
        return 0
    return len(connector._acquired) + sum(len(idle) for idle in connector._conns.values())


async def play(plan: dict[str, Any], number: int, seconds: float, seed: str) -> dict[str, Any]:
    """Work for the time given, and tell what came of it."""
    events: Counter[str] = Counter()
    slowest: list[Any] = [0.0, "none"]

    def observe(event: Event) -> None:
        if isinstance(event, _EVENTS):
            events[type(event).__name__] += 1
        elif isinstance(event, AttemptEnded) and event.attempt.seconds > slowest[0]:
            slowest[:] = event.attempt.seconds, f"{event.operation}: {event.attempt.error or event.attempt.status}"

    client = LootLockerClient(
        plan["server_key"],
        base_url=plan["base_url"],
        max_connections=_CONNECTIONS,
        # One of them learns the pace from the refusals, which come at random here, and one doesn't.
        adaptive_pacing=number == 0,
        trust_env=False,
        observers=(observe,),
    )
    sampler = Sampler(lambda: open_connections(client))
    until = asyncio.Event()
    async with client:
        shift = Shift(client, plan, Counts(), asyncio.get_running_loop().time() + seconds)
        everyone = workers(shift, plan["players"][number::2], f"{seed}/{number}")
        sampling = asyncio.create_task(sampler.run(until))
        async with asyncio.TaskGroup() as group:
            for index, worker in enumerate(everyone):
                group.create_task(run(worker, shift, Random(f"{seed}/{number}/{index}")))
        until.set()
        await sampling
    await asyncio.sleep(0.2)  # sockets are closed a turn after their transports
    beliefs: dict[str, dict[str, Any]] = {}
    for worker in everyone:
        if worker.player:
            beliefs.setdefault(str(worker.player), {}).update(worker.beliefs())
    return {
        "beliefs": beliefs,
        "counts": attrs.asdict(shift.counts),
        "events": events,
        "slowest": slowest,
        "figures": sampler.figures(),
        "workers": len(everyone),
        "most_connections": _CONNECTIONS,
    }


if __name__ == "__main__":
    told = json.loads(sys.stdin.readline())
    print(json.dumps(asyncio.run(play(told, int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))), flush=True)
