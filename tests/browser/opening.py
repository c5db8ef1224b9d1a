"""What the tests and their fixtures agree on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from playwright.async_api import Page

KEY = "the-admin-key-of-a-test"
NOW = datetime(2026, 7, 14, 9, tzinfo=UTC)
PATIENCE = 20_000
"""Milliseconds that the slowest machine may take to show something."""

Open = Callable[..., Awaitable[Page]]
"""Opens the page in a fresh browser: `await open_page("#key=...", color_scheme="dark")`."""
