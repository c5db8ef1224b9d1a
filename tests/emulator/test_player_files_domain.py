"""The domain logic of player files, without sockets."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from lootlocker_async.emulator import ServiceError, World, player_files
from lootlocker_async.emulator.bodies import UploadedFile
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.player_files import MAX_FILES, MAX_SIZE, REVISIONS, FileSpec

SAVE = FileSpec(purpose="SAVE_GAME")
HOST = "127.0.0.1:8080"


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.code, refused.value.param


def shown(game, player, file_id):
    return player_files.document(game, player, file_id, HOST)


def contents(game, url):
    parts = urlsplit(url)
    return player_files.contents(game, parts.path, parts.query)


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


@pytest.fixture
def slot(game, player):
    return player_files.upload(game, player, SAVE, UploadedFile("slot-1.sav", b"\x00one\xff"))


def test_a_file_and_its_contents(game, player, slot):
    file = shown(game, player, slot)
    assert {name: file[name] for name in ("id", "name", "size", "purpose", "public")} == {
        "id": slot, "name": "slot-1.sav", "size": 5, "purpose": "SAVE_GAME", "public": False,
    }  # fmt: skip
    assert file["url"].startswith(f"http://{HOST}/cdn/")
    assert contents(game, file["url"]) == b"\x00one\xff"
    avatar = player_files.upload(game, player, FileSpec(purpose="avatar", public=True), UploadedFile("a.png", b""))
    assert shown(game, player, avatar)["public"] is True
    assert contents(game, shown(game, player, avatar)["url"]) == b""
    assert [file["id"] for file in player_files.documents(game, player, HOST)["items"]] == [slot, avatar]


def test_new_contents(game, clock, player, slot):
    first = shown(game, player, slot)
    clock.advance(60)
    player_files.update(game, player, slot, UploadedFile("slot-2.sav", b"two"))
    second = shown(game, player, slot)
    assert second["revision_id"] != first["revision_id"]
    assert (second["name"], second["size"], second["created_at"]) == ("slot-2.sav", 3, first["created_at"])
    assert contents(game, second["url"]) == b"two"
    assert contents(game, first["url"]) == b"\x00one\xff"


def test_five_revisions_are_kept(game, player, slot):
    urls = [shown(game, player, slot)["url"]]
    for number in range(REVISIONS):
        player_files.update(game, player, slot, UploadedFile("slot", b"%d" % number))
        urls.append(shown(game, player, slot)["url"])
    assert refusal(contents, game, urls[0]) == (404, "not_found", None)
    assert [contents(game, url) for url in urls[1:]] == [b"0", b"1", b"2", b"3", b"4"]


def test_an_address_expires(game, clock, player, slot):
    url = shown(game, player, slot)["url"]
    clock.advance(3599)
    later = shown(game, player, slot)["url"]
    assert contents(game, url)
    clock.advance(1)
    assert refusal(contents, game, url) == (403, "forbidden", None)
    assert contents(game, later)


def test_an_address_that_was_tampered_with(game, player, slot):
    url = shown(game, player, slot)["url"]
    base, _, query = url.partition("?")
    later = query.replace("Expires=1", "Expires=9")
    for wrong in ("", "Expires=1", later, query.replace("Signature=", "Signature=%C3%A9"), "Signature=%FF"):
        assert refusal(contents, game, f"{base}?{wrong}") == (403, "forbidden", None)
    for path in (base.replace(f"/{player}/", "/1/"), base + "x", base.removesuffix(".bin")):
        assert refusal(contents, game, f"{path}?{query}") == (404, "not_found", None)


def test_deleting(game, player, slot):
    url = shown(game, player, slot)["url"]
    player_files.delete(game, player, slot)
    assert refusal(contents, game, url) == (404, "not_found", None)
    for call in (player_files.delete, shown):
        assert refusal(call, game, player, slot) == (404, "not_found", "file_id")
    assert game.store.count("SELECT count(*) FROM player_file_revisions") == 0


def test_another_players_file(game, world, slot):
    other = world.add_player("Brand")
    assert refusal(shown, game, other, slot) == (404, "not_found", "file_id")
    file = UploadedFile("a", b"")
    assert refusal(player_files.update, game, other, slot, file) == (404, "not_found", "file_id")
    assert player_files.documents(game, other, HOST) == {"items": []}
    for call in (player_files.documents, player_files.upload):
        assert refusal(call, game, 424242, *(() if call is player_files.documents else (SAVE,)), file)[0] == 404


def test_how_much_there_can_be(game, player, slot):
    large = bytes(MAX_SIZE)
    player_files.update(game, player, slot, UploadedFile("large", large))
    assert shown(game, player, slot)["size"] == MAX_SIZE
    too_large = (400, "file_too_large", "file")
    assert refusal(player_files.update, game, player, slot, UploadedFile("a", large + b"1")) == too_large
    for _ in range(MAX_FILES - 1):
        player_files.upload(game, player, SAVE, UploadedFile("a", b""))
    assert refusal(player_files.upload, game, player, SAVE, UploadedFile("a", b""))[1] == "file_limit_reached"
    player_files.delete(game, player, slot)
    with pytest.raises(ServiceError), game.transaction():
        player_files.upload(game, player, SAVE, UploadedFile("a", large + b"1"))
    assert len(player_files.documents(game, player, HOST)["items"]) == MAX_FILES - 1


def test_a_world_has_its_files_again(game, world, clock, player, slot):
    player_files.update(game, player, slot, UploadedFile("slot", b"two"))
    world.add_player_file(player, "avatar.png", "avatar", "aWNvbg==", public=True, created_at="2026-05-28T09:14:52Z")
    empty = world.add_player_file(player, "empty", "none")
    assert shown(game, player, empty)["size"] == 0
    copy = Game(Settings(server_key="key"), clock=clock)
    again = World(copy)
    again.add_player("Aurelia", player_id=player)
    exported = world.export_player_files()
    for arguments in json.loads(json.dumps(exported)):
        assert again.add_player_file(**arguments) == arguments["file_id"]
    assert again.export_player_files() == exported
    files = player_files.documents(copy, player, HOST)["items"]
    for file, same in zip(player_files.documents(game, player, HOST)["items"], files, strict=True):
        assert {**file, "url": ""} == {**same, "url": ""}
        assert contents(copy, same["url"]) == contents(game, file["url"])
    copy.close()
    with pytest.raises(ValueError, match="base64"):
        world.add_player_file(player, "a", "b", "not base64")
    assert len(world.export_player_files()) == 3
