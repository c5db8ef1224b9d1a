"""The emulator's process: `python -m tests.soak.service STATE SEED PLAYERS`.

It prints where it is and what there is, waits for a line, switches the faults off, and prints what its store holds.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

from lootlocker_async.emulator import Emulator, Fault, Record, RecordedCall, seeds
from lootlocker_async.testing import GameBuilder
from tests.soak.samples import Sampler

LISTED = 330
"""How many entries the board has that is walked."""
CONTENTS = "contents of files"
_KEPT = 4000
_READS = ("leaderboards_list_scores", "inventories_list_for_player", "leaderboards_list_member_ranks")


class Tally(Record):
    """Counts the calls and lets go of old ones, which ended long ago: a record of a whole soak would take memory."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: Counter[str] = Counter()
        self.carried_out: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def add(self, call: RecordedCall) -> None:
        super().add(call)
        if len(self._calls) > _KEPT:
            self._count(self._calls.popleft())

    def finish(self) -> None:
        while self._calls:
            self._count(self._calls.popleft())

    def _count(self, call: RecordedCall) -> None:
        operation = call.operation or CONTENTS
        self.requests[operation] += 1
        self.carried_out[operation] += call.executed
        if call.fault is not None:
            self.faults[call.fault] += 1


def misbehaviour() -> list[Fault]:
    """About one call in ten meets one of these. Nothing waits before it is carried out but reads: what is carried out
    after its connection broke can't be told from what never was."""
    return [
        Fault.uniform_latency(_READS, seconds=0.0, most=0.05, probability=0.03),
        Fault.unavailable(probability=0.01),
        Fault.unavailable(probability=0.001, retry_after=1),
        Fault.unavailable(probability=0.006, after_execute=True),
        Fault.rate_limited(probability=0.002),
        Fault.rate_limited(probability=0.001, retry_after=1),
        Fault.drop_before_execute(probability=0.015),
        Fault.drop_after_execute(probability=0.015),
        Fault.reset_before_read(probability=0.004),
        Fault.reset_after_execute(probability=0.004),
        Fault.half_answer(probability=0.01),
        Fault.wrong_content_length(probability=0.004),
        Fault.slow_body(probability=0.01, seconds=0.02, pieces=4),
        Fault.expire_token(probability=0.002),
        Fault.refuse_connections(probability=0.0005, seconds=0.3),
        Fault.refuse_connections(probability=0.0005, connections=3),
    ]


def build(emulator: Emulator, players: int) -> dict[str, Any]:
    """The game: some players with everything, and a long board."""
    game = GameBuilder(emulator.game)
    everyone = [game.player(balances={"gold": "1000"}) for _ in range(players)]
    for key in ("best", "sum"):
        game.board(key, scores={player.id: 0 for player in everyone}, overwrite_score_on_submit=True)
    game.board("listed", scores={f"member_{number}": 10_000 - number for number in range(LISTED)})
    document = seeds.export(emulator.game, ["wallets"])
    wallets = {wallet["player_id"]: wallet["wallet_id"] for wallet in document["wallets"]}
    return {
        "base_url": emulator.base_url,
        "server_key": emulator.server_key,
        "currency": game.currency("gold").id,
        "asset": game.asset("Sword").id,
        "listed": LISTED,
        "players": [{"id": player.id, "wallet": wallets[player.id]} for player in everyone],
    }


def holdings(emulator: Emulator) -> dict[str, dict[str, Any]]:
    """What the store holds, for each player, in the form in which a client says what it believes."""
    document = seeds.export(emulator.game, ["players", "items", "balances", "scores", "player_files"])
    held: dict[str, dict[str, Any]] = {
        str(player["player_id"]): {"gold": None, "best": None, "sum": None, "items": [], "files": {}}
        for player in document["players"]
    }
    for balance in document["balances"]:
        held[str(balance["player_id"])]["gold"] = plain(Decimal(balance["amount"]))
    for board in document["scores"]:
        if board["key"] != "listed":
            for member, score, *_ in board["scores"]:
                held[member][board["key"]] = score
    for item in document.get("items", []):
        held[str(item["player_id"])]["items"].append(item["instance_id"])
    for file in document.get("player_files", []):
        contents = base64.b64decode(file["revisions"][-1]["content"])
        held[str(file["player_id"])]["files"][str(file["file_id"])] = digest(contents)
    return held


def plain(amount: Decimal) -> str:
    """An amount, written the same way whatever zeros it ends in."""
    return format(amount.normalize(), "f")


def digest(contents: bytes) -> str:
    """What stands for a file's contents."""
    return f"{len(contents)} bytes {hashlib.sha256(contents).hexdigest()[:16]}"


async def serve(state: str, seed: int, players: int) -> None:
    """Run until a line comes in."""
    loop = asyncio.get_running_loop()
    tally = Tally()
    async with Emulator(state=state, seed=seed) as emulator:
        emulator.record = tally
        print(json.dumps(build(emulator, players)), flush=True)
        emulator.faults.add(*misbehaviour())
        until = asyncio.Event()
        # Nothing of aiohttp tells a server's connections; they are among the descriptors.
        sampler = Sampler(lambda: 0)
        sampling = loop.create_task(sampler.run(until))
        await loop.run_in_executor(None, sys.stdin.readline)
        emulator.faults.clear()
        await emulator.accept_connections()
        until.set()
        await sampling
        tally.finish()
        report = {
            "holdings": holdings(emulator),
            "requests": tally.requests,
            "carried_out": tally.carried_out,
            "faults": tally.faults,
            "logins": emulator.logins,
            "figures": sampler.figures(),
        }
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
