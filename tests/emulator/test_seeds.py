"""Worlds as documents: exported, loaded again, refused with their place."""

from __future__ import annotations

import inspect
import json
import re
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest

from lootlocker_async.emulator import Clock, World, drop_tables, leaderboards, seeds
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.seed_files import SeedError, parse
from lootlocker_async.emulator.world import KINDS
from tests.emulator import compile_seed_schema
from tests.emulator.rich_world import AURELIA, RICH

# Nobody sees these numbers (the order that they give scores is exported), and addresses of files are made anew.
NOT_SEEN = {
    "player_file_revisions": {"secret"},
    "archived_players": {"season_id"}, "leaderboard_seasons": {"id"},
    "scores": {"season_id", "sequence", "sort_key"}, "sqlite_sequence": {"seq"},
}  # fmt: skip


def new_game(clock, seed=0):
    return Game(Settings(server_key="key"), clock=clock, seed=seed)


@pytest.fixture
def other(clock):
    game = new_game(clock, seed=99)
    yield game
    game.close()


def tables(game):
    names = [row[0] for row in game.store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: rows(game, name) for name in names if name not in {"meta", "sessions"}}


def rows(game, table):
    found = [dict(row) for row in game.store.rows(f"SELECT * FROM {table}")]
    left_out = NOT_SEEN.get(table, set())
    return sorted(({name: value for name, value in row.items() if name not in left_out} for row in found), key=repr)


def test_a_world_with_something_of_every_kind_is_the_same_again(game, other):
    assert RICH.keys() == {kind.name for kind in KINDS}
    made = seeds.load(game, RICH)
    assert made["players"] == [AURELIA, AURELIA + 1]
    hoard = World(game).add_item(AURELIA, 1203)
    drop_tables.compute_and_lock(game, AURELIA, hoard)
    # The weekly board resets, which leaves an archive, pays rewards, and tells so.
    game.clock.advance(timedelta(days=8))
    leaderboards.run_due(game)
    World(game).add_scores("weekly", [(str(AURELIA), 5)])

    document = json.loads(json.dumps(seeds.export(game)))
    assert document.keys() == {"version", *RICH}
    assert any(archive["scores"] for archive in document["leaderboard_archives"])
    seeds.load(other, document)
    assert seeds.export(other) == document
    assert tables(other) == tables(game)


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml"])
def test_a_generated_world_goes_through_a_file(game, other, tmp_path, suffix):
    World(game).generate(players=4, scores=30)
    path = tmp_path / f"world{suffix}"
    seeds.write(path, seeds.export(game))
    seeds.load(other, seeds.read(path))
    assert tables(other) == tables(game)
    assert list(tmp_path.iterdir()) == [path]


def test_a_part_is_loaded_beside_what_is_there(game):
    seeds.load(game, {"players": [{"player_id": AURELIA}]})
    part = {"version": 1, "items": [{"player_id": AURELIA, "asset_id": 1}], "assets": [{"name": "Coin", "id": 1}]}
    made = seeds.load(game, part)
    assert made == {"assets": [1], "items": [77001]}
    assert seeds.export(game, ["items", "players"]).keys() == {"version", "players", "items"}
    assert seeds.export(game, []) == {"version": 1}


@pytest.mark.parametrize(
    ("document", "place", "problem"),
    [
        ([], "", "a mapping of kinds"),
        ({"playrs": []}, "playrs", "no such kind; did you mean players?"),
        ({"zzz": []}, "zzz", "there is no such kind"),
        ({7: []}, "7", "there is no such kind"),
        ({"version": 2}, "version", "1 was expected"),
        ({"players": {}}, "players", 'is not of type "array"'),
        ({"players": [{}, {"name": 5}]}, "players[1].name", "5 is not of types"),
        ({"players": [{"nmae": "A"}]}, "players[0]", "'nmae' was unexpected"),
        ({"leaderboards": [{}]}, "leaderboards[0]", '"key" is a required property'),
        ({"balances": [{"currency_code": "gld", "amount": 1.5, "player_id": 1}]}, "balances[0].amount", "1.5"),
        ({"balances": [{"currency_code": "gld", "amount": "1,5", "player_id": 1}]}, "balances[0].amount", "1,5"),
        ({"players": [{"name": {1}}]}, "", "this is no JSON"),
        ({"scores": [{"key": "b", "scores": [["1", 2, "m", 3]]}]}, "scores[0].scores[0]", "not valid"),
        ({"leaderboards": [{"key": "a"}, {"key": "a"}]}, "leaderboards[1].key", "exists already"),
        ({"items": [{"player_id": 4, "asset_id": 5}]}, "items[0].player_id", "no such player"),
        ({"players": [{"player_id": 10**30}]}, "players[0]", "too large"),
        ({"players": [{"player_id": 1}, {"player_id": 1}]}, "players[1]", "UNIQUE constraint failed"),
        ({"assets": [{"name": "Coin", "colour": "red"}]}, "assets[0]", "colour"),
        ({"leaderboards": [{"key": "a", "type": "odd"}]}, "leaderboards[0]", "no board of type odd"),
        (
            {"players": [{"player_id": 1}], "orders": [{"player_id": 1, "products": [{"asset": 1}]}]},
            "orders[0]",
            "unexpected keyword argument 'asset'",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_nothing_is_made(game, document, place, problem):
    before = tables(game)
    with pytest.raises(SeedError) as refused:
        seeds.load(game, document)
    assert refused.value.place == place
    assert problem in refused.value.problem
    assert str(refused.value).startswith(place)
    assert tables(game) == before


def test_a_nested_thing_that_lacks_something(game):
    item = {"player_id": AURELIA, "asset_id": 1, "storage": [{"key": "a"}]}
    document = {"players": [{"player_id": AURELIA}], "assets": [{"name": "Coin", "id": 1}], "items": [item]}
    with pytest.raises(SeedError, match=r"^items\[0\]: something in it lacks 'value'$"):
        seeds.load(game, document)


def test_a_long_message_keeps_both_ends(game):
    with pytest.raises(SeedError) as refused:
        seeds.load(game, {"players": [{"name": ["x" * 1000]}]})
    assert len(str(refused.value)) < 400
    assert refused.value.problem.endswith('types "null", "string"')


def test_kinds_that_there_are_not_are_not_exported(game):
    with pytest.raises(SeedError, match="itms: there is no such kind; did you mean items"):
        seeds.export(game, ["itms"])


def test_every_method_of_the_world_is_a_kind():
    methods = {name for name, _ in inspect.getmembers(World, inspect.isfunction)}
    assert {name for name in methods if name.startswith("export_")} == {kind.export for kind in KINDS}
    # add_players makes many of them from their names.
    assert {name for name in methods if name.startswith("add_")} - {"add_players"} == {kind.add for kind in KINDS}
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_the_schema_is_written_down_as_it_is():
    written = compile_seed_schema.files()
    assert {path.name for path in written} == {"seed.schema.json", "emulator-seeds.md"}
    for path, text in written.items():
        assert path.read_text("utf-8") == text, "run python -m tests.emulator.compile_seed_schema"
    published = json.loads(compile_seed_schema.TARGET.read_text("utf-8"))
    assert jsonschema_rs.meta.is_valid(published)
    for definition in published["$defs"].values():
        assert definition["description"]


def test_writing_it_down_writes_every_file(tmp_path, monkeypatch):
    written = compile_seed_schema.files()
    here = {tmp_path / it.name: text for it, text in written.items()}
    monkeypatch.setattr(compile_seed_schema, "files", lambda: here)
    assert compile_seed_schema.main() == 0
    assert {it.name: it.read_text("utf-8") for it in tmp_path.iterdir()} == {it.name: t for it, t in written.items()}
    schema = json.loads((tmp_path / "seed.schema.json").read_text("utf-8"))
    assert schema == json.loads(json.dumps(seeds.schema()))


def test_the_seed_in_the_documentation_loads(game):
    page = compile_seed_schema.PAGE.read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    seeds.load(game, parse(text, is_yaml=True))
    assert World(game).score("weekly", "1001") == 9000
    assert World(game).balances(player_id=1001)["gld"] == 250.5


def test_a_game_begun_anew_is_empty_and_hands_out_the_same_ids(game):
    fresh = new_game(Clock(frozen=True))
    seeds.load(game, RICH)
    game.ranking(4471)
    game.clear()
    assert seeds.export(game) == {"version": 1}
    assert tables(game) == tables(fresh)
    assert World(game).add_player() == AURELIA
    fresh.close()


def test_writing_over_a_file_is_all_or_nothing(game, tmp_path):
    path = tmp_path / "world.json"
    path.write_text("{}")
    with pytest.raises(TypeError):
        seeds.write(path, {"players": [object()]})
    with pytest.raises(OSError, match="missing"):
        seeds.write(tmp_path / "missing" / "world.json", {})
    assert path.read_text() == "{}"
    assert list(Path(tmp_path).iterdir()) == [path]
