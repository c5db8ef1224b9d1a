"""The chapter "Testing your backend" is run by pytest, with the plugin, as a reader would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import _lootlocker_pytestplugin
from tests.docs.snippets import ROOT, blocks, marks
from tests.testing import plugin

PAGE = ROOT / "docs" / "testing.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLE = ROOT / "examples" / "testing_a_backend"
FILES = {"backend": "backend.py", "conftest": "conftest.py", "test-backend": "test_backend.py"}


def test_every_block_is_known() -> None:
    assert marks(PAGE) == {"test", "script", "no-run", *FILES}


@pytest.mark.parametrize("mark", FILES)
def test_the_chapter_shows_the_example_as_it_is(mark: str) -> None:
    assert blocks(PAGE, mark) == [(EXAMPLE / FILES[mark]).read_text("utf-8")]
    assert f"`{FILES[mark]}`" in TEXT


def test_the_chapter_s_tests_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin.install(pytester, monkeypatch)
    tests = blocks(PAGE, "test")
    pytester.makepyfile(**{f"test_{number}": code for number, code in enumerate(tests)})
    plugin.run(pytester, "--strict-markers", passed=len(tests))


def test_the_example_s_tests_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin.install(pytester, monkeypatch)
    ini = (EXAMPLE / "pytest.ini").read_text("utf-8")
    (pytester.path / "tox.ini").unlink()
    for file in FILES.values():
        (pytester.path / file).write_text((EXAMPLE / file).read_text("utf-8"), "utf-8")
    (pytester.path / "pytest.ini").write_text(ini, "utf-8")
    plugin.run(pytester, passed=(EXAMPLE / "test_backend.py").read_text("utf-8").count("def test_"))
    assert {path.name for path in EXAMPLE.iterdir() if path.suffix != ""} == {*FILES.values(), "pytest.ini"}


def test_the_settings_of_the_session_hold(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    (ini,) = re.findall(r"```ini\n\[pytest\]\n(.*?)```", TEXT, re.DOTALL)
    plugin.install(pytester, monkeypatch, ini)
    imports = "import pytest\nfrom lootlocker_async.testing import EmulatorSettings\n"
    pytester.makeconftest(imports + blocks(PAGE, "no-run")[0])
    pytester.makepyfile("""
def test_it(lootlocker_emulator, lootlocker_emulator_session, lootlocker_emulator_settings):
    assert lootlocker_emulator is lootlocker_emulator_session
    assert lootlocker_emulator_settings["seed"] == 7
""")
    plugin.run(pytester, passed=1)


def test_it_works_without_pytest(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks(PAGE, "script")[0]],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "player\n")


def test_every_fixture_is_in_the_table() -> None:
    listed = re.findall(r"^\| `(lootlocker_\w+)` \|", TEXT, re.MULTILINE)
    there = [name for name in vars(_lootlocker_pytestplugin) if name.startswith("lootlocker_")]
    assert sorted(listed) == sorted(there)
