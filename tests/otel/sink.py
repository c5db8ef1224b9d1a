"""Where spans and metrics of a test end: in memory."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lootlocker_async import LootLockerClient
from lootlocker_async.integrations.opentelemetry import Instrumentation, instrument

Point = NumberDataPoint | HistogramDataPoint


class Sink:
    """A tracer provider and a meter provider, and what has come to them."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader])

    def instrument(self, client: LootLockerClient, **settings: Any) -> Instrumentation:
        return instrument(client, tracer_provider=self.tracers, meter_provider=self.meters, **settings)

    def shut_down(self) -> None:
        self.tracers.shutdown()
        self.meters.shutdown()

    # --------------------------------------------------------------------------------------------------------- spans
    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans that have ended, in the order of their beginning."""
        return sorted(self._exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.named(name)
        return span

    def children(self, parent: ReadableSpan) -> list[ReadableSpan]:
        return [span for span in self.spans if span.parent is not None and span.parent.span_id == id_of(parent)]

    def clear(self) -> None:
        self._exporter.clear()

    # ------------------------------------------------------------------------------------------------------- metrics
    def points(self, name: str) -> list[Point]:
        """A metric's points, one for each set of attributes."""
        return [point for metric in self.metrics() if metric.name == name for point in metric.data.data_points]

    def metrics(self) -> list[Any]:
        data = self._reader.get_metrics_data()
        if data is None:
            return []
        return [it for resource in data.resource_metrics for scope in resource.scope_metrics for it in scope.metrics]

    def counted(self, name: str, *attributes: str) -> dict[Any, int | float]:
        """How much was counted (or how often measured), by some attributes; by one alone without a tuple."""
        found: dict[Any, int | float] = {}
        for point in self.points(name):
            values = tuple((point.attributes or {}).get(attribute) for attribute in attributes)
            key = values[0] if len(values) == 1 else values
            count = point.count if isinstance(point, HistogramDataPoint) else point.value
            found[key] = found.get(key, 0) + count
        return found


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.span_id


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.trace_id


def told(span: ReadableSpan) -> dict[str, Any]:
    """A span's attributes."""
    return dict(span.attributes or {})
