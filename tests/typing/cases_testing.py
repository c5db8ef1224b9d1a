"""Statements about types of `lootlocker_async.testing` that mypy and pyright prove; nothing here is run."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_type

from lootlocker_async.testing import GameBuilder, LiveEmulator, Player


def scenes(game: GameBuilder) -> None:
    player = game.player("Aurelia", items=["Blade", 1200, game.asset("Helm")], balances={"gold": 1, "gems": "2.5"})
    assert_type(player, Player)
    scores = {player: 900}
    game.board("weekly", scores=scores)
    game.board("weekly", scores={player: 900, "team-7": 800, 1001: 700})
    game.board("weekly", prizes={1: {"gold": 100}, (2, 3): "Blade", (4, 9): game.asset("Helm")})
    prizes = {1: {"gold": 100}, 2: {"gold": 50}}
    game.board("weekly", resets="@weekly", prizes=prizes, type="player")
    game.board("weekly", scores={player: "900"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    assert_type(game.balance(player), Decimal)


def assertions(emulator: LiveEmulator) -> None:
    (call,) = emulator.assert_executed("balances.credit", times=1, where={"amount": Decimal(1)})
    assert_type(call.executed, bool)
    emulator.assert_received("balances.*", where=lambda call: call.status == 200)
    assert_type(emulator.game, GameBuilder)
    assert_type(len(emulator.record), int)
    emulator.client(retries=0)
    emulator.client(no_such_setting=0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
