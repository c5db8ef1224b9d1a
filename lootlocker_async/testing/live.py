"""An emulator in a thread of its own, so that tests of every kind can use it: async ones, sync ones, other threads."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar, Unpack, cast
from urllib.parse import urlsplit

from lootlocker_async.client import LootLockerClient
from lootlocker_async.config import ClientSettings
from lootlocker_async.emulator import DEFAULT_KEY, Clock, Emulator, Faults, RateLimit, Record, RecordedCall
from lootlocker_async.testing import calls
from lootlocker_async.testing.builder import GameBuilder

_T = TypeVar("_T")


class EmulatorSettings(TypedDict, total=False):
    """How an emulator is made for a test; what is left out is as `Emulator` has it.

    Attributes:
        start: The time that its clock begins at.
        frozen: Whether its clock stands still until it is moved.
        seed: Where its ids, its draws and its probable faults begin.
        port: The port, where it can't be a free one.
        server_key: The key that a session starts with.
        token_lifetime: Seconds that a token lives past its last use.
        expired_token_status: What a dead token is answered with: 401 or 403.
        inventory_page_cap: The most items that an inventory's page holds.
        rate_limit: How many calls it lets through.
    """

    start: datetime | None
    frozen: bool
    seed: int
    port: int
    server_key: str
    token_lifetime: float
    expired_token_status: int
    inventory_page_cap: int | None
    rate_limit: RateLimit | None


class EmulatorThread:
    """A thread with an event loop of its own, in which any number of emulators live."""

    def __init__(self) -> None:
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        # A test run that is torn down by force must not wait for it.
        self._thread = threading.Thread(target=self._work, args=(started,), name="lootlocker-emulator", daemon=True)
        self._thread.start()
        self._loop, self._end = started.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @staticmethod
    def _work(started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
        async def until_the_end() -> None:
            end = asyncio.Event()
            started.set_result((asyncio.get_running_loop(), end))
            await end.wait()

        try:
            asyncio.run(until_the_end())
        except BaseException as error:  # whoever waits for the thread must be told
            if started.done():
                raise
            started.set_exception(error)

    def close(self) -> None:
        """Ends the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Runs a coroutine in the thread, and waits for it."""
        __tracebackhide__ = True
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except RuntimeError:
            work.close()
            raise

    def call(self, function: Callable[[], _T]) -> _T:
        """Calls a function in the thread, and waits for it."""
        __tracebackhide__ = True
        if threading.current_thread() is self._thread:
            return function()

        async def work() -> _T:
            return function()

        return self.run(work())

    @contextmanager
    def emulator(self, **settings: Unpack[EmulatorSettings]) -> Iterator[LiveEmulator]:
        """An emulator that runs in the thread for a while."""
        live = LiveEmulator(self, settings)
        try:
            yield live
        finally:
            live.close()

    @contextmanager
    def client(self, emulator: LiveEmulator, **settings: Unpack[ClientSettings]) -> Iterator[LootLockerClient]:
        """A client of an emulator, for whichever event loop uses it; it needs no loop to be closed."""
        client = emulator.client(**settings)
        try:
            yield client
        finally:
            self.run(client.close(grace=0))


@contextmanager
def running_emulator(**settings: Unpack[EmulatorSettings]) -> Iterator[LiveEmulator]:
    """An emulator in a thread of its own, for as long as a `with` block lasts; no pytest is needed for it."""
    with EmulatorThread() as thread, thread.emulator(**settings) as emulator:
        yield emulator


class LiveEmulator:
    """An emulator that runs in another thread, with the same attributes, fit to be used from any thread.

    Args:
        thread: Where it runs.
        settings: How it is made.
    """

    def __init__(self, thread: EmulatorThread, settings: EmulatorSettings) -> None:
        options: dict[str, Any] = dict(settings)
        self._begin = {name: options.pop(name) for name in ("start", "frozen") if name in options}
        self._thread = thread
        self._closed = False
        self._emulator = Emulator(clock=self._new_clock(), **options)
        self.server_key: str = options.get("server_key", DEFAULT_KEY)
        thread.run(self._emulator.start())
        self.base_url: str = self._emulator.base_url

    def __repr__(self) -> str:
        return f"<LiveEmulator at {self.base_url}>"

    def _new_clock(self) -> Clock:
        return Clock(**self._begin)

    def close(self) -> None:
        """Stops it; its world is gone then."""
        self._closed = True
        self._thread.run(self._emulator.stop())

    def reset(self) -> None:
        """Begins anew at the same address: empty world, no token, no fault, nothing on record, its clock at the start.

        Clients keep their connections and log in again.
        """
        self._call(lambda: self._emulator.reset(self._new_clock()))
        self.accept_connections()

    def _call(self, function: Callable[[], _T]) -> _T:
        __tracebackhide__ = True
        if self._closed:
            raise RuntimeError("this emulator has been stopped: the test that it was for is over")
        return self._thread.call(function)

    # --------------------------------------------------------------------------------------- the emulator's own things
    @property
    def game(self) -> GameBuilder:
        """Sets the scene, and tells what has become of it."""
        return cast("GameBuilder", _There(self._call, lambda: GameBuilder(self._emulator.game)))

    @property
    def faults(self) -> Faults:
        """How it misbehaves."""
        return cast("Faults", _There(self._call, lambda: self._emulator.faults))

    @property
    def record(self) -> Record:
        """What it received and what it executed."""
        return cast("Record", _RecordThere(self._call, lambda: self._emulator.record))

    @property
    def clock(self) -> Clock:
        """Its clock, to be moved."""
        return cast("Clock", _There(self._call, lambda: self._emulator.clock))

    @property
    def logins(self) -> int:
        """How many sessions were started."""
        return self._emulator.logins

    @property
    def failed_logins(self) -> int:
        """How many were refused."""
        return self._emulator.failed_logins

    def expire_tokens(self) -> int:
        """Lets every token expire.

        Returns:
            How many there were.
        """
        return self._call(self._emulator.expire_tokens)

    def refuse_connections(self) -> None:
        """Resets every connection, and lets the system refuse new ones until `accept_connections`."""
        self._call(self._emulator.refuse_connections)

    def reset_connections(self, next: int = 0) -> None:
        """Resets every connection, and so many of the next ones as soon as they stand."""
        self._call(lambda: self._emulator.reset_connections(next))

    def accept_connections(self) -> None:
        """Lets clients connect again."""
        self._thread.run(self._emulator.accept_connections())

    # ------------------------------------------------------------------------------------------------- getting there
    def client(self, **settings: Unpack[ClientSettings]) -> LootLockerClient:
        """A client of it, which is yours to close. It pauses briefly before it sends again, as tests should be quick.

        Args:
            **settings: What `LootLockerClient` takes.
        """
        ours: ClientSettings = {"base_url": self.base_url, "trust_env": False, "backoff_base": 0.005}
        ours.update(settings)
        return LootLockerClient(self.server_key, **ours)

    def environment(self) -> dict[str, str]:
        """The environment variables with which `LootLockerClient.from_env()` makes a client of it, past any proxy."""
        around = [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), urlsplit(self.base_url).hostname]
        return {
            "LOOTLOCKER_SERVER_KEY": self.server_key,
            "LOOTLOCKER_BASE_URL": self.base_url,
            "no_proxy": ",".join(filter(None, around)),
        }

    # ------------------------------------------------------------------------------------------------- what has come
    def received(self, operation: str = "*", where: calls.Where | None = None) -> list[RecordedCall]:
        """The calls that came.

        Args:
            operation: Which ones, as for `assert_executed`.
            where: What they had to be about, as for `assert_executed`.
        """
        return calls.chosen(self._received(), operation, where)

    def executed(self, operation: str = "*", where: calls.Where | None = None) -> list[RecordedCall]:
        """The calls that were carried out, whatever became of their answers.

        Args:
            operation: Which ones, as for `assert_executed`.
            where: What they had to be about, as for `assert_executed`.
        """
        return [call for call in self.received(operation, where) if call.executed]

    def assert_executed(
        self, operation: str, *, times: int | None = None, where: calls.Where | None = None
    ) -> list[RecordedCall]:
        """Makes sure that calls were carried out, whatever became of their answers.

        Args:
            operation: The method's name with its section's (`balances.credit`), or a glob (`balances.*`).
            times: How often; at least once by default, and 0 for never.
            where: What they had to be about: some fields of path, query and body (`{"amount": "12.50"}`), or a function
                of the call on record.

        Returns:
            The calls.

        Raises:
            AssertionError: They weren't; the message tells what came instead.
            ValueError: The API has no such operation.
        """
        __tracebackhide__ = True
        return self._assert(operation, "executed", times, where)

    def assert_received(
        self, operation: str, *, times: int | None = None, where: calls.Where | None = None
    ) -> list[RecordedCall]:
        """Makes sure that calls came, refused and repeated ones among them.

        Args:
            operation: As for `assert_executed`.
            times: As for `assert_executed`.
            where: As for `assert_executed`.

        Returns:
            The calls.

        Raises:
            AssertionError: They didn't; the message tells what came instead.
            ValueError: The API has no such operation.
        """
        __tracebackhide__ = True
        return self._assert(operation, "received", times, where)

    def _assert(self, operation: str, done: str, times: int | None, where: calls.Where | None) -> list[RecordedCall]:
        __tracebackhide__ = True
        received = self._received()
        counted = calls.chosen(received, operation, where)
        if done == "executed":
            counted = [call for call in counted if call.executed]
        if (not counted) if times is None else (len(counted) != times):
            raise AssertionError(
                calls.complaint(operation, done, times=times, where=where, calls=received, found=len(counted))
            )
        return counted

    def _received(self) -> Sequence[RecordedCall]:
        return self._call(self._emulator.record.received)


class _There:
    """An object of the emulator's thread: what is called on it is called there, as nobody else may touch its store."""

    def __init__(self, call: Callable[[Callable[[], Any]], Any], find: Callable[[], object]) -> None:
        self._call = call
        self._find = find

    def __repr__(self) -> str:
        shown: str = self._call(lambda: repr(self._find()))
        return shown

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the object has it
        value = self._call(lambda: getattr(self._find(), name))
        if not callable(value):
            return value

        @wraps(value)
        def there(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the object has it
            __tracebackhide__ = True
            return self._call(lambda: getattr(self._find(), name)(*args, **kwargs))

        return there


class _RecordThere(_There):
    def __len__(self) -> int:
        length: int = self._call(lambda: len(cast("Record", self._find())))
        return length

    def __iter__(self) -> Iterator[RecordedCall]:
        calls_now: list[RecordedCall] = self._call(lambda: list(cast("Record", self._find())))
        return iter(calls_now)
