"""The report as a chart: small lines over the slices of its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.monitoring.charting import Series, Sparklines, SparkRow
from engine.prediction.analytics.report import Analytics

EACH = (("an hour", timedelta(hours=1)), ("a day", timedelta(days=1)), ("a week", timedelta(days=7)))
NEARLY = 0.1  # a month so far has no whole number of days
LEAST = 3  # slices with something in them, below which a line tells nothing


def chart(report: Analytics) -> Sparklines | None:
    """Runs, failures and time saved, or asks, failures and speed of a service; None where there is too little to draw."""
    one = report.service
    busy = one.asks_by_slice if one is not None else report.total.runs_by_slice
    if sum(count > 0 for count in busy) < LEAST:
        return None
    rows: list[SparkRow]
    if one is not None:
        means = [seconds / asks if asks else None for seconds, asks in zip(one.seconds_by_slice, one.asks_by_slice, strict=True)]
        rows = [
            _row(f"Asks{_each(report)}", one.asks_by_slice, report),
            _row("Failed", one.failed_by_slice, report),
            _row("Time an ask", means, report, "s"),
        ]
    else:
        total = report.total
        rows = [_row(f"Runs{_each(report)}", total.runs_by_slice, report), _row("Failed", total.failed_by_slice, report)]
        if total.saved:
            rows.append(_row(f"Saved{_each(report)}", total.saved_by_slice, report, "s"))
    return Sparklines(rows=tuple(rows), start=report.since, end=report.until)


def _row(name: str, values: Sequence[float | None], report: Analytics, unit: str = "") -> SparkRow:
    return SparkRow(name, Series.of(name, zip(_middles(report), values, strict=True)), unit)


def _each(report: Analytics) -> str:
    step = (report.until - report.since) / report.slices
    return next((f" {word}" for word, length in EACH if abs(step / length - 1) < NEARLY), "")


def _middles(report: Analytics) -> list[datetime]:
    step = (report.until - report.since) / report.slices
    return [report.since + step * (number + 0.5) for number in range(report.slices)]
