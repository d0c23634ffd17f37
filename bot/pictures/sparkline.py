"""Sparklines as SVG: a small line a row, each on its own scale, with its state and its last value."""

from __future__ import annotations

from dataclasses import dataclass

from bot.pictures.chart_scale import SHARES, Times, Values
from bot.pictures.chart_thin import thinned
from bot.pictures.font import metrics
from bot.pictures.paper import AMBER, BLUE, BLUE_WASH, GRID, INK, MARGIN, ORANGE, PAPER, PLAIN, RED, SMALL, SOFT, Paper
from bot.pictures.signs import state_sign
from engine.monitoring.charting import MOST_ROWS, Sparklines, SparkRow
from engine.monitoring.figures import figure, known, lasted, of_series, runs, span, zone_of

PITCH = 50.0
STALE = 0.05  # share of the time: a last value older than that is said quietly
WIDEST = 150.0  # of a value
WORDS = {"healthy": SOFT, "degraded": AMBER, "unhealthy": ORANGE, "offline": RED, "unknown": SOFT}


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edges and right ends of what stands in a row."""

    name: float
    left: float
    right: float
    value: float  # its right end
    state: float


def sparklines(chart: Sparklines) -> tuple[Paper, float]:
    start, end = span(chart.start, chart.end)
    rows = chart.rows[:MOST_ROWS]
    paper = Paper()
    columns = _columns(paper, rows, start, end)
    y = _head(paper, chart, columns, start, end)
    for index, row in enumerate(rows):
        if index:
            paper.line([(MARGIN, y), (paper.width - MARGIN, y)], GRID, 1.5)
        _row(paper, row, columns, start, end, y, f"no. {index + 1}")
        y += PITCH
    if not rows:
        paper.text(MARGIN, y + 30, "no data", PLAIN, SOFT)
        y += PITCH
    rest = max(0, chart.more) + len(chart.rows) - len(rows)
    if rest:
        paper.text(MARGIN, y + 22, f"and {rest:,} more", SMALL, INK, bold=True)
        y += 34
    return paper, y + 6


def _columns(paper: Paper, rows: tuple[SparkRow, ...], start: float, end: float) -> Columns:
    stated = any(row.state in WORDS for row in rows)
    right = paper.width - MARGIN
    state = right - (metrics(bold=True).width("unhealthy", SMALL) if stated else 0.0)
    value = state - (18 if stated else 0)
    widest = max((metrics(bold=True).width(row.name[:40], PLAIN) for row in rows), default=0.0)
    name = MARGIN + (30 if stated else 0)
    left = name + min(max(90.0, widest), 200.0) + 16
    figures = max((metrics(bold=True).width(_last(row, start, end), PLAIN) for row in rows), default=0.0)
    return Columns(name, left, value - min(max(50.0, figures), WIDEST) - 14, value, state)


def _last(row: SparkRow, start: float, end: float) -> str:
    there = known(of_series(row.series, start, end))
    return figure(there[-1][1] if there else None, row.unit)


def _scale(lowest: float, highest: float, unit: str, y: float) -> Values:
    """The row's own; small changes of a large number are not blown up."""
    least = (0.01 if unit in SHARES else 0.1) * max(abs(lowest), abs(highest)) or 1.0
    margin = max(0.0, least - (highest - lowest)) / 2
    return Values(lowest - margin, highest + margin, y + PITCH - 12, y + 10)


def _head(paper: Paper, chart: Sparklines, columns: Columns, start: float, end: float) -> float:
    if not chart.title:
        return 8.0
    paper.text(MARGIN, 44, chart.title, 27, bold=True, room=paper.width - 2 * MARGIN, instead="Chart")
    paper.text(columns.left, 78, f"last {lasted(end - start)}", SMALL, SOFT)
    paper.text(columns.value, 78, "last", SMALL, SOFT, anchor="end")
    return 90.0


def _row(paper: Paper, row: SparkRow, columns: Columns, start: float, end: float, y: float, instead: str) -> None:
    middle = y + PITCH / 2
    if row.state in WORDS:
        state_sign(paper, row.state, MARGIN + 11, middle)
        paper.text(columns.state, middle + 7, row.state, SMALL, WORDS[row.state], bold=row.state in ("unhealthy", "offline"))
    paper.text(columns.name, middle + 7, row.name, PLAIN, bold=True, room=columns.left - columns.name - 12, instead=instead)
    points = of_series(row.series, start, end)
    there = known(points)
    stale = not there or end - there[-1][0] > STALE * (end - start)
    paper.text(
        columns.value, middle + 7.5, _last(row, start, end), PLAIN, SOFT if stale else INK, bold=not stale, anchor="end", room=WIDEST
    )
    if not there:
        paper.text(columns.left, middle + 6.5, "no data", SMALL, SOFT)
        return
    lowest, highest = min(value for _, value in there), max(value for _, value in there)
    scale = _scale(lowest, highest, row.unit, y)
    times = Times(start, end, columns.left, columns.right - 8, zone_of("UTC"))
    for run in runs(points, row.series.gap):
        drawn = [(times.x(at), max(y + 6, min(y + PITCH - 6, scale.y(value)))) for at, value in thinned(run, start, end, 300)]
        if len(drawn) == 1:
            paper.dot(*drawn[0], 2.6, BLUE, width=0)
            continue
        floor = y + PITCH - 6
        paper.area([(drawn[0][0], floor), *drawn, (drawn[-1][0], floor)], BLUE_WASH, opacity=0.7)
        paper.line(drawn, BLUE, 2.4)
    end_x, end_y = times.x(there[-1][0]), max(y + 6, min(y + PITCH - 6, scale.y(there[-1][1])))
    paper.dot(end_x, end_y, 5, BLUE, stroke=PAPER)
