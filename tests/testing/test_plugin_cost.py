"""What the plugin costs those who have the package installed and don't use it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import _lootlocker_pytestplugin
from lootlocker_async.cli import EMULATOR_NEEDS
from tests.testing.plugin import PYPROJECT, ROOT, run

PLUGIN = "_lootlocker_pytestplugin"


def fresh(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Where this run is measured, the measuring would load modules of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )


def test_importing_it_imports_nothing_but_itself():
    code = (
        "import json, sys, typing, collections.abc, pytest; before = set(sys.modules)\n"
        f"import {PLUGIN}; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    assert json.loads(fresh("-c", code).stdout) == [PLUGIN]


def test_importing_it_takes_next_to_no_time():
    told = fresh("-X", "importtime", "-c", f"import pytest, {PLUGIN}").stderr
    found = re.search(rf"\|\s*(\d+) \| +{PLUGIN}$", told, re.MULTILINE)
    assert found is not None
    # It takes one or two milliseconds; the package would take two hundred.
    assert int(found[1]) < 100_000


def test_a_run_that_doesn_t_use_it_loads_nothing(installed):
    installed.makeini("[pytest]\naddopts = -p no:asyncio")
    installed.makepyfile("""
import sys

def test_it(request):
    assert request.config.pluginmanager.get_plugin("lootlocker") is not None
    assert not [name for name in sys.modules if name.split(".")[0] in {"lootlocker_async", "aiohttp", "jsonschema_rs"}]
""")
    run(installed, passed=1)


def test_it_is_what_the_package_declares():
    assert PYPROJECT["project"]["entry-points"] == {"pytest11": {"lootlocker": PLUGIN}}
    assert _lootlocker_pytestplugin._LIBRARIES == EMULATOR_NEEDS
