"""Axes: round ticks that have room, in the zone's own hours; thin lines that lose no peak."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pictures.badges import grouped
from bot.pictures.chart_scale import Times, values
from bot.pictures.chart_thin import enveloped, thinned
from bot.pictures.font import metrics
from bot.pictures.paper import SMALL


def times(start: datetime, length: timedelta, zone: str = "UTC", room: float = 600.0) -> Times:
    return Times(start.timestamp(), (start + length).timestamp(), 80.0, 80.0 + room, ZoneInfo(zone))


def labels(axis: Times) -> list[str]:
    return [tick.label for tick in axis.ticks()]


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(seconds=8), ["12:00:00", "12:00:02", "12:00:04", "12:00:06", "12:00:08"]),
        (timedelta(minutes=5), ["12:00", "12:01", "12:02", "12:03", "12:04", "12:05"]),
        (timedelta(hours=1), ["12:00", "12:10", "12:20", "12:30", "12:40", "12:50", "13:00"]),
        (timedelta(hours=24), ["12:00", "16:00", "20:00", "24 Nov", "04:00", "08:00", "12:00"]),
        (timedelta(days=7), ["24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov", "30 Nov"]),
        (timedelta(days=90), ["29 Nov", "13 Dec", "27 Dec", "10 Jan", "24 Jan", "7 Feb", "21 Feb"]),
    ],
)
def test_ticks_stand_at_times_people_would_choose(length: timedelta, expected: list[str]) -> None:
    assert labels(times(NOON, length)) == expected


def test_ticks_are_round_in_the_zone_and_stay_so_where_clocks_change() -> None:
    assert labels(times(NOON, timedelta(hours=24), "Asia/Kolkata"))[:3] == ["20:00", "24 Nov", "04:00"]
    autumn = times(datetime(2026, 10, 24, 18, tzinfo=UTC), timedelta(hours=24), "Europe/Berlin")
    assert labels(autumn) == ["20:00", "25 Oct", "04:00", "08:00", "12:00", "16:00"]
    spring = times(datetime(2026, 3, 28, 18, tzinfo=UTC), timedelta(hours=24), "Europe/Berlin")
    assert labels(spring) == ["20:00", "29 Mar", "04:00", "08:00", "12:00", "16:00", "20:00"]
    days = times(datetime(2026, 10, 22, 22, tzinfo=UTC), timedelta(days=6), "Europe/Berlin").ticks()
    assert [later.at - earlier.at for earlier, later in itertools.pairwise(days)].count(25 * 3_600) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2095, 1, 1)),
    st.floats(1.0, 80 * 365 * 86_400.0),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns"]),
    st.floats(250, 640),
)
def test_ticks_of_any_time_have_room_and_their_order(start: datetime, length: float, zone: str, room: float) -> None:
    length = min(length, datetime(2099, 1, 1).timestamp() - start.timestamp())
    axis = times(start.replace(tzinfo=UTC), timedelta(seconds=length), zone, room)
    ticks = axis.ticks()
    assert len(ticks) <= 20
    places = [axis.x(tick.at) for tick in ticks]
    assert places == sorted(places)
    for before, after, tick, following in zip(places, places[1:], ticks, ticks[1:], strict=False):
        wide = (metrics().width(tick.label, SMALL) + metrics().width(following.label, SMALL)) / 2
        assert after - before > wide, (tick, following)


# --- values --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        (0.18, 0.29, "s", ["0 ms", "100 ms", "200 ms", "300 ms", "400 ms"]),
        (0.1, 7.4, "s", ["0 s", "2 s", "4 s", "6 s", "8 s"]),
        (0.704, 1.0, "share", ["60 %", "70 %", "80 %", "90 %", "100 %"]),
        (0.9995, 1.0, "share", ["99.90 %", "99.92 %", "99.94 %", "99.96 %", "99.98 %", "100.00 %"]),
        (3.0, 2_290.0, "/min", ["0/min", "500/min", "1,000/min", "1,500/min", "2,000/min", "2,500/min"]),
        (-4.0, 3.0, "", ["−4", "−2", "0", "2", "4"]),
        (5.0, 5.0, "", ["0", "2", "4", "6"]),
        (0.0, 0.0, "B", ["0 B", "0.2 B", "0.4 B", "0.6 B", "0.8 B", "1.0 B"]),
    ],
)
def test_values_have_round_ticks_in_a_unit_people_read(low: float, high: float, unit: str, expected: list[str]) -> None:
    found = [tick.label for tick in values(low, high, 300.0, 50.0, unit, log=False).ticks()]
    assert found == expected


def test_a_log_scale_has_powers_of_ten() -> None:
    axis = values(0.2, 68.0, 300.0, 50.0, "s")
    assert [tick.label for tick in axis.ticks()] == ["100 ms", "300 ms", "1 s", "3 s", "10 s", "30 s", "100 s"]
    assert [tick.label for tick in values(1e-6, 1e9, 300.0, 50.0).ticks()] == ["0.000001", "0.001", "1", "1,000", "1M", "1G"]


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e15, 1e15), st.floats(-1e15, 1e15), st.sampled_from(["s", "share", "%", "/min", ""]))
def test_an_axis_holds_its_values_and_its_ticks_lie_apart(one: float, other: float, unit: str) -> None:
    low, high = sorted((one, other))
    axis = values(low, high, 300.0, 50.0, unit)
    assert axis.low < axis.high
    slack = (axis.high - axis.low) * 1e-6
    assert axis.low - slack <= low
    assert high <= axis.high + slack
    heights = [axis.y(tick.at) for tick in axis.ticks()]
    assert 1 <= len(heights) <= 12
    assert all(before - after >= 14 for before, after in itertools.pairwise(heights))
    assert all(math.isfinite(height) for height in heights)


# --- badges --------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 720), max_size=60))
def test_badges_stand_apart_inside_and_together_hold_every_number(places: list[float]) -> None:
    found = grouped(places, 700.0)
    half = [max(26.0, metrics(bold=True).width(text, SMALL) + 14) / 2 for _, text in found]
    ends = [(middle - one, middle + one) for (middle, _), one in zip(found, half, strict=True)]
    assert all(left >= 8 and right <= 700.01 for left, right in ends)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(ends))
    assert sum(_count(text) for _, text in found) == len(places)


def _count(text: str) -> int:
    if "+" in text:
        return int(text.partition("+")[2]) + 1
    first, _, last = text.partition("–")
    return int(last or first) - int(first) + 1


# --- thinning ------------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400), st.integers(1, 40))
def test_of_each_column_the_first_lowest_highest_and_last_stay(found: list[float], columns: int) -> None:
    points = [(float(at), value) for at, value in enumerate(found)]
    kept = thinned(points, 0.0, float(len(points)), columns)
    assert len(kept) <= max(columns, 4 * columns)
    assert set(kept) <= set(points)
    assert kept == sorted(kept)
    assert {kept[0], kept[-1]} == {points[0], points[-1]}
    assert (max(kept, key=lambda point: point[1])[1], min(kept, key=lambda point: point[1])[1]) == (max(found), min(found))


def test_a_band_is_thinned_to_its_hull() -> None:
    lows, highs = [(float(at), -1.0 - (at + 3) % 7) for at in range(1_000)], [(float(at), 1.0 + (at + 3) % 5) for at in range(1_000)]
    under, over = enveloped(lows, highs, 0.0, 1_000.0, 10)
    assert [value for _, value in under] == [-7.0] * 10
    assert [value for _, value in over] == [5.0] * 10
