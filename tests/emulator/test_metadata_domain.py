"""The domain logic of metadata, without sockets."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from lootlocker_async.emulator import World, exact, metadata
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.paging import PageRequest

BOARD = ("leaderboard", "01JY5NP2WPNHA8MCHVC83R8CYN")
ICON = {"content_type": "image/png", "content": "aWNvbi1ieXRlcw=="}


def apply(game, *actions, source=BOARD):
    kind, source_id = source
    answer = metadata.apply(game, kind, source_id, actions)
    assert (answer["source"], answer["source_id"]) == source
    return answer["errors"]


def action(name, key, kind, value, **more):
    return {"action": name, "key": key, "type": kind, "value": value, **more}


def keys(game, **options):
    return [entry["key"] for entry in metadata.page(game, *BOARD, PageRequest(), **options)["entries"]]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "Frozen Canyon"),
        ("number", 7),
        ("number", Decimal("93.50")),
        ("number", Decimal("1E-400")),
        ("number", 10**60),
        ("bool", False),
        ("json", {"laps": [3, Decimal("0.1000000000000000055511151231257827"), None]}),
        ("json", None),
        ("json", "text"),
        ("base64", ICON),
        ("base64", {"content_type": "", "content": ""}),
    ],
)
def test_values_of_each_type(game, kind, value):
    assert apply(game, action("create", "key", kind, value, tags=["map"], access=["game_api.read"])) == []
    expected = {"key": "key", "type": kind, "value": value, "tags": ["map"], "access": ["game_api.read"]}
    assert metadata.entries(game, *BOARD) == [expected]
    # Decimals of the same worth can have other digits.
    assert str(metadata.entries(game, *BOARD)[0]["value"]) == str(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", 1),
        ("string", None),
        ("number", True),
        ("number", "1"),
        ("bool", 1),
        ("bool", "true"),
        ("base64", "aWNvbg=="),
        ("base64", {"content": "aWNvbg=="}),
        ("base64", {"content_type": "image/png"}),
        ("base64", {"content_type": "image/png", "content": 5}),
        ("base64", {"content_type": "image/png", "content": "not base64"}),
        ("base64", {"content_type": "image/png", "content": "é"}),
    ],
)
def test_values_of_another_type(game, kind, value):
    (error,) = apply(game, action("create", "key", kind, value))
    assert error["action"] == "create"
    assert error["entry"] == {"key": "key", "type": kind}
    assert error["error"] == f"The value is not of the type {kind}"
    assert metadata.entries(game, *BOARD) == []


def test_what_fails_doesnt_hinder_the_rest(game):
    errors = apply(
        game,
        action("create", "map", "string", "Canyon"),
        action("create", "map", "string", "Island"),
        action("update", "par", "number", 1),
        {"action": "delete", "key": "old"},
        action("upsert", "par", "number", 2),
        action("upsert", "par", "number", 3),
        {"action": "delete", "key": "map"},
        action("create", "map", "string", "Reef"),
    )
    assert [(error["action"], error["entry"], error["error"]) for error in errors] == [
        ("create", {"key": "map", "type": "string"}, "An entry with this key exists already"),
        ("update", {"key": "par", "type": "number"}, "There is no such entry"),
        ("delete", {"key": "old", "type": None}, "There is no such entry"),
    ]
    assert [(entry["key"], entry["value"]) for entry in metadata.entries(game, *BOARD)] == [("par", 3), ("map", "Reef")]


def test_what_an_update_leaves_out_stays(game):
    apply(game, action("create", "key", "string", "a", tags=["one"], access=["game_api.read"]))
    apply(game, action("update", "key", "number", 1))
    (entry,) = metadata.entries(game, *BOARD)
    assert entry == {"key": "key", "type": "number", "value": 1, "tags": ["one"], "access": ["game_api.read"]}
    apply(game, action("upsert", "key", "number", 1, tags=[], access=["player.read"]))
    assert metadata.entries(game, *BOARD) == [{**entry, "tags": [], "access": ["player.read"]}]


def test_pages_and_filters(game):
    for number in range(25):
        tags = [name for name, every in (("even", 2), ("third", 3)) if number % every == 0]
        apply(game, action("create", f"key{number}", "number", number, tags=tags))
    first = metadata.page(game, *BOARD, PageRequest())
    assert len(first["entries"]) == 20
    assert (first["pagination"]["total"], first["pagination"]["next_page"]) == (25, 2)
    last = metadata.page(game, *BOARD, PageRequest(2, 20))
    assert [entry["value"] for entry in last["entries"]] == [20, 21, 22, 23, 24]
    assert last["pagination"]["next_page"] is None
    assert keys(game, tags=["third", "even"]) == ["key0", "key6", "key12", "key18", "key24"]
    assert keys(game, key="key3") == ["key3"]
    assert keys(game, key="key3", tags=["even"]) == []
    assert metadata.page(game, "player", BOARD[1], PageRequest())["entries"] == []


def test_files_are_left_out_on_request(game):
    apply(game, action("create", "icon", "base64", ICON), action("create", "name", "string", "Canyon"))
    icon, name = metadata.page(game, *BOARD, PageRequest(), ignore_files=True)["entries"]
    assert icon["value"] == {"content_type": "application/x-redacted", "content": ""}
    assert name["value"] == "Canyon"
    assert metadata.page(game, *BOARD, PageRequest())["entries"][0]["value"] == ICON


def test_several_sources_at_once(game):
    player = ("player", "01JKTE8JVA5M5HJVKEF9APCAA7")
    apply(game, action("create", "name", "string", "Canyon"), action("create", "icon", "base64", ICON))
    apply(game, action("create", "clan", "string", "Owls"), source=player)
    wanted = [
        {"source": "leaderboard", "id": BOARD[1], "keys": ["icon", "name", "other"]},
        {"source": "player", "id": player[1], "keys": []},
        {"source": "asset", "id": "5", "keys": ["clan"]},
    ]
    found = metadata.of_sources(game, wanted, ignore_files=True)["metadata"]
    assert [(source["source"], source["source_id"]) for source in found] == [BOARD, player, ("asset", "5")]
    assert [[entry["key"] for entry in source["entries"]] for source in found] == [["name", "icon"], [], []]
    assert found[0]["entries"][1]["value"]["content"] == ""


def test_a_world_has_its_metadata_again(game, world):
    world.add_metadata_entry(*BOARD, "name", "string", "Canyon", tags=["map"], access=["game_api.read"])
    world.add_metadata_entry(*BOARD, "par", "number", 93.5)
    world.add_metadata_entry(*BOARD, "exact", "json", value_json="[0.1000000000000000055511151231257827, 1e400]")
    world.add_metadata_entry("player", "5", "icon", "base64", ICON)
    exported = world.export_metadata_entries()
    assert [("value_json" in entry, "value" in entry) for entry in exported] == [
        (False, True), (False, True), (True, False), (False, True),
    ]  # fmt: skip
    copy = Game(Settings(server_key="key"))
    for entry in json.loads(json.dumps(exported)):
        World(copy).add_metadata_entry(**entry)
    assert World(copy).export_metadata_entries() == exported
    assert metadata.entries(copy, *BOARD) == metadata.entries(game, *BOARD)
    copy.close()


def test_what_is_written_fast_is_the_same():
    document = {"a": [Decimal("1.10"), 2**70, -1.5, None, True], "b": '\u00e9\u2028"', "c": {}}
    assert json.loads(exact.encode(document), parse_float=str) == {**document, "a": ["1.10", 2**70, "-1.5", None, True]}
    # An address may hold half of a surrogate pair, which an error then names.
    assert exact.encode(["\ud800"]) == b'["\\ud800"]'


def test_json_with_every_digit():
    text = '{"a":[1,-0.0,1.10,1E+400,-1E-400,123456789012345678901234567890.5],"b":"1.10"}'
    assert exact.dump(exact.parse(text)) == text
    for wrong in ("NaN", "[1e9999999999999999999]", "{"):
        with pytest.raises(ValueError, match=r"JSON|too large|Expecting"):
            exact.parse(wrong)
    for value in (object(), Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(TypeError, match="can't be written"):
            exact.dump([value])
