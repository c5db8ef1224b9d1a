"""The token exchange: the domain logic, and through the SDK."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from lootlocker_async import AuthenticationError, LootLockerClient, NotFoundError
from lootlocker_async.emulator import ServiceError, oauth, players
from lootlocker_async.models.oauth import SubjectTokenType

ACCESS = "urn:ietf:params:oauth:token-type:access_token"
NOBODY = "01JZ6RHPGMB3EEVDPKH2BKJRVR"


def ulid_of(game, player):
    return game.store.one("SELECT ulid FROM players WHERE id = ?", player)["ulid"]


def status(function, *arguments):
    with pytest.raises(ServiceError) as refused:
        function(*arguments)
    return refused.value.status


def player_of(game, token):
    found: Any = players.lookup_session_tokens(game, [token])["player_info_list"]
    return [info["legacy_id"] for info in found]


def test_a_session_for_a_player(game, world, clock):
    player = world.add_player("Aurelia")
    ulid = ulid_of(game, player)
    first = oauth.exchange(game, "key", ulid, oauth.PLAYER)
    assert (first["token_type"], first["subject_ulid"], first["expires_in"]) == ("Bearer", ulid, 3600)
    second = oauth.exchange(game, "key", first["access_token"], ACCESS)
    assert second["access_token"] != first["access_token"]
    for session in (first, second):
        assert player_of(game, session["access_token"]) == [player]
        assert player_of(game, session["refresh_token"]) == []
    clock.advance(3600)
    assert player_of(game, first["access_token"]) == []
    assert status(oauth.exchange, game, "key", first["access_token"], ACCESS) == 401


def test_what_is_refused(game, world):
    ulid = ulid_of(game, world.add_player("Aurelia"))
    assert status(oauth.exchange, game, "another key", ulid, oauth.PLAYER) == 401
    assert status(oauth.exchange, game, "key", NOBODY, oauth.PLAYER) == 404
    assert status(oauth.exchange, game, "key", ulid, ACCESS) == 401


async def test_the_exchange_through_the_sdk(emulator):
    player = emulator.world.add_player("Aurelia")
    running = emulator.world.add_game_session(player)
    ulid = ulid_of(emulator.game, player)
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        by_ulid = await client.oauth.exchange_token(subject_token_type=SubjectTokenType.PLAYER, subject_token=ulid)
        by_token = await client.oauth.exchange_token(subject_token_type=ACCESS, subject_token=running)
        tokens = [session.access_token.reveal() for session in (by_ulid, by_token)]
        found = await client.players.lookup_session_tokens(tokens=tokens)
        assert [info.legacy_id for info in found.player_info_list] == [player, player]
        assert by_token.subject_ulid == ulid
        with pytest.raises(NotFoundError):
            await client.oauth.exchange_token(subject_token_type=SubjectTokenType.PLAYER, subject_token=NOBODY)
        with pytest.raises(AuthenticationError):
            await client.oauth.exchange_token(subject_token_type=ACCESS, subject_token="nothing")
    calls = emulator.record.received("oauth_exchange_token")
    assert [call.path for call in calls] == ["/client/v3/oauth/token"] * 4
    assert calls[0].body["actor_token"] == calls[0].body["subject_token"] == "<hidden>"
    assert calls[0].body["subject_token_type"] == "lootlocker.v1.player"
    for secret in (emulator.server_key, ulid, running, *tokens):
        assert secret not in repr(calls)


async def test_forms_that_arent_right(api, emulator, check_answer):
    url = str(URL(emulator.base_url).origin()) + "/client/v3/oauth/token"
    ulid = ulid_of(emulator.game, emulator.world.add_player("Aurelia"))
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "actor_token_type": ACCESS,
        "actor_token": emulator.server_key,
        "subject_token_type": oauth.PLAYER,
        "subject_token": ulid,
    }
    version = {"game_version": "1.4.0.0"}
    for fields, query, expected, param in (
        (form, version, 200, None),
        (form, {}, 400, "game_version"),
        ({**form, "grant_type": "password"}, version, 400, "grant_type"),
        ({**form, "scope": "all"}, version, 400, "scope"),
        ({name: form[name] for name in form if name != "actor_token"}, version, 400, "actor_token"),
        ({**form, "actor_token": "wrong"}, version, 401, None),
        ({**form, "subject_token": NOBODY}, version, 404, "subject_token"),
    ):
        # The session's token isn't asked for here.
        async with api.session.post(url, data=fields, params=query, headers={"LL-Version": "2021-03-01"}) as answer:
            document = await answer.json()
        assert (answer.status, document.get("param")) == (expected, param)
        check_answer("oauth_exchange_token", answer.status, document)
    assert (await api("POST", "/client/v3/oauth/token", data=form)).status == 404
