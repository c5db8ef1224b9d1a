"""The backend under test, talking to the emulator that the plugin of lootlocker-async starts."""

from __future__ import annotations

from collections.abc import Iterator

import backend
import pytest
from fastapi.testclient import TestClient


@pytest.fixture
def api(lootlocker_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the backend, whose own client finds the emulator in the environment."""
    monkeypatch.setattr(backend, "LOOK_AFTER", 0)
    with TestClient(backend.app) as api:
        yield api
