"""What holds for every test."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

# A browser and what drives it are there in `nox -s browser` alone.
collect_ignore = [] if "CHROMIUM" in os.environ else ["browser"]

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="module", autouse=True)
def _frozen() -> None:
    """Spare the garbage collector what is there before a module's tests: it lasts until the end of the run.

    The imports and thousands of collected tests are half a million objects. Tests that collect garbage to see that
    nothing is left would look through all of them each time, which took longer than those tests themselves.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the proxies or the keys of whoever runs it."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("LOOTLOCKER_"):
            monkeypatch.delenv(name)


@pytest_asyncio.fixture
async def nothing_left() -> AsyncIterator[None]:
    """Fail a test that leaves tasks behind. Suites of async tests use it for all of theirs."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = {task for task in asyncio.all_tasks() - before if task is not asyncio.current_task() and not task.done()}
    assert not left, f"tasks left behind: {left}"
    gc.collect()
