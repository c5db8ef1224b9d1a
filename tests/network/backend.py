"""A small server process that uses the client: `python -m tests.network.backend MODE URL KEY`.

It prints the port that it serves at (0 for none) once it works, and at its end what it believes to have done.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

from aiohttp import web

from lootlocker_async import ClientClosedError, LootLockerClient, LootLockerError, OutcomeUnknownError
from tests.network.kinds import TALLY

WORKERS = 8
told = {"answered": 0, "unknown": 0, "refused": 0, "other": 0}


async def play(client: LootLockerClient) -> bool:
    """One unsafe call, entered into the books; whether it was answered."""
    try:
        await client.leaderboards.increment_score(TALLY, member_id="dora", amount=1)
    except OutcomeUnknownError:
        told["unknown"] += 1
    except ClientClosedError:
        told["refused"] += 1
    except LootLockerError:
        told["other"] += 1
    else:
        told["answered"] += 1
        return True
    return False


async def work(client: LootLockerClient) -> None:
    while not told["refused"]:
        await play(client)


async def with_a_handler(client: LootLockerClient, grace: float) -> None:
    """As a server does that handles the signal itself."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    workers = [asyncio.create_task(work(client)) for _ in range(WORKERS)]
    print(0, flush=True)
    await stop.wait()
    await client.close(grace)
    await asyncio.gather(*workers)


async def without_a_handler(client: LootLockerClient) -> None:
    """As a script does that is interrupted: its task is cancelled, and the client closed on the way out."""
    async with client, asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(work(client))
        print(0, flush=True)


def as_a_web_server(client: LootLockerClient) -> None:
    """As aiohttp's own server does."""

    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=200 if await play(client) else 503)

    async def close(_: web.Application) -> None:
        await client.close()

    app = web.Application()
    app.router.add_post("/play", handle)
    app.on_cleanup.append(close)

    async def serve() -> None:
        runner = web.AppRunner(app, handle_signals=True, shutdown_timeout=5.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    loop = asyncio.new_event_loop()
    task = loop.create_task(serve())
    try:
        loop.run_until_complete(task)
    except web.GracefulExit:
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def main(mode: str, url: str, key: str) -> None:
    # What a shell starts in the background is told to ignore it, and so are its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    client = LootLockerClient(key, base_url=url, timeout=60.0)
    if mode == "web":
        as_a_web_server(client)
    elif mode == "interrupted":
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(without_a_handler(client))
    else:
        asyncio.run(with_a_handler(client, 0.2 if mode == "hasty" else 10.0))
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
