"""A process that uses the client is told to end: it ends cleanly, in time, and its books agree with the service's."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from lootlocker_async.emulator import Emulator, Fault
from tests.integration.helpers import until
from tests.network.backend import WORKERS
from tests.network.kinds import TALLY, build

ROOT = Path(__file__).parents[2]
INCREMENT = "leaderboards_increment_score"
Process = asyncio.subprocess.Process


@asynccontextmanager
async def _backend(mode: str, emulator: Emulator) -> AsyncIterator[tuple[Process, int]]:
    """The process, and the port that it serves at; warnings are errors in it, and asyncio's debug mode is on."""
    options = ("-W", "error", "-X", "dev", "-m", "tests.network.backend")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *options, mode, emulator.base_url, emulator.server_key,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(120):
            line = await process.stdout.readline()
            if not line:
                raise AssertionError((await process.communicate())[1].decode())
        yield process, int(line)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _ended(process: Process) -> dict[str, int]:
    """What the process believes, once it has ended without a word of complaint."""
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    complaints = [line for line in err.decode().splitlines() if not line.startswith("Executing <")]
    assert (complaints, process.returncode) == ([], 0)
    told: dict[str, int] = json.loads(out)
    assert told["other"] == 0
    return told


def _see_books(emulator: Emulator, told: dict[str, int]) -> None:
    executed = len(emulator.record.executed(INCREMENT))
    assert told["answered"] <= executed <= told["answered"] + told["unknown"]
    assert emulator.world.score(TALLY, "dora") == executed
    ids = [call.headers["x-request-id"] for call in emulator.record.received(INCREMENT)]
    assert len(set(ids)) == len(ids)


async def _answered(emulator: Emulator, number: int) -> None:
    await until(lambda: len(emulator.record.executed(INCREMENT)) >= number)


@pytest.fixture
async def emulator(nothing_left: None) -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        build(emulator)
        emulator.faults.add(Fault.latency(INCREMENT, seconds=0.05))
        yield emulator


async def test_sigterm_with_a_grace_that_suffices(emulator: Emulator) -> None:
    async with _backend("patient", emulator) as (process, _):
        await _answered(emulator, 3 * WORKERS)
        process.send_signal(signal.SIGTERM)
        told = await _ended(process)
    _see_books(emulator, told)
    assert told["unknown"] == 0, "what was under way was answered in the grace"
    assert told["refused"] >= 1


async def test_sigterm_while_the_service_hangs(emulator: Emulator) -> None:
    async with _backend("hasty", emulator) as (process, _):
        await _answered(emulator, WORKERS)
        emulator.faults.clear()
        emulator.faults.add(Fault.latency(INCREMENT, seconds=3600))
        # Each of the workers may still be answered once before it meets the new latency.
        before = len(emulator.record.received(INCREMENT)) + WORKERS
        await until(lambda: len(emulator.record.received(INCREMENT)) >= before)
        await asyncio.sleep(0.1)
        began = asyncio.get_running_loop().time()
        process.send_signal(signal.SIGTERM)
        told = await _ended(process)
        assert asyncio.get_running_loop().time() - began < 8
    _see_books(emulator, told)
    assert told["unknown"] == WORKERS


async def test_an_interrupt_that_nobody_handles(emulator: Emulator) -> None:
    async with _backend("interrupted", emulator) as (process, _):
        await _answered(emulator, 2 * WORKERS)
        process.send_signal(signal.SIGINT)
        told = await _ended(process)
    executed = len(emulator.record.executed(INCREMENT))
    assert told["answered"] <= executed <= told["answered"] + WORKERS, "each of its tasks was cancelled once"
    assert told["unknown"] == told["refused"] == 0, "a task that is cancelled stays so"


async def test_sigterm_for_a_web_server_under_load(emulator: Emulator) -> None:
    async with _backend("web", emulator) as (process, port), aiohttp.ClientSession() as visitors:
        statuses: list[int] = []

        async def visit() -> None:
            while True:
                try:
                    async with visitors.post(f"http://127.0.0.1:{port}/play") as response:
                        statuses.append(response.status)
                except aiohttp.ClientError:
                    return

        crowd = [asyncio.create_task(visit()) for _ in range(WORKERS)]
        await _answered(emulator, 3 * WORKERS)
        process.send_signal(signal.SIGTERM)
        told = await _ended(process)
        await asyncio.gather(*crowd)
    _see_books(emulator, told)
    assert (told["unknown"], told["refused"]) == (0, 0), "its handlers had ended before the client was closed"
    assert set(statuses) == {200}
    assert len(statuses) == told["answered"]
