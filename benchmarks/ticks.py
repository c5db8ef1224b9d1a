"""Whether a match loop of 30 ticks a second keeps time while pages of 2,000 scores are decoded beside it.

The loop has a world: some hundred thousand objects that live as long as the server. Pages of a leaderboard are walked
in a task beside it, so the garbage collector has reason to come, and looks at the world each time. Once all of that is
left to it, and once `freeze_heap` has taken what was there at start out of its sight. What is compared is the lateness
of the worst ticks; how many were late is printed. The ticks go by the processor's time of their process, so what else
the machine does makes none of them late. Both sides begin each round in interpreters of their own, because what is
frozen stays so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Generator
from typing import Any, Final

from aiohttp import web

from benchmarks import harness, scores, server
from lootlocker_async import LootLockerClient, freeze_heap

_RATE: Final = 30.0
_LATE: Final = 0.005
_WORLD: Final = 200_000
_FROZEN: Final = "frozen"
_AS_IT_IS: Final = "as it is"


# ----------------------------------------------------------------------------------------------------------- the server
async def _serve() -> None:
    """Answer everything with the same page, but for its cursor, which leads on and on."""
    before, after = scores.page().split(b'"next_cursor":2000')

    async def answer(request: web.BaseRequest) -> web.Response:
        body = server.SESSION
        if request.path.endswith("/list"):
            body = b'%b"next_cursor":%d%b' % (before, int(request.query.get("after", 0)) + 2000, after)
        return web.Response(body=body, content_type="application/json")

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(web.Server(answer, access_log=None), "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    listening.close()


@contextlib.contextmanager
def _server() -> Generator[str]:
    command = harness.python("-m", "benchmarks.ticks", "serve")
    with subprocess.Popen(
        command, cwd=harness.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/server"
        finally:
            process.terminate()


# ------------------------------------------------------------------------------------------------------------- the game
async def _play(base_url: str, seconds: float, *, frozen: bool) -> dict[str, Any]:
    """Tick for some seconds beside a walk through a leaderboard; tell how late each tick was."""
    world = [{"id": number, "position": [number, 0, 0], "near": []} for number in range(_WORLD)]
    pages = 0

    async def read(client: LootLockerClient) -> None:
        nonlocal pages
        async for page in client.leaderboards.list_scores("daily", page_size=2000).pages():
            pages += len(page) > 0

    async with LootLockerClient("key", base_url=base_url, trust_env=False) as client:
        await client.preload()
        if frozen:
            freeze_heap()
        reading = asyncio.create_task(read(client))
        try:
            lateness = await _tick(int(seconds * _RATE), world)
        finally:
            reading.cancel()
            await asyncio.wait([reading])
        assert reading.cancelled()  # the list has no end
    return {"lateness": lateness, "pages": pages}


async def _tick(ticks: int, world: list[dict[str, Any]]) -> list[float]:
    """Tick by the processor's time that this process has had: on the wall's clock others would make ticks late too."""
    clock = time.process_time
    first, lateness = clock(), []
    for number in range(ticks):
        due = first + number / _RATE
        while (now := clock()) < due:  # noqa: ASYNC110  (whatever else is to do has its turn)
            await asyncio.sleep(0)
        lateness.append(now - due)
        for thing in world[number * 50 % _WORLD :][:50]:
            thing["position"] = [number, number, 0]
    return lateness


# ---------------------------------------------------------------------------------------------------------- the figures
def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    """The worst tick of each round, with `freeze_heap` and without."""
    rounds, seconds = (1, 3.0) if quick else (3, 5.0)
    sides = (_FROZEN, _AS_IT_IS)
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    with _server() as base_url:
        for number in range(rounds):
            for side in sides if number % 2 else reversed(sides):
                found[side].append(_round(base_url, seconds, side))
    for side, played in found.items():
        lateness = [seconds for it in played for seconds in it["lateness"]]
        late, missed = (sum(seconds > bound for seconds in lateness) for bound in (_LATE, 1 / _RATE))
        _tell(
            f"    {side}: of {len(lateness)} ticks {late} late by more than {_LATE * 1e3:g} ms, "
            f"{missed} by more than a tick, the worst by {max(lateness) * 1e3:.1f} ms; "
            f"{sum(it['pages'] for it in played)} pages decoded"
        )
    return {side: harness.Sample(tuple(max(it["lateness"]) for it in found[side])) for side in sides}


def _round(base_url: str, seconds: float, side: str) -> dict[str, Any]:
    command = harness.python("-m", "benchmarks.ticks", "play", base_url, str(seconds), side)
    done = subprocess.run(command, cwd=harness.ROOT, check=True, stdout=subprocess.PIPE, text=True)
    played: dict[str, Any] = json.loads(done.stdout)
    return played


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "ticks-late",
                "the worst of 30 ticks a second while pages are decoded, after freeze_heap against without it",
                harness.Goal("at most", 0.3),
                _AS_IT_IS,
                ours=_FROZEN,
            ),
        ),
    ),
)

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        harness.pin(1)
        asyncio.run(_serve())
    else:
        harness.pin(0)
        _, _, base, length, chosen = sys.argv
        print(json.dumps(asyncio.run(_play(base, float(length), frozen=chosen == _FROZEN))))
