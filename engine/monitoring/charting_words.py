"""What a chart shows, in words: for those who cannot see it, for a terminal, and where it could not be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean

from engine.monitoring.charting import (
    MOST_DAYS,
    MOST_ROWS,
    BurnDown,
    Chart,
    HeatRow,
    HeatStrip,
    Incident,
    LineChart,
    Mark,
    Sign,
    Sparklines,
    SparkRow,
    Timeline,
)
from engine.monitoring.figures import (
    STATES,
    abbreviation,
    between,
    clock,
    day,
    drawable_day,
    figure,
    known,
    lasted,
    number,
    of_band,
    of_series,
    runs,
    seconds,
    share,
    short,
    span,
    status,
    touching,
    uptime,
    when,
    zone_of,
)

MOST = 1_000  # characters: Discord takes 1,024, Slack 2,000
NAMED = 6  # rows, incidents, events that are told before the rest is counted
TREND = 0.1  # by how much of itself the last quarter's mean must differ from the first's

Known = Sequence[tuple[float, float]]


def alt_text(chart: Chart) -> str:
    """One line of at most MOST characters; never empty, total over any values. About a second for a million points: those not on the loop."""
    match chart:
        case LineChart():
            said = _line_chart(chart)
        case Sparklines():
            said = _sparklines(chart)
        case HeatStrip():
            said = _heat_strip(chart)
        case BurnDown():
            said = _burn_down(chart)
        case Timeline():
            said = _timeline(chart)
    text = " ".join(sentence for sentence in said if sentence)
    return text if len(text) <= MOST else text[: MOST - 1].rstrip() + "…"


# --- a number over time --------------------------------------------------------------------------------------------------


def _line_chart(chart: LineChart) -> Iterable[str]:
    start, end = span(chart.start, chart.end)
    zone = zone_of(chart.zone)
    points = of_series(chart.series, start, end)
    there = known(points)
    yield f"{_name(chart.title, 'Chart')}, {lasted(end - start)} to {when(end, zone)} {abbreviation(end, zone)}."
    if not there:
        yield "No data."
    else:
        last, lowest, highest = there[-1][1], min(there, key=_value), max(there, key=_value)
        yield f"Last {figure(last, chart.unit)}, lowest {figure(lowest[1], chart.unit)}, highest {figure(highest[1], chart.unit)} at {when(highest[0], zone)}, {trend(there)}."
        yield _outside(chart, there, start, end)
        yield _beyond(chart, there)
        yield _holes(chart, points, start, end)
    yield _incidents(chart.incidents, chart, start, end)
    yield _marks([mark for mark in chart.marks if start <= seconds(mark.at) <= end], chart.zone)


def trend(there: Known) -> str:
    """``rising``, ``falling`` or ``steady``: the mean of the last quarter of the points against that of the first."""
    quarter = len(there) // 4
    if not quarter:
        return "too few values for a trend"
    before, after = fmean(value for _, value in there[:quarter]), fmean(value for _, value in there[-quarter:])
    if abs(after - before) <= TREND * abs(before):
        return "steady"
    return "rising" if after > before else "falling"


def _outside(chart: LineChart, there: Known, start: float, end: float) -> str:
    """Of the values for which something was expected; the expectation at or before each counts."""
    lows, highs = of_band(chart.band, start, end)
    bounds = [(at, low, high) for (at, low), (_, high) in zip(lows, highs, strict=True) if low is not None and high is not None]
    if not bounds:
        return ""
    above = below = place = 0
    for at, value in there:
        while place + 1 < len(bounds) and bounds[place + 1][0] <= at:
            place += 1
        above += value > bounds[place][2]
        below += value < bounds[place][1]
    if not above and not below:
        return "All of it as expected."
    told = [f"{_part(count, len(there))} of the values {word}" for count, word in ((above, "above"), (below, "below")) if count]
    return f"{' and '.join(told)} what was expected."


def _beyond(chart: LineChart, there: Known) -> str:
    value = number(chart.limit.value) if chart.limit else None
    if chart.limit is None or value is None:
        return ""
    over = sum(1 for _, one in there if one > value)
    return f"{_begun(_name(chart.limit.label, 'limit'))} {figure(value, chart.unit)}: {_part(over, len(there))} of the values above it."


def _part(count: int, of: int) -> str:
    return "none" if not count else "all" if count == of else f"{max(1, round(100 * count / of))} %"


def _holes(chart: LineChart, points: Sequence[tuple[float, float | None]], start: float, end: float) -> str:
    found = runs(list(points), chart.series.gap)
    missing = sum(after[0][0] - before[-1][0] for before, after in pairwise(found))
    if missing < 0.01 * (end - start):
        return ""
    return f"No data for {lasted(missing)} in between."


def _incidents(incidents: Sequence[Incident], chart: LineChart, start: float, end: float) -> str:
    found = touching(incidents, start, end)
    if not found:
        return ""
    zone, dated = zone_of(chart.zone), end - start > 25 * 3_600
    told = []
    for index, (incident, first, last) in enumerate(found[:NAMED]):
        still = "" if incident.end else ", not over"
        label = f": {_name(incident.label, '')}" if _name(incident.label, "") else ""
        told.append(f"{index + 1}. {between(first, last, zone, dated=dated)}{still}{label}")
    rest = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{amount(len(found), 'incident')}: {'; '.join(told)}{rest}."


def _marks(marks: Sequence[Mark], zone: str) -> str:
    told = [f"{mark.sign.value} {clock(seconds(mark.at), zone_of(zone))}" for mark in sorted(marks, key=lambda mark: seconds(mark.at))]
    rest = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return f"Marks: {', '.join(told[:NAMED])}{rest}." if told else ""


# --- rows ----------------------------------------------------------------------------------------------------------------


def _sparklines(chart: Sparklines) -> Iterable[str]:
    start, end = span(chart.start, chart.end)
    if _name(chart.title, "") or len(chart.rows) != 1:
        yield f"{_name(chart.title, 'Sparklines')}, last {lasted(end - start)}."
    shown = chart.rows[:MOST_ROWS]
    for index in sorted(range(len(shown)), key=lambda index: (-_rank(shown[index].state), index)):
        yield _spark(shown[index], start, end, f"no. {index + 1}")
    rest = max(0, chart.more) + len(chart.rows) - len(shown)
    yield f"{rest} more." if rest else ""


def _rank(state: str) -> int:
    """The worst first, what is unknown or has no state last."""
    return {"degraded": 1, "unhealthy": 2, "offline": 3}.get(state, 0)


def _spark(row: SparkRow, start: float, end: float, instead: str) -> str:
    there = known(of_series(row.series, start, end))
    state = f" is {row.state}" if row.state in STATES else ""
    if not there:
        return f"{_name(row.name, instead)}{state}: no data."
    lowest, highest = min(there, key=_value)[1], max(there, key=_value)[1]
    figures = f"{figure(there[-1][1], row.unit)}, {figure(lowest, row.unit)} to {figure(highest, row.unit)}"
    return f"{_name(row.name, instead)}{state}: {figures}, {trend(there)}."


def _heat_strip(chart: HeatStrip) -> Iterable[str]:
    shown, last = chart.rows[:MOST_ROWS], drawable_day(chart.last)
    yield f"{_name(chart.title, 'Availability')}, up to {MOST_DAYS} days to {day(last)} {last.year}."
    order = sorted(range(len(shown)), key=lambda index: (_told_share(shown[index]), index))
    bad = [index for index in order if any(status(one) not in ("healthy", "unknown") for one in shown[index].days[-MOST_DAYS:])]
    for index in bad[:NAMED]:
        yield _heat_row(shown[index], last, f"no. {index + 1}")
    if len(bad) > NAMED:
        yield f"{len(bad) - NAMED} more with bad days."
    good = len(shown) - len(bad)
    yield f"{amount(good, 'service')} without a bad day." if good else ""
    rest = max(0, chart.more) + len(chart.rows) - len(shown)
    yield f"{rest} more are not shown." if rest else ""


def _told_share(row: HeatRow) -> float:
    share = uptime(row.days[-MOST_DAYS:], row.uptime)
    return 2.0 if share is None else share


def _heat_row(row: HeatRow, end: date, instead: str) -> str:
    days = row.days[-MOST_DAYS:]
    counts = [(state, sum(1 for one in days if status(one) == state)) for state in ("offline", "unhealthy", "degraded")]
    told = ", ".join(f"{amount(count, 'day')} {state}" for state, count in counts if count)
    latest = next(index for index, one in enumerate(reversed(days)) if status(one) not in ("healthy", "unknown"))
    return f"{_name(row.name, instead)} {share(uptime(days, row.uptime))}: {told}, last {day(end - timedelta(days=latest))}."


# --- budget and timeline -------------------------------------------------------------------------------------------------


def _burn_down(chart: BurnDown) -> Iterable[str]:
    start, end = span(chart.start, chart.end)
    zone = zone_of(chart.zone)
    there = known(of_series(chart.remaining, start, end))
    objective, budget = number(chart.objective), number(chart.budget) or 0.0
    goal = f", goal {figure(objective, 'share')}" if objective else ""
    yield f"{_name(chart.title, 'Error budget')}{goal}, {lasted(end - start)} to {when(end, zone)} {abbreviation(end, zone)}."
    if not there:
        yield "No data."
        return
    at, left = there[-1]
    worth = f" ({lasted(abs(left) * budget)})" if budget > 0 else ""
    even = 1 - (at - start) / (end - start)
    said = f"{short(100 * left)} % left" if left >= 0 else f"Overspent by {short(-100 * left)} %"
    yield f"{said}{worth}; an even pace would leave {short(100 * even)} %."
    spent = next((moment for moment, value in there if value <= 0), None)
    if spent is not None:
        yield f"Used up on {when(spent, zone)}."
    elif chart.runs_out is not None and seconds(chart.runs_out) > at:
        yield f"At this pace it is used up on {when(seconds(chart.runs_out), zone)}."


def _timeline(chart: Timeline) -> Iterable[str]:
    start, end = span(chart.start, chart.end)
    zone = zone_of(chart.zone)
    yield f"{_name(chart.title, 'Timeline')}, {between(start, end, zone, dated=True)} {abbreviation(end, zone)}, {lasted(end - start)}."
    phases = [(phase.state, abs(seconds(phase.end) - seconds(phase.start))) for phase in chart.phases[:NAMED]]
    yield _begun(", then ".join(f"{_name(state, 'quiet')} for {lasted(length)}" for state, length in phases)) + "." if phases else ""
    events = sorted(chart.events, key=lambda event: seconds(event.at))
    told = []
    for event in events[: 2 * NAMED]:
        word = "" if event.sign is Sign.NOTED else event.sign.value
        said = " ".join(part for part in (clock(seconds(event.at), zone, exact=True), word, _name(event.label, "")) if part)
        told.append(said)
    rest = f"; and {len(events) - 2 * NAMED} more" if len(events) > 2 * NAMED else ""
    yield f"{'; '.join(told)}{rest}." if told else "Nothing happened."


# --- words ---------------------------------------------------------------------------------------------------------------


def amount(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _name(text: str, instead: str) -> str:
    """From outside: one line of what can be seen, cut."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:400]).split())
    return (line if len(line) <= 80 else line[:79].rstrip() + "…") or instead


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _value(point: tuple[float, float]) -> float:
    return point[1]
