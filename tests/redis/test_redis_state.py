"""The description of what is shared: what it takes, what it shows, how it travels."""

from __future__ import annotations

import pickle
import subprocess
import sys
import traceback
from typing import Any

import pytest

from lootlocker_async import ClientConfig, ConfigurationError
from lootlocker_async.integrations.redis import SharedState
from tests.redis.servers import Server, mute

PASSWORD = "hunter2%21"
URL = f"redis://user:{PASSWORD}@127.0.0.1:1/0"
CONFIG = ClientConfig(server_key="dev_key")


def url_of_a_function() -> str:
    return URL


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"burst": 0}, "burst should be a whole number of at least 1, not 0"),
        ({"burst": True}, "burst should be"),
        ({"workers": 2.5}, "workers should be a whole number"),
        ({"timeout": 0}, "timeout should be a number above 0"),
        ({"timeout": 61}, "timeout should be"),
        ({"timeout": True}, "timeout should be"),
        ({"timeout": "1"}, "timeout should be"),
        ({"prefix": ""}, "prefix should be"),
        ({"prefix": "a{b}"}, "prefix should be"),
        ({"prefix": 3}, "prefix should be"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        SharedState(url=URL, **settings)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "the environment variable LOOTLOCKER_REDIS_URL is not set"),
        ({"url_env": "ELSEWHERE"}, "the environment variable ELSEWHERE is not set"),
        ({"url_env": None}, "none given"),
        ({"url": ""}, "a Redis URL is needed"),
        ({"url": f"http://:{PASSWORD}@host"}, "should look like redis://host:6379/0"),
        ({"url": f"redis://:{PASSWORD}@host:port"}, "should look like redis://"),
        ({"url": f"redis://:{PASSWORD}@[host"}, "should look like redis://"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text) as caught:
        SharedState(**settings).share(CONFIG)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_the_password_is_shown_nowhere() -> None:
    state = SharedState(url=URL)
    config = state.share(CONFIG)
    shown = f"{state!r} {config!r} {config.token_store!r} {config.limiter!r}"
    assert "hunter2" not in shown
    assert "hunter2" not in repr(pickle.dumps(config))


def test_a_url_does_not_travel_and_says_so() -> None:
    there = pickle.loads(pickle.dumps(SharedState(url=URL)))
    with pytest.raises(ConfigurationError, match="does not travel in a pickle"):
        there.share(CONFIG)


@pytest.mark.parametrize("settings", [{"url_env": "ELSEWHERE"}, {"url": url_of_a_function}])
def test_where_the_url_is_travels(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELSEWHERE", URL)
    state = SharedState(burst=3, workers=20, prefix="staging", timeout=0.5, **settings)
    there = pickle.loads(pickle.dumps(state))
    assert there == state
    assert there.address().reveal() == URL


def test_sharing_keeps_the_other_settings() -> None:
    config = SharedState(url=URL).share(ClientConfig(server_key="dev_key", retries=1, calls_per_second=7.0))
    assert (config.retries, config.calls_per_second, config.key()) == (1, 7.0, "dev_key")


async def test_a_check_finds_redis(server: Server) -> None:
    await SharedState(url=server.url, timeout=20).check()


@pytest.mark.parametrize("url", [URL, "unix:///nowhere/redis.sock"])
async def test_a_check_says_what_is_wrong(url: str) -> None:
    with pytest.raises(ConfigurationError, match="Redis can't be used: ConnectionError") as caught:
        await SharedState(url=url).check()
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


async def test_a_check_does_not_wait_for_ever() -> None:
    with mute() as url, pytest.raises(ConfigurationError, match=r"no answer in 0\.1 s"):
        await SharedState(url=url, timeout=0.1).check()


def test_a_missing_library_is_named_with_its_extra() -> None:
    program = """
import sys
sys.modules["redis"] = None
from lootlocker_async.integrations.redis import SharedState
try:
    SharedState(url="redis://host")
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'lootlocker-async[redis]'" in done.stdout


def test_importing_the_integration_loads_no_library() -> None:
    program = "import sys, lootlocker_async.integrations.redis; print('redis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
