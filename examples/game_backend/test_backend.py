"""What players, game servers and browsers get from the backend, also when answers are lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from awards import Award, Ledger
from conftest import SERVER
from fastapi.testclient import TestClient

from lootlocker_async.emulator import Clock, Fault, Faults
from lootlocker_async.testing import GameBuilder, LiveEmulator, Player


def report(*players: Player, points: int = 900, gold: str = "2.50") -> dict[str, Any]:
    """A game server's report."""
    won = {"points": points, "gold": gold}
    return {"results": [{"player_id": it.id, "player_ulid": it.ulid, **won} for it in players]}


# ----------------------------------------------------------------------------------------------------------- signing in
def test_a_player_signs_in_with_the_game_s_token(
    api: TestClient, player: Player, lootlocker_game: GameBuilder, lootlocker_emulator: LiveEmulator
) -> None:
    token = lootlocker_game.add_game_session(player.id)
    session = api.post("/sign-in", json={"token": token}).json()
    assert (session["player_id"], session["expires_in"]) == (player.id, 900)
    headers = {"Authorization": f"Bearer {session['session']}"}
    assert api.get("/me", headers=headers).json() == {"player_id": player.id, "gold": "10.50", "rank": None}
    lootlocker_emulator.assert_executed("players.lookup_session_tokens", times=1)


def test_a_token_that_is_over_or_made_up_is_refused(
    api: TestClient, player: Player, lootlocker_game: GameBuilder, lootlocker_clock: Clock
) -> None:
    token = lootlocker_game.add_game_session(player.id, lifetime=60)
    lootlocker_clock.advance(timedelta(seconds=61))
    assert api.post("/sign-in", json={"token": token}).status_code == 401
    assert api.post("/sign-in", json={"token": "made-up"}).status_code == 401
    assert api.post("/sign-in", json={"token": ""}).status_code == 422


@pytest.mark.parametrize("session", ["", "nonsense", "WzEsICJ4IiwgOTk5OTk5OTk5OV0=.0123", "ü.x"])
def test_a_session_that_is_none_of_ours_is_refused(api: TestClient, session: str) -> None:
    assert api.get("/me", headers={b"Authorization": f"Bearer {session}".encode()}).status_code == 401


def test_who_never_won_gets_a_wallet_with_the_first_win(
    api: TestClient, player: Player, lootlocker_game: GameBuilder
) -> None:
    newcomer = lootlocker_game.add_player("Bran", ulid="01ARZ3NDEKTSV4RRFFQ69G5FAV")
    token = lootlocker_game.add_game_session(newcomer)
    session = api.post("/sign-in", json={"token": token}).json()["session"]
    headers = {"Authorization": f"Bearer {session}"}
    assert api.get("/me", headers=headers).json() == {"player_id": newcomer, "gold": "0", "rank": None}
    bran = Player(newcomer, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "", "Bran")
    assert api.put("/matches/m-1", json=report(bran), headers=SERVER).json() == {"settled": 1}
    assert api.get("/me", headers=headers).json() == {"player_id": newcomer, "gold": "2.50", "rank": 1}


# -------------------------------------------------------------------------------------------------------------- matches
def test_a_match_brings_points_and_gold(
    api: TestClient, player: Player, lootlocker_game: GameBuilder, lootlocker_emulator: LiveEmulator
) -> None:
    other = lootlocker_game.player("Bran")
    for match, points in (("m-1", 900), ("m-2", 50)):
        answer = api.put(f"/matches/{match}", json=report(player, other, points=points), headers=SERVER)
        assert (answer.status_code, answer.json()) == (200, {"settled": 2})
    assert lootlocker_game.score("season", str(player.id)) == 950
    assert [lootlocker_game.balance(it) for it in (player, other)] == [Decimal("15.50"), 5]
    lootlocker_emulator.assert_executed("balances.credit", times=4, where={"amount": "2.50"})


def test_a_match_is_paid_once_however_often_it_is_reported(
    api: TestClient, player: Player, lootlocker_game: GameBuilder, lootlocker_emulator: LiveEmulator
) -> None:
    answers = [api.put("/matches/m-1", json=report(player), headers=SERVER).json() for _ in range(3)]
    assert answers == [{"settled": 1}, {"settled": 0}, {"settled": 0}]
    assert api.put("/matches/m-1", json=report(player, gold="9"), headers=SERVER).status_code == 409
    assert lootlocker_game.score("season", str(player.id)) == 900
    lootlocker_emulator.assert_executed("balances.credit", times=1)


def test_only_game_servers_report(api: TestClient, player: Player, lootlocker_emulator: LiveEmulator) -> None:
    for headers, status in (({}, 422), ({"X-Server-Secret": "guessed"}, 403)):
        assert api.put("/matches/m-1", json=report(player), headers=headers).status_code == status
    lootlocker_emulator.assert_received("balances.*", times=0)


@pytest.mark.parametrize("lose", [Fault.drop_after_execute, Fault.drop_before_execute, Fault.half_answer])
def test_a_credit_is_executed_once_whatever_gets_lost(
    api: TestClient, player: Player, lootlocker_emulator: LiveEmulator, lose: Callable[..., Fault]
) -> None:
    lootlocker_emulator.faults.add(lose("balances_credit", times=1))
    assert api.put("/matches/m-1", json=report(player), headers=SERVER).json() == {"settled": 1}
    assert lootlocker_emulator.game.balance(player) == 13
    lootlocker_emulator.assert_executed("balances.credit", times=1)


def test_what_a_worker_left_behind_when_it_died_is_settled_by_the_next_report(
    api: TestClient, player: Player, environment: dict[str, str], lootlocker_emulator: LiveEmulator
) -> None:
    """It had written down the match and the balance, and its credit had arrived: nobody heard the answer."""
    ledger = Ledger(Path(environment["BACKEND_LEDGER"]))
    ledger.write_down("m-1", [Award("m-1", player.id, player.ulid, 900, Decimal("2.50"))])
    (award,) = ledger.unpaid(player.id)
    ledger.about_to_send(award, Decimal("8.00"))
    assert api.put("/matches/m-2", json=report(player, gold="1"), headers=SERVER).json() == {"settled": 2}
    assert lootlocker_emulator.game.balance(player) == Decimal("11.50")
    lootlocker_emulator.assert_executed("balances.credit", times=1, where={"amount": "1"})


def test_a_balance_that_somebody_else_changed_is_left_to_a_human(
    api: TestClient, player: Player, environment: dict[str, str], lootlocker_emulator: LiveEmulator
) -> None:
    ledger = Ledger(Path(environment["BACKEND_LEDGER"]))
    ledger.write_down("m-1", [Award("m-1", player.id, player.ulid, 900, Decimal("2.50"))])
    (award,) = ledger.unpaid(player.id)
    ledger.about_to_send(award, Decimal("7.77"))
    answer = api.put("/matches/m-1", json=report(player), headers=SERVER)
    assert (answer.status_code, "had 7.77 and now has 10.50" in answer.text) == (409, True)
    lootlocker_emulator.assert_executed("balances.credit", times=0)


def test_one_worker_at_a_time_sees_to_a_player(
    api: TestClient, player: Player, environment: dict[str, str], lootlocker_emulator: LiveEmulator
) -> None:
    ledger = Ledger(Path(environment["BACKEND_LEDGER"]))
    assert ledger.take(player.id, "another worker")
    answer = api.put("/matches/m-1", json=report(player), headers=SERVER)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    lootlocker_emulator.assert_received("balances.*", times=0)
    ledger.give_back(player.id, "another worker")
    assert api.put("/matches/m-1", json=report(player), headers=SERVER).json() == {"settled": 1}


def test_a_service_that_fails_is_asked_again_with_the_next_report(
    api: TestClient, player: Player, lootlocker_faults: Faults, lootlocker_emulator: LiveEmulator
) -> None:
    lootlocker_faults.add(Fault.rate_limited("balances_credit", retry_after=45))
    answer = api.put("/matches/m-1", json=report(player), headers=SERVER)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "45")
    lootlocker_emulator.assert_executed("balances.credit", times=0)


def test_a_match_of_nobody_is_refused(api: TestClient, player: Player) -> None:
    nobody = Player(id=99, ulid="01ARZ3NDEKTSV4RRFFQ69G5FAV", public_uid="", name="")
    assert api.put("/matches/m-1", json=report(nobody), headers=SERVER).status_code == 404


# ------------------------------------------------------------------------------------------------------------ the board
def test_the_board_is_a_page(api: TestClient, player: Player) -> None:
    api.put("/matches/m-1", json=report(player, points=12_345), headers=SERVER)
    page = api.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "<td>Aurelia &lt;the First&gt;<td" in page.text
    assert "12,345" in page.text


def test_it_is_ready(api: TestClient) -> None:
    assert api.get("/ready").json() == {"ready": True, "checks": {"lootlocker": "ready"}}
