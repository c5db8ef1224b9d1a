"""A headless Chromium for the whole run, and for each test a fresh emulator, a client of it, and a page."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from lootlocker_async import LootLockerClient
from lootlocker_async.emulator import Clock, Emulator
from tests.browser.opening import KEY, NOW, PATIENCE, Open

_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert chromium, "no Chromium was found: `nox -s browser` looks for one"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(clock=Clock(NOW, frozen=True), admin_key=KEY) as emulator:
        yield emulator


@pytest_asyncio.fixture(loop_scope="session")
async def client(emulator: Emulator) -> AsyncIterator[LootLockerClient]:
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url, retries=0) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, emulator: Emulator) -> AsyncIterator[Open]:
    """Opens the page; what its console complains of, the policy's violations among it, fails the test."""
    contexts: list[Any] = []
    problems: list[str] = []
    # What the emulator refuses, and what a test keeps from it, the browser tells of by itself.
    expected = re.compile(r"status of (400|401|404)|net::ERR_FAILED")

    async def open_page(place: str = f"#key={KEY}", **options: Any) -> Page:
        context = await browser.new_context(viewport={"width": 1280, "height": 860}, **options)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if message.type in {"error", "warning"} and not expected.search(message.text)
                else None
            ),
        )
        await page.goto(emulator.page_url + place)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert problems == []
