"""A number over time as SVG: its line, what was expected, incidents, what people did, and the limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.pictures.axis import time_axis
from bot.pictures.badges import badge, grouped
from bot.pictures.chart_scale import Times, Values, values
from bot.pictures.chart_thin import enveloped, thinned
from bot.pictures.font import drawable, metrics
from bot.pictures.legend import legend
from bot.pictures.paper import BLUE, BLUE_EDGE, BLUE_WASH, GRID, INSET, MARGIN, PURPLE, RED, SMALL, SOFT, Paper, heading
from bot.pictures.signs import sign
from engine.monitoring.charting import Incident, Limit, LineChart, Mark, Sign
from engine.monitoring.figures import (
    Points,
    abbreviation,
    between,
    figure,
    known,
    lasted,
    number,
    of_band,
    of_series,
    runs,
    seconds,
    span,
    touching,
    when,
    zone_of,
)

HEIGHT = 250.0  # of the plot
LISTED = 4  # incidents told below
MOST_INCIDENTS, MOST_MARKS = 40, 60
BEYOND = 3.0  # a limit, or the band, farther away than this times the highest value would squeeze the line flat
LANES = 3  # of marks under each other
DENSE = 400  # points from which on the line is thinner
EMPTY = 0.08  # share of the width from which on a hole is named


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn, tidied: all of it within the chart's range."""

    chart: LineChart
    start: float
    end: float
    line: Points
    p95: Points
    low: Points
    high: Points

    @property
    def limit(self) -> Limit | None:
        limit = self.chart.limit
        value = number(limit.value) if limit else None
        return Limit(value, limit.label) if limit and value is not None else None

    @property
    def marks(self) -> list[Mark]:
        """Of the range, in the order of time."""
        within = [mark for mark in self.chart.marks if self.start <= seconds(mark.at) <= self.end]
        return sorted(within, key=lambda mark: seconds(mark.at))[:MOST_MARKS]

    @property
    def incidents(self) -> list[tuple[Incident, float, float]]:
        """Of the range, with where they begin and end in it."""
        return touching(self.chart.incidents, self.start, self.end)


def line_chart(chart: LineChart) -> tuple[Paper, float]:
    """The paper and how high it is."""
    start, end = span(chart.start, chart.end)
    low, high = of_band(chart.band, start, end)
    plot = Plot(chart, start, end, of_series(chart.series, start, end), of_series(chart.p95, start, end), low, high)
    paper = Paper()
    top = _head(paper, plot) + (30 if plot.incidents else 8)
    bottom = top + HEIGHT
    scale = _values(plot, bottom, top)
    left = MARGIN + max((metrics().width(tick.label, SMALL) for tick in scale.ticks()), default=0.0) + 10
    times = Times(start, end, left, paper.width - MARGIN - 8, zone_of(chart.zone))
    _rules(paper, scale, times, there=bool(known(plot.line)))
    _shades(paper, plot, times, top, bottom)
    _lines(paper, plot, scale, times)
    below = _marks(paper, plot, times, bottom + 12)
    time_axis(paper, times, bottom, below)
    named = _named(paper, plot, scale, times)
    y = legend(paper, below + 66, _legend(plot, scale, named=named)) + 6
    return paper, _told(paper, plot, times, y) - 6


def _head(paper: Paper, plot: Plot) -> float:
    chart, zone = plot.chart, zone_of(plot.chart.zone)
    there = [value for _, value in known(plot.line)]
    until = f"{lasted(plot.end - plot.start)} to {when(plot.end, zone)} {abbreviation(plot.end, zone)}"
    return heading(paper, chart.title, until, figure=figure(there[-1], chart.unit) if there else "", under="last")


# --- axes ----------------------------------------------------------------------------------------------------------------


def _values(plot: Plot, bottom: float, top: float) -> Values:
    there = [value for points in (plot.line, plot.p95) for _, value in known(points)]
    if not there:
        there = [value for points in (plot.low, plot.high) for _, value in known(points)] or [0.0]
    lowest, highest = min(there), max(there)
    reach = highest + (BEYOND - 1) * abs(highest)
    beside = [value for points in (plot.low, plot.high) for _, value in known(points)]
    beside += [plot.limit.value] if plot.limit else []
    within = [value for value in beside if lowest - (reach - lowest) <= value <= reach]
    return values(min(lowest, *within, highest), max(highest, *within, lowest), bottom, top, plot.chart.unit, log=_log(there))


def _log(there: Sequence[float]) -> bool:
    """By the line itself: an expectation that reaches down to almost nothing is no reason."""
    return min(there) > 0 and max(there) / min(there) > 100


def _rules(paper: Paper, scale: Values, times: Times, *, there: bool) -> None:
    for tick in scale.ticks():
        y = scale.y(tick.at)
        paper.line([(times.left, y), (times.right, y)], GRID, 1.5)
        if there:  # without a value there is nothing to read off
            paper.text(times.left - 10, y + 6.5, tick.label, SMALL, SOFT, anchor="end")


# --- what is drawn in them -----------------------------------------------------------------------------------------------


def _shades(paper: Paper, plot: Plot, times: Times, top: float, bottom: float) -> None:
    """Under the lines: when there was trouble, hatched, with its number on top."""
    places = []
    for _, first, last in plot.incidents[:MOST_INCIDENTS]:
        left, right = times.x(first), times.x(last)
        if right - left < 5:
            left, right = (left + right) / 2 - 2.5, (left + right) / 2 + 2.5
        paper.rect(left, top, right - left, bottom - top, "url(#hatch)")
        paper.rect(left, top - 3, right - left, 5, RED)
        places.append((left + right) / 2)
    for x, text in grouped(places, paper.width - INSET):
        badge(paper, x, top - 20, text)


def _lines(paper: Paper, plot: Plot, scale: Values, times: Times) -> None:
    for lows, highs in zip(runs(plot.low), runs(plot.high), strict=True):
        under, over = enveloped(lows, highs, plot.start, plot.end)
        edge = [_clipped(point, scale, times) for point in over], [_clipped(point, scale, times) for point in under]
        paper.area([*edge[0], *reversed(edge[1])], BLUE_WASH, opacity=0.75)
        for one in edge:
            paper.line(one, BLUE_EDGE, 1.2)
    _limit(paper, plot, scale, times)
    for run in runs(plot.p95):
        paper.line([_clipped(point, scale, times) for point in thinned(run, plot.start, plot.end)], PURPLE, 2.4, dash="1 5")
    found = runs(plot.line, plot.chart.series.gap)
    for run in found:
        points = [_clipped(point, scale, times) for point in thinned(run, plot.start, plot.end)]
        if len(points) == 1:
            paper.dot(*points[0], 3.6, BLUE, width=0)
        else:
            paper.line(points, BLUE, 2.8 if len(points) < DENSE else 2.0)
    _holes(paper, found, times, (scale.top + scale.bottom) / 2)
    if found:
        paper.dot(*_clipped(found[-1][-1], scale, times), 6, BLUE)


def _clipped(point: tuple[float, float], scale: Values, times: Times) -> tuple[float, float]:
    return times.x(point[0]), max(scale.top, min(scale.bottom, scale.y(point[1])))


def _holes(paper: Paper, found: Sequence[Sequence[tuple[float, float]]], times: Times, y: float) -> None:
    """Wide ones are named; where there is nothing at all, that is said in the middle."""
    ends = [times.left, *(x for run in found for x in (times.x(run[0][0]), times.x(run[-1][0]))), times.right]
    for left, right in zip(ends[::2], ends[1::2], strict=True):
        if right - left > max(EMPTY * (times.right - times.left), metrics().width("no data", SMALL) + 4):
            paper.text((left + right) / 2, y, "no data", SMALL, SOFT, anchor="middle", halo=True)


def _limit(paper: Paper, plot: Plot, scale: Values, times: Times) -> None:
    if plot.limit is not None and scale.low <= plot.limit.value <= scale.high:
        y = scale.y(plot.limit.value)
        paper.line([(times.left, y), (times.right, y)], RED, 2.2, dash="10 6")


def _named(paper: Paper, plot: Plot, scale: Values, times: Times) -> bool:
    """The limit's name beside its line, where no other line runs; False: the legend has to say it."""
    if plot.limit is None or not scale.low <= plot.limit.value <= scale.high:
        return False
    said, y = limit_words(plot, scale), scale.y(plot.limit.value)
    wide = metrics(bold=True).width(said, SMALL)
    taken = [*_strokes(plot, scale, times), *((times.x(first), times.x(last), 0.0, scale.bottom) for _, first, last in plot.incidents)]
    for line in (y - 8, y + 22):
        for left in (times.left + 6, times.right - wide - 6, (times.left + times.right - wide) / 2):
            crossed = any(
                start < left + wide + 4 and left - 4 < end and high < line + 8 and line - 20 < low for start, end, high, low in taken
            )
            if scale.top + 16 < line < scale.bottom - 4 and not crossed and paper.free(left, left + wide, line):
                paper.text(left, line, said, SMALL, RED, bold=True)
                return True
    return False


def _strokes(plot: Plot, scale: Values, times: Times) -> Iterator[tuple[float, float, float, float]]:
    """The boxes (left, right, top, bottom) that each piece of each line lies in."""
    for points, gap in ((plot.line, plot.chart.series.gap), (plot.p95, 0.0), (plot.low, 0.0), (plot.high, 0.0)):
        for run in runs(points, gap):
            drawn = [_clipped(point, scale, times) for point in thinned(run, plot.start, plot.end)]
            for (left, one), (right, other) in pairwise([drawn[0], *drawn]):
                yield left, right, min(one, other), max(one, other)


def limit_words(plot: Plot, scale: Values) -> str:
    """The limit with its value, and where it lies when it is not in the picture."""
    if plot.limit is None:
        return ""
    where = ", above" if plot.limit.value > scale.high else ", below" if plot.limit.value < scale.low else ""
    name = metrics(bold=True).fitted(drawable(plot.limit.label, "limit"), SMALL, 180)
    return f"{name} {figure(plot.limit.value, plot.chart.unit)}{where}"


def _marks(paper: Paper, plot: Plot, times: Times, y: float) -> float:
    """In a lane under the axis, those that would cover each other below one another. Where the axis' labels may begin."""
    ends: list[float] = []  # of each line of the lane: where its last mark stands
    for mark in plot.marks:
        x = times.x(seconds(mark.at))
        free = next((line for line, end in enumerate(ends) if x - end >= 23), len(ends))
        if free < LANES:
            ends[free : free + 1] = [x]
            sign(paper, mark.sign, x, y + free * 23)
    return y - 12 + (len(ends) * 23 + 4 if ends else 0)


# --- below ---------------------------------------------------------------------------------------------------------------


def _legend(plot: Plot, scale: Values, *, named: bool) -> list[tuple[str, str]]:
    items = [("line", (plot.chart.series.name or "measured") + (", log scale" if scale.log else ""))] if known(plot.line) else []
    items += [("p95", plot.chart.p95.name or "p95")] if plot.chart.p95 and known(plot.p95) else []
    items += [("band", "expected")] if known(plot.low) else []
    items += [("limit", limit_words(plot, scale))] if plot.limit and not named else []
    items += [("incident", "incident")] if plot.incidents else []
    there = {mark.sign for mark in plot.marks}
    return items + [(kind.value, kind.value) for kind in Sign if kind in there]


def _told(paper: Paper, plot: Plot, times: Times, y: float) -> float:
    dated = plot.end - plot.start > 25 * 3_600
    for index, (incident, first, last) in enumerate(plot.incidents[:LISTED]):
        badge(paper, MARGIN + 13, y - 6.5, str(index + 1))
        still = "" if incident.end else ", not over"
        head = f"{between(first, last, times.zone, dated=dated)}, {lasted(last - first)}{still}"
        wide = paper.text(MARGIN + 36, y, head, SMALL, bold=True)
        paper.text(MARGIN + 46 + wide, y, incident.label, SMALL, SOFT, room=paper.width - 2 * MARGIN - 46 - wide)
        y += 32
    rest = len(plot.incidents) - LISTED
    if rest > 0:
        paper.text(MARGIN + 36, y, f"and {rest} more", SMALL, SOFT)
        y += 32
    return y
