"""How fast a file of 4 MiB goes up: from a path, and from memory; on the clock, as the reader may be another thread."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import aiohttp
import orjson

from benchmarks import harness
from lootlocker_async import LootLockerClient

_SIZE: Final = 4 * 1024 * 1024
_PURPOSE: Final = "SAVE_GAME"
_BY_HAND: Final = "aiohttp by hand"
_PATH: Final = "lootlocker-async, a path"
_BY_HAND_PATH: Final = "aiohttp by hand, a path"


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, repeats = (2, 3) if quick else (51, 10)
    with harness.canned_server() as base, tempfile.TemporaryDirectory() as folder, asyncio.Runner() as loop:
        harness.pin(0)
        contents = os.urandom(_SIZE)
        path = Path(folder) / "save.bin"
        path.write_bytes(contents)
        client = LootLockerClient("key", base_url=base)
        session = loop.run(_session())

        async def by_hand(file: object) -> object:
            form = aiohttp.FormData({"purpose": _PURPOSE})
            form.add_field("file", file, filename="save.bin", content_type="application/octet-stream")
            async with session.post(f"{base}/players/361/files", data=form) as answer:
                return orjson.loads(await answer.read())

        async def by_hand_path() -> object:
            with path.open("rb") as file:
                return await by_hand(file)

        def side(upload: Callable[[], Awaitable[object]]) -> harness.Measure:
            return lambda: loop.run(_seconds_each(upload, repeats))

        try:
            return harness.in_turns(
                {
                    harness.OURS: side(lambda: client.player_files.upload(361, file=contents, purpose=_PURPOSE)),
                    _BY_HAND: side(lambda: by_hand(contents)),
                    _PATH: side(lambda: client.player_files.upload(361, file=path, purpose=_PURPOSE)),
                    _BY_HAND_PATH: side(by_hand_path),
                },
                rounds,
            )
        finally:
            loop.run(session.close())
            loop.run(client.close())


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def _seconds_each(upload: Callable[[], Awaitable[object]], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        await upload()
    return (time.perf_counter() - began) / repeats


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "upload",
                "upload of 4 MiB from memory, against aiohttp by hand",
                harness.Goal("at most", 1.2),
                _BY_HAND,
            ),
            harness.Row(
                "upload-path",
                "upload of 4 MiB from a path, against aiohttp by hand from an open file",
                harness.Goal("at most", 1.2),
                _BY_HAND_PATH,
                ours=_PATH,
            ),
        ),
    ),
)
