"""Transfers of files, cancelled at each of their awaits: no task, connection, open file or half file stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from lootlocker_async import LootLockerClient
from tests.integration.helpers import check_idle, client_of, pool_of, until
from tests.integration.plain import Exchange, PlainServer
from tests.integration.stepping import Moment, cancel_after, cancel_at

CONTENT = bytes(300_000)
EVERY_MOMENT = pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name)


async def _serve(exchange: Exchange) -> None:
    if exchange.verb == "POST":
        async for _ in exchange.pieces():
            pass
        await exchange.answer({"id": 7})
    else:
        await exchange.answer(CONTENT)


class Source:
    def __init__(self) -> None:
        self.open = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.open += 1
        try:
            for _ in range(3):
                await asyncio.sleep(0)
                yield bytes(100_000)
        finally:
            try:
                await asyncio.sleep(0)
            finally:  # this wait, too, may be the one that is cancelled
                self.open -= 1


async def _idle(client: LootLockerClient, server: PlainServer) -> None:
    others = {task for task in asyncio.all_tasks() - server._tasks if "_accept_connection" not in repr(task.get_coro())}
    assert others == {asyncio.current_task()}
    pool = pool_of(client)
    assert not pool.downloads
    connector = pool.transport.elsewhere().connector
    assert not connector._acquired  # type: ignore[union-attr]
    check_idle(client)


@EVERY_MOMENT
@pytest.mark.parametrize("kind", ["iterable", "path"])
async def test_uploads_cancelled_at_each_await(tmp_path: Path, kind: str, moment: Moment) -> None:
    path = tmp_path / "x"
    path.write_bytes(CONTENT)
    async with PlainServer(_serve) as server, client_of(server) as client:
        await client.preload()
        for at in count(1):
            source = Source()
            file = source if kind == "iterable" else path
            task = await cancel_at(client.player_files.upload(1, file=file, purpose="x"), at, moment)
            assert source.open == 0
            await _idle(client, server)
            if not task.cancelled():
                assert task.exception() is None
                assert at > 2
                break


@pytest.mark.parametrize("kind", ["iterable", "path"])
async def test_uploads_cancelled_after_each_turn(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(CONTENT)
    async with PlainServer(_serve) as server, client_of(server) as client:
        await client.preload()
        for turns in range(200):
            source = Source()
            file = source if kind == "iterable" else path
            task = await cancel_after(client.player_files.upload(1, file=file, purpose="x"), turns)
            assert source.open == 0
            await _idle(client, server)
            if not task.cancelled():
                break


@EVERY_MOMENT
async def test_downloads_cancelled_at_each_await(tmp_path: Path, moment: Moment) -> None:
    to = tmp_path / "x"
    async with PlainServer(_serve) as server, client_of(server) as client:
        await client.preload()
        for at in count(1):
            to.unlink(missing_ok=True)
            task = await cancel_at(client.player_files.download(f"{server.origin}/x", to), at, moment)
            assert {path.name: path.stat().st_size for path in _inside(tmp_path)} in ({}, {"x": len(CONTENT)})
            await _idle(client, server)
            if not task.cancelled():
                assert task.result() == len(CONTENT)
                assert at > 5
                break
        await until(lambda: server.open <= 2)


def _inside(directory: Path) -> list[Path]:
    return list(directory.iterdir())
