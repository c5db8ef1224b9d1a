"""The client as its users meet it, answered from memory."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import warnings
from typing import Any

import pytest

from lootlocker_async import (
    AuthenticationError,
    ClientClosedError,
    ClientConfig,
    ConfigurationError,
    InvalidRequestError,
    LootLockerClient,
    LootLockerError,
    NotFoundError,
    PermissionDeniedError,
    RequestTimeoutError,
)
from lootlocker_async.client import SECTIONS
from lootlocker_async.core.limits import LocalLimiter
from lootlocker_async.core.tokens import MemoryTokenStore, Token
from lootlocker_async.models.leaderboards import Leaderboard
from lootlocker_async.models.session import SessionPing
from lootlocker_async.secret import SecretStr
from tests.support.clock import run
from tests.unit.support import BASE, KEY, TOKEN, Http, frames


def logins(http: Http) -> int:
    return len(http.asked) - len(http.sent())


# ---------------------------------------------------------------------------------------------------------- sections
def test_sections_are_made_when_first_touched() -> None:
    client = LootLockerClient(KEY)
    for name in SECTIONS:
        assert name not in vars(client)
        assert getattr(client, name) is getattr(client, name)
        assert getattr(LootLockerClient, name)


async def test_a_view_is_the_same_client_with_other_settings(http: Http, client: LootLockerClient) -> None:
    http.answer("GET", "/x", payload={}, repeat=True)
    view = client.with_options(timeout=1.5, retries=7)
    assert view.config is client.config
    assert view.leaderboards is not client.leaderboards
    await view.request("GET", "/x")
    await client.request("GET", "/x")
    assert logins(http) == 1
    again = view.with_options(attempt_timeout=None)
    options = again._caller.options
    assert (options.timeout, options.attempt_timeout, options.retries) == (1.5, None, 7)
    await view.close()
    with pytest.raises(ClientClosedError):
        await client.request("GET", "/x")


@pytest.mark.parametrize("options", [{"timeout": 0}, {"retries": -1}, {"attempt_timeout": float("nan")}])
def test_a_view_checks_its_settings(options: Any) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        LootLockerClient(KEY).with_options(**options)
    with pytest.raises(TypeError):
        LootLockerClient(KEY).with_options(unheard_of=1)  # type: ignore[call-arg]


# ------------------------------------------------------------------------------------------------------ escape hatch
async def test_the_escape_hatch(http: Http, client: LootLockerClient) -> None:
    http.answer("PATCH", "/x/y%20z?a=1&b=2&b=3&c=true", payload={"n": 1.5, "l": [None]})
    answer = await client.request(
        "PATCH", "/x/y z", params={"a": 1, "b": [2, 3], "c": True, "d": None}, json={"some": ["body", 1]}
    )
    assert answer == {"n": 1.5, "l": [None]}
    (sent,) = http.sent()
    assert json.loads(sent[2]["data"]) == {"some": ["body", 1]}
    assert sent[2]["headers"]["Content-Type"] == "application/json"
    http.answer("GET", "/pong", payload={"pong": "x"})
    assert await client.request("GET", "/pong", into=SessionPing) == SessionPing(pong="x")


async def test_the_escape_hatch_takes_models(http: Http, client: LootLockerClient) -> None:
    http.answer("POST", "/x", payload={})
    await client.request("POST", "/x", json=SessionPing(pong="x"))
    assert json.loads(http.sent()[0][2]["data"]) == {"pong": "x"}


@pytest.mark.parametrize("verb", ["get", "HEAD", "", None, "GET\r\n"])
async def test_the_escape_hatch_knows_its_verbs(verb: Any, http: Http, client: LootLockerClient) -> None:
    with pytest.raises(InvalidRequestError, match="verb"):
        await client.request(verb, "/x")
    assert not http.asked


@pytest.mark.parametrize(
    "body",
    [float("nan"), {"a": object()}, {1, 2}, {"a": "\ud800"}],
    ids=["nan", "an object", "a set", "half a character"],
)
async def test_bodies_that_make_no_sense(body: Any, http: Http, client: LootLockerClient) -> None:
    try:
        await client.request("POST", "/x", json=body)
    except InvalidRequestError:
        assert not http.asked
    except LootLockerError:
        # Sets become lists and NaN null: that's what the service then was asked.
        json.loads(http.sent()[0][2]["data"])


# ------------------------------------------------------------------------------------------------------------- token
async def test_each_secret_goes_where_it_belongs(http: Http, client: LootLockerClient) -> None:
    http.answer("GET", "/x", payload={}, repeat=True)
    await client.request("GET", "/x")
    await client.request("GET", "/x")
    login, first, second = (kwargs["headers"] for _, _, kwargs in http.asked)
    assert str(login["x-server-key"]) == KEY
    assert "x-auth-token" not in login
    for headers in (first, second):
        assert str(headers["x-auth-token"]) == TOKEN
        assert "x-server-key" not in headers
    assert len({headers["x-request-id"] for headers in (login, first, second)}) == 3
    assert json.loads(http.asked[0][2]["data"]) == {"game_version": "1.0.0.0"}


async def test_a_cold_crowd_makes_one_login(http: Http, client: LootLockerClient) -> None:
    http.answer("GET", "/x", payload={}, repeat=True)
    await asyncio.gather(*(client.request("GET", "/x") for _ in range(200)))
    assert logins(http) == 1
    assert len(http.sent()) == 200


async def test_a_crowd_with_a_wrong_key_shares_one_failed_login() -> None:
    with Http() as http:
        http.answer("POST", "/session", status=401, payload={"message": "no such key"}, repeat=True)
        async with LootLockerClient(KEY, base_url=BASE) as client:
            errors = await asyncio.gather(*(client.request("POST", "/x") for _ in range(200)), return_exceptions=True)
        assert {type(error) for error in errors} == {AuthenticationError}
        assert len({id(error) for error in errors}) == 200
        assert len(http.asked) == 1
        assert isinstance(errors[0], AuthenticationError)
        assert not [line for line in (*frames(errors[0]), str(errors[0])) if KEY in line]


async def test_a_refused_token_is_renewed_once(http: Http, client: LootLockerClient) -> None:
    http.answer("POST", "/x", status=401, payload={})
    http.answer("POST", "/x", payload={"a": 1})
    assert await client.request("POST", "/x") == {"a": 1}
    assert logins(http) == 2
    http.answer("POST", "/x", status=401, payload={"message": "truly not"}, repeat=True)
    with pytest.raises(AuthenticationError):
        await client.request("POST", "/x")
    assert logins(http) == 3
    assert len(http.sent()) == 4


async def test_a_true_403_is_raised_as_it_is(http: Http, client: LootLockerClient) -> None:
    http.answer("GET", "/x", status=403, payload={}, repeat=True)
    with pytest.raises(PermissionDeniedError):
        await client.request("GET", "/x")
    assert logins(http) == 1
    assert len(http.sent()) == 1


async def test_a_403_for_an_old_token_is_tried_with_a_new_one(http: Http) -> None:
    store = MemoryTokenStore()
    await store.put(Token(value=SecretStr("old"), obtained_at=0.0))
    http.answer("GET", "/x", status=403, payload={})
    http.answer("GET", "/x", payload={})
    async with LootLockerClient(KEY, base_url=BASE, token_store=store, keep_alive=False) as client:
        await client.request("GET", "/x")
    kept = await store.get()
    assert kept is not None
    assert str(kept.value) == TOKEN
    assert [str(kwargs["headers"]["x-auth-token"]) for _, _, kwargs in http.sent()] == ["old", TOKEN]
    assert logins(http) == 1
    assert TOKEN not in repr(kept)


async def test_preload_logs_in_and_builds_the_decoders(http: Http, client: LootLockerClient) -> None:
    await client.preload(login=False)
    assert not http.asked
    await client.preload()
    await client.preload()
    assert logins(http) == len(http.asked) == 1


def test_an_idle_client_pings_and_a_busy_one_does_not() -> None:
    async def main(http: Http) -> None:
        http.answer("GET", "/ping", payload={"pong": "x"}, repeat=True)
        http.answer("GET", "/x", payload={}, repeat=True)
        async with LootLockerClient(KEY, base_url=BASE, token_lifetime=100.0) as client:
            for _ in range(10):
                await client.request("GET", "/x")
                await asyncio.sleep(50)
            assert not http.sent("/ping")
            await asyncio.sleep(300)
            assert 2 <= len(http.sent("/ping")) <= 4
        async with LootLockerClient(KEY, base_url=BASE, token_lifetime=100.0, keep_alive=False) as client:
            before = len(http.sent("/ping"))
            await client.request("GET", "/x")
            await asyncio.sleep(300)
            assert len(http.sent("/ping")) == before

    with Http() as http:
        http.answer("POST", "/session", payload={"token": TOKEN}, repeat=True)
        run(lambda: main(http))


# ------------------------------------------------------------------------------------------------- opening and closing
def test_plain_with_is_refused() -> None:
    with pytest.raises(TypeError, match="async with"), LootLockerClient(KEY):
        pass


def test_a_client_serves_one_loop_after_another(http: Http) -> None:
    http.answer("GET", "/x", payload={"a": 1}, repeat=True)
    client = LootLockerClient(KEY, base_url=BASE)

    async def main() -> None:
        assert await client.request("GET", "/x") == {"a": 1}

    asyncio.run(main())
    asyncio.run(main())
    assert logins(http) == 1
    asyncio.run(client.close())
    with pytest.raises(ClientClosedError):
        asyncio.run(main())


def test_a_client_that_was_never_used_is_forgotten_in_silence() -> None:
    client = LootLockerClient(KEY)
    del client
    gc.collect()


def test_a_forgotten_close_warns_once_with_the_place(http: Http) -> None:
    http.answer("GET", "/x", payload={})

    async def main() -> None:
        client = LootLockerClient(KEY, base_url=BASE)
        await client.request("GET", "/x")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del client
            gc.collect()
        (warning,) = caught
        assert warning.category is ResourceWarning
        assert re.search(r"never closed \(it was made at .*test_client\.py:\d+\)", str(warning.message))
        await asyncio.sleep(0.01)

    asyncio.run(main())


def test_close_waits_for_running_calls_and_then_calls_them_off(http: Http) -> None:
    async def slow(*_: object, **__: object) -> None:
        await asyncio.sleep(3)

    async def main() -> None:
        http.answer("GET", "/x", payload={"a": 1}, callback=slow, repeat=True)
        client = LootLockerClient(KEY, base_url=BASE)
        await client.preload()
        patient = asyncio.create_task(client.request("GET", "/x"))
        await asyncio.sleep(1)
        await client.close(grace=5)
        assert await patient == {"a": 1}
        client = LootLockerClient(KEY, base_url=BASE)
        await client.preload()
        hasty = asyncio.create_task(client.request("GET", "/x"))
        await asyncio.sleep(1)
        await client.close(grace=1)
        with pytest.raises(ClientClosedError):
            await hasty
        assert not asyncio.all_tasks() - {asyncio.current_task()}

    http.answer("GET", "/never", payload={})
    run(main)


def test_a_call_that_takes_too_long_is_given_up(http: Http) -> None:
    async def slow(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    async def main() -> None:
        http.answer("GET", "/x", payload={}, callback=slow, repeat=True)
        async with LootLockerClient(KEY, base_url=BASE, timeout=20.0, attempt_timeout=4.0, retries=2) as client:
            began = asyncio.get_running_loop().time()
            with pytest.raises(RequestTimeoutError) as caught:
                await client.request("GET", "/x")
            assert caught.value.sent
            assert len(caught.value.attempts) == 3
            assert 12 <= asyncio.get_running_loop().time() - began <= 14.1
            assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]

    run(main)


# ------------------------------------------------------------------------------------------------------------ the rest
async def test_methods_name_routes_and_take_models_apart(http: Http, client: LootLockerClient) -> None:
    board: dict[str, Any] = {
        "id": 1,
        "key": "daily",
        "name": "Daily",
        "type": "player",
        "direction_method": "descending",
    }
    http.answer("GET", "/leaderboards/daily", payload={"leaderboard": board})
    found = await client.leaderboards.get("daily")
    assert isinstance(found, Leaderboard)
    assert found.key == "daily"
    http.answer("GET", "/leaderboards/none", status=404, payload={"message": "not found"})
    with pytest.raises(NotFoundError, match="GET /leaderboards/none: not found"):
        await client.leaderboards.get("none")


async def test_a_limiter_of_ones_own_is_asked(http: Http) -> None:
    told: list[tuple[int | None, float | None]] = []

    class Learning(LocalLimiter):
        def leave(self, status: int | None, retry_after: float | None) -> None:
            told.append((status, retry_after))
            super().leave(status, retry_after)

    http.answer("GET", "/x", status=503, payload={}, headers={"Retry-After": "0"})
    http.answer("GET", "/x", payload={})
    async with LootLockerClient(KEY, base_url=BASE, limiter=lambda: Learning(1)) as client:
        await client.request("GET", "/x")
    assert told == [(200, None), (503, 0.0), (200, None)]


def test_a_client_says_where_it_goes() -> None:
    client = LootLockerClient(config=ClientConfig(server_key=KEY, domain_key="abc"))
    assert repr(client) == "<LootLockerClient https://abc.api.lootlocker.com/server>"
