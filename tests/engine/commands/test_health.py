"""What is asked about health: reports, figures, forecasts and objectives, each with its evidence or that there is not enough."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from engine.commands.command import ForecastShown, HealthShown, MetricsShown, ObjectivesShown
from engine.errors import Invalid, NotFound, Rejected
from engine.events import DetectorSaved, RollupsSaved, SamplesTaken
from engine.monitoring.forecast.failure import HORIZONS, Risk, Tally, to_body
from engine.monitoring.forecast.foresight import Prediction
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.forecast.trend import Direction, Trend
from engine.monitoring.health import Formula, HealthStatus
from engine.monitoring.rollup import Span, minutes, widened
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.slo.budget import Budget
from engine.monitoring.slo.objective import Kind
from tests.engine.clock import NOON
from tests.engine.commands.hall import Hall


async def measured(
    hall: Hall,
    hours: float,
    latency: Callable[[float], float] = lambda at: 0.2,
    failing: Callable[[float], float] = lambda at: 0.0,
    until: datetime = NOON,
) -> None:
    """A check of GitHub a minute up to ``until``; by hours since the first one."""
    dice, taken = random.Random(5), []
    for number in range(int(hours * 60)):
        at = number / 60
        outcome = Outcome.ERROR if dice.random() < failing(at) else Outcome.OK
        taken.append(
            Sample("github", "default", until - timedelta(hours=hours - at), Source.PROBE, outcome, latency(at) * dice.uniform(0.97, 1.03))
        )
    rows = minutes(taken)
    recent = tuple(one for one in taken if one.at >= until - timedelta(hours=1))
    await hall.store.ledger.record(RollupsSaved((*rows, *widened(rows, Span.HOUR))), SamplesTaken(recent))


async def test_one_service_comes_with_its_score_its_reason_and_where_it_is_heading(hall: Hall) -> None:
    await measured(hall, 6, lambda at: 0.2 + 0.03 * at)
    shown = (await hall.ask("health_report", service="github")).result
    assert isinstance(shown, HealthShown)
    assert (shown.services[0].status, shown.formula, len(shown.ahead)) == (HealthStatus.HEALTHY, Formula.SIGNALBOX, 1)
    assert shown.services[0].because
    assert shown.system.performance_trend == "degrading"
    assert isinstance(shown.ahead[0].slower, Trend)
    assert shown.ahead[0].slower.direction is Direction.DEGRADING


async def test_slowness_is_told_by_what_is_usual_at_this_time_of_day(hall: Hall) -> None:
    await measured(hall, 50, until=NOON - timedelta(hours=1))
    await measured(hall, 1, lambda at: 0.55)
    shown = (await hall.ask("health_report")).result
    assert isinstance(shown, HealthShown)
    github = next(one for one in shown.services if one.service == "github")
    assert github.status is HealthStatus.UNHEALTHY
    assert "times the usual 200 ms" in github.because
    legacy = (await hall.ask("health_report", formula="legacy")).result
    assert isinstance(legacy, HealthShown)
    assert next(one for one in legacy.services if one.service == "github").status is HealthStatus.HEALTHY
    with pytest.raises(Rejected, match="There is no formula"):
        await hall.ask("health_report", formula="best")


async def test_all_figures_of_a_service_or_one_of_them_with_a_chart(hall: Hall) -> None:
    await measured(hall, 24, failing=lambda at: 0.1)
    every = (await hall.ask("service_metrics", service="github")).result
    assert isinstance(every, MetricsShown)
    figures = {row.measure.name: row for row in every.rows}
    assert list(figures) == ["response_time", "success_rate", "error_rate", "throughput", "availability"]
    assert figures["error_rate"].whole == pytest.approx(0.1, abs=0.03)
    assert figures["throughput"].whole == pytest.approx(1.0)
    assert figures["availability"].whole == pytest.approx(1.0, abs=0.03)
    one = (await hall.ask("service_metrics", service="github", metric="response_time", window="PT6H")).result
    assert isinstance(one, MetricsShown)
    assert one.rows[0].now == pytest.approx(0.2, rel=0.05)
    assert one.usual == pytest.approx(0.2, rel=0.05)
    assert one.chart is not None
    assert len(one.chart.series.at) == 72
    assert one.prospect is not None


async def test_a_week_is_read_in_hours_and_nothing_measured_is_no_figure(hall: Hall) -> None:
    await measured(hall, 80)
    week = (await hall.ask("service_metrics", service="github", metric="success_rate", window="P7D")).result
    assert isinstance(week, MetricsShown)
    assert week.rows[0].whole == 1.0
    empty = (await hall.ask("service_metrics", service="trello")).result
    assert isinstance(empty, MetricsShown)
    assert all(row.whole is None for row in empty.rows)
    assert (await hall.ask("service_metrics", service="trello", metric="error_rate")).result.chart is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"metric": "beauty"}, "is not measured"),
        ({"metric": "eror_rate"}, "Did you mean"),
        ({"window": "P400D"}, "100 days"),
        ({"window": "PT1M"}, "5 minutes"),
    ],
)
async def test_a_figure_nobody_keeps_is_refused_with_those_there_are(hall: Hall, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        await hall.ask("service_metrics", service="github", **arguments)


async def test_a_forecast_of_a_young_house_says_what_is_missing_instead_of_a_number(hall: Hall) -> None:
    shown = (await hall.ask("forecast", service="github")).result
    assert isinstance(shown, ForecastShown)
    (ahead,) = shown.ahead
    assert all(isinstance(one, NotEnough) for one in (ahead.slower, ahead.failing, *ahead.risks))
    assert all(isinstance(one.answer, NotEnough) for one in ahead.prospects)


async def test_a_forecast_uses_what_the_past_of_all_accounts_taught(hall: Hall) -> None:
    await measured(hall, 30, failing=lambda at: 0.2 if at > 29 else 0.0)
    taught = to_body({horizon: Tally((300.0, 10.0, 5.0, 40.0), (1.0, 1.0, 1.0, 30.0)) for horizon in HORIZONS})
    await hall.store.ledger.record(
        DetectorSaved("forecast:lessons/trello/default", taught, NOON), DetectorSaved("forecast:lessons/x/y", {"odd": 1}, NOON)
    )
    shown = (await hall.ask("forecast", service="github")).result
    assert isinstance(shown, ForecastShown)
    risks = [risk for risk in shown.ahead[0].risks if isinstance(risk, Risk)]
    assert [round(risk.probability, 1) for risk in risks] == [0.7, 0.7, 0.7]
    assert "% of 60 checks failed in the last hour" in risks[0].because


async def test_slowness_that_will_pass_its_limit_is_foreseen_with_its_chance(hall: Hall) -> None:
    await measured(hall, 6, lambda at: 0.2 + 0.1 * at)
    shown = (await hall.ask("forecast", service="github")).result
    assert isinstance(shown, ForecastShown)
    found = shown.ahead[0].prospects[0].prediction((timedelta(hours=4),))
    assert isinstance(found, Prediction)
    assert found.expected is not None
    assert timedelta(hours=1.5) < found.expected < timedelta(hours=2.5)


async def test_an_objective_is_set_shown_changed_and_removed_and_each_is_audited(hall: Hall) -> None:
    await measured(hall, 48, failing=lambda at: 0.001)
    shown = (await hall.ask("set_objective", service="github", goal=0.99)).result
    assert isinstance(shown, ObjectivesShown)
    assert shown.changed == "Set: 99 % of answers good, over 28 days."
    assert isinstance(shown.rows[0].budget, Budget)
    await hall.ask("set_objective", service="github", goal=0.95, limit="PT0.8S", window="P7D")
    await hall.ask("set_objective", service="github", goal=0.995)
    listed = (await hall.ask("show_objectives")).result
    assert isinstance(listed, ObjectivesShown)
    assert [(row.objective.kind, row.objective.goal) for row in listed.rows] == [(Kind.AVAILABILITY, 0.995), (Kind.LATENCY, 0.95)]
    with_health = (await hall.ask("health_report", service="github")).result
    assert isinstance(with_health, HealthShown)
    assert len(with_health.spending) == 2
    await hall.ask("remove_objective", service="github", kind="latency")
    left = (await hall.ask("show_objectives", service="github")).result
    assert isinstance(left, ObjectivesShown)
    assert [row.objective.kind for row in left.rows] == [Kind.AVAILABILITY]
    assert [verb for _, verb, _ in await hall.audited()] == ["set_objective"] * 3 + ["remove_objective"]


async def test_what_cannot_be_promised_is_refused(hall: Hall) -> None:
    with pytest.raises(Invalid):
        await hall.ask("set_objective", service="github", goal=1.0)
    with pytest.raises(NotFound, match="has no account"):
        await hall.ask("set_objective", service="github", goal=0.99, account="eu")
    with pytest.raises(NotFound, match="is not connected or not probed"):
        await hall.ask("set_objective", service="stripe", goal=0.99)
    with pytest.raises(NotFound, match="no such objective"):
        await hall.ask("remove_objective", service="github")
    with pytest.raises(Rejected, match="is no objective"):
        await hall.ask("remove_objective", service="github", kind="beauty")
    assert await hall.audited() == []


async def test_one_objective_comes_with_its_budget_as_the_window_went_by(hall: Hall) -> None:
    await measured(hall, 48, failing=lambda at: 0.02 if at > 24 else 0.0)
    await hall.ask("set_objective", service="github", goal=0.99, window="P7D")
    shown = (await hall.ask("show_objectives", service="github")).result
    assert isinstance(shown, ObjectivesShown)
    assert shown.chart is not None
    left = [value for value in shown.chart.remaining.values if value is not None]
    assert left == sorted(left, reverse=True)
    assert left[0] == 1.0
    assert isinstance(shown.rows[0].budget, Budget)
    assert left[-1] == pytest.approx(shown.rows[0].budget.left)
