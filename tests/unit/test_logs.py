"""The lines that events become: their loggers, levels, words and fields."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.core import logs
from lootlocker_async.core.observers import (
    AttemptStarted,
    CallEnded,
    CallStarted,
    Drift,
    Event,
    GateClosed,
    GateOpened,
    LoggedIn,
    OutcomeUnknown,
    PaceChanged,
    PageAhead,
    RetryPlanned,
    Waited,
)
from lootlocker_async.errors import CallError
from tests.support.clock import run
from tests.unit.support import BASE, KEY, TOKEN, Http

ENDED = CallEnded("boards_get", "GET", "/b/x", 200, "r-1", "t-1", 2, 0.25, "ok", 7)

LINES: list[tuple[Event, str, int, str]] = [
    (ENDED, "calls", logging.DEBUG, "boards_get: GET /b/x: ok, status 200, 0.250 s, 2 attempts, request id 'r-1'"),
    (
        ENDED._replace(status=None, request_id=None, attempts=1, outcome="cancelled"),
        *("calls", logging.DEBUG, "boards_get: GET /b/x: cancelled, status None, 0.250 s, 1 attempt, request id None"),
    ),
    (
        OutcomeUnknown("buy", "POST", "/buy", "r-2", "ServerError: no", 7),
        *("calls", logging.WARNING),
        "buy: POST /buy was sent, and whether it was executed is not known: 'ServerError: no', request id 'r-2'",
    ),
    (
        RetryPlanned("buy", 1, "ServerError: no", 0.5, 7),
        *("retries", logging.INFO, "buy: attempt 1 failed, the next in 0.500 s: 'ServerError: no'"),
    ),
    (LoggedIn(ok=True, error="", seconds=0.1), "session", logging.INFO, "logged in, in 0.100 s"),
    (
        LoggedIn(ok=False, error="ServerError: no", seconds=0.1),
        *("session", logging.WARNING, "the login failed after 0.100 s: 'ServerError: no'"),
    ),
    (GateClosed(2.0), "limits", logging.WARNING, "the service asked for a pause: every call waits for 2.000 s"),
    (GateOpened(), "limits", logging.INFO, "the pause is over: calls go out again"),
    (PaceChanged(12.5), "limits", logging.INFO, "the pace is 12.5 calls a second now"),
    (PaceChanged(None), "limits", logging.INFO, "the pace that was learned is forgotten"),
    (
        Drift("unknown", "Board.x", "y", "boards_get"),
        *("drift", logging.INFO),
        "boards_get: an answer differs from the contract, and nothing broke: unknown at Board.x: 'y'",
    ),
]


@pytest.mark.parametrize(("event", "logger", "level", "text"), LINES)
def test_a_line_and_its_fields(
    event: Event, logger: str, level: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logs.write(event)
    (record,) = caplog.records
    assert (record.name, record.levelno, record.getMessage()) == (f"lootlocker_async.{logger}", level, text)
    fields = {name: value for name, value in record.__dict__.items() if name.startswith("lootlocker_")}
    assert fields.pop("lootlocker_event") == type(event).__name__
    assert fields == {f"lootlocker_{name}": value for name, value in event._asdict().items()}


@pytest.mark.parametrize(("event", "logger", "level", "text"), LINES)
def test_a_line_that_nobody_wants(
    event: Event, logger: str, level: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(level + 1, logger=f"lootlocker_async.{logger}")
    logs.write(event)
    assert not caplog.records


@pytest.mark.parametrize(
    "event",
    [
        CallStarted("get", "GET", "/x", "/x", BASE, 1),
        AttemptStarted("get", "GET", "/x", 1, "r", 1, {}),
        Waited("get", "login", 1.0, 1),
        PageAhead("get", "used"),
    ],
)
def test_what_has_no_line(event: Event, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logs.write(event)
    assert not caplog.records


FORGED = "x\r\n2031-01-01 CRITICAL all is lost\x1b[2J\u2028\u202e\ud800"


def test_nobody_forges_a_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for event in (
        OutcomeUnknown("buy", "POST", "/buy", FORGED, FORGED, 7),
        RetryPlanned("buy", 1, FORGED, 0.5, 7),
        LoggedIn(ok=False, error=FORGED, seconds=0.1),
        Drift("unknown", "Board.x", FORGED, "boards_get"),
        ENDED._replace(request_id=FORGED, trace_id=FORGED),
    ):
        logs.write(event)
    assert len(caplog.records) == 5
    for record in caplog.records:
        assert record.getMessage().isprintable()
        assert all(value.isprintable() for value in record.__dict__.values() if isinstance(value, str))


def test_a_call_is_a_line_and_a_retry_another(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="lootlocker_async")
    http.answer("GET", "/x%0Ay", status=500, payload={"message": f"{KEY} {TOKEN}"})
    http.answer("GET", "/x%0Ay", payload={}, headers={"x-request-id": "r-9"})

    async def main() -> None:
        async with LootLockerClient(KEY, base_url=BASE) as client:
            await client.request("GET", "/x\ny")

    run(main)
    told = [(record.name.rpartition(".")[2], record.levelname) for record in caplog.records]
    assert told == [("calls", "DEBUG"), ("session", "INFO"), ("retries", "INFO"), ("calls", "DEBUG")]
    assert KEY not in repr([record.__dict__ for record in caplog.records])
    assert TOKEN not in repr([record.__dict__ for record in caplog.records])
    last: Any = caplog.records[-1]
    assert last.getMessage().startswith("request: GET /x%0Ay: ok, status 200, ")
    assert last.getMessage().endswith(", 2 attempts, request id 'r-9'")
    assert (last.lootlocker_operation, last.lootlocker_attempts, last.lootlocker_request_id) == ("request", 2, "r-9")


def test_a_program_that_has_a_request_id_of_its_own(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    """A record factory may set such fields, and `logging` refuses an `extra` of the same name."""
    caplog.set_level(logging.DEBUG)
    http.answer("GET", "/x", status=500)
    before = logging.getLogRecordFactory()

    def factory(*args: Any, **more: Any) -> logging.LogRecord:
        record = before(*args, **more)
        record.request_id = record.operation = record.path = record.reason = "the program's"
        return record

    async def main() -> None:
        async with LootLockerClient(KEY, base_url=BASE, retries=0) as client:
            with pytest.raises(CallError):
                await client.request("GET", "/x")

    logging.setLogRecordFactory(factory)
    try:
        run(main)
    finally:
        logging.setLogRecordFactory(before)
    last: Any = caplog.records[-1]
    assert (last.request_id, last.lootlocker_outcome) == ("the program's", "ServerError")


def test_a_program_without_logging_sees_nothing() -> None:
    code = (
        "from lootlocker_async.core import logs, observers\n"
        "logs.write(observers.GateClosed(1.0))\n"
        "observers.Observers((lambda event: 1 / 0,)).tell(observers.GateOpened())\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert "pause" not in done.stdout + done.stderr
    assert "an observer failed on GateOpened" in done.stderr, "a mistake in the program's own code is not kept from it"
