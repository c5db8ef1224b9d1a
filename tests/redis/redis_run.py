"""Twenty processes and the real redis-server, which is killed, stopped and returns: `nox -s redis`."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lootlocker_async import ConfigurationError
from lootlocker_async.emulator import RateLimit
from lootlocker_async.integrations.redis import SharedState
from lootlocker_async.testing import LiveEmulator, running_emulator
from tests.redis import worker
from tests.redis.servers import RealServer, real
from tests.redis.worker import Told

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.redis.worker"])
WORKERS = 20
PACE = 60.0
BURST = 60
"""Of the emulator: a loaded machine may hold it up for a second, and then it meets a second's calls at once. What the
workers share has a burst of one."""


class Process:
    """A worker process that does as it's told; a fork, so that twenty of them are there at once."""

    def __init__(self, emulator: LiveEmulator, server: RealServer, state: SharedState) -> None:
        environment = {
            **emulator.environment(),
            "LOOTLOCKER_CALLS_PER_SECOND": str(PACE),
            "LOOTLOCKER_REDIS_URL": server.url,
        }
        self.pipe, there = FORKS.Pipe()
        # Whatever it does in vain ends with this process.
        self._process = FORKS.Process(target=worker.main, args=(there, environment, state), daemon=True)
        self._process.start()
        there.close()

    def kill(self) -> None:
        """Let go of it; it may be gone already."""
        if not self.pipe.closed:
            self._process.kill()
            self._process.join()
            self._process.close()
            self.pipe.close()

    def end(self) -> int | None:
        """Let it end by itself; gives its exit code."""
        self.pipe.send("end")
        self._process.join(60)
        return self._process.exitcode


class Fleet:
    """All of them."""

    def __init__(self, emulator: LiveEmulator, server: RealServer, timeout: float) -> None:
        self.emulator = emulator
        state = SharedState(workers=WORKERS, timeout=timeout)
        self.processes = [Process(emulator, server, state) for _ in range(WORKERS)]
        assert [process.pipe.recv() for process in self.processes] == ["ready"] * WORKERS

    def order(self, line: str) -> list[Told]:
        """Tell all to do something, and wait until all have done it."""
        for process in self.processes:
            process.pipe.send(line)
        return [process.pipe.recv() for process in self.processes]

    def watch(self, seconds: float) -> float:
        """Let them work for a while; gives the calls a second that there were."""
        before, began = len(self.emulator.received()), time.monotonic()
        time.sleep(seconds)
        after = len(self.emulator.received())
        return (after - before) / (time.monotonic() - began)


def check(emulator: LiveEmulator) -> None:
    """Fail where there were too many calls in any stretch of time, or any was refused."""
    calls = emulator.received()
    assert not [call for call in calls if call.rate_limited]
    assert {call.status for call in calls} == {200}
    moments = sorted(call.received_at.timestamp() for call in calls)
    tokens, at = float(BURST), moments[0]
    for moment in moments:
        tokens, at = min(BURST, tokens + (moment - at) * PACE) - 1, moment
        assert tokens > -1e-3, f"too many calls {moment - moments[0]:.2f} s after the first"


def fine(told: Sequence[Told]) -> bool:
    errors: Counter[str] = Counter()
    for one in told:
        errors.update(one.errors)
    assert not errors, errors
    return True


@pytest.fixture
def server() -> Iterator[RealServer]:
    with real() as server:
        yield server


@pytest.fixture
def emulator() -> Iterator[LiveEmulator]:
    with running_emulator(rate_limit=RateLimit(per_second=PACE, burst=BURST)) as emulator:
        yield emulator


@pytest.fixture
def fleet(emulator: LiveEmulator, server: RealServer, request: pytest.FixtureRequest) -> Iterator[Fleet]:
    # Redis isn't away because a loaded machine is slow, unless a test is about that.
    fleet = Fleet(emulator, server, getattr(request, "param", 20.0))
    processes = list(fleet.processes)
    try:
        yield fleet
        for process in fleet.processes:
            assert process.end() == 0
    finally:
        for process in processes:
            process.kill()


def test_twenty_processes_log_in_once_and_stay_under_one_budget(fleet: Fleet) -> None:
    assert fine(fleet.order("log in"))
    assert fleet.emulator.logins == 1
    # What the first calls of twenty processes cost is not what this is about.
    fleet.order("work:3")
    pace = fleet.watch(6.0)
    told = fleet.order("stop")
    assert fine(told)
    check(fleet.emulator)
    print(f"{pace:.1f} calls a second of {PACE:g}, by the processes {sorted(one.calls for one in told)}")
    assert PACE * 0.5 < pace < PACE * 1.1
    done = [one.calls for one in told]
    assert min(done) > max(done) / 3, "each has its part"
    fleet.emulator.expire_tokens()
    # The first to be told meets the dead token; the last may never hear of it, as there's a new one then.
    before = len(fleet.emulator.received())
    assert fine(fleet.order("log in"))
    assert fleet.emulator.logins == 2
    refused = [call for call in fleet.emulator.received()[before:] if call.status == 401]
    assert 1 <= len(refused) <= WORKERS
    assert not any(one.log for one in told)


@pytest.mark.parametrize(("how", "fleet"), [("killed", 20.0), ("hung", 2.0)], indirect=["fleet"])
def test_redis_goes_and_comes_back_midway(fleet: Fleet, server: RealServer, how: str) -> None:
    fine(fleet.order("log in"))
    fleet.order("work:3")
    paces = {"before": fleet.watch(3.0)}
    server.stop() if how == "killed" else server.signal(signal.SIGSTOP)
    paces["without Redis"] = fleet.watch(5.0)
    server.start() if how == "killed" else server.signal(signal.SIGCONT)
    paces["coming back"] = fleet.watch(5.0)
    paces["after"] = fleet.watch(3.0)
    told = fleet.order("stop")
    print(how, {name: round(pace, 1) for name, pace in paces.items()}, "calls a second of", PACE)
    assert fine(told)
    check(fleet.emulator)
    assert all(pace < PACE * 1.1 for pace in paces.values())
    assert paces["without Redis"] > PACE * 0.3, "nobody stands still"
    assert paces["after"] > PACE * 0.5
    print("logged", Counter(tuple(one.log) for one in told))
    for one in told:
        warnings, back = one.log[::2], one.log[1::2]
        # A server that hangs and a loaded machine look alike, so there may be more than one loss.
        assert len(warnings) == len(back) >= 1
        assert len(warnings) == 1 or how == "hung"
        assert all(line.startswith("WARNING Redis is away") for line in warnings)
        assert all(line.startswith("INFO Redis is back") for line in back)
    assert fleet.emulator.logins == 1


def test_a_worker_that_dies_frees_its_share(fleet: Fleet, server: RealServer) -> None:
    fine(fleet.order("log in"))
    fleet.order("work:3")
    while len(fleet.processes) > 1:
        fleet.processes.pop().kill()
    fleet.watch(1.0)
    pace = fleet.watch(3.0)
    print(f"one worker of twenty that died: {pace:.1f} calls a second of {PACE:g}")
    assert pace > PACE * 0.5
    assert fine(fleet.order("stop"))


async def test_a_wrong_password_is_told_without_showing_it() -> None:
    with real("--requirepass", "right-one") as server:
        with pytest.raises(
            ConfigurationError, match=r"Redis can't be used: .*invalid username-password pair"
        ) as caught:
            await SharedState(url=server.url.replace("unix://", "unix://:wrong-one@"), timeout=20).check()
        assert "wrong-one" not in str(caught.value)
        await SharedState(url=server.url.replace("unix://", "unix://:right-one@"), timeout=20).check()


def test_a_cluster_logs_in_once_and_keeps_one_budget(
    emulator: LiveEmulator, server: RealServer, tmp_path: Path
) -> None:
    players = [emulator.game.player(f"Player {number}", items=["Blade"]).id for number in range(60)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bulk.cluster_run", str(tmp_path / "inventories.parquet")],
        input="\n".join(map(str, players)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={
            **os.environ,
            **emulator.environment(),
            "LOOTLOCKER_CALLS_PER_SECOND": str(PACE),
            "LOOTLOCKER_REDIS_URL": server.url,
        },
    )
    assert done.returncode == 0, done.stderr
    first, again = json.loads(done.stdout)
    assert first == {"ids": 60, "rows": 60, "failed": 0, "resumed": 0}
    assert again == {**first, "resumed": 12}
    # One of the two workers was killed on the way; the one in its place took the token that was there.
    assert emulator.logins == 1
    check(emulator)
