"""Metrics that people have watched: tried at the door, listed with what they are, taken away again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from engine.commands.command import Done, Outcome
from engine.errors import Forbidden, Invalid, NotFound, Rejected, Transient
from engine.events import MeasurementsTaken, PolicySaved
from engine.monitoring.gauge import KIND, MOST_GAUGES, Gauge, body_of, gauge_of
from engine.monitoring.measurement import Measurement
from engine.parties import Role
from engine.runtime.gauges import Gauges
from engine.runtime.guard import Guard
from engine.runtime.measuring import Measuring
from tests.engine.commands.hall import ADA, BOB, Hall

ISSUES: dict[str, Any] = {
    "metric": "web.open_issues",
    "action": "github.search_issues",
    "path": "issues",
    "arguments": {"repo": "acme/web"},
}


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with Hall() as hall:
        guard = Guard(hall.world, hall.clock)
        gauges = Gauges(hall.store, guard.perform, Measuring(hall.store, hall.clock), hall.house.catalogue, hall.clock)
        hall.house = replace(hall.house, gauging=gauges)
        hall.world.answers["github.search_issues"] = {"issues": [1, 2, 3]}
        yield hall


def said(outcome: Outcome) -> str:
    assert isinstance(outcome.result, Done)
    return outcome.result.text


async def look(hall: Hall) -> None:
    gauges = hall.house.gauging
    assert isinstance(gauges, Gauges)
    await gauges.look()


async def test_a_metric_is_tried_before_it_is_watched(hall: Hall) -> None:
    answer = said(await hall.ask("watch_metric", **ISSUES, every="PT10M", unit="issues"))
    assert "Now it is 3 issues." in answer
    policy = await hall.store.policies.get(KIND, "web.open_issues")
    assert policy is not None
    gauge = gauge_of(policy.id, policy.body, policy.revision)
    assert (gauge.every, gauge.arguments, gauge.by) == (600.0, {"repo": "acme/web"}, "Ada")
    assert await hall.audited("metric:web.open_issues") == [("Ada", "watch_metric", "done")]
    await look(hall)
    assert "web.open_issues (github.search_issues every 10 minutes): 3 issues" in said(await hall.ask("list_metrics"))


async def test_the_same_name_again_changes_it(hall: Hall) -> None:
    await hall.ask("watch_metric", **ISSUES)
    await hall.ask("watch_metric", **ISSUES, every="1h")
    (policy,) = await hall.store.policies.of(KIND)
    assert (policy.revision, policy.body["every"]) == (2, 3600.0)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"action": "github.create_issue"}, Rejected, "changes something"),
        ({"action": "github.serch_issues"}, NotFound, "Did you mean"),
        ({"action": "gthub.search_issues"}, NotFound, "Did you mean"),
        ({"path": "total"}, Rejected, "no “total” in the answer, only issues"),
        ({"every": "5s"}, Invalid, "every minute to once a day"),
        ({"metric": "open issues"}, Invalid, "named by 1 to 120"),
        ({"metric": "signalbox.mine"}, Invalid, "the house's own"),
        ({"action": ""}, Invalid, "what is to be asked"),
        ({"arguments": {"repo": "{{secret.token}}"}}, Rejected, "plain values"),
        ({"arguments": ["x"]}, Invalid, "name=value pairs"),
    ],
)
async def test_what_could_never_be_read_is_refused_at_the_door(
    hall: Hall, changes: dict[str, Any], error: type[Rejected], words: str
) -> None:
    with pytest.raises(error) as caught:
        await hall.ask("watch_metric", **{**ISSUES, **changes})
    assert words in str(caught.value)
    assert await hall.store.policies.of(KIND) == []


async def test_a_service_that_does_not_answer_now_is_said_so(hall: Hall) -> None:
    hall.world.answers["github.search_issues"] = Transient("GitHub is busy.")
    with pytest.raises(Transient, match="GitHub is busy"):
        await hall.ask("watch_metric", **ISSUES)


async def test_what_the_sandbox_answers_is_not_kept_and_said_so(hall: Hall) -> None:
    hall.world.modes["github"] = "sandbox"
    assert "the sandbox answers (3)" in said(await hall.ask("watch_metric", **ISSUES))
    await look(hall)
    assert "made up by the sandbox" in said(await hall.ask("list_metrics"))
    assert await hall.store.measurements.count() == 0


async def test_a_series_of_the_house_is_watched_by_its_name(hall: Hall) -> None:
    with pytest.raises(NotFound, match="has no series"):
        await hall.ask("watch_metric", metric="signalbox.outbox_waiting")
    await hall.store.ledger.record(MeasurementsTaken((Measurement("signalbox.outbox_waiting", hall.clock.now(), 2.0, "cards"),)))
    await hall.ask("watch_metric", metric="signalbox.outbox_waiting")
    assert "signalbox.outbox_waiting (measured by the house): 2" in said(await hall.ask("list_metrics"))


async def test_a_metric_is_taken_away_by_its_name(hall: Hall) -> None:
    await hall.ask("watch_metric", **ISSUES)
    with pytest.raises(NotFound, match=r"Did you mean “web\.open_issues”"):
        await hall.ask("unwatch_metric", metric="web.open_isues")
    await hall.ask("unwatch_metric", metric="web.open_issues")
    assert "No metric is watched yet" in said(await hall.ask("list_metrics"))


async def test_trouble_is_listed_with_its_reason(hall: Hall) -> None:
    await hall.ask("watch_metric", **ISSUES)
    hall.world.answers["github.search_issues"] = Transient("GitHub is busy.")
    await look(hall)
    assert "could not be read: GitHub is busy." in said(await hall.ask("list_metrics"))


async def test_only_operators_have_metrics_watched(hall: Hall) -> None:
    await hall.admin(ADA)
    await hall.admin(BOB, Role.VIEWER)
    for name, arguments in (("watch_metric", ISSUES), ("unwatch_metric", {"metric": "x"})):
        with pytest.raises(Forbidden):
            await hall.ask(name, actor=BOB, **arguments)
    await hall.ask("list_metrics", actor=BOB)


async def test_no_more_are_watched_than_fit(hall: Hall) -> None:
    gauge = body_of(Gauge(series="x", service="github", operation="search_issues"))
    await hall.store.ledger.record(*(PolicySaved(KIND, f"x.{n}", gauge, hall.clock.now(), 1) for n in range(MOST_GAUGES)))
    with pytest.raises(Rejected, match="as many as fit"):
        await hall.ask("watch_metric", **ISSUES)
