"""The emulator in another thread: assertions over its record, its life, and the scene."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lootlocker_async import ConnectError, LootLockerClient, RateLimitedError, TransportError, to_dict
from lootlocker_async.emulator import Emulator, Fault, RateLimit, ServiceError
from lootlocker_async.emulator.seed_files import SeedError
from lootlocker_async.testing import EmulatorThread, running_emulator
from lootlocker_async.testing.calls import operations


# --------------------------------------------------------------------------------------------------------- the record
@pytest.mark.parametrize(
    ("where", "times"),
    [
        (None, 2),
        ({"amount": "2.50"}, 1),
        ({"amount": Decimal("2.5")}, 1),
        ({"amount": 7}, 1),
        ({"amount": 8}, 0),
        ({"amount": True}, 0),
        ({"currency_id": 5}, 0),
        ({"nothing_like_it": None}, 0),
        (lambda call: call.verb == "POST", 2),
    ],
)
async def test_what_calls_were_about(emulator, where, times):
    player, gold = emulator.game.player(), emulator.game.currency("gold")
    async with emulator.client() as client:
        wallet = await client.balances.get_wallet_for_holder(player.ulid)
        for amount in ("2.50", "7"):
            await client.balances.credit(amount=amount, currency_id=gold.id, wallet_id=wallet.id)
    assert len(emulator.assert_executed("balances.credit", times=times, where=where)) == times
    assert len(emulator.assert_received("balances_credit", times=times, where=where)) == times
    assert len(emulator.executed("balances.credit", where)) == times


async def test_paths_queries_lists_and_mappings_count_too(emulator):
    player = emulator.game.player()
    emulator.game.board("weekly", scores={"team-7": 70})
    async with emulator.client() as client:
        await client.leaderboards.list_scores("weekly", page_size=10)
        await client.players.lookup_session_tokens(tokens=["one", "two"])
        await client.inventories.list_for_player(player.id)
    emulator.assert_executed("leaderboards.list_scores", times=1, where={"leaderboard_key": "weekly", "count": 10})
    emulator.assert_executed("players.lookup_session_tokens", where={"tokens": ["<hidden>"] * 2})
    emulator.assert_executed("players.lookup_session_tokens", where={"tokens": ("<hidden>",)}, times=0)
    emulator.assert_executed("inventories.*", times=1, where={"player_id": player.id})


async def test_what_is_said_when_it_is_otherwise(emulator):
    with pytest.raises(AssertionError) as nothing:
        emulator.assert_executed("balances.credit")
    assert str(nothing.value) == (
        "balances.credit was executed 0 times, expected at least once\nThe emulator received nothing."
    )
    emulator.game.board("weekly")
    emulator.faults.add(Fault.rate_limited("leaderboards", times=1))
    async with emulator.client() as client:
        with pytest.raises(RateLimitedError):
            await client.with_options(retries=0).leaderboards.submit_score("weekly", member_id="7", score=1)
        for score in range(60):
            await client.leaderboards.submit_score("weekly", member_id="7", score=score)
    emulator.assert_received("leaderboards.submit_score", times=61)
    emulator.assert_executed("leaderboards.submit_score", times=60)
    with pytest.raises(AssertionError) as found:
        emulator.assert_received("leaderboards.*", times=2, where=bool)
    lines = str(found.value).splitlines()
    assert lines[:3] == [
        "leaderboards.* was received 61 times, expected twice",
        "where <class 'bool'>",
        "The emulator received (the last 40 of 62 calls):",
    ]
    assert lines[-1].endswith('{"member_id": "7", "score": 59} -> answered 200, executed')
    emulator.record.clear()
    emulator.assert_received("*", times=0)


async def test_a_call_that_met_a_fault_says_so(emulator):
    emulator.faults.add(Fault.drop_before_execute("players", times=1))
    async with emulator.client() as client:
        await client.players.lookup_names(player_id=[7])
        with pytest.raises(AssertionError) as found:
            emulator.assert_executed("players.*", times=7)
    asked = "players_lookup_names  GET /server/players/lookup/name?player_id=7"
    assert f"{asked} -> no answer, not executed, fault drop_before_execute\n" in str(found.value)
    assert str(found.value).endswith(f"{asked} -> answered 200, executed")


def test_a_name_that_the_api_has_not_got_is_no_never(emulator):
    assert operations("balances.credit") == {"balances_credit"}
    assert operations("player_files.*") == operations("player_files_*")
    with pytest.raises(ValueError, match=r"no operation 'balances\.credits'; there is balances_credit"):
        emulator.assert_executed("balances.credits", times=0)
    with pytest.raises(ValueError, match=r"no operation '123'$"):
        emulator.assert_executed("123", times=0)


# ----------------------------------------------------------------------------------------------------------- its life
def test_it_has_all_that_an_emulator_has():
    start = datetime(2026, 7, 14, 9, tzinfo=UTC)
    with running_emulator(start=start, frozen=True, server_key="key", token_lifetime=60) as emulator:
        assert emulator.clock.now() == start
        assert emulator.server_key == "key"
        assert repr(emulator) == f"<LiveEmulator at {emulator.base_url}>"

        async def work() -> None:
            async with emulator.client() as client:
                await client.session.ping()
                assert emulator.expire_tokens() == 1
                await client.session.ping()
            async with LootLockerClient("wrong", base_url=emulator.base_url) as stranger:
                with pytest.raises(Exception, match="not known"):
                    await stranger.session.ping()

        asyncio.run(work())
        assert (emulator.logins, emulator.failed_logins) == (2, 1)
        assert [call.operation for call in emulator.record] == [call.operation for call in emulator.received()]
        assert repr(emulator.record) == f"<Record of {len(emulator.record)} calls>"
        public = {name for name in dir(Emulator()) if not name.startswith("_")} - {"start", "stop"}
        assert not {name for name in public & OF_TESTS if not hasattr(emulator, name)}
    with pytest.raises(RuntimeError, match="this emulator has been stopped"):
        emulator.game.player()


async def ping(emulator):
    async with emulator.client(retries=0) as client:
        await client.session.ping()


def test_a_service_that_lets_few_calls_through():
    with running_emulator(rate_limit=RateLimit(per_second=0.001, burst=2)) as emulator:
        asyncio.run(ping(emulator))
        with pytest.raises(RateLimitedError):
            asyncio.run(ping(emulator))
        emulator.reset()
        asyncio.run(ping(emulator))


def test_a_service_that_can_t_be_reached(emulator):
    emulator.refuse_connections()
    with pytest.raises(ConnectError):
        asyncio.run(ping(emulator))
    emulator.accept_connections()
    emulator.reset_connections(next=1)
    with pytest.raises(TransportError):
        asyncio.run(ping(emulator))
    emulator.refuse_connections()
    emulator.reset()
    asyncio.run(ping(emulator))


OF_TESTS = {"base_url", "clock", "expire_tokens", "faults", "game", "logins", "record", "reset", "server_key"}


def test_what_the_service_would_refuse_is_raised_in_the_test(emulator):
    with pytest.raises(ServiceError):
        emulator.game.add_item(1, 1)


def test_a_world_begins_anew(emulator):
    first, address = emulator.game.player("Aurelia"), emulator.base_url
    emulator.clock.advance(1000)
    emulator.reset()
    assert emulator.base_url == address
    assert emulator.game.export_players() == []
    assert abs(emulator.clock.now() - datetime.now(UTC)) < timedelta(seconds=100)
    second = emulator.game.player("Aurelia")
    assert (first.id, first.public_uid, first.ulid[10:]) == (second.id, second.public_uid, second.ulid[10:])


async def test_a_state_in_a_file_is_not_thrown_away(tmp_path):
    async with Emulator(state=tmp_path / "game.db") as emulator:
        emulator.world.add_player("Aurelia")
        with pytest.raises(RuntimeError, match="state in memory"):
            emulator.reset()
        assert len(emulator.world.export_players()) == 1


def test_a_thread_that_ends_leaves_nothing():
    with EmulatorThread() as thread, thread.emulator() as first, thread.emulator() as second:
        assert first.base_url != second.base_url
        first.game.player()
        assert (len(first.game.export_players()), len(second.game.export_players())) == (1, 0)
        # What runs in the thread can use it too.
        assert thread.call(lambda: first.game.player().id) == 1002
    thread.close()
    assert not [it for it in threading.enumerate() if it.name == "lootlocker-emulator"]
    with pytest.raises(RuntimeError):
        thread.call(threading.get_ident)


def test_a_loop_that_can_t_be_made_is_told(monkeypatch):
    def no_loop(*_: object) -> None:
        raise OSError("too many open files")

    monkeypatch.setattr(asyncio, "run", lambda work: (work.close(), no_loop()))
    with pytest.raises(OSError, match="too many open files"):
        EmulatorThread()


def test_the_environment_leads_past_proxies(emulator, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "internal.example")
    variables = emulator.environment()
    assert variables["no_proxy"] == "internal.example,127.0.0.1"
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    async def work() -> None:
        async with LootLockerClient.from_env(retries=0) as client:
            await client.session.ping()

    asyncio.run(work())


# ---------------------------------------------------------------------------------------------------------- the scene
def test_what_is_named_is_made_once(emulator):
    game = emulator.game
    blade = game.asset("Blade")
    assert game.asset("Blade") == blade
    assert game.asset("Blade", popular=True) != blade
    assert game.currency() == game.currency("gold")
    player = game.player(items=["Blade", blade, blade.id, "Helm"], balances={"gold": "0.10", "gems": 3})
    assert player.name == "Player 1"
    assert len(player.items) == 4
    assert game.items(player) == ["Blade", "Blade", "Blade", "Helm"] == game.items(player.id)
    assert (game.balance(player), game.balance(player, "gems")) == (Decimal("0.10"), 3)
    assert game.balance(player, "dust") == 0


def test_a_world_that_is_written_down(emulator, tmp_path):
    document = {"players": [{"name": "Aurelia", "player_id": 7}], "currencies": [{"code": "gold"}]}
    emulator.game.load(document)
    (tmp_path / "seed.json").write_text(json.dumps({"players": [{"name": "Bran"}]}), "utf-8")
    emulator.game.load(tmp_path / "seed.json")
    assert [player["name"] for player in emulator.game.export_players()] == ["Aurelia", "Bran"]
    assert emulator.game.balance(7, "gold") == 0
    with pytest.raises(SeedError):
        emulator.game.load({"playrs": []})


def test_a_scene_that_fails_leaves_nothing(emulator):
    with pytest.raises(ServiceError):
        emulator.game.player("Aurelia", items=["Blade", 99])
    assert emulator.game.export_players() == []


def test_prizes_are_paid_when_a_board_resets():
    with running_emulator(start=datetime(2026, 7, 14, 9, tzinfo=UTC), frozen=True) as emulator:
        game = emulator.game
        players = [game.player() for _ in range(4)]
        prizes = {1: {"gold": 100, "gems": 1}, (2, 3): "Badge", (1, 2): game.asset("Crown")}
        scores = {player: 100 - place for place, player in enumerate(players)}
        board = game.board("weekly", scores=scores, resets="0 0 * * 1", prizes=prizes)
        assert board.key == "weekly"
        emulator.clock.advance(timedelta(days=7))
        assert [game.balance(player) for player in players] == [100, 0, 0, 0]
        assert [sorted(game.items(player)) for player in players] == [["Crown"], ["Badge", "Crown"], ["Badge"], []]


async def test_a_progression_has_its_tiers(emulator):
    progression = emulator.game.progression("pass", tiers=[100, 250], name="Battle pass")
    async with emulator.client() as client:
        tiers = await client.progressions.list_tiers(progression.key).collect()
    assert [to_dict(tier)["points_threshold"] for tier in tiers] == [0, 100, 250]
