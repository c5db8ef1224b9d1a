"""Schedules, resets and archives of leaderboards, without sockets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lootlocker_async.emulator import (
    Clock,
    boards,
    leaderboard_archives,
    leaderboard_resets,
    leaderboard_rewards,
    leaderboard_schedules,
    leaderboards,
    rewards,
)
from tests.emulator.upkeep import (
    TUESDAY,
    WEEKLY,
    archives,
    attach,
    between,
    board_of_ten,
    five_gold,
    gold_of,
    refusal,
    reset,
    size,
)


@pytest.fixture
def clock():
    return Clock(TUESDAY, frozen=True)


@pytest.fixture
def members(world):
    return board_of_ten(world)


@pytest.fixture
def gold(world):
    return five_gold(world)


# ------------------------------------------------------------------------------------------------------------ schedules
@pytest.mark.parametrize(
    ("expression", "following"),
    [
        (WEEKLY, "2026-07-20T00:00:00Z"),
        ("@hourly", "2026-07-14T10:00:00Z"),
        ("@daily", "2026-07-15T00:00:00Z"),
        ("@weekly", "2026-07-19T00:00:00Z"),
        ("@monthly", "2026-08-01T00:00:00Z"),
        (" @Yearly ", "2027-01-01T00:00:00Z"),
        ("*/20 9-17 * jan-aug tue", "2026-07-14T10:00:00Z"),
        ("41 9 14 * *", "2026-07-14T09:41:00Z"),
    ],
)
def test_a_schedule_says_when_it_runs_next(game, members, check_answer, expression, following):
    made = leaderboard_schedules.create(game, "board", expression)
    assert made == {"cron_expression": expression, "next_run": following, "last_run": None, "schedule": []}
    check_answer("leaderboards_create_schedule", 200, made)
    assert leaderboard_schedules.get(game, "board") == made
    assert leaderboards.get(game, "board")["leaderboard"]["schedule"] == made


@pytest.mark.parametrize(
    "expression",
    ["weekly", "* * * *", "0 0 0 * * *", "61 * * * *", "0 0 31 2 *", "@reboot", "\x00", "* * * * */" + "9" * 5000],
)
def test_an_expression_that_is_none_of_cron_is_refused(game, members, expression):
    assert refusal(leaderboard_schedules.create, game, "board", expression) == (400, "cron_expression")
    assert leaderboards.get(game, "board")["leaderboard"]["schedule"] is None


def test_only_player_boards_get_a_schedule(game, world):
    world.add_leaderboard("board")
    assert refusal(leaderboard_schedules.create, game, "board", WEEKLY) == (400, "leaderboard_key")


def test_a_board_without_a_schedule(game, members):
    assert refusal(leaderboard_schedules.get, game, "board") == (404, "leaderboard_key")
    assert refusal(leaderboard_schedules.delete, game, "board") == (404, "leaderboard_key")
    assert refusal(leaderboard_schedules.get, game, "nowhere") == (404, "leaderboard_key")


def test_a_run_empties_the_board_and_leaves_an_archive(game, clock, members, check_answer):
    board_id = leaderboards.get(game, "board")["leaderboard"]["id"]
    leaderboard_schedules.create(game, "board", WEEKLY)
    clock.advance(datetime(2026, 7, 19, 23, 59, 59, tzinfo=UTC) - TUESDAY)
    assert (size(game), archives(game)) == (10, [])
    clock.advance(1)
    assert size(game) == 0
    assert leaderboard_schedules.get(game, "board") == {
        "cron_expression": WEEKLY,
        "next_run": "2026-07-27T00:00:00Z",
        "last_run": "2026-07-20T00:00:00Z",
        "schedule": ["2026-07-20T00:00:00Z"],
    }
    (archive,) = archives(game)
    assert archive["key"] == f"leaderboards/9021/{board_id}/1784505600.json"
    assert archive["last_modified"] == "2026-07-20T00:00:00Z"
    check_answer("leaderboards_list_archives", 200, {"archives": [archive]})
    entry = leaderboards.submit(game, "board", str(members[3]), 1)
    assert (entry["rank"], size(game)) == (1, 1)


def test_missed_runs_are_made_up_for(game, clock, world, members, gold):
    attach(game, gold, between(1, 1))
    leaderboard_schedules.create(game, "board", "@hourly")
    clock.advance(timedelta(hours=3))
    leaderboards.submit(game, "board", str(members[1]), 1)
    schedule = leaderboard_schedules.get(game, "board")
    assert schedule["schedule"] == [f"2026-07-14T{hour}:00:00Z" for hour in (10, 11, 12)]
    assert (schedule["last_run"], schedule["next_run"]) == ("2026-07-14T12:00:00Z", "2026-07-14T13:00:00Z")
    # The runs after the first one found nobody, and leave nothing.
    assert [archive["last_modified"] for archive in archives(game)] == ["2026-07-14T10:00:00Z"]
    clock.advance(timedelta(hours=1))
    leaderboards.run_due(game)
    assert len(archives(game)) == 2
    assert gold_of(world, members[:3]) == [5, 5, 0]


def test_years_of_missed_runs_cost_no_time(game, clock, members):
    leaderboard_schedules.create(game, "board", "* * * * *")
    clock.advance(timedelta(days=3650))
    leaderboards.run_due(game)
    schedule = leaderboard_schedules.get(game, "board")
    assert len(schedule["schedule"]) == leaderboard_schedules.SHOWN_RUNS
    assert schedule["schedule"][-1] == schedule["last_run"] < schedule["next_run"]
    assert schedule["schedule"] == sorted(schedule["schedule"])


def test_resets_of_several_boards_are_carried_out_in_the_order_of_their_times(game, clock, world, monkeypatch):
    player = world.add_player()
    world.add_currency("gold")
    paid = []
    monkeypatch.setattr(rewards, "pay", lambda game, _, reward_id: paid.append((game.clock.now().hour, reward_id)))
    for key, expression in (("late", "0 12 * * *"), ("early", "0 10 * * *"), ("later", "0 13 * * *")):
        world.add_leaderboard(key, type="player", schedule={"cron_expression": expression})
        world.add_leaderboard_reward(key, world.add_reward("currency", currency_code="gold", amount=1), "currency")
        world.add_scores(key, [(str(player), 1)])
    leaderboard_resets.request(game, "later", scheduled_for="2026-07-14T13:00:00+02:00")
    clock.advance(timedelta(days=2))
    leaderboards.run_due(game)
    assert [hour for hour, _ in paid] == [10, 11, 12]
    assert len({reward_id for _, reward_id in paid}) == 3


def test_replacing_a_schedule_keeps_its_past_and_deleting_it_stops_it(game, clock, members):
    leaderboard_schedules.create(game, "board", "@hourly")
    clock.advance(timedelta(hours=1))
    leaderboards.run_due(game)
    replaced = leaderboard_schedules.create(game, "board", "@daily")
    assert (replaced["last_run"], replaced["next_run"]) == ("2026-07-14T10:00:00Z", "2026-07-15T00:00:00Z")
    leaderboard_schedules.delete(game, "board")
    leaderboards.submit(game, "board", str(members[0]), 1)
    clock.advance(timedelta(days=30))
    assert size(game) == 1
    assert leaderboard_schedules.create(game, "board", "@daily")["schedule"] == []


def test_a_deleted_board_has_no_runs(game, clock, members):
    leaderboard_schedules.create(game, "board", "@hourly")
    leaderboard_resets.request(game, "board", scheduled_for="2026-07-14T09:50:00Z")
    leaderboards.delete(game, "board")
    clock.advance(timedelta(days=1))
    leaderboards.run_due(game)
    assert leaderboards.list_boards(game, count=50, after=0)["items"] == []


def test_nothing_due_costs_one_comparison(game, members, monkeypatch):
    leaderboard_schedules.create(game, "board", WEEKLY)
    leaderboards.run_due(game)
    with monkeypatch.context() as patched:
        patched.setattr(game, "store", None)
        leaderboards.run_due(game)


# --------------------------------------------------------------------------------------------------------------- resets
def test_a_reset_at_once_is_carried_out_by_the_next_call(game, members, check_answer):
    made = leaderboard_resets.request(game, "board", name="Hotfix rollback")
    assert made == {
        "id": 118,
        "leaderboard_id": made["leaderboard_id"],
        "game_id": 9021,
        "name": "Hotfix rollback",
        "status": "pending",
        "scheduled_for": "2026-07-14T09:40:26Z",
        "requested_at": "2026-07-14T09:40:26Z",
        "processed_at": None,
        "error_message": None,
    }
    check_answer("leaderboards_request_reset", 200, made)
    assert size(game) == 0
    done = leaderboard_resets.get(game, "board", 118)
    assert done == {**made, "status": "completed", "processed_at": "2026-07-14T09:40:26Z"}
    check_answer("leaderboards_get_reset", 200, done)
    assert refusal(leaderboard_resets.cancel, game, "board", 118) == (409, "reset_id")


def test_a_reset_at_a_time_waits_for_it(game, clock, members):
    later = reset(game, name="Later", scheduled_for="2026-07-14T12:00:00.5+02:00")
    sooner = reset(game, scheduled_for="2026-07-14T09:50:00Z")
    upcoming = leaderboards.get(game, "board")["leaderboard"]["upcoming_resets"]
    assert upcoming == [
        {"id": sooner, "name": None, "scheduled_for": "2026-07-14T09:50:00Z"},
        {"id": later, "name": "Later", "scheduled_for": "2026-07-14T10:00:01Z"},
    ]
    clock.advance(600)
    assert size(game) == 0
    assert [row["id"] for row in leaderboards.get(game, "board")["leaderboard"]["upcoming_resets"]] == [later]
    clock.advance(570)
    leaderboards.run_due(game)
    listed = leaderboard_resets.list_all(game, "board")["items"]
    assert [(row["id"], row["status"], row["processed_at"]) for row in listed] == [
        (sooner, "completed", "2026-07-14T09:50:00Z"),
        (later, "pending", None),
    ]


def test_a_cancelled_reset_does_not_happen(game, clock, members):
    number = reset(game, scheduled_for="2026-07-14T09:50:00Z")
    leaderboard_resets.cancel(game, "board", number)
    clock.advance(timedelta(days=1))
    assert size(game) == 10
    assert leaderboard_resets.get(game, "board", number)["status"] == "cancelled"
    assert refusal(leaderboard_resets.cancel, game, "board", number) == (409, "reset_id")
    assert leaderboards.get(game, "board")["leaderboard"]["upcoming_resets"] == []


def test_a_time_in_the_past_means_at_once(game, members):
    number = reset(game, scheduled_for="0001-01-02T00:00:00+14:00")
    assert leaderboard_resets.get(game, "board", number)["scheduled_for"] == "2026-07-14T09:40:26Z"
    assert size(game) == 0


@pytest.mark.parametrize(
    "date", ["tomorrow", "2026-07-14", "2026-07-14T12:00:00", "2026-02-30T12:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_date_that_is_none_is_refused(game, members, date):
    assert refusal(leaderboard_resets.request, game, "board", scheduled_for=date) == (400, "scheduled_for")


def test_a_reset_belongs_to_its_board(game, world, members):
    world.add_leaderboard("other")
    number = reset(game, scheduled_for="2026-07-20T00:00:00Z")
    for call in (leaderboard_resets.get, leaderboard_resets.cancel):
        assert refusal(call, game, "other", number) == (404, "reset_id")
        assert refusal(call, game, "board", 2**63 - 1) == (404, "reset_id")
    assert leaderboard_resets.list_all(game, "other") == {"items": []}


# ------------------------------------------------------------------------------------------------------------- archives
def test_an_archive_keeps_the_board_as_it_was(game, world, members, check_answer):
    reset(game)
    (archive,) = archives(game)
    page = leaderboard_archives.list_scores(game, archive["key"], count=4)
    check_answer("leaderboards_list_archive_scores", 200, page)
    assert page["pagination"] == {"total": 10, "next_cursor": "4", "previous_cursor": None}
    assert page["items"][1]["rank"] == 2
    assert (page["items"][1]["score"], page["items"][1]["metadata"]) == (90, "run 1")
    assert page["items"][1]["player"]["id"] == members[1]
    assert set(page["items"][1]["player"]) == {"id", "public_uid", "name", "player_ulid"}
    second = leaderboard_archives.list_scores(game, archive["key"], count=4, after="4")
    assert second["pagination"] == {"total": 10, "next_cursor": "8", "previous_cursor": "0"}
    assert leaderboard_archives.list_scores(game, archive["key"], count=4, after="0") == page
    last = leaderboard_archives.list_scores(game, archive["key"], count=4, after="8")
    assert (last["pagination"]["next_cursor"], [row["rank"] for row in last["items"]]) == (None, [9, 10])
    assert leaderboard_archives.list_scores(game, archive["key"], after="10")["items"] == []
    everything = leaderboard_archives.all_scores(game, archive["key"])
    written = json.dumps(everything, separators=(",", ":"), ensure_ascii=False)
    assert archive["content_length"] == len(written.encode())


def test_what_names_no_archive(game, members):
    assert refusal(leaderboard_archives.list_scores, game, "nothing") == (404, "key")
    reset(game)
    key = archives(game)[0]["key"]
    for cursor in ("x", "-1", "1.0", "9" * 19):
        assert refusal(leaderboard_archives.list_scores, game, key, after=cursor) == (400, "after")


def test_an_empty_board_leaves_no_archive_and_two_at_one_moment_are_told_apart(game, world):
    world.add_leaderboard("board", direction_method="ascending")
    reset(game)
    assert archives(game) == []
    for score in (1, 2):
        leaderboards.submit(game, "board", "Ünal", score)
        leaderboards.submit(game, "board", "b", 7)
        reset(game)
    first, second = (archive["key"] for archive in archives(game))
    assert second == first.replace(".json", "-2.json")
    (row, _) = leaderboard_archives.list_scores(game, second)["items"]
    assert row == {"member_id": "Ünal", "rank": 1, "score": 2, "player": None, "metadata": ""}


def test_an_archive_stays_as_it_is_whatever_becomes_of_its_board(game, world, members):
    reset(game)
    (archive,) = archives(game)
    everything = leaderboard_archives.all_scores(game, archive["key"])
    changes = {"key": "board", "name": "Board", "direction_method": "ascending", "enable_game_api_writes": False}
    leaderboards.update(game, "board", {**changes, "overwrite_score_on_submit": False})
    world.add_scores("board", [(str(member), 7) for member in members[:3]])
    leaderboards.submit(game, "board", str(members[4]), 5)
    assert leaderboards.list_member_ranks(game, str(members[5]), count=5, after=0)["pagination"]["total"] == 0
    assert leaderboard_archives.all_scores(game, archive["key"]) == everything
    assert leaderboard_archives.list_scores(game, archive["key"])["items"] == everything
    assert archives(game) == [archive]
    leaderboards.delete(game, "board")
    assert game.store.count("SELECT count(*) FROM scores") == 0
    assert refusal(leaderboard_archives.list_scores, game, archive["key"]) == (404, "key")


def test_a_reset_neither_copies_nor_deletes_scores(game, world):
    world.add_leaderboard("board")
    world.add_scores("board", [(f"m{number}", number) for number in range(300)])
    before = [tuple(row) for row in game.store.rows("SELECT * FROM scores")]
    reset(game)
    assert [tuple(row) for row in game.store.rows("SELECT * FROM scores")] == before
    assert (size(game), len(archives(game))) == (0, 1)


def test_a_reset_that_fails_changes_nothing(game, world, members, monkeypatch):
    leaderboard_resets.request(game, "board")

    def fail(*_):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(leaderboard_rewards, "pay", fail)
        with pytest.raises(RuntimeError):
            leaderboards.run_due(game)
    assert game.store.count("SELECT count(*) FROM leaderboard_seasons") == 1
    assert game.store.count("SELECT count(*) FROM scores WHERE season_id = ?", boards.find(game, "board").season) == 10
    leaderboards.run_due(game)
    assert (size(game), len(archives(game))) == (0, 1)


def test_an_archive_shows_its_players_as_they_were_told(game, world, members):
    reset(game)
    first, second, third = leaderboard_archives.all_scores(game, archives(game)[0]["key"])[:3]
    second["player"]["name"] = "As it was before"
    third["player"] = {"id": 5, "public_uid": "ABCD1234", "name": None, "player_ulid": None}
    generic = {"member_id": "guild", "rank": 4, "score": 9, "player": None, "metadata": "b"}
    told = [first, second, third, generic]
    world.add_leaderboard_archive("board", "told", last_modified="2026-07-01T00:00:00Z", scores=told)
    assert leaderboard_archives.all_scores(game, "told") == told
    assert leaderboard_archives.list_scores(game, "told", count=2, after="1")["items"] == told[1:3]
    assert archives(game)[0]["key"] == "told"
    twice = {"last_modified": "2026-07-01T00:00:00Z", "scores": [first, first]}
    assert refusal(world.add_leaderboard_archive, "board", "twice", **twice) == (409, "scores")
    assert len(archives(game)) == 2
