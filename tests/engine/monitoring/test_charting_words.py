"""Charts in words: the same figures, for those who cannot see the picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine.monitoring.charting import (
    Band,
    BurnDown,
    Chart,
    Day,
    HeatRow,
    HeatStrip,
    Incident,
    Limit,
    LineChart,
    Mark,
    Phase,
    Series,
    Sign,
    Sparklines,
    SparkRow,
    Timeline,
)
from engine.monitoring.charting_words import MOST, alt_text, trend
from engine.monitoring.figures import figure, lasted, share
from tests.bot.pictures.any_chart import charts

END = datetime(2026, 11, 23, 15, tzinfo=UTC)
START = END - timedelta(hours=24)


def hourly(*values: float | None) -> Series:
    return Series.of("mean", [(END - timedelta(hours=len(values) - index), value) for index, value in enumerate(values)])


def chart(**changed: Any) -> LineChart:
    return replace(LineChart(title="GitHub", series=hourly(*[0.2] * 23, 0.5), start=START, end=END, unit="s"), **changed)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(charts)
def test_any_chart_is_told_in_one_line_that_discord_and_slack_take(chart: Chart) -> None:
    said = alt_text(chart)
    assert 0 < len(said) <= MOST <= 1_024
    assert "\n" not in said
    assert "nan" not in said


def test_a_line_is_told_by_its_last_lowest_and_highest_value_and_its_trend() -> None:
    assert alt_text(chart()) == ("GitHub, 24 h to 23 Nov 15:00 UTC. Last 500 ms, lowest 200 ms, highest 500 ms at 23 Nov 14:00, rising.")
    assert alt_text(chart(series=Series("mean"))) == "GitHub, 24 h to 23 Nov 15:00 UTC. No data."


def test_what_was_not_as_expected_is_told() -> None:
    at = tuple(END.timestamp() - 3_600 * hour for hour in range(24, 0, -1))
    band = Band(at, (0.1,) * 24, (0.3,) * 24)
    assert "4 % of the values above what was expected." in alt_text(chart(band=band))
    assert "All of it as expected." in alt_text(chart(band=Band(at, (0.1,) * 24, (0.6,) * 24)))
    assert "Limit 400 ms: 4 % of the values above it." in alt_text(chart(limit=Limit(0.4)))
    assert "Limit 4 s: none of the values above it." in alt_text(chart(limit=Limit(4.0)))


def test_holes_incidents_and_marks_are_told_in_the_zone() -> None:
    said = alt_text(
        chart(
            series=hourly(*[0.2] * 10, *[None] * 4, *[0.2] * 10), zone="Europe/Berlin",
            incidents=(Incident(END - timedelta(hours=9), END - timedelta(hours=8), "timeouts"), Incident(END - timedelta(hours=1))),
            marks=(Mark(END - timedelta(hours=8.5), Sign.ACKNOWLEDGED), Mark(END - timedelta(days=9), Sign.RESOLVED)),
        )
    )  # fmt: skip
    assert "No data for 5 h in between." in said
    assert "2 incidents: 1. 07:00–08:00: timeouts; 2. 15:00–16:00, not over." in said
    assert said.endswith("Marks: acknowledged 07:30.")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((1, 1, 1, 1, 1, 1, 1, 2), "rising"),
        ((2, 1, 1, 1, 1, 1, 1, 1), "falling"),
        ((1.0, 1.05), "too few values for a trend"),
        ((3, 9, 1, 3), "steady"),
    ],
)
def test_a_trend_compares_the_last_quarter_with_the_first(values: tuple[float, ...], word: str) -> None:
    assert trend([(float(at), value) for at, value in enumerate(values)]) == word


def test_rows_are_told_worst_first() -> None:
    rows = (
        SparkRow("github", hourly(0.1, 0.2), "s", "healthy"),
        SparkRow("🚀", Series(), "s"),
        SparkRow("jira", hourly(0.3), "s", "offline"),
    )
    assert alt_text(Sparklines(title="Response time", rows=rows, start=START, end=END, more=2)) == (
        "Response time, last 24 h. jira is offline: 300 ms, 300 ms to 300 ms, too few values for a trend. "
        "github is healthy: 200 ms, 100 ms to 200 ms, too few values for a trend. 🚀: no data. 2 more."
    )


def test_bad_days_are_counted_and_the_latest_is_dated() -> None:
    rows = (HeatRow("github", (Day(1.0),) * 3), HeatRow("jira", (Day(0.2), Day(0.97), Day(0.995), Day(1.0))))
    assert alt_text(HeatStrip(title="Availability", last=date(2026, 11, 23), rows=rows, more=1)) == (
        "Availability, up to 90 days to 23 Nov 2026. jira 79.12 %: 1 day offline, 1 day unhealthy, 1 day degraded, last 22 Nov. "
        "1 service without a bad day. 1 more are not shown."
    )


def test_a_budget_is_told_with_what_an_even_pace_would_leave() -> None:
    burn = BurnDown(title="Budget", remaining=hourly(1.0, 0.5), start=START, end=END, objective=0.999, budget=2_592.0)
    assert alt_text(burn) == ("Budget, goal 99.9 %, 24 h to 23 Nov 15:00 UTC. 50 % left (22 min); an even pace would leave 4.17 %.")
    assert "it is used up on 24 Nov 15:00" in alt_text(replace(burn, runs_out=END + timedelta(days=1)))
    spent = alt_text(replace(burn, remaining=hourly(1.0, -0.5)))
    assert "Overspent by 50 % (22 min);" in spent
    assert spent.endswith("Used up on 23 Nov 14:00.")


def test_a_timeline_is_told_in_its_order() -> None:
    events = (Mark(END, Sign.RESOLVED, "it answers again"), Mark(START, Sign.OPENED, "GitHub is down"), Mark(START, Sign.NOTED, "looked"))
    said = alt_text(Timeline(title="GitHub", start=START, end=END, events=events, phases=(Phase(START, END, "firing"),)))
    assert said == (
        "GitHub, 22 Nov 15:00 – 23 Nov 15:00 UTC, 24 h. Firing for 24 h. "
        "15:00:00 opened GitHub is down; 15:00:00 looked; 15:00:00 resolved it answers again."
    )


def test_long_words_are_cut_to_what_every_chat_takes() -> None:
    events = tuple(Mark(START + timedelta(hours=index), Sign.NOTED, "long " * 100) for index in range(20))
    said = alt_text(Timeline(title="x" * 500, start=START, end=END, events=events))
    assert len(said) <= MOST
    assert said.endswith("…")


# --- figures -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.2314, "s", "231 ms"), (0.9999, "s", "1 s"), (0.00042, "s", "420 µs"), (1.204, "s", "1.2 s"), (180, "s", "3 min"), (0, "s", "0 ms"),
        (0.9995, "share", "99.95 %"), (0.99996, "share", "99.99 %"), (1.0, "share", "100 %"), (0.5, "share", "50 %"), (99.5, "%", "99.5 %"), (1_090, "/min", "1,090/min"), (12_340, "/min", "12.3k/min"),
        (2.5e9, "B", "2.5 GB"), (-3, "", "−3"), (None, "s", "–"), (float("nan"), "s", "–"), (float("inf"), "", "–"), (7, "requests", "7 requests"),
    ],
)  # fmt: skip
def test_figures_have_three_digits_and_a_unit(value: float | None, unit: str, said: str) -> None:
    assert figure(value, unit) == said


@pytest.mark.parametrize(("value", "said"), [(1.0, "100 %"), (0.99999, "99.99 %"), (0.9996, "99.96 %"), (0.0, "0.00 %"), (None, "no data")])
def test_an_uptime_is_never_rounded_up(value: float | None, said: str) -> None:
    assert share(value) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0.4, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3_600, "1 h"),
        (11_460, "3 h 11 min"),
        (86_400, "24 h"),
        (187_200, "2 days 4 h"),
        (7_776_000, "90 days"),
    ],
)
def test_lengths_of_time_are_said_as_people_say_them(length: float, said: str) -> None:
    assert lasted(length) == said
