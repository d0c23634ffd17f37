"""Reports on alerts: asked for, applied and undone by press, and posted by themselves, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.subjects import card_of
from engine.commands import alert_quality
from engine.commands.command import DigestShown, PlansShown, QualityShown
from engine.commands.plan_report import plans
from engine.commands.set_threshold import stored
from engine.errors import NotFound, Rejected
from engine.events import AlertSaved, Audited
from engine.monitoring.alert import AlertState
from engine.monitoring.threshold import KIND
from engine.parties import SYSTEM, Address
from engine.runtime.reporter import Reporter
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock
from tests.engine.commands.hall import Hall, an_alert

HOUR = 3600.0


async def noisy_week(hall: Hall) -> QualityShown:
    for number in range(5):
        at = hall.clock.now() - timedelta(days=1, minutes=number)
        over = {"state": AlertState.RESOLVED, "resolved_by": SYSTEM.name, "resolved_at": at + timedelta(minutes=3)}
        one = an_alert(f"alr_{number}", "github", at, fingerprint=f"slow{number}", rule="response_time", value=1000.0 + number, **over)
        await hall.store.ledger.record(AlertSaved(one))
    shown = (await hall.ask("alert_quality")).result
    assert isinstance(shown, QualityShown)
    return shown


async def test_a_proposal_is_applied_by_its_button_and_undone_by_another(hall: Hall) -> None:
    shown = await noisy_week(hall)
    assert [(row.rule, row.fired, row.slept_through) for row in shown.rows] == [("response_time", 5, 5)]
    after = (await hall.press(shown.id, "apply", arg="github")).result
    assert isinstance(after, QualityShown)
    assert after.proposals == ()
    assert (await stored(hall.house, "github")).response_time.warning == pytest.approx(1.004 * 1.05, abs=0.001)
    card = await card_of(hall.house, "quality", shown.id, {})
    assert [(button.verb, button.arg) for button in card.actions] == [("undo", "github")]
    with pytest.raises(Rejected, match="does not stand any more"):
        await hall.press(shown.id, "apply", arg="github")
    await hall.press(shown.id, "undo", arg="github")
    assert (await stored(hall.house, "github")).response_time.warning is None
    assert len(await hall.store.policies.of(KIND)) == 1


async def test_the_digest_says_how_long_people_took(hall: Hall) -> None:
    await noisy_week(hall)
    shown = (await hall.ask("alert_digest", window="P2D")).result
    assert isinstance(shown, DigestShown)
    assert (len(shown.incidents), shown.to_resolve, shown.to_acknowledge, shown.called) == (5, 180.0, None, 0)
    with pytest.raises(Rejected, match="at most 90 days"):
        await hall.ask("alert_digest", window="P900D")


async def test_a_report_is_ordered_listed_and_ended(hall: Hall) -> None:
    await hall.ask("plan_report", what="digest", every="0 9 * * 1-5")
    shown = (await hall.ask("plan_report")).result
    assert isinstance(shown, PlansShown)
    (plan,) = shown.plans
    assert (plan.what.value, plan.to, plan.next_at) == ("digest", "slack:C1", NOON + timedelta(hours=20)), "nine in Berlin is eight in UTC"
    await hall.ask("plan_report", off=plan.id)
    assert await plans(hall.house) == []
    with pytest.raises(NotFound):
        await hall.ask("plan_report", off=plan.id)
    with pytest.raises(Rejected, match="There is no report “poem”"):
        await hall.ask("plan_report", what="poem", every="0 9 * * *")


async def test_each_report_is_drawn(hall: Hall) -> None:
    await noisy_week(hall)
    for what in ("health", "digest", "quality", "oncall"):
        said = {"what": what, "since": (NOON - timedelta(days=7)).isoformat(), "until": NOON.isoformat(), "timezone": "UTC"}
        assert (await card_of(hall.house, "report", "rpt_1.1", said)).title


async def test_a_due_report_is_wanted_once_and_one_the_house_slept_through_only_if_it_is_not_too_late(hall: Hall) -> None:
    await hall.ask("plan_report", what="digest", every="0 * * * *")
    (plan,) = await plans(hall.house)
    reporter = Reporter(hall.store, hall.clock)
    await reporter.look()
    assert await hall.store.postings.of(f"{plan.id}.1") == []
    await hall.clock.pass_(HOUR)
    await reporter.look()
    await Reporter(hall.store, hall.clock).look()
    (posting,) = await hall.store.postings.of(f"{plan.id}.1")
    assert posting.to == Address("slack", "C1")
    await hall.clock.pass_(30 * HOUR)
    await reporter.look()
    assert await hall.store.postings.of(f"{plan.id}.2") == []
    (later,) = await plans(hall.house)
    assert later.next_at > hall.clock.now()


async def test_a_plan_that_cannot_be_read_does_not_keep_the_others(caplog: pytest.LogCaptureFixture) -> None:
    from engine.events import PolicySaved
    from engine.monitoring import report

    store = MemoryStore()
    await store.ledger.record(PolicySaved(report.KIND, "rpt_x", {"what": "poem"}, NOON, 1))
    await Reporter(store, StandingClock()).look()
    assert "rpt_x" in caplog.text


async def test_what_was_done_before_the_newest_rows_of_the_audit_counts_and_so_does_what_was_done_about_the_incident(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy house writes ten thousand rows a week; an alert that somebody worked on is not to be taken for one that nobody needed."""
    monkeypatch.setattr(alert_quality, "MOST_ROWS", 3)
    at = hall.clock.now()
    over = {"state": AlertState.RESOLVED, "resolved_by": SYSTEM.name, "resolved_at": at, "rule": "response_time", "value": 1000.0}
    made = [an_alert(f"alr_{n}", "github", at, fingerprint=f"slow{n}", incident="alr_0" if n else "", **over) for n in range(5)]
    await hall.store.ledger.record(*map(AlertSaved, made))
    rows = [("alr_0", "note_alert"), *((f"run_{n}", "start_run") for n in range(9))]
    for subject, verb in rows:
        await hall.store.ledger.record(Audited(at=at, actor="slack:U1", actor_name="Ada", verb=verb, subject=subject))
    await hall.clock.pass_(HOUR)
    shown = (await hall.ask("alert_quality")).result
    assert isinstance(shown, QualityShown)
    assert [(row.acted_on, row.slept_through) for row in shown.rows] == [(5, 0)]
    assert shown.proposals == ()


async def test_a_proposal_of_a_longer_span_is_applied_as_it_stands_on_its_card(hall: Hall) -> None:
    await noisy_week(hall)
    await hall.clock.pass_(20 * 24 * HOUR)
    shown = (await hall.ask("alert_quality", window="P30D")).result
    assert isinstance(shown, QualityShown)
    assert len(shown.proposals) == 1
    after = (await hall.press(shown.id, "apply", arg="github")).result
    assert isinstance(after, QualityShown)
    assert (after.id, after.proposals) == (shown.id, ())
    with pytest.raises(Rejected, match="not known here"):
        await hall.press("qua_20260304T1200_x", "apply", arg="github")


async def test_what_a_left_out_report_would_have_told_is_told_by_the_next_one(hall: Hall) -> None:
    await hall.ask("plan_report", what="digest", every="0 0 * * *")
    (plan,) = await plans(hall.house)
    await hall.clock.pass_((plan.next_at - hall.clock.now()).total_seconds() + 13 * HOUR)
    await Reporter(hall.store, hall.clock).look()
    await hall.clock.pass_(12 * HOUR)
    await Reporter(hall.store, hall.clock).look()
    (posting,) = await hall.store.postings.of(f"{plan.id}.2")
    assert posting.payload["since"] == plan.last.isoformat()


async def test_three_times_is_counted_from_when_it_was_said(hall: Hall) -> None:
    await hall.ask("plan_report", what="digest", every="FREQ=DAILY;COUNT=3;BYHOUR=9;BYMINUTE=0")
    (plan,) = await plans(hall.house)
    for _ in range(6):
        await hall.clock.pass_(24 * HOUR)
        await Reporter(hall.store, hall.clock).look()
    posted = [len(await hall.store.postings.of(f"{plan.id}.{number}")) for number in range(1, 6)]
    assert (posted, await plans(hall.house)) == ([1, 1, 1, 0, 0], [])


async def test_the_digest_tells_what_still_fires_although_its_leader_was_over_long_ago(hall: Hall) -> None:
    at = hall.clock.now() - timedelta(days=3)
    over = {"state": AlertState.RESOLVED, "resolved_by": SYSTEM.name, "resolved_at": at + timedelta(hours=1)}
    await hall.store.ledger.record(
        AlertSaved(an_alert("alr_1", "github", at, **over)), AlertSaved(an_alert("alr_2", "trello", at, incident="alr_1"))
    )
    shown = (await hall.ask("alert_digest")).result
    assert isinstance(shown, DigestShown)
    assert [(one.id, one.state) for one in shown.incidents] == [("alr_1", AlertState.FIRING)]
