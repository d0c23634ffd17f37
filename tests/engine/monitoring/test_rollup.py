"""Rollups: the same in whatever order they are made, and their quantiles as exact as they claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import floor, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.rollup import FINER, Rollup, Span, by_time, minutes, total, widened
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.sketch import ERROR, LEAST, MOST, Sketch, bucket_of, middle_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
durations = st.floats(LEAST, MOST) | st.floats(0.001, 10)
many = st.lists(durations, min_size=1, max_size=60)


def taken(seconds: float = 0, latency: float = 0.1, outcome: Outcome = Outcome.OK, **changes: object) -> Sample:
    fields = {"service": "github", "account": "", "at": NOON + timedelta(seconds=seconds), "source": Source.PROBE}
    return Sample(**{**fields, "outcome": outcome, "latency": latency, **changes})  # type: ignore[arg-type]


samples = st.builds(
    taken,
    st.floats(0, 3 * 86_400),
    durations,
    st.sampled_from(Outcome),
    service=st.sampled_from(["github", "jira"]),
    source=st.sampled_from(Source),
    sandbox=st.booleans(),
)


# --- the sketch -----------------------------------------------------------------------------------------------------------


@given(many, st.floats(0, 1))
def test_every_quantile_is_within_its_stated_error(values: list[float], share: float) -> None:
    true = sorted(values)[floor(share * (len(values) - 1))]
    found = Sketch.of(values).quantile(share)
    assert found is not None
    assert abs(found - true) <= ERROR * true * (1 + 1e-9)


@given(many, many, many)
def test_sketches_merge_in_any_order_and_grouping_to_the_sketch_of_all(a: list[float], b: list[float], c: list[float]) -> None:
    one, two, three = Sketch.of(a), Sketch.of(b), Sketch.of(c)
    whole = Sketch.of([*a, *b, *c])
    assert Sketch.merged([Sketch.merged([one, two]), three]) == Sketch.merged([one, Sketch.merged([two, three])]) == whole
    assert Sketch.merged([three, one, two]) == whole


def test_a_sketch_stays_small_whatever_it_is_told() -> None:
    assert bucket_of(MOST) - bucket_of(LEAST) + 1 == 1382
    hostile = Sketch.of([nan, inf, -inf, -1.0, 0.0, 1e-300, 1e300])
    assert hostile == Sketch(((bucket_of(LEAST), 3), (bucket_of(MOST), 1)))


def test_of_nothing_there_is_no_quantile() -> None:
    assert Sketch().quantile(0.5) is None
    assert Sketch().share_within(1.0) is None
    with pytest.raises(ValueError, match="no share"):
        Sketch().quantile(1.5)


def test_the_share_within_a_limit_counts_the_bucket_of_the_limit() -> None:
    assert Sketch.of([0.1, 0.2, 0.3, 0.4]).share_within(0.2) == 0.5


def test_buckets_meet_without_a_gap() -> None:
    middles = [middle_of(bucket) for bucket in range(-10, 10)]
    assert all(low * (1 + ERROR) / (1 - ERROR) == pytest.approx(high) for low, high in pairwise(middles))


# --- rollups --------------------------------------------------------------------------------------------------------------


def test_errors_count_and_what_tells_nothing_is_kept_apart() -> None:
    row = minutes(
        [
            taken(1, 0.1),
            taken(2, 0.3, Outcome.ERROR, sandbox=True),
            taken(3, 9.0, Outcome.THROTTLED),
            taken(4, 9.0, Outcome.MISCONFIGURED, sandbox=True),
        ]
    )
    assert row == [
        Rollup(
            service="github", account="", source=Source.PROBE, span=Span.MINUTE, at=NOON, count=2, errors=1, untold=2, micros=400_000,
            sandbox=2, sketch=Sketch.of([0.1, 0.3]),
        )
    ]  # fmt: skip
    assert (row[0].success_rate, row[0].mean, row[0].good) == (0.5, pytest.approx(0.2), 1)


def test_a_minute_in_which_nothing_was_told_has_no_rate_and_no_latency() -> None:
    (row,) = minutes([taken(0, 1.0, Outcome.THROTTLED)])
    assert (row.success_rate, row.mean, row.p50, row.p95, row.p99) == (None, None, None, None, None)


def test_a_latency_that_is_no_number_breaks_nothing() -> None:
    (row,) = minutes([taken(0, nan), taken(1, inf), taken(2, -5.0), taken(3, 1e300)])
    assert row.count == row.sketch.count == 4
    assert 0 <= row.micros < 2**63


@settings(max_examples=40)
@given(st.lists(samples, max_size=30), st.randoms(use_true_random=False))
def test_days_are_the_same_whatever_was_merged_first(drawn: list[Sample], dice: object) -> None:
    shuffled = list(drawn)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    by_hour = widened(minutes(drawn), Span.HOUR)
    days = widened(by_hour, Span.DAY)
    assert days == widened(reversed(minutes(shuffled)), Span.DAY)
    assert sum(row.count + row.untold for row in days) == len(drawn)


@settings(max_examples=40)
@given(st.lists(samples, min_size=1, max_size=30))
def test_accounts_and_sources_at_one_time_become_one_row(drawn: list[Sample]) -> None:
    rows = by_time(minutes(drawn))
    assert len({(row.at, row.service) for row in rows}) == len(rows)
    whole = total(rows)
    assert whole is not None
    assert whole.count + whole.untold == len(drawn)


def test_spans_begin_where_clocks_in_utc_say() -> None:
    at = datetime(2026, 11, 23, 17, 42, 31, 5, tzinfo=UTC)
    assert [span.start(at).strftime("%d %H:%M:%S.%f") for span in Span] == [
        "23 17:42:00.000000",
        "23 17:00:00.000000",
        "23 00:00:00.000000",
    ]
    assert {span: FINER[span].length < span.length for span in FINER} == {Span.HOUR: True, Span.DAY: True}
