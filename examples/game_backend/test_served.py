"""The backend served by uvicorn, as it would be: several workers, and reloading while one works on it."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import attrs
import httpx2
from conftest import SERVER

from lootlocker_async.testing import LiveEmulator, Player

HERE = Path(__file__).parent
PATIENCE = 120.0  # for machines that are busy with other things


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that other processes do."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, "it didn't come about"
        time.sleep(0.05)


@attrs.frozen
class Served:
    """A backend that uvicorn serves."""

    base_url: str
    log: Path

    def get(self, path: str) -> httpx2.Response:
        """Ask over a connection of its own, which any worker may get."""
        return httpx2.get(f"{self.base_url}{path}", trust_env=False, timeout=PATIENCE)

    def put(self, path: str, body: object) -> httpx2.Response:
        """Likewise, as a game server."""
        return httpx2.put(f"{self.base_url}{path}", json=body, headers=SERVER, trust_env=False, timeout=PATIENCE)


@contextmanager
def served(folder: Path, log: Path, *options: str) -> Iterator[Served]:
    """Serve the backend that is in a folder, at a free port; it ends as uvicorn ends, and leaves nothing open."""
    command = [
        sys.executable,
        "-W",
        "default::ResourceWarning",
        "-m",
        "uvicorn",
        "--factory",
        "backend:create_app",
        "--port",
        "0",
    ]
    with log.open("wb") as written, subprocess.Popen(
        [*command, *options], cwd=folder, stderr=written, stdout=written
    ) as process:  # fmt: skip
        try:
            found: list[str] = []

            def has_started() -> bool:
                assert process.poll() is None, log.read_text()
                text = log.read_text()
                found[:] = re.findall(r"running on (http://\S+)", text)
                return bool(found) and "Application startup complete" in text

            until(has_started)
            yield Served(found[0], log)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
    text = log.read_text()
    assert "Application shutdown complete" in text
    assert not re.findall(r"Traceback|never closed|Unclosed|was destroyed", text), text


def test_several_workers_pay_once(
    environment: dict[str, str], player: Player, lootlocker_emulator: LiveEmulator, tmp_path: Path
) -> None:
    won = {"results": [{"player_id": player.id, "player_ulid": player.ulid, "points": 900, "gold": "2.50"}]}
    with served(HERE, tmp_path / "log", "--workers", "2") as backend:
        until(lambda: lootlocker_emulator.logins == 2)  # each has a client of its own
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: backend.put("/matches/m-1", won), range(16)))
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert backend.put("/matches/m-1", won).json() == {"settled": 0}
        assert "Aurelia" in backend.get("/").text
        assert backend.get("/ready").status_code == 200
    lootlocker_emulator.assert_executed("balances.credit", times=1)
    assert lootlocker_emulator.game.score("season", str(player.id)) == 900


def test_it_is_loaded_anew_when_it_changes(
    environment: dict[str, str], player: Player, lootlocker_emulator: LiveEmulator, tmp_path: Path
) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("awards.py", "backend.py", "page.py", "sessions.py"):
        shutil.copy(HERE / name, folder)
    with served(folder, tmp_path / "log", "--reload") as backend:
        assert "The season&#x27;s best" in backend.get("/").text
        page = folder / "page.py"
        page.write_text(page.read_text("utf-8").replace("The season's best", "The best of all"), "utf-8")
        until(lambda: "The best of all" in backend.get("/").text)
    assert lootlocker_emulator.logins == 2
