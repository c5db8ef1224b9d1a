"""The settings: what is checked, where the key may come from, and that it shows nowhere."""

from __future__ import annotations

import pickle
import ssl
from typing import Any

import attrs
import pytest

from lootlocker_async import ClientConfig, ConfigurationError, LootLockerClient, SecretStr
from lootlocker_async.config import _FROM_ENV, ClientSettings
from lootlocker_async.secret import MASK
from tests.unit.support import KEY, frames


def config(**settings: Any) -> ClientConfig:
    settings.setdefault("server_key", KEY)
    return ClientConfig(**settings)


def give_key() -> str:
    return KEY


def test_the_defaults_make_sense() -> None:
    config().check()
    assert config().address == "https://api.lootlocker.com/server"


# ------------------------------------------------------------------------------------------------------------ checks
NUMBERS = ("timeout", "connect_timeout", "backoff_base", "backoff_cap", "token_lifetime")
COUNTS = {"retries": 0, "max_connections": 1, "max_in_flight": 1, "max_response_bytes": 1}
NO_NUMBER = (0, -1, float("nan"), float("inf"), -float("inf"), True, "5")
BAD: list[tuple[str, object]] = [
    *[(name, value) for name in NUMBERS for value in (*NO_NUMBER, None)],
    *[(name, value) for name in ("attempt_timeout", "calls_per_second") for value in NO_NUMBER],
    *[(name, value) for name, least in COUNTS.items() for value in (least - 1, -5, 1.0, "4", None, True)],
    *[("adaptive_pacing", value) for value in ("yes", 1, None)],
    *[("drift", value) for value in ("", "often", None)],
    *[("api_version", value) for value in ("", "2021", "2021-3-1", "2021-03-01\n", "2021-03-01\r\nx: y", None, 7)],
    *[("game_version", value) for value in ("", None, 1.0)],
    *[("domain_key", value) for value in ("", "a.b", "-a", "a-", "a/b", "a\n", "a b", "ä", "x" * 64, "@evil", 7)],
    *[
        ("base_url", value)
        for value in (
            "",
            "host/server",
            "/server",
            "ftp://host/server",
            "https:///server",
            "https://host/server?a=b",
            "https://host/server#a",
            "https://host:port/server",
            "https://host:99999/server",
            "https://[::1/server",
            "https://host/ser\nver",
            "https://host/ser ver",
            7,
        )
    ],
    ("server_key_env", 7),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda value: repr(value)[:30])
def test_settings_that_make_no_sense(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        config(**{name: value}).check()
    with pytest.raises(ConfigurationError, match=name):
        LootLockerClient(KEY, **{name: value})


def test_every_number_has_its_check() -> None:
    checked = {name for name, _ in BAD}
    numbers = {field.name for field in attrs.fields(ClientConfig) if field.type in {"int", "float", "float | None"}}
    assert numbers <= checked


def test_settings_of_the_client_are_those_of_the_config() -> None:
    assert set(ClientSettings.__annotations__) == {field.name for field in attrs.fields(ClientConfig)} - {"server_key"}


@pytest.mark.parametrize(("name", "value"), [("attempt_timeout", None), ("calls_per_second", None), ("retries", 0)])
def test_settings_that_may_be_nothing(name: str, value: object) -> None:
    config(**{name: value}).check()


# ----------------------------------------------------------------------------------------------------------- address
@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"domain_key": "abc123"}, "https://abc123.api.lootlocker.com/server"),
        ({"base_url": "https://example.com/server/"}, "https://example.com/server"),
        ({"base_url": "https://example.com:8443/a/b"}, "https://example.com:8443/a/b"),
        ({"base_url": "http://localhost:8787/server"}, "http://localhost:8787/server"),
        ({"base_url": "http://127.3.2.1:8787/server"}, "http://127.3.2.1:8787/server"),
        ({"base_url": "http://[::1]:8787/server"}, "http://[::1]:8787/server"),
    ],
)
def test_addresses(settings: dict[str, Any], address: str) -> None:
    config(**settings).check()
    assert config(**settings).address == address


@pytest.mark.parametrize(
    "host", ["example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0", "[::2]", "127.0.0.1.example.com"]
)
def test_plain_http_stays_on_this_machine(host: str) -> None:
    with pytest.raises(ConfigurationError, match="plain http"):
        config(base_url=f"http://{host}/server").check()
    config(base_url=f"http://{host}/server", allow_http=True).check()


def test_domain_key_and_base_url_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="not both"):
        config(domain_key="abc", base_url="https://example.com/server").check()


@pytest.mark.parametrize(
    "base_url",
    ["https://user:hunter2@example.com/server", "ftp://user:hunter2@x/", "https://:hunter2@x:port/", "http://hunter2@[::"],
)  # fmt: skip
def test_an_address_holds_no_password_and_errors_do_not_repeat_it(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        config(base_url=base_url).check()
    assert "hunter2" not in str(caught.value)


# --------------------------------------------------------------------------------------------------- the environment
def test_from_env(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SERVER_KEY": KEY,
        "DOMAIN_KEY": "abc",
        "GAME_VERSION": "2.0",
        "TIMEOUT": "12.5",
        "RETRIES": "7",
        "MAX_IN_FLIGHT": "",
    }.items():
        monkeypatch.setenv(f"LOOTLOCKER_{name}", value)
    found = ClientConfig.from_env()
    found.check()
    assert (found.domain_key, found.game_version, found.timeout, found.retries) == ("abc", "2.0", 12.5, 7)
    assert found.max_in_flight == config().max_in_flight
    assert found.key() == KEY
    assert ClientConfig.from_env(timeout=1.0, domain_key=None).timeout == 1.0
    assert LootLockerClient.from_env(retries=1).config.retries == 1


def test_from_env_with_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_GAME_SERVER_KEY", KEY)
    monkeypatch.setenv("MY_GAME_API_VERSION", "2022-01-01")
    found = ClientConfig.from_env("MY_GAME_")
    assert (found.key(), found.api_version) == (KEY, "2022-01-01")


@pytest.mark.parametrize("name", [name for name, kind in _FROM_ENV.items() if kind in {int, float}])
def test_from_env_wants_numbers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LOOTLOCKER_{name.upper()}", "many")
    with pytest.raises(ConfigurationError, match=f"LOOTLOCKER_{name.upper()} should be a number"):
        ClientConfig.from_env()


@pytest.mark.parametrize("name", _FROM_ENV)
def test_from_env_reads_what_it_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, value = {str: ("abc", "abc"), float: ("3.5", 3.5), int: ("3", 3), bool: ("off", False)}[_FROM_ENV[name]]  # type: ignore[index]
    monkeypatch.setenv(f"LOOTLOCKER_{name.upper()}", text)
    assert getattr(ClientConfig.from_env(), name) == value


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("True", True), ("on", True), ("yes", True), ("0", False), ("no", False)]
)
def test_from_env_reads_switches(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOTLOCKER_ADAPTIVE_PACING", text)
    assert ClientConfig.from_env().adaptive_pacing is value


def test_from_env_wants_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOTLOCKER_ADAPTIVE_PACING", "perhaps")
    with pytest.raises(ConfigurationError, match="LOOTLOCKER_ADAPTIVE_PACING should be 1 or 0"):
        ClientConfig.from_env()


def test_from_env_without_a_key_names_the_variable() -> None:
    with pytest.raises(ConfigurationError, match="LOOTLOCKER_SERVER_KEY is not set"):
        LootLockerClient.from_env()


# ----------------------------------------------------------------------------------------------------------- the key
def test_a_key_is_needed() -> None:
    for make in (LootLockerClient, lambda: LootLockerClient(""), ClientConfig().check):
        with pytest.raises(ConfigurationError, match="a server key is needed"):
            make()


@pytest.mark.parametrize("key", [b"bytes", 7, ["k"]])
def test_a_key_is_text(key: Any) -> None:
    for given in (key, lambda: key):
        with pytest.raises(ConfigurationError, match="should be text") as caught:
            ClientConfig(server_key=given).key()
        assert "bytes" not in str(caught.value).replace("not bytes", "")


def test_a_callable_is_asked_when_the_key_is_needed() -> None:
    asked = []

    def key() -> str:
        asked.append(1)
        return KEY

    made = ClientConfig(server_key=key)
    made.check()
    assert not asked
    assert made.key() == KEY
    assert isinstance(made.key(), SecretStr)
    assert len(asked) == 2


BROKEN_KEYS = [f"{KEY}\r\nx-evil: 1", f"{KEY}\n", f" {KEY}", f"{KEY}\x00", f"{KEY}é", f"{KEY}\x7f", f"{KEY}\t"]


@pytest.mark.parametrize("key", BROKEN_KEYS)
@pytest.mark.parametrize("way", ["argument", "config", "environment", "callable"])
def test_a_key_that_no_header_can_carry(way: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", key.replace("\x00", "\n"))
    makers = {
        "argument": lambda: LootLockerClient(key, timeout=5.0),
        "config": lambda: LootLockerClient(config=ClientConfig(server_key=key)),
        "environment": lambda: LootLockerClient(server_key_env="THE_KEY"),
        "callable": lambda: ClientConfig(server_key=lambda: key).key(),
    }
    with pytest.raises(ConfigurationError, match="no header can carry") as caught:
        makers[way]()
    shown = frames(caught.value)
    assert shown
    assert not [line for line in (*shown, str(caught.value)) if KEY in line]


def test_a_refused_setting_shows_no_key() -> None:
    with pytest.raises(ConfigurationError) as caught:
        LootLockerClient(KEY, timeout=-1)
    assert not [line for line in frames(caught.value) if KEY in line]
    with pytest.raises(ConfigurationError) as caught:
        LootLockerClient(KEY, config=config())
    assert "not both" in str(caught.value)
    assert not [line for line in frames(caught.value) if KEY in line]


def test_nothing_that_is_shown_has_the_key() -> None:
    made = config(proxy="http://user:hunter2@proxy/")
    client = LootLockerClient(config=made)
    shown = [repr(made), str(made), f"{made}", repr(client), repr(vars(client)), repr(made.key()), f"{made.key()}"]
    assert not [text for text in shown if KEY in text or "hunter2" in text]


# --------------------------------------------------------------------------------------------------- frozen, pickled
def test_a_config_is_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        config().timeout = 1.0  # type: ignore[misc]
    assert attrs.evolve(config(), timeout=1.0).key() == KEY


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_config_carries_no_key(protocol: int) -> None:
    data = pickle.dumps(config(retries=2), protocol)
    assert KEY.encode() not in data
    found: ClientConfig = pickle.loads(data)
    assert found.retries == 2
    with pytest.raises(ConfigurationError, match="does not travel"):
        found.check()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_config_carries_no_password_of_a_proxy(protocol: int) -> None:
    data = pickle.dumps(ClientConfig(server_key=give_key, proxy="http://me:hunter2@proxy:3128"), protocol)
    assert b"hunter2" not in data
    found: ClientConfig = pickle.loads(data)
    with pytest.raises(ConfigurationError, match="password does not travel"):
        found.check()
    open_to_all = ClientConfig(server_key=give_key, proxy="http://proxy:3128")
    found = pickle.loads(pickle.dumps(open_to_all, protocol))
    assert found == open_to_all
    found.check()


def test_where_to_find_the_key_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    for settings in ({"server_key_env": "THE_KEY"}, {"server_key": give_key}):
        data = pickle.dumps(ClientConfig(**settings))  # type: ignore[arg-type]
        assert KEY.encode() not in data
        assert pickle.loads(data).key() == KEY


def test_a_client_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="server_key_env"):
        pickle.dumps(LootLockerClient(KEY))


def test_a_tls_context_is_taken() -> None:
    context = ssl.create_default_context()
    assert LootLockerClient(KEY, ssl=context).config.ssl is context


# ------------------------------------------------------------------------------------------------------------ secrets
def test_a_secret_shows_itself_on_purpose_only() -> None:
    secret = SecretStr(KEY)
    assert secret == KEY
    assert secret.reveal() == str(secret) == KEY
    assert type(secret.reveal()) is str
    shown = [repr(secret), f"{secret}", f"{secret!r}", f"{secret}", repr([secret]), repr({"k": secret})]
    assert not [text for text in shown if KEY in text]
    assert f"{secret:>12}" == f"{MASK:>12}"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(secret, protocol)) == MASK
