"""One of many worker processes, told what to do through a pipe.

`log in` makes a call. `work N` makes calls in N tasks until `stop`. `end` closes the client and ends. Each order is
answered by how many calls there were, which errors, and what was logged of Redis.
"""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from collections import Counter
from collections.abc import Mapping
from multiprocessing.connection import Connection

import attrs
import redis.asyncio  # noqa: F401  (what every worker needs is loaded before the forks)

from lootlocker_async import ClientConfig, LootLockerClient
from lootlocker_async.core import retry  # noqa: F401
from lootlocker_async.integrations.redis import SharedState
from lootlocker_async.services import session  # noqa: F401


@attrs.frozen
class Told:
    """What a worker says of itself."""

    calls: int
    errors: Mapping[str, int]
    log: list[str]


class Worker:
    def __init__(self, client: LootLockerClient) -> None:
        self.client = client
        self.tasks: list[asyncio.Task[None]] = []
        self.working = False
        self.calls = 0
        self.errors: Counter[str] = Counter()
        self.log: list[str] = []

    async def call(self) -> None:
        try:
            await self.client.session.ping()
            self.calls += 1
        except Exception as error:  # noqa: BLE001  (any failure at all is what the test looks for)
            self.errors[f"{type(error).__name__}: {error}"] += 1

    async def work(self) -> None:
        while self.working:
            await self.call()

    async def do(self, order: str, number: int) -> None:
        if order == "log in":
            await self.call()
        elif order == "work":
            self.working = True
            self.tasks = [asyncio.create_task(self.work()) for _ in range(number)]
        elif order == "stop":
            self.working = False
            await asyncio.gather(*self.tasks)

    def told(self) -> Told:
        return Told(self.calls, self.errors, self.log)


class Keep(logging.Handler):
    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        if "Redis" in record.getMessage():
            self.log.append(f"{record.levelname} {record.getMessage()}")


async def _work(pipe: Connection, state: SharedState) -> None:
    async with LootLockerClient(config=state.share(ClientConfig.from_env(trust_env=False))) as client:
        worker = Worker(client)
        logger = logging.getLogger("lootlocker_async")
        logger.addHandler(Keep(worker.log))
        logger.setLevel(logging.INFO)
        pipe.send("ready")
        while (line := await asyncio.to_thread(pipe.recv)) != "end":
            order, _, number = line.partition(":")
            await worker.do(order, int(number or 0))
            pipe.send(worker.told())


def main(pipe: Connection, environment: Mapping[str, str], state: SharedState) -> None:
    warnings.simplefilter("error")
    os.environ.update(environment)
    asyncio.run(_work(pipe, state))
