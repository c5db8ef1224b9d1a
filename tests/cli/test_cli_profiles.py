"""Profiles: where settings and keys come from, and the files that are refused."""

from __future__ import annotations

import json
import sys

import pytest

SECRET = "profile-secret-key"


@pytest.fixture
def profiles(tmp_path, monkeypatch):
    """Writes the configuration file."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("LOOTLOCKER_CONFIG", str(path))

    def write(text, mode=0o600):
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


def test_a_profile_is_whole(lootlocker, lootlocker_emulator, profiles, monkeypatch):
    key, address = lootlocker_emulator.server_key, lootlocker_emulator.base_url
    profiles(f'[profiles.stage]\nserver_key_env = "STAGE_KEY"\nbase_url = "{address}"\nretries = 1\n')
    monkeypatch.setenv("STAGE_KEY", key)
    # What is meant for another game must not mix in: neither its address, nor its key.
    monkeypatch.setenv("LOOTLOCKER_BASE_URL", "http://127.0.0.1:1/server")
    monkeypatch.setenv("LOOTLOCKER_SERVER_KEY", "of another game")
    monkeypatch.setenv("LOOTLOCKER_RETRIES", "no number")
    assert lootlocker("--profile", "stage", "leaderboards", "list").code == 0
    monkeypatch.setenv("LOOTLOCKER_PROFILE", "stage")
    assert lootlocker("leaderboards", "list").code == 0
    elsewhere = lootlocker("--base-url", "http://127.0.0.1:1/server", "leaderboards", "list")
    assert (elsewhere.code, "ConnectError" in elsewhere.err) == (1, True)


def test_a_key_in_the_file_or_from_a_command(lootlocker, lootlocker_emulator, profiles):
    key, address = lootlocker_emulator.server_key, lootlocker_emulator.base_url
    printing = [sys.executable, "-c", f"print({key!r})"]
    profiles(
        f"[profiles.file]\nserver_key = {json.dumps(key)}\nbase_url = {json.dumps(address)}\n"
        f"[profiles.command]\nserver_key_command = {json.dumps(printing)}\nbase_url = {json.dumps(address)}\n"
    )
    for name in ("file", "command"):
        assert lootlocker("--profile", name, "leaderboards", "list").code == 0


@pytest.mark.parametrize(
    ("secret", "mode", "told"),
    [
        (f'server_key = "{SECRET}"', 0o640, "holds a secret and is open to others; run: chmod 600 "),
        (f'server_key = "{SECRET}"', 0o604, "holds a secret and is open to others; run: chmod 600 "),
        ('server_key_env = "KEY"\nproxy = "http://me:pass@proxy:1"', 0o644, "holds a secret and is open to others"),
        ('server_key_command = "pass show key"', 0o662, "names a command to run, and others can change it"),
        ('server_key_env = "NO_SUCH_KEY"', 0o644, "the environment variable NO_SUCH_KEY is not set"),
    ],
)
def test_file_modes(lootlocker, profiles, secret, mode, told):
    path = profiles(f"[profiles.live]\n{secret}\n", mode)
    ended = lootlocker("--profile", "live", "leaderboards", "list")
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert not any(word in ended.err for word in (SECRET, "pass@"))
    if "chmod" in told:
        assert f"chmod 600 {path}" in ended.err


def test_a_secret_of_another_profile_counts(lootlocker, profiles):
    profiles(f'[profiles.a]\nserver_key_env = "A"\n[profiles.b]\nserver_key = "{SECRET}"\n', 0o644)
    assert "is open to others" in lootlocker("--profile", "a", "leaderboards", "list").err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no profile 'live', only none"),
        ('[profiles.stage]\nserver_key_env = "A"', "has no profile 'live', only stage"),
        ("[profiles", "is no TOML"),
        ("profiles = 5", "a profile is a table"),
        ("[profiles]\nlive = 5", "a profile is a table"),
        ('[profiles.live]\nserver_kee = "A"', "settings that nobody knows: server_kee (known: adaptive_pacing"),
        ("[profiles.live]\ntimeout = 5", "should have one of server_key, server_key_env, server_key_command"),
        ('[profiles.live]\nserver_key = "A"\nserver_key_env = "B"', "should have one of"),
        ("[profiles.live]\nserver_key = 5", "server_key should be text"),
        ('[profiles.live]\nserver_key_env = "A"\nallow_http = "yes"', "allow_http should be true or false"),
        ('[profiles.live]\nserver_key = "A"\ntimeout = "long"', "timeout should be a number"),
        ("[profiles.live]\nserver_key_command = 5", "server_key_command should be text or a list"),
        ("[profiles.live]\nserver_key_command = []", "server_key_command should be text or a list"),
        ("[profiles.live]\nserver_key_command = 'no-such-program-here x'", "no-such-program-here can't be run"),
        ("[profiles.live]\nserver_key_command = 'false'", "false ended with 1 and gave no key"),
        ("[profiles.live]\nserver_key_command = 'true'", "a server key is needed"),
    ],
)
def test_profiles_that_make_no_sense(lootlocker, profiles, text, told):
    profiles(text)
    ended = lootlocker("--profile", "live", "leaderboards", "list")
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert told in ended.err


def test_where_the_file_is_looked_for(lootlocker, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for place in (tmp_path / "home" / ".config", tmp_path / "xdg"):
        if place.name == "xdg":
            monkeypatch.setenv("XDG_CONFIG_HOME", str(place))
        told = lootlocker("--profile", "live", "leaderboards", "list")
        assert told.code == 2
        assert f"can't be read from {place / 'lootlocker' / 'config.toml'}: No such file" in told.err
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    monkeypatch.setenv("LOOTLOCKER_CONFIG", str(tmp_path / "binary.toml"))
    assert "it is not UTF-8" in lootlocker("--profile", "live", "leaderboards", "list").err


def complete(lootlocker, monkeypatch, words):
    monkeypatch.setenv("_LOOTLOCKER_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    return lootlocker().out.split()


def test_completion(lootlocker, profiles, monkeypatch):
    assert complete(lootlocker, monkeypatch, "lootlocker lea") == ["leaderboards"]
    assert complete(lootlocker, monkeypatch, "lootlocker bulk run inv") == ["inventories"]
    assert complete(lootlocker, monkeypatch, "lootlocker --profile ") == []  # there is no file, and no complaint
    profiles('[profiles.live]\nserver_key_env = "A"\n[profiles.stage]\nserver_key_env = "A"\n')
    assert complete(lootlocker, monkeypatch, "lootlocker --profile l") == ["live"]


def test_completion_can_be_had(lootlocker):
    told = lootlocker("--help")
    assert "--install-completion" in told.out
    assert "--show-completion" in told.out
