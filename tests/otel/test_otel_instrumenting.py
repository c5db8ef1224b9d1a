"""Putting telemetry on clients and taking it off, and what it costs those that have none."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace

from lootlocker_async import ClientConfig, ConfigurationError, LootLockerClient
from lootlocker_async.core.observers import CallEnded, Event, Observers
from lootlocker_async.emulator import Emulator, Fault
from lootlocker_async.extras import missing
from lootlocker_async.integrations.opentelemetry import OpenTelemetryObserver
from tests.integration.helpers import BOARD, client_of, until
from tests.otel.sink import Sink, told

Make = Callable[..., LootLockerClient]


async def test_it_ends_when_told_to(make: Make, sink: Sink) -> None:
    client = make()
    with sink.instrument(client):
        await client.session.ping()
    count = len(sink.spans)
    assert count == 4
    await client.session.ping()
    assert len(sink.spans) == count
    assert not client._caller.manager.observers.functions
    again = sink.instrument(client)
    await client.session.ping()
    assert len(sink.spans) == count + 2
    again.uninstrument()
    again.uninstrument()


async def test_calls_on_their_way_are_told_to_their_end(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make()
    await client.session.ping()
    telemetry = sink.instrument(client)
    emulator.faults.add(Fault.latency("leaderboards_get", seconds=0.05))
    with sink.tracers.get_tracer("the user's").start_as_current_span("match") as match:

        async def get() -> trace.Span:
            await client.leaderboards.get(BOARD)
            return trace.get_current_span()

        task = asyncio.create_task(get())
        await until(lambda: len(emulator.record) == 3)
        telemetry.uninstrument()
        await client.session.ping()
        assert await task is match, "nothing stays behind in the task"
    assert [span.name for span in sink.spans][1:] == ["leaderboards_get", "GET /server/leaderboards/{leaderboard_key}"]
    assert not client._caller.manager.observers.functions


async def test_a_client_is_instrumented_once(make: Make, sink: Sink) -> None:
    client = make()
    telemetry = sink.instrument(client)
    with pytest.raises(ConfigurationError, match="already"):
        sink.instrument(client.with_options(retries=0))
    telemetry.uninstrument()
    sink.instrument(client)


async def test_views_and_several_clients(emulator: Emulator, make: Make, sink: Sink) -> None:
    async with Emulator() as other:
        stage, live = make(), client_of(other)
        async with live:
            sink.instrument(stage, attributes={"game.stage": "stage"})
            sink.instrument(live, attributes={"game.stage": "live"})
            await asyncio.gather(stage.with_options(retries=0).session.ping(), live.session.ping())
    for span in sink.spans:
        assert told(span)["game.stage"] in {"stage", "live"}
    assert sink.counted("http.client.request.duration", "game.stage") == {"stage": 2, "live": 2}
    assert sink.counted("lootlocker.client.logins", "game.stage") == {"stage": 1, "live": 1}
    ports = {(told(span)["game.stage"], told(span)["server.port"]) for span in sink.named("GET /server/ping")}
    assert len(ports) == 2


async def test_as_an_observer_of_a_config_that_travels(
    emulator: Emulator, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_OF_THE_GAME", emulator.server_key)
    observer = OpenTelemetryObserver(attributes={"game.stage": "live"})
    config = ClientConfig(server_key_env="KEY_OF_THE_GAME", base_url=emulator.base_url, observers=(observer,))
    arrived: ClientConfig = pickle.loads(pickle.dumps(config))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", sink.tracers)  # in the other process, the program's own
    async with LootLockerClient(config=arrived) as client, LootLockerClient(config=arrived) as twin:
        await asyncio.gather(client.session.ping(), twin.session.ping())
    assert len(sink.named("session_ping")) == 2
    assert {told(span)["game.stage"] for span in sink.spans} == {"live"}


def test_an_observer_with_providers_does_not_travel(sink: Sink) -> None:
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(OpenTelemetryObserver(tracer_provider=sink.tracers))


async def test_without_an_sdk_nothing_breaks(make: Make) -> None:
    client = make(observers=(OpenTelemetryObserver(),))
    assert (await client.session.ping()).pong


async def test_an_observer_that_comes_late_is_not_puzzled(emulator: Emulator, make: Make, sink: Sink) -> None:
    client = make(observers=(lambda event: None,))
    await client.session.ping()
    emulator.faults.add(Fault.error("leaderboards_get", status=500, times=1))
    emulator.faults.add(Fault.latency("leaderboards_get", seconds=0.05, times=1))
    task = asyncio.ensure_future(client.leaderboards.get(BOARD))
    await until(lambda: client._caller.manager._pools[asyncio.get_running_loop()].calls)
    sink.instrument(client)
    await task
    assert not sink.spans
    assert sink.counted("lootlocker.client.retries", "lootlocker.retry.reason") == {"ServerError": 1}


# ---------------------------------------------------------------------------------------------- nobody looks, no cost
async def test_nobody_is_told_where_nobody_listens(emulator: Emulator, make: Make, monkeypatch: Any) -> None:
    """Of a call that goes well nothing at all is made; of one that doesn't, what the log may want."""
    made: list[Event] = []
    monkeypatch.setattr(Observers, "tell", lambda self, event: made.append(event))
    client = make()
    await client.session.ping()
    made.clear()
    await client.leaderboards.get(BOARD)
    await client.leaderboards.submit_score(BOARD, member_id="team-1", score=1)
    assert len(await client.leaderboards.list_scores(BOARD, page_size=10).collect()) == 60
    assert not made
    emulator.faults.add(Fault.error("leaderboards_get", status=500, times=1))
    await client.leaderboards.get(BOARD)
    assert [type(event).__name__ for event in made] == ["RetryPlanned"]
    made.clear()
    client.observe(print)
    await client.leaderboards.get(BOARD)
    assert isinstance(made[-1], CallEnded)


# ----------------------------------------------------------------------------------------------- without the library
def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "lootlocker_async.integrations.opentelemetry"
    real = builtins.__import__

    def without(module: str, *rest: Any, **more: Any) -> Any:
        if module.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
        return real(module, *rest, **more)

    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"needs the library opentelemetry; .*lootlocker-async\[otel\]"):
        importlib.import_module(name)


def test_another_library_that_is_missing_is_not_blamed_on_an_extra() -> None:
    error = ModuleNotFoundError("No module named 'numpy'", name="numpy")
    assert missing(error, "Telemetry", "otel", "opentelemetry") is error
