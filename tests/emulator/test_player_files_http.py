"""Player files through the SDK, over a real socket."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import aiohttp
import pytest

from lootlocker_async import LootLockerClient, NotFoundError, PermissionDeniedError

SAVE = bytes(range(256)) * 4000


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        yield client


async def read(client, file):
    return b"".join([piece async for piece in client.player_files.stream(file)])


async def test_a_file_comes_back_as_it_went(emulator, client, tmp_path):
    player = emulator.world.add_player("Aurelia")
    files = client.player_files
    file = await files.upload(player, file=SAVE, purpose="SAVE_GAME", public=True, name='slöt "1".sav')
    assert (file.name, file.size, file.purpose, file.public) == ('slöt "1".sav', len(SAVE), "SAVE_GAME", True)
    assert file.url_expires_at - timedelta(hours=1) == emulator.clock.now()
    assert await files.download(file, tmp_path / "slot.sav") == len(SAVE)
    assert (tmp_path / "slot.sav").read_bytes() == SAVE
    (tmp_path / "new.sav").write_bytes(b"new")
    updated = await files.update(player, file.id, file=tmp_path / "new.sav")
    assert (updated.id, updated.name, updated.public) == (file.id, "new.sav", True)
    assert await read(client, updated) == b"new"
    assert await read(client, file) == SAVE
    empty = await files.upload(player, file=b"", purpose="none")
    assert await read(client, empty) == b""
    assert [each.id for each in (await files.list(player)).items] == [file.id, empty.id]
    await files.delete(player, empty.id)
    with pytest.raises(NotFoundError):
        await files.get(player, empty.id)
    with pytest.raises(NotFoundError):
        await read(client, empty)


async def test_an_address_that_expired_or_was_changed(emulator, client):
    player = emulator.world.add_player("Aurelia")
    file = await client.player_files.upload(player, file=b"save", purpose="SAVE_GAME")
    with pytest.raises(PermissionDeniedError):
        await read(client, file.url.replace("Signature=", "Signature=0"))
    emulator.clock.advance(3601)
    with pytest.raises(PermissionDeniedError):
        await read(client, file.url)
    fresh = await client.player_files.get(player, file.id)
    assert await read(client, fresh) == b"save"
    async with aiohttp.ClientSession() as session, session.post(fresh.url) as answer:
        assert answer.status == 405


async def test_what_the_record_has_of_it(emulator, client):
    player = emulator.world.add_player("Aurelia")
    file = await client.player_files.upload(player, file=SAVE, purpose="SAVE_GAME", public=False, name="slot.sav")
    await read(client, file)
    (call,) = emulator.record.executed("player_files_upload")
    assert call.body == {
        "file": {"name": "slot.sav", "size": len(SAVE)}, "purpose": "SAVE_GAME", "public": "false",
    }  # fmt: skip
    download = list(emulator.record)[-1]
    assert (download.operation, download.executed, download.status) == (None, True, 200)
    assert download.path.startswith("/cdn/")
    assert download.query == "<hidden>"


async def test_forms_that_arent_right(api, emulator):
    address = f"/players/{emulator.world.add_player('Aurelia')}/files"

    def form(**fields):
        data = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            data.add_field(name, value, filename="slot.sav" if name == "file" else None)
        return data

    for fields, param in (
        ({"file": b"1"}, "purpose"),
        ({"purpose": "a"}, "file"),
        ({"file": b"1", "purpose": ""}, "purpose"),
        ({"file": b"1", "purpose": "a", "public": "yes"}, "public"),
        ({"file": b"1", "purpose": "a", "name": "b"}, "name"),
    ):
        assert (await api.refused("POST", address, 400, data=form(**fields)))["param"] == param
    assert (await api.refused("POST", address, 400, json={"file": "1"}))["code"] == "content_type_invalid"
    large = form(file=BytesIO(bytes(5 * 1024 * 1024 + 1)), purpose="a")
    assert (await api.refused("POST", address, 400, data=large))["code"] == "file_too_large"
    assert (await api.ok("GET", address))["items"] == []
