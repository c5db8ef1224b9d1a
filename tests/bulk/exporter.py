"""A process that exports, to be killed: `python -m tests.bulk.exporter BASE_URL JOB PATH ID...`, the key on stdin."""

from __future__ import annotations

import asyncio
import sys

from lootlocker_async import LootLockerClient, bulk


async def main(base_url: str, name: str, path: str, *ids: str) -> None:
    job = bulk.JOBS[name]
    async with LootLockerClient(sys.stdin.readline().strip(), base_url=base_url) as client:
        await bulk.export(client, job, [job.id_type(id_) for id_ in ids], path, concurrency=4, commit_every=1e-9)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
