"""Charts: everything inside, nothing over anything, nothing taken for mark-up, whatever the values."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.pictures import heat, phases
from bot.pictures import paper as paper_of
from bot.pictures.charts import arranged, chart_png
from bot.pictures.paper import SMALL, Paper, Written
from bot.pictures.signs import SIGNS
from engine.monitoring.charting import (
    MOST_ROWS,
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
from tests.bot.pictures.any_chart import NAMES, charts

END = datetime(2026, 11, 23, 15, tzinfo=UTC)
START = END - timedelta(hours=24)


def ago(hours: float) -> datetime:
    return END - timedelta(hours=hours)


def every(minutes: float, value: Any, name: str = "mean") -> Series:
    count = round(24 * 60 / minutes)
    return Series.of(name, [(START + timedelta(minutes=minutes * index), value(index)) for index in range(count)])


def chart(**changed: Any) -> LineChart:
    whole = LineChart(title="GitHub", series=every(10, lambda index: 0.2 + index % 5 / 100), start=START, end=END, unit="s")
    return replace(whole, **changed)


def overlapping(texts: Sequence[Written]) -> list[tuple[str, str]]:
    def over(one: Written, other: Written) -> bool:
        beside = one.right <= other.left or other.right <= one.left
        return (
            not beside and one.y - 0.72 * one.size < other.y + 0.05 * other.size and other.y - 0.72 * other.size < one.y + 0.05 * one.size
        )

    return [(one.text, other.text) for one, other in itertools.combinations(texts, 2) if over(one, other)]


def check(chart: Chart) -> Paper:
    paper, height = arranged(chart)
    assert overlapping(paper.texts) == []
    for text in paper.texts:
        assert text.size >= SMALL, text
        assert text.left >= 0, text
        assert text.right <= paper.width, text
        assert text.y - 0.8 * text.size > 0, text
        assert text.y + 0.25 * text.size <= height, text
    assert height <= 2_400
    assert len(paper.parts) < 6_000
    whole = paper.svg(height)
    assert len(whole) < 700_000
    assert {node.tag.rpartition("}")[2] for node in ET.fromstring(whole).iter()} <= {
        "svg", "defs", "pattern", "rect", "path", "circle", "text",
    }  # fmt: skip
    assert "nan" not in whole.replace("finance", "") or any("nan" in text.text for text in paper.texts)
    return paper


def said(paper: Paper) -> list[str]:
    return [text.text for text in paper.texts]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(charts)
def test_any_values_make_a_chart_with_nothing_outside_and_no_text_over_another(chart: Chart) -> None:
    check(chart)


@pytest.mark.parametrize("name", NAMES)
def test_names_from_outside_are_names_in_every_chart(name: str) -> None:
    series = every(60, lambda index: 1.0, name)
    check(
        chart(
            title=name,
            series=series,
            incidents=(Incident(ago(3), None, name),),
            limit=Limit(2, name),
            marks=(Mark(ago(2), Sign.NOTED, name),),
        )
    )
    check(Sparklines(title=name, rows=(SparkRow(name, series, name, "offline"),) * 4, start=START, end=END))
    check(HeatStrip(title=name, last=date(2026, 11, 23), rows=(HeatRow(name, (Day(1.0),)),) * 9))
    check(BurnDown(title=name, remaining=series, start=START, end=END))
    check(Timeline(title=name, start=START, end=END, events=(Mark(ago(3), Sign.OPENED, name),) * 3, phases=(Phase(ago(4), ago(1), name),)))


def test_a_name_that_cannot_be_drawn_is_told_by_its_place() -> None:
    rows = tuple(SparkRow(name, every(60, lambda index: 1.0)) for name in ("github", "🚀"))
    assert "no. 2" in said(check(Sparklines(rows=rows, start=START, end=END)))
    assert "no. 1" in said(check(HeatStrip(title="x", last=date(2026, 11, 23), rows=(HeatRow("שלום", (Day(1.0),)),))))


# --- a number over time --------------------------------------------------------------------------------------------------


def lines(paper: Paper, stroke: str) -> list[str]:
    return [part for part in paper.parts if part.startswith("<path") and f'stroke="{stroke}"' in part and 'fill="none"' in part]


def test_no_line_is_drawn_through_missing_values() -> None:
    whole = check(chart())
    holed = check(chart(series=every(10, lambda index: None if 60 <= index < 90 else 0.2)))
    assert len(lines(holed, "#1558d6")) == len(lines(whole, "#1558d6")) + 1
    assert "no data" in said(holed)


def test_values_in_any_order_make_the_same_line() -> None:
    whole = chart().series
    order = sorted(range(len(whole.at)), key=lambda index: (index * 37) % 144)
    mixed = replace(whole, at=tuple(whole.at[index] for index in order), values=tuple(whole.values[index] for index in order))
    assert check(chart(series=mixed)).parts == check(chart()).parts


def test_a_silence_longer_than_usual_is_a_hole_too() -> None:
    points = [(START + timedelta(minutes=10 * index), 0.2) for index in range(144) if not 60 <= index < 90]
    assert "no data" in said(check(chart(series=Series.of("mean", points))))


def test_probing_more_often_while_in_doubt_makes_no_holes() -> None:
    steps = [30.0] * 40 + [5.0] * 200 + [30.0] * 40
    points = [(START + timedelta(seconds=at), 0.2) for at in itertools.accumulate(steps)]
    narrow = chart(series=Series.of("mean", points), end=START + timedelta(seconds=sum(steps)))
    assert (
        sum(part.startswith("<circle") for part in check(narrow).parts) == 1
    )  # the last value; a point between two holes would be one too


def test_a_hundred_thousand_points_are_few_in_the_picture_and_no_peak_is_lost() -> None:
    step = 24 * 3_600 / 100_000
    at = tuple(START.timestamp() + step * index for index in range(100_000))
    values = tuple(9.0 if index == 77_777 else 0.2 + index % 7 / 100 for index in range(100_000))
    paper = check(chart(series=Series("mean", at, values)))
    assert "10 s" in said(paper)
    (path,) = (part for part in lines(paper, "#1558d6") if part.count("L") > 10)
    assert path.count("L") <= 4 * 600
    heights = [float(point.split()[1]) for point in path.split('"')[1][1:].split("L")]
    assert min(heights) < min(sorted(heights)[5:]) - 100


def test_incidents_are_numbered_shaded_and_told() -> None:
    paper = check(chart(incidents=(Incident(ago(9), ago(8), "timeouts"), Incident(ago(2), None, "slow"))))
    assert {"1", "2", "06:00–07:00, 1 h", "timeouts", "13:00–15:00, 2 h, not over", "slow", "incident"} <= set(said(paper))
    assert sum('"url(#hatch)"' in part for part in paper.parts) == 3  # both, and the legend


def test_incidents_that_lie_close_share_a_number_and_the_rest_is_counted() -> None:
    paper = check(chart(incidents=tuple(Incident(ago(5 - index / 10), ago(4.95 - index / 10)) for index in range(7))))
    assert {"1–7", "and 3 more"} <= set(said(paper))


def test_incidents_of_another_time_are_not_shown_and_those_that_reach_in_begin_at_its_edge() -> None:
    paper = check(chart(incidents=(Incident(ago(90), ago(80), "long ago"), Incident(ago(30), ago(20), "the night before"))))
    assert {"1", "15:00–19:00, 4 h", "the night before"} <= set(said(paper))
    assert not {"2", "long ago"} & set(said(paper))


def test_marks_have_a_shape_each_and_a_word() -> None:
    paper = check(chart(marks=tuple(Mark(ago(20 - index), kind) for index, kind in enumerate(Sign))))
    assert {kind.value for kind in Sign} <= set(said(paper))
    assert set(SIGNS) == {kind.value for kind in Sign}


def test_a_limit_is_named_beside_its_line_or_in_the_legend_and_never_squeezes_the_line() -> None:
    heights = {}
    for name, value in (("free", 0.2), ("crossed", 0.4)):
        paper = check(chart(series=every(10, lambda index, value=value: 0.1 + (index % 2) * value), limit=Limit(0.35)))
        at = {text.text: text.y for text in paper.texts}
        heights[name] = at["limit 350 ms"] - at["mean"]
    assert heights["free"] < heights["crossed"] == 0
    assert "limit 5 s, above" in said(check(chart(limit=Limit(5.0))))


def test_values_over_two_decades_are_drawn_on_a_log_scale_and_it_is_said() -> None:
    paper = check(chart(series=every(10, lambda index: 40.0 if index == 70 else 0.2)))
    assert {"mean, log scale", "100 ms", "1 s", "10 s"} <= set(said(paper))
    assert "mean" in said(check(chart(series=every(10, lambda index: 40.0 if index == 70 else 0.0))))


def test_times_are_those_of_the_zone() -> None:
    assert "24 h to 23 Nov 16:00 CET" in said(check(chart(zone="Europe/Berlin")))
    assert "24 h to 23 Nov 20:30 IST" in said(check(chart(zone="Asia/Kolkata")))
    assert "24 h to 23 Nov 15:00 UTC" in said(check(chart(zone="No/Where")))


def test_expectation_and_p95_are_drawn_where_there_are_any() -> None:
    at = tuple(START.timestamp() + 600 * index for index in range(144))
    paper = check(chart(band=Band(at, (0.1,) * 144, (0.3,) * 144), p95=Series("", at, (0.4,) * 144)))
    assert {"expected", "p95"} <= set(said(paper))


# --- rows ----------------------------------------------------------------------------------------------------------------


def test_states_are_told_by_shape_and_word_not_by_colour_alone() -> None:
    states = ("healthy", "degraded", "unhealthy", "offline", "unknown")
    rows = tuple(SparkRow(state, every(60, lambda index: 1.0), "s", state) for state in states)
    paper = check(Sparklines(rows=rows, start=START, end=END))
    assert all(said(paper).count(state) == 2 for state in states)


def test_a_heat_strip_tells_worse_days_by_taller_bars() -> None:
    days = (Day(None), Day(1.0), Day(0.995), Day(0.97), Day(0.2))
    paper = check(HeatStrip(title="Availability", last=date(2026, 11, 23), rows=(HeatRow("github", days),)))
    bars = [float(part.split('height="')[1].split('"')[0]) for part in paper.parts if part.startswith("<rect")][:5]
    assert bars == sorted(set(bars))
    assert {"no data", "healthy", "degraded", "unhealthy", "offline", "79.12 %"} <= set(said(paper))


def test_thirty_rows_are_shown_and_the_rest_is_counted() -> None:
    rows = tuple(HeatRow(f"service {index}", (Day(1.0),) * 120) for index in range(45))
    paper = check(HeatStrip(title="Availability", last=date(2026, 11, 23), rows=rows, more=5))
    assert "and 20 more" in said(paper)
    assert sum(text.startswith("service") for text in said(paper)) == MOST_ROWS
    sparks = Sparklines(rows=tuple(SparkRow(f"service {index}", every(60, float)) for index in range(31)), start=START, end=END)
    assert "and 1 more" in said(check(sparks))


# --- budget and timeline -------------------------------------------------------------------------------------------------


def test_a_budget_says_what_is_left_and_when_it_runs_out() -> None:
    burn = BurnDown(title="x", remaining=every(60, lambda index: 1 - index / 30), start=START, end=END, objective=0.999, budget=2_592.0)
    assert {"23.3 %", "10 min left", "even pace"} <= set(said(check(burn)))
    assert "used up 23 Nov 14:30" in said(check(replace(burn, runs_out=END - timedelta(minutes=30))))


def test_an_overspent_budget_says_so() -> None:
    burn = BurnDown(title="x", remaining=every(60, lambda index: 1 - index / 12), start=START, end=END, budget=2_592.0)
    assert {"−91.7 %", "40 min over", "overspent"} <= set(said(check(burn)))


def test_a_timeline_numbers_what_happened_in_its_order() -> None:
    events = (
        Mark(ago(1), Sign.RESOLVED, "it answers again"),
        Mark(ago(3), Sign.OPENED, "GitHub is down"),
        Mark(ago(2.9), Sign.NOTED, "looked"),
    )
    paper = check(Timeline(title="x", start=ago(4), end=END, events=events, phases=(Phase(ago(3), ago(1), "firing"),)))
    told = said(paper)
    assert [told.index(word) for word in ("GitHub is down", "looked", "it answers again")] == sorted(
        told.index(word) for word in ("GitHub is down", "looked", "it answers again")
    )
    assert {"firing", "opened", "resolved", "12:00:00"} <= set(told)


# --- bytes ---------------------------------------------------------------------------------------------------------------


def full(count: int) -> list[Chart]:
    rows = tuple(HeatRow(f"service {index}", tuple(Day((index * 7 + day * 13) % 100 / 100) for day in range(90))) for index in range(count))
    noisy = every(1, lambda index: (index * 7_919 % 1_000) / 1_000)
    return [
        chart(series=noisy, incidents=tuple(Incident(ago(23 - 2 * index), ago(22 - 2 * index), "x" * 200) for index in range(11))),
        HeatStrip(title="Availability", last=date(2026, 11, 23), rows=rows),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("index", [0, 1])
def test_the_fullest_pictures_are_sharp_at_1080_pixels_and_below_half_a_megabyte(index: int) -> None:
    png = chart_png(full(30)[index])
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") >= 1_080
    assert len(png) < 512 * 1024


def test_a_picture_is_wide_enough_for_dense_screens() -> None:
    png = chart_png(Sparklines(rows=(SparkRow("github", every(60, float)),), start=START, end=END))
    assert int.from_bytes(png[16:20], "big") == 2_160


def test_the_same_chart_is_the_same_drawing() -> None:
    for one in full(3):
        paper, height = arranged(one)
        again, _ = arranged(one)
        assert paper.svg(height) == again.svg(height)


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


def test_words_and_lines_stand_out_as_wcag_aa_asks() -> None:
    for ink in (paper_of.INK, paper_of.SOFT, paper_of.RED, paper_of.AMBER, paper_of.ORANGE):
        assert contrast(ink, paper_of.PAPER) >= 4.5, ink
    lines = (paper_of.BLUE, paper_of.BLUE_EDGE, paper_of.PURPLE, paper_of.GREEN, *(look.fill for look in heat.LOOKS.values()))
    for ink in lines:
        assert contrast(ink, paper_of.PAPER) >= 3, ink
    for look in (*phases.LOOKS.values(), phases.QUIET):
        assert contrast(look.ink, look.fill if look.fill.startswith("#") else paper_of.RED_WASH) >= 4.5, look
