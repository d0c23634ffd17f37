"""What was measured as lines of CSV or NDJSON, read piece by piece so that memory stays small however much there is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.monitoring.rollup import Rollup, Span
from engine.monitoring.sample import Sample
from engine.ports import Store

MEDIA = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
PAGE = 1_000
WINDOW = {Span.MINUTE: timedelta(hours=1), Span.HOUR: timedelta(days=2), Span.DAY: timedelta(days=30)}  # of rollups read at once
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a sheet would reckon with a text that begins so

ROLLUP = ("at", "span", "service", "account", "source", "count", "errors", "untold", "sandbox", "mean", "p50", "p95", "p99")
SAMPLE = ("at", "service", "account", "source", "outcome", "latency", "operation", "detail", "sandbox")


async def lines(store: Store, what: str, service: str, span: Span, since: datetime, until: datetime, format: str) -> AsyncIterator[bytes]:
    """``what``: rollups or samples; ``format``: csv or ndjson. Latencies in seconds, times in ISO 8601 (UTC)."""
    columns = ROLLUP if what == "rollups" else SAMPLE
    written: Callable[[Iterable[Mapping[str, Any]]], bytes] = _csv(columns) if format == "csv" else _ndjson
    if format == "csv":
        yield (",".join(columns) + "\r\n").encode()
    pages = _rollups(store, service, span, since, until) if what == "rollups" else _samples(store, service, since, until)
    async for page in pages:
        if page:
            yield written(page)


async def _rollups(store: Store, service: str, span: Span, since: datetime, until: datetime) -> AsyncIterator[list[dict[str, Any]]]:
    start = await _first(store, service, span, since, until)
    while start is not None and start < until:
        end = min(start + WINDOW[span], until)
        rows = (
            await store.rollups.series(service, span, since=start, until=end) if service else await store.rollups.between(span, start, end)
        )
        for first in range(0, len(rows), PAGE):
            yield [_rollup(row) for row in rows[first : first + PAGE]]
        start = end


async def _first(store: Store, service: str, span: Span, since: datetime, until: datetime) -> datetime | None:
    """Where the first one begins: before it there is nothing to go through."""
    if service:
        found = await store.rollups.series(service, span, since=since, until=until, limit=1)
    else:
        found = await store.rollups.between(span, since, until, limit=1)
    return found[0].at if found else None


async def _samples(store: Store, service: str, since: datetime, until: datetime) -> AsyncIterator[list[dict[str, Any]]]:
    at, skip = since, 0
    while page := await store.samples.between(at, until, service=service, skip=skip, limit=PAGE):
        yield [_sample(sample) for sample in page]
        last = page[-1].at
        same = sum(sample.at == last for sample in page)
        at, skip = last, same + (skip if last == at else 0)


def _rollup(row: Rollup) -> dict[str, Any]:
    measured = {"mean": row.mean, "p50": row.p50, "p95": row.p95, "p99": row.p99}
    said = {name: getattr(row, name) for name in ROLLUP if name not in measured}
    return {**said, "at": row.at.isoformat(), **{name: value if value is None else round(value, 6) for name, value in measured.items()}}


def _sample(sample: Sample) -> dict[str, Any]:
    return {**{name: getattr(sample, name) for name in SAMPLE}, "at": sample.at.isoformat()}


def _ndjson(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=True).encode() + b"\n" for row in rows)


def _csv(columns: tuple[str, ...]) -> Callable[[Iterable[Mapping[str, Any]]], bytes]:
    def written(rows: Iterable[Mapping[str, Any]]) -> bytes:
        text = io.StringIO()
        sheet = csv.writer(text)
        sheet.writerows([_cell(row[column]) for column in columns] for row in rows)
        return text.getvalue().encode("utf-8", "replace")

    return written


def _cell(value: Any) -> Any:
    """Text from outside never becomes a formula of whoever opens the sheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
