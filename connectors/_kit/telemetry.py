"""Traces and metrics sent by OTLP over HTTP; the only importer of OpenTelemetry, and only where somebody collects.

Every standard name of OpenTelemetry counts (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME …), as the library
reads them itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from hashlib import blake2b
from math import isfinite
from threading import Thread
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, set_span_in_context

from engine.ports import Past

log = logging.getLogger(__name__)

SCOPE = "signalbox"
OURS = "OTEL_"
GRACE = 5.0  # seconds in which the last of it is sent when the house stops
RARELY = 600.0  # seconds between two complaints about a collector

Value = str | int | float | bool


class _Ids(RandomIdGenerator):
    """Random ones, but for a span whose trace or id was named."""

    def __init__(self) -> None:
        self.trace: int | None = None
        self.span: int | None = None

    def generate_trace_id(self) -> int:
        return super().generate_trace_id() if self.trace is None else self.trace

    def generate_span_id(self) -> int:
        return super().generate_span_id() if self.span is None else self.span


class OtlpTelemetry:
    """Fulfils ``ports.Telemetry``. Belongs to one loop; what is told waits in memory, within bounds, and is sent by threads of the library."""

    def __init__(self, environ: Mapping[str, str], version: str) -> None:
        for name, value in environ.items():
            if name.startswith(OURS) and value.strip():
                os.environ.setdefault(name, value.strip())  # .env counts like the environment; the library reads no other place
        library = logging.getLogger("opentelemetry")
        library.propagate = False
        library.handlers = [_Complaint()]
        self._ids = _Ids()
        resource = Resource.create({"service.version": version, **({} if _is_named() else {"service.name": "signalbox"})})
        self._spans = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        if _is_wanted("OTEL_TRACES_EXPORTER"):
            self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        readers = [PeriodicExportingMetricReader(OTLPMetricExporter())] if _is_wanted("OTEL_METRICS_EXPORTER") else []
        self._numbers = MeterProvider(resource=resource, metric_readers=readers, shutdown_on_exit=False)
        self._tracer = self._spans.get_tracer(SCOPE, version)
        self._meter = self._numbers.get_meter(SCOPE, version)
        self._instruments: dict[str, Any] = {}

    def span(self, name: str, **attributes: Value) -> AbstractContextManager[None]:
        return self._around(name, _prefixed(attributes))

    @contextmanager
    def _around(self, name: str, attributes: Mapping[str, Value]) -> Iterator[None]:
        # The library would note the text of an error, and what somebody said may stand in it.
        with self._tracer.start_as_current_span(name, attributes=attributes, record_exception=False, set_status_on_exception=False) as span:
            try:
                yield
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def over(self, past: Past) -> None:
        parent: Context = Context()
        trace = _number(past.trace, 16) if past.trace else None
        if past.parent and trace is not None:
            above = SpanContext(trace, _number(past.parent, 8), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
            parent = set_span_in_context(NonRecordingSpan(above), parent)
        self._ids.trace, self._ids.span = trace, _number(past.id, 8) if past.id else None
        try:
            span = self._tracer.start_span(past.name, context=parent, start_time=_nanoseconds(past.began), attributes=past.attributes)
        finally:
            self._ids.trace = self._ids.span = None
        if past.failed:
            span.set_status(Status(StatusCode.ERROR, past.failed))
        span.end(end_time=max(_nanoseconds(past.began), _nanoseconds(past.ended)))

    def count(self, name: str, amount: int = 1, **attributes: Value) -> None:
        if name not in self._instruments:
            self._instruments[name] = self._meter.create_counter(name)
        self._instruments[name].add(amount, attributes)

    def measure(self, name: str, value: float, unit: str = "s", **attributes: Value) -> None:
        if not isfinite(value):
            return
        if name not in self._instruments:
            self._instruments[name] = self._meter.create_histogram(name, unit)
        self._instruments[name].record(value, attributes)

    async def start(self) -> None:
        """It is at work since it was made."""

    async def stop(self) -> None:
        """Send what is left, if the collector takes it in time; one that does not answer keeps nobody waiting."""
        ends = [_in_background(self._spans.shutdown), _in_background(lambda: self._numbers.shutdown(int(GRACE * 1000)))]
        _, late = await asyncio.wait(ends, timeout=GRACE)
        if late:
            log.warning("The last traces and metrics were not taken in time.")


def _in_background(work: Callable[[], None]) -> asyncio.Future[None]:
    """On a thread that does not outlive the process: those of the loop's own pool are waited for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def told() -> None:
        if not done.done():
            done.set_result(None)

    def run() -> None:
        try:
            work()
        finally:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(told)

    Thread(target=run, name="signalbox-telemetry", daemon=True).start()
    return done


class _Complaint(logging.Handler):
    """A collector that does not answer is told now and then, without what the library says of it: addresses and answers may hold secrets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._told = -RARELY

    def emit(self, record: logging.LogRecord) -> None:
        if record.created - self._told >= RARELY:
            self._told = record.created
            log.warning("Traces or metrics are not taken by their collector (%s). Look at OTEL_EXPORTER_OTLP_ENDPOINT.", record.name)


def _is_wanted(name: str) -> bool:
    """These two are read by OpenTelemetry's launcher, which is not used here."""
    return os.environ.get(name, "").strip().casefold() != "none"


def _is_named() -> bool:
    return bool(os.environ.get("OTEL_SERVICE_NAME")) or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")


def _prefixed(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {f"{SCOPE}.{name}": value for name, value in attributes.items()}


def _number(key: str, size: int) -> int:
    """The same key is the same id in every process; never nought, which is none."""
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=size).digest()) or 1


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1e6) * 1000
