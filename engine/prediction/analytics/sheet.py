"""The report as a sheet (CSV, RFC 4180): one line a workflow, team and service, and one for all of it, with figures in seconds and shares 0..1."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final, TypeAlias

from engine.prediction.analytics.figures import Figures
from engine.prediction.analytics.report import Analytics
from engine.prediction.analytics.services import ServiceFigures

# A sheet reckons with a text that begins so; the last two are what some programs take for the first.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋")
COLUMNS: Final = (
    "kind", "id", "name", "owner", "since", "until", "runs", "succeeded", "failed", "cancelled", "sandbox", "success_rate", "median_seconds",
    "p90_seconds", "saved_seconds", "repair_seconds", "by_hand_seconds", "failure_cost_seconds", "waited_seconds", "asks", "asks_failed",
    "mean_ask_seconds", "failure_cost_at_most_seconds", "change",
)  # fmt: skip

Cell: TypeAlias = "str | int | float | None"


class _Lines(list[str]):
    """What the writer of CSV takes for a file."""

    def write(self, line: str) -> None:
        self.append(line)


def sheet(report: Analytics) -> str:
    """With a line of column names. What is not known or not declared is empty; text from outside never becomes a formula."""
    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    span = {"since": report.since.isoformat(), "until": report.until.isoformat()}
    writer.writerows([cell((span | line).get(column)) for column in COLUMNS] for line in _lines(report))
    return "".join(lines)


def cell(value: Cell) -> Cell:
    """As it may stand in a sheet that somebody opens."""
    if isinstance(value, float):
        return round(value, 6)
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA) else value


def _lines(report: Analytics) -> Iterator[dict[str, Cell]]:
    for row in report.rows:
        change = row.change.text if row.change else ""
        yield {
            "kind": "workflow",
            "id": row.flow.id,
            "name": row.flow.name,
            "owner": row.flow.owner,
            "change": change,
            **_figures(row.figures),
        }
    for owner, figures in report.teams:
        yield {"kind": "team", "id": owner, "name": owner or "nobody", **_figures(figures)}
    shown = report.services or ((report.service,) if report.service is not None else ())
    for one in shown:
        yield {"kind": "service", "id": one.service, "name": one.service, **_asked(one)}
    if report.service is None:
        changed = " ".join(change.text for change in report.changes)
        yield {"kind": "total", "id": report.scope.id, "name": report.scope.name or "all", "change": changed, **_figures(report.total)}


def _figures(one: Figures) -> dict[str, Cell]:
    return {
        "runs": one.total,
        "succeeded": one.succeeded,
        "failed": one.failed,
        "cancelled": one.cancelled,
        "sandbox": one.sandbox,
        "success_rate": one.success_rate,
        "median_seconds": one.median,
        "p90_seconds": one.p90,
        "saved_seconds": one.saved,
        "repair_seconds": one.repair,
        "by_hand_seconds": one.by_hand,
        "failure_cost_seconds": one.cost,
        "waited_seconds": one.waited,
    }


def _asked(one: ServiceFigures) -> dict[str, Cell]:
    return {
        "asks": one.asks,
        "asks_failed": one.failed,
        "success_rate": one.success_rate,
        "median_seconds": one.median,
        "p90_seconds": one.p90,
        "mean_ask_seconds": one.seconds / one.asks if one.asks else None,
        "failure_cost_at_most_seconds": one.cost_at_most,
    }
