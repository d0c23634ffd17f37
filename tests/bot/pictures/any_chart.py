"""Charts of any values: what tests draw to find what cannot be drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

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

NAMES = [
    "GitHub response time",
    "",
    "   ",
    "<script>alert(1)</script> & \"'",
    "]]>&amp;&#0;",
    "\x00\x01\x1b[31m",
    "\u202egnp.exe",
    "שלום עולם",
    "リリース",
    "🚀🔥",
    "W" * 200,
    "many words " * 40,
    "\ud800",
    "x\n\ny\t z",
]
UNITS = ["s", "share", "%", "/min", "B", "", "requests", "🚀", "W" * 50]
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "No/Where", "", "/etc/passwd", "\x00"]

names = st.sampled_from(NAMES)
numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-10, 10),
    st.sampled_from([0.0, 0.2, 0.2, 1e-320, -1e308, 1e308, 5e-13]),
)
values = st.one_of(st.none(), numbers)
NOON = datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp()  # the day before clocks change in Europe
near = st.floats(NOON - 90 * 86_400, NOON + 2 * 86_400)
moments = st.one_of(
    near.map(lambda at: datetime.fromtimestamp(at, UTC)),
    st.integers(-7_200, 7_200).map(lambda at: datetime.fromtimestamp(NOON + at, UTC)),
    st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(2026, 10, 24, 12)]),
)


@st.composite
def series(draw: st.DrawFn) -> Series:
    at = draw(st.lists(st.one_of(near, st.floats()), max_size=12))
    return Series(
        draw(names), tuple(at), tuple(draw(st.lists(values, max_size=12))), draw(st.sampled_from([0.0, 60.0, -1.0, float("nan")]))
    )


@st.composite
def bands(draw: st.DrawFn) -> Band:
    at = tuple(draw(st.lists(near, max_size=6)))
    return Band(at, *(tuple(draw(st.lists(values, max_size=6))) for _ in range(2)))


incidents = st.builds(Incident, moments, st.one_of(st.none(), moments), names)
marks = st.builds(Mark, moments, st.sampled_from(Sign), names)
states = st.sampled_from(["healthy", "degraded", "unhealthy", "offline", "unknown", "", "on fire"])
days = st.builds(Day, values, states)


def several(strategy: st.SearchStrategy, most: int) -> st.SearchStrategy:
    return st.lists(strategy, max_size=most).map(tuple)


line_charts = st.builds(
    LineChart, title=names, series=series(), start=moments, end=moments, unit=st.sampled_from(UNITS), zone=st.sampled_from(ZONES),
    band=st.one_of(st.none(), bands()), p95=st.one_of(st.none(), series()), limit=st.one_of(st.none(), st.builds(Limit, numbers, names)),
    incidents=several(incidents, 6), marks=several(marks, 8),
)  # fmt: skip
sparks = st.builds(
    Sparklines, rows=several(st.builds(SparkRow, names, series(), st.sampled_from(UNITS), states), 5), start=moments, end=moments,
    title=names, more=st.integers(-3, 10_000),
)  # fmt: skip
strips = st.builds(
    HeatStrip, title=names, last=st.sampled_from([date(2026, 11, 23), date.min, date.max, date(2024, 3, 1)]),
    rows=several(st.builds(HeatRow, names, several(days, 100), values), 10), more=st.integers(-3, 10_000),
)  # fmt: skip
burns = st.builds(
    BurnDown, title=names, remaining=series(), start=moments, end=moments, objective=numbers, budget=numbers,
    runs_out=st.one_of(st.none(), moments), zone=st.sampled_from(ZONES),
)  # fmt: skip
timelines = st.builds(
    Timeline, title=names, start=moments, end=moments, events=several(marks, 12),
    phases=several(st.builds(Phase, moments, moments, st.sampled_from(["firing", "acknowledged", "resolved", "quiet", *NAMES])), 5),
    zone=st.sampled_from(ZONES),
)  # fmt: skip
charts: st.SearchStrategy[Chart] = st.one_of(line_charts, sparks, strips, burns, timelines)
