"""The pytest plugin of lootlocker-async.

It is loaded in every run of pytest where the package is installed, so it stands outside of the package: importing the
package would import aiohttp, and cost each of those runs time. A fixture imports what it needs when it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lootlocker_async import LootLockerClient
    from lootlocker_async.emulator import Clock, Faults
    from lootlocker_async.testing import EmulatorSettings, EmulatorThread, GameBuilder, LiveEmulator

_SCOPE = "lootlocker_emulator_scope"
_MARK = "lootlocker_emulator"
_LIBRARIES = ("cronsim", "jsonschema_rs", "sortedcontainers")
_EXTRA = "pip install 'lootlocker-async[testing]'"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the plugin's setting."""
    parser.addini(
        _SCOPE,
        "Which emulator the fixture lootlocker_emulator gives: 'function' for one of the test's own (the default), "
        "'session' for the session's one with a new world for each test.",
        default="function",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Makes the plugin's marker known."""
    config.addinivalue_line(
        "markers", f"{_MARK}(**settings): how the test's own emulator is made, such as frozen=True or token_lifetime=60"
    )


@pytest.fixture(scope="session")
def _lootlocker_thread() -> Iterator[EmulatorThread]:
    try:
        from lootlocker_async.testing import EmulatorThread

        for library in _LIBRARIES:
            __import__(library)
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        pytest.fail(f"The fixtures of lootlocker-async need the library {error.name}; install: {_EXTRA}", pytrace=False)
    with EmulatorThread() as thread:
        yield thread


@pytest.fixture(scope="session")
def lootlocker_emulator_settings() -> EmulatorSettings:
    """How emulators are made; override it to give settings, such as `{"seed": 7, "frozen": True}`."""
    return {}


@pytest.fixture(scope="session")
def lootlocker_emulator_session(
    _lootlocker_thread: EmulatorThread, lootlocker_emulator_settings: EmulatorSettings
) -> Iterator[LiveEmulator]:
    """One emulator for the whole session, at one address. Its world lasts, unless lootlocker_emulator resets it."""
    with _lootlocker_thread.emulator(**lootlocker_emulator_settings) as emulator:
        yield emulator


@pytest.fixture
def lootlocker_emulator(request: pytest.FixtureRequest) -> Iterator[LiveEmulator]:
    """A LootLocker Server API with a world of the test's own, in another thread."""
    scope = request.config.getini(_SCOPE)
    marks = [mark.kwargs for mark in request.node.iter_markers(_MARK)]
    if scope == "session":
        if marks:
            pytest.fail(f"@pytest.mark.{_MARK} can't change the session's emulator ({_SCOPE})", pytrace=False)
        emulator: LiveEmulator = request.getfixturevalue("lootlocker_emulator_session")
        emulator.reset()
        yield emulator
        return
    if scope != "function":
        raise pytest.UsageError(f"{_SCOPE} is 'function' or 'session', not {scope!r}")
    thread: EmulatorThread = request.getfixturevalue("_lootlocker_thread")
    settings: EmulatorSettings = request.getfixturevalue("lootlocker_emulator_settings").copy()
    for mark in reversed(marks):  # the one nearest to the test wins
        settings.update(mark)
    with thread.emulator(**settings) as own:
        yield own


@pytest.fixture
def lootlocker_client(
    lootlocker_emulator: LiveEmulator, _lootlocker_thread: EmulatorThread
) -> Iterator[LootLockerClient]:
    """A client of the emulator, for whichever event loop the test runs in; it is closed after the test."""
    with _lootlocker_thread.client(lootlocker_emulator) as client:
        yield client


@pytest.fixture
def lootlocker_environment(lootlocker_emulator: LiveEmulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Points `LootLockerClient.from_env()` at the emulator, for the time of the test; gives the variables."""
    variables = lootlocker_emulator.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def lootlocker_game(lootlocker_emulator: LiveEmulator) -> GameBuilder:
    """Sets the scene: players, items, boards, currencies."""
    return lootlocker_emulator.game


@pytest.fixture
def lootlocker_faults(lootlocker_emulator: LiveEmulator) -> Faults:
    """How the emulator misbehaves: `lootlocker_faults.add(Fault.rate_limited("balances", times=2))`."""
    return lootlocker_emulator.faults


@pytest.fixture
def lootlocker_clock(lootlocker_emulator: LiveEmulator) -> Clock:
    """The emulator's clock: `lootlocker_clock.advance(timedelta(days=7))`."""
    return lootlocker_emulator.clock
