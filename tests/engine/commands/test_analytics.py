"""Analytics as people ask for them: of all, one, a service or a team, over a time they name."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.commands import analysing
from engine.commands.analysing import mark_of, scope_behind
from engine.commands.analytics_sheet import card_of, span_behind
from engine.commands.command import AnalyticsShown, FileShown
from engine.commands.spans import span_of
from engine.errors import Invalid, NotFound, Rejected
from engine.events import PolicySaved, TrafficCounted
from engine.graph.traffic import Traffic
from engine.graph.traffic import span_of as five_minutes
from engine.prediction.analytics.report import Kind, Scope
from tests.engine.commands.hall import NIGHTLY, Hall

NOW = datetime(2026, 11, 25, 10, 30, 15, 500_000, tzinfo=UTC)  # a Wednesday
WEEK = timedelta(days=7)


async def asked(hall: Hall, **arguments: Any) -> AnalyticsShown:
    shown = (await hall.ask("workflow_analytics", **arguments)).result
    assert isinstance(shown, AnalyticsShown)
    return shown


def owned(definition: dict[str, Any], owner: str, **options: Any) -> dict[str, Any]:
    return {**definition, "owner": owner, "options": {**definition.get("options", {}), **options}}


async def ran(hall: Hall, definition: dict[str, Any], times: int) -> str:
    workflow = await hall.stored(definition)
    for number in range(times):
        await hall.runner.start(workflow, by="schedule", run_id=f"run_{workflow.id}_{number}")
    await hall.finished()
    return workflow.id


async def test_what_is_asked_for_is_what_is_told(hall: Hall) -> None:
    await ran(hall, owned(NIGHTLY, "Ops", saves="12 minutes"), 3)
    await ran(hall, {**NIGHTLY, "name": "Other"}, 2)
    everything, team = await asked(hall), await asked(hall, team="@ops", window="30d")
    assert (everything.words, everything.report.total.total, everything.report.scope.kind) == ("the last 7 days", 5, Kind.ALL)
    assert ([row.flow.name for row in team.report.rows], team.words) == (["Nightly report"], "the last 30 days")
    assert [row.flow.name for row in (await asked(hall, workflow="nightly")).report.rows] == ["Nightly report"]


async def test_a_great_deal_is_reckoned_beside_the_loop_and_comes_to_the_same(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    await ran(hall, owned(NIGHTLY, "Ops", saves="12 minutes"), 3)
    beside = await asked(hall)
    monkeypatch.setattr(analysing, "SMALL", 0)
    assert (await asked(hall)).report == beside.report


async def test_a_service_is_told_from_who_asked_it(hall: Hall) -> None:
    id = await ran(hall, NIGHTLY, 1)
    await hall.house.store.ledger.record(
        TrafficCounted((Traffic(five_minutes(hall.house.clock.now()), id, "github", "x", 8, 2, 4_000_000),))
    )
    one = (await asked(hall, service="GitHub")).report.service
    assert one is not None
    assert (one.asks, one.failed, one.seconds, one.workflows) == (8, 2, 4.0, ("Nightly report",))


async def test_who_a_service_belongs_to_comes_from_the_catalogue(hall: Hall) -> None:
    id = await ran(hall, NIGHTLY, 1)
    now = hall.house.clock.now()
    shop = PolicySaved("component", "shop", {"id": "shop", "kind": "component", "owner": "Shop", "service": "github"}, now, 1)
    broken = PolicySaved("component", "odd", {"id": ["no", "name"]}, now, 1)
    await hall.house.store.ledger.record(shop, broken, TrafficCounted((Traffic(five_minutes(now), id, "github", "x", 8, 2, 4),)))
    assert [one.service for one in (await asked(hall, team="shop")).report.services] == ["github"]


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        ({"team": "opps"}, NotFound, "Did you mean “Ops”"),
        ({"service": "githup"}, NotFound, "githup"),
        ({"workflow": "nightly", "team": "Ops"}, Invalid, "Say one of"),
        ({"window": "soon"}, Invalid, "is no duration"),
        ({"window": "P2Y"}, Invalid, "at most 366 days"),
        ({"window": "400d"}, Invalid, "5 minutes to 366 days"),
        ({"calendar": "decade"}, Invalid, "no part of the calendar"),
    ],
)
async def test_what_there_is_not_is_refused_with_what_to_say(
    hall: Hall, arguments: dict[str, str], kind: type[Exception], says: str
) -> None:
    await hall.stored(owned(NIGHTLY, "Ops"))
    with pytest.raises(kind, match=says):
        await hall.ask("workflow_analytics", **arguments)


async def test_the_csv_button_hands_out_the_figures_of_its_card(hall: Hall) -> None:
    await ran(hall, owned(NIGHTLY, "Ops & more", saves="12m"), 3)
    shown = await asked(hall, team="ops & more")
    card = card_of(shown.report.since, shown.report.until)
    file = (await hall.press(card, "csv", arg=mark_of(shown.report.scope))).result
    assert isinstance(file, FileShown)
    assert file.language == "csv"
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert [(row["kind"], row["runs"]) for row in rows] == [("workflow", "3"), ("total", "3")]


@pytest.mark.parametrize("scope", [Scope(), Scope(Kind.SERVICE, "google_drive", "Google Drive"), Scope(Kind.TEAM, "Ops", "Ops")])
async def test_what_a_button_carries_leads_back_to_what_it_was_about(hall: Hall, scope: Scope) -> None:
    await hall.stored(owned(NIGHTLY, "Ops"))
    mark = mark_of(scope)
    assert len(mark) <= 40
    assert await scope_behind(hall.house, mark) == scope


async def test_a_button_of_another_version_is_refused(hall: Hall) -> None:
    for mark, kind in (("flock.x", Rejected), ("team.0000000000000000", NotFound), ("workflow.wf_ffffffff", NotFound)):
        with pytest.raises(kind):
            await scope_behind(hall.house, mark)
    for card in ("anl_", "anl_20261399T000000_20261123T000000", "anl_20261123T000000_20261122T000000", "qua_20261123T0000"):
        with pytest.raises(Rejected):
            span_behind(card)


@pytest.mark.parametrize(
    ("window", "calendar", "since", "words"),
    [
        ("", "", "2026-11-18T10:30:16+00:00", "the last 7 days"),
        ("P1D", "", "2026-11-24T10:30:16+00:00", "the last day"),
        ("24h", "", "2026-11-24T10:30:16+00:00", "the last day"),
        ("P1M", "", "2026-10-25T10:30:16+00:00", "the last month"),
        ("P3M", "", "2026-08-25T10:30:16+00:00", "the last 3 months"),
        ("P1Y", "", "2025-11-25T10:30:16+00:00", "the last year"),
        ("PT90M", "", "2026-11-25T09:00:16+00:00", "the last 1 hour 30 minutes"),
        ("P7D", "week", "2026-11-22T23:00:00+00:00", "this week"),
        ("", "today", "2026-11-24T23:00:00+00:00", "today"),
        ("", "month", "2026-10-31T23:00:00+00:00", "this month"),
        ("", "quarter", "2026-09-30T22:00:00+00:00", "this quarter"),
        ("", "year", "2025-12-31T23:00:00+00:00", "this year"),
    ],
)
def test_a_time_begins_where_the_asker_means_it(window: str, calendar: str, since: str, words: str) -> None:
    span = span_of(window, calendar, NOW, "Europe/Berlin", WEEK)
    assert (span.since.isoformat(), span.words) == (since, words)
    assert span.until == datetime(2026, 11, 25, 10, 30, 16, tzinfo=UTC)


def test_a_month_of_a_minute_is_looked_at_all_the_same() -> None:
    midnight = datetime(2026, 10, 31, 23, 0, 20, tzinfo=UTC)
    assert span_of("", "month", midnight, "Europe/Berlin", WEEK).length == timedelta(minutes=5)
