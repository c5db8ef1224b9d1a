"""What the server's clients get, that its ticks keep time, and that they wait for nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from server import Address, Server, serving
from ticker import Ticker

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Fault, Faults
from lootlocker_async.testing import GameBuilder, LiveEmulator

PATIENCE = 120.0  # for machines that are busy with other things


class Client(asyncio.DatagramProtocol):
    """A player's end of the line."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.heard.put_nowait(json.loads(data))

    def say(self, **told: object) -> None:
        self.transport.sendto(json.dumps(told).encode())

    async def hear(self, what: str) -> Any:
        async with asyncio.timeout(PATIENCE):
            while True:
                told = await self.heard.get()
                if what in told:
                    return told[what]


@asynccontextmanager
async def playing(address: Address) -> AsyncGenerator[Client]:
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(Client, remote_addr=address)
    try:
        yield client
    finally:
        transport.close()


@asynccontextmanager
async def running(client: LootLockerClient, **settings: int) -> AsyncGenerator[tuple[Server, Address]]:
    async with serving(client, **settings) as (server, address):
        task = asyncio.create_task(server.run())
        try:
            yield server, address
        finally:
            task.cancel()
            await asyncio.wait([task])


# ------------------------------------------------------------------------------------------------------------ a match
async def test_a_match_is_played_and_reported(
    lootlocker_client: LootLockerClient, lootlocker_game: GameBuilder, lootlocker_emulator: LiveEmulator
) -> None:
    fast, slow = lootlocker_game.player("Aurelia"), lootlocker_game.player("Bran")
    lootlocker_game.board("distance", scores={f"m{number}": number for number in range(-50, 0)})
    async with (
        running(lootlocker_client, match_ticks=15) as (server, address),
        playing(address) as first,
        playing(address) as second,
    ):
        await server.read_board()
        for client, player in ((first, fast), (second, slow)):
            client.say(join=lootlocker_game.add_game_session(player.id))
            assert await client.hear("joined") == player.id
        first.say(dx=1)
        assert await second.hear("beaten") == 50
        # Until the first one has run through a whole match.
        while not (await first.hear("rank") == 1 and lootlocker_game.score("distance", str(fast.id)) == 15):
            pass
        ticks = [await second.hear("tick") for _ in range(20)]
    assert ticks == list(range(ticks[0], ticks[0] + 20))
    assert lootlocker_game.score("distance", str(slow.id)) == 0
    assert len(server.scores) == 50
    assert lootlocker_emulator.logins == 1


async def test_a_token_of_nobody_is_refused(lootlocker_client: LootLockerClient, lootlocker_game: GameBuilder) -> None:
    lootlocker_game.board("distance")
    async with running(lootlocker_client) as (server, address), playing(address) as client:
        client.say(join="made-up")
        assert await client.hear("refused") == "no running game session has this token"
        for nonsense in (b"", b"[]", b"{", b'{"join": 7}', b'{"dx": 9}', b'{"dx": 1}', b"\xff"):
            client.transport.sendto(nonsense)
        client.say(join="made-up")
        await client.hear("refused")
        assert server.match.runners == {}


# ------------------------------------------------------------------------------------------------------------ the ticks
async def test_the_ticks_wait_for_nobody(
    lootlocker_client: LootLockerClient, lootlocker_game: GameBuilder, lootlocker_faults: Faults
) -> None:
    """A service that takes half a second, and one that fails, hold up no tick."""
    lootlocker_game.board("distance")
    token = lootlocker_game.add_game_session(lootlocker_game.add_player())
    lootlocker_faults.add(Fault.latency("players_lookup_session_tokens", seconds=0.5))
    lootlocker_faults.add(Fault.error("leaderboards", status=500))
    async with running(lootlocker_client, match_ticks=15) as (server, address), playing(address) as client:
        client.say(join=token)
        await client.hear("joined")
        assert server.ticker.ticks > 10
        assert await client.hear("rank") is None


@pytest.mark.parametrize(("stall", "late"), [(0.0, 0), (0.004, 0), (0.01, 1), (0.1, 3)])
async def test_late_ticks_are_counted_and_none_is_left_out(stall: float, late: int) -> None:
    """On a clock of its own, in which something stalls the loop during the tenth tick."""
    clock = 100.0
    began: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal clock
        clock += seconds + (stall if len(began) == 10 else 0)

    def tick(number: int) -> None:
        assert number == len(began)
        began.append(clock)

    ticker = Ticker(tick, now=lambda: clock, sleep=sleep)
    await ticker.run(until=lambda: ticker.ticks == 30)
    assert (ticker.ticks, ticker.late) == (30, late)
    assert ticker.worst == pytest.approx(stall, abs=1e-9)
    assert began[-1] == pytest.approx(100 + 29 / 30)
