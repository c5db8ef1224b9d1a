"""The emulator on a thread of its own, in the world of these tests, for clients that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import requests
import world

from lootlocker_async.emulator import Clock, Emulator

_T = TypeVar("_T")


class Served:
    """An emulator that serves, and that can begin anew.

    Attributes:
        emulator: The emulator that serves now.
        token: A session's token there.
    """

    emulator: Emulator
    token: str

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._begin()
        except BaseException:  # whatever went wrong, the thread must end
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._run(self.emulator.stop())
        finally:
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._http.close()

    def renew(self) -> None:
        """Puts everything back to how it was."""
        self._run(self.emulator.stop())
        self._begin()

    def address(self, *, below_root: bool) -> str:
        """Where an operation's path begins."""
        return self.emulator.base_url.removesuffix("/server" if below_root else "")

    def _begin(self) -> None:
        self.emulator = self._run(_started())
        answer = self._http.post(
            f"{self.emulator.base_url}/session",
            json={"game_version": "1.4.0.0"},
            headers={"x-server-key": self.emulator.server_key, "LL-Version": "2021-03-01"},
            timeout=10,
        )
        answer.raise_for_status()
        self.token = answer.json()["token"]

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


async def _started() -> Emulator:
    emulator = Emulator(clock=Clock(world.NOW, frozen=True))
    world.build(emulator.world)
    await emulator.start()
    return emulator
