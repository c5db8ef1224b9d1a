"""Where the command's settings come from: the environment, or a profile in a TOML file."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess  # nosec B404  (a profile may name the command that prints its key)
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lootlocker_async.config import ClientConfig
from lootlocker_async.errors import ConfigurationError
from lootlocker_async.secret import SecretStr

__all__ = ["config_path", "profile_names", "profile_settings"]

_KEYS = ("server_key", "server_key_env", "server_key_command")
_SWITCHES = ("adaptive_pacing", "allow_http", "trust_env")
_SETTINGS = frozenset({
    *_KEYS, *_SWITCHES, "domain_key", "base_url", "game_version", "api_version", "timeout", "attempt_timeout",
    "connect_timeout", "retries", "max_connections", "max_in_flight", "calls_per_second", "proxy",
})  # fmt: skip


def config_path() -> Path:
    """The file with the profiles: `LOOTLOCKER_CONFIG`, or `lootlocker/config.toml` where configuration is kept."""
    named = os.environ.get("LOOTLOCKER_CONFIG")
    if named:
        return Path(named).expanduser()
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "lootlocker" / "config.toml"


def profile_names() -> list[str]:
    """The profiles there are; none where the file can't be read (a completion must not fail)."""
    try:
        return sorted(_profiles(config_path()))
    except ConfigurationError:
        return []


def profile_settings(name: str) -> ClientConfig:
    """The settings of a profile, with its key from wherever the profile says.

    Args:
        name: The profile.

    Raises:
        ConfigurationError: There is no such profile, it makes no sense, or others can read the key in its file.
    """
    path = config_path()
    profiles = _profiles(path)
    if name not in profiles:
        raise ConfigurationError(f"{path} has no profile {name!r}, only {', '.join(sorted(profiles)) or 'none'}")
    profile = dict(profiles[name])
    _check(name, profile)
    _check_mode(path, profiles)
    command = profile.pop("server_key_command", None)
    if command is not None:
        profile["server_key"] = _printed_key(name, command)
    return ClientConfig(**profile)


def _profiles(path: Path) -> dict[str, dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigurationError(f"the profiles can't be read from {path}: {reason}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is no TOML: {error}") from None
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(profile, dict) for profile in profiles.values()):
        raise ConfigurationError(f"{path}: a profile is a table such as [profiles.live]")
    return profiles


def _check(name: str, profile: Mapping[str, Any]) -> None:
    unknown = sorted(profile.keys() - _SETTINGS)
    if unknown:
        raise ConfigurationError(
            f"the profile {name!r} has settings that nobody knows: {', '.join(unknown)} (known: "
            f"{', '.join(sorted(_SETTINGS))})"
        )
    if sum(key in profile for key in _KEYS) != 1:
        raise ConfigurationError(f"the profile {name!r} should have one of {', '.join(_KEYS)}")
    for switch in _SWITCHES:
        if not isinstance(profile.get(switch, False), bool):
            raise ConfigurationError(f"the profile {name!r}: {switch} should be true or false")
    for text in ("server_key", "server_key_env", "proxy"):
        if not isinstance(profile.get(text, ""), str):
            raise ConfigurationError(f"the profile {name!r}: {text} should be text")


def _check_mode(path: Path, profiles: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a file with a secret that others can read, or with a command that others can write."""
    if os.name != "posix":
        return
    mode = path.stat().st_mode
    told = f"chmod 600 {shlex.quote(str(path))}"
    secret = any("server_key" in profile or "@" in str(profile.get("proxy", "")) for profile in profiles.values())
    if secret and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{path} holds a secret and is open to others; run: {told}")
    runs = any("server_key_command" in profile for profile in profiles.values())
    if runs and mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigurationError(f"{path} names a command to run, and others can change it; run: {told}")


def _printed_key(name: str, command: object) -> SecretStr:
    words = shlex.split(command) if isinstance(command, str) else command
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ConfigurationError(f"the profile {name!r}: server_key_command should be text or a list of texts")
    try:
        # What it says on stderr (a question for a passphrase, perhaps) is for whoever sits at the terminal.
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  # nosec B603
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(f"the profile {name!r}: {words[0]} can't be run: {reason}") from None
    if done.returncode:
        raise ConfigurationError(f"the profile {name!r}: {words[0]} ended with {done.returncode} and gave no key")
    return SecretStr(done.stdout.strip())
