"""`lootlocker doctor`: its checks, and what to do where one fails."""

from __future__ import annotations

import json
import time
from email.utils import formatdate

import pytest

from lootlocker_async.cli import checks
from lootlocker_async.emulator import Fault


def states(told):
    return {check["name"]: check["state"] for check in json.loads(told.out)["checks"]}


def test_all_is_well(lootlocker):
    told = lootlocker("doctor")
    assert (told.code, told.err) == (0, "")
    assert [line.split()[1] for line in told.out.splitlines()] == [
        "versions", "settings", "proxy", "reachability", "key", "clock", "latency",
    ]  # fmt: skip
    assert states(lootlocker("doctor", "--json")) == {
        "versions": "info", "settings": "ok", "proxy": "info", "reachability": "ok", "key": "ok", "clock": "ok",
        "latency": "ok",
    }  # fmt: skip


def test_without_a_key(lootlocker, monkeypatch):
    monkeypatch.delenv("LOOTLOCKER_SERVER_KEY")
    told = lootlocker("doctor")
    assert told.code == 2
    assert "LOOTLOCKER_SERVER_KEY is not set" in told.out
    assert "set LOOTLOCKER_SERVER_KEY, or give --profile NAME" in told.out
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", "key")
    assert states(lootlocker("--timeout", "0", "doctor", "--json")) == {"versions": "info", "settings": "failed"}


@pytest.mark.parametrize(
    ("fault", "code", "failed", "advice"),
    [
        (Fault.error("session_start", status=401), 3, "key", "take the server key from the game's API keys"),
        (Fault.rate_limited(retry_after=3600), 5, "key", "wait as long as it says"),
        (Fault.error(status=404), 4, "key", "name the request id to its support"),
        (Fault.drop_before_execute(), 1, "reachability", "the connection was made and no answer came"),
    ],
)
def test_what_to_do(lootlocker, lootlocker_emulator, fault, code, failed, advice):
    lootlocker_emulator.faults.add(fault)
    told = lootlocker("--retries", 0, "doctor")
    assert told.code == code
    assert advice in told.out
    assert [line.split()[1] for line in told.out.splitlines() if line.startswith("failed")] == [failed]


def test_nobody_there(lootlocker):
    told = lootlocker("--base-url", "http://127.0.0.1:1/server", "--retries", 0, "doctor", "--drift")
    assert told.code == 1
    assert "see that 127.0.0.1 can be reached from here" in told.out


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (None, None, "none"),
        ("http_proxy", "http://me:secret@127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("http_proxy", "proxy.example", "http://proxy.example"),
    ],
)
def test_the_proxy_is_told_without_its_password(lootlocker, monkeypatch, variable, value, told):
    monkeypatch.setenv("no_proxy", "")
    if variable:
        monkeypatch.setenv(variable, value)
    # Nothing listens there: what counts is what is said of the proxy.
    ended = lootlocker("--base-url", "http://127.0.0.1:1/server", "--retries", 0, "doctor", "--json")
    (proxy,) = [check for check in json.loads(ended.out)["checks"] if check["name"] == "proxy"]
    assert proxy["told"] == told
    assert "secret" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("headers", "state", "told"),
    [
        ({}, "info", "doesn't tell its time"),
        ({"date": "yesterday"}, "info", "doesn't tell its time"),
        ({"date": formatdate(1_000_000, usegmt=True)}, "ok", "within 1 s"),
        ({"date": formatdate(1_000_020, usegmt=True)}, "ok", "within 20 s"),
        ({"date": formatdate(1_000_000 - 3600, usegmt=True)}, "warning", "3,600 s ahead of the service's"),
        ({"date": formatdate(1_000_000 + 60, usegmt=True)}, "warning", "60 s behind the service's"),
    ],
)
def test_the_clock(headers, state, told):
    check = checks.clock_check(headers, 1_000_000)
    assert (check.state, told in check.told) == (state, True)
    assert bool(check.advice) is (state == "warning")


def test_a_clock_that_is_off(lootlocker, monkeypatch):
    now = time.time
    monkeypatch.setattr("lootlocker_async.cli.checks.time", lambda: now() + 7200)
    told = lootlocker("doctor")
    assert told.code == 0
    assert "set this machine's clock by NTP" in told.out


def test_a_slow_service(lootlocker, monkeypatch):
    monkeypatch.setattr("lootlocker_async.cli.checks._SLOW", 0.0)
    assert states(lootlocker("doctor", "--json"))["latency"] == "warning"


def test_a_profile_is_named(lootlocker, lootlocker_emulator, tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    path.write_text(
        f'[profiles.live]\nserver_key_env = "LOOTLOCKER_SERVER_KEY"\nbase_url = "{lootlocker_emulator.base_url}"\n'
    )
    monkeypatch.setenv("LOOTLOCKER_CONFIG", str(path))
    assert "(profile live)" in lootlocker("--profile", "live", "doctor").out


def test_a_library_that_no_package_brought(lootlocker, monkeypatch):
    monkeypatch.setattr("lootlocker_async.cli.checks._LIBRARIES", ("no-such-library",))
    assert "no-such-library (unknown)" in lootlocker("doctor").out
