"""What the backend does when all is well, when answers are lost, and when the week is over."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lootlocker_async import LootLockerClient, OutcomeUnknownError
from lootlocker_async.emulator import Clock, Fault, Faults
from lootlocker_async.testing import GameBuilder, LiveEmulator, Player


@pytest.fixture
def player(lootlocker_game: GameBuilder) -> Player:
    """The scene: a board that pays its winner every Monday, and a player with some gold."""
    lootlocker_game.board("weekly", resets="0 0 * * 1", prizes={1: {"gold": 100}, (1, 3): "Emberfang Blade"})
    return lootlocker_game.player("Aurelia", balances={"gold": "10.50"})


def win(player: Player, points: int = 900) -> dict[str, Any]:
    """A game server's report."""
    return {"player_id": player.id, "player_ulid": player.ulid, "points": points, "gold": "2.50"}


def test_a_win_brings_points_and_gold(
    api: TestClient, player: Player, lootlocker_game: GameBuilder, lootlocker_emulator: LiveEmulator
) -> None:
    answer = api.post("/wins", json=win(player))
    assert (answer.status_code, answer.json()) == (201, {"rank": 1, "gold": "13.00"})
    assert lootlocker_game.balance(player) == Decimal("13.00")
    assert api.get("/board").json() == [{"rank": 1, "player_id": player.id, "points": 900}]
    lootlocker_emulator.assert_executed("balances.credit", times=1, where={"amount": "2.50"})


def test_a_credit_whose_answer_is_lost_is_not_repeated(
    api: TestClient, player: Player, lootlocker_faults: Faults, lootlocker_emulator: LiveEmulator
) -> None:
    lootlocker_faults.add(Fault.drop_after_execute("balances_credit", times=1))
    assert api.post("/wins", json=win(player)).json()["gold"] == "13.00"
    lootlocker_emulator.assert_executed("balances.credit", times=1)


def test_a_credit_that_was_lost_on_its_way_is_repeated(
    api: TestClient, player: Player, lootlocker_faults: Faults, lootlocker_emulator: LiveEmulator
) -> None:
    lootlocker_faults.add(Fault.drop_before_execute("balances_credit", times=1))
    assert api.post("/wins", json=win(player)).json()["gold"] == "13.00"
    lootlocker_emulator.assert_received("balances.credit", times=2)
    lootlocker_emulator.assert_executed("balances.credit", times=1)


def test_a_service_that_is_down_gets_nobody_rich(
    api: TestClient, player: Player, lootlocker_faults: Faults, lootlocker_emulator: LiveEmulator
) -> None:
    lootlocker_faults.add(Fault.error("leaderboards", status=503))
    assert api.post("/wins", json=win(player)).status_code == 503
    lootlocker_emulator.assert_executed("balances.credit", times=0)


def test_the_winner_is_paid_when_the_week_is_over(
    api: TestClient, player: Player, lootlocker_clock: Clock, lootlocker_game: GameBuilder
) -> None:
    api.post("/wins", json=win(player))
    lootlocker_clock.advance(timedelta(days=7))
    assert api.get("/board").json() == []
    assert lootlocker_game.balance(player) == Decimal("113.00")
    assert lootlocker_game.items(player) == ["Emberfang Blade"]


def test_a_report_about_nobody_is_refused(api: TestClient, player: Player) -> None:
    report = {**win(player), "player_ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}
    assert api.post("/wins", json=report).status_code == 404


async def test_the_client_says_what_it_can_t_know(
    lootlocker_client: LootLockerClient, player: Player, lootlocker_faults: Faults, lootlocker_game: GameBuilder
) -> None:
    wallet = await lootlocker_client.balances.get_wallet_for_holder(player.ulid)
    gold = lootlocker_game.currency("gold")
    lootlocker_faults.add(Fault.drop_after_execute("balances_credit", times=1))
    with pytest.raises(OutcomeUnknownError):
        await lootlocker_client.balances.credit(amount=Decimal(1), currency_id=gold.id, wallet_id=wallet.id)
    assert lootlocker_game.balance(player) == Decimal("11.50")
