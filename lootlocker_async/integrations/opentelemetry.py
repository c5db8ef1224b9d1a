"""Spans and metrics of a client's calls, by OpenTelemetry's conventions for HTTP clients.

```python
from lootlocker_async.integrations.opentelemetry import instrument

instrument(client)  # with the providers that your program has set up
```

It needs the extra `otel`, which brings OpenTelemetry's API; the SDK and its exporters are the program's own choice.
`docs/observability.md` lists every span, attribute and metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import Token
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from lootlocker_async.core.observers import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    Event,
    GateClosed,
    LoggedIn,
    OutcomeUnknown,
    PageAhead,
    RetryPlanned,
    Waited,
)
from lootlocker_async.errors import ConfigurationError
from lootlocker_async.extras import missing
from lootlocker_async.version import __version__

try:
    from opentelemetry import context, metrics, propagate, trace
except ImportError as _error:
    raise missing(_error, "Telemetry", "otel", "opentelemetry") from _error

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient

__all__ = ["Instrumentation", "OpenTelemetryObserver", "instrument"]

_SCOPE = "lootlocker_async"
_OK = "ok"
_CANCELLED = "cancelled"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""The bounds of buckets that the conventions name for `http.client.request.duration`."""
_PORTS = {"http": 80, "https": 443}

_OPERATION = "lootlocker.operation"
_OUTCOME = "lootlocker.outcome"
_REQUEST_ID = "lootlocker.request_id"
_TRACE_ID = "lootlocker.trace_id"
_RETRY_REASON = "lootlocker.retry.reason"
_WAIT_REASON = "lootlocker.wait.reason"
_FATE = "lootlocker.page.fate"
_ERROR = "error.type"
_METHOD = "http.request.method"
_STATUS = "http.response.status_code"

Attributes = Mapping[str, str | int | float]


class _Metrics:
    """The instruments of one meter, and the attributes that every measurement has."""

    def __init__(self, provider: metrics.MeterProvider | None, attributes: Attributes) -> None:
        self._attributes = attributes
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider=provider)

        def seconds(name: str, description: str) -> metrics.Histogram:
            return meter.create_histogram(
                name, unit="s", description=description, explicit_bucket_boundaries_advisory=_SECONDS
            )

        self.requests = seconds("http.client.request.duration", "Duration of HTTP client requests.")
        self.calls = seconds("lootlocker.client.call.duration", "Duration of calls, with every wait and attempt.")
        self.waits = seconds("lootlocker.client.wait.duration", "What calls have waited for before they went out.")
        self.attempts = meter.create_counter("lootlocker.client.attempts", "{attempt}", "Requests sent.")
        self.retries = meter.create_counter("lootlocker.client.retries", "{retry}", "Requests sent again.")
        self.unknown = meter.create_counter(
            "lootlocker.client.outcomes.unknown", "{call}", "Calls of which nobody knows whether they were executed."
        )
        self.logins = meter.create_counter("lootlocker.client.logins", "{login}", "Logins, by how they ended.")
        self.pauses = meter.create_counter(
            "lootlocker.client.pauses", "{pause}", "How often the service asked every call to wait."
        )
        self.pages = meter.create_counter(
            "lootlocker.client.pages_ahead", "{page}", "Pages sent for ahead, by whether they were used."
        )

    def count(self, counter: metrics.Counter, attributes: Attributes, within: context.Context | None = None) -> None:
        """Count one."""
        counter.add(1, {**self._attributes, **attributes}, within)

    def measure(
        self,
        histogram: metrics.Histogram,
        seconds: float,
        attributes: Attributes,
        within: context.Context | None = None,
    ) -> None:
        """Record a time."""
        histogram.record(seconds, {**self._attributes, **attributes}, within)


class _Running:
    """A call on its way."""

    __slots__ = ("around", "attempt", "began", "prefix", "reason", "shared", "span", "template", "token")

    def __init__(self, span: trace.Span, event: CallStarted) -> None:
        self.span = span
        self.around: context.Context = trace.set_span_in_context(span)
        self.token: Token[context.Context] = context.attach(self.around)
        server, path = _place(event.address)
        self.template = path + event.template if event.template else ""
        template = {"url.template": self.template} if event.template else {}
        self.shared: Attributes = {_OPERATION: event.operation, _METHOD: event.method, **server, **template}
        self.prefix = event.address
        self.attempt: trace.Span | None = None
        self.reason = ""

    def leave(self) -> None:
        """Make the span that was current before the call current again."""
        # A coroutine that is thrown away may end in another context, which is none of our business.
        if context.get_current() is self.around:
            context.detach(self.token)


class OpenTelemetryObserver:
    """Makes spans and metrics of what a client tells; `ClientConfig(observers=(OpenTelemetryObserver(),))`.

    It may serve several clients. One that was made without providers asks for the program's own at the first call,
    and so it can be pickled with its config: in another process it finds that process's providers.
    """

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
        attributes: Attributes | None = None,
        propagate: bool = False,
    ) -> None:
        """Make nothing yet.

        Args:
            tracer_provider: Where spans come from; None for the program's own provider.
            meter_provider: Where metrics go; None for the program's own provider.
            attributes: What every span and every measurement bears besides, to tell clients apart.
            propagate: Whether requests carry the trace's context (`traceparent` and what else the program's
                propagator adds) to the service, which is somebody else's.
        """
        self._tracer_provider = tracer_provider
        self._meter_provider = meter_provider
        self._attributes: Attributes = dict(attributes or {})
        self._propagate = propagate
        self._running: dict[int, _Running] = {}
        self._ended: Callable[[], None] | None = None
        self._tools: tuple[trace.Tracer, _Metrics] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        if self._tracer_provider is not None or self._meter_provider is not None:
            msg = "an observer with providers of its own can't be pickled: make it without, and it uses the program's"
            raise TypeError(msg)
        return _rebuild, (type(self), self._attributes, self._propagate)

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        if self._tools is None:
            tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider=self._tracer_provider)
            self._tools = tracer, _Metrics(self._meter_provider, self._attributes)
        tracer, instruments = self._tools
        match event:
            case AttemptStarted():
                self._attempt_started(event, tracer, instruments)
            case AttemptEnded():
                self._attempt_ended(event, instruments)
            case CallStarted():
                self._call_started(event, tracer)
            case CallEnded():
                self._call_ended(event, instruments)
            case _:
                self._happened(event, instruments)

    def end(self, ended: Callable[[], None]) -> None:
        """Take on no further call, and say when the last one has ended.

        Args:
            ended: Called once, at once if no call is on its way.
        """
        self._ended = ended
        if not self._running:
            ended()

    @property
    def ending(self) -> bool:
        """Whether it takes on no further call."""
        return self._ended is not None

    # -------------------------------------------------------------------------------------------------------- calls
    def _call_started(self, event: CallStarted, tracer: trace.Tracer) -> None:
        if self._ended is None:
            span = tracer.start_span(event.operation, attributes={**self._attributes, _OPERATION: event.operation})
            self._running[event.call] = _Running(span, event)

    def _call_ended(self, event: CallEnded, instruments: _Metrics) -> None:
        running = self._running.pop(event.call, None)
        if running is None:
            return
        attributes: Attributes = {_OPERATION: event.operation, _OUTCOME: event.outcome}
        instruments.measure(instruments.calls, event.seconds, attributes, running.around)
        span = running.span
        if span.is_recording():
            span.set_attribute(_OUTCOME, event.outcome)
            span.set_attribute("lootlocker.attempts", event.attempts)
            _set_given(span, {_STATUS: event.status, _REQUEST_ID: event.request_id, _TRACE_ID: event.trace_id})
            if event.outcome not in {_OK, _CANCELLED}:
                _fail(span, event.outcome)
        span.end()
        running.leave()
        if self._ended is not None and not self._running:
            self._ended()

    # ----------------------------------------------------------------------------------------------------- attempts
    def _attempt_started(self, event: AttemptStarted, tracer: trace.Tracer, instruments: _Metrics) -> None:
        running = self._running.get(event.call)
        if running is None:
            return
        attributes: dict[str, str | int | float] = {
            **self._attributes,
            **running.shared,
            "url.full": running.prefix + event.path,
            _REQUEST_ID: event.request_id,
        }
        if event.number > 1:
            attributes["http.request.resend_count"] = event.number - 1
            if running.reason:
                attributes[_RETRY_REASON] = running.reason
        name = f"{event.method} {running.template}" if running.template else event.method
        span = tracer.start_span(name, running.around, trace.SpanKind.CLIENT, attributes)
        running.attempt = span
        instruments.count(instruments.attempts, {_OPERATION: event.operation}, running.around)
        if self._propagate:
            propagate.inject(event.headers, trace.set_span_in_context(span, running.around))

    def _attempt_ended(self, event: AttemptEnded, instruments: _Metrics) -> None:
        running = self._running.get(event.call)
        if running is None or running.attempt is None:
            return
        span, running.attempt = running.attempt, None
        attempt = event.attempt
        told: dict[str, str | int | float] = {}
        if attempt.status is not None:
            told[_STATUS] = attempt.status
            # aiohttp speaks no other.
            told["network.protocol.version"] = "1.1"
        # A status that isn't success is an error to the client, redirects included: it doesn't follow them.
        error = attempt.error or (str(attempt.status) if attempt.status is not None and attempt.status >= 300 else "")
        if error:
            told[_ERROR] = error
        instruments.measure(
            instruments.requests,
            attempt.seconds,
            {**running.shared, **told},
            trace.set_span_in_context(span, running.around),
        )
        if span.is_recording():
            span.set_attributes(told)
            _set_given(span, {_TRACE_ID: event.trace_id})
            if error:
                span.set_status(trace.StatusCode.ERROR)
        span.end()

    # ------------------------------------------------------------------------------------------- between and beside
    def _happened(self, event: Event, instruments: _Metrics) -> None:
        match event:
            case RetryPlanned():
                self._retry_planned(event, instruments)
            case Waited():
                told: Attributes = {_OPERATION: event.operation, _WAIT_REASON: event.reason}
                instruments.measure(instruments.waits, event.seconds, told)
                self._note(event.call, "lootlocker.waited", {_WAIT_REASON: event.reason, "seconds": event.seconds})
            case OutcomeUnknown():
                instruments.count(instruments.unknown, {_OPERATION: event.operation})
                self._outcome_unknown(event)
            case LoggedIn():
                outcome = _OK if event.ok else _class_of(event.error)
                instruments.count(instruments.logins, {_OUTCOME: outcome})
            case GateClosed():
                instruments.count(instruments.pauses, {})
            case PageAhead():
                instruments.count(instruments.pages, {_OPERATION: event.operation, _FATE: event.fate})
            case _:
                pass

    def _retry_planned(self, event: RetryPlanned, instruments: _Metrics) -> None:
        reason = _class_of(event.reason)
        instruments.count(instruments.retries, {_OPERATION: event.operation, _RETRY_REASON: reason})
        if event.wait:
            instruments.measure(instruments.waits, event.wait, {_OPERATION: event.operation, _WAIT_REASON: "retry"})
        running = self._running.get(event.call)
        if running is not None:
            running.reason = reason
        self._note(event.call, "lootlocker.retry_planned", {_RETRY_REASON: reason, "seconds": event.wait})

    def _outcome_unknown(self, event: OutcomeUnknown) -> None:
        self._note(event.call, "lootlocker.outcome_unknown", {_REQUEST_ID: event.request_id})
        running = self._running.get(event.call)
        if running is not None:
            # Where the task was cancelled, nothing else will say so.
            _fail(running.span, "OutcomeUnknownError")

    def _note(self, call: int, name: str, attributes: Attributes) -> None:
        running = self._running.get(call)
        if running is not None and running.span.is_recording():
            running.span.add_event(name, attributes)


def _rebuild(
    kind: type[OpenTelemetryObserver],
    attributes: Attributes,
    propagate: bool,  # noqa: FBT001  (in a pickle there are positions alone)
) -> OpenTelemetryObserver:
    return kind(attributes=attributes, propagate=propagate)


def _set_given(span: trace.Span, attributes: dict[str, str | int | None]) -> None:
    span.set_attributes({name: value for name, value in attributes.items() if value is not None})


def _fail(span: trace.Span, error: str) -> None:
    span.set_attribute(_ERROR, error)
    span.set_status(trace.StatusCode.ERROR)


def _class_of(reason: str) -> str:
    """The class of an error that a reason begins with; its text is anything but low in cardinality."""
    return reason.partition(":")[0]


@lru_cache(maxsize=64)
def _place(address: str) -> tuple[Attributes, str]:
    """The server that an address names, and the path that stands before every other."""
    parts = urlsplit(address)
    server: Attributes = {
        "server.address": parts.hostname or "",
        "server.port": parts.port or _PORTS.get(parts.scheme, 0),
    }
    return server, parts.path.rstrip("/")


class Instrumentation:
    """A client that is instrumented, until `uninstrument()` or the end of a `with` block."""

    def __init__(self, client: LootLockerClient, observer: OpenTelemetryObserver) -> None:
        """Made by `instrument`."""
        self._client = client
        self._observer = observer
        client.observe(observer)

    def uninstrument(self) -> None:
        """Make nothing of calls that begin from now on; those on their way are told to their end."""
        if not self._observer.ending:
            self._observer.end(lambda: self._client.stop_observing(self._observer))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.uninstrument()


def instrument(
    client: LootLockerClient,
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
    attributes: Attributes | None = None,
    propagate: bool = False,
) -> Instrumentation:
    """Make spans and metrics of a client's calls from now on, those of its `with_options` views included.

    Args:
        client: The client. Several may be instrumented, each once.
        tracer_provider: Where spans come from; None for the program's own provider.
        meter_provider: Where metrics go; None for the program's own provider.
        attributes: What every span and every measurement bears besides, to tell clients apart.
        propagate: Whether requests carry the trace's context to the service. Off, as it's somebody else's: it would
            learn your trace ids and baggage. Useful where a gateway of your own stands between.

    Returns:
        What ends it.

    Raises:
        ConfigurationError: The client is instrumented already; everything would be counted twice.
    """
    known = client._caller.manager.observers.functions  # noqa: SLF001  (of the same package)
    if any(isinstance(function, OpenTelemetryObserver) and not function.ending for function in known):
        raise ConfigurationError("the client is instrumented already")
    observer = OpenTelemetryObserver(
        tracer_provider=tracer_provider,
        meter_provider=meter_provider,
        attributes=attributes,
        propagate=propagate,
    )
    return Instrumentation(client, observer)
