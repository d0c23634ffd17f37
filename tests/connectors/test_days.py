"""Windows as people say them become the days of a report."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._kit.days import days_said
from engine.errors import Rejected

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("today", "2026-11-23", "2026-11-23"),
        ("Yesterday", "2026-11-22", "2026-11-22"),
        ("last 7 days", "2026-11-17", "2026-11-23"),
        ("the last 7 days", "2026-11-17", "2026-11-23"),
        ("7d", "2026-11-17", "2026-11-23"),
        ("P7D", "2026-11-17", "2026-11-23"),
        ("P1D", "2026-11-23", "2026-11-23"),
        ("1 day", "2026-11-23", "2026-11-23"),
        ("PT24H", "2026-11-22", "2026-11-23"),
        ("last 24 hours", "2026-11-22", "2026-11-23"),
        ("PT30M", "2026-11-22", "2026-11-23"),
        ("P1W", "2026-11-17", "2026-11-23"),
        ("2 weeks", "2026-11-10", "2026-11-23"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("this month", "2026-11-01", "2026-11-23"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("P1M", "2026-10-25", "2026-11-23"),
        ("2026-11-01..2026-11-07", "2026-11-01", "2026-11-07"),
        ("2026-11-01 to 2026-11-07", "2026-11-01", "2026-11-07"),
        ("2026-11-05", "2026-11-05", "2026-11-05"),
    ],
)
def test_a_window_means_these_days(said: str, first: str, last: str) -> None:
    assert days_said(said, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("said", ["", "soon", "2026-02-30", "2026-11-07..2026-11-01", "0 days", "P", "99999 days"])
def test_what_is_no_span_of_days_is_refused_in_a_sentence(said: str) -> None:
    with pytest.raises(Rejected, match=r"days|calendar|ends before"):
        days_said(said, TODAY)


@given(st.integers(1, 4000))
def test_so_many_days_are_so_many_days(count: int) -> None:
    first, last = days_said(f"last {count} days", TODAY)
    assert (last, last - first) == (TODAY, timedelta(days=count - 1))


@given(st.text(max_size=30))
def test_anything_else_is_days_or_a_refusal(said: str) -> None:
    try:
        first, last = days_said(said, TODAY)
    except Rejected:
        return
    assert first <= last
