"""Statements about types of telemetry that mypy and pyright prove; nothing here is run."""

from __future__ import annotations

from typing import assert_type

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

from lootlocker_async import ClientConfig, LootLockerClient
from lootlocker_async.core.observers import CallEnded, Event, Waited
from lootlocker_async.integrations.opentelemetry import Instrumentation, OpenTelemetryObserver, instrument


def instrumenting(client: LootLockerClient) -> None:
    assert_type(instrument(client), Instrumentation)
    with instrument(client, tracer_provider=TracerProvider(), meter_provider=MeterProvider()) as telemetry:
        assert_type(telemetry, Instrumentation)
    instrument(client, attributes={"game.stage": "live", "shard": 3}, propagate=True)
    instrument(client, attributes={"game.stage": None})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    ClientConfig(observers=(OpenTelemetryObserver(),))


def watching(event: Event) -> None:
    match event:
        case CallEnded():
            assert_type(event.attempts, int)
            assert_type(event.status, int | None)
        case Waited(reason="gate"):
            assert_type(event.seconds, float)
        case _:
            pass
