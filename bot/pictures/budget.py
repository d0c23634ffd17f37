"""An error budget over its window as SVG: what is left, what an even pace would leave, and when it runs out."""

from __future__ import annotations

from bot.pictures.axis import time_axis
from bot.pictures.chart_scale import Times, Values
from bot.pictures.chart_thin import thinned
from bot.pictures.font import metrics
from bot.pictures.legend import legend
from bot.pictures.paper import AMBER, BLUE, BLUE_WASH, GRID, INK, MARGIN, RED, SMALL, SOFT, Paper, heading
from engine.monitoring.charting import BurnDown
from engine.monitoring.figures import (
    Points,
    abbreviation,
    figure,
    known,
    lasted,
    number,
    of_series,
    runs,
    seconds,
    short,
    span,
    when,
    zone_of,
)

HEIGHT = 250.0
DEEPEST = -1.0  # beyond, the line runs along the bottom


def burn_down(chart: BurnDown) -> tuple[Paper, float]:
    start, end = span(chart.start, chart.end)
    points = of_series(chart.remaining, start, end)
    there = known(points)
    paper = Paper()
    top = _head(paper, chart, there[-1][1] if there else None, start, end) + 8
    bottom = top + HEIGHT
    lowest = min([0.0, *(value for _, value in there)])
    scale = Values(0.0 if lowest >= 0 else max(DEEPEST, _quarter(lowest)), 1.0, bottom, top)
    times = Times(start, end, MARGIN + metrics().width("−100 %", SMALL) + 10, paper.width - MARGIN - 8, zone_of(chart.zone))
    _axes(paper, scale, times)
    time_axis(paper, times, bottom, bottom)
    outlook = _outlook(paper, chart, there, scale, times)
    _line(paper, chart, points, scale, times)
    items = [("line", "left")] if there else []
    items += [("ideal", "even pace")]
    items += [("outlook", f"used up {when(outlook, times.zone)}")] if outlook else []
    return paper, legend(paper, bottom + 66, items) - 8


def _quarter(lowest: float) -> float:
    return -0.25 * -(lowest // 0.25)


def _head(paper: Paper, chart: BurnDown, last: float | None, start: float, end: float) -> float:
    zone, objective = zone_of(chart.zone), number(chart.objective)
    goal = f"goal {figure(objective, 'share')}, " if objective else ""
    below = f"{goal}{lasted(end - start)} to {when(end, zone)} {abbreviation(end, zone)}"
    if last is None:
        return heading(paper, chart.title, below, instead="Error budget")
    budget = number(chart.budget) or 0.0
    left = f"{lasted(abs(last) * budget)} {'left' if last >= 0 else 'over'}" if budget > 0 else ("left" if last >= 0 else "overspent")
    return heading(
        paper, chart.title, below, figure=f"{short(100 * last)} %", under=left, colour=RED if last <= 0 else INK, instead="Error budget"
    )


def _axes(paper: Paper, scale: Values, times: Times) -> None:
    if scale.low < 0:
        paper.rect(times.left, scale.y(0.0), times.right - times.left, scale.bottom - scale.y(0.0), "url(#hatch)")
    step = 0.25 if scale.high - scale.low <= 1.5 else 0.5
    for count in range(round(scale.low / step), round(scale.high / step) + 1):
        y = scale.y(count * step)
        paper.line([(times.left, y), (times.right, y)], SOFT if count == 0 else GRID, 2.0 if count == 0 else 1.5)
        paper.text(times.left - 10, y + 6.5, f"{short(100 * count * step)} %", SMALL, SOFT, anchor="end")


def _line(paper: Paper, chart: BurnDown, points: Points, scale: Values, times: Times) -> None:
    zero = scale.y(0.0)
    found = runs(points, chart.remaining.gap)
    lines = [[(times.x(at), _kept(value, scale)) for at, value in thinned(run, times.start, times.end)] for run in found]
    for drawn in lines:
        paper.area([(drawn[0][0], zero), *drawn, (drawn[-1][0], zero)], BLUE_WASH, opacity=0.6)
    paper.line([(times.left, scale.y(1.0)), (times.right, zero)], SOFT, 2.2, dash="8 7")
    for drawn in lines:
        paper.line(drawn, BLUE, 3.2)
    if found:
        at, value = found[-1][-1]
        paper.dot(times.x(at), _kept(value, scale), 6.5, BLUE if value > 0 else RED)
    else:
        paper.text(
            times.left + (times.right - times.left) / 4, scale.top + 0.75 * HEIGHT, "no data", SMALL, SOFT, anchor="middle", halo=True
        )
    if scale.low < 0:
        paper.text(times.left + 8, scale.bottom - 10, "overspent", SMALL, RED, bold=True, halo=True)


def _kept(value: float, scale: Values) -> float:
    return max(scale.top, min(scale.bottom, scale.y(value)))


def _outlook(paper: Paper, chart: BurnDown, there: list[tuple[float, float]], scale: Values, times: Times) -> float | None:
    """The dotted line to where nothing is left; None where that is not to come within sight or has been."""
    if chart.runs_out is None or not there or there[-1][1] <= 0:
        return None
    at, until = there[-1][0], seconds(chart.runs_out)
    if until <= at:
        return None
    reach = min(1.0, (times.end - at) / (until - at))
    end = (times.x(at + reach * (until - at)), _kept(there[-1][1] * (1 - reach), scale))
    paper.line([(times.x(at), _kept(there[-1][1], scale)), end], AMBER, 3.2, dash="0.1 7")
    if reach == 1.0:
        x, y = end
        paper.path(f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12", stroke=AMBER, width=3.4)
    return until
