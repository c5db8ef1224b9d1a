"""A match server: UDP, 30 ticks a second, and LootLocker in tasks beside the ticks.

    LOOTLOCKER_SERVER_KEY=... python server.py 9000

A client sends `{"join": "<game session token>"}` and then `{"dx": 1}`, `{"dx": 0}` or `{"dx": -1}`; it gets the state
of the match with every tick, and at the end of the match its rank. Who has gone farthest wins.
"""

from __future__ import annotations

import asyncio
import json
import sys
from bisect import bisect_right
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import attrs
from ticker import Ticker

from lootlocker_async import CallError, LootLockerClient, freeze_heap

Address = tuple[str, int]
BOARD = "distance"


# ------------------------------------------------------------------------------------------------------------- the game
@attrs.define
class Runner:
    """A player in the match."""

    player_id: int
    dx: int = 0
    distance: int = 0


@attrs.define
class Match:
    """One match after the other, each so many ticks long."""

    length: int
    runners: dict[Address, Runner] = attrs.field(factory=dict)
    tick: int = 0

    def step(self) -> bool:
        """Let a tick pass; True if the match is over with it."""
        for runner in self.runners.values():
            runner.distance += runner.dx
        self.tick += 1
        return self.tick % self.length == 0


# ----------------------------------------------------------------------------------------------------------- the server
class Server(asyncio.DatagramProtocol):
    """Takes datagrams, ticks, and hands what LootLocker has to do with to tasks.

    Nothing in here that a tick calls awaits anything: a tick never waits for the network, nor for the service.
    """

    def __init__(self, client: LootLockerClient, *, match_ticks: int = 30 * 60) -> None:
        self.match = Match(match_ticks)
        self.ticker = Ticker(self._tick)
        self.scores: list[int] = []  # everybody's, ascending, as they were when the board was last read
        self.matches = 0
        self._client = client
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    # ---------------------------------------------------------------------------------------------------- the network
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: Address) -> None:
        """A client wants something; what makes no sense is dropped."""
        try:
            asked = json.loads(data)
            token, dx = asked.get("join"), asked.get("dx")
        except (ValueError, AttributeError):
            return
        if isinstance(token, str) and token and address not in self.match.runners:
            self._spawn(self._join(token, address))
        elif dx in {-1, 0, 1} and (runner := self.match.runners.get(address)):
            runner.dx = dx

    def _send(self, told: object, *addresses: Address) -> None:
        assert self._transport is not None
        datagram = json.dumps(told).encode()
        for address in addresses:
            self._transport.sendto(datagram, address)

    # ------------------------------------------------------------------------------------------------------ the ticks
    def _tick(self, _: int) -> None:
        over = self.match.step()
        distances = {it.player_id: it.distance for it in self.match.runners.values()}
        self._send({"tick": self.match.tick, "distances": distances}, *self.match.runners)
        if over:
            self.matches += 1
            for address, runner in self.match.runners.items():
                self._spawn(self._report(runner.player_id, runner.distance, address))
                runner.distance = 0

    # ------------------------------------------------------------------------------------------------- beside the ticks
    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, token: str, address: Address) -> None:
        try:
            found = (await self._client.players.lookup_session_tokens(tokens=[token])).player_info_list
        except CallError as error:
            print(error, file=sys.stderr)
            self._send({"refused": "try again"}, address)
            return
        if not found:
            self._send({"refused": "no running game session has this token"}, address)
        elif address not in self.match.runners:
            self.match.runners[address] = Runner(found[0].legacy_id)
            self._send({"joined": found[0].legacy_id}, address)

    async def _report(self, player_id: int, distance: int, address: Address) -> None:
        # A score may be submitted twice: the same one changes nothing. So the client sends it again where need be.
        try:
            entry = await self._client.leaderboards.submit_score(BOARD, member_id=str(player_id), score=distance)
        except CallError as error:
            print(error, file=sys.stderr)
            self._send({"rank": None}, address)
            return
        beaten = bisect_right(self.scores, distance - 1)
        self._send({"rank": entry.rank, "beaten": beaten}, address)

    async def read_board(self) -> None:
        """Read the whole board, 2,000 scores a page."""
        scores = [entry.score async for entry in self._client.leaderboards.list_scores(BOARD, page_size=2000)]
        self.scores = sorted(scores)

    async def _keep_reading(self, every: float) -> None:
        while True:
            try:
                await self.read_board()
            except CallError as error:
                print(error, file=sys.stderr)
            await asyncio.sleep(every)

    async def run(self, read_every: float = 60.0) -> None:
        """Tick until this task is cancelled, and then see to what is still to be reported."""
        self._spawn(self._keep_reading(read_every))
        reader = next(iter(self._tasks))
        try:
            await self.ticker.run()
        finally:
            reader.cancel()
            await asyncio.wait(self._tasks, timeout=10)


@asynccontextmanager
async def serving(client: LootLockerClient, port: int = 0, **settings: int) -> AsyncGenerator[tuple[Server, Address]]:
    """A server at a port of this machine, ready to run."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Server(client, **settings), ("127.0.0.1", port)
    )
    try:
        yield server, transport.get_extra_info("sockname")
    finally:
        transport.close()


async def main(port: int) -> None:
    """Serve until somebody ends it."""
    async with LootLockerClient.from_env() as client, serving(client, port) as (server, _):
        await client.preload()  # no first use in a tick's way
        freeze_heap()  # and no collection that looks at all that was loaded
        try:
            await server.run()
        finally:
            ticker = server.ticker
            print(f"{ticker.ticks} ticks, {ticker.late} late, the worst by {ticker.worst * 1e3:.1f} ms")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1])))
