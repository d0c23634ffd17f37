"""The card of analytics, and its sheet as a file on every platform."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.cards.analytics import MOST_ROWS, analytics
from bot.cards.answer import file
from bot.cards.card import Card, Fields, Table, Text
from bot.faces.discord import write as discord
from bot.faces.slack import write as slack
from engine.commands.command import AnalyticsShown, FileShown
from engine.prediction.analytics.figures import Declared
from engine.prediction.analytics.report import Evidence, Kind, Scope
from engine.prediction.analytics.report import analytics as reported
from engine.prediction.analytics.tally import AskTally, RunTallies, RunTally, Took

UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def card(count: int = 1, *, saves: float | None = 720.0, failed: int = 1, scope: Scope | None = None, good: int = 9) -> Card:
    flows = [Declared(id=f"wf_{n}", name=f"Flow {n:02}", owner="Ops", saves=saves, failure_costs=saves) for n in range(count)]
    tallies = [
        RunTally(workflow=flow.id, slice=n, total=good + failed, succeeded=good, failed=failed, cancelled=0, live=good, live_failed=failed,
                 live_failed_micros=failed * 3_000_000)
        for flow in flows for n in range(7)
    ]  # fmt: skip
    took = [Took(flow.id, 5_000_000, 7 * good) for flow in flows]
    asks = [AskTally(source="wf_0", target="github", slice=n, count=10, failed=1, micros=5_000_000) for n in range(7)]
    evidence = Evidence(
        since=UNTIL - WEEK, until=UNTIL, slices=7, flows=flows, runs=RunTallies(tuple(tallies if good or failed else ()), tuple(took)),
        runs_before=RunTallies(), asks=asks if good else (), asks_earliest=UNTIL - 3 * WEEK, owners={}, measured={},
    )  # fmt: skip
    return analytics(AnalyticsShown(report=reported(scope or Scope(), evidence), words="this week"))


def fields(shown: Card) -> dict[str, str]:
    (found,) = (part for part in shown.body if isinstance(part, Fields))
    return {label: "".join(span if isinstance(span, str) else getattr(span, "text", "") for span in line) for label, line in found.items}


def words(shown: Card) -> str:
    spans = [span for part in shown.body if isinstance(part, Text) for span in part.spans]
    return "".join(span if isinstance(span, str) else getattr(span, "text", "") for span in spans)


def test_the_figures_come_first_and_the_cost_is_taken_apart() -> None:
    shown = card()
    assert shown.title == "Analytics, this week"
    assert fields(shown) == {
        "Runs": "70", "Succeeded": "90 % of 70", "Took": "5.0 s, one in ten over 5.0 s", "Time saved": "12 h 36 min", "Failures cost": "2 h 48 min"
    }  # fmt: skip
    assert "7 failed runs cost 1 h 24 min of repair and 1 h 24 min done by hand after all; they had been under way for 21 s" in words(shown)


def test_what_is_not_declared_is_said_and_not_shown_as_nought() -> None:
    shown = card(saves=None)
    assert fields(shown)["Time saved"] == "not declared"
    assert "Failures cost" not in fields(shown)
    assert "What 7 failed runs cost is not declared" in words(shown)


def test_a_long_table_ends_with_how_many_more_there_are() -> None:
    shown = card(MOST_ROWS + 4)
    (table,) = (part for part in shown.body if isinstance(part, Table) and part.columns[0] == "Workflow")
    assert len(table.rows) == MOST_ROWS
    assert "And 4 more workflows: the CSV has them all." in words(shown)


def test_a_service_answers_for_its_asks() -> None:
    shown = card(scope=Scope(Kind.SERVICE, "github", "GitHub"))
    assert shown.title == "Analytics of GitHub, this week"
    assert fields(shown) == {
        "Asked": "70 times", "Succeeded": "90 %, 7 failed", "An ask took": "0.5 s on average", "To blame for": "at most 7 failed runs, 2 h 48 min"
    }  # fmt: skip


def test_nothing_that_ran_is_one_sentence() -> None:
    assert words(card(good=0, failed=0)) == "No workflow ran in that time."


def test_a_sheet_is_handed_out_as_a_file_where_people_chat() -> None:
    handed = file(FileShown(title="Analytics of all workflows", text="kind,id\r\nworkflow,wf_1\r\n", language="csv"))
    (leaf,) = slack.overflow(handed)
    assert leaf.name.endswith(".csv")
    assert [one.name for one in discord.message(handed).files] == ["0-text.csv"]
