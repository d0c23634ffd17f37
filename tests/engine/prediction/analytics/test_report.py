"""Reports: what is counted, reckoned, compared, and openly not known."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.prediction.analytics.changes import Change, Verdict
from engine.prediction.analytics.drawing import chart
from engine.prediction.analytics.figures import Declared
from engine.prediction.analytics.report import Analytics, Evidence, Kind, Scope, analytics, headline, named
from engine.prediction.analytics.sheet import COLUMNS, cell, sheet
from engine.prediction.analytics.tally import AskTally, RunTallies, RunTally, Took
from engine.prediction.analytics.words import length, share, work

UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
LONG_AGO = UNTIL - timedelta(days=300)
RELEASE = Declared(id="r", name="Release", owner="Platform", saves=600.0, failure_costs=1800.0, created_at=LONG_AGO)
NOTES = Declared(id="n", name="Notes", owner="@platform", created_at=LONG_AGO)
BILLS = Declared(id="b", name="Bills", saves=60.0, created_at=LONG_AGO)


def day(workflow: str, number: int, good: int = 0, bad: int = 0, *, sandbox: int = 0, lasted: float = 2.0, **more: int) -> RunTally:
    """``sandbox`` further runs succeeded there; each failed one took ``lasted`` seconds."""
    return RunTally(
        workflow=workflow, slice=number, total=good + bad + sandbox + sum(more.values()), succeeded=good + sandbox, failed=bad,
        cancelled=more.get("cancelled", 0), live=good, live_failed=bad, live_failed_micros=round(bad * lasted * 1e6),
    )  # fmt: skip


def week(workflow: str, good: int, bad: int = 0) -> list[RunTally]:
    """So many every day."""
    return [day(workflow, number, good, bad) for number in range(7)]


def told(now: Sequence[RunTally], before: Sequence[RunTally] = (), scope: Scope | None = None, **more: Any) -> Analytics:
    took = more.pop("took", ((), ()))
    fields: dict[str, Any] = {
        "since": UNTIL - WEEK, "until": UNTIL, "slices": 7, "flows": [RELEASE, NOTES, BILLS], "earliest": LONG_AGO, "asks_earliest": LONG_AGO, "owners": {}, "measured": {},
        "runs": RunTallies(tuple(now), took[0]), "runs_before": RunTallies(tuple(before), took[1]),
    }  # fmt: skip
    return analytics(scope or Scope(), Evidence(**{**fields, **more}))


def change(report: Analytics, measure: str) -> Change:
    return next(one for one in report.changes if one.measure == measure)


def test_what_was_saved_and_lost_is_what_was_declared_times_the_runs() -> None:
    total = told([day("r", 0, good=10, bad=2), day("r", 3, good=5, cancelled=1)]).total
    assert (total.total, total.succeeded, total.failed, total.cancelled, total.over) == (18, 15, 2, 1, 17)
    assert (total.saved, total.repair, total.by_hand, total.cost, total.waited) == (15 * 600, 2 * 1800, 2 * 600, 2 * 2400, 4.0)
    assert total.runs_by_slice == (12, 0, 0, 6, 0, 0, 0)


def test_nothing_is_made_up_where_nothing_was_declared() -> None:
    report = told([day("n", 0, good=4, bad=1)])
    assert (report.total.saved, report.total.cost, report.total.waited) == (None, None, 2.0)
    assert list(report.notes) == [
        "What a run saves is not declared (options.saves) of “Notes”: nothing is counted for it.",
        "What a failed run costs is not declared (options.failure_costs) of “Notes”.",
    ]


def test_half_a_declaration_is_half_an_answer() -> None:
    total = told([day("b", 0, good=4, bad=1)]).total
    assert (total.saved, total.repair, total.by_hand, total.cost) == (240.0, None, 60.0, 60.0)


def test_the_sandbox_saves_nobody_anything() -> None:
    report = told([day("r", 0, good=1, sandbox=9)])
    assert (report.total.succeeded, report.total.saved, report.total.sandbox) == (10, 600.0, 9)
    assert report.notes == ("The sandbox answered in 9 runs of 10: nothing is saved or lost by those; they would have saved 1 h 30 min.",)


def test_durations_are_those_of_runs_that_succeeded() -> None:
    took = ((Took("r", 2_000_000, 5), Took("r", 9_000_000, 5)), ())
    total = told([day("r", 0, good=10)], took=took).total
    assert (total.median, total.p90) == (pytest.approx(2.02), pytest.approx(9.09))


def test_of_nine_runs_no_tenth_is_told() -> None:
    total = told([day("r", 0, good=9)], took=((Took("r", 2_000_000, 9),), ())).total
    assert (total.median, total.p90) == (pytest.approx(2.02), None)


def test_a_young_house_has_its_asks_on_record() -> None:
    asks = [AskTally(source="r", target="jira", slice=6, count=3, failed=1, micros=1_000)]
    born = UNTIL - timedelta(hours=1)
    report = told([day("r", 6, good=2, bad=1)], scope=Scope(Kind.SERVICE, "jira", "Jira"), asks=asks, earliest=born, asks_earliest=born)
    assert report.notes == ()
    assert report.service is not None
    assert report.service.runs_at_most == 1


def test_what_belongs_to_one_team_is_told_together_however_it_is_spelt() -> None:
    report = told([*week("r", 2), *week("n", 1), *week("b", 3)])
    assert [(owner, figures.total) for owner, figures in report.teams] == [("Platform", 21), ("", 21)]
    only = told([*week("r", 2), *week("n", 1), *week("b", 3)], scope=Scope(Kind.TEAM, "platform", "Platform"))
    assert ([row.flow.name for row in only.rows], only.total.total, only.teams) == (["Release", "Notes"], 21, ())


def test_a_better_week_is_told_with_its_figures() -> None:
    found = change(told(week("r", 20, 0), week("r", 15, 5), scope=Scope(Kind.WORKFLOW, "r", "Release")), "success")
    assert found.verdict is Verdict.BETTER
    assert found.text == "Success: 100 % of 140 runs, 75 % of 140 before: up by between 18 and 33 points, more than chance."


def test_a_week_like_the_last_is_no_news() -> None:
    report = told(week("r", 9, 1), [*week("r", 9, 1)[1:], day("r", 0, good=10)], scope=Scope(Kind.WORKFLOW, "r", "Release"))
    assert change(report, "success").verdict is Verdict.SAME
    assert not any(one.clear for one in report.changes)


def test_three_runs_are_too_few_to_compare_and_it_says_how_many_would_do() -> None:
    found = change(told([day("r", 0, good=3)], [day("r", 0, good=1, bad=2)]), "success")
    assert (found.verdict, found.text) == (
        Verdict.UNKNOWN,
        "Success is not compared: 3 runs now and 3 before, 8 are needed on either side.",
    )


def test_where_nothing_ran_before_one_sentence_says_so() -> None:
    assert [one.text for one in told(week("r", 1)).changes] == ["7 runs, none in the time before: there is nothing to compare."]
    young = told(week("r", 1), earliest=UNTIL - WEEK)
    assert [one.text for one in young.changes] == ["7 runs, nothing of the time before is on record: there is nothing to compare."]


def test_counts_are_not_compared_with_a_time_that_is_not_on_record() -> None:
    report = told(week("r", 20), week("r", 2), earliest=UNTIL - timedelta(days=9))
    assert change(report, "runs").verdict is Verdict.UNKNOWN
    assert "does not reach back" in change(report, "runs").text
    assert change(told(week("r", 20), week("r", 2)), "runs").verdict is Verdict.DIFFERENT


def test_a_workflow_younger_than_the_time_before_has_not_grown() -> None:
    young = Declared(id="r", name="Release", saves=60.0, created_at=UNTIL - WEEK)
    (row,) = told(week("r", 20), [day("r", 6, good=1)], flows=[young]).rows
    assert row.change is None


def test_several_workflows_are_compared_one_by_one() -> None:
    """The slow one ran less often: nothing became faster."""
    quick, slow = Took("r", 1_000_000, 70), Took("b", 60_000_000, 70)
    report = told([*week("r", 20), *week("b", 10)], [*week("r", 10), *week("b", 20)], took=((quick, quick, slow), (quick, slow, slow)))
    assert change(report, "duration").verdict is Verdict.SAME
    slower = ((Took("r", 1_500_000, 140), Took("b", 90_000_000, 70)), (Took("r", 1_000_000, 70), Took("b", 60_000_000, 140)))
    found = change(told([*week("r", 20), *week("b", 10)], [*week("r", 10), *week("b", 20)], took=slower), "duration")
    assert (found.verdict, found.text) == (Verdict.WORSE, "Workflow by workflow, runs took 50 % more time than before, more than chance.")


def test_a_service_answers_for_no_more_failed_runs_than_it_failed_asks() -> None:
    asks = [
        AskTally(source="r", target="jira", slice=0, count=30, failed=2, micros=60_000_000),
        AskTally(source="b", target="jira", slice=1, count=10, failed=9, micros=10_000_000),
        AskTally(source="gone", target="jira", slice=1, count=99, failed=99, micros=1),
    ]
    report = told(
        [day("r", 0, good=20, bad=5), day("b", 1, good=5, bad=1), *week("n", 1)], scope=Scope(Kind.SERVICE, "jira", "Jira"), asks=asks
    )
    one = report.service
    assert one is not None
    assert (one.asks, one.failed, one.seconds, one.workflows) == (40, 11, 70.0, ("Release", "Bills"))
    assert (one.runs_at_most, one.cost_at_most) == (2 + 1, 2 * 2400 + 60)
    assert [row.flow.name for row in report.rows] == ["Release", "Bills"]
    assert headline(report) == "Jira was asked 40 times, 11 failed."


def test_a_service_that_gets_worse_day_by_day_is_told() -> None:
    asks = [AskTally(source="r", target="jira", slice=n, count=50, failed=5 + n, micros=50_000_000) for n in range(7)]
    before = [AskTally(source="r", target="jira", slice=n, count=50, failed=n % 2, micros=50_000_000) for n in range(7)]
    report = told(week("r", 5), week("r", 5), scope=Scope(Kind.SERVICE, "jira", "Jira"), asks=asks, asks_before=before)
    assert change(report, "failures").verdict is Verdict.WORSE
    assert change(report, "speed").verdict is Verdict.SAME


def test_what_was_asked_before_the_record_of_asks_begins_is_not_made_up() -> None:
    asks = [AskTally(source="r", target="jira", slice=n, count=50, failed=1, micros=50_000_000) for n in (4, 5, 6)]
    days = [day("r", number, good=5, bad=2) for number in range(7)]
    report = told(days, week("r", 5), scope=Scope(Kind.SERVICE, "jira", "Jira"), asks=asks, asks_earliest=UNTIL - timedelta(days=3))
    assert report.service is not None
    assert report.service.runs_at_most == 14  # not 3: of four days nobody knows
    assert "What services were asked is on record since 2026-11-20 only; the figures of services begin there." in report.notes
    assert [one.verdict for one in report.changes] == [Verdict.UNKNOWN]


def test_a_team_answers_for_the_services_that_are_its_own() -> None:
    asks = [AskTally(source="b", target="shop", slice=0, count=5, failed=1, micros=1_000_000)]
    report = told(week("b", 1), scope=Scope(Kind.TEAM, "Shop", "Shop"), asks=asks, owners={"shop": "shop", "jira": "other"})
    assert ([one.service for one in report.services], report.rows) == (["shop"], ())


def test_a_service_that_nobody_asked_is_said_to_be_so() -> None:
    report = told(week("r", 1), scope=Scope(Kind.SERVICE, "jira", "Jira"))
    assert headline(report) == "No workflow asked Jira."
    assert (report.changes, chart(report)) == ((), None)


def test_no_runs_at_all_make_an_empty_report() -> None:
    report = told([], flows=[])
    assert (report.total.total, report.rows, report.notes, headline(report), chart(report)) == (0, (), (), "No runs.", None)


def test_deleted_workflows_are_counted_and_named() -> None:
    gone = Declared(id="r", name="Release", saves=60.0, failure_costs=1.0, deleted=True)
    assert told(week("r", 1), flows=[gone]).notes == ("Since deleted, and counted: “Release”.",)


def test_the_chart_names_what_a_point_stands_for() -> None:
    drawn = chart(told(week("r", 3, 1)))
    assert drawn is not None
    assert [(row.name, row.unit, row.series.values[0]) for row in drawn.rows] == [
        ("Runs a day", "", 4),
        ("Failed", "", 1),
        ("Saved a day", "s", 1800.0),
    ]


# --- the sheet ------------------------------------------------------------------------------------------------------------


def test_a_sheet_has_a_line_for_each_and_one_for_all() -> None:
    rows = list(csv.DictReader(io.StringIO(sheet(told([*week("r", 2, 1), *week("b", 3)])))))
    assert [(row["kind"], row["name"], row["runs"], row["saved_seconds"]) for row in rows] == [
        ("workflow", "Release", "21", "8400.0"), ("workflow", "Bills", "21", "1260.0"), ("team", "Platform", "21", "8400.0"),
        ("team", "nobody", "21", "1260.0"), ("total", "all", "42", "9660.0"),
    ]  # fmt: skip
    assert tuple(rows[0]) == COLUMNS


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1+1", "＝1+1"])
def test_no_name_becomes_a_formula(text: str) -> None:
    named = Declared(id="r", name=text, owner=text, saves=1.0)
    rows = list(csv.DictReader(io.StringIO(sheet(told(week("r", 1), flows=[named])), newline="")))
    assert {rows[0]["name"], rows[0]["owner"]} == {f"'{text}"}
    assert cell(-1.5) == -1.5


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_sheet_is_read_back_whatever_the_names_are(name: str, owner: str) -> None:
    (first, *_) = csv.DictReader(io.StringIO(sheet(told(week("r", 1), flows=[Declared(id="r", name=name, owner=owner)])), newline=""))
    assert first["name"].removeprefix("'") == name.removeprefix("'")


# --- words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (45, "45 s"), (60, "1 min"), (3_599, "1 h"), (12_000, "3 h 20 min"), (86_400 * 20, "480 h"), (4.5e6, "1,250 h")],
)
def test_work_is_told_in_hours(seconds: float, said: str) -> None:
    assert work(seconds) == said


def test_shares_and_lengths_never_pretend() -> None:
    assert [share(value) for value in (0.0, 0.0001, 0.5, 0.994, 0.9999, 1.0)] == ["0 %", "0.1 %", "50 %", "99.4 %", "99.9 %", "100 %"]
    assert [length(value) for value in (0.0123, 3.21, 45.6, 200, 7205)] == ["0.012 s", "3.2 s", "46 s", "3 minutes 20 seconds", "2 hours"]
    assert named(["A", "B", "C", "D", "E"]) == "“A”, “B”, “C” and 2 more"
