"""The plugin in whole runs of pytest: with each kind of test, in each scope, and where it can't work."""

from __future__ import annotations

from tests.testing.plugin import run

USES = """
async def use(client, game):
    game.board("weekly")
    await client.leaderboards.submit_score("weekly", member_id="team-7", score=70)
    assert game.score("weekly", "team-7") == 70
"""


def test_async_tests_in_auto_mode(installed):
    installed.makepyfile(
        USES
        + """
import pytest

@pytest.fixture
async def from_the_loop():  # sets the loop up before the client, and so takes it down after it
    yield

async def test_it(from_the_loop, lootlocker_client, lootlocker_game, lootlocker_emulator):
    await use(lootlocker_client, lootlocker_game)
    assert len(lootlocker_emulator.record) == 2

async def test_a_world_of_its_own(lootlocker_client, lootlocker_game, lootlocker_emulator):
    assert len(lootlocker_emulator.record) == 0
    await use(lootlocker_client, lootlocker_game)

@pytest.mark.lootlocker_emulator(server_key="other", seed=2)
class TestMarks:
    async def test_the_class_s(self, lootlocker_client, lootlocker_game, lootlocker_emulator):
        await use(lootlocker_client, lootlocker_game)
        assert lootlocker_emulator.server_key == "other"

    @pytest.mark.lootlocker_emulator(server_key="another")
    def test_its_own(self, lootlocker_emulator):
        assert lootlocker_emulator.server_key == "another"
"""
    )
    run(installed, "--strict-markers", passed=4)


def test_async_tests_in_strict_mode_and_wider_loops(install):
    folder = install("asyncio_mode = strict")
    folder.makepyfile(
        USES
        + """
import pytest

@pytest.mark.asyncio
async def test_it(lootlocker_client, lootlocker_game):
    await use(lootlocker_client, lootlocker_game)

@pytest.mark.asyncio(loop_scope="session")
class TestOneLoop:
    async def test_first(self, lootlocker_client, lootlocker_game):
        await use(lootlocker_client, lootlocker_game)

    async def test_second(self, lootlocker_client, lootlocker_game):
        await use(lootlocker_client, lootlocker_game)
"""
    )
    run(folder, passed=3)


def test_async_tests_of_anyio(install):
    folder = install("asyncio_mode = strict")
    folder.makepyfile(
        USES
        + """
import pytest

pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"

async def test_it(lootlocker_client, lootlocker_game):
    await use(lootlocker_client, lootlocker_game)
"""
    )
    run(folder, passed=1)


def test_sync_tests_and_other_threads(installed):
    installed.makepyfile(
        USES
        + """
import asyncio
import threading

from lootlocker_async import LootLockerClient

def test_a_loop_of_its_own(lootlocker_client, lootlocker_game):
    asyncio.run(use(lootlocker_client, lootlocker_game))

def test_another_thread(lootlocker_environment, lootlocker_game, lootlocker_emulator):
    async def work():
        async with LootLockerClient.from_env() as client:
            await use(client, lootlocker_game)
    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    thread.join()
    lootlocker_emulator.assert_executed("leaderboards.submit_score", times=1)

def test_many_threads(lootlocker_game, lootlocker_emulator):
    def work():
        for _ in range(20):
            lootlocker_game.player(items=["Blade"], balances={"gold": 1})
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lootlocker_game.export_players()) == 80
"""
    )
    run(installed, passed=3)


def test_the_session_s_emulator(install):
    folder = install("asyncio_mode = auto\nlootlocker_emulator_scope = session")
    folder.makeconftest("""
import pytest

@pytest.fixture(scope="session")
def lootlocker_emulator_settings():
    return {"server_key": "of-the-session", "frozen": True}

@pytest.fixture(scope="session")
def backend(lootlocker_emulator_session):
    return lootlocker_emulator_session.client()
""")
    folder.makepyfile(
        USES
        + """
import pytest
from lootlocker_async.emulator import Fault

pytestmark = pytest.mark.asyncio(loop_scope="session")
seen = []

@pytest.mark.parametrize("time", range(3))
async def test_it(time, backend, lootlocker_emulator, lootlocker_game, lootlocker_faults, lootlocker_clock):
    assert lootlocker_emulator.server_key == "of-the-session"
    assert not lootlocker_faults.active and not len(lootlocker_emulator.record) and not lootlocker_emulator.logins
    await use(backend, lootlocker_game)
    # The client still has the token of the world that is gone, and its connection.
    assert [call.status for call in lootlocker_emulator.received()] == [*([401] if time else []), 200, 200]
    lootlocker_faults.add(Fault.garbage("*"))
    player = lootlocker_game.player()
    seen.append((lootlocker_emulator.base_url, player.ulid[10:]))
    assert len(set(seen)) == 1
    before = lootlocker_clock.now()
    lootlocker_clock.advance(1000)
    assert (lootlocker_clock.now() - before).total_seconds() == 1000

async def test_the_end(backend):
    await backend.close()

@pytest.mark.lootlocker_emulator(frozen=True)
def test_a_mark(lootlocker_emulator):
    pass
"""
    )
    done = run(folder, "-W", "ignore:The test .* is marked with '@pytest.mark.asyncio'", passed=4, errors=1)
    done.stdout.fnmatch_lines(["*mark.lootlocker_emulator can't change the session's emulator*"])


def test_without_the_extra(installed):
    (installed.mkpydir("hidden") / "jsonschema_rs.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'jsonschema_rs'\", name='jsonschema_rs')", "utf-8"
    )
    installed.makeconftest("import sys\nsys.path.insert(0, 'hidden')")
    installed.makepyfile("""
def test_it(lootlocker_client):
    raise AssertionError

def test_other_things():
    pass
""")
    done = run(installed, passed=1, errors=1)
    done.stdout.fnmatch_lines(["*need the library jsonschema_rs*pip install 'lootlocker-async?testing?'*"])
    done.stdout.no_fnmatch_line("*Traceback*")


def test_a_failure_shows_what_came(installed):
    installed.makepyfile("""
async def test_it(lootlocker_client, lootlocker_game, lootlocker_emulator):
    lootlocker_game.board("weekly")
    await lootlocker_client.leaderboards.submit_score("weekly", member_id="team-7", score=70)
    lootlocker_emulator.assert_executed("leaderboards.submit_score", times=2, where={"score": 70})
""")
    done = run(installed, failed=1)
    said = '2. leaderboards_submit_score  POST /server/leaderboards/weekly/submit {"member_id": "team-7", "score": 70}'
    done.stdout.fnmatch_lines(
        [
            "E*AssertionError: leaderboards.submit_score was executed once, expected twice",
            'E*where {"score": 70}',
            f"E*{said} -> answered 200, executed",
            "test_a_failure_shows_what_came.py:4: AssertionError",  # the test's own line, not the plugin's
        ]
    )


def test_a_scope_that_there_isn_t(install):
    folder = install("lootlocker_emulator_scope = module")
    folder.makepyfile("def test_it(lootlocker_emulator): pass")
    done = run(folder, errors=1)
    done.stdout.fnmatch_lines(["*lootlocker_emulator_scope is 'function' or 'session', not 'module'*"])


def test_it_is_listed_and_can_be_switched_off(installed):
    installed.makepyfile("def test_it(lootlocker_emulator): pass")
    listed = installed.runpytest_subprocess("--markers").stdout.str()
    assert "@pytest.mark.lootlocker_emulator(**settings)" in listed
    fixtures = installed.runpytest_subprocess("--fixtures").stdout.lines
    assert len([line for line in fixtures if line.startswith("lootlocker_")]) == 8
    run(installed, "-p", "no:lootlocker", errors=1)
