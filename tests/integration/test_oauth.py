"""Token exchanges: the key goes into the form, beside no token, and nothing secret is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest

from lootlocker_async import (
    APIError,
    AuthenticationError,
    ConnectionLostError,
    InvalidRequestError,
    LootLockerClient,
    LootLockerError,
    OutcomeUnknownError,
    ResponseDecodeError,
)
from lootlocker_async.models.oauth import SubjectTokenType
from tests.integration.helpers import Events, check_idle, client_of
from tests.integration.raw import RawServer, Request, Wire
from tests.integration.test_secrecy import KEY, TOKEN, _hidden, _hidden_in_error

ANSWER = {
    "token_type": "Bearer",
    "access_token": "aCcEsS_sEcReT_1111",
    "refresh_token": "rEfReSh_sEcReT_2222",
    "subject_ulid": "01J9W3T8K5M2XQ7R4YB6ZDHCVN",
    "expires_in": 3600,
}


async def exchange(client: LootLockerClient, **more: Any) -> Any:
    kind = more.pop("subject_token_type", SubjectTokenType.ACCESS_TOKEN)
    return await client.oauth.exchange_token(**{"subject_token_type": kind, "subject_token": TOKEN, **more})


async def answered(_request: Request, wire: Wire) -> None:
    await wire.answer(ANSWER)


async def test_an_exchange_goes_beside_server_with_the_key_in_its_form() -> None:
    async with RawServer(answered, logins=False) as server:
        async with client_of(server, game_version="1.4.0.0") as client:
            found = await exchange(client)
            await exchange(client, subject_token_type="lootlocker.v1.player", subject_token="x&y=1", game_version="2.0")
            check_idle(client)
        first, second = server.requests
        assert first.verb == "POST"
        assert [request.target for request in server.requests] == [
            "/client/v3/oauth/token?game_version=1.4.0.0",
            "/client/v3/oauth/token?game_version=2.0",
        ]
        assert first.headers["content-type"] == "application/x-www-form-urlencoded"
        assert first.headers["ll-version"]
        assert first.headers["x-request-id"]
        assert not {"x-auth-token", "x-server-key", "authorization"} & first.headers.keys()
        assert dict(parse_qsl(first.body.decode())) == {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "actor_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "actor_token": server.server_key,
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "subject_token": TOKEN,
        }
        form = parse_qs(second.body.decode())
        assert (form["subject_token_type"], form["subject_token"]) == (["lootlocker.v1.player"], ["x&y=1"])
        assert found.access_token.reveal() == ANSWER["access_token"]
        assert found.refresh_token.reveal() == ANSWER["refresh_token"]
        assert (found.token_type, found.expires_in, found.subject_ulid) == ("Bearer", 3600, ANSWER["subject_ulid"])
        _hidden(repr(found), ANSWER["access_token"], ANSWER["refresh_token"])  # type: ignore[arg-type]


async def test_tokens_that_are_missing_or_null() -> None:
    async def respond(_request: Request, wire: Wire) -> None:
        await wire.answer({"access_token": "a", "refresh_token": None})

    async with RawServer(respond, logins=False) as server, client_of(server) as client:
        found = await exchange(client)
        assert (found.refresh_token, found.token_type, found.expires_in) == (None, None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject_token_type": "refresh_token"},
        {"subject_token_type": 7},
        {"subject_token": 7},
        {"subject_token": None},
        {"subject_token": "\ud800"},
        {"game_version": ""},
        {"game_version": 1.5},
    ],
    ids=repr,
)
async def test_what_does_not_fit_is_not_sent(wrong: dict[str, Any]) -> None:
    async with RawServer(answered, logins=False) as server, client_of(server) as client:
        with pytest.raises(InvalidRequestError) as caught:
            await exchange(client, **wrong)
        assert next(iter(wrong)) in str(caught.value)
        assert not server.requests


# -------------------------------------------------------------------------------------------------------------- secrecy
def _echoing(status: int) -> Callable[[Request, Wire], Any]:
    async def respond(request: Request, wire: Wire) -> None:
        form = dict(parse_qsl(request.body.decode()))
        said = f"{form['actor_token']} {form['subject_token']} {request.body.decode()}"
        told = {"code": form["subject_token"], "message": said, "request_id": form["actor_token"], "param": said}
        await wire.answer(told if status >= 300 else {"access_token": 1, "error": said}, status=status)

    return respond


async def _drop(_request: Request, wire: Wire) -> None:
    wire.drop()


async def _half(_request: Request, wire: Wire) -> None:
    await wire.answer(ANSWER, length=5000)
    wire.drop()


async def _noise(request: Request, wire: Wire) -> None:
    await wire.answer(b"<p>" + request.body)


@pytest.mark.parametrize(
    ("respond", "kind"),
    [
        (_echoing(400), APIError),
        (_echoing(401), AuthenticationError),
        (_echoing(403), APIError),
        (_echoing(500), OutcomeUnknownError),
        (_noise, ResponseDecodeError),
        (_drop, OutcomeUnknownError),
        (_half, ResponseDecodeError),
    ],
    ids=["400", "401", "403", "500", "noise", "dropped", "half"],
)
async def test_no_failure_shows_a_secret(
    respond: Callable[[Request, Wire], Any], kind: type[LootLockerError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    events = Events()
    async with (
        RawServer(respond, logins=False) as server,
        client_of(server, server_key=KEY, observers=(events,)) as client,
    ):
        with client.trace() as calls, pytest.raises(kind) as caught:
            await exchange(client)
        assert len(server.requests) == 1
        _hidden_in_error(caught.value)
        _hidden(caplog.text)
        _hidden(repr(events.all))
        _hidden(repr(calls))
        check_idle(client)


async def test_a_refused_argument_shows_no_secret() -> None:
    async with RawServer(answered, logins=False) as server, client_of(server, server_key=KEY) as client:
        for wrong in ({"subject_token_type": "x"}, {"game_version": ""}, {"subject_token": f"{TOKEN}\ud800"}):
            with pytest.raises(InvalidRequestError) as caught:
                await exchange(client, **wrong)
            # The frames of the test itself hold the token bare.
            trace = caught.value.__traceback__
            assert trace is not None
            while trace.tb_next is not None and "exchange_token" not in trace.tb_frame.f_code.co_name:
                trace = trace.tb_next
            _hidden_in_error(caught.value.with_traceback(trace))


# -------------------------------------------------------------------------------------------------------- sending again
async def test_an_exchange_whose_answer_was_lost_is_not_sent_again() -> None:
    async with RawServer(_drop, logins=False) as server, client_of(server) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await exchange(client)
        assert isinstance(caught.value.__cause__, ConnectionLostError)
        sent = dict(parse_qsl(str(caught.value.sent_body)))
        assert sent["actor_token"] == sent["subject_token"] == "********"
        assert sent["grant_type"].endswith("token-exchange")
        assert len(server.requests) == 1


async def test_an_exchange_that_was_put_off_is_sent_again() -> None:
    async def respond(request: Request, wire: Wire) -> None:
        if request is server.requests[0]:
            await wire.answer({}, status=503, headers={"Retry-After": "0"})
        else:
            await wire.answer(ANSWER)

    async with RawServer(respond, logins=False) as server, client_of(server) as client:
        assert await exchange(client)
        first, second = server.requests
        assert first.body == second.body
