"""The figures of one service: what they are now, what is usual, where they go, with a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import ClassVar

from engine.commands.command import Asking, Command, MetricRow, MetricsShown, Outcome
from engine.commands.foreseeing import latencies, thresholds, usual, watched
from engine.commands.histories import FINE, history
from engine.commands.house import House
from engine.errors import Rejected
from engine.monitoring.charting import Limit, LineChart, Series
from engine.monitoring.detection.limits import Limits
from engine.monitoring.forecast.foresight import Prospect, bounds, prospects, shares
from engine.monitoring.forecast.measure import AVAILABILITY, ERROR_RATE, MEASURES, RESPONSE_TIME, SUCCESS_RATE, THROUGHPUT, Measure, Unit
from engine.monitoring.forecast.points import NotEnough, Point
from engine.monitoring.forecast.precursor import FAILED
from engine.monitoring.forecast.trend import Trend, trend
from engine.monitoring.period import STEP, Period, of_rollups, quantile
from engine.monitoring.rollup import Rollup, Span, total
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.catalogue_data import product

DAY = timedelta(days=1)
LONGEST = timedelta(days=100)  # so long hours are kept
LATELY = timedelta(minutes=15)
MOST = 200_000
UNITS = {Unit.SECONDS: "s", Unit.RATIO: "share", Unit.PER_MINUTE: "/min", Unit.COUNT: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMetrics(Command):
    NAME: ClassVar[str] = "service_metrics"
    HELP: ClassVar[str] = "The figures of a service: response_time, success_rate, error_rate, throughput, availability, or all of them."
    EXAMPLE: ClassVar[str] = "/health github response_time over 24h"
    service: str
    metric: str = ""
    window: timedelta | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = watched(house, self.service)[0].service
        measures, window, now = measures_of(self.metric), checked(self.window or DAY), house.clock.now()
        rows = await _rollups(house, service, now - window, now)
        past = of_rollups(rows, step=STEP)
        figures = tuple(_row(measure, rows, past, now) for measure in measures)
        if len(measures) > 1:
            return Outcome(result=MetricsShown(service=service, window=window, rows=figures))
        limits = (await thresholds(house.store)).of(service).limits
        detail = await _of_one(house, service, measures[0], past, now, limits)
        chart = _chart(service, measures[0], past, now - window, now, asking.timezone, limits)
        return Outcome(
            result=MetricsShown(
                service=service, window=window, rows=figures, chart=chart, trend=detail[0], usual=detail[1], prospect=detail[2]
            )
        )


def measures_of(said: str) -> tuple[Measure, ...]:
    """All without a word. Raises Rejected, with the nearest names, for one there is not."""
    name = said.strip().casefold().replace(" ", "_")
    if not name:
        return tuple(MEASURES.values())
    if name not in MEASURES:
        raise Rejected(f"“{said[:40]}” is not measured.{did_you_mean(name, MEASURES)} There are {listed(MEASURES)}.")
    return (MEASURES[name],)


def checked(window: timedelta) -> timedelta:
    """Raises Rejected for one that nothing is known of."""
    if not STEP <= window <= LONGEST:
        raise Rejected("Figures are kept for 100 days. Say a window of 5 minutes to 100 days, such as 24h or 7d.")
    return window


async def _rollups(house: House, service: str, since: datetime, now: datetime) -> list[Rollup]:
    """Minutes of up to three days, hours of more and the minutes since they were folded."""
    if now - since <= FINE:
        return await house.store.rollups.series(service, Span.MINUTE, since=since, until=now, limit=MOST)
    seam = Span.HOUR.start(now - timedelta(hours=1))
    old = await house.store.rollups.series(service, Span.HOUR, since=since, until=seam, limit=MOST)
    return [*old, *await house.store.rollups.series(service, Span.MINUTE, since=seam, until=now, limit=MOST)]


def _row(measure: Measure, rows: Sequence[Rollup], past: Sequence[Period], now: datetime) -> MetricRow:
    late = [period for period in past if period.at >= now - LATELY - STEP]
    values = sorted(value for _, value in points_of(measure, past))
    whole = total(rows)
    if measure is RESPONSE_TIME:
        p50, p95 = (whole.p50, whole.p95) if whole else (None, None)
        return MetricRow(measure=measure, now=_over(measure, late), whole=p50, p50=p50, p95=p95)
    worse = 0.95 if measure.worse > 0 else 0.05
    spread = (quantile(values, 0.5), quantile(values, worse)) if values and measure is not AVAILABILITY else (None, None)
    return MetricRow(measure=measure, now=_over(measure, late), whole=_over(measure, past), p50=spread[0], p95=spread[1])


def _over(measure: Measure, past: Sequence[Period]) -> float | None:
    """One value of several periods together."""
    count = sum(period.count for period in past)
    if not count:
        return None
    if measure is RESPONSE_TIME:
        good = [period.latency for period in past if period.latency is not None]
        return median(good) if good else None
    if measure is THROUGHPUT:
        return count / (sum(period.seconds for period in past) / 60)
    if measure is AVAILABILITY:
        return sum(period.seconds * (period.share < FAILED) for period in past) / sum(period.seconds for period in past)
    share = sum(period.errors for period in past) / count
    return share if measure is ERROR_RATE else 1.0 - share


def points_of(measure: Measure, past: Sequence[Period]) -> list[tuple[datetime, float]]:
    """The measure over time, oldest first; nothing where it was not measured."""
    return [(period.at, value) for period in past if (value := _over(measure, [period])) is not None]


async def _of_one(
    house: House, service: str, measure: Measure, past: Sequence[Period], now: datetime, limits: Limits
) -> tuple[Trend | NotEnough, float | None, Prospect | None]:
    """(trend of the last hours, what is usual, what it comes to)."""
    late = await history(house.store, service, None, now - FINE, now)
    if measure is RESPONSE_TIME:
        return trend(latencies(late), measure), await usual(house.store, service, None, now), prospects(service, "", late, now, limits)[0]
    if measure in (ERROR_RATE, SUCCESS_RATE):
        turned = [Point(one.at, one.value if measure is ERROR_RATE else 1 - one.value) for one in shares(late)]
        return trend(turned, measure), None, prospects(service, "", late, now, limits)[1]
    return trend([Point(at, value) for at, value in points_of(measure, late)], measure), None, None


def _chart(
    service: str, measure: Measure, past: Sequence[Period], start: datetime, end: datetime, zone: str, limits: Limits
) -> LineChart | None:
    found = points_of(measure, past)
    if len(found) < 2:
        return None
    high = [(period.at, period.high) for period in past if period.high is not None] if measure is RESPONSE_TIME else []
    slow, failing = bounds(limits)
    limit = {RESPONSE_TIME: Limit(slow), ERROR_RATE: Limit(failing), SUCCESS_RATE: Limit(1 - failing)}.get(measure)
    return LineChart(
        title=f"{product(service)}: {measure.words}", series=Series.of(measure.words, found), start=start, end=end, unit=UNITS[measure.unit],
        zone=zone or "UTC", p95=Series.of("p95", high) if high else None, limit=limit,
    )  # fmt: skip
